"""How Kubernetes' Go structs travel: the packaged table of protobuf fields and Go type names.

Read once on first use (about 15 ms); written by `refresh_wire.py`, which names the sources.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eks_lab.errors import DataError

_FILE = Path(__file__).with_name("data") / "wire.json.gz"


@dataclass(frozen=True, slots=True)
class WireField:
    """One numbered field of a protobuf message."""

    name: str
    """Its name in JSON."""
    type: int
    """Number of the protobuf type, as in `FieldDescriptorProto.Type`."""
    repeated: bool
    """A list, or the entries of a map."""
    message: str
    """Full name of the message it holds; empty for scalars."""
    inlined: bool
    """Its fields stand among those of the message around it."""
    pointer: bool
    """Sent only when it was set: a zero means zero."""


@dataclass(frozen=True, slots=True)
class WireMessage:
    """One protobuf message."""

    entry: bool
    """True for the key-value pair of a map."""
    fields: Mapping[int, WireField]
    """By number."""
    kept_empty: frozenset[str]
    """JSON names of scalars that Go writes even when they are empty."""


class WireTable:
    """Every message and every Go string type, wrapped when asked for."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the parsed data file."""
        self._messages: Mapping[str, Any] = document["messages"]
        self._wrapped: dict[str, WireMessage] = {}
        self.string_types: Mapping[str, str] = document["string_types"]
        """`definition.field` of the OpenAPI schema -> Go type, for fields of a named string type."""

    def message(self, name: str) -> WireMessage | None:
        """Return one message by its full name; None when there is none."""
        wrapped = self._wrapped.get(name)
        if wrapped is None and name in self._messages:
            described = self._messages[name]
            fields: dict[int, WireField] = {}
            kept: set[str] = set()
            for number, (field, kind, repeated, target, flags) in described["f"].items():
                fields[int(number)] = WireField(
                    field, kind, repeated, target or "", "i" in flags, "p" in flags
                )
                if described["go"] and "o" not in flags:
                    kept.add(field)
            wrapped = self._wrapped[name] = WireMessage(described["map"], fields, frozenset(kept))
        return wrapped


@functools.cache
def wire_table() -> WireTable:
    """Return the packaged table.

    Raises:
        DataError: the packaged file is missing or damaged.
    """
    try:
        return WireTable(orjson.loads(gzip.decompress(_FILE.read_bytes())))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise DataError(
            f"{_FILE.name}: the packaged table of protobuf fields cannot be read: {error}",
            hint="Install the program again.",
        ) from error
