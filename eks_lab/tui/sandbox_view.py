"""What the sandbox screen shows, as frozen values, and how the API server's answers become them.

Statuses are the words of `kubectl get`: the API server prints them into Tables, so nothing is guessed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from eks_lab.tui.account_view import AccountView, CostView
from eks_lab.tui.status_rows import MARKS, Row, TableView, Tone, sorted_rows

MOST_PODS = 500
"""Pods that are asked for; a larger cluster is for kubectl and its selectors."""
MOST_EVENTS = 1000
"""Events that are asked for."""
SHOWN_EVENTS = 100
"""The newest of them are listed."""

_ZONE = "topology.kubernetes.io/zone"
_TYPE = "node.kubernetes.io/instance-type"
_FINISHED = ("Completed", "Succeeded")
_ON_ITS_WAY = ("Pending", "ContainerCreating", "PodInitializing", "Terminating", "SchedulingGated")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a new cluster is to be like."""

    nodes: int = 3
    instance: str = "m5.large"
    """EC2 instance type of the nodes."""
    version: str = "1.36"
    """Kubernetes minor version."""
    seed: int = 7
    """Of names and ids."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a running sandbox says of itself."""

    version: str
    """Kubernetes minor version."""
    instance: str
    """EC2 instance type of its nodes."""
    speed: str
    """`60x`, `pause`, `max`."""
    now: datetime
    """Simulated moment."""
    server: str
    kubeconfig: str
    ready: int
    """Nodes that are ready."""
    nodes: int
    pods: int
    notices: tuple[str, ...] = ()
    seed: int = 7
    clusters: tuple[tuple[str, str], ...] = ()
    """Name and API server of each cluster of the account, by name; none when all are deleted."""
    shown: str = ""
    """The cluster whose nodes, pods and events are shown; empty without one."""
    account: str = ""
    """AWS account id."""
    aws: str = ""
    """URL of the AWS API."""

    @property
    def wishes(self) -> Wishes:
        """What a cluster like this one is begun with."""
        return Wishes(self.nodes, self.instance, self.version, self.seed)

    @property
    def is_paused(self) -> bool:
        """Whether simulated time stands still."""
        return self.speed == "pause"


class Page(StrEnum):
    """What of the sandbox is looked at."""

    WORKLOADS = "workloads"
    EKS = "eks"
    NETWORK = "network"
    ACCESS = "access"
    COST = "cost"
    FAULTS = "faults"


@dataclass(frozen=True, slots=True)
class SandboxView:
    """What the screen shows of the sandbox; without facts it does not run. What was not looked at is empty."""

    facts: Facts | None = None
    nodes: TableView = field(default_factory=lambda: TableView("Nodes"))
    pods: TableView = field(default_factory=lambda: TableView("Pods"))
    events: TableView = field(default_factory=lambda: TableView("Events"))
    account: AccountView = field(default_factory=AccountView)
    costs: CostView = field(default_factory=CostView)
    faults: TableView = field(default_factory=lambda: TableView("Faults"))

    def tables(self, page: Page) -> dict[str, TableView]:
        """Return the tables of a page by their names, from top to bottom."""
        account, costs = self.account, self.costs
        match page:
            case Page.WORKLOADS:
                return {"nodes": self.nodes, "pods": self.pods, "events": self.events}
            case Page.EKS:
                return {
                    "clusters": account.clusters,
                    "nodegroups": account.nodegroups,
                    "addons": account.addons,
                }
            case Page.NETWORK:
                return {"subnets": account.subnets, "instances": account.instances}
            case Page.ACCESS:
                return {"access": account.access, "associations": account.associations}
            case Page.COST:
                return {"costs": costs.lines, "running": costs.running}
            case Page.FAULTS:
                return {"faults": self.faults}


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that takes a while."""

    text: str
    part: float
    """How much of it is done, 0 to 1."""
    hint: str = ""
    """How it can be ended; empty when it cannot."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the last key."""

    text: str
    tone: Tone = Tone.GOOD
    hint: str = ""
    """The next step after a failure."""


