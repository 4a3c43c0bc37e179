"""How an object goes back: as it is kept, in the URL's version, as a Table or as metadata only."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver import tables
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.apiserver.answers import Answer
from eks_lab.sim.apiserver.negotiation import Form, form_of
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import Column, Resource

ONE = frozenset({"Table", "PartialObjectMetadata"})
"""Forms that a single object may take."""


class Showing:
    """What all verbs share: the Api, and the ways to show an object."""

    def __init__(self, api: Api) -> None:
        """Serve an Api."""
        self.api = api

    def written(self, call: Call, status: int, obj: Obj, dry_run: bool) -> Answer:
        """Answer a write with the object as it is kept."""
        form = form_of(call.request.headers.get("accept", ""), ONE)
        resource = call.resource
        if not form.kind and not form.is_yaml and call.version == resource.version:
            key = Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
            if not dry_run and self.api.get(resource.id, key) is obj:
                return Answer(status, self.api.store.json(resource.id, key) + b"\n", warnings=call.warnings)
        return self.shown(call, status, in_version(resource, call.version, obj), form)

    def shown(self, call: Call, status: int, obj: Obj, form: Form) -> Answer:
        """Answer with an object in a form."""
        if form.kind == "Table":
            is_scale = obj.get("kind") == "Scale" and call.subresource == "scale"
            columns: Any = tables.SCALE if is_scale else tables.columns_of(call.resource)
            found = self.rows(call, columns, obj, form)
            metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
            return encoded(status, tables.table(columns, found, metadata, form.version), form, call.warnings)
        if form.kind:
            return encoded(status, tables.partial(obj, form.version), form, call.warnings)
        return encoded(status, in_version(call.resource, call.version, obj), form, call.warnings)

    def rows(self, call: Call, columns: list[Column], obj: Obj, form: Form) -> list[Obj]:
        """Return the rows of a Table of one object."""
        include = call.request.param("includeObject") or "Metadata"
        return tables.rows(columns, [obj], self.api.now(), include, form.version)


def api_version_of(resource: Resource, version: str) -> str:
    """Return the apiVersion of a resource in one of its versions."""
    group, name = resource.group_version(version)
    return f"{group}/{name}" if group else name


def in_version(resource: Resource, version: str, obj: Obj) -> Obj:
    """Return an object as the URL's version writes it."""
    if version == resource.version or obj.get("apiVersion") != resource.api_version:
        return obj
    return resource.other_versions[version].encode(obj)


def encoded(status: int, obj: Any, form: Form, warnings: list[str] | None = None) -> Answer:
    """Return a value as JSON or YAML."""
    if form.is_yaml:
        body = yaml.safe_dump(obj, sort_keys=True, allow_unicode=True).encode()
    else:
        body = orjson.dumps(obj, option=orjson.OPT_APPEND_NEWLINE)
    return Answer(status, body, form.content_type, {}, warnings or [])


def plain_success(code: int) -> Obj:
    """Return the Status that says nothing but success."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": code}
