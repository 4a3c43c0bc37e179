"""The way from one Kubernetes version to another: moves, days, skew, and what support costs meanwhile.

The control plane moves one minor version at a time. Dates and limits are data of
`eks_lab.catalog.kubernetes_versions`. Days are whole days in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, get_args

from eks_lab.catalog.kubernetes_versions import KubernetesVersion, calendar
from eks_lab.errors import InputError

NodeMoves = Literal["every-minor", "when-forced"]
Policy = Literal["extended", "standard"]
NODE_MOVES: tuple[NodeMoves, ...] = get_args(NodeMoves)
POLICIES: tuple[Policy, ...] = get_args(Policy)
HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that changes its version."""

    what: Literal["control plane", "nodes"]
    """What moves."""
    start: str
    """Version before, `1.33`."""
    end: str
    """Version after."""
    day: date
    """When."""
    hop: int
    """Upgrade of the control plane it belongs to, from 1; 0 is before the first."""


@dataclass(frozen=True, slots=True)
class Journey:
    """An upgrade from a version to a newer one."""

    versions: tuple[KubernetesVersion, ...]
    """From the present one to the last, each minor once."""
    moves: tuple[Move, ...]
    """In the order in which they are made."""
    today: date
    """Day of the first move."""
    pause_days: int
    """Days from one upgrade of the control plane to the next."""

    @property
    def hops(self) -> int:
        """Return the number of upgrades of the control plane."""
        return len(self.versions) - 1

    @property
    def node_moves(self) -> int:
        """Return the number of updates of every node group."""
        return sum(move.what == "nodes" for move in self.moves)

    def hop_day(self, hop: int) -> date:
        """Return the day of an upgrade of the control plane, counted from 1."""
        return self.today + timedelta(days=(hop - 1) * self.pause_days)

    @property
    def done(self) -> date:
        """Return the day of the last upgrade."""
        return self.hop_day(self.hops)

    def version_on(self, day: date) -> KubernetesVersion:
        """Return the version of the control plane on a day, the upgrade of that day included."""
        reached = [hop for hop in range(1, self.hops + 1) if self.hop_day(hop) <= day]
        return self.versions[max(reached, default=0)]

    def extended_days(self, end: date) -> int:
        """Return the days in extended support from today (included) to a day (not included)."""
        days, start = 0, self.today
        for hop in range(1, self.hops + 2):
            until = end if hop > self.hops else min(end, self.hop_day(hop))
            days += self.versions[hop - 1].extended_days(start, max(start, until))
            start = max(start, until)
        return days


def check_skew(control_plane: KubernetesVersion, kubelet: KubernetesVersion) -> None:
    """Check that nodes may run with a control plane.

    Raises:
        InputError: kubelet is newer than the API server, or too old for it.
    """
    behind = control_plane.minor - kubelet.minor
    most = calendar().rules.kubelet_minors_behind
    if behind < 0:
        raise InputError(
            f"nodes_version: kubelet {kubelet.name} is newer than the API server {control_plane.name}, which"
            " Kubernetes never allows",
            hint=f"Give {control_plane.name} or an older version.",
        )
    if behind > most:
        raise InputError(
            f"nodes_version: kubelet {kubelet.name} is {behind} minors behind {control_plane.name}; Kubernetes"
            f" allows {most}",
            hint=f"Update the nodes to 1.{control_plane.minor - most} or newer first.",
        )


def check_reachable(start: KubernetesVersion, target: KubernetesVersion, today: date) -> None:
    """Check that an upgrade from one version to a newer one can be planned on a day.

    Raises:
        InputError: the present version has left EKS or is not there yet, or the target is not.
    """
    if start.phase(today) == "ended":
        raise InputError(
            f"from_version: {start.name} left extended support on {start.end_of_extended.isoformat()}; EKS"
            " upgrades such a control plane itself, at a moment nobody announces",
            hint="Read its version with aws eks describe-cluster and plan from there.",
        )
    for field, version in (("from_version", start), ("to_version", target)):
        if version.phase(today) == "not released":
            raise InputError(
                f"{field}: {version.name} came to EKS on {version.released.isoformat()}, after"
                f" {today.isoformat()}",
                hint="Give an older version, or a later day as today.",
            )
    # The target is newer than a version that is still there, so it has not ended either.


def journey(
    start: KubernetesVersion,
    target: KubernetesVersion,
    kubelet: KubernetesVersion,
    today: date,
    *,
    pause_days: int = 0,
    node_moves: NodeMoves = "every-minor",
) -> Journey:
    """Return the moves from one version to a newer one.

    Args:
        start: version of the control plane.
        target: a newer one.
        kubelet: version of the nodes.
        today: day of the first upgrade.
        pause_days: days from one upgrade of the control plane to the next.
        node_moves: `every-minor` keeps nodes on the version of the control plane, as EKS asks;
            `when-forced` moves them only when kubelet would fall too far behind, and at the end.

    Raises:
        InputError: the nodes do not fit the control plane, or a version is not offered on that day.
    """
    check_skew(start, kubelet)
    check_reachable(start, target, today)
    known = calendar()
    versions = tuple(known.versions[minor] for minor in range(start.minor, target.minor + 1))
    moves: list[Move] = []
    nodes = kubelet.minor

    def move_nodes(to: KubernetesVersion, day: date, hop: int) -> None:
        nonlocal nodes
        if nodes != to.minor:
            moves.append(Move("nodes", f"1.{nodes}", to.name, day, hop))
            nodes = to.minor

    for hop, (before, after) in enumerate(pairwise(versions), start=1):
        day = today + timedelta(days=(hop - 1) * pause_days)
        if node_moves == "every-minor" or after.minor - nodes > known.rules.kubelet_minors_behind:
            move_nodes(before, day, hop - 1)
        moves.append(Move("control plane", before.name, after.name, day, hop))
        if node_moves == "every-minor" or after is versions[-1]:
            move_nodes(after, day, hop)
    return Journey(versions=versions, moves=tuple(moves), today=today, pause_days=pause_days)


def stay_ends(version: KubernetesVersion, today: date, policy: Policy) -> date:
    """Return the day on which EKS upgrades a control plane that nobody upgrades.

    Args:
        version: version of the control plane.
        today: the present day.
        policy: `standard` asks for the upgrade at the end of standard support. It cannot lead a
            cluster out of extended support that it is already in.
    """
    if policy == "standard" and version.phase(today) == "standard":
        return version.end_of_standard
    return version.end_of_extended
