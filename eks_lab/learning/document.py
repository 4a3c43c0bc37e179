"""Progress as one JSON document: what `eks-lab progress export` writes and `import` reads.

Everything of a learner but the settings, which belong to a machine. The version is raised when an
older program could no longer read the document rightly.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, AwareDatetime, Field, FiniteFloat, TypeAdapter, ValidationError

from eks_lab.content.items.given import LONGEST_TEXT as LONGEST_ANSWER
from eks_lab.content.items.given import NOTHING
from eks_lab.errors import InputError
from eks_lab.learning.answer_text import LARGEST_REV, MOST_OPTIONS
from eks_lab.learning.drafts import LONGEST_TEXT, FormKind
from eks_lab.learning.labs import LONGEST_LINE, LabOutcome
from eks_lab.learning.records import AnswerMode, Origin
from eks_lab.learning.timestamps import write_time

FORMAT: Final = "eks-lab-progress"
VERSION: Final = 3
"""2 added the drafts; 3 cards, reviews, labs, exams and interviews, and what more is known of an answer."""

_CONFIG: dict[str, Any] = {"extra": "forbid", "strict": True}


def _to_utc(moment: datetime) -> datetime:
    # Far from both ends of the calendar, so that no time zone and no microsecond leads out of it.
    if not 1970 <= moment.year <= 9000:
        raise ValueError("the year is not between 1970 and 9000")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
OptionIndex = Annotated[int, Field(ge=NOTHING, le=MOST_OPTIONS - 1)]
Text = Annotated[str, Field(max_length=LONGEST_ANSWER)]
Seed = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Seconds = Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)] | None
Share = Annotated[float, Field(ge=0, le=1)]
Rev = Annotated[int, Field(ge=1, le=LARGEST_REV)]
Scalar = int | FiniteFloat | str | None


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """A lesson that was opened."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    lesson_id: str
    """Id of the lesson."""
    opened_at: Moment
    """First opening."""
    finished_at: Moment | None
    """Last finish, or null."""
    seconds: Annotated[int, Field(ge=0, le=10**12)]
    """Reading time."""


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """Where in a lesson the learner was."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    lesson_id: str
    """Id of the lesson."""
    anchor: str
    """Heading above the top line, empty at the top."""
    fraction: Annotated[float, Field(ge=0, le=1)]
    """Way from that heading to the next."""
    saved_at: Moment
    """When."""


@dataclass(frozen=True, slots=True)
class AnswerEntry:
    """One attempt at a question."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    question_id: str
    """Id of the question."""
    rev: Rev
    """Its revision then."""
    given: tuple[OptionIndex, ...] | FiniteFloat | Text
    """Indexes of what was chosen, the number or the text typed."""
    correct: bool
    """Whether it was right."""
    answered_at: Moment
    """When."""
    seed: Seed = 0
    """Which variant was asked."""
    score: Share | None = None
    """What part of it was right; null for all or nothing."""
    seconds: Seconds = None
    """Time taken, or null."""
    mode: AnswerMode = "lesson"
    """Where it was asked."""


@dataclass(frozen=True, slots=True)
class BookmarkEntry:
    """A bookmark."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    lesson_id: str
    """Id of the lesson."""
    anchor: str
    """Heading, empty for the lesson itself."""
    title: str
    """What it is called."""
    created_at: Moment
    """When."""


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """What was left in one form."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    form: FormKind
    """What kind of form."""
    name: str
    """Of the calculator or generator."""
    typed: dict[str, Annotated[str, Field(max_length=LONGEST_TEXT)]]
    """Content by input, of the fields that differ from a fresh form."""
    saved_at: Moment
    """When."""


@dataclass(frozen=True, slots=True)
class CardEntry:
    """A card; where it stands follows from its reviews."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    card_id: str
    """`item:…`, `lab:…`, `lesson:…` or `own:…`."""
    origin: Origin
    """Why there is one."""
    rev: Rev
    """Revision of what it asks."""
    added_at: Moment
    """When it was made, or added again."""
    removed_at: Moment | None
    """When it was taken away, or null."""
    due: Moment
    """When it comes back; for a card with reviews, worked out again from these."""


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One review of a card."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    card_id: str
    """Which card."""
    rev: Rev
    """Revision of what was asked."""
    rating: Annotated[int, Field(ge=1, le=4)]
    """1 Again, 2 Hard, 3 Good, 4 Easy."""
    retention: Annotated[float, Field(ge=0.5, le=0.99)]
    """Wanted retention then."""
    reviewed_at: Moment
    """Its place in the card's history."""
    clock_at: Moment
    """What the clock said."""
    seed: Seed = 0
    """Which variant was asked."""
    seconds: Seconds = None
    """Time taken, or null."""


@dataclass(frozen=True, slots=True)
class OwnCardEntry:
    """A card the learner brought along."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    own_id: str
    """The part of its card's id behind `own:`."""
    deck: str
    """Name of its deck."""
    front: Text
    """What is asked."""
    back: Text
    """What is answered."""
    tags: str
    """Words separated by spaces."""
    changed_at: Moment
    """When it was imported last."""


