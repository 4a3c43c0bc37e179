"""Types of Terraform values, as far as they can be told without running anything. None is "unknown"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PRIMITIVES = ("string", "number", "bool")
_COLLECTIONS = ("list", "set", "map")


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type."""

    kind: str
    """`string`, `number`, `bool`, `null`, `list`, `set`, `map`, `tuple` or `object`."""
    element: ValueType | None = None
    """Of a list, set or map; None is unknown."""
    attributes: Mapping[str, ValueType | None] = field(default_factory=dict)
    """Of an object."""
    items: tuple[ValueType | None, ...] = ()
    """Of a tuple."""
    whole: str = ""
    """For a whole resource or data source: how it is written."""
    is_open: bool = False
    """Whether an object may have further attributes."""

    @property
    def words(self) -> str:
        """Return it in words."""
        if self.whole:
            return "a whole object"
        names = {"list": "a list", "set": "a set", "map": "a map", "tuple": "a list", "object": "an object"}
        if self.kind not in names:
            return {"number": "a number", "string": "a string", "bool": "a bool"}.get(self.kind, self.kind)
        inner = self.element if self.element else next((item for item in self.items if item), None)
        if self.kind in ("list", "set", "map", "tuple") and inner is not None and inner.whole:
            return f"{names[self.kind]} of whole objects ({inner.whole})"
        return names[self.kind]


STRING, NUMBER, BOOL, NULL = (ValueType(kind) for kind in ("string", "number", "bool", "null"))
OPEN_OBJECT = ValueType("object", is_open=True)
_SIMPLE = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": None, "dynamic": None}


def read_type(text: str) -> ValueType | None:
    """Return the type of a text of the schema table, `list(string)`; None for `any`."""
    if text in _SIMPLE:
        return _SIMPLE[text]
    kind, _, rest = text.partition("(")
    inner = rest[:-1]
    if kind in _COLLECTIONS:
        return ValueType(kind, element=read_type(inner))
    if kind == "object":
        return ValueType("object", attributes=dict(map(_field, _fields(inner[1:-1]))))
    return None


def _field(text: str) -> tuple[str, ValueType | None]:
    name, _, shape = text.partition("=")
    return name, read_type(shape)


def _fields(text: str) -> list[str]:
    """Split `a=string,b=object({c=string})` at its own commas."""
    found: list[str] = []
    depth = start = 0
    for index, letter in enumerate(text):
        if letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif letter == "," and depth == 0:
            found.append(text[start:index])
            start = index + 1
    return [each for each in [*found, text[start:]] if each]


def fits(found: ValueType | None, wanted: ValueType | None) -> bool:
    """Whether Terraform converts a value of one type to another.

    Args:
        found: of the value; unknown fits everywhere.
        wanted: of the argument.
    """
    if found is None or wanted is None or found.kind == "null":
        return True
    if wanted.kind in PRIMITIVES:
        if found.kind not in PRIMITIVES:
            return False
        return {found.kind, wanted.kind} != {"number", "bool"}
    if wanted.kind in ("list", "set", "tuple"):
        return found.kind in ("list", "set", "tuple") and all(
            fits(item, wanted.element) for item in elements(found)
        )
    if wanted.kind == "map":
        if found.kind == "object":
            return found.is_open or all(fits(item, wanted.element) for item in found.attributes.values())
        return found.kind == "map" and fits(found.element, wanted.element)
    if found.kind == "map":
        return True
    return found.kind == "object" and all(
        fits(kind, wanted.attributes[name])
        for name, kind in found.attributes.items()
        if name in wanted.attributes
    )


def elements(found: ValueType) -> tuple[ValueType | None, ...]:
    """Return the types of what is in a list, set, map or tuple; nothing when it is unknown."""
    return found.items if found.kind == "tuple" else (found.element,)


def element_of(found: ValueType | None) -> ValueType | None:
    """Return the type of one element, None when it is unknown or differs."""
    if found is None or found.kind not in ("list", "set", "map", "tuple"):
        return None
    kinds = elements(found)
    return kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else None
