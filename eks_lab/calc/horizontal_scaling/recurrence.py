"""Decisions of one play that are made once and met again.

A look depends on few things: how many pods are in which stage, what was measured in whole milli-units, and,
beyond that, on the windows and policies. Over a day the same come again and again.
"""

from __future__ import annotations

from collections import deque

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler
from eks_lab.calc.horizontal_scaling.decision import Decision, largest, restrained, without_recommendation
from eks_lab.calc.horizontal_scaling.proposal import Proposal
from eks_lab.calc.horizontal_scaling.restraint import Span


class Proposed:
    """What the metrics ask for in one situation, with the decisions that came of it."""

    __slots__ = ("_autoscaler", "_current", "_decisions", "_proposals", "_winner", "kept", "unable", "wanted")

    def __init__(self, autoscaler: Autoscaler, current: int, proposals: tuple[Proposal, ...]) -> None:
        """Take the proposals of a situation.

        Args:
            autoscaler: its specification.
            current: replicas in that situation, inside the bounds.
            proposals: one for each metric.
        """
        self._autoscaler, self._current, self._proposals = autoscaler, current, proposals
        self.unable = without_recommendation(current, proposals)
        """The decision to do nothing when too little can be read; None otherwise."""
        self._winner = largest(proposals) if self.unable is None else None
        self.wanted = (self._winner.replicas or 0) if self._winner else 0
        """The recommendation, where there is one."""
        self.kept: Decision | None = None
        """The decision when the windows hold nothing but the present number; None before it is made."""
        self._decisions: dict[tuple[int, int, int | None], Decision] = {}

    def decision(self, lowest: int, highest: int, limit: int | None) -> Decision:
        """Return the decision for a recommendation under the span of the windows and a limit of policies."""
        key = lowest, highest, limit
        found = self._decisions.get(key)
        if found is None:
            winner = self._winner or largest(self._proposals)
            found = restrained(
                self._autoscaler, self._current, self._proposals, winner, Span(lowest, highest), limit
            )
            self._decisions[key] = found
            if lowest == highest == self._current:
                self.kept = found
        return found


class WishWindow:
    """The extreme of the wishes of a stabilisation window, the present one included.

    Equal wishes in a row are one, and one that can never again be the extreme is forgotten.
    """

    __slots__ = ("_seconds", "_sign", "older")

    def __init__(self, seconds: float, *, lowest: bool) -> None:
        """Begin without a wish.

        Args:
            seconds: length of the window; what is exactly as old is outside.
            lowest: whether the extreme is the lowest wish; the highest otherwise.
        """
        self._seconds, self._sign = seconds, -1 if lowest else 1
        self.older: deque[tuple[float, int]] = deque()
        """Wishes before the present one that may have a say; empty when none has."""

    def remember(self, wished_at: float, wish: int) -> None:
        """Take a wish that another one follows, with the last time that it was wished."""
        signed = self._sign * wish
        while self.older and self.older[-1][1] <= signed:
            self.older.pop()
        self.older.append((wished_at, signed))

    def extreme(self, now: float, wish: int) -> int:
        """Return the extreme of the window that ends now with a wish."""
        older = self.older
        start = now - self._seconds
        while older and older[0][0] <= start:
            older.popleft()
        signed = self._sign * wish
        return self._sign * max(older[0][1], signed) if older else wish