def facts_of(status: Mapping[str, Any]) -> Facts:
    """Return the status of the control API as facts."""
    options, nodes = status["options"], status["nodes"]
    return Facts(
        version=options["version"],
        instance=options["instance"],
        speed=status["speed"],
        now=datetime.fromisoformat(status["now"]),
        server=status["server"],
        kubeconfig=status["kubeconfig"],
        ready=nodes["ready"],
        nodes=nodes["all"],
        pods=status["pods"]["all"],
        notices=tuple(status["notices"]),
        seed=options["seed"],
        clusters=tuple(sorted((status.get("clusters") or {}).items())),
        account=status.get("account", ""),
        aws=status.get("aws", ""),
    )


def without_cluster() -> SandboxView:
    """Return the tables of a sandbox whose account has no cluster."""
    return SandboxView(
        None,
        TableView("Nodes: none", (), "There is no cluster, so there are no nodes."),
        TableView(
            "Pods: none",
            (),
            "No cluster. In a sandbox shell: aws eks create-cluster; or r here begins anew, with one.",
        ),
        TableView("Events: none", (), "No cluster, no events."),
    )


def node_table(nodes: Mapping[str, Any], pods: Mapping[str, Any]) -> TableView:
    """Return the nodes.

    Args:
        nodes: Table of nodes with their metadata.
        pods: Table of pods; those that have ended do not count, as in `kubectl describe node`.
    """
    held = Counter(
        each["Node"] for each, _ in _entries(pods) if pod_tone(each["Ready"], each["Status"]) is not None
    )
    more = "+" if _left_out(pods) else ""
    rows = []
    for cells, metadata in _entries(nodes):
        name, labels = cells["Name"], metadata.get("labels") or {}
        words, tone = _node_words(cells["Status"])
        rows.append(
            Row(
                name,
                (name, words, labels.get(_ZONE, "–"), labels.get(_TYPE, "–"), f"{held[name]}{more}"),
                tone,
            )
        )
    bad = sum(row.tone is Tone.BAD for row in rows)
    title = f"Nodes: {len(rows)}, {f'{bad} not ready' if bad else 'all ready'}" if rows else "Nodes: none"
    return TableView(title, sorted_rows(rows), "No nodes. Pods stay Pending until there is one.")


def _node_words(status: str) -> tuple[str, Tone]:
    """Return `Ready,SchedulingDisabled` in words, with a mark."""
    conditions = status.split(",")
    is_ready = conditions[0] == "Ready"
    is_cordoned = "SchedulingDisabled" in conditions
    tone = Tone.BAD if not is_ready else Tone.WAITING if is_cordoned else Tone.GOOD
    words = "ready" if is_ready else "not ready"
    return f"{MARKS[tone]} {words}{', cordoned' if is_cordoned else ''}", tone


def pod_tone(ready: str, status: str) -> Tone | None:
    """Return how a pod stands; None when it has done its work.

    Args:
        ready: `1/2`, as kubectl prints it.
        status: `Running`, `CrashLoopBackOff`, `Init:0/1`, ….
    """
    if status in _FINISHED:
        return None
    if status in ("Running", "NotReady"):
        have, _, want = ready.partition("/")
        return Tone.GOOD if have == want else Tone.WAITING
    is_initialising = status.startswith("Init:") and status[5:6].isdigit()
    return Tone.WAITING if status in _ON_ITS_WAY or is_initialising else Tone.BAD


