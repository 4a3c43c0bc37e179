"""What a write of the object, or of one of its subresources, may change at all."""

from __future__ import annotations

from eks_lab.sim.objects import Obj, evolve
from eks_lab.sim.resource import Resource

_SYSTEM_FIELDS = (
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "uid",
    "namespace",
    "name",
)


def carry_over(resource: Resource, subresource: str, old: Obj, obj: Obj) -> Obj:
    """Return the new state: what was asked for, and the stored state of what this write may not change.

    Args:
        resource: of the object.
        subresource: empty for the object itself.
        old: as stored.
        obj: as asked for.
    """
    metadata = {**obj["metadata"]}
    before = old["metadata"]
    for field in _SYSTEM_FIELDS:
        if not metadata.get(field) and field in before:
            metadata[field] = before[field]
    if "generation" in before:
        metadata["generation"] = before["generation"]
    if "managedFields" not in metadata and "managedFields" in before:
        metadata["managedFields"] = before["managedFields"]
    if subresource in ("", "scale"):
        new = {**obj, "metadata": metadata}
        if resource.has_status:
            new.pop("status", None)
            if "status" in old:
                new["status"] = old["status"]
        return new
    return _part(
        resource, subresource, {**old, "metadata": _metadata_of_part(resource, metadata, before)}, obj
    )


def _metadata_of_part(resource: Resource, metadata: Obj, before: Obj) -> Obj:
    """Return the metadata of a subresource's write: nodes and pods take theirs along, the rest only annotations."""
    kept = {**before}
    fields = ["finalizers", "annotations", "managedFields", "resourceVersion"]
    if resource.dynamic:
        fields = ["managedFields", "resourceVersion"]
    elif resource.id in ("nodes", "pods"):
        fields.append("labels")
    for field in fields:
        if field in metadata:
            kept[field] = metadata[field]
        else:
            kept.pop(field, None)
    # A write that would change what nobody may change is told so, not silently mended.
    for field in _SYSTEM_FIELDS:
        if field in metadata:
            kept[field] = metadata[field]
    return kept


def _part(resource: Resource, subresource: str, old: Obj, obj: Obj) -> Obj:
    match subresource:
        case "finalize":
            return evolve(old, ("spec", "finalizers"), (obj.get("spec") or {}).get("finalizers") or None)
        case "ephemeralcontainers":
            wanted = (obj.get("spec") or {}).get("ephemeralContainers") or None
            return evolve(old, ("spec", "ephemeralContainers"), wanted)
        case "resize":
            return evolve(old, ("spec", "containers"), _resized(old, obj))
        case "approval":
            conditions = (obj.get("status") or {}).get("conditions") or None
            return evolve(old, ("status", "conditions"), conditions)
        case _:
            return evolve(old, ("status",), obj.get("status"))


def _resized(old: Obj, obj: Obj) -> list[Obj]:
    wanted = {each["name"]: each for each in (obj.get("spec") or {}).get("containers") or ()}
    containers = []
    for container in old["spec"]["containers"]:
        change = wanted.get(container["name"], container)
        new = {**container, "resources": change.get("resources") or {}}
        if "resizePolicy" in change:
            new["resizePolicy"] = change["resizePolicy"]
        containers.append(new)
    return containers
