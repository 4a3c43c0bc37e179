"""The AWS account as the sandbox screen shows it: frozen tables, made from the control API's answers.

The answers are those of `eks_lab.aws.overview.overview` and `eks_lab.aws.billing.costs.costs`, as JSON values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

from eks_lab.tui.status_rows import MARKS, Row, TableView, Tone, sorted_rows, worst_first

BAR_CELLS = 10
ADDRESSES_PER_PREFIX = 16
"""A delegated prefix is a /28 (Amazon VPC CNI, docs/prefix-and-ip-target.md)."""
MOST_INSTANCES = 100
"""Instances that are listed; those with a problem, then the fullest, come first."""
_EIGHTHS = "▏▎▍▌▋▊▉"
_BAD_STATUSES = ("FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_FAILED", "DEGRADED", "shutting-down")
_GOOD_STATUSES = ("ACTIVE", "running")
_GIVEN_UP = ("stopped",)


@dataclass(frozen=True, slots=True)
class AccountView:
    """What there is in the account."""

    clusters: TableView = field(default_factory=lambda: TableView("EKS clusters"))
    nodegroups: TableView = field(default_factory=lambda: TableView("Node groups"))
    addons: TableView = field(default_factory=lambda: TableView("Add-ons"))
    subnets: TableView = field(default_factory=lambda: TableView("Subnets"))
    instances: TableView = field(default_factory=lambda: TableView("Instances"))
    access: TableView = field(default_factory=lambda: TableView("Access entries"))
    associations: TableView = field(default_factory=lambda: TableView("Pod Identity associations"))


@dataclass(frozen=True, slots=True)
class CostView:
    """What the account would have cost."""

    lines: TableView = field(default_factory=lambda: TableView("Cost"))
    running: TableView = field(default_factory=lambda: TableView("Left running"))


def bar(part: float, cells: int = BAR_CELLS) -> str:
    """Return a bar; what is more than nothing shows, and what is less than everything leaves something free.

    Args:
        part: how much of it is full, 0 to 1.
        cells: how long it is.
    """
    eighths = round(max(0.0, min(1.0, part)) * cells * 8)
    if part > 0:
        eighths = max(1, eighths)
    if part < 1:
        eighths = min(cells * 8 - 1, eighths)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest - 1] if rest else "")
    return drawn + "░" * (cells - len(drawn))


def account_view(
    found: Mapping[str, Any],
    shown: str = "",
    servers: Mapping[str, str] | None = None,
    pods: Mapping[str, int] | None = None,
) -> AccountView:
    """Return the account as tables.

    Args:
        found: as `overview` returns it.
        shown: name of the cluster whose pods are shown.
        servers: URL of each cluster's API server.
        pods: how many pods of that cluster have an address of their own, by node.
    """
    return AccountView(
        _clusters(found["clusters"], shown, servers or {}),
        _nodegroups(found["nodegroups"]),
        _addons(found["addons"]),
        _subnets(found["subnets"]),
        _instances(
            found["instances"],
            {each["id"]: each["name"] or each["id"] for each in found["subnets"]},
            pods or {},
        ),
        _access(found["access"]),
        _associations(found["associations"]),
    )


def _tone(status: str) -> Tone:
    if status in _GOOD_STATUSES:
        return Tone.GOOD
    if status in _BAD_STATUSES:
        return Tone.BAD
    return Tone.PLAIN if status in _GIVEN_UP else Tone.WAITING


def _words(status: str, tone: Tone) -> str:
    return f"{MARKS[tone]} {status}"


def _clusters(found: Sequence[Mapping[str, Any]], shown: str, servers: Mapping[str, str]) -> TableView:
    rows = []
    for each in found:
        name, tone = each["name"], _tone(each["status"])
        rows.append(
            Row(
                name,
                (
                    name,
                    _words(each["status"], tone),
                    each["version"],
                    servers.get(name, "–"),
                    "● shown" if name == shown else "",
                ),
                tone,
            )
        )
    return TableView(
        f"EKS clusters: {len(rows) or 'none'}",
        sorted_rows(rows),
        "No cluster. In a sandbox shell: aws eks create-cluster; or r here begins anew, with one.",
    )


def _nodegroups(found: Sequence[Mapping[str, Any]]) -> TableView:
    rows = []
    for each in found:
        issues = [" ".join(issue.split()) for issue in each["issues"]]
        tone = Tone.BAD if issues else _tone(each["status"])
        health = "; ".join(issues) if issues else "no issues"
        rows.append(
            Row(
                f"{each['cluster']}/{each['name']}",
                (
                    each["cluster"],
                    each["name"],
                    _words(each["status"], tone),
                    str(each["desired"]),
                    ", ".join(each["types"]) or "–",
                    health,
                ),
                tone,
            )
        )
    return TableView(
        _counted("Node groups", rows), sorted_rows(rows), "No node groups: pods have nowhere to run."
    )


def _addons(found: Sequence[Mapping[str, Any]]) -> TableView:
    rows = []
    for each in found:
        tone = _tone(each["status"])
        rows.append(
            Row(
                f"{each['cluster']}/{each['name']}",
                (each["cluster"], each["name"], _words(each["status"], tone), each["version"]),
                tone,
            )
        )
    return TableView(_counted("Add-ons", rows), sorted_rows(rows), "No add-ons.")


def _subnets(found: Sequence[Mapping[str, Any]]) -> TableView:
    rows = []
    for each in found:
        free, size = each["free"], each["size"]
        used = size - free
        # A tenth is the mark here; EKS itself asks for some free addresses only when it makes its own interfaces.
        tone = Tone.BAD if free <= 0 else Tone.WAITING if free * 10 < size else Tone.GOOD
        left = f"{free:,} left" if free > 0 else "none left"
        rows.append(
            Row(
                each["id"],
                (
                    each["name"] or each["id"],
                    f"{MARKS[tone]} {left}",
                    f"{bar(used / size if size else 1.0)} {used:,} of {size:,} used",
                    each["cidr"],
                    each["zone"],
                    each["id"],
                ),
                tone,
            )
        )
    return TableView(
        _counted("Subnets", rows, "nearly full"), worst_first(rows), "No subnets outside the default VPC."
    )


def _instances(
    found: Sequence[Mapping[str, Any]], subnets: Mapping[str, str], pods: Mapping[str, int]
) -> TableView:
    groups: list[tuple[Row, list[Row]]] = []
    for each in sorted(found, key=_place):
        interfaces = each["interfaces"]
        filled = sum(one["secondary"] + one["prefixes"] for one in interfaces)
        slots = each["most_interfaces"] * max((one["slots"] for one in interfaces), default=0)
        tone = _tone(each["state"])
        head = Row(
            each["id"],
            (
                each["name"].partition(".")[0] or each["id"],
                _words(each["state"], tone),
                _used(pods.get(each["name"]), _addresses(interfaces)),
                _filled(filled, slots),
                f"{len(interfaces)} of {each['most_interfaces']} ENIs",
                f"{each['type']}, {each['zone']}",
                each["id"],
            ),
            tone,
        )
        groups.append((head, [_interface(each["id"], one, subnets) for one in interfaces]))
    order = {row.key: number for number, row in enumerate(worst_first(head for head, _ in groups))}
    groups.sort(key=lambda group: order[group[0].key])
    shown = groups[:MOST_INSTANCES]
    rows = [row for head, interfaces in shown for row in (head, *interfaces)]
    title = _counted("Instances and their network interfaces", [head for head, _ in groups])
    if len(groups) > len(shown):
        title += f" (the first {len(shown)} are listed)"
    return TableView(title, tuple(rows), "No instances.")


def _place(instance: Mapping[str, Any]) -> tuple[IPv4Address, str]:
    """Return what sorts instances: their address, where they have one."""
    return IPv4Address(instance["address"] or "0.0.0.0"), instance["id"]


def _addresses(interfaces: Iterable[Mapping[str, Any]]) -> int:
    """Return how many addresses pods can have of these interfaces."""
    return sum(each["secondary"] + each["prefixes"] * ADDRESSES_PER_PREFIX for each in interfaces)


def _used(pods: int | None, addresses: int) -> str:
    """Return how many addresses pods have; not known for nodes of other clusters than the one that is shown."""
    if pods is None:
        return f"{addresses} for pods"
    return f"{bar(pods / addresses if addresses else 0.0)} {pods} of {addresses}"


def _filled(filled: int, slots: int) -> str:
    return f"{bar(filled / slots if slots else 0.0)} {filled} of {slots}"


def _interface(instance: str, found: Mapping[str, Any], subnets: Mapping[str, str]) -> Row:
    secondary, prefixes, slots = found["secondary"], found["prefixes"], found["slots"]
    parts = []
    if prefixes:
        parts.append(f"{prefixes} prefix{'' if prefixes == 1 else 'es'} of {ADDRESSES_PER_PREFIX}")
    if secondary or not prefixes:
        parts.append(f"{secondary} secondary")
    return Row(
        f"{instance}/{found['id']}",
        (
            f"  {found['address']}",
            "",
            "",
            _filled(secondary + prefixes, slots),
            ", ".join(parts),
            subnets.get(found["subnet"], found["subnet"]),
            found["id"],
        ),
    )


def _access(found: Sequence[Mapping[str, Any]]) -> TableView:
    rows = [
        Row(
            f"{each['cluster']}/{each['principal']}",
            (
                each["cluster"],
                each["principal"].partition(":")[2].rpartition(":")[2] or each["principal"],
                each["type"],
                ", ".join(each["policies"])
                or ("its groups only" if each["type"] == "STANDARD" else "joins as a node"),
            ),
        )
        for each in found
    ]
    return TableView(
        f"Access entries: {len(rows) or 'none'}",
        tuple(sorted(rows, key=lambda row: row.key)),
        "No access entries: only aws-auth and RBAC say who may.",
    )


def _associations(found: Sequence[Mapping[str, Any]]) -> TableView:
    rows = [
        Row(
            f"{each['cluster']}/{each['namespace']}/{each['service_account']}",
            (each["cluster"], each["namespace"], each["service_account"], each["role"]),
        )
        for each in found
    ]
    return TableView(
        f"Pod Identity associations: {len(rows) or 'none'}",
        tuple(sorted(rows, key=lambda row: row.key)),
        "None. In a sandbox shell: aws eks create-pod-identity-association",
    )


def _counted(what: str, rows: Sequence[Row], wrong: str = "with a problem") -> str:
    """Return a title with how many there are, and how many of them want looking at."""
    if not rows:
        return f"{what}: none"
    bad = sum(row.tone is Tone.BAD for row in rows)
    waiting = sum(row.tone is Tone.WAITING for row in rows)
    if wrong == "nearly full":
        counts = [f"{bad} full"] if bad else []
        counts += [f"{waiting} {wrong}"] if waiting else []
    else:
        counts = [f"{bad} {wrong}"] if bad else []
        counts += [f"{waiting} on the way"] if waiting else []
    return f"{what}: {len(rows)}{''.join(f', {each}' for each in counts)}"


def cost_view(found: Mapping[str, Any]) -> CostView:
    """Return the account's costs as tables.

    Args:
        found: as `costs` returns it, with moments as ISO texts; money in US dollars.
    """
    lines = [
        Row(
            f"{each['group']}/{each['what']}",
            (
                each["what"],
                str(each["running"]),
                usd(each["so_far_usd"]),
                usd(each["usd_per_hour"]),
                usd(each["usd_per_month"], 2),
            ),
        )
        for each in found["lines"]
    ]
    total = Row(
        "total",
        (
            "= all of it",
            "",
            usd(found["so_far_usd"]),
            usd(found["usd_per_hour"]),
            usd(found["usd_per_month"], 2),
        ),
        Tone.WAITING,
    )
    title = (
        f"Would have cost {usd(found['so_far_usd'], 2)} so far, {usd(found['usd_per_hour'], 3)}"
        f" an hour, {usd(found['usd_per_month'], 2)} a month on AWS"
    )
    return CostView(
        TableView(title, (*lines, total) if lines else (), "Nothing here costs anything."),
        _left_running(found),
    )


def _left_running(found: Mapping[str, Any]) -> TableView:
    rows = []
    for each in found["left_running"]:
        tone = Tone.WAITING if each["idle"] else Tone.PLAIN
        since = datetime.fromisoformat(each["since"])
        rows.append(
            Row(
                f"{each['id']}/{each['what']}",
                (
                    each["id"],
                    f"{MARKS[tone]} {each['idle'] or 'in use'}",
                    usd(each["usd_per_hour"]),
                    f"{since:%m-%d %H:%M}",
                    each["what"],
                ),
                tone,
            )
        )
    idle = sum(row.tone is Tone.WAITING for row in rows)
    title = f"Running: {len(rows) or 'nothing'}{f', {idle} forgotten by the look of it' if idle else ''}"
    # The dearest come first as they are; what looks forgotten stands before them.
    rows.sort(key=lambda row: row.tone is not Tone.WAITING)
    for each in found["unknown"]:
        rows.append(Row(f"unknown/{each}", (each, f"{MARKS[Tone.PLAIN]} no price on record", "–", "", "")))
    if found["not_metered"]:
        words = ", ".join(found["not_metered"])
        rows.append(
            Row("not metered", ("also on a bill", f"{MARKS[Tone.PLAIN]} not metered", "–", "", words))
        )
    return TableView(title, tuple(rows), "Nothing runs that costs.")


def fault_table(found: Sequence[Mapping[str, Any]]) -> TableView:
    """Return the faults that can be armed, those that are first.

    Args:
        found: as `GET /v1/faults` returns them; see `eks_lab.sandbox.client.Client.faults`.
    """
    rows = []
    for each in found:
        if each["armed"]:
            tone, words = (Tone.BAD, "armed, and seen") if each["visible"] else (Tone.WAITING, "armed")
        else:
            tone, words = Tone.PLAIN, "not armed"
        says = " ".join(" ".join(each["says"]).split())
        # Cause and remedy are the learner's to find.
        rows.append(Row(each["id"], (each["title"], f"{MARKS[tone]} {words}", each["id"], says), tone))
    armed = sum(row.tone is not Tone.PLAIN for row in rows)
    title = f"Faults: {len(rows)}, {f'{armed} armed' if armed else 'none armed'}"
    return TableView(title, worst_first(rows), "No faults come with this program.")


def usd(amount: float, digits: int = 4) -> str:
    """Return an amount of US dollars.

    Args:
        amount: in dollars.
        digits: after the point.
    """
    return f"${amount:,.{digits}f}"
