"""What the interview screens ask of whoever holds interviews: calls that wait, for worker threads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from eks_lab.tui.interview_view import InterviewList, Talk, Wish

if TYPE_CHECKING:
    from eks_lab.learning.interviews.scorecard import Scorecard

ExportForm = Literal["markdown", "json"]


class InterviewAccess(Protocol):
    """Interviews as the screens use them; every call may raise an `EksLabError`."""

    def all(self) -> InterviewList:
        """Return every interview; one whose time has passed meanwhile is ended."""
        ...

    def begin(self, wish: Wish) -> str:
        """Begin an interview; its clock runs. Return what the learner should know, or nothing."""
        ...

    def look(self) -> Talk:
        """Return the interview that runs, or how it ended since it was begun or joined here."""
        ...

    def answer(self, text: str) -> None:
        """Answer what was asked; an empty text passes it."""
        ...

    def stop(self) -> None:
        """End the interview now."""
        ...

    def card(self, interview_id: int) -> Scorecard:
        """Return the scorecard of an interview that is over."""
        ...

    def overrule(self, interview_id: int, ref: str, found: bool) -> Scorecard:
        """Keep what the learner says about a point (`PointLine.ref`); return the scorecard with it."""
        ...

    def lesson_titles(self, ids: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Return id and title of lessons; those that are gone are left out."""
        ...

    def export(self, card: Scorecard, form: ExportForm) -> str:
        """Return a scorecard as a document."""
        ...
