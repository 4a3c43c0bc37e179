"""Create and update: the order of things in a kube-apiserver (registry/generic/registry/store.go, rest/create.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.sim.api import namespace_lifecycle
from eks_lab.sim.api.copies import private_copy
from eks_lab.sim.api.metadata import metadata_errors, metadata_update_errors
from eks_lab.sim.api.partial import carry_over
from eks_lab.sim.api.request import Request
from eks_lab.sim.objects import (
    ApiError,
    FieldError,
    Key,
    Obj,
    already_exists,
    bad_request,
    conflict,
    invalid_object,
    not_found,
    share_parts,
    timestamp,
)
from eks_lab.sim.patches import ownership
from eks_lab.sim.resource import Resource

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api

LONGEST_BASE = 58
"""A generated name keeps this much of its prefix (storage/names/generate.go: 63 - 5)."""

MUST_STATE_VERSION = frozenset(
    {
        "apiservices.apiregistration.k8s.io",
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io",
        "leases.coordination.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "poddisruptionbudgets.policy",
        "validatingadmissionpolicies.admissionregistration.k8s.io",
        "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "volumeattachments.storage.k8s.io",
    }
)
"""Resources whose strategy answers False to AllowUnconditionalUpdate; custom resources do too."""

WRONG_NAMESPACE = "the namespace of the provided object does not match the namespace sent on the request"


# --- create -------------------------------------------------------------------------------------------------


def create(api: Api, request: Request, obj: Obj, namespace: str, private: bool) -> Obj:
    """Create an object (see `Api.create`)."""
    resource = request.resource
    obj = _ordered(resource, obj if private else private_copy(obj))
    metadata: Obj = obj["metadata"]
    settle_namespace(resource, metadata, namespace)
    if metadata.get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    _fill_metadata(api, metadata)
    key = Key(metadata.get("namespace", ""), metadata.get("name", ""))

    resource.default(obj, api)
    namespace_lifecycle.check_create(resource, key, api)
    attributes = request.attributes("CREATE", key)
    if request.manager:
        # Before admission, as handlers/create.go does it: what plugins add belongs to nobody.
        ownership.record_create(api, request, obj)
    for plugin in api.admission:
        plugin.admit(attributes, obj, None, api)
    if api.admission:
        resource.default(obj, api)

    resource.prepare_create(obj, api)
    if resource.counts_generation:
        metadata["generation"] = 1
    else:
        metadata.pop("generation", None)
    errors = metadata_errors(resource, metadata) + resource.validate(obj, api)
    if errors:
        raise invalid_object(resource.kind, resource.group, metadata.get("name", ""), errors)
    request.warn(resource.warnings(obj, None, api))
    for plugin in api.admission:
        request.warn(plugin.validate(attributes, obj, None, api))

    stored = api.store.get(resource.id, key)
    if stored is not None:
        error = already_exists(resource.plural, resource.group, key.name)
        if stored["metadata"].get("deletionTimestamp"):
            raise ApiError(
                error.code, error.reason, f"object is being deleted: {error.message}", error.details
            )
        raise error
    _tidy(metadata)
    if resource.id == "pods":
        obj["spec"] = share_parts(obj["spec"])
        obj["metadata"] = share_parts(obj["metadata"])
    return obj if request.dry_run else api.store.put(resource.id, obj)


def settle_namespace(resource: Resource, metadata: Obj, namespace: str) -> None:
    """Give the object the request's namespace (EnsureObjectNamespaceMatchesRequestNamespace).

    Raises:
        ApiError: 400, the two differ.
    """
    if not resource.namespaced:
        metadata.pop("namespace", None)
        return
    own = metadata.get("namespace") or ""
    if own and namespace and own != namespace:
        raise bad_request(WRONG_NAMESPACE)
    metadata["namespace"] = own or namespace


def _ordered(resource: Resource, obj: Obj) -> Obj:
    """Return the object with kind, apiVersion and metadata first, as the server writes it."""
    ordered: Obj = {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": obj.get("metadata") or {},
    }
    for key, value in obj.items():
        if key not in ordered:
            ordered[key] = value
    return ordered


def _fill_metadata(api: Api, metadata: Obj) -> None:
    """Set what only the server sets on a new object (rest.FillObjectMetaSystemFields)."""
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"][:LONGEST_BASE] + api.ids.suffix()
    metadata["uid"] = api.ids.uid()
    metadata["creationTimestamp"] = timestamp(api.clock.now())
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
        metadata.pop(field, None)


def _tidy(metadata: Obj) -> None:
    """Drop what Go leaves out: empty maps and lists."""
    for field in ("labels", "annotations", "finalizers", "ownerReferences", "managedFields", "generateName"):
        if field in metadata and not metadata[field]:
            del metadata[field]


# --- update -------------------------------------------------------------------------------------------------


def update(api: Api, request: Request, obj: Obj, private: bool) -> Obj:
    """Replace an object (see `Api.update`)."""
    resource = request.resource
    metadata = obj.get("metadata") or {}
    key = Key((metadata.get("namespace") or "") if resource.namespaced else "", metadata.get("name") or "")
    old = api.store.get(resource.id, key)
    if old is None:
        raise not_found(resource.plural, resource.group, key.name)
    uid = metadata.get("uid")
    if uid and uid != old["metadata"]["uid"]:
        raise conflict(
            resource.plural,
            resource.group,
            key.name,
            f"StorageError: invalid object, Code: 4, Key: {storage_path(resource, key)}, ResourceVersion: 0, "
            f"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {old['metadata']['uid']}",
        )
    is_partial = request.subresource != ""
    return replace(api, request, old, obj if private or is_partial else private_copy(obj))


def storage_path(resource: Resource, key: Key) -> str:
    """Return where etcd would keep an object; the server's messages quote it."""
    group = f"{resource.group}/" if resource.dynamic else ""
    namespace = f"{key.namespace}/" if key.namespace else ""
    return f"/registry/{group}{resource.plural}/{namespace}{key.name}"


