"""Server-side apply (structured-merge-diff/merge/update.go, apimachinery/pkg/util/managedfields)."""

from __future__ import annotations

from typing import Any

import orjson

from eks_lab.sim.objects import ApiError, Obj
from eks_lab.sim.patches.comparison import applied_fields, changed_fields
from eks_lab.sim.patches.configuration import check_configuration
from eks_lab.sim.patches.field_sets import (
    Fields,
    difference,
    intersection,
    is_member,
    paths,
    union,
)
from eks_lab.sim.patches.ownership import Manager, Managers, Owned, disowned, stripped
from eks_lab.sim.patches.shapes import DEDUCED, Kind, Shape, element_of
from eks_lab.sim.resource import Resource

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KUBECTL = "kubectl"
"""The manager under which `kubectl apply --server-side` takes over from client-side apply."""

_GONE: Any = object()


class ConflictsError(ApiError):
    """Others own what an apply wants to change."""

    def __init__(self, owned: list[tuple[Manager, Fields]]) -> None:
        """Name the conflicts.

        Args:
            owned: manager -> the fields in conflict.
        """
        self.owned = owned
        causes = [
            {"reason": "FieldManagerConflict", "message": f"conflict with {_shown(manager)}", "field": path}
            for manager, fields in owned
            for path in paths(fields)
        ]
        super().__init__(409, "Conflict", _message(owned), {"causes": causes})


def _shown(manager: Manager) -> str:
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    return f"{text} using {manager.api_version}" if manager.operation == "Update" else text


def _message(owned: list[tuple[Manager, Fields]]) -> str:
    found = [(manager, path) for manager, fields in owned for path in paths(fields)]
    if len(found) == 1:
        manager, path = found[0]
        return f"Apply failed with 1 conflict: conflict with {_shown(manager)}: {path}"
    lines = []
    for manager, fields in owned:
        lines.append(f"conflicts with {_shown(manager)}:")
        lines += [f"- {path}" for path in paths(fields)]
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)


def apply_configuration(
    shape: Shape,
    resource: Resource,
    live: Obj,
    configuration: Obj,
    managers: Managers,
    manager: Manager,
    force: bool,
    now: str,
) -> tuple[Obj, Managers]:
    """Apply a configuration to an object.

    Args:
        shape: of the kind.
        resource: of the object.
        live: as stored, without managedFields; an empty object when it is to be created.
        configuration: what the applier wants.
        managers: of the object.
        manager: the applier.
        force: take fields over from others.
        now: the time of a change.

    Returns:
        The object as wanted (shared parts are not copied) and its managers.

    Raises:
        ConflictsError: 409, others own what would change.
        ApiError: 500, the configuration does not fit the type.
    """
    check_configuration(shape, configuration, resource, manager.api_version)
    try:
        return _applied(shape, resource, live, configuration, managers, manager, force, now)
    except ConflictsError as conflicts:
        if manager.name != KUBECTL:
            raise
        # What client-side apply of the same configuration set is not taken from anybody.
        allowed = _last_applied_fields(shape, live)
        rest = [(each, left) for each, fields in conflicts.owned if (left := difference(fields, allowed))]
        if rest:
            raise ConflictsError(rest) from None
        return _applied(shape, resource, live, configuration, managers, manager, True, now)


def _applied(
    shape: Shape,
    resource: Resource,
    live: Obj,
    configuration: Obj,
    managers: Managers,
    manager: Manager,
    force: bool,
    now: str,
) -> tuple[Obj, Managers]:
    merged = _merged(shape, live, configuration)
    last = managers.get(manager)
    wanted = stripped(applied_fields(shape, configuration), resource, manager.subresource)
    others = {each: owned for each, owned in managers.items() if each != manager}
    if last is not None:
        kept = wanted
        for owned in others.values():
            kept = union(kept, owned.fields)
        merged = _pruned(shape, merged, last.fields, kept)
    changed, removed = changed_fields(shape, live, merged)
    changed = stripped(changed, resource, manager.subresource)
    conflicts = []
    for each, owned in sorted(others.items(), key=lambda item: (item[0].name, item[0].operation)):
        shared = intersection(owned.fields, changed)
        if shared:
            conflicts.append((each, shared))
    if conflicts and not force:
        raise ConflictsError(conflicts)
    is_same = not changed and not removed
    left = others if is_same else disowned(others, manager, union(changed, removed))
    if wanted:
        time = (last.time if last is not None else "") if is_same and live else now
        left = {**left, manager: Owned(wanted, time)}
    if manager.name == KUBECTL:
        merged = _with_last_applied(live, merged, configuration)
    return merged, left


# --- merging ------------------------------------------------------------------------------------------------