def pod_table(pods: Mapping[str, Any]) -> TableView:
    """Return the pods, those with a problem first, then those on their way.

    Args:
        pods: Table of pods with their metadata.
    """
    rows = []
    for cells, metadata in _entries(pods):
        namespace, name = metadata.get("namespace", ""), cells["Name"]
        tone = pod_tone(cells["Ready"], cells["Status"]) or Tone.GOOD
        node = cells["Node"].partition(".")[0] if cells["Node"] != "<none>" else "–"
        status = f"{MARKS[tone]} {cells['Status']}"
        rows.append(
            Row(
                f"{namespace}/{name}",
                (namespace, name, cells["Ready"], status, str(cells["Restarts"]), node),
                tone,
            )
        )
    bad = sum(row.tone is Tone.BAD for row in rows)
    waiting = sum(row.tone is Tone.WAITING for row in rows)
    counts = [f"{bad} with a problem"] if bad else []
    counts += [f"{waiting} not ready yet"] if waiting else []
    left_out = _left_out(pods)
    title = f"Pods: {len(rows) + left_out}{''.join(f', {each}' for each in counts)}"
    if left_out:
        title += f" (of the first {len(rows)}, which are listed)"
    return TableView(
        title,
        sorted_rows(rows),
        "No pods yet. In another terminal: kubectl create deployment web --image=nginx --replicas=3",
    )


def pods_with_addresses(pods: Mapping[str, Any], nodes: Mapping[str, str]) -> Counter[str]:
    """Return how many pods of each node have an address of their own.

    Args:
        pods: Table of pods.
        nodes: address of each node: a pod that has it, too, uses the host's network.
    """
    held = Counter(dict.fromkeys(nodes, 0))
    for cells, _ in _entries(pods):
        name, address = cells["Node"], cells["IP"]
        if name in nodes and address not in ("<none>", nodes[name]):
            held[name] += pod_tone(cells["Ready"], cells["Status"]) is not None
    return held


def event_table(events: Mapping[str, Any]) -> TableView:
    """Return the newest events, newest first, at their simulated time.

    Args:
        events: list of `v1` events.
    """
    found = sorted(events.get("items") or (), key=_order, reverse=True)
    rows = []
    for event in found[:SHOWN_EVENTS]:
        about, metadata = event.get("involvedObject") or {}, event["metadata"]
        is_warning = event.get("type") == "Warning"
        tone = Tone.WAITING if is_warning else Tone.PLAIN
        rows.append(
            Row(
                f"{metadata.get('namespace', '')}/{metadata['name']}",
                (
                    _last_seen(event).strftime("%H:%M:%S"),
                    f"{MARKS[tone]} {event.get('type') or 'Normal'}",
                    event.get("reason") or "",
                    f"{about.get('kind', '').lower()}/{about.get('name', '')}",
                    " ".join((event.get("message") or "").split()),
                ),
                tone,
            )
        )
    warnings = sum(event.get("type") == "Warning" for event in found)
    title = "Events, newest first"
    if warnings:
        title += f": {warnings} warning{'' if warnings == 1 else 's'}"
    if _left_out(events):
        title += f" (of {len(found)} that were read)"
    return TableView(title, tuple(rows), "No events in the last hour of simulated time.")


def _order(event: Mapping[str, Any]) -> tuple[datetime, int]:
    """Return what sorts events: those of one second in the order in which they were written."""
    version = event["metadata"].get("resourceVersion") or ""
    return _last_seen(event), int(version) if version.isdigit() else 0


def _last_seen(event: Mapping[str, Any]) -> datetime:
    """Return when an event came about last: the fields of both event APIs, newest meaning first."""
    series = event.get("series") or {}
    text = (
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
    )
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)


def _entries(table: Mapping[str, Any]) -> Sequence[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Return the cells of each row by column, and the metadata of its object."""
    names = [column["name"] for column in table.get("columnDefinitions") or ()]
    return [
        (dict(zip(names, row["cells"], strict=False)), (row.get("object") or {}).get("metadata") or {})
        for row in table.get("rows") or ()
    ]


def _left_out(answer: Mapping[str, Any]) -> int:
    """Return how many objects a limited list did not hold."""
    return int((answer.get("metadata") or {}).get("remainingItemCount") or 0)