@dataclass(frozen=True, slots=True)
class LabCommandEntry:
    """A line that was typed in a lab."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    typed_at: Moment
    """When."""
    line: Annotated[str, Field(max_length=LONGEST_LINE)]
    """As typed."""


@dataclass(frozen=True, slots=True)
class LabAttemptEntry:
    """One try at a lab."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    lab_id: str
    """Which lab."""
    seed: Seed
    """Of its variables."""
    started_at: Moment
    """When."""
    ended_at: Moment | None
    """Null while it ran."""
    outcome: LabOutcome | None
    """Null while it ran."""
    points: Annotated[int, Field(ge=0, le=100)] | None
    """Null while it ran."""
    hints: Annotated[int, Field(ge=0, le=1000)]
    """How many were taken."""
    seconds: Annotated[int, Field(ge=0, le=10**9)]
    """From start to end."""
    commands: tuple[LabCommandEntry, ...] = ()
    """What was typed, in order."""


@dataclass(frozen=True, slots=True)
class SittingEntry:
    """An exam or an interview with everything that belongs to it, as rows (see `eks_lab.learning.sittings`)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    kind: str
    """`exam` or `interview`."""
    row: dict[str, Scalar]
    """The sitting itself, by column."""
    parts: dict[str, tuple[dict[str, Scalar], ...]]
    """Rows of the other tables, by table."""


@dataclass(frozen=True, slots=True)
class ProgressDocument:
    """The whole document."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    format: Literal["eks-lab-progress"]
    """Tells it from other JSON files."""
    version: Literal[1, 2, 3]
    """Of this format."""
    program: str
    """Version of the program that wrote it."""
    exported_at: Moment
    """When it was written."""
    lessons: tuple[LessonEntry, ...]
    """Lessons that were opened."""
    places: tuple[PlaceEntry, ...]
    """Newest place of each lesson."""
    answers: tuple[AnswerEntry, ...]
    """Every attempt, oldest first."""
    bookmarks: tuple[BookmarkEntry, ...]
    """Bookmarks, oldest first."""
    drafts: tuple[DraftEntry, ...] = ()
    """What was left in calculators and generators."""
    cards: tuple[CardEntry, ...] = ()
    """Cards, by id."""
    reviews: tuple[ReviewEntry, ...] = ()
    """Every review, oldest first."""
    own_cards: tuple[OwnCardEntry, ...] = ()
    """Cards the learner brought along."""
    lab_attempts: tuple[LabAttemptEntry, ...] = ()
    """Every try at a lab, oldest first."""
    sittings: tuple[SittingEntry, ...] = ()
    """Every exam and interview, oldest first."""


def write_document(document: ProgressDocument) -> str:
    """Return a document as JSON text that ends in a line feed."""
    return json.dumps(asdict(document), default=_as_json, ensure_ascii=False, indent=1) + "\n"


def read_document(content: bytes, source: str) -> ProgressDocument:
    """Return the document that a file holds.

    Args:
        content: JSON in UTF-8, as `write_document` writes it.
        source: where it comes from, for messages.

    Raises:
        InputError: it is not such a document; names the first entry that is wrong, and its value.
    """
    try:
        raw = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{source} is not a progress export: it is not text", hint=HINT) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is not a progress export: it is not JSON ({error})", hint=HINT) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise InputError(f'{source} is not a progress export: it lacks "format": "{FORMAT}"', hint=HINT)
    version = raw.get("version")
    if type(version) is int and version > VERSION:
        raise InputError(
            f"{source} was exported by a newer eks-lab: its version is {version}, this program reads {VERSION}",
            hint="Update eks-lab, then import it again.",
        )
    try:
        return _ADAPTER.validate_json(content.removeprefix(BOM_UTF8))
    except ValidationError as error:
        raise InputError(f"{source}: {_first_problem(error)}", hint=f"Nothing was imported. {HINT}") from None


HINT = "A file written by `eks-lab progress export` can be imported."
_ADAPTER = TypeAdapter(ProgressDocument)


def _as_json(value: object) -> str:
    if isinstance(value, datetime):
        return write_time(value)
    raise TypeError(f"not for a progress document: {value!r}")


def _first_problem(error: ValidationError) -> str:
    """Return `answers[3].rev is 0: …` for the first of the problems."""
    details = error.errors(include_url=False)
    first = details[0]
    where = ""
    for part in first["loc"]:
        if isinstance(part, int):
            where += f"[{part}]"
        elif part.isidentifier():
            where += f".{part}" if where else part
    value = repr(first["input"]) if not isinstance(first["input"], dict | list) else "of the wrong shape"
    more = f" ({len(details) - 1} more)" if len(details) > 1 else ""
    shown = value if len(value) <= 60 else value[:59] + "…"
    return f"{where or 'the document'} is {shown}: {first['msg']}{more}"
