"""The verb patch: current object, patch, new object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eks_lab.kube.types import GroupVersionKind
from eks_lab.sim.api import scaling, writes
from eks_lab.sim.api.copies import private_copy
from eks_lab.sim.api.decoding import UndecodableError, decode_kind, decode_object
from eks_lab.sim.api.misfits import misfit
from eks_lab.sim.api.request import Request
from eks_lab.sim.objects import ApiError, Key, Obj, bad_request, conflict, not_found, timestamp
from eks_lab.sim.patches import ownership
from eks_lab.sim.patches.apply import apply_configuration
from eks_lab.sim.patches.json_patch import apply_json_patch
from eks_lab.sim.patches.merge_patch import apply_merge_patch
from eks_lab.sim.patches.strategic import apply_strategic_patch
from eks_lab.sim.resource import Resource

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api

SCALE = GroupVersionKind("autoscaling", "v1", "Scale")


def patch(
    api: Api,
    request: Request,
    key: Key,
    patch: Any,
    *,
    type: str,
    force: bool,
    version: str,
    field_validation: str,
) -> Obj:
    """Patch an object (see `Api.patch`)."""
    resource = request.resource
    old = api.store.get(resource.id, key)
    if type == "apply":
        return apply(api, request, key, old, patch, force, version)
    if old is None:
        raise not_found(resource.plural, resource.group, key.name)
    if request.subresource == "scale":
        current = scaling.read_scale(resource, old)
        scale = decode_kind(api, SCALE, patched(api, request, current, patch, type, version))
        return scaling.write_scale(api, request, scale)
    conversion = resource.other_versions.get(version)
    current = conversion.encode(old) if conversion is not None else old
    new = patched(api, request, current, patch, type, version)
    check_identity(new, old)
    if field_validation:
        warnings: list[str] = []
        try:
            new = decode_object(api, resource, version or resource.version, new, field_validation, warnings)
        except UndecodableError as error:
            schema = api.schemas.of(resource, version or resource.version)
            raise misfit(type, patch, new, schema, error.problem) from None
        request.warn(warnings)
    else:
        new = private_copy(new)
    if conversion is not None:
        new = conversion.decode(new)
    return writes.replace(api, request, old, new)


def apply(
    api: Api, request: Request, key: Key, old: Obj | None, patch: Any, force: bool, version: str
) -> Obj:
    """Apply a configuration (see `Api.patch`)."""
    resource = request.resource
    check_applied(resource, version or resource.version, key, patch)
    shape = ownership.root_shape(api, resource, version)
    if shape is None:
        raise bad_request(f"{resource.kind} has no schema to apply by")
    if old is None and request.subresource:
        raise not_found(resource.plural, resource.group, key.name)
    if request.subresource == "scale":
        raise ApiError(
            501,
            "NotImplemented",
            "server-side apply of the scale subresource is not simulated by eks-lab. Nearest: kubectl scale, or "
            "apply spec.replicas of the object. Real EKS: applies it under the manager's own entry",
        )
    metadata = {**(patch.get("metadata") or {}), "name": key.name}
    if resource.namespaced:
        metadata["namespace"] = key.namespace
    configuration = {**patch, "metadata": metadata}
    conversion = resource.other_versions.get(version)
    current = (conversion.encode(old) if conversion is not None else old) if old is not None else None
    live = ownership.without_managers(current) if current is not None else {}
    manager = ownership.Manager(request.manager, "Apply", configuration["apiVersion"], request.subresource)
    managers = ownership.read_managers(current) if current is not None else {}
    merged, managers = apply_configuration(
        shape, resource, live, configuration, managers, manager, force, timestamp(api.clock.now())
    )
    merged = {**merged, "metadata": {**merged["metadata"], "managedFields": ownership.written(managers)}}
    warnings: list[str] = []
    new = decode_object(api, resource, version or resource.version, merged, "Ignore", warnings)
    if conversion is not None:
        new = {**conversion.decode(new), "apiVersion": resource.api_version, "kind": resource.kind}
    silent = replace(request, manager="")
    if old is None:
        uid = metadata.get("uid")
        if uid:
            why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            raise conflict(resource.plural, resource.group, key.name, why)
        return writes.create(api, silent, new, key.namespace, True)
    return writes.replace(api, silent, old, new)


def check_applied(resource: Resource, version: str, key: Key, patch: Any) -> None:
    """Refuse a configuration that is not one of this object.

    Raises:
        ApiError: 400.
    """
    wanted = f"{resource.group}/{version}" if resource.group else version
    if not isinstance(patch, dict):
        raise bad_request("error decoding YAML: the configuration is no object")
    for field, value in (("kind", patch.get("kind")), ("apiVersion", patch.get("apiVersion"))):
        if not value:
            raise bad_request(
                f"Object '{'Kind' if field == 'kind' else 'apiVersion'}' is missing in the configuration"
            )
    if (patch["apiVersion"], patch["kind"]) != (wanted, resource.kind):
        raise bad_request(
            f"incorrect version specified in apply patch. Specified patch version: {patch['apiVersion']}, "
            f"expected: {wanted}"
        )
    metadata = patch.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise bad_request(f"metadata is no object in the configuration of {resource.kind} {key.name!r}")
    if metadata.get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    name = metadata.get("name") or key.name
    if name != key.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({key.name})")
    namespace = metadata.get("namespace") or key.namespace
    if resource.namespaced and namespace != key.namespace:
        raise bad_request(
            f"the namespace of the object ({namespace}) does not match the namespace on the URL ({key.namespace})"
        )


def patched(api: Api, request: Request, current: Obj, patch: Any, type: str, version: str) -> Obj:
    """Return the current object with a patch applied.

    Raises:
        ApiError: 400, 415 or 422.
    """
    if type == "json":
        return apply_json_patch(current, patch)
    if not isinstance(patch, dict):
        found = {list: "array", str: "string", bool: "bool"}.get(patch.__class__, "number")
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        )
    if type == "merge":
        merged: Obj = apply_merge_patch(current, patch)
        return merged
    if request.resource.dynamic:
        raise ApiError(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
        )
    return apply_strategic_patch(current, patch, api.schemas.of(request.resource, version))


def check_identity(new: Obj, old: Obj) -> None:
    """Refuse a patch that names another object.

    Raises:
        ApiError: 400.
    """
    metadata, before = new.get("metadata"), old["metadata"]
    if not isinstance(metadata, dict):
        # The decoder says what is wrong with it; a missing one names nothing.
        metadata = {"name": before["name"]} if metadata is not None else {}
    name = metadata.get("name") or ""
    if name != before["name"]:
        raise bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({before['name']})"
        )
    namespace = metadata.get("namespace") or ""
    if namespace and namespace != before.get("namespace", ""):
        raise bad_request(
            f"the namespace of the object ({namespace}) does not match the namespace on the URL "
            f"({before.get('namespace', '')})"
        )