def replace(api: Api, request: Request, old: Obj, obj: Obj) -> Obj:
    """Write a new state over a stored one.

    Args:
        api: the server.
        request: who writes what.
        old: as stored.
        obj: the whole object as asked for; changed in place unless `request` names a subresource.

    Returns:
        The object as stored, `old` itself when nothing changed.

    Raises:
        ApiError: 400, 403, 409 or 422.
    """
    resource = request.resource
    key = Key(old["metadata"].get("namespace", ""), old["metadata"]["name"])
    new = carry_over(resource, request.subresource, old, _ordered(resource, obj))
    metadata: Obj = new["metadata"]
    attributes = request.attributes("UPDATE", key)

    if not request.subresource or request.subresource in resource.subresource_validation:
        resource.default(new, api)
    if request.manager:
        ownership.record_update(api, request, old, new)
    for plugin in api.admission:
        plugin.admit(attributes, new, old, api)
    check_version(resource, old, metadata)
    if not request.subresource:
        resource.prepare_update(new, old, api)
    _tidy(metadata)
    _count_generation(request, new, old)

    errors = update_errors(api, request, new, old)
    if errors:
        kind, group = resource.kind, resource.group
        raise invalid_object(kind, group, key.name, errors)
    if not request.subresource:
        request.warn(resource.warnings(new, old, api))
    for plugin in api.admission:
        request.warn(plugin.validate(attributes, new, old, api))

    if ownership.is_unchanged(new, old):
        return old
    if request.dry_run:
        return new
    if is_let_go(resource, new, old):
        api.store.put(resource.id, new)
        return api.store.remove(resource.id, key)
    return api.store.put(resource.id, new)


def check_version(resource: Resource, old: Obj, metadata: Obj) -> None:
    """Honour the resourceVersion of a write, and settle it to the stored one.

    Raises:
        ApiError: 409 another version is stored, 422 the resource demands one.
    """
    stored, asked = old["metadata"]["resourceVersion"], metadata.get("resourceVersion") or ""
    name = old["metadata"]["name"]
    if asked and asked != stored:
        raise conflict(resource.plural, resource.group, name)
    if not asked and (resource.dynamic or resource.id in MUST_STATE_VERSION):
        # The value is printed as Go prints a uint64 in hexadecimal notation.
        error = FieldError(
            "Invalid", "metadata.resourceVersion", "Invalid value: 0x0: must be specified for an update"
        )
        raise invalid_object(resource.kind, resource.group, name, [error])
    metadata["resourceVersion"] = stored


def update_errors(api: Api, request: Request, new: Obj, old: Obj) -> list[FieldError]:
    """Return everything wrong with an update."""
    resource = request.resource
    errors = metadata_update_errors(new["metadata"], old["metadata"])
    if not errors and any(
        new["metadata"].get(field) != old["metadata"].get(field)
        for field in ("labels", "annotations", "ownerReferences", "finalizers")
    ):
        errors = metadata_errors(resource, new["metadata"])
    if request.subresource == "status":
        return errors + resource.validate_status_update(new, old, api)
    judge = resource.subresource_validation.get(request.subresource)
    if judge is not None:
        return errors + judge(new, old, api)
    if request.subresource == "finalize":
        return errors
    return errors + resource.validate_update(new, old, api)


def _count_generation(request: Request, new: Obj, old: Obj) -> None:
    resource = request.resource
    generation = old["metadata"].get("generation")
    if generation is None:
        new["metadata"].pop("generation", None)
        return
    ignored = {"metadata", "status"} if resource.has_status else {"metadata"}
    if (
        resource.counts_generation
        and request.subresource != "status"
        and any(new.get(field) != old.get(field) for field in {*new, *old} - ignored)
    ):
        generation += 1
    new["metadata"]["generation"] = generation


def is_let_go(resource: Resource, new: Obj, old: Obj) -> bool:
    """Say whether a write removed the last thing that held a deleted object (ShouldDeleteDuringUpdate)."""
    before = old["metadata"]
    if not before.get("deletionTimestamp") or before.get("deletionGracePeriodSeconds"):
        return False
    if new["metadata"].get("finalizers"):
        return False
    if resource.id == "namespaces":
        return not (new.get("spec") or {}).get("finalizers")
    return True