def _merged(shape: Shape, live: Any, wanted: Any) -> Any:
    """Return a live value with a configuration laid over it."""
    kind = shape.kind
    if kind is Kind.DEDUCED and isinstance(live, dict) and isinstance(wanted, dict):
        kind = Kind.MAP
    if kind in (Kind.STRUCT, Kind.MAP) and isinstance(wanted, dict):
        result = dict(live) if isinstance(live, dict) else {}
        for key, value in wanted.items():
            inner = shape.fields.get(key, DEDUCED) if kind is Kind.STRUCT else shape.inner or DEDUCED
            if value is None:
                result.pop(key, None)
            else:
                result[key] = _merged(inner, result.get(key), value)
        return result
    if kind in (Kind.SET, Kind.KEYED) and isinstance(wanted, list) and isinstance(live, list):
        return _merged_list(shape, live, wanted)
    return wanted


def _merged_list(shape: Shape, live: list[Any], wanted: list[Any]) -> list[Any]:
    """Merge by key: the configuration's order, live items of others where they stood."""
    inner = shape.inner or DEDUCED
    present = {element_of(shape, item): item for item in live}
    asked = {element_of(shape, item): item for item in wanted}
    waiting = list(asked)
    result: list[Any] = []

    def take() -> str:
        element = waiting.pop(0)
        item = asked[element]
        result.append(_merged(inner, present[element], item) if element in present else item)
        return element

    for element, item in present.items():
        if element not in asked:
            result.append(item)
        elif element in waiting:
            while take() != element:
                pass
    while waiting:
        take()
    return result


# --- removal ------------------------------------------------------------------------------------------------


def _pruned(shape: Shape, value: Any, last: Fields, kept: Fields) -> Any:
    """Return a value without what its applier owned and now nobody does.

    Args:
        shape: of the value.
        value: merged already.
        last: what the applier owned before, below this value.
        kept: what anybody owns now, below this value.
    """
    if shape.kind in (Kind.SET, Kind.KEYED) and isinstance(value, list):
        return _pruned_list(shape, value, last, kept)
    if not isinstance(value, dict):
        return value
    result = value
    for element, node in last.items():
        key = element[2:]
        if element == "." or key not in result:
            continue
        owned = kept.get(element)
        if owned is None and is_member(node):
            result = {name: each for name, each in result.items() if name != key}
        elif set(node) - {"."}:
            inner = shape.fields.get(key, DEDUCED) if shape.kind is Kind.STRUCT else shape.inner or DEDUCED
            left = _pruned(inner, result[key], node, owned or {})
            if left is not result[key]:
                result = {
                    name: left if name == key else each
                    for name, each in result.items()
                    if name != key or left
                }
    return result


def _pruned_list(shape: Shape, value: list[Any], last: Fields, kept: Fields) -> list[Any]:
    inner = shape.inner or DEDUCED
    result = []
    has_changed = False
    for item in value:
        element = element_of(shape, item)
        node, owned = last.get(element), kept.get(element)
        if node is not None and is_member(node) and (owned is None or not is_member(owned)):
            has_changed = True
            continue
        if node:
            left = _pruned(inner, item, node, owned or {})
            has_changed = has_changed or left is not item
            item = left
        result.append(item)
    return result if has_changed else value


# --- the way from client-side apply -------------------------------------------------------------------------


def _last_applied(live: Obj) -> Obj | None:
    text = ((live.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    if not isinstance(text, str):
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _last_applied_fields(shape: Shape, live: Obj) -> Fields:
    """Return the fields of the last client-side apply that still have the value it gave them."""
    found = _last_applied(live)
    if found is None:
        return {}
    try:
        wanted = applied_fields(shape, found)
        changed, removed = changed_fields(shape, found, live)
    except KeyError:
        return {}
    return difference(wanted, union(changed, removed))


def _with_last_applied(live: Obj, merged: Obj, configuration: Obj) -> Obj:
    """Keep the annotation of client-side apply in step, where there is one (lastappliedupdater.go)."""
    if LAST_APPLIED not in ((live.get("metadata") or {}).get("annotations") or {}):
        return merged
    metadata = configuration.get("metadata") or {}
    annotations = {
        key: each for key, each in (metadata.get("annotations") or {}).items() if key != LAST_APPLIED
    }
    kept = {key: each for key, each in metadata.items() if key != "annotations"}
    plain = {**configuration, "metadata": {**kept, **({"annotations": annotations} if annotations else {})}}
    text = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode() + "\n"
    its = merged.get("metadata") or {}
    return {
        **merged,
        "metadata": {**its, "annotations": {**(its.get("annotations") or {}), LAST_APPLIED: text}},
    }
