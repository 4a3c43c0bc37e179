"""Custom resources: what a CustomResourceDefinition makes of its versions (apiextensions-apiserver)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from eks_lab.kube import jsonpath
from eks_lab.kube.types import Schema
from eks_lab.sim.objects import FieldError, Obj, invalid
from eks_lab.sim.resource import Column, Conversion, Resource, Scale, World
from eks_lab.sim.resources.columns import AGE, NAME, age_text
from eks_lab.sim.resources.custom_rules import rule_errors, unchecked
from eks_lab.sim.resources.custom_validation import schema_errors
from eks_lab.sim.resources.custom_values import fill_defaults


def is_served(crd: Obj) -> bool:
    """Say whether a definition is established and not going away."""
    conditions = {each["type"]: each["status"] for each in (crd.get("status") or {}).get("conditions") or ()}
    return conditions.get("Established") == "True"


def schemas_of(crd: Obj) -> dict[str, Schema]:
    """Return the schema of each served version."""
    found = {}
    for version in crd["spec"]["versions"]:
        if version.get("served"):
            raw = (version.get("schema") or {}).get("openAPIV3Schema") or {
                "x-kubernetes-preserve-unknown-fields": True
            }
            found[version["name"]] = Schema(raw)
    return found


def custom_resource(crd: Obj) -> Resource:
    """Return the resource of an established definition.

    Args:
        crd: with accepted names in its status.
    """
    spec = crd["spec"]
    names = (crd.get("status") or {}).get("acceptedNames") or spec["names"]
    stored = next(version for version in spec["versions"] if version.get("storage"))
    schema = Schema((stored.get("schema") or {}).get("openAPIV3Schema") or {})
    subresources = stored.get("subresources") or {}
    has_status = "status" in subresources
    scale = _scale(subresources["scale"]) if subresources.get("scale") else None
    api_version = f"{spec['group']}/{stored['name']}"

    def default(obj: Obj, world: World) -> None:
        fill_defaults(schema, obj)

    def prepare_create(obj: Obj, world: World) -> None:
        if has_status:
            obj.pop("status", None)

    return Resource(
        plural=names["plural"],
        kind=names["kind"],
        group=spec["group"],
        version=stored["name"],
        namespaced=spec.get("scope") == "Namespaced",
        singular=names.get("singular") or names["kind"].lower(),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        has_status=has_status,
        scale=scale,
        columns=_columns(stored.get("additionalPrinterColumns") or ()),
        field_labels={
            each["jsonPath"].lstrip("."): _field(each["jsonPath"])
            for each in stored.get("selectableFields") or ()
        },
        default=default,
        prepare_create=prepare_create,
        validate=lambda obj, world: _errors(schema, obj, None, ""),
        validate_update=lambda new, old, world: _errors(schema, new, old, ""),
        validate_status_update=lambda new, old, world: _status_errors(schema, new, old, scale),
        counts_generation=True,
        other_versions={
            version["name"]: _conversion(spec["group"], version["name"], api_version)
            for version in spec["versions"]
            if version.get("served") and version["name"] != stored["name"]
        },
        dynamic=True,
    )


def deprecations_of(crd: Obj) -> dict[str, str]:
    """Return the Warning of each deprecated version."""
    spec = crd["spec"]
    group, kind = spec["group"], spec["names"]["kind"]
    best = next(
        (each["name"] for each in spec["versions"] if each.get("served") and not each.get("deprecated")), ""
    )
    found = {}
    for version in spec["versions"]:
        if version.get("deprecated"):
            ending = f"; use {group}/{best} {kind}" if best else ""
            text = (
                version.get("deprecationWarning") or f"{group}/{version['name']} {kind} is deprecated{ending}"
            )
            found[version["name"]] = text
    return found


def _errors(schema: Schema, new: Obj, old: Obj | None, path: str) -> list[FieldError]:
    value, before = _own_part(new), _own_part(old) if old is not None else None
    errors = schema_errors(schema, value, before, path)
    if errors:
        # Rules are only asked when the object has the shape they count on.
        return [*errors, unchecked()] if _has_rules(schema.raw) else errors
    return rule_errors(schema, value, before, path)


def _status_errors(schema: Schema, new: Obj, old: Obj, scale: Scale | None) -> list[FieldError]:
    status_schema = schema.properties.get("status")
    errors: list[FieldError] = []
    status, before = new.get("status"), old.get("status")
    if status_schema is not None and status is not None:
        errors = schema_errors(status_schema, status, before, "status", "")
        if not errors:
            errors = rule_errors(status_schema, status, before, "status")
    if scale is not None:
        value: Any = new
        for step in scale.status_replicas:
            value = value.get(step) if isinstance(value, dict) else None
        path = "." + ".".join(scale.status_replicas)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            found = {str: "string", bool: "bool", float: "float64", dict: "map[string]interface {}"}
            kind = found.get(type(value), "[]interface {}")
            detail = f"{path} accessor error: {value} is of the type {kind}, expected int64"
            errors.append(invalid(path, 0, detail))
    return errors


def _has_rules(raw: Any) -> bool:
    if isinstance(raw, Mapping):
        return "x-kubernetes-validations" in raw or any(_has_rules(each) for each in raw.values())
    return isinstance(raw, list) and any(_has_rules(each) for each in raw)


def _own_part(obj: Obj) -> Obj:
    """Return what a schema judges: of metadata only name and generateName can be spoken about."""
    metadata = obj.get("metadata") or {}
    return {**obj, "metadata": {key: metadata[key] for key in ("name", "generateName") if key in metadata}}


def _conversion(group: str, version: str, stored: str) -> Conversion:
    """Return the conversion None: only the apiVersion differs."""
    return Conversion(
        decode=lambda obj: {**obj, "apiVersion": stored},
        encode=lambda obj: {**obj, "apiVersion": f"{group}/{version}"},
    )


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.strip(".").split("."))


def _scale(raw: Obj) -> Scale:
    selector_path = _steps(raw["labelSelectorPath"]) if raw.get("labelSelectorPath") else ()

    def selector(obj: Obj) -> str:
        value: Any = obj
        for step in selector_path:
            value = value.get(step) if isinstance(value, dict) else None
        return value if selector_path and isinstance(value, str) else ""

    return Scale(_steps(raw["specReplicasPath"]), _steps(raw["statusReplicasPath"]), selector)


def _field(path: str) -> Callable[[Obj], str]:
    def read(obj: Obj) -> str:
        found = jsonpath.find(path, obj)
        if not found or found[0] is None:
            return ""
        return str(found[0]).lower() if isinstance(found[0], bool) else str(found[0])

    return read


def _columns(printed: Any) -> tuple[Column, ...]:
    if not printed:
        return (NAME, AGE)
    return (NAME, *(_column(each) for each in printed))


def _column(raw: Obj) -> Column:
    path, kind = raw["jsonPath"], raw["type"]
    return Column(
        raw["name"],
        lambda obj, now: _cell(path, kind, obj, now),
        type=kind,
        format=raw.get("format", ""),
        description=raw.get("description")
        or f"Custom resource definition column (in JSONPath format): {path}",
        wide=(raw.get("priority") or 0) > 0,
    )


def _cell(path: str, kind: str, obj: Obj, now: datetime) -> Any:
    found = [each for each in jsonpath.find(path, obj) if each is not None]
    if not found:
        return None
    value = found[0]
    match kind:
        case "integer":
            return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return age_text(value, now) if isinstance(value, str) else None
    return ",".join(each if isinstance(each, str) else orjson.dumps(each).decode() for each in found)
