"""The scale subresource: `autoscaling/v1` Scale over any resource that counts replicas."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eks_lab.sim.api.request import Request
from eks_lab.sim.api.writes import replace
from eks_lab.sim.objects import ApiError, Key, Obj, conflict, evolve, invalid, invalid_object
from eks_lab.sim.resource import Resource, Scale

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api


def _scale_of(resource: Resource) -> Scale:
    if resource.scale is None:
        raise ApiError(404, "NotFound", "the server could not find the requested resource")
    return resource.scale


def _number(obj: Obj, path: Sequence[str]) -> int:
    here: Any = obj
    for step in path:
        here = (here or {}).get(step)
    return here if isinstance(here, int) else 0


def read_scale(resource: Resource, obj: Obj) -> Obj:
    """Return the Scale of an object.

    Raises:
        ApiError: 404, the resource has no scale.
    """
    scale = _scale_of(resource)
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    metadata = {field: obj["metadata"][field] for field in kept if field in obj["metadata"]}
    replicas = _number(obj, scale.spec_replicas)
    status: Obj = {"replicas": _number(obj, scale.status_replicas)}
    selector = scale.selector(obj)
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def write_scale(api: Api, request: Request, scale: Obj) -> Obj:
    """Write a Scale (see `Api.set_scale`)."""
    resource = request.resource
    path = _scale_of(resource).spec_replicas
    metadata = scale.get("metadata") or {}
    key = Key((metadata.get("namespace") or "") if resource.namespaced else "", metadata.get("name") or "")
    old = api.read(resource.id, key)
    version = metadata.get("resourceVersion")
    if version and version != old["metadata"]["resourceVersion"]:
        raise conflict(resource.plural, resource.group, key.name)
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    if replicas < 0:
        error = invalid("spec.replicas", replicas, "must be greater than or equal to 0")
        group = "" if not resource.dynamic else "autoscaling"
        raise invalid_object("Scale", group, key.name, [error])
    if _number(old, path) == replicas and request.manager:
        return read_scale(
            resource, replace(api, dataclasses.replace(request, manager=""), old, _split(old, path))
        )
    new = evolve(old, path, replicas)
    return read_scale(resource, replace(api, request, old, new))


def _split(obj: Obj, path: Sequence[str]) -> Obj:
    """Return an object whose managers own its replicas under an entry of their own.

    A Scale is written in autoscaling/v1. On the way back the server no longer recognises the Update entries it
    took the replicas from, so each loses them to a new entry of the same manager: a write that changes no number
    is a write all the same (apimachinery/pkg/util/managedfields/scalehandler.go: ToParent).
    """
    entries = obj["metadata"].get("managedFields") or []
    kept: list[Obj] = []
    moved: list[Obj] = []
    for entry in entries:
        fields = entry.get("fieldsV1") or {}
        rest = _without(fields, [f"f:{step}" for step in path])
        if entry.get("operation") != "Update" or rest == fields or not rest:
            kept.append(entry)
            continue
        alone: Obj = {}
        for step in reversed(path):
            alone = {f"f:{step}": alone}
        kept.append({**entry, "fieldsV1": rest})
        moved.append({**entry, "fieldsV1": alone})
    return evolve(obj, ("metadata", "managedFields"), [*kept, *moved]) if moved else obj


def _without(fields: Obj, path: Sequence[str]) -> Obj:
    """Return a set of fields without one of them; sets that become empty go, too."""
    first, *rest = path
    if first not in fields:
        return fields
    inner = _without(fields[first], rest) if rest else {}
    others = {name: value for name, value in fields.items() if name != first}
    if not inner:
        return others
    return fields if inner == fields[first] else {**fields, first: inner}
