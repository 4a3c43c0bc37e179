"""Kubernetes quantities: `250m`, `1.5`, `2Gi`, `1e3`.

Source of the grammar: kubernetes/apimachinery, pkg/api/resource/quantity.go.
"""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction

_PATTERN = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?\d{1,2}))?"
)
_FACTORS: dict[str | None, Fraction] = {
    None: Fraction(1),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    **{letter: Fraction(1000 ** (power + 1)) for power, letter in enumerate("kMGTPE")},
    **{f"{letter}i": Fraction(1024 ** (power + 1)) for power, letter in enumerate("KMGTPE")},
}
_LONGEST = 40
_LARGEST = 2**63 - 1


@functools.lru_cache(maxsize=65_536)
def parse_quantity(text: str) -> Fraction | None:
    """Return what a quantity comes to; None when the text is no quantity from 0 up to 2⁶³ − 1."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    amount = Fraction(match["number"].rstrip(".") or "0")
    exponent = match["exponent"]
    amount *= _FACTORS[match["suffix"]] if exponent is None else Fraction(10) ** int(exponent)
    return amount if 0 <= amount <= _LARGEST else None


def whole_units(amount: Fraction, per_unit: int = 1) -> int:
    """Return a quantity in whole units, rounded up as the API server does.

    Args:
        amount: what `parse_quantity` returned.
        per_unit: 1000 for millicores, 1 for bytes and devices.
    """
    return math.ceil(amount * per_unit)
