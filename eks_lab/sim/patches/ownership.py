"""managedFields: who owns which field (apimachinery/pkg/util/managedfields)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eks_lab.sim.objects import Obj, share, timestamp
from eks_lab.sim.patches.comparison import changed_fields
from eks_lab.sim.patches.field_sets import Fields, difference, union
from eks_lab.sim.patches.shapes import Shape, shape_of
from eks_lab.sim.resource import Resource

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api
    from eks_lab.sim.api.request import Request

MOST_UPDATE_MANAGERS = 10
"""Updaters remembered one by one; older ones become one (DefaultMaxUpdateManagers)."""
ANCIENT = "ancient-changes"

_NOBODYS = frozenset(
    {
        "f:name",
        "f:namespace",
        "f:creationTimestamp",
        "f:selfLink",
        "f:uid",
        "f:clusterName",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
    }
)
"""Fields of metadata that only the server writes (stripmeta.go)."""


@dataclass(frozen=True, slots=True)
class Manager:
    """Who owns fields, and in which way."""

    name: str
    operation: str
    """Apply or Update."""
    api_version: str
    """In which the fields are written."""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """What one manager owns."""

    fields: Fields
    time: str = ""
    """When it last changed something; empty when it never did."""


Managers = dict[Manager, Owned]


def read_managers(obj: Obj) -> Managers:
    """Return the managers of an object; entries that make no sense are left out."""
    managers: Managers = {}
    for entry in obj["metadata"].get("managedFields") or ():
        fields = entry.get("fieldsV1")
        if not isinstance(fields, dict):
            continue
        manager = Manager(
            entry.get("manager") or "",
            entry.get("operation") or "Update",
            entry.get("apiVersion") or "",
            entry.get("subresource") or "",
        )
        managers[manager] = Owned(fields, entry.get("time") or "")
    return managers


def written(managers: Managers) -> list[Obj]:
    """Return managedFields, in the server's order."""
    ordered = sorted(
        managers.items(),
        key=lambda each: (
            each[0].operation,
            each[1].time,
            each[0].name,
            each[0].api_version,
            each[0].subresource,
        ),
    )
    entries = []
    for manager, owned in ordered:
        entry: Obj = {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": manager.api_version,
        }
        if owned.time:
            entry["time"] = owned.time
        entry["fieldsType"] = "FieldsV1"
        entry["fieldsV1"] = owned.fields
        if manager.subresource:
            entry["subresource"] = manager.subresource
        entries.append(share(entry))
    return entries


def stripped(fields: Fields, resource: Resource, subresource: str) -> Fields:
    """Return a set without what nobody owns and what this kind of write cannot change."""
    left = {key: node for key, node in fields.items() if key not in ("f:apiVersion", "f:kind")}
    metadata = left.get("f:metadata")
    if metadata is not None:
        kept = {key: node for key, node in metadata.items() if key not in _NOBODYS and key != "."}
        if kept:
            left["f:metadata"] = kept
        else:
            del left["f:metadata"]
    if subresource == "status":
        left.pop("f:spec", None)
    elif not subresource and resource.has_status:
        left.pop("f:status", None)
    return left


def root_shape(api: Api, resource: Resource, version: str = "") -> Shape | None:
    """Return the shape of a resource's objects; None when nothing is known of them."""
    schema = api.schemas.of(resource, version)
    if schema is None:
        return None
    if resource.dynamic:
        meta = api.schemas.built_in.definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
        return shape_of(schema, meta)
    return shape_of(schema)


def record_create(api: Api, request: Request, obj: Obj) -> None:
    """Note the fields of a new object under its manager, in its own metadata."""
    _record(api, request, None, obj)


def record_update(api: Api, request: Request, old: Obj, new: Obj) -> None:
    """Note what an update changed under its manager; others lose what it took or removed."""
    _record(api, request, old, new)


def _record(api: Api, request: Request, old: Obj | None, new: Obj) -> None:
    resource = request.resource
    shape = root_shape(api, resource)
    if shape is None:
        return
    managers = read_managers(new) if old is None or new["metadata"].get("managedFields") else {}
    if old is not None and not managers and "managedFields" not in new["metadata"]:
        managers = read_managers(old)
    before = without_managers(old) if old is not None else None
    changed, removed = changed_fields(shape, before, without_managers(new))
    changed = stripped(changed, resource, request.subresource)
    if not changed and not removed:
        return
    manager = Manager(request.manager, "Update", resource.api_version, request.subresource)
    managers = disowned(managers, manager, union(changed, removed))
    if changed:
        owned = managers.get(manager)
        fields = union(owned.fields, changed) if owned is not None else changed
        managers[manager] = Owned(fields, timestamp(api.clock.now()))
    new["metadata"]["managedFields"] = written(_capped(managers))


def disowned(managers: Managers, manager: Manager, lost: Fields) -> Managers:
    """Return the managers without fields they lost; those left with nothing are gone.

    Args:
        managers: of the object.
        manager: who made the change; it loses nothing that it wrote, only what is gone.
        lost: fields that changed or vanished.
    """
    left: Managers = {}
    for each, owned in managers.items():
        fields = difference(owned.fields, lost)
        if fields:
            left[each] = owned if fields is owned.fields else replace(owned, fields=fields)
    return left


def without_managers(obj: Obj) -> Obj:
    """Return an object without its managedFields."""
    if "managedFields" not in obj["metadata"]:
        return obj
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": metadata}


def _capped(managers: Managers) -> Managers:
    """Join the oldest updaters when there are too many (capmanagers.go)."""
    updaters = [manager for manager in managers if manager.operation == "Update"]
    too_many = len(updaters) - MOST_UPDATE_MANAGERS
    if too_many <= 0:
        return managers
    updaters.sort(key=lambda each: (managers[each].time, each.name))
    merged = dict(managers)
    for manager in updaters[: too_many + 1]:
        owned = merged.pop(manager)
        ancient = Manager(ANCIENT, "Update", manager.api_version)
        known = merged.get(ancient)
        fields = union(known.fields, owned.fields) if known is not None else owned.fields
        merged[ancient] = Owned(fields, max(owned.time, known.time if known is not None else ""))
    return merged


def is_unchanged(new: Obj, old: Obj) -> bool:
    """Say whether two states differ in nothing but the times of managedFields."""
    if new is old:
        return True
    if any(new.get(key) != old.get(key) for key in {*new, *old} if key != "metadata"):
        return False
    one, other = new["metadata"], old["metadata"]
    if any(one.get(key) != other.get(key) for key in {*one, *other} if key != "managedFields"):
        return False
    mine, theirs = one.get("managedFields"), other.get("managedFields")
    return mine is theirs or _timeless(mine) == _timeless(theirs)


def _timeless(entries: Any) -> list[Obj]:
    stripped_entries = [
        {key: value for key, value in entry.items() if key != "time"} for entry in entries or ()
    ]
    return sorted(
        stripped_entries,
        key=lambda each: (
            each.get("operation", ""),
            each.get("manager", ""),
            each.get("apiVersion", ""),
            each.get("subresource", ""),
        ),
    )
