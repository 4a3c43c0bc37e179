"""Leases of coordination.k8s.io (pkg/apis/coordination/validation)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.field_rules import NOT_NEGATIVE


def _default(lease: Obj, world: World) -> None:
    lease.setdefault("spec", {})


def _validate(lease: Obj, world: World) -> list[FieldError]:
    spec = lease["spec"]
    errors: list[FieldError] = []
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        errors.append(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
    transitions = spec.get("leaseTransitions")
    if transitions is not None and transitions < 0:
        errors.append(invalid("spec.leaseTransitions", transitions, NOT_NEGATIVE))
    if spec.get("preferredHolder") and not spec.get("strategy"):
        detail = "may only be specified if `strategy` is defined"
        errors.append(forbidden_field("spec.preferredHolder", detail))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


LEASES = Resource(
    plural="leases",
    kind="Lease",
    group="coordination.k8s.io",
    columns=(NAME, Column("Holder", field_of("spec", "holderIdentity")), AGE),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (LEASES,)
