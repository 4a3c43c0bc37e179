"""Kubernetes types as an API server publishes them: what fields a kind has and how they merge.

One gzip file per minor version (`schemas/`, written by `refresh_schemas.py`) is read on first use:
about 40 ms and 12 MB. Nothing here is imported on the start-up path.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eks_lab.errors import DataError, InputError

REFERENCE = "#/components/schemas/"
_FOLDER = Path(__file__).with_name("schemas")
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_ANYTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, order=True)
class GroupVersionKind:
    """What `apiVersion` and `kind` name together."""

    group: str
    """Empty for the core group."""
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """Return `apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


def group_version(api_version: str) -> tuple[str, str]:
    """Split `apps/v1` into group and version; `v1` has the empty group."""
    group, _, version = api_version.rpartition("/")
    return group, version


class Schema:
    """One node of a type: an object, a list, a map or a value.

    `type` is one of `object`, `array`, `string`, `integer`, `number`, `boolean`, or empty where anything
    may stand. `name` is the definition's name, empty for a node that is written in place.
    """

    __slots__ = (
        "_additional",
        "_book",
        "_items",
        "_open",
        "_properties",
        "description",
        "embedded_resource",
        "enum",
        "format",
        "int_or_string",
        "list_map_keys",
        "list_type",
        "map_type",
        "merge_key",
        "name",
        "patch_strategies",
        "preserve_unknown_fields",
        "quantity",
        "raw",
        "required",
        "type",
    )

    def __init__(self, raw: Mapping[str, Any], book: Schemas | None = None, name: str = "") -> None:
        """Wrap one OpenAPI v3 node.

        Args:
            raw: the node; references in it are looked up in `book`.
            book: the definitions it belongs to; None for the schema of a custom resource, which has none.
            name: the definition's name.
        """
        reference = raw.get("$ref") or next(
            (part["$ref"] for part in raw.get("allOf", ()) if "$ref" in part), None
        )
        if reference is not None and book is not None:
            name = reference.removeprefix(REFERENCE)
            # What stands beside a reference (description, patch strategy) wins over the target's own.
            raw = {
                **book.raw(name),
                **{key: value for key, value in raw.items() if key not in ("$ref", "allOf")},
            }
        self.raw = raw
        self.name = name
        self._book = book
        self.description: str = raw.get("description", "")
        self.format: str = raw.get("format", "")
        self.int_or_string: bool = (
            self.format == "int-or-string" or raw.get("x-kubernetes-int-or-string") is True
        )
        self.quantity: bool = name == _QUANTITY
        self.type: str = "" if self.int_or_string or self.quantity else raw.get("type", "")
        self.required: tuple[str, ...] = tuple(raw.get("required", ()))
        self.enum: tuple[Any, ...] = tuple(raw.get("enum", ()))
        self.list_type: str = raw.get("x-kubernetes-list-type", "")
        self.list_map_keys: tuple[str, ...] = tuple(raw.get("x-kubernetes-list-map-keys", ()))
        self.map_type: str = raw.get("x-kubernetes-map-type", "")
        self.merge_key: str = raw.get("x-kubernetes-patch-merge-key", "")
        self.patch_strategies: tuple[str, ...] = tuple(
            part for part in raw.get("x-kubernetes-patch-strategy", "").split(",") if part
        )
        self.preserve_unknown_fields: bool = raw.get("x-kubernetes-preserve-unknown-fields") is True
        self.embedded_resource: bool = raw.get("x-kubernetes-embedded-resource") is True
        self._open: bool | None = None
        self._properties: Mapping[str, Schema] | None = None
        self._items: Schema | None = None
        self._additional: Schema | None = None

    @property
    def properties(self) -> Mapping[str, Schema]:
        """Return the fields of an object by name; empty for maps and values."""
        if self._properties is None:
            named = self._book.definition(self.name) if self._book is not None and self.name else None
            if named is not None and named is not self:
                self._properties = named.properties
            else:
                self._properties = {
                    field: Schema(node, self._book) for field, node in self.raw.get("properties", {}).items()
                }
        return self._properties

    @property
    def items(self) -> Schema | None:
        """Return the schema of a list's elements."""
        if self._items is None and "items" in self.raw:
            self._items = Schema(self.raw["items"], self._book)
        return self._items

    @property
    def additional(self) -> Schema | None:
        """Return the schema of a map's values; None when it is no map.

        `additionalProperties: true` in a custom resource's schema is a map of anything.
        """
        if self._additional is None:
            values = self.raw.get("additionalProperties")
            if values is True:
                self._additional = Schema(_ANYTHING)
            elif isinstance(values, Mapping):
                self._additional = Schema(values, self._book)
        return self._additional

    @property
    def custom(self) -> bool:
        """Return whether this is part of a custom resource's schema, which stands alone."""
        return self._book is None

    @property
    def open(self) -> bool:
        """Return whether any field may stand here: RawExtension, JSON, FieldsV1, preserved fields.

        A bare `type: object` is open among the built-in types and empty in a custom resource, which is
        pruned to what its schema names.
        """
        if self._open is None:
            bare = not self.properties and self.additional is None
            self._open = self.preserve_unknown_fields or (
                bare and (self.type == "" or (self.type == "object" and not self.custom))
            )
        return self._open

    @property
    def group_version_kinds(self) -> tuple[GroupVersionKind, ...]:
        """Return the kinds this definition stands for; empty for parts of kinds."""
        return tuple(
            GroupVersionKind(entry["group"], entry["version"], entry["kind"])
            for entry in self.raw.get("x-kubernetes-group-version-kind", ())
        )

    def at(self, *path: str) -> Schema | None:
        """Return the schema under field names; list elements and map values need no step of their own.

        Args:
            path: `("spec", "template", "spec", "containers", "image")`.
        """
        here: Schema | None = self
        for step in path:
            while here is not None and here.items is not None:
                here = here.items
            if here is None:
                return None
            here = here.properties.get(step) or here.additional
        return here

    def __repr__(self) -> str:
        return f"Schema({self.name or self.type or 'anything'})"


class Schemas:
    """Every definition of one Kubernetes version."""

    def __init__(self, version: str, source: str, definitions: Mapping[str, Mapping[str, Any]]) -> None:
        """Index the kinds; definitions are wrapped when asked for.

        Args:
            version: `1.36`.
            source: package and file the definitions were taken from.
            definitions: name -> OpenAPI v3 node.
        """
        self.version = version
        self.source = source
        self._definitions = definitions
        self._wrapped: dict[str, Schema] = {}
        self._kinds: dict[tuple[str, str, str], str] = {}
        for name, node in definitions.items():
            entries = node.get("x-kubernetes-group-version-kind", ())
            for entry in entries:
                # DeleteOptions and WatchEvent stand in every group; a kind of its own comes first.
                key = (entry["group"], entry["version"], entry["kind"])
                if len(entries) == 1 or key not in self._kinds:
                    self._kinds[key] = name

    def raw(self, name: str) -> Mapping[str, Any]:
        """Return one definition as published; empty when there is none of that name."""
        return self._definitions.get(name, _ANYTHING)

    def definition(self, name: str) -> Schema | None:
        """Return one definition by its name (`io.k8s.api.core.v1.PodSpec`)."""
        wrapped = self._wrapped.get(name)
        if wrapped is None and name in self._definitions:
            wrapped = self._wrapped[name] = Schema(self._definitions[name], self, name)
        return wrapped

    def of(self, group: str, version: str, kind: str) -> Schema | None:
        """Return the schema of a kind; None when this Kubernetes version does not serve it.

        Args:
            group: `apps`; empty for the core group.
            version: `v1`.
            kind: `Deployment`.
        """
        name = self._kinds.get((group, version, kind))
        return None if name is None else self.definition(name)

    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """Return every definition as OpenAPI v3 publishes it under `components.schemas`. Do not change it."""
        return self._definitions

    def reachable(self, names: Iterator[str] | tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
        """Return the definitions that the named ones need, themselves included: one document's `schemas`."""
        found: dict[str, Mapping[str, Any]] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self._definitions:
                found[name] = self._definitions[name]
                waiting.extend(_references(found[name]))
        return dict(sorted(found.items()))

    def kinds(self) -> list[GroupVersionKind]:
        """Return every kind that is served or sent, sorted by group, version and kind."""
        return [GroupVersionKind(*key) for key in sorted(self._kinds)]

    def versions_of(self, group: str, kind: str) -> list[str]:
        """Return the API versions in which a kind of a group exists, sorted by name."""
        return sorted(version for its, version, name in self._kinds if (its, name) == (group, kind))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(REFERENCE)
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def minor_version(text: str) -> tuple[int, int]:
    """Return `(1, 36)` for `1.36`, `v1.36` or `v1.36.2-eks-1234`.

    Raises:
        InputError: the text is no Kubernetes version.
    """
    parts = text.removeprefix("v").split(".")
    if len(parts) >= 2 and parts[0].isdecimal() and parts[1].isdecimal():
        return int(parts[0]), int(parts[1])
    raise InputError(f"{text!r} is no Kubernetes version", hint="Write it as 1.36.")


def available() -> tuple[str, ...]:
    """Return the versions whose types ship with the program, oldest first."""
    names = [path.name.removesuffix(".json.gz") for path in _FOLDER.glob("*.json.gz")]
    return tuple(sorted(names, key=minor_version))


def nearest(version: str) -> str:
    """Return the shipped version to judge by: the same minor, else the nearest one.

    Args:
        version: any Kubernetes version; empty means the newest shipped.

    Raises:
        InputError: the text is no Kubernetes version.
    """
    shipped = available()
    if not version:
        return shipped[-1]
    wanted = minor_version(version)[1]
    return min(shipped, key=lambda name: abs(minor_version(name)[1] - wanted))


def load(version: str = "") -> Schemas:
    """Return the types of one Kubernetes version, read once and kept.

    Args:
        version: `1.36`, also `v1.36.2`; empty means the newest shipped.

    Raises:
        InputError: the version is not shipped or is no version.
        DataError: the packaged file is missing or damaged.
    """
    name = "{}.{}".format(*minor_version(version)) if version else nearest("")
    if name not in available():
        raise InputError(
            f"No types of Kubernetes {version} here",
            hint=f"Choose one of {', '.join(available())}.",
        )
    return _read(name)


@functools.lru_cache(maxsize=4)
def _read(version: str) -> Schemas:
    path = _FOLDER / f"{version}.json.gz"
    try:
        document = orjson.loads(gzip.decompress(path.read_bytes()))
        return Schemas(document["version"], document["source"]["title"], document["definitions"])
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path.name}: the packaged Kubernetes types cannot be read: {error}",
            hint="Install the program again.",
        ) from error
