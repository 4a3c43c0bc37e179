"""Which objects belong to a controller: those it controls, and orphans its selector matches.

Facts: pkg/controller/controller_ref_manager.go. A controller adopts matching orphans, and lets go of what
it controls but no longer matches.
"""

from __future__ import annotations

from collections.abc import Iterable

from eks_lab.sim.api import Api
from eks_lab.sim.objects import (
    ApiError,
    Key,
    Obj,
    controller_of,
    evolve,
    is_deleting,
    key_of,
    labels_of,
    owner_reference,
)
from eks_lab.sim.selection import matches

ORPHANS = "orphans"
"""Index: namespace -> objects without a controller."""


def index_orphans(api: Api, resource: str) -> None:
    """Keep the index that `claim` looks into."""
    api.store.add_index(resource, ORPHANS, _orphan_of)


def _orphan_of(obj: Obj) -> Iterable[str]:
    return () if controller_of(obj) else (obj["metadata"].get("namespace", ""),)


def owned(api: Api, owner: Obj, resource: str) -> list[Obj]:
    """Return the objects of a resource that an object controls, by name."""
    uid = owner["metadata"]["uid"]
    keys = sorted(key for each, key in api.store.owned_by(uid) if each == resource)
    found = [obj for key in keys if (obj := api.get(resource, key)) is not None]
    return [obj for obj in found if (reference := controller_of(obj)) and reference["uid"] == uid]


def claim(api: Api, owner: Obj, resource: str, selector: Obj | None, manager: str) -> list[Obj]:
    """Adopt and release, and return what belongs to the owner now, by name.

    Args:
        api: where objects are.
        owner: the controller's object.
        resource: of the objects that are claimed.
        selector: a `metav1.LabelSelector`.
        manager: for managedFields.
    """
    found = []
    for obj in owned(api, owner, resource):
        if matches(selector, labels_of(obj)):
            found.append(obj)
        elif not is_deleting(obj) and not is_deleting(owner):
            _write_owners(api, resource, obj, _without(obj, owner), manager)
    if not is_deleting(owner):
        namespace = owner["metadata"].get("namespace", "")
        for obj in api.store.indexed(resource, ORPHANS, namespace):
            if matches(selector, labels_of(obj)) and not is_deleting(obj):
                references = [*(obj["metadata"].get("ownerReferences") or ()), owner_reference(owner)]
                adopted = _write_owners(api, resource, obj, references, manager)
                if adopted is not None:
                    found.append(adopted)
    return sorted(found, key=key_of)


def _without(obj: Obj, owner: Obj) -> list[Obj]:
    uid = owner["metadata"]["uid"]
    return [each for each in obj["metadata"]["ownerReferences"] if each["uid"] != uid]


def _write_owners(api: Api, resource: str, obj: Obj, references: list[Obj], manager: str) -> Obj | None:
    changed = evolve(obj, ("metadata", "ownerReferences"), references or None)
    try:
        return api.update(resource, changed, manager=manager)
    except ApiError:
        # It went away or changed meanwhile; the next event brings the owner back here.
        return None


def owner_keys(obj: Obj, kind: str) -> list[Key]:
    """Return the key of the controller of an object, when it is of this kind."""
    reference = controller_of(obj)
    if reference is None or reference["kind"] != kind:
        return []
    return [Key(obj["metadata"].get("namespace", ""), reference["name"])]
