"""Everything that is made, in order; made one after the other, and removed the other way round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eks_lab.errors import EksLabError
from eks_lab.sandbox.backends.aws import limits, strays
from eks_lab.sandbox.backends.aws.control_plane import ControlPlane
from eks_lab.sandbox.backends.aws.network import SUBNET_CIDRS, Gateway, RouteTable, Subnet, Vpc
from eks_lab.sandbox.backends.aws.nodes import NodeGroup, Template
from eks_lab.sandbox.backends.aws.requests import EXPIRED, RefusedError
from eks_lab.sandbox.backends.aws.roles import CLUSTER_ROLE, NODE_ROLE
from eks_lab.sandbox.backends.aws.site import Resource, Site
from eks_lab.sandbox.backends.aws.spending import Budget
from eks_lab.sandbox.backends.interface import Step

RESOURCES: tuple[Resource, ...] = (
    Budget(),
    CLUSTER_ROLE,
    NODE_ROLE,
    Vpc(),
    Gateway(),
    *(Subnet(number) for number in range(1, len(SUBNET_CIDRS) + 1)),
    RouteTable(),
    Template(),
    ControlPlane(),
    NodeGroup(),
)
"""In the order in which they are made; what costs comes last."""


def make_all(site: Site, now: Callable[[], datetime]) -> None:
    """Make everything that is not there yet.

    Args:
        site: of the session.
        now: wall time, for the limits.

    Raises:
        StoppedError: it was cancelled; what was made is on record.
        InputError: a limit has passed.
        EksLabError: something cannot be made.
    """
    ledger = site.ledger
    for resource in RESOURCES:
        site.cancel.check()
        kept = ledger.entries.get(resource.step)
        if kept is not None and kept.state == "ready":
            continue
        limits.require_within(ledger, now())
        site.tell(Step(resource.step, resource.title, "begun"))
        try:
            entry = ledger.intend(resource.step, resource.kind, resource.name(site))
            if entry.state == "intended":
                # After a crash it may be there although nobody has heard its id.
                found = resource.find(site) if kept is not None else ""
                entry = ledger.made(resource.step, found or resource.make(site))
            resource.settle(site)
            ledger.ready(resource.step)
        except EksLabError as error:
            site.tell(Step(resource.step, resource.title, "failed", error.message))
            raise
        site.tell(Step(resource.step, resource.title, "done", entry.id))


def remove_all(site: Site) -> tuple[str, ...]:
    """Remove everything on record, the last made first.

    Args:
        site: of the session.

    Returns:
        Why things could not be removed, one sentence each; empty when all are gone.

    Raises:
        EksLabError: AWS cannot be asked at all.
    """
    ledger = site.ledger
    troubles: list[str] = []
    for resource in reversed(RESOURCES):
        entry = ledger.entries.get(resource.step)
        if entry is None or entry.state == "removed":
            continue
        title = f"Remove the {resource.kind.replace('-', ' ')} {entry.id or entry.name}"
        site.tell(Step(f"remove-{resource.step}", title, "begun"))
        try:
            id = entry.id or resource.find(site)
            if id:
                resource.remove(site, id)
            if resource.step == ControlPlane.step:
                _clear(site)
            ledger.removed(resource.step)
        except RefusedError as error:
            if error.code in EXPIRED:
                raise
            site.is_patient = False
            troubles.append(error.message)
            site.tell(Step(f"remove-{resource.step}", title, "failed", error.message))
            continue
        site.tell(Step(f"remove-{resource.step}", title, "done"))
    return tuple(troubles)


def _clear(site: Site) -> None:
    """Remove what the cluster, its controllers and its labs have left behind."""
    vpc = site.ledger.id_of(Vpc.step)
    strays.sweep(site, vpc)
    strays.remove_volumes(site)
