"""Nodes."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, not_supported, required, shown
from eks_lab.sim.resource import Resource, World
from eks_lab.sim.resources import node_columns
from eks_lab.sim.resources.field_rules import label_key_errors, value_problems
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.quantities import canonicalise
from eks_lab.sim.resources.scheduling_rules import TAINT_EFFECTS

_ONLY = (
    "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig "
    "feature gate is enabled)"
)


def _default(node: Obj, world: World) -> None:
    spec = node.setdefault("spec", {})
    if spec.get("podCIDR") and not spec.get("podCIDRs"):
        # Conversion from v1 fills the list from the single value (pkg/apis/core/v1/conversion.go).
        spec["podCIDRs"] = [spec["podCIDR"]]
    status = node.get("status")
    if status:
        canonicalise(status.get("capacity"))
        if status.get("capacity") and status.get("allocatable") is None:
            status["allocatable"] = dict(status["capacity"])
        canonicalise(status.get("allocatable"))


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    if "status" in old:
        new["status"] = old["status"]
    else:
        new.pop("status", None)


def taint_errors(taints: list[Obj], path: str) -> list[FieldError]:
    """Return the errors of a node's taints (validateNodeTaints)."""
    errors: list[FieldError] = []
    seen: set[tuple[str, str]] = set()
    for number, taint in enumerate(taints):
        here = f"{path}[{number}]"
        key, value, effect = taint.get("key") or "", taint.get("value") or "", taint.get("effect") or ""
        errors.extend(label_key_errors(key, f"{here}.key"))
        said = value_problems(value)
        if said:
            errors.append(invalid(f"{here}.value", value, ";".join(said)))
        if not effect:
            errors.append(required(f"{here}.effect"))
        elif effect not in TAINT_EFFECTS:
            errors.append(not_supported(f"{here}.effect", effect, TAINT_EFFECTS))
        if (key, effect) in seen:
            text = f"Duplicate value: {shown(go_value('Taint', taint))}: taints must be unique by key and effect pair"
            errors.append(FieldError("Duplicate", here, text))
        seen.add((key, effect))
    return errors


def _validate(node: Obj, world: World) -> list[FieldError]:
    return taint_errors((node.get("spec") or {}).get("taints") or [], "spec.taints")


_MAY_CHANGE = ("taints", "unschedulable", "providerID", "podCIDR", "podCIDRs", "configSource", "externalID")


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    after, before = new.get("spec") or {}, old.get("spec") or {}
    errors = _validate(new, world)
    if before.get("podCIDRs") and after.get("podCIDRs") != before["podCIDRs"]:
        detail = 'node updates may not change podCIDR except from "" to valid'
        errors.append(forbidden_field("spec.podCIDRs", detail))
    if before.get("providerID") and after.get("providerID") != before["providerID"]:
        detail = 'node updates may not change providerID except from "" to valid'
        errors.append(forbidden_field("spec.providerID", detail))
    if any(
        after.get(field) != before.get(field)
        for field in after.keys() | before.keys()
        if field not in _MAY_CHANGE
    ):
        errors.append(forbidden_field("", _ONLY))
    return errors


NODES = Resource(
    plural="nodes",
    kind="Node",
    namespaced=False,
    short_names=("no",),
    has_status=True,
    subresources={"proxy": "NodeProxyOptions"},
    columns=node_columns.COLUMNS,
    field_labels={
        "spec.unschedulable": lambda node: (
            "true" if (node.get("spec") or {}).get("unschedulable") else "false"
        )
    },
    default=_default,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (NODES,)
