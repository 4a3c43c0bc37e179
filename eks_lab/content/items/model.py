"""What the question bank is made of: one frozen dataclass a kind of question.

The docstring under each field is what an author reads in the editor: the JSON Schema of `quiz/*.yaml` is generated from
this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator

from eks_lab.content.actions import Action, WorldOptions
from eks_lab.content.model import ComputedBy, Difficulty, Option
from eks_lab.content.queries import Query, ResourceQuery
from eks_lab.content.variables import Variable

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}

Level = Literal["junior", "mid", "senior"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every question has."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """For ever and unique in the course: `<lesson id>.<slug>`."""
    prompt: str
    """The question, as Markdown without directives; `{{ name }}` stands for a variable."""
    source: str
    """Title of one of the lesson's sources."""
    skills: list[str] = field(default_factory=list)
    """Tags from course.yaml; the lesson's when left out."""
    difficulty: Difficulty = 2
    """1 recall, 2 apply, 3 reason about several things at once."""
    rev: int = 1
    """Raise it when the meaning changes: old answers then no longer count and the card starts afresh."""
    explain: str = ""
    """A closing remark after the answer; for numbers the working, when no calculator gives it."""


# --- picked from what is shown ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceItem(Asked):
    """One right option."""

    kind: Literal["choice"]
    """One right option of three to six."""
    options: list[Option]
    """Each with why it is right or what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiItem(Asked):
    """Any number of right options."""

    kind: Literal["multi"]
    """At least one right option of three to six, and not all."""
    options: list[Option]
    """Each with why it is right or what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedStep:
    """One thing that has its place in an order."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    text: str
    """As the learner reads it; nothing in it tells the place."""
    explain: str
    """Why it comes here and not elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem(Asked):
    """Things to bring into their order."""

    kind: Literal["order"]
    """Three to seven things to sort."""
    steps: list[OrderedStep]
    """In the right order; shown shuffled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedPair:
    """Two things that belong together."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    left: str
    """What is given."""
    right: str
    """What belongs to it; different from every other right side."""
    explain: str
    """Why they belong together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchItem(Asked):
    """Things to join with what belongs to them."""

    kind: Literal["match"]
    """Three to six pairs."""
    pairs: list[MatchedPair]
    """The right pairs; the right sides are shown shuffled."""
    extra: list[Option] = field(default_factory=list)
    """Right sides that belong to nothing, each with why; `correct` stays false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointedPart:
    """A part of a diagram that may be pointed at."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    part: str
    """Id of a node or link of the diagram."""
    explain: str
    """Why it is or is not what was asked for."""
    correct: bool = False
    """Exactly one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramItem(Asked):
    """The broken hop of a diagram."""

    kind: Literal["diagram"]
    """Point at one part of a diagram of the course."""
    diagram: str
    """Id of a file in `lessons/diagrams`."""
    points: list[PointedPart]
    """Three to eight parts to choose from."""


