"""The verbs get, list and watch."""

from __future__ import annotations

from operator import methodcaller

import orjson

from eks_lab.sim.api import Api, ListOptions, Page
from eks_lab.sim.apiserver import tables
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.apiserver.answers import Answer, Receive, Send, Stream
from eks_lab.sim.apiserver.negotiation import Form, form_of
from eks_lab.sim.apiserver.selectors import predicate_of
from eks_lab.sim.apiserver.showing import ONE, Showing, api_version_of, encoded, in_version
from eks_lab.sim.apiserver.watch import LONGEST, WatchHub, WatchOptions
from eks_lab.sim.objects import Key, Obj, forbidden_field, invalid_object
from eks_lab.sim.resource import Resource

_MANY = frozenset({"Table", "PartialObjectMetadataList"})
_WATCHED = frozenset({"Table", "PartialObjectMetadata", "PartialObjectMetadataList"})


class Reading(Showing):
    """Answers reads."""

    def __init__(self, api: Api, hub: WatchHub) -> None:
        """Serve an Api.

        Args:
            api: what is asked.
            hub: where watches go.
        """
        super().__init__(api)
        self._hub = hub

    def get(self, call: Call) -> Answer:
        """Answer with one object, or its Scale.

        Raises:
            ApiError: in the server's words.
        """
        key = Key(call.namespace if call.resource.namespaced else "", call.name)
        form = form_of(call.request.headers.get("accept", ""), ONE)
        if call.subresource == "scale":
            return self.shown(call, 200, self.api.scale(call.resource.id, key), form)
        obj = self.api.read(call.resource.id, key)
        if not form.kind and not form.is_yaml and call.version == call.resource.version:
            return Answer(200, self.api.store.json(call.resource.id, key) + b"\n", warnings=call.warnings)
        return self.shown(call, 200, obj, form)

    def collect(self, call: Call) -> Answer:
        """Answer with a list, a Table of it, or metadata only.

        Raises:
            ApiError: in the server's words.
        """
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
        page = self.api.page(resource.id, options)
        metadata: Obj = {"resourceVersion": str(page.revision)}
        if page.token:
            metadata["continue"] = page.token
            if page.remaining is not None:
                metadata["remainingItemCount"] = page.remaining
        api_version = api_version_of(resource, call.version)
        if form.kind == "Table":
            columns = tables.columns_of(resource)
            include = request.param("includeObject") or "Metadata"
            objects = self._objects(call, page)
            found = tables.rows(columns, objects, self.api.now(), include, form.version)
            return encoded(200, tables.table(columns, found, metadata, form.version), form, call.warnings)
        if form.kind:
            items = [tables.partial(obj, form.version) for obj in self._objects(call, page)]
            listed = {
                "kind": "PartialObjectMetadataList",
                "apiVersion": f"meta.k8s.io/{form.version}",
                "metadata": metadata,
                "items": items,
            }
            return encoded(200, listed, form, call.warnings)
        kind = f"{resource.kind}List"
        if form.is_yaml or page.objects is not None or call.version != resource.version:
            items = self._objects(call, page)
            listed = {"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}
            return encoded(200, listed, form, call.warnings)
        head = orjson.dumps({"kind": kind, "apiVersion": api_version, "metadata": metadata})
        body = self._joined(resource, page, head[:-1] + b',"items":[', b"]}\n")
        return Answer(200, body, warnings=call.warnings)

    def _joined(self, resource: Resource, page: Page, before: bytes, after: bytes) -> bytes:
        """Return a list of items as they are kept, copied once; those of built-in kinds do not repeat their kind."""
        parts = self.api.store.json_of(resource.id, page.keys)
        if not resource.dynamic:
            head = b'{"kind":"%b","apiVersion":"%b",' % (
                resource.kind.encode(),
                resource.api_version.encode(),
            )
            size = len(head)
            if parts and all(map(methodcaller("startswith", head), parts)):
                # Views, not slices: ten thousand pods are twenty megabytes.
                views: list[bytes | memoryview] = [memoryview(part)[size:] for part in parts]
                views[0] = before + b"{" + bytes(views[0])
                views[-1] = bytes(views[-1]) + after
                return b",{".join(views)
        return before + b",".join(parts) + after

    def _objects(self, call: Call, page: Page) -> list[Obj]:
        objects = page.objects
        if objects is None:
            get, rid = self.api.store.get, call.resource.id
            objects = [obj for key in page.keys if (obj := get(rid, key)) is not None]
        return [in_version(call.resource, call.version, obj) for obj in objects]

    def watch(self, call: Call) -> Stream:
        """Answer with a stream of events.

        Raises:
            ApiError: in the server's words.
        """
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
