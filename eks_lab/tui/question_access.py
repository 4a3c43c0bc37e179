"""What the question screens ask of whoever has bank, record and bench: calls that wait, for worker threads only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from eks_lab.tui.question_rows import (
    AskedQuestion,
    ClockDoubtRow,
    Due,
    Hub,
    JudgedAnswer,
    ReviewCard,
    TrackRow,
    TrackStanding,
)

if TYPE_CHECKING:
    from eks_lab.content.diagram.model import Diagram
    from eks_lab.content.items.bank import Bank
    from eks_lab.content.items.given import Given
    from eks_lab.content.items.model import Item
    from eks_lab.content.items.variant import Variant
    from eks_lab.content.model import LoadedCourse
    from eks_lab.learning.progress import Progress


class QuestionRun(Protocol):
    """Questions one after the other: a quiz or a drill. Every call may raise an `EksLabError`."""

    @property
    def title(self) -> str:
        """What is asked about."""
        ...

    @property
    def total(self) -> int:
        """How many questions there are."""
        ...

    def next(self) -> AskedQuestion | None:
        """Return the next question; None at the end."""
        ...

    def keep(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Remember an answer."""
        ...


class ReviewRun(Protocol):
    """The daily review. Every call may raise an `EksLabError`."""

    @property
    def settled_labs(self) -> int:
        """How many labs that were done again counted as reviews when it began."""
        ...

    def due(self) -> Due:
        """Return what is left."""
        ...

    def next(self) -> ReviewCard | None:
        """Return the next card; None when nothing is left but what was skipped."""
        ...

    def rate(self, card: ReviewCard, rating: int, answer: JudgedAnswer | None) -> str:
        """Remember a review, with the answer to a question; return when the card comes back, in words."""
        ...

    def skip(self, card: ReviewCard) -> None:
        """Leave a card for later."""
        ...


class QuestionAccess(Protocol):
    """Questions as the screens use them; every call but `cancel` and `close` may raise an `EksLabError`."""

    # What engines are made of, for screens with engines of their own

    def course(self) -> LoadedCourse:
        """Return the course."""
        ...

    def bank(self) -> Bank:
        """Return the questions; opened at the first call."""
        ...

    def record(self) -> Progress:
        """Return the learner's record."""
        ...

    def diagram(self, item: Item) -> Diagram | None:
        """Return what a diagram question is about; None for other kinds."""
        ...

    # Judging

    def prepare(self, variant: Variant) -> None:
        """Set a command or manifest up while the learner reads; nothing for other kinds."""
        ...

    def judge(self, variant: Variant, given: Given) -> JudgedAnswer:
        """Judge an answer; commands and manifests run in a throw-away sandbox. `CancelledError` after `cancel`."""
        ...

    def cancel(self) -> None:
        """End the judgement that runs; waits for nobody."""
        ...

    # The hub

    def due_count(self) -> int:
        """Return how many cards may be reviewed now, as cheaply as it goes."""
        ...

    def hub(self) -> Hub:
        """Return what can be done now."""
        ...

    # Practising

    def quiz(self, chapter: str) -> QuestionRun:
        """Begin a quiz of a chapter."""
        ...

    def drill(self, skill: str) -> QuestionRun:
        """Begin a drill of a skill; empty for the weakest ones."""
        ...

    def again(self, title: str, question_ids: tuple[str, ...]) -> QuestionRun:
        """Begin a run of questions that were missed, as fresh variants."""
        ...

    # Reviewing

    def clock_doubt(self) -> ClockDoubtRow | None:
        """Return why the clock may be wrong."""
        ...

    def review(self, *, trusts_clock: bool = False) -> ReviewRun:
        """Begin the daily review."""
        ...

    # Readiness

    def tracks(self) -> tuple[TrackRow, ...]:
        """Return every exam with the learner's standing."""
        ...

    def standing(self, track_id: str) -> TrackStanding:
        """Return how the learner stands before one exam."""
        ...

    # Decks

    def take_deck(self, path: Path) -> str:
        """Take cards from a file as the learner's own; return what came of it, in a sentence."""
        ...

    def write_deck(self, path: Path, *, own: bool, force: bool = False) -> str:
        """Write own cards, or the course's questions, as a deck for Anki; return what came of it."""
        ...

    def close(self) -> None:
        """End the bench."""
        ...
