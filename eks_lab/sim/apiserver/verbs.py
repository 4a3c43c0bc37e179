"""The verbs over HTTP: what a URL, its parameters and its body ask of the Api, and how the answer looks."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from eks_lab.sim.api import Api, ListOptions, Page
from eks_lab.sim.api.decoding import decode_object
from eks_lab.sim.apiserver import bodies, tables
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.apiserver.answers import Answer, Receive, Send, Stream, success_status
from eks_lab.sim.apiserver.negotiation import Form, form_of
from eks_lab.sim.apiserver.request import write_options
from eks_lab.sim.apiserver.selectors import predicate_of
from eks_lab.sim.apiserver.watch import LONGEST, WatchHub, WatchOptions
from eks_lab.sim.objects import Key, Obj, bad_request, forbidden_field, invalid_object, required
from eks_lab.sim.resource import Column, Resource

_ONE = frozenset({"Table", "PartialObjectMetadata"})
_MANY = frozenset({"Table", "PartialObjectMetadataList"})
_WATCHED = frozenset({"Table", "PartialObjectMetadata", "PartialObjectMetadataList"})

RETURNS_DELETED = frozenset(
    {
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "podtemplates",
        "resourcequotas",
        "serviceaccounts",
        "services",
    }
)
"""Resources whose deletion answers with the object (registry stores with ReturnDeletedObject)."""

PATCH_TYPES = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}


class Verbs:
    """Answers calls on stored resources."""

    def __init__(self, api: Api, hub: WatchHub) -> None:
        """Serve an Api.

        Args:
            api: what is asked.
            hub: where watches go.
        """
        self._api = api
        self._hub = hub

    def answer(self, call: Call) -> Answer | Stream:
        """Answer a call.

        Raises:
            ApiError: in the server's words.
        """
        match call.verb:
            case "get":
                return self._get(call)
            case "list":
                return self._list(call)
            case "watch":
                return self._watch(call)
            case "create":
                return self._create(call)
            case "update":
                return self._update(call)
            case "patch":
                return self._patch(call)
            case "delete":
                return self._delete(call)
            case _:
                return self._delete_collection(call)

    # --- reading ----------------------------------------------------------------------------------------

    def _get(self, call: Call) -> Answer:
        key = Key(call.namespace if call.resource.namespaced else "", call.name)
        form = form_of(call.request.headers.get("accept", ""), _ONE)
        if call.subresource == "scale":
            return self._shown(call, 200, self._api.scale(call.resource.id, key), form)
        obj = self._api.read(call.resource.id, key)
        self._warn_of_endpoints(call)
        if not form.kind and not form.is_yaml and call.version == call.resource.version:
            return Answer(200, self._api.store.json(call.resource.id, key) + b"\n", warnings=call.warnings)
        return self._shown(call, 200, obj, form)

    def _warn_of_endpoints(self, call: Call) -> None:
        if call.resource.id == "endpoints":
            call.warnings.append("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")

    def _list(self, call: Call) -> Answer:
        request, resource = call.request, call.resource
        form = form_of(request.headers.get("accept", ""), _MANY)
        limit = request.number("limit") or 0
        options = ListOptions(
            call.namespace if resource.namespaced else "",
            predicate_of(resource, request.param("labelSelector"), request.param("fieldSelector")),
            max(limit, 0),
            request.param("continue"),
            request.param("resourceVersion"),
            request.param("resourceVersionMatch"),
        )
        page = self._api.list(resource.id, options)
        self._warn_of_endpoints(call)
        metadata: Obj = {"resourceVersion": str(page.revision)}
        if page.token:
            metadata["continue"] = page.token
            if page.remaining is not None:
                metadata["remainingItemCount"] = page.remaining
        api_version = _api_version(resource, call.version)
        if form.kind == "Table":
            columns = tables.columns_of(resource)
            include = request.param("includeObject") or "Metadata"
            objects = self._objects(call, page)
            found = tables.rows(columns, objects, self._api.now(), include, form.version)
            return _encoded(200, tables.table(columns, found, metadata, form.version), form, call.warnings)
        if form.kind:
            items = [tables.partial(obj, form.version) for obj in self._objects(call, page)]
            listed = {
                "kind": "PartialObjectMetadataList",
                "apiVersion": f"meta.k8s.io/{form.version}",
                "metadata": metadata,
                "items": items,
            }
            return _encoded(200, listed, form, call.warnings)
        kind = f"{resource.kind}List"
        if form.is_yaml or page.objects is not None or call.version != resource.version:
            items = self._objects(call, page)
            listed = {"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}
            return _encoded(200, listed, form, call.warnings)
        head = orjson.dumps({"kind": kind, "apiVersion": api_version, "metadata": metadata})
        body = head[:-1] + b',"items":[' + self._joined(resource, page) + b"]}\n"
        return Answer(200, body, warnings=call.warnings)

    def _joined(self, resource: Resource, page: Page) -> bytes:
        """Return the items of a list as they are kept; those of built-in kinds do not repeat their kind."""
        json, rid = self._api.store.json, resource.id
        parts = [json(rid, key) for key in page.keys]
        if not resource.dynamic:
            head = b'{"kind":"%b","apiVersion":"%b",' % (resource.kind.encode(), resource.api_version.encode())
            size = len(head)
            parts = [b"{" + part[size:] if part.startswith(head) else part for part in parts]
        return b",".join(parts)

    def _objects(self, call: Call, page: Page) -> list[Obj]:
        objects = page.objects
        if objects is None:
            get, rid = self._api.store.get, call.resource.id
            objects = [obj for key in page.keys if (obj := get(rid, key)) is not None]
        return [_in_version(call.resource, call.version, obj) for obj in objects]

    def _watch(self, call: Call) -> Stream:
        request, resource = call.request, call.resource
        form = form_of(request.headers.get("accept", ""), _WATCHED)
        if form.kind == "PartialObjectMetadataList":
            form = Form("PartialObjectMetadata", form.version)
        if form.is_yaml:
            form = Form(form.kind, form.version)
        sends_initial = request.flag("sendInitialEvents")
        _check_watch(call, "sendInitialEvents" in request.query)
        seconds = request.number("timeoutSeconds")
        options = WatchOptions(
            resource,
            call.version,
            call.namespace if resource.namespaced else "",
            predicate_of(resource, request.param("labelSelector"), request.param("fieldSelector"), call.name),
            form,
            request.param("includeObject") or "Metadata",
            request.flag("allowWatchBookmarks"),
            sends_initial,
            request.param("resourceVersion"),
            float(seconds) if seconds else LONGEST,
        )

        async def stream(receive: Receive, send: Send) -> None:
            await self._hub.serve(options, receive, send)

        return stream

    # --- writing ----------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Answer:
        if call.subresource == "eviction":
            return self._evict(call)
        if call.subresource == "binding" or call.resource.id == "bindings":
            return self._bind(call)
        dry_run, validation = write_options(call.request, "create")
        obj = self._body(call, validation)
        created = self._api.create(
            call.resource.id,
            obj,
            namespace=call.namespace,
            user=call.user,
            manager=call.request.manager(),
            dry_run=dry_run,
            warnings=call.warnings,
            private=True,
        )
        return self._written(call, 201, created, dry_run)

    def _update(self, call: Call) -> Answer:
        dry_run, validation = write_options(call.request, "update")
        resource = call.resource
        if call.subresource == "scale":
            scale = bodies.read_object(
                call.request.body, call.request.headers.get("content-type", ""), "Scale", []
            )
            scale.setdefault("metadata", {})
            self._settle_identity(call, scale["metadata"])
            written = self._api.set_scale(
                resource.id, scale, user=call.user, manager=call.request.manager(), dry_run=dry_run
            )
            return self._shown(call, 200, written, form_of(call.request.headers.get("accept", ""), _ONE))
        obj = self._body(call, validation)
        self._settle_identity(call, obj.setdefault("metadata", {}))
        written = self._api.update(
            resource.id,
            obj,
            subresource=call.subresource,
            user=call.user,
            manager=call.request.manager(),
            dry_run=dry_run,
            warnings=call.warnings,
            private=True,
        )
        return self._written(call, 200, written, dry_run)

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

    def _patch(self, call: Call) -> Answer:
        dry_run, validation = write_options(call.request, "patch")
        request, resource = call.request, call.resource
        media = bodies.media_type(request.headers.get("content-type", ""))
        type_ = PATCH_TYPES.get(media)
        if type_ is None or (type_ == "strategic" and resource.dynamic):
            accepted = [each for each in PATCH_TYPES if not resource.dynamic or "strategic" not in each]
            raise bodies.unsupported([*accepted, "application/apply-patch+cbor"])
        force = request.flag("force")
        manager = request.param("fieldManager") if type_ == "apply" else request.manager()
        if type_ == "apply":
            if not manager:
                raise invalid_object(
                    "PatchOptions", "meta.k8s.io", "", [required("fieldManager", "is required for apply patch")]
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
        existed = self._api.get(resource.id, key) is not None
        written = self._api.patch(
            resource.id,
            key,
            patch,
            type=type_,  # type: ignore[arg-type]
            subresource=call.subresource,
            user=call.user,
            manager=manager,
            force=force,
            dry_run=dry_run,
            warnings=call.warnings,
            version=call.version,
            field_validation=validation,
        )
        if call.subresource == "scale":
            return self._shown(call, 200, written, form_of(request.headers.get("accept", ""), _ONE))
        return self._written(call, 200 if existed else 201, written, dry_run)

    def _body(self, call: Call, validation: str) -> Obj:
        """Return the object in the body, decoded and in the stored version."""
        resource = call.resource
        unknown: list[str] = []
        obj = bodies.read_object(
            call.request.body, call.request.headers.get("content-type", ""), resource.kind, unknown
        )
        wanted = _api_version(resource, call.version)
        api_version, kind = obj.get("apiVersion") or wanted, obj.get("kind") or resource.kind
        if not isinstance(api_version, str) or not isinstance(kind, str) or (api_version, kind) != (wanted, resource.kind):
            raise bad_request(
                f"the API version in the data ({api_version}) does not match the expected API version ({wanted})"
                if kind == resource.kind
                else f"{kind} in version \"{str(api_version).rpartition('/')[2]}\" cannot be handled as a "
                f"{resource.kind}: no kind \"{kind}\" is registered for version \"{api_version}\" in scheme "
                '"pkg/api/legacyscheme/scheme.go:30"'
            )
        obj = decode_object(self._api, resource, call.version, obj, validation, call.warnings, unknown)
        conversion = resource.other_versions.get(call.version)
        if conversion is not None:
            obj = {**conversion.decode(obj), "apiVersion": resource.api_version, "kind": resource.kind}
        return obj

    def _evict(self, call: Call) -> Answer:
        body = bodies.read_object(
            call.request.body, call.request.headers.get("content-type", ""), "Eviction", []
        )
        name = (body.get("metadata") or {}).get("name") or call.name
        if name != call.name:
            raise bad_request("name in URL does not match name in Eviction object")
        options = body.get("deleteOptions") or {}
        preconditions = options.get("preconditions") or {}
        dry_run = bool(options.get("dryRun")) or bool(call.request.query.get("dryRun"))
        self._api.evict(
            Key(call.namespace, call.name),
            user=call.user,
            grace_seconds=options.get("gracePeriodSeconds"),
            propagation=options.get("propagationPolicy"),
            uid=preconditions.get("uid") or "",
            dry_run=dry_run,
        )
        return _encoded(201, _plain_success(201), Form())

    def _bind(self, call: Call) -> Answer:
        body = bodies.read_object(
            call.request.body, call.request.headers.get("content-type", ""), "Binding", []
        )
        metadata = body.get("metadata") or {}
        name = call.name or metadata.get("name") or ""
        self._api.bind(
            Key(call.namespace, name),
            (body.get("target") or {}).get("name") or "",
            uid=metadata.get("uid") or "",
            annotations=metadata.get("annotations") or {},
        )
        return _encoded(201, _plain_success(201), Form())

    # --- deleting ---------------------------------------------------------------------------------------

    def _delete_options(self, call: Call) -> Obj:
        request = call.request
        options: Obj = {}
        if request.body:
            options = bodies.read_object(
                request.body, request.headers.get("content-type", ""), "DeleteOptions", []
            )
        for name in ("gracePeriodSeconds", "propagationPolicy"):
            if request.param(name) and options.get(name) is None:
                options[name] = request.number(name) if name == "gracePeriodSeconds" else request.param(name)
        if request.param("orphanDependents"):
            options.setdefault("orphanDependents", request.flag("orphanDependents"))
        if request.query.get("dryRun"):
            options["dryRun"] = request.query["dryRun"]
        _check_delete_options(options)
        if "orphanDependents" in options and "propagationPolicy" not in options:
            options["propagationPolicy"] = "Orphan" if options["orphanDependents"] else "Background"
        return options

    def _delete(self, call: Call) -> Answer:
        options = self._delete_options(call)
        resource = call.resource
        key = Key(call.namespace if resource.namespaced else "", call.name)
        preconditions = options.get("preconditions") or {}
        dry_run = bool(options.get("dryRun"))
        held = self._api.get(resource.id, key)
        last = self._api.delete(
            resource.id,
            key,
            user=call.user,
            grace_seconds=options.get("gracePeriodSeconds"),
            propagation=options.get("propagationPolicy"),
            uid=preconditions.get("uid") or "",
            resource_version=preconditions.get("resourceVersion") or "",
            dry_run=dry_run,
            warnings=call.warnings,
        )
        is_gone = self._api.get(resource.id, key) is None
        form = form_of(call.request.headers.get("accept", ""), _ONE)
        # A deletion that waits answers with the object, and so does one that was under way for these kinds.
        if (not is_gone and (last is not held or dry_run)) or resource.id in RETURNS_DELETED:
            return self._shown(call, 200, _in_version(resource, call.version, last), form)
        status = success_status(resource.plural, resource.group, call.name, last["metadata"]["uid"])
        return _encoded(200, status, Form(is_yaml=form.is_yaml), call.warnings)

    def _delete_collection(self, call: Call) -> Answer:
        options = self._delete_options(call)
        request, resource = call.request, call.resource
        chosen = ListOptions(
            call.namespace if resource.namespaced else "",
            predicate_of(resource, request.param("labelSelector"), request.param("fieldSelector")),
        )
        page = self._api.list(resource.id, chosen)
        deleted = []
        for key in page.keys:
            if self._api.get(resource.id, key) is None:
                continue
            deleted.append(
                self._api.delete(
                    resource.id,
                    key,
                    user=call.user,
                    grace_seconds=options.get("gracePeriodSeconds"),
                    propagation=options.get("propagationPolicy"),
                    dry_run=bool(options.get("dryRun")),
                    warnings=call.warnings,
                )
            )
        listed = {
            "kind": f"{resource.kind}List",
            "apiVersion": _api_version(resource, call.version),
            "metadata": {"resourceVersion": str(self._api.store.revision)},
            "items": [_in_version(resource, call.version, obj) for obj in deleted],
        }
        return _encoded(200, listed, Form(), call.warnings)

    # --- showing ----------------------------------------------------------------------------------------

    def _written(self, call: Call, status: int, obj: Obj, dry_run: bool) -> Answer:
        form = form_of(call.request.headers.get("accept", ""), _ONE)
        resource = call.resource
        if not form.kind and not form.is_yaml and call.version == resource.version:
            key = Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
            if not dry_run and self._api.get(resource.id, key) is obj:
                return Answer(status, self._api.store.json(resource.id, key) + b"\n", warnings=call.warnings)
        return self._shown(call, status, _in_version(resource, call.version, obj), form)

    def _shown(self, call: Call, status: int, obj: Obj, form: Form) -> Answer:
        if form.kind == "Table":
            is_scale = obj.get("kind") == "Scale" and call.subresource == "scale"
            columns: Any = tables.SCALE if is_scale else tables.columns_of(call.resource)
            found = self._rows(call, columns, obj, form)
            metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
            return _encoded(status, tables.table(columns, found, metadata, form.version), form, call.warnings)
        if form.kind:
            return _encoded(status, tables.partial(obj, form.version), form, call.warnings)
        return _encoded(status, _in_version(call.resource, call.version, obj), form, call.warnings)

    def _rows(self, call: Call, columns: list[Column], obj: Obj, form: Form) -> list[Obj]:
        include = call.request.param("includeObject") or "Metadata"
        return tables.rows(columns, [obj], self._api.now(), include, form.version)


def _api_version(resource: Resource, version: str) -> str:
    return f"{resource.group}/{version}" if resource.group else version


def _in_version(resource: Resource, version: str, obj: Obj) -> Obj:
    """Return an object as the URL's version writes it."""
    if version == resource.version or obj.get("apiVersion") != resource.api_version:
        return obj
    return resource.other_versions[version].encode(obj)


