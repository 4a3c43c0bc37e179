"""What the AWS provider takes: arguments, blocks and results of each resource and data source on record.

Data: `schemas/aws.json`, which names the provider and the package it was derived from (see `derive_schema`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eks_lab.checker.terraform.value_type import ValueType, read_type
from eks_lab.errors import DataError

Kind = Literal["resource", "data"]
FORMAT = 1
_TABLE = Path(__file__).parent / "schemas" / "aws.json"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument or a result."""

    type: ValueType | None
    """None: anything."""
    required: bool
    """Whether it has to be written."""
    writable: bool
    """Whether it may be written; a result may not."""
    deprecated: bool
    """Whether the provider warns of it."""


class BlockShape:
    """What may stand in a resource or in one of its blocks."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        """Read nothing before it is asked for.

        Args:
            about: one entry of the table.
        """
        self._about = about
        self.nesting: str = about.get("n", "single")
        """`single`, `list`, `set`, `map`, or `either`: a block or an argument, the source cannot tell."""
        self.least: int = about.get("min", 0)
        """How many blocks there have to be."""
        self.most: int = about.get("max", 0)
        """How many there may be; 0 is no bound."""

    @functools.cached_property
    def arguments(self) -> dict[str, Argument]:
        """Return the arguments and results by name."""
        return {name: _argument(text) for name, text in self._about["a"].items()}

    @functools.cached_property
    def blocks(self) -> dict[str, BlockShape]:
        """Return the blocks by name."""
        return {name: BlockShape(about) for name, about in self._about.get("b", {}).items()}

    @functools.cached_property
    def type(self) -> ValueType:
        """Return the type of a reference to all of it."""
        attributes: dict[str, ValueType | None] = {name: each.type for name, each in self.arguments.items()}
        for name, block in self.blocks.items():
            attributes[name] = block.reference_type
        return ValueType("object", attributes=attributes)

    @property
    def reference_type(self) -> ValueType | None:
        """Return the type of a reference to such blocks."""
        if self.nesting in ("list", "set"):
            return ValueType(self.nesting, element=self.type)
        return None if self.nesting == "either" else self.type


def _argument(text: str) -> Argument:
    flags, _, shape = text.partition(":")
    return Argument(
        type=read_type(shape),
        required="r" in flags,
        writable="r" in flags or "o" in flags,
        deprecated="d" in flags,
    )


class ProviderSchema:
    """All types on record."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Keep the table.

        Args:
            document: as in the file.
        """
        self.sources: list[dict[str, str]] = document["sources"]
        """Package, version, date and address of each origin."""
        self._tables: dict[Kind, dict[str, Any]] = {
            "resource": document["resources"],
            "data": document["data"],
        }
        self._others: dict[Kind, frozenset[str]] = {
            "resource": frozenset(document["other_resources"]),
            "data": frozenset(document["other_data"]),
        }
        self._shapes: dict[tuple[Kind, str], BlockShape] = {}

    def shape(self, kind: Kind, name: str) -> BlockShape | None:
        """Return what a type takes, None when it is not on record."""
        if (kind, name) not in self._shapes:
            about = self._tables[kind].get(name)
            if about is None:
                return None
            self._shapes[kind, name] = BlockShape(about)
        return self._shapes[kind, name]

    def exists(self, kind: Kind, name: str) -> bool:
        """Whether the provider has a type, on record or not."""
        return name in self._tables[kind] or name in self._others[kind]

    def names(self, kind: Kind) -> list[str]:
        """Return every type that is known by name."""
        return [*self._tables[kind], *self._others[kind]]

    def recorded(self, kind: Kind) -> list[str]:
        """Return the types whose arguments are on record."""
        return list(self._tables[kind])


@functools.cache
def provider_schema() -> ProviderSchema:
    """Return the table that ships with the program, read once.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        document = json.loads(_TABLE.read_bytes())
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}, this program reads {FORMAT}")
        return ProviderSchema(document)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{_TABLE.name}: the table of the AWS provider cannot be read: {error}",
            hint="Install the program again.",
        ) from error
