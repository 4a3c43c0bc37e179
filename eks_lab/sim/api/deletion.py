"""Deletion: grace, finalizers, propagation (registry/generic/registry/store.go, rest/delete.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eks_lab.sim.api import namespace_lifecycle
from eks_lab.sim.api.request import Request
from eks_lab.sim.objects import Key, Obj, conflict, duration, evolve, not_found, parse_time, timestamp
from eks_lab.sim.resource import Resource

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"

ORPHANS_BY_DEFAULT = frozenset({"jobs.batch", "replicationcontrollers"})
"""Resources whose default policy, kept for old clients, leaves dependents alone."""

JOB_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them "
    "or set propagationPolicy=Orphan to suppress this warning"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a deletion asks for."""

    grace_seconds: int | None = None
    """0 deletes at once; None leaves it to the object."""
    propagation: str | None = None
    """Background, Foreground or Orphan; None leaves it to the resource."""
    uid: str = ""
    """Precondition."""
    resource_version: str = ""
    """Precondition."""


def delete(api: Api, request: Request, key: Key, wish: Wish) -> Obj:
    """Delete an object (see `Api.delete`)."""
    resource = request.resource
    old = api.store.get(resource.id, key)
    if old is None:
        raise not_found(resource.plural, resource.group, key.name)
    namespace_lifecycle.check_delete(resource, key)
    _check_preconditions(resource, old, wish)
    if resource.may_delete is not None:
        resource.may_delete(old, api)
    attributes = request.attributes("DELETE", key)
    for plugin in api.admission:
        plugin.admit(attributes, None, old, api)
    for plugin in api.admission:
        request.warn(plugin.validate(attributes, None, old, api))
    if resource.id == "jobs.batch" and wish.propagation is None:
        request.warn([JOB_WARNING])

    new = _graceful(api, resource, old, wish)
    if new is None:
        # A graceful deletion is under way and this one would not hasten it.
        return old
    finalizers = _finalizers(resource, old, wish)
    if list(old["metadata"].get("finalizers") or ()) != finalizers:
        new = evolve(new, ("metadata", "finalizers"), finalizers or None)
    is_held = bool(finalizers) or (
        resource.id == "namespaces" and bool((old.get("spec") or {}).get("finalizers"))
    )
    if is_held and new["metadata"].get("deletionTimestamp") is None:
        new = _marked(api, new, 0)
    if resource.id == "namespaces" and is_held:
        new = evolve(new, ("status", "phase"), "Terminating")
    waits = is_held or bool(new["metadata"].get("deletionGracePeriodSeconds"))
    if request.dry_run:
        return new
    if new is not old and new != old:
        new = api.store.put(resource.id, new)
    return new if waits else api.store.remove(resource.id, key)


def _check_preconditions(resource: Resource, old: Obj, wish: Wish) -> None:
    metadata = old["metadata"]
    name, group, plural = metadata["name"], resource.group, resource.plural
    if wish.uid and wish.uid != metadata["uid"]:
        raise conflict(
            plural,
            group,
            name,
            f"the UID in the precondition ({wish.uid}) does not match the UID in record ({metadata['uid']}). "
            "The object might have been deleted and then recreated",
        )
    if wish.resource_version and wish.resource_version != metadata["resourceVersion"]:
        raise conflict(
            plural,
            group,
            name,
            f"the ResourceVersion in the precondition ({wish.resource_version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). The object might have been modified",
        )


def _graceful(api: Api, resource: Resource, old: Obj, wish: Wish) -> Obj | None:
    """Return the object with its grace period; None when a deletion under way stays as it is."""
    metadata = old["metadata"]
    if resource.grace_seconds is None:
        return old
    asked = wish.grace_seconds
    if asked is not None and asked < 0:
        asked = 1
    if metadata.get("deletionTimestamp"):
        period = metadata.get("deletionGracePeriodSeconds")
        if period is None:
            return old
        if asked is None or asked >= period:
            return old if period == 0 and not metadata.get("finalizers") else None
        moment = parse_time(metadata["deletionTimestamp"]) + duration(asked - period)
        shorter = {"deletionTimestamp": timestamp(moment), "deletionGracePeriodSeconds": asked}
        return {**old, "metadata": {**metadata, **shorter}}
    return _marked(api, old, resource.grace_seconds(old, asked))


def _marked(api: Api, obj: Obj, grace: int) -> Obj:
    """Return the object as deleting."""
    metadata = {**obj["metadata"]}
    metadata["deletionTimestamp"] = timestamp(api.clock.now() + duration(grace))
    metadata["deletionGracePeriodSeconds"] = grace
    if metadata.get("generation"):
        metadata["generation"] += 1
    return {**obj, "metadata": metadata}


def _finalizers(resource: Resource, old: Obj, wish: Wish) -> list[str]:
    """Return the finalizers with what the propagation policy adds or takes."""
    present = list(old["metadata"].get("finalizers") or ())
    has_orphan, has_foreground = ORPHAN in present, FOREGROUND in present
    match wish.propagation:
        case "Orphan":
            has_orphan, has_foreground = True, False
        case "Foreground":
            has_orphan, has_foreground = False, True
        case "Background":
            has_orphan = has_foreground = False
        case _:
            if not has_orphan and not has_foreground:
                has_orphan = resource.id in ORPHANS_BY_DEFAULT
    kept = [each for each in present if each not in (ORPHAN, FOREGROUND)]
    wanted = kept + [ORPHAN] * has_orphan + [FOREGROUND] * has_foreground
    return present if set(wanted) == set(present) else wanted