def _encoded(status: int, obj: Any, form: Form, warnings: list[str] | None = None) -> Answer:
    if form.is_yaml:
        body = yaml.safe_dump(obj, sort_keys=True, allow_unicode=True).encode()
    else:
        body = orjson.dumps(obj, option=orjson.OPT_APPEND_NEWLINE)
    return Answer(status, body, form.content_type, {}, warnings or [])


def _plain_success(code: int) -> Obj:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": code}


def _check_delete_options(options: Obj) -> None:
    """Refuse options that mean nothing (ValidateDeleteOptions).

    Raises:
        ApiError: 422.
    """
    from eks_lab.sim.objects import invalid, not_supported

    errors = []
    policy = options.get("propagationPolicy")
    if policy is not None and options.get("orphanDependents") is not None:
        shown = [policy, options["orphanDependents"]]
        errors.append(
            invalid("propagationPolicy", shown[0], "orphanDependents and deletionPropagation cannot be both set")
        )
    if policy is not None and policy not in ("Foreground", "Background", "Orphan"):
        errors.append(not_supported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]))
    dry_run = options.get("dryRun") or []
    if any(each != "All" for each in dry_run):
        errors.append(not_supported("dryRun", dry_run, ["All"]))
    if errors:
        raise invalid_object("DeleteOptions", "meta.k8s.io", "", errors)


def _check_watch(call: Call, has_initial: bool) -> None:
    """Refuse parameters of a watch that do not go together (ValidateListOptions).

    Raises:
        ApiError: 422.
    """
    request = call.request
    match, errors = request.param("resourceVersionMatch"), []
    if has_initial:
        if match != "NotOlderThan":
            errors.append(
                forbidden_field(
                    "resourceVersionMatch",
                    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
                )
            )
    elif match:
        errors.append(
            forbidden_field(
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            )
        )
    if errors:
        raise invalid_object("ListOptions", "meta.k8s.io", "", errors)


