"""Does each object fit its schema: fields, types, required fields, allowed values, names and labels."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.checker.manifests.manifest import Manifest, part
from eks_lab.checker.manifests.values import ALLOWED
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.kube import labels, names, structure
from eks_lab.kube.structure import Path, shown_path
from eks_lab.kube.types import Schema

UNKNOWN_FIELD = Rule(
    "k8s-unknown-field",
    ERROR,
    "The type has no such field: kubectl refuses it, and without validation it would be dropped silently.",
    "Remove it or correct its spelling; `kubectl explain` lists the fields.",
)
WRONG_TYPE = Rule(
    "k8s-wrong-type",
    ERROR,
    "The value is of another type than the field: text for a number, a boolean for text, a list for a map.",
    "Write a value of the field's type.",
)
MISSING_FIELD = Rule(
    "k8s-missing-field",
    ERROR,
    "A field that must be there is not.",
    "Add the field.",
)
WRONG_VALUE = Rule(
    "k8s-wrong-value",
    ERROR,
    "The field takes only certain values, and this is none of them.",
    "Write one of the values it takes.",
)
WRONG_NAME = Rule(
    "k8s-wrong-name",
    ERROR,
    "A name breaks the rules of DNS that Kubernetes applies to it.",
    "Use lower-case letters, digits and dashes.",
)
WRONG_LABEL = Rule(
    "k8s-wrong-label",
    ERROR,
    "A label's or annotation's key or value is not allowed.",
    "Use at most 63 letters, digits, dashes, underscores and dots.",
)
RULES = (UNKNOWN_FIELD, WRONG_TYPE, MISSING_FIELD, WRONG_VALUE, WRONG_NAME, WRONG_LABEL)

_NAMELESS = frozenset(("Eviction", "NodeConfig"))
_NAMELESS_GROUPS = frozenset(("authorization.k8s.io", "authentication.k8s.io"))


def shape_findings(manifest: Manifest, schema: Schema) -> Iterator[Finding]:
    """Yield every way in which an object does not fit its schema.

    Args:
        manifest: the object.
        schema: of its kind and version.
    """
    yield from _unknown(manifest, schema)
    yield from _types(manifest, schema)
    for path in structure.missing_required(schema, manifest.value):
        yield manifest.finding(MISSING_FIELD, path, f"{shown_path(path)}: Required value")
    yield from _values(manifest, schema, manifest.value, (), "")
    yield from _metadata(manifest)


def _unknown(manifest: Manifest, schema: Schema) -> Iterator[Finding]:
    for path in structure.unknown_paths(schema, manifest.value):
        holder = schema.at(*(step for step in path[:-1] if isinstance(step, str))) or schema
        while holder.items is not None:
            holder = holder.items
        written = str(path[-1])
        known = list(holder.properties)
        close = next((name for name in known if name.lower() == written.lower()), None) or next(
            iter(difflib.get_close_matches(written, known, 1, 0.7)), None
        )
        yield manifest.finding(
            UNKNOWN_FIELD,
            path,
            f'unknown field "{shown_path(path)}"',
            fix=f"Write {close}." if close else _moved(path, schema),
        )


def _moved(path: Path, schema: Schema) -> str:
    """Say where a field belongs that stands one level too high or too low."""
    name = str(path[-1])
    parents = [step for step in path[:-1] if isinstance(step, str)]
    if parents:
        above = schema.at(*parents[:-1]) if parents[:-1] else schema
        while above is not None and above.items is not None:
            above = above.items
        if above is not None and name in above.properties:
            return f"Move it one level up, under {'.'.join(parents[:-1]) or 'the object itself'}."
    here = schema.at(*parents) if parents else schema
    while here is not None and here.items is not None:
        here = here.items
    for child, inner in (here.properties if here is not None else {}).items():
        if child not in ("status", "metadata") and name in inner.properties:
            return f"Move it one level down, under {'.'.join([*parents, child])}."
    return ""


def _types(manifest: Manifest, schema: Schema) -> Iterator[Finding]:
    for mismatch in structure.type_mismatches(schema, manifest.value):
        place = shown_path(mismatch.path)
        if schema.custom:
            wanted = _json_type(mismatch.wanted)
            shown = f'{place}: Invalid value: "{mismatch.found}": {place} in body must be of type {wanted}'
        else:
            shown = f"{place}: {mismatch.message}"
        yield manifest.finding(WRONG_TYPE, mismatch.path, shown, fix=_type_fix(mismatch))


def _json_type(go_type: str) -> str:
    if go_type.startswith("[]"):
        return "array"
    if go_type.startswith("map["):
        return "object"
    return {"int32": "integer", "int64": "integer", "bool": "boolean", "float64": "number"}.get(
        go_type, go_type
    )


def _type_fix(mismatch: structure.Mismatch) -> str:
    wanted = mismatch.wanted
    if mismatch.found in ("number", "bool") and (
        wanted == "string" or re.fullmatch(r"v\w+\.\w+|map\[.*string", wanted)
    ):
        return "Put the value into quotes."
    if mismatch.found == "string" and wanted in ("int32", "int64", "bool", "float64"):
        return "Remove the quotes."
    if wanted.startswith("[]") and mismatch.found in ("object", "string"):
        return "Write a list: start the item with a dash."
    if "quantit" in mismatch.message:
        return "Write a quantity such as 250m, 2, 512Mi or 1Gi."
    return ""


def _values(manifest: Manifest, schema: Schema, value: Any, path: Path, owner: str) -> Iterator[Finding]:
    """Yield values outside enumerations and limits, of custom resources' schemas and of the built-in table."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            field = schema.properties.get(key)
            if field is not None:
                yield from _values(manifest, field, inner, (*path, key), f"{schema.name}.{key}")
            elif schema.additional is not None:
                yield from _values(manifest, schema.additional, inner, (*path, key), "")
        return
    if isinstance(value, list):
        yield from _length(manifest, schema, value, path, "Items", "items")
        if schema.items is not None:
            for position, inner in enumerate(value):
                yield from _values(manifest, schema.items, inner, (*path, position), owner)
        return
    allowed = schema.enum or ALLOWED.get(owner, ())
    if allowed and isinstance(value, str) and value not in allowed:
        supported = ", ".join(json.dumps(one) for one in sorted(map(str, allowed)))
        close = difflib.get_close_matches(value, [str(one) for one in allowed], 1, 0.6)
        yield manifest.finding(
            WRONG_VALUE,
            path,
            f"{shown_path(path)}: Unsupported value: {json.dumps(value)}: supported values: {supported}",
            fix=f"Write {close[0]}." if close else "",
        )
    elif schema.custom and isinstance(value, str):
        pattern = schema.raw.get("pattern")
        if pattern and not _matches(pattern, value):
            place = shown_path(path)
            yield manifest.finding(
                WRONG_VALUE,
                path,
                f"{place}: Invalid value: {json.dumps(value)}: {place} in body should match '{pattern}'",
            )
        yield from _length(manifest, schema, value, path, "Length", "chars long")
    elif schema.custom and isinstance(value, int | float) and not isinstance(value, bool):
        yield from _bounds(manifest, schema, value, path)


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern.replace(r"\z", r"\Z"), value) is not None
    except re.error:
        # RE2 syntax Python lacks: no judgement.
        return True


