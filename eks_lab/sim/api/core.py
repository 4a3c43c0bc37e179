"""The class Api: every verb of the API server, in process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.kube.types import Schema
from eks_lab.sim.api import deletion, eviction, patching, scaling, writes
from eks_lab.sim.api.binding import bind
from eks_lab.sim.api.lists import ListOptions, Page, list_page
from eks_lab.sim.api.request import Request
from eks_lab.sim.api.schemas import SchemaBook
from eks_lab.sim.objects import SYSTEM, ApiError, Key, Obj, User, not_found
from eks_lab.sim.resource import Admission, Resource
from eks_lab.sim.store import Store

DEPRECATED = {
    ("endpoints", "v1"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ("componentstatuses", "v1"): "v1 ComponentStatus is deprecated in v1.19+",
}
"""Built-in kinds that answer with a Warning (APILifecycleDeprecated in the API's types)."""

PatchType = Literal["json", "merge", "strategic", "apply"]


class Api:
    """Reads and writes objects as a kube-apiserver does: defaults, admission, validation, ownership.

    Authorisation is the HTTP layer's business. What is returned is shared with the store: never change it.
    """

    def __init__(
        self,
        store: Store,
        clock: SimClock,
        ids: Ids,
        version: str,
        resources: Iterable[Resource],
        admission: Sequence[Admission] = (),
    ) -> None:
        """Serve the resources.

        Args:
            store: where objects are kept.
            clock: simulated time.
            ids: where uids and generated names come from.
            version: Kubernetes minor version: `1.36`.
            resources: in the order of discovery.
            admission: plugins in the order they are asked.
        """
        self.store = store
        self.clock = clock
        self.ids = ids
        self.version = version
        self.admission = tuple(admission)
        self.schemas = SchemaBook(version)
        self._resources: dict[str, Resource] = {resource.id: resource for resource in resources}
        self.deprecations: dict[tuple[str, str], str] = dict(DEPRECATED)
        """Resource and API version name -> the Warning of every call."""
        self.catalogue_generation = 0
        """Counts how often a resource came or went."""

    # --- what is served ---------------------------------------------------------------------------------

    def resources(self) -> list[Resource]:
        """Return everything that is served, in the order it was registered."""
        return list(self._resources.values())

    def resource(self, rid: str) -> Resource:
        """Return one resource.

        Args:
            rid: `deployments.apps`, `pods`.

        Raises:
            ApiError: 404, it is not served.
        """
        found = self._resources.get(rid)
        if found is None:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        return found

    def serve(self, resource: Resource, schemas: Mapping[str, Schema] | None = None) -> None:
        """Serve a resource that came later, or replace what is known of it.

        Args:
            resource: usually of a CustomResourceDefinition.
            schemas: API version name (`v1`) -> schema; built-in kinds are looked up by their kind.
        """
        self._resources[resource.id] = resource
        self.catalogue_generation += 1
        self.schemas.define(resource, schemas)

    def withdraw(self, rid: str) -> None:
        """Stop serving a resource; what is stored stays."""
        resource = self._resources.pop(rid, None)
        if resource is not None:
            self.catalogue_generation += 1
            self.schemas.forget(resource)

    # --- reading ----------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self.clock.now()

    def get(self, rid: str, key: Key) -> Obj | None:
        """Return a stored object, or None."""
        return self.store.get(rid, key)

    def items(self, rid: str, namespace: str = "") -> list[Obj]:
        """Return stored objects by namespace and name; all namespaces when none is named."""
        return self.store.items(rid, namespace)

    def read(self, rid: str, key: Key) -> Obj:
        """Return a stored object.

        Raises:
            ApiError: 404.
        """
        found = self.store.get(rid, key)
        if found is None:
            resource = self.resource(rid)
            raise not_found(resource.plural, resource.group, key.name)
        return found

    def page(self, rid: str, options: ListOptions) -> Page:
        """Return a page of a list.

        Raises:
            ApiError: 400, 410, 422 or 504, see `list_page`.
        """
        return list_page(self.store, rid, options)

    # --- writing ----------------------------------------------------------------------------------------

    def create(
        self,
        rid: str,
        obj: Obj,
        *,
        namespace: str = "",
        user: User = SYSTEM,
        manager: str = "",
        dry_run: bool = False,
        warnings: list[str] | None = None,
        options: Mapping[str, Any] | None = None,
        private: bool = False,
    ) -> Obj:
        """Create an object.

        Args:
            rid: resource.
            obj: without uid and resourceVersion; `generateName` is honoured.
            namespace: of the request; the object's own must be equal or empty.
            user: who asks.
            manager: field manager for managedFields; empty leaves ownership alone.
            dry_run: answer as if, store nothing.
            warnings: receives texts for Warning headers.
            options: of the request, for admission.
            private: True when nobody else holds `obj`, which saves a copy.

        Returns:
            The object as stored (as it would be, for a dry run).

        Raises:
            ApiError: 400, 403, 404, 409 or 422 in the server's words.
        """
        request = Request(self.resource(rid), "", user, manager, dry_run, warnings, options or {})
        return writes.create(self, request, obj, namespace, private)

    def update(
        self,
        rid: str,
        obj: Obj,
        *,
        subresource: str = "",
        user: User = SYSTEM,
        manager: str = "",
        dry_run: bool = False,
        warnings: list[str] | None = None,
        options: Mapping[str, Any] | None = None,
        private: bool = False,
    ) -> Obj:
        """Replace an object; one that changes nothing keeps its resourceVersion.

        Args:
            rid: resource.
            obj: whole; its resourceVersion, when it has one, must be the stored one.
            subresource: `status`, `finalize`, `ephemeralcontainers`, `resize`, `approval` or empty.
            user: who asks.
            manager: field manager for managedFields; empty leaves ownership alone.
            dry_run: answer as if, store nothing.
            warnings: receives texts for Warning headers.
            options: of the request, for admission.
            private: True when nobody else holds `obj`, which saves a copy.

        Returns:
            The object as stored; its last state when this write let go of a deleted object.

        Raises:
            ApiError: 400, 403, 404, 409 or 422 in the server's words.
        """
        request = Request(self.resource(rid), subresource, user, manager, dry_run, warnings, options or {})
        return writes.update(self, request, obj, private)

    def update_status(self, rid: str, obj: Obj, *, manager: str = "", user: User = SYSTEM) -> Obj:
        """Replace the status of an object (see `update`)."""
        return self.update(rid, obj, subresource="status", manager=manager, user=user)

    def patch(
        self,
        rid: str,
        key: Key,
        patch: Any,
        *,
        type: PatchType,
        subresource: str = "",
        user: User = SYSTEM,
        manager: str = "",
        force: bool = False,
        dry_run: bool = False,
        warnings: list[str] | None = None,
        options: Mapping[str, Any] | None = None,
        version: str = "",
        field_validation: str = "",
    ) -> Obj:
        """Change an object by a patch; `apply` creates what is missing.

        Args:
            rid: resource.
            key: namespace and name.
            patch: a list of operations for `json`, else an object.
            type: JSON patch, merge patch, strategic merge patch or server-side apply.
            subresource: `status`, `scale`, … or empty.
            user: who asks.
            manager: field manager; required for `apply`.
            force: for `apply`: take over fields that others own.
            dry_run: answer as if, store nothing.
            warnings: receives texts for Warning headers.
            options: of the request, for admission.
            version: API version the patch is written in; empty means the stored one.
            field_validation: `Strict`, `Warn` or `Ignore` decodes the result like a body; empty trusts it.

        Returns:
            The object as stored, in the stored version.

        Raises:
            ApiError: 400, 403, 404, 409 or 422 in the server's words.
        """
        request = Request(self.resource(rid), subresource, user, manager, dry_run, warnings, options or {})
        return patching.patch(
            self,
            request,
            key,
            patch,
            type=type,
            force=force,
            version=version,
            field_validation=field_validation,
        )

    def delete(
        self,
        rid: str,
        key: Key,
        *,
        user: User = SYSTEM,
        grace_seconds: int | None = None,
        propagation: str | None = None,
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
        warnings: list[str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Obj:
        """Delete an object, or mark it as deleting when a grace period or finalizers hold it.

        Args:
            rid: resource.
            key: namespace and name.
            user: who asks.
            grace_seconds: 0 deletes at once; None leaves it to the object.
            propagation: Background, Foreground or Orphan; None leaves it to the resource.
            uid: precondition.
            resource_version: precondition.
            dry_run: answer as if, delete nothing.
            warnings: receives texts for Warning headers.
            options: of the request, for admission.

        Returns:
            The object's last state; `get` afterwards says whether it is still there.

        Raises:
            ApiError: 403, 404 or 409 in the server's words.
        """
        request = Request(self.resource(rid), "", user, "", dry_run, warnings, options or {})
        wish = deletion.Wish(grace_seconds, propagation, uid, resource_version)
        return deletion.delete(self, request, key, wish)

    def finalize(self, rid: str, key: Key, finalizer: str) -> Obj:
        """Remove one finalizer; a deleting object without finalizers goes.

        Raises:
            ApiError: 404.
        """
        obj = self.read(rid, key)
        left = [each for each in obj["metadata"].get("finalizers") or () if each != finalizer]
        metadata = {**obj["metadata"], "finalizers": left}
        if not left:
            del metadata["finalizers"]
        return self.update(rid, {**obj, "metadata": metadata}, private=False)

    # --- subresources -----------------------------------------------------------------------------------

    def bind(
        self, pod: Key, node: str, *, uid: str = "", annotations: Mapping[str, str] | None = None
    ) -> Obj:
        """Bind a pod to a node: nodeName, PodScheduled, and the node's topology labels.

        Raises:
            ApiError: 404 no such pod, 409 bound already or going, 422 scheduling gates.
        """
        return bind(self, pod, node, uid=uid, annotations=annotations or {})

    def evict(
        self,
        pod: Key,
        *,
        user: User = SYSTEM,
        grace_seconds: int | None = None,
        propagation: str | None = None,
        uid: str = "",
        dry_run: bool = False,
    ) -> None:
        """Delete a pod if its disruption budgets allow it.

        Raises:
            ApiError: 404, 409, 429 the budget forbids it, 500 several budgets.
        """
        request = Request(self.resource("pods"), "eviction", user, "", dry_run, None, {})
        eviction.evict(self, request, pod, deletion.Wish(grace_seconds, propagation, uid, ""))

    def scale(self, rid: str, key: Key) -> Obj:
        """Return the Scale of an object (autoscaling/v1).

        Raises:
            ApiError: 404, there is no such object or it cannot be scaled.
        """
        return scaling.read_scale(self.resource(rid), self.read(rid, key))

    def set_scale(
        self, rid: str, scale: Obj, *, user: User = SYSTEM, manager: str = "", dry_run: bool = False
    ) -> Obj:
        """Write a Scale; returns the Scale that is.

        Raises:
            ApiError: 404, 409 or 422.
        """
        request = Request(self.resource(rid), "scale", user, manager, dry_run, None, {})
        return scaling.write_scale(self, request, scale)
