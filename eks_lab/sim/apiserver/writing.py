"""The verbs create, update and patch, and the subresources that are written by a create."""

from __future__ import annotations

from typing import Any

from eks_lab.sim.api.decoding import decode_object
from eks_lab.sim.apiserver import bodies
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.apiserver.answers import Answer
from eks_lab.sim.apiserver.negotiation import Form, form_of
from eks_lab.sim.apiserver.request import too_large_to_store, write_options
from eks_lab.sim.apiserver.showing import ONE, Showing, api_version_of, encoded, plain_success
from eks_lab.sim.apiserver.typed_bodies import BINDING, EVICTION, SCALE, typed_body
from eks_lab.sim.objects import Key, Obj, bad_request, forbidden_field, invalid_object, required

PATCH_TYPES = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}


class Writing(Showing):
    """Answers writes."""

    def create(self, call: Call) -> Answer:
        """Create an object, evict a pod or bind one.

        Raises:
            ApiError: in the server's words.
        """
        if call.subresource == "eviction":
            return self._evict(call)
        if call.subresource == "binding" or call.resource.id == "bindings":
            return self._bind(call)
        dry_run, validation = write_options(call.request, "create")
        obj = self._body(call, validation)
        refusal = None if dry_run else too_large_to_store(call.request.body)
        created = self.api.create(
            call.resource.id,
            obj,
            namespace=call.namespace,
            user=call.user,
            manager=call.request.manager(),
            dry_run=dry_run or refusal is not None,
            warnings=call.warnings,
            private=True,
        )
        if refusal is not None:
            raise refusal
        return self.written(call, 201, created, dry_run)

    def update(self, call: Call) -> Answer:
        """Replace an object or a subresource of it.

        Raises:
            ApiError: in the server's words.
        """
        dry_run, validation = write_options(call.request, "update")
        resource = call.resource
        if call.subresource == "scale":
            scale = typed_body(self.api, call, SCALE)
            scale.setdefault("metadata", {})
            self._settle_identity(call, scale["metadata"])
            written = self.api.set_scale(
                resource.id, scale, user=call.user, manager=call.request.manager(), dry_run=dry_run
            )
            return self.shown(call, 200, written, form_of(call.request.headers.get("accept", ""), ONE))
        obj = self._body(call, validation)
        self._settle_identity(call, obj.setdefault("metadata", {}))
        refusal = None if dry_run else too_large_to_store(call.request.body)
        written = self.api.update(
            resource.id,
            obj,
            subresource=call.subresource,
            user=call.user,
            manager=call.request.manager(),
            dry_run=dry_run or refusal is not None,
            warnings=call.warnings,
            private=True,
        )
        if refusal is not None:
            raise refusal
        return self.written(call, 200, written, dry_run)

    def _settle_identity(self, call: Call, metadata: Obj) -> None:
        """Take name and namespace from the URL; refuse others (handlers/rest.go: checkName)."""
        name = metadata.get("name") or ""
        if name and name != call.name:
            raise bad_request(
                f"the name of the object ({name}) does not match the name on the URL ({call.name})"
            )
        if not name:
            raise bad_request("name must be provided")
        namespace = metadata.get("namespace") or ""
        if call.resource.namespaced:
            if namespace and namespace != call.namespace:
                raise bad_request(
                    f"the namespace of the object ({namespace}) does not match the namespace on the URL "
                    f"({call.namespace})"
                )
            metadata["namespace"] = call.namespace

    def patch(self, call: Call) -> Answer:
        """Patch an object or a subresource of it.

        Raises:
            ApiError: in the server's words.
        """
        dry_run, validation = write_options(call.request, "patch")
        request, resource = call.request, call.resource
        media = bodies.media_type(request.headers.get("content-type", ""))
        type_ = PATCH_TYPES.get(media)
        if type_ is None or (type_ == "strategic" and resource.dynamic):
            accepted = [each for each in PATCH_TYPES if not resource.dynamic or "strategic" not in each]
            raise bodies.unsupported(accepted)
        force = request.flag("force")
        manager = request.param("fieldManager") if type_ == "apply" else request.manager()
        if type_ == "apply":
            if not manager:
                raise invalid_object(
                    "PatchOptions",
                    "meta.k8s.io",
                    "",
                    [required("fieldManager", "is required for apply patch")],
                )
            duplicates: list[str] = []
            patch: Any = bodies.parse_yaml(request.body, duplicates)
            if not isinstance(patch, dict):
                raise bad_request("error decoding YAML: the patch is no object")
            call.warnings.extend(duplicates)
        else:
            if "force" in request.query:
                raise invalid_object(
                    "PatchOptions",
                    "meta.k8s.io",
                    "",
                    [forbidden_field("force", "may not be specified for non-apply patch")],
                )
            patch = bodies.read_patch(request.body)
        key = Key(call.namespace if resource.namespaced else "", call.name)
        existed = self.api.get(resource.id, key) is not None
        refusal = None if dry_run else too_large_to_store(call.request.body)
        written = self.api.patch(
            resource.id,
            key,
            patch,
            type=type_,  # type: ignore[arg-type]
            subresource=call.subresource,
            user=call.user,
            manager=manager,
            force=force,
            dry_run=dry_run or refusal is not None,
            warnings=call.warnings,
            version=call.version,
            field_validation=validation,
        )
        if refusal is not None:
            raise refusal
        if call.subresource == "scale":
            return self.shown(call, 200, written, form_of(request.headers.get("accept", ""), ONE))
        return self.written(call, 200 if existed else 201, written, dry_run)

    def _body(self, call: Call, validation: str) -> Obj:
        """Return the object in the body, decoded and in the stored version."""
        resource = call.resource
        unknown: list[str] = []
        obj = bodies.read_object(
            call.request.body, call.request.headers.get("content-type", ""), resource.kind, unknown
        )
        wanted = api_version_of(resource, call.version)
        api_version, kind = obj.get("apiVersion") or wanted, obj.get("kind") or resource.kind
        if (
            not isinstance(api_version, str)
            or not isinstance(kind, str)
            or (api_version, kind) != (wanted, resource.kind)
        ):
            raise bad_request(
                f"the API version in the data ({api_version}) does not match the expected API version ({wanted})"
                if kind == resource.kind
                else f'{kind} in version "{str(api_version).rpartition("/")[2]}" cannot be handled as a '
                f'{resource.kind}: no kind "{kind}" is registered for version "{api_version}" in scheme '
                '"pkg/api/legacyscheme/scheme.go:30"'
            )
        obj = decode_object(self.api, resource, call.version, obj, validation, call.warnings, unknown)
        conversion = resource.other_versions.get(call.version)
        if conversion is not None:
            obj = {**conversion.decode(obj), "apiVersion": resource.api_version, "kind": resource.kind}
        return obj

    def _evict(self, call: Call) -> Answer:
        body = typed_body(self.api, call, EVICTION)
        name = (body.get("metadata") or {}).get("name") or call.name
        if name != call.name:
            raise bad_request("name in URL does not match name in Eviction object")
        options = body.get("deleteOptions") or {}
        preconditions = options.get("preconditions") or {}
        dry_run = bool(options.get("dryRun")) or bool(call.request.query.get("dryRun"))
        self.api.evict(
            Key(call.namespace, call.name),
            user=call.user,
            grace_seconds=options.get("gracePeriodSeconds"),
            propagation=options.get("propagationPolicy"),
            uid=preconditions.get("uid") or "",
            dry_run=dry_run,
        )
        return encoded(201, plain_success(201), Form())

    def _bind(self, call: Call) -> Answer:
        body = typed_body(self.api, call, BINDING)
        metadata = body.get("metadata") or {}
        name = call.name or metadata.get("name") or ""
        self.api.bind(
            Key(call.namespace, name),
            (body.get("target") or {}).get("name") or "",
            uid=metadata.get("uid") or "",
            annotations=metadata.get("annotations") or {},
        )
        return encoded(201, plain_success(201), Form())
