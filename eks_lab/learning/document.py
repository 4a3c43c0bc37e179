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

from eks_lab.errors import InputError
from eks_lab.learning.answer_text import LARGEST_REV, MOST_OPTIONS
from eks_lab.learning.drafts import LONGEST_TEXT, FormKind
from eks_lab.learning.timestamps import write_time

FORMAT: Final = "eks-lab-progress"
VERSION: Final = 2
"""2 added the drafts; a document of version 1 has none."""

_CONFIG: dict[str, Any] = {"extra": "forbid", "strict": True}


def _to_utc(moment: datetime) -> datetime:
    # Far from both ends of the calendar, so that no time zone and no microsecond leads out of it.
    if not 1970 <= moment.year <= 9000:
        raise ValueError("the year is not between 1970 and 9000")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
OptionIndex = Annotated[int, Field(ge=0, le=MOST_OPTIONS - 1)]


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
    rev: Annotated[int, Field(ge=1, le=LARGEST_REV)]
    """Its revision then."""
    given: tuple[OptionIndex, ...] | FiniteFloat
    """Chosen options from 0, or the number typed."""
    correct: bool
    """Whether it was right."""
    answered_at: Moment
    """When."""


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
class ProgressDocument:
    """The whole document."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    format: Literal["eks-lab-progress"]
    """Tells it from other JSON files."""
    version: Literal[1, 2]
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
