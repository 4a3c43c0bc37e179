"""Kubernetes quantities: exact arithmetic and the canonical text the API server prints.

`8388608Ki` reads back as `8Gi`, `0.5` as `500m`, `1500m` stays `1500m`, `1e3` stays `1e3`.
Source: kubernetes/apimachinery pkg/api/resource/quantity.go and suffix.go.
"""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction
from typing import ClassVar

from eks_lab.errors import InputError

_WHOLE = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*)([+-]?\d*)", re.ASCII)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_BY_POWER = {power: suffix for suffix, power in _DECIMAL.items()}
_BINARY_BY_POWER = {power: suffix for suffix, power in _BINARY.items()}
_NANO = 10**9
_LARGEST = 2**63 - 1


class QuantityError(InputError):
    """A text that is no quantity, in the API server's words."""

    FORMAT: ClassVar[str] = (
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )
    SUFFIX: ClassVar[str] = "unable to parse quantity's suffix"

    @classmethod
    def format_wrong(cls) -> QuantityError:
        """Return the error for a text that is no number with a suffix."""
        return cls(cls.FORMAT)


@functools.total_ordering
class Quantity:
    """An exact amount together with the family of suffixes it was written in.

    Immutable. Compares and hashes by amount: `1000m` equals `1`.
    """

    BINARY: ClassVar[str] = "BinarySI"
    DECIMAL: ClassVar[str] = "DecimalSI"
    EXPONENT: ClassVar[str] = "DecimalExponent"

    __slots__ = ("amount", "family")

    def __init__(self, amount: Fraction | int, family: str = DECIMAL) -> None:
        """Keep an amount.

        Args:
            amount: in whole units: bytes, cores, devices.
            family: `BinarySI`, `DecimalSI` or `DecimalExponent`.
        """
        self.amount = Fraction(amount)
        self.family = family

    @property
    def milli(self) -> int:
        """Return the amount in thousandths, rounded away from zero as Go's MilliValue does."""
        return _away_from_zero(self.amount * 1000)

    @property
    def value(self) -> int:
        """Return the amount in whole units, rounded away from zero as Go's Value does."""
        return _away_from_zero(self.amount)

    def __str__(self) -> str:
        return canonical(self)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.amount == other.amount

    def __lt__(self, other: Quantity) -> bool:
        return self.amount < other.amount

    def __hash__(self) -> int:
        return hash(self.amount)

    def __add__(self, other: Quantity) -> Quantity:
        """Return the sum in the family of the left side; a zero on the left takes the right's family."""
        return Quantity(self.amount + other.amount, other.family if self.amount == 0 else self.family)

    def __sub__(self, other: Quantity) -> Quantity:
        """Return the difference in the family of the left side; a zero takes the right's family."""
        return Quantity(self.amount - other.amount, other.family if self.amount == 0 else self.family)

    def __neg__(self) -> Quantity:
        """Return the amount with the other sign."""
        return Quantity(-self.amount, self.family)

    def __bool__(self) -> bool:
        """Return whether the amount is not zero."""
        return self.amount != 0


def _away_from_zero(amount: Fraction) -> int:
    return math.ceil(amount) if amount >= 0 else math.floor(amount)


@functools.lru_cache(maxsize=16_384)
def parse_quantity(text: str) -> Quantity:
    """Return what a quantity's text says.

    Args:
        text: `250m`, `1.5`, `2Gi`, `1e3`; what is finer than a billionth is rounded up, as Go does, and what
            exceeds 2⁶³ − 1 is capped.

    Raises:
        QuantityError: with the API server's own message.
    """
    text = text.strip()
    match = _WHOLE.fullmatch(text) if len(text) <= 100 else None
    if match is None or not (match[2] or match[3]):
        raise QuantityError.format_wrong()
    sign, whole, fraction, letters, exponent = match.groups(default="")
    digits = whole + fraction
    amount = Fraction(int(digits), 10 ** len(fraction))
    if exponent:
        if letters not in ("e", "E") or exponent in ("+", "-"):
            raise QuantityError(QuantityError.SUFFIX)
        power, family = int(exponent), Quantity.EXPONENT
        # Beyond these the value is zero or capped anyway; a huge exponent must not make a huge number.
        amount *= Fraction(10) ** max(-200, min(200, power))
    elif letters in _BINARY:
        amount, family = amount * 1024 ** _BINARY[letters], Quantity.BINARY
    elif letters in _DECIMAL:
        amount, family = amount * Fraction(10) ** _DECIMAL[letters], Quantity.DECIMAL
    else:
        raise QuantityError(QuantityError.SUFFIX)
    rounded = Fraction(math.ceil(amount * _NANO), _NANO)
    capped = min(rounded, Fraction(_LARGEST))
    return Quantity(-capped if sign == "-" else capped, family)


def canonical(quantity: Quantity) -> str:
    """Return the text Go prints: no fraction, the largest suffix that keeps the number whole.

    Binary amounts below 1024, and those that are no whole number, print in decimal.
    """
    amount = quantity.amount
    if amount == 0:
        return "0"
    family = quantity.family
    if family == Quantity.BINARY and (-1024 < amount < 1024 or amount.denominator != 1):
        family = Quantity.DECIMAL
    if family == Quantity.BINARY:
        number, power = int(amount), 0
        while number % 1024 == 0 and power < 6:
            number, power = number // 1024, power + 1
        return f"{number}{_BINARY_BY_POWER.get(power, '')}"
    # Up to nine decimals are kept, so this is a whole number of billionths.
    number, power = int(amount * _NANO), -9
    while number % 1000 == 0 and power < 18:
        number, power = number // 1000, power + 3
    if family == Quantity.EXPONENT:
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_DECIMAL_BY_POWER[power]}"


def canonical_text(text: str) -> str:
    """Return a quantity's text as the API server stores it: `8388608Ki` is `8Gi`.

    Raises:
        QuantityError: the text is no quantity.
    """
    return canonical(parse_quantity(text))
