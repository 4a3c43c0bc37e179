"""How much trouble provisioning takes: few pods, or few kinds of them, are worth more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.domains import Lot
from eks_lab.calc.packer.fill import DENSITY, SIZE_BONUS, STYLES
from eks_lab.calc.packer.patterns import MOST_KINDS

_FEW_UNITS = 200
_MANY_UNITS = 2_000
_FEW_KINDS = 64


@dataclass(frozen=True, slots=True)
class Effort:
    """How much trouble to take."""

    styles: tuple[str, ...]
    """Ways of filling that are tried; the cheaper result counts."""
    renewed_at: float
    """Part of the value that is left when values are found anew."""
    rounds: int
    """Steps that this takes."""
    small: int
    """With so few units left all shapes are tried and values stay."""
    repacks: int
    """How often the poorest nodes are packed once more."""
    poor: float = 0.97
    """A node whose content is worth less of its price asks for new values or for other shapes."""
    hope: float = 0.95
    """What a node is worth that is filled as well as can be hoped for."""
    size_bonus: float = SIZE_BONUS
    """How much sooner the larger of two equally dense units goes in."""
    by_completion: bool = False
    """Whether values count what can be filled in beside a pod."""

    @classmethod
    def of(cls, lots: Sequence[Lot]) -> Effort:
        """Return what the size of the question allows."""
        units = sum(lot.count for lot in lots)
        if units <= _FEW_UNITS:
            return cls(STYLES, 0.6, 60, 40, 3)
        if any(lot.unit.rules is not None for lot in lots):
            return cls((DENSITY,), 0.6, 30, 100, 2)
        kinds = len({(lot.unit.vector, id(lot.choices[0])) for lot in lots})
        if kinds > MOST_KINDS and units > _MANY_UNITS:
            # No column generation puts right what filling spoils, and there is no time to fill twice.
            return cls((DENSITY,), 0.5, 20, 500, 0, poor=0.95, hope=0.9, size_bonus=0.3, by_completion=True)
        if kinds > _FEW_KINDS:
            return cls((DENSITY,), *((0.5, 20, 200, 0) if units > _MANY_UNITS else (0.6, 20, 100, 1)))
        return cls((DENSITY,), 0.9, 60, 100, 2)
