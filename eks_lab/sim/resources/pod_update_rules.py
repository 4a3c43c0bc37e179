"""What may change in a pod that exists (ValidatePodUpdate, ValidatePodResize, ValidatePodEphemeralContainersUpdate)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, required
from eks_lab.sim.resources.field_rules import LARGEST_INT32
from eks_lab.sim.resources.go_structs import go_diff
from eks_lab.sim.resources.pod_spec_rules import pod_spec_errors
from eks_lab.sim.resources.qos import qos_class
from eks_lab.sim.resources.scheduling_rules import toleration_errors

_MAY_CHANGE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_RESIZABLE = ("cpu", "memory")


def _image_errors(new: Sequence[Obj], old: Sequence[Obj], path: str) -> tuple[list[FieldError], bool]:
    """Return the errors of a list of containers, and whether judging ends here."""
    if len(new) != len(old):
        return [forbidden_field(path, "pod updates may not add or remove containers")], True
    errors: list[FieldError] = []
    for number, container in enumerate(new):
        image = container.get("image") or ""
        here = f"{path}[{number}].image"
        if not image:
            errors.append(required(here))
        if image != image.strip():
            errors.append(invalid(here, image, "must not have leading or trailing whitespace"))
    return errors, False


def _deadline_errors(new: int | None, old: int | None) -> tuple[list[FieldError], bool]:
    path = "spec.activeDeadlineSeconds"
    if new is None:
        detail = "must not update from a positive integer to nil value"
        return ([invalid(path, None, detail)] if old is not None else []), False
    if not 0 <= new <= LARGEST_INT32:
        return [invalid(path, new, f"must be between 0 and {LARGEST_INT32}, inclusive")], True
    if old is not None and old < new:
        return [invalid(path, new, "must be less than or equal to previous value")], True
    return [], False


def _toleration_errors(new: Sequence[Obj], old: Sequence[Obj]) -> list[FieldError]:
    if new == old:
        return []

    def timeless(toleration: Obj) -> Obj:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}

    kept = [timeless(each) for each in new]
    if any(timeless(each) not in kept for each in old):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        return [forbidden_field("spec.tolerations", detail)]
    return toleration_errors(new, "spec.tolerations")


def _gate_errors(new: Sequence[Obj], old: Sequence[Obj]) -> list[FieldError]:
    had = {each.get("name") for each in old}
    detail = "only deletion is allowed, but found new scheduling gate '{}'"
    return [
        forbidden_field(f"spec.schedulingGates[{number}]", detail.format(gate.get("name")))
        for number, gate in enumerate(new)
        if gate.get("name") not in had
    ]


def _with_old_images(new: Sequence[Obj], old: Sequence[Obj]) -> list[Obj]:
    return [{**mine, "image": its.get("image")} for mine, its in zip(new, old, strict=True)]


def _put_back(spec: Obj, old: Obj, field: str) -> None:
    """Give a field of a spec its old value again, so that only forbidden changes are left."""
    if field in old:
        spec[field] = old[field]
    else:
        spec.pop(field, None)


def _gated_errors(spec: Obj, old: Obj) -> list[FieldError]:
    """Judge what a pod that waits for its gates may change besides, and put it back."""
    errors: list[FieldError] = []
    new_labels, old_labels = spec.get("nodeSelector") or {}, old.get("nodeSelector") or {}
    if new_labels != old_labels:
        if any(new_labels.get(key) != value for key, value in old_labels.items()):
            detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
            errors.append(invalid("spec.nodeSelector", new_labels, detail))
        _put_back(spec, old, "nodeSelector")
    here = "requiredDuringSchedulingIgnoredDuringExecution"
    new_node = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    old_node = (old.get("affinity") or {}).get("nodeAffinity") or {}
    if new_node != old_node:
        before = (old_node.get(here) or {}).get("nodeSelectorTerms") or []
        after = (new_node.get(here) or {}).get("nodeSelectorTerms") or []
        path = f"spec.affinity.nodeAffinity.{here}.nodeSelectorTerms"
        if before and len(before) != len(after):
            detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
            errors.append(invalid(path, after, detail))
        elif before:
            for number, (mine, its) in enumerate(zip(after, before, strict=True)):
                if any(
                    each not in (mine.get(kind) or ())
                    for kind in ("matchExpressions", "matchFields")
                    for each in its.get(kind) or ()
                ):
                    detail = "only additions are allowed (no mutations or deletions)"
                    errors.append(invalid(f"{path}[{number}]", mine, detail))
        affinity: Obj = {**(spec.get("affinity") or {}), "nodeAffinity": old_node}
        if not old_node:
            del affinity["nodeAffinity"]
        if affinity or "affinity" in old:
            spec["affinity"] = affinity
        else:
            spec.pop("affinity", None)
    return errors


def update_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of a changed pod.

    Args:
        new: as wished, with defaults; its status is the old one.
        old: as stored.
    """
    spec, before = new["spec"], old["spec"]
    if spec == before:
        return []
    errors = pod_spec_errors(spec, "spec", is_pod=True)
    for kind in ("containers", "initContainers"):
        found, ends = _image_errors(spec.get(kind) or (), before.get(kind) or (), f"spec.{kind}")
        errors.extend(found)
        if ends:
            return errors
    found, ends = _deadline_errors(spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds"))
    errors.extend(found)
    if ends:
        return errors
    errors.extend(_toleration_errors(spec.get("tolerations") or (), before.get("tolerations") or ()))
    errors.extend(_gate_errors(spec.get("schedulingGates") or (), before.get("schedulingGates") or ()))
    rest: Obj = dict(spec)
    for kind in ("containers", "initContainers"):
        if rest.get(kind):
            rest[kind] = _with_old_images(rest[kind], before[kind])
    for field in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        _put_back(rest, before, field)
    if (before.get("terminationGracePeriodSeconds") or 0) < 0 and spec["terminationGracePeriodSeconds"] == 1:
        _put_back(rest, before, "terminationGracePeriodSeconds")
    if before.get("schedulingGates"):
        errors.extend(_gated_errors(rest, before))
    if not _same(rest, before):
        detail = f"pod updates may not change fields other than {_MAY_CHANGE}\n"
        errors.append(forbidden_field("spec", detail + go_diff("PodSpec", before, rest)))
    return errors


def _same(one: Any, other: Any) -> bool:
    """Compare as Semantic.DeepEqual does: an absent list or map equals an empty one."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other or (one in (None, [], {}) and other in (None, [], {})))


# --- subresources -------------------------------------------------------------------------------------------


def ephemeral_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of a write to `pods/ephemeralcontainers`: they may be added, never changed or removed."""
    path = "spec.ephemeralContainers"
    errors = pod_spec_errors(new["spec"], "spec", is_pod=True)
    after = new["spec"].get("ephemeralContainers") or []
    before = old["spec"].get("ephemeralContainers") or []
    by_name = {each.get("name"): each for each in after}
    for container in before:
        name = container["name"]
        if name not in by_name:
            detail = f"existing ephemeral containers {_quoted(name)} may not be removed\n"
            errors.append(forbidden_field(path, detail))
        elif by_name[name] != container:
            difference = go_diff("EphemeralContainer", container, by_name[name])
            detail = f"existing ephemeral containers {_quoted(name)} may not be changed\n{difference}"
            errors.append(forbidden_field(path, detail))
    return errors


def _quoted(name: str) -> str:
    return f'"{name}"'


def _without_amounts(spec: Obj) -> Obj:
    """Return a spec without the amounts of cpu and memory that a resize may change."""
    rest = dict(spec)
    for kind in ("containers", "initContainers"):
        if rest.get(kind):
            rest[kind] = [_stripped(each) for each in rest[kind]]
    return rest


def _stripped(container: Obj) -> Obj:
    resources = container.get("resources") or {}
    kept = {
        field: {
            name: amount for name, amount in (resources.get(field) or {}).items() if name not in _RESIZABLE
        }
        for field in ("requests", "limits")
    }
    return {**container, "resources": {**resources, **kept}}


def resize_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of a write to `pods/resize`."""
    errors = pod_spec_errors(new["spec"], "spec", is_pod=True)
    after, before = new["spec"], old["spec"]
    for kind in ("containers", "initContainers"):
        if len(after.get(kind) or ()) != len(before.get(kind) or ()):
            return [*errors, forbidden_field(f"spec.{kind}", "pod updates may not add or remove containers")]
    if qos_class(new) != qos_class(old):
        detail = "Pod QOS Class may not change as a result of resizing"
        errors.append(invalid("spec", (old.get("status") or {}).get("qosClass", ""), detail))
    for kind in ("containers", "initContainers"):
        for number, (mine, its) in enumerate(zip(after.get(kind) or (), before.get(kind) or (), strict=True)):
            for field in ("limits", "requests"):
                had = (its.get("resources") or {}).get(field) or {}
                has = (mine.get("resources") or {}).get(field) or {}
                if any(name in had and name not in has for name in _RESIZABLE):
                    here = f"spec.{kind}[{number}].resources.{field}"
                    errors.append(forbidden_field(here, f"resource {field} cannot be removed"))
    if not _same(_without_amounts(after), _without_amounts(before)):
        difference = go_diff("PodSpec", _without_amounts(before), _without_amounts(after))
        errors.append(forbidden_field("spec", f"only cpu and memory resources are mutable\n{difference}"))
    return errors