def _length(
    manifest: Manifest, schema: Schema, value: Any, path: Path, what: str, unit: str
) -> Iterator[Finding]:
    least, most = schema.raw.get(f"min{what}"), schema.raw.get(f"max{what}")
    place = shown_path(path)
    if least is not None and len(value) < least:
        yield manifest.finding(
            WRONG_VALUE,
            path,
            f"{place}: Invalid value: {json.dumps(value)}: {place} in body should have at least {least} {unit}",
        )
    if most is not None and len(value) > most:
        yield manifest.finding(
            WRONG_VALUE, path, f"{place}: Too many: {len(value)}: must have at most {most} {unit}"
        )


def _bounds(manifest: Manifest, schema: Schema, value: float, path: Path) -> Iterator[Finding]:
    place = shown_path(path)
    least, most = schema.raw.get("minimum"), schema.raw.get("maximum")
    if least is not None and value < least:
        yield manifest.finding(
            WRONG_VALUE,
            path,
            f"{place}: Invalid value: {value}: {place} in body should be greater than or equal to {least}",
        )
    if most is not None and value > most:
        yield manifest.finding(
            WRONG_VALUE,
            path,
            f"{place}: Invalid value: {value}: {place} in body should be less than or equal to {most}",
        )


def _metadata(manifest: Manifest) -> Iterator[Finding]:
    metadata = part(manifest.value, "metadata")
    name, prefix = metadata.get("name"), metadata.get("generateName")
    nameless = (
        manifest.kind in _NAMELESS or manifest.group in _NAMELESS_GROUPS or manifest.kind.endswith("List")
    )
    if not name and not prefix and not nameless:
        yield manifest.finding(MISSING_FIELD, ("metadata", "name"), "metadata.name: Required value")
    rule = names.name_rule(manifest.group, manifest.kind)
    if isinstance(name, str) and name:
        for said in rule(name):
            yield manifest.finding(
                WRONG_NAME, ("metadata", "name"), f'metadata.name: Invalid value: "{name}": {said}'
            )
    namespace = metadata.get("namespace")
    if isinstance(namespace, str) and namespace:
        for said in names.dns1123_label(namespace):
            yield manifest.finding(
                WRONG_NAME,
                ("metadata", "namespace"),
                f'metadata.namespace: Invalid value: "{namespace}": {said}',
            )
    yield from label_findings(manifest, ("metadata",), metadata)


def label_findings(manifest: Manifest, path: Path, metadata: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield labels and annotations that are not allowed, of an object or of a pod template."""
    place = shown_path(path)
    for offender, said in labels.label_problems(part(metadata, "labels")):
        yield manifest.finding(
            WRONG_LABEL, (*path, "labels"), f'{place}.labels: Invalid value: "{offender}": {said}'
        )
    for key in part(metadata, "annotations"):
        for said in names.annotation_key(str(key)):
            yield manifest.finding(
                WRONG_LABEL,
                (*path, "annotations", str(key)),
                f'{place}.annotations: Invalid value: "{key}": {said}',
            )