# --- typed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberItem(Asked):
    """A number to work out."""

    kind: Literal["number"]
    """A number is typed."""
    vars: dict[str, Variable] = field(default_factory=dict)
    """Values that differ from seed to seed; later ones may use earlier ones."""
    computed_by: ComputedBy | None = None
    """The calculator that gives the answer; its inputs may name variables. Its working is shown afterwards."""
    answer: float | str | None = None
    """Without a calculator: the number, or one expression over the variables."""
    tolerance: float | str = 0.0
    """How far off still counts as right, in the unit of the answer; may be an expression over `answer`."""
    unit: str = ""
    """What the number counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoint:
    """Something a good answer says."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Lower case with dashes, unique in its question."""
    text: str
    """The point in a sentence, as the learner reads it afterwards."""
    says: list[list[str]]
    """Groups of phrases: of each group at least one has to be there, in one sentence or two that touch."""
    denied: list[str] = field(default_factory=list)
    """Phrases that contradict the point: with one of them it is not found."""
    weight: float = 1
    """Its share of the score."""
    essential: bool = False
    """Without it no answer is strong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What an interviewer asks next."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    prompt: str
    """The next question."""
    when: str = "always"
    """`missing: ID` or `found: ID` of a key point, `weak` (under half), `strong`, or `always`."""
    points: list[KeyPoint]
    """What a good answer says."""
    model: str
    """A strong answer, in three to six sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """Where in an interview a question belongs."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    level: Level
    """Of the position."""
    topic: str
    """Id of a chapter, or `general`."""
    competence: Literal[
        "fundamentals", "design", "operations", "security", "troubleshooting", "cost", "communication"
    ]
    """What the question is for."""
    follow_ups: list[FollowUp] = field(default_factory=list)
    """One to three."""
    minutes: float = 4
    """Time a candidate takes for the first answer."""
    needs: Query | None = None
    """About the learner's own sandbox: only asked while this holds there."""
    facts: dict[str, ResourceQuery] = field(default_factory=dict)
    """About the learner's own sandbox: values that prompt, key points and model answers may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallItem(Asked):
    """A question answered in free words."""

    kind: Literal["recall"]
    """Free text, compared with key points."""
    points: list[KeyPoint]
    """Two to seven things a good answer says."""
    model: str
    """A strong answer, in three to eight sentences."""
    interview: Interview | None = None
    """Given: the question is also asked in interviews."""


# --- done in a sandbox --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Query):
    """Something that has to hold afterwards."""

    otherwise: str
    """What to say when it does not hold; `{observed}` stands for what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What the last command has to print."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    contains: list[str] = field(default_factory=list)
    """All of these."""
    lacks: list[str] = field(default_factory=list)
    """None of these."""
    matches: list[str] = field(default_factory=list)
    """All of these regular expressions, line by line."""
    otherwise: str = "The output does not answer the question."
    """What to say when it is something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCommand:
    """Lines that look right and are not."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    lines: str
    """As typed, one command a line."""
    why: str
    """What is wrong with it, for the learner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandItem(Asked):
    """Something to do with kubectl or aws."""

    kind: Literal["command"]
    """Commands are typed, run in a throw-away sandbox and judged by what they do."""
    vars: dict[str, Variable] = field(default_factory=dict)
    """Values that differ from seed to seed."""
    world: WorldOptions = field(default_factory=WorldOptions)
    """The account and cluster it begins with."""
    setup: list[Action] = field(default_factory=list)
    """Played before the learner's commands, as in a lab's `start.steps`."""
    lines: int = 1
    """Most commands that may be typed."""
    after: str = "30s"
    """Simulated time between the last command and the judgement."""
    checks: list[Effect] = field(default_factory=list)
    """What has to hold then; at least one of these must fail before anything is typed, or `prints` is given."""
    prints: Printed | None = None
    """For commands that only read."""
    answers: list[str]
    """At least two different ways; commands separated by line ends."""
    wrong: list[WrongCommand]
    """At least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of the given text."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    replace: str
    """Text that stands there exactly once."""
    to: str
    """What to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestAnswer:
    """A text of the file: whole, or as changes of what was given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    edits: list[Edit] = field(default_factory=list)
    """Made in order on the given text."""
    text: str = ""
    """Instead: the whole file."""
    why: str = ""
    """For wrong ones: what is wrong with it, for the learner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestItem(Asked):
    """A manifest to write or mend."""

    kind: Literal["manifest"]
    """YAML is edited, held against the checker, applied in a throw-away sandbox and judged by what it does."""
    vars: dict[str, Variable] = field(default_factory=dict)
    """Values that differ from seed to seed."""
    file: str = "manifest.yaml"
    """What the file is called."""
    given: str
    """What stands in it at first."""
    world: WorldOptions = field(default_factory=WorldOptions)
    """The account and cluster it begins with."""
    setup: list[Action] = field(default_factory=list)
    """Played before the file is applied."""
    after: str = "60s"
    """Simulated time between applying and the judgement."""
    rules: list[str] = field(default_factory=list)
    """Ids of the checker's rules that may find nothing in the file."""
    checks: list[Effect] = field(default_factory=list)
    """What has to hold in the cluster then."""
    answers: list[ManifestAnswer]
    """At least two different ones."""
    wrong: list[ManifestAnswer]
    """At least one; each says why."""


Item = Annotated[
    ChoiceItem
    | MultiItem
    | OrderItem
    | MatchItem
    | DiagramItem
    | NumberItem
    | RecallItem
    | CommandItem
    | ManifestItem,
    Discriminator("kind"),
]
"""Any question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFile:
    """A file in `lessons/<chapter>/quiz/`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    format: Literal[1]
    """Version of this file format."""
    items: list[Item]
    """In any order."""


def model_of(kind: str) -> type[Any]:
    """Return the dataclass of a kind of question.

    Args:
        kind: `choice`, `multi` and so on.

    Raises:
        KeyError: there is no such kind.
    """
    return _MODELS[kind]


_MODELS: dict[str, type[Any]] = {
    "choice": ChoiceItem,
    "multi": MultiItem,
    "order": OrderItem,
    "match": MatchItem,
    "diagram": DiagramItem,
    "number": NumberItem,
    "recall": RecallItem,
    "command": CommandItem,
    "manifest": ManifestItem,
}
