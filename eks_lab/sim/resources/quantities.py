"""Quantities inside objects: read quickly, written back in canonical form."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from eks_lab.kube.quantity import Quantity, QuantityError, canonical_text, parse_quantity
from eks_lab.sim.objects import Obj

ZERO = Quantity(0)


@functools.lru_cache(maxsize=16_384)
def canonical_value(value: str | float) -> str:
    """Return a quantity as the API server stores it; what is no quantity comes back as it is."""
    try:
        return canonical_text(str(value))
    except QuantityError:
        return str(value)


def canonicalise(amounts: Obj | None) -> None:
    """Make every quantity of a resource list canonical, in place.

    Args:
        amounts: `{"memory": "1024Mi"}` becomes `{"memory": "1Gi"}`.
    """
    if amounts:
        for name, value in amounts.items():
            text = canonical_value(value)
            if text != value or type(value) is not str:
                amounts[name] = text


def canonicalise_fields(holder: Obj, names: Iterable[str]) -> None:
    """Make single quantities canonical, in place.

    Args:
        holder: the object that has them.
        names: of the fields that hold a quantity.
    """
    for name in names:
        if holder.get(name) is not None:
            holder[name] = canonical_value(holder[name])


def quantity(value: Any) -> Quantity:
    """Return what a stored quantity says; nothing counts as zero, and so does what is no quantity."""
    if value is None:
        return ZERO
    try:
        return parse_quantity(str(value))
    except QuantityError:
        return ZERO
