"""Where the learner has been: back and forward, as a browser does it."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """A lesson and a place in it."""

    lesson_id: str
    anchor: str = ""
    """Heading above the top line; empty at the top."""
    fraction: float = 0.0
    """How far from it to the next one, 0 to 1."""


@dataclass(slots=True)
class History:
    """Visited spots with the present one among them."""

    spots: list[Spot] = field(default_factory=list)
    present: int = -1

    def visit(self, spot: Spot) -> None:
        """Go to a new spot; what was ahead is forgotten."""
        if self.spots and self.spots[self.present] == spot:
            return
        del self.spots[self.present + 1 :]
        self.spots.append(spot)
        if len(self.spots) > LONGEST:
            del self.spots[0]
        self.present = len(self.spots) - 1

    def moved(self, spot: Spot) -> None:
        """Note that the reader scrolled: coming back leads to where they were, not to where they arrived."""
        if self.spots and self.spots[self.present].lesson_id == spot.lesson_id:
            self.spots[self.present] = spot

    @property
    def can_go_back(self) -> bool:
        """Whether there is a spot before the present one."""
        return self.present > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a spot after the present one."""
        return self.present < len(self.spots) - 1

    def back(self) -> Spot | None:
        """Go back one spot and return it; None at the beginning."""
        if not self.can_go_back:
            return None
        self.present -= 1
        return self.spots[self.present]

    def forward(self) -> Spot | None:
        """Go forward one spot and return it; None at the end."""
        if not self.can_go_forward:
            return None
        self.present += 1
        return self.spots[self.present]
