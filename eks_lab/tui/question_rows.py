"""What the question screens show, as frozen rows: made by whoever has the bank and the record, drawn by the screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from eks_lab.content.diagram.model import Diagram
    from eks_lab.content.items.given import Given
    from eks_lab.content.items.result import Result
    from eks_lab.content.items.variant import Variant
    from eks_lab.grading.practical.practice import Typed


@dataclass(frozen=True, slots=True)
class Due:
    """What the daily review has now."""

    due: int
    """Cards that come back."""
    new: int
    """Cards that may begin today."""
    waiting: int = 0
    """New cards for other days."""
    missing: int = 0
    """Cards that this course cannot ask."""
    leeches: int = 0
    """Cards that were forgotten too often."""
    next_words: str = ""
    """When the next card comes, in words."""

    @property
    def total(self) -> int:
        """How many may be reviewed now."""
        return self.due + self.new


@dataclass(frozen=True, slots=True)
class Pickable:
    """A chapter or a skill to ask about."""

    id: str
    """Of the chapter or skill."""
    title: str
    """As people read it."""
    questions: int
    """How many there are."""
    answered: int
    """How many of them were answered, in their present revision."""
    share: float | None
    """Mean score of the latest answers, 0 to 1; None before the first."""


@dataclass(frozen=True, slots=True)
class Hub:
    """What can be done with questions now."""

    due: Due
    """Daily review."""
    questions: int
    """In the bank."""
    answered: int
    """Of these, in their present revision."""
    chapters: tuple[Pickable, ...]
    """In the order of the course; those that have questions."""
    skills: tuple[Pickable, ...]
    """Weakest first; those never asked stand last."""
    own_cards: int
    """Cards the learner brought along."""
    interviews: int
    """Questions that are asked in interviews."""
    tracks: int
    """Exams there are."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question as it is put to the learner."""

    id: str
    """Of the question."""
    rev: int
    """Its revision."""
    variant: Variant
    """As it is asked."""
    diagram: Diagram | None = None
    """For a diagram question: what it is about."""
    about: str = ""
    """What it is asked for: lesson, or skill."""

    @property
    def needs_bench(self) -> bool:
        """Whether it is judged by what an answer does to a throw-away sandbox."""
        return self.variant.item.kind in ("command", "manifest")


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer with its judgement."""

    given: Given
    """As it was given."""
    result: Result
    """What is said about it."""
    transcript: tuple[Typed, ...] = ()
    """What the learner's commands printed."""
    seconds: float | None = None
    """Time it took; None when nobody measured it."""


@dataclass(frozen=True, slots=True)
class RatingChoice:
    """One way to say how well a card was known."""

    value: int
    """1 Again, 2 Hard, 3 Good, 4 Easy."""
    name: str
    """The word."""
    interval: str
    """When the card comes back then, such as `10 min` or `4 days`."""


CardForm = Literal["question", "own", "lab"]


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One card of the daily review."""

    id: str
    """Of the card."""
    form: CardForm
    """What it asks: a question, an own card to recall, or a lab to do again."""
    ratings: tuple[RatingChoice, ...]
    """What the learner may say."""
    question: AskedQuestion | None = None
    """For a question."""
    front: str = ""
    """Of an own card."""
    back: str = ""
    """Of an own card."""
    title: str = ""
    """Deck of an own card, title of a lab."""
    lab_id: str = ""
    """For a lab."""
    is_new: bool = False
    """Whether it begins, or begins afresh."""
    is_leech: bool = False
    """Whether it was forgotten too often."""


@dataclass(frozen=True, slots=True)
class ClockDoubtRow:
    """The clock does not fit the reviews there are."""

    sentence: str
    """What to tell the learner."""
    is_ahead: bool
    """Whether reviews have to wait until the learner says that it is right."""


@dataclass(frozen=True, slots=True)
class RangeRow:
    """A share that is known within bounds, 0 to 1."""

    low: float
    """It is hardly below."""
    mean: float
    """Expected."""
    high: float
    """It is hardly above."""

    @property
    def words(self) -> str:
        """Both bounds, such as `23 to 71 %`."""
        return f"{round(100 * self.low)} to {round(100 * self.high)} %"


@dataclass(frozen=True, slots=True)
class TrackRow:
    """An exam and how ready the learner is for it."""

    id: str
    """Of the track."""
    title: str
    """As the issuer calls it."""
    whole: RangeRow
    """Share of our questions that would be right now."""
    questions: int
    """How many the course has for it."""
    answered: int
    """How many of them were answered."""
    pass_share: float | None = None
    """Share that passes, 0 to 1; None where none is published."""


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain of an exam."""

    title: str
    """As the issuer calls it."""
    weight: float | None
    """Percent of the exam."""
    range: RangeRow | None
    """None where the course asks nothing of it."""
    questions: int
    answered: int
    labs: int
    solved: int
    gaps: tuple[str, ...] = ()
    """What practice here cannot cover."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """Something to do today."""

    kind: Literal["review", "lesson", "lab", "drill", "exam"]
    """What kind of thing."""
    text: str
    """What to do, in a sentence."""
    why: str
    """Why this."""
    minutes: int
    """About how long."""
    target: str
    """Id of the lesson, lab, skill or track; empty for reviews."""


@dataclass(frozen=True, slots=True)
class TrackStanding:
    """How a learner stands before one exam."""

    track: TrackRow
    """The whole."""
    said: str
    """The whole in sentences."""
    domains: tuple[DomainRow, ...]
    """In the issuer's order."""
    steps: tuple[StepRow, ...]
    """What to do today."""
    forecast: str
    """Retention in the coming days, in sentences."""
    retention: tuple[tuple[int, float, float], ...] = ()
    """Day from today, share known without reviews, share known with them; a few days only."""
