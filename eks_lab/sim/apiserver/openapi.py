"""OpenAPI: one v3 document per group-version, made when first asked for and kept as bytes; v2 for old clients."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from eks_lab.kube import enumerations
from eks_lab.kube.types import REFERENCE
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.answers import Answer, json_answer, not_found_page
from eks_lab.sim.apiserver.catalogue import Catalogue, Served, foreign_group, subresources_of
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import ApiError, Obj

_PATCH_TYPES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_PROTOBUF_V2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_EMPTY_V2 = b"\x0a\x032.0\x12\x18\x0a\x0aKubernetes\x12\x0aunspecific"
"""An openapi_v2.Document of a version and an info (title, version), nothing more."""
_YEAR = 31_536_000
_FORMAT = 3
"""Counts changes of how documents are made: clients keep them by their hash."""


class OpenApi:
    """Answers `/openapi/v3`, `/openapi/v3/apis/apps/v1` and `/openapi/v2`."""

    def __init__(self, api: Api, catalogue: Catalogue) -> None:
        """Describe what is served.

        Args:
            api: whose schemas count.
            catalogue: of the same resources.
        """
        self._api = api
        self._catalogue = catalogue
        self._made_for = -1
        self._documents: dict[str, tuple[bytes, str]] = {}

    def answer(self, request: HttpRequest) -> Answer:
        """Answer a path below `/openapi`.

        Raises:
            ApiError: 406, only protobuf would do.
        """
        if self._made_for != self._catalogue.generation:
            self._documents = {}
            self._made_for = self._catalogue.generation
        path = request.path.rstrip("/")
        if path == "/openapi/v2":
            return self._version_2(request)
        if path == "/openapi/v3":
            return json_answer(200, {"paths": self._index()})
        name = path.removeprefix("/openapi/v3/")
        if name not in self._names():
            return not_found_page()
        if (
            "application/json" not in (accept := request.headers.get("accept", ""))
            and accept
            and "*/*" not in accept
        ):
            raise ApiError(
                406, "NotAcceptable", "only the following media types are accepted: application/json"
            )
        body, tag = self._document(name)
        headers = {"ETag": f'"{tag}"', "Vary": "Accept"}
        if request.param("hash") == tag:
            headers["Cache-Control"] = f"public, immutable, max-age={_YEAR}"
        if request.headers.get("if-none-match") == f'"{tag}"':
            return Answer(304, b"", headers=headers)
        return Answer(200, body, headers=headers)

    def _names(self) -> dict[str, tuple[str, str]]:
        names: dict[str, tuple[str, str]] = {}
        for group, versions in self._catalogue.groups().items():
            for version in versions:
                names[f"apis/{group}/{version}" if group else f"api/{version}"] = (group, version)
        return names

    def _index(self) -> Obj:
        # The hash is of what the document is made from; making every document here would cost a second.
        index = {}
        for name, (group, version) in self._names().items():
            index[name] = {"serverRelativeURL": f"/openapi/v3/{name}?hash={self._tag(group, version)}"}
        return index

    def _tag(self, group: str, version: str) -> str:
        parts: list[Any] = [_FORMAT, self._api.version, group, version]
        for served in self._catalogue.served(group, version):
            resource = served.resource
            parts.append([resource.plural, resource.kind, resource.namespaced, subresources_of(resource)])
            if resource.dynamic:
                schema = self._api.schemas.of(resource, version)
                parts.append(schema.raw if schema is not None else None)
        return hashlib.sha512(orjson.dumps(parts)).hexdigest().upper()

    def _document(self, name: str) -> tuple[bytes, str]:
        known = self._documents.get(name)
        if known is None:
            group, version = self._names()[name]
            known = self._documents[name] = (
                orjson.dumps(self._made(group, version)),
                self._tag(group, version),
            )
        return known

    def _made(self, group: str, version: str) -> Obj:
        paths: Obj = {}
        wanted: list[str] = [f"{_META}.{kind}" for kind in ("DeleteOptions", "Status", "WatchEvent", "Patch")]
        own: dict[str, Mapping[str, Any]] = {}
        for served in self._catalogue.served(group, version):
            definition = self._definition(served, own)
            if definition:
                wanted.append(definition)
            paths |= _paths(served, definition)
        for kind in sorted(
            {
                kind
                for served in self._catalogue.served(group, version)
                for kind in subresources_of(served.resource).values()
            }
        ):
            its_group, its_version = foreign_group(kind)
            schema = self._api.schemas.built_in.of(its_group or group, its_version or version, kind)
            if schema is not None:
                wanted.append(schema.name)
        for schema_name in (f"{_META}.ObjectMeta", f"{_META}.ListMeta"):
            if own:
                wanted.append(schema_name)
        # Lists and options of the group itself (PodList, …).
        built_in = self._api.schemas.built_in
        for gvk in built_in.kinds():
            if (gvk.group, gvk.version) == (group, version):
                schema = built_in.of(group, version, gvk.kind)
                if schema is not None:
                    wanted.append(schema.name)
        schemas = {**enumerations.marked(self._api.version, built_in.reachable(tuple(wanted))), **own}
        if _INT_OR_STRING in schemas:
            schemas[_INT_OR_STRING] = {"description": _INT_OR_STRING_TEXT, **schemas[_INT_OR_STRING]}
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": f"v{self._api.version}.0"},
            "paths": paths,
            "components": {"schemas": schemas},
        }

    def _definition(self, served: Served, own: dict[str, Mapping[str, Any]]) -> str:
        """Return the definition's name of a kind; what is custom goes to `own`."""
        schema = self._api.schemas.of(served.resource, served.version)
        if not served.resource.dynamic:
            return schema.name if schema is not None else ""
        resource = served.resource
        reverse = ".".join(reversed(resource.group.split(".")))
        name = f"{reverse}.{served.version}.{resource.kind}"
        gvk = {"group": resource.group, "version": served.version, "kind": resource.kind}
        raw: dict[str, Any] = dict(schema.raw) if schema is not None else {"type": "object"}
        common: dict[str, Any] = {
            "apiVersion": {"description": _API_VERSION_TEXT, "type": "string"},
            "kind": {"description": _KIND_TEXT, "type": "string"},
            "metadata": {
                "description": _METADATA_TEXT,
                "allOf": [{"$ref": f"{REFERENCE}{_META}.ObjectMeta"}],
            },
        }
        properties = {
            **common,
            **{key: value for key, value in (raw.get("properties") or {}).items() if key not in common},
        }
        own[name] = {
            **raw,
            "type": "object",
            "properties": properties,
            "x-kubernetes-group-version-kind": [gvk],
        }
        own[f"{name}List"] = {
            "description": f"{resource.kind}List is a list of {resource.kind}",
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": common["apiVersion"],
                "kind": common["kind"],
                "items": {
                    "description": f"List of {resource.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md",
                    "type": "array",
                    "items": {"$ref": REFERENCE + name},
                },
                "metadata": {
                    "description": "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds",
                    "allOf": [{"$ref": f"{REFERENCE}{_META}.ListMeta"}],
                },
            },
            "x-kubernetes-group-version-kind": [{**gvk, "kind": f"{resource.kind}List"}],
        }
        return name

    def _version_2(self, request: HttpRequest) -> Answer:
        accept = request.headers.get("accept", "")
        if accept.startswith(_PROTOBUF_V2):
            # kubectl asks for this form about kinds that version 3 does not know (List, kinds nobody serves):
            # finding nothing here, it leaves the judgement to the server.
            return Answer(200, _EMPTY_V2, "application/octet-stream")
        if accept and "application/json" not in accept and "*/*" not in accept:
            raise ApiError(
                406, "NotAcceptable", "only the following media types are accepted: application/json"
            )
        known = self._documents.get("v2")
        if known is None:
            text = orjson.dumps(self._api.schemas.built_in.definitions())
            text = text.replace(REFERENCE.encode(), b"#/definitions/")
            info = orjson.dumps({"title": "Kubernetes", "version": f"v{self._api.version}.0"})
            body = b'{"swagger":"2.0","info":' + info + b',"paths":{},"definitions":' + text + b"}"
            known = self._documents["v2"] = (body, hashlib.sha512(body).hexdigest().upper())
        return Answer(200, known[0], headers={"ETag": f'"{known[1]}"'})


