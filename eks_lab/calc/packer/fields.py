"""Fields of a manifest: typed, and refused with document, path and value when they are not usable."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeGuard

from eks_lab.calc.packer.quantity import parse_quantity
from eks_lab.errors import InputError

_LONGEST_SHOWN = 40
MOST_ENTRIES = 10_000
"""Of one list or mapping inside a manifest."""

Fields = Mapping[str, Any]


class Place(NamedTuple):
    """Where a value stands."""

    document: str
    """`pods, document 3 (Deployment web)`."""
    path: str
    """`spec.template.spec`."""

    def __truediv__(self, key: str) -> Place:
        """Return the place of a field below."""
        return Place(self.document, f"{self.path}.{key}" if self.path else key)

    def item(self, index: int) -> Place:
        """Return the place of an element of a list."""
        return Place(self.document, f"{self.path}[{index}]")

    def refusal(self, problem: str, hint: str = "") -> InputError:
        """Return the error for the value at this place.

        Args:
            problem: what is wrong, with the value.
            hint: the next step.
        """
        return InputError(f"{self.document}: {self.path}: {problem}", hint=hint or "Correct the manifest.")


def shown(value: object) -> str:
    """Return a value as a message quotes it."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return "a number of more than 30 digits"
    text = repr(value[: 2 * _LONGEST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def as_mapping(value: object, place: Place) -> Fields:
    """Return a mapping, empty for null.

    Raises:
        InputError: it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise place.refusal(f"{shown(value)} is no mapping")
    if len(value) > MOST_ENTRIES:
        raise place.refusal(f"more than {MOST_ENTRIES:,} entries")
    return value


def mapping(parent: Fields, key: str, place: Place) -> Fields:
    """Return a mapping below, empty when absent."""
    value = parent.get(key)
    if value is None:
        return {}
    # Nearly always it is one: its place is only put together for a refusal.
    return value if _is_usual(value) else as_mapping(value, place / key)


def required_mapping(parent: Fields, key: str, place: Place) -> Fields:
    """Return a mapping below that must be there."""
    value = parent.get(key)
    if value is None:
        raise (place / key).refusal("Required value")
    return value if _is_usual(value) else as_mapping(value, place / key)


def _is_usual(value: object) -> TypeGuard[dict[str, Any]]:
    return type(value) is dict and len(value) <= MOST_ENTRIES


def items(parent: Fields, key: str, place: Place) -> list[Any]:
    """Return a list below, empty when absent."""
    value = parent.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise (place / key).refusal(f"{shown(value)} is no list")
    if len(value) > MOST_ENTRIES:
        raise (place / key).refusal(f"more than {MOST_ENTRIES:,} entries")
    return value


def mappings(parent: Fields, key: str, place: Place) -> list[tuple[Fields, Place]]:
    """Return the mappings of a list below, each with its place."""
    values = items(parent, key, place)
    if not values:
        return []
    here = place / key
    places = [here.item(index) for index in range(len(values))]
    return [(as_mapping(value, at), at) for value, at in zip(values, places, strict=True)]


def text(parent: Fields, key: str, place: Place, default: str | None = None) -> str:
    """Return a string below.

    Args:
        parent: the mapping that holds it.
        key: its name there.
        place: of the mapping.
        default: for an absent one; None when it must be there.
    """
    value = parent.get(key)
    if value is None:
        if default is None:
            raise (place / key).refusal("Required value")
        return default
    if not isinstance(value, str):
        raise (place / key).refusal(f"{shown(value)} is no string", hint="Put it in quotes.")
    return value


def texts(parent: Fields, key: str, place: Place) -> tuple[str, ...]:
    """Return the strings of a list below, empty when absent."""
    values = items(parent, key, place)
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise (
                (place / key)
                .item(index)
                .refusal(f"{shown(value)} is no string", hint='Put it in quotes: "8", "true".')
            )
    return tuple(values)


def text_mapping(parent: Fields, key: str, place: Place) -> dict[str, str]:
    """Return a mapping of strings below: labels, annotations, a node selector."""
    found = mapping(parent, key, place)
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ((place / key) / str(name)).refusal(
                f"{shown(value)} is no string", hint='Put it in quotes: "1", "true".'
            )
    return dict(found)


def whole(parent: Fields, key: str, place: Place, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
    """Return a whole number below, within its bounds."""
    value = parent.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise (place / key).refusal(f"{shown(value)} is no whole number from {least} to {most:,}")
    return value


def flag(parent: Fields, key: str, place: Place) -> bool:
    """Return a boolean below, false when absent."""
    value = parent.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise (place / key).refusal(f"{shown(value)} is neither true nor false")
    return value


def choice(parent: Fields, key: str, place: Place, choices: tuple[str, ...], default: str | None) -> str:
    """Return one of several words below; default None means it must be there."""
    value = text(parent, key, place, default)
    if value not in choices:
        raise (place / key).refusal(f"{shown(value)} is none of {', '.join(choices)}")
    return value


def quantity(value: object, place: Place) -> Fraction:
    """Return a Kubernetes quantity.

    Raises:
        InputError: it is none, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise place.refusal(f"{shown(value)} is no quantity")
    if isinstance(value, int) and abs(value) >= 10**30:
        raise place.refusal(f"{shown(value)} is no quantity")
    found = parse_quantity(str(value))
    if found is None:
        raise place.refusal(f"{shown(value)} is no quantity", hint="Write 250m, 2, 512Mi or 4Gi.")
    return found
