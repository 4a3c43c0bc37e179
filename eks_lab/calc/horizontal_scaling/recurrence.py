"""Decisions of one play that are made once and met again.

A look depends on few things: how many pods are in which stage, what was measured in whole milli-units, and,
beyond that, on the windows and policies. Over a day the same come again and again.
"""

from __future__ import annotations

from collections import deque

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler, ControllerFlags, window_seconds
from eks_lab.calc.horizontal_scaling.decision import (
    Decision,
    largest,
    limit_of_policies,
    restrained,
    stabilised_replicas,
    without_recommendation,
)
from eks_lab.calc.horizontal_scaling.proposal import Proposal
from eks_lab.calc.horizontal_scaling.restraint import History, Span


class Proposed:
    """What the metrics ask for in one situation, with the decisions that came of it."""

    __slots__ = ("_autoscaler", "_decisions", "_proposals", "_winner", "current", "kept", "unable", "wanted")

    def __init__(self, autoscaler: Autoscaler, current: int, proposals: tuple[Proposal, ...]) -> None:
        """Take the proposals of a situation.

        Args:
            autoscaler: its specification.
            current: replicas in that situation, inside the bounds.
            proposals: one for each metric.
        """
        self._autoscaler, self._proposals = autoscaler, proposals
        self.current = current
        """Replicas in the situation."""
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
                self._autoscaler, self.current, self._proposals, winner, Span(lowest, highest), limit
            )
            self._decisions[key] = found
            if lowest == highest == self.current:
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


class Wishes:
    """What the controller wished, look by look, and what its windows and policies make of it."""

    __slots__ = ("_autoscaler", "_down", "_up", "_wish", "_wished_at")

    def __init__(self, autoscaler: Autoscaler, flags: ControllerFlags, initial_replicas: int) -> None:
        """Begin with the replicas that are found: they count as the first wish, as in `decide`."""
        up_seconds, down_seconds = window_seconds(autoscaler, flags)
        self._autoscaler = autoscaler
        self._up, self._down = WishWindow(up_seconds, lowest=True), WishWindow(down_seconds, lowest=False)
        self._wish, self._wished_at = initial_replicas, 0.0

    @property
    def are_several(self) -> bool:
        """Whether a window holds a wish that differs from the present one."""
        return bool(self._up.older or self._down.older)

    def stand_until(self, now: float) -> None:
        """Make the present wish again, up to a time."""
        self._wished_at = now

    def decision(self, found: Proposed, history: History, now: float) -> Decision:
        """Return the decision on what the metrics ask for now; asked again for the same time it is the same.

        Args:
            found: a situation with a recommendation.
            history: past steps.
            now: present time in seconds, never less than before.
        """
        wish, current, up, down = found.wanted, found.current, self._up, self._down
        if wish != self._wish:
            up.remember(self._wished_at, self._wish)
            down.remember(self._wished_at, self._wish)
            self._wish = wish
        self._wished_at = now
        lowest = up.extreme(now, wish) if up.older else wish
        highest = down.extreme(now, wish) if down.older else wish
        if lowest == highest == current:
            return found.kept or found.decision(current, current, None)
        limit = None
        stabilised = stabilised_replicas(self._autoscaler, lowest, highest, current)
        if stabilised != current:
            limit = limit_of_policies(self._autoscaler, history, current, stabilised, now)
        return found.decision(lowest, highest, limit)
