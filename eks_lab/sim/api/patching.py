"""The verb patch: current object, patch, new object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eks_lab.sim.api import scaling, writes
from eks_lab.sim.api.copies import private_copy
from eks_lab.sim.api.decoding import decode_object
from eks_lab.sim.api.request import Request
from eks_lab.sim.objects import ApiError, Key, Obj, bad_request, not_found
from eks_lab.sim.patches.json_patch import apply_json_patch
from eks_lab.sim.patches.merge_patch import apply_merge_patch
from eks_lab.sim.patches.strategic import apply_strategic_patch

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api


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
    if old is None:
        raise not_found(resource.plural, resource.group, key.name)
    if request.subresource == "scale":
        current = scaling.read_scale(resource, old)
        scale = patched(api, request, current, patch, type, version)
        return scaling.write_scale(api, request, scale)
    conversion = resource.other_versions.get(version)
    current = conversion.encode(old) if conversion is not None else old
    new = patched(api, request, current, patch, type, version)
    check_identity(new, old)
    if field_validation:
        warnings: list[str] = []
        new = decode_object(api, resource, version or resource.version, new, field_validation, warnings)
        request.warn(warnings)
    else:
        new = private_copy(new)
    if conversion is not None:
        new = conversion.decode(new)
    return writes.replace(api, request, old, new)


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
            "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, "
            "application/apply-patch+cbor",
        )
    return apply_strategic_patch(current, patch, api.schemas.of(request.resource, version))


def check_identity(new: Obj, old: Obj) -> None:
    """Refuse a patch that names another object.

    Raises:
        ApiError: 400.
    """
    metadata, before = new.get("metadata") or {}, old["metadata"]
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