_API_VERSION_TEXT = (
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert "
    "recognized schemas to the latest internal value, and may reject unrecognized values. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"
)
_KIND_TEXT = (
    "Kind is a string value representing the REST resource this object represents. Servers may infer this from "
    "the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"
)
_INT_OR_STRING_TEXT = (
    "IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and "
    "unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field "
    "that can accept a name or number."
)
"""As a 1.36.2 server was seen to give it; the packaged types leave it out."""
_METADATA_TEXT = (
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)


def _parameter(name: str) -> Obj:
    return {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}


def _operation(action: str, gvk: Obj, body: tuple[str, ...] = (), schema: str = "") -> Obj:
    content: Obj = {"schema": {"$ref": REFERENCE + schema}} if schema else {}
    operation: Obj = {
        "responses": {"200": {"description": "OK", "content": {"application/json": content}}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": gvk,
    }
    if action in ("post", "put", "patch"):
        operation["parameters"] = [_parameter(name) for name in ("dryRun", "fieldManager", "fieldValidation")]
    if action == "patch":
        operation["parameters"].append({"name": "force", "in": "query", "schema": {"type": "boolean"}})
    if body:
        patch = {"schema": {"$ref": f"{REFERENCE}{_META}.Patch"}}
        operation["requestBody"] = {"content": dict.fromkeys(body, patch if action == "patch" else content)}
    return operation


def _paths(served: Served, definition: str) -> Obj:
    resource = served.resource
    group, version = resource.group_version(served.version)
    gvk = {"group": group, "version": version, "kind": resource.kind}
    base = f"/apis/{group}/{version}" if group else f"/api/{version}"
    scoped = f"{base}/namespaces/{{namespace}}" if resource.namespaced else base
    collection: Obj = {}
    item: Obj = {}
    for verb in resource.verbs:
        match verb:
            case "list":
                collection["get"] = _operation("list", gvk, (), definition)
            case "create":
                collection["post"] = _operation("post", gvk, ("*/*",), definition)
            case "deletecollection":
                collection["delete"] = _operation("deletecollection", gvk)
            case "get":
                item["get"] = _operation("get", gvk, (), definition)
            case "update":
                item["put"] = _operation("put", gvk, ("*/*",), definition)
            case "patch":
                # A client that finds no strategic merge patch here falls back to merge patch.
                types = tuple(
                    each for each in _PATCH_TYPES if not resource.dynamic or "strategic" not in each
                )
                item["patch"] = _operation("patch", gvk, types, definition)
            case "delete":
                item["delete"] = _operation("delete", gvk)
    paths: Obj = {f"{scoped}/{resource.plural}": collection}
    if resource.namespaced and "get" in collection:
        paths[f"{base}/{resource.plural}"] = {"get": collection["get"]}
    if item:
        paths[f"{scoped}/{resource.plural}/{{name}}"] = item
    return paths
