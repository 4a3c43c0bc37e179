"""What a lab is made of: frozen dataclasses that `lab.yaml` is validated into.

The docstring under each field is what an author reads in the editor: the JSON Schema is generated from this
file. Reading and validating is `eks_lab.grading.lab_file`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from eks_lab.content.actions import Action, Start
from eks_lab.content.queries import Query
from eks_lab.content.variables import Variable

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}

Difficulty = Literal[1, 2, 3]
Capability = Literal["cluster", "account", "kubectl", "aws", "terraform"]
BACKENDS = ("embedded", "aws", "docker")
FULL_AWARD = 100
"""Points of a lab that is solved without hints; the weights of its checks make this sum."""


# --- what is judged ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Query):
    """One thing the learner has to bring about."""

    id: str
    """Unique in the lab, lower case with dashes."""
    title: str
    """What holds when it is green, in at most 60 characters."""
    weight: int
    """Its share of the points; all weights together make 100."""
    otherwise: str
    """What to say while it does not hold; `{observed}` stands for what was found."""
    starts_green: str = ""
    """Why it holds at the start already (an invariant, for example); empty: it must fail there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A help that costs points."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    text: str
    """Leads on; never the command."""
    cost: int
    """Points taken from the award."""
    when: Query | None = None
    """Only offered while this holds; left out: always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """One way to solve the lab, as a learner would type it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    title: str
    """In a few words."""
    steps: list[Action]
    """In order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongFix:
    """Something that looks like a solution and is none."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    title: str
    """In a few words."""
    steps: list[Action]
    """In order."""
    caught_by: str
    """Id of the check that must fail."""
    why: str
    """What is wrong with it, for the learner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the same would cost on real AWS."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    per_hour_usd: float
    """US dollars an hour."""
    source: str
    """Where the figure comes from, with its date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A rule of the proof that this lab may break, and why."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    rule: str
    """Id of the rule, as the report prints it."""
    reason: str
    """Why it cannot be kept; the report lists it."""
    about: str = ""
    """Only findings whose text contains this, as `without the line 'expireAfter: 720h'`; empty: all of the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFile:
    """`lab.yaml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """For ever: progress hangs on it. The folder's name, lower case with dashes."""
    title: str
    """Sentence case, at most 60 characters."""
    chapter: int
    """Of the course, 0 to 15."""
    skills: list[str]
    """Tags from `skills` in course.yaml."""
    difficulty: Difficulty
    """1 easy, 2 usual, 3 hard."""
    minutes: int
    """Time a learner needs."""
    backends: dict[str, str] = field(default_factory=lambda: {"embedded": "full"})
    """`embedded`, `aws`, `docker` -> `full`, `partial: why` or `none: why`."""
    requires: list[Capability] = field(default_factory=lambda: ["cluster", "kubectl"])
    """What has to be there."""
    vars: dict[str, Variable] = field(default_factory=dict)
    """Values that differ from seed to seed; later ones may use earlier ones."""
    start: Start = field(default_factory=Start)
    """How the situation comes about."""
    start_asserts: list[Query] = field(default_factory=list)
    """What the story says about the start has to be true."""
    story: str = "story.md"
    """Markdown file: the situation."""
    steps: list[str]
    """What to do, in the learner's words; never the command."""
    checks: list[Check]
    """What has to be so in the end."""
    patience: str = "5m"
    """Simulated time that a solution may need to take effect."""
    budget: str = ""
    """Simulated time in which a solution must be through; empty: the lab's minutes."""
    hints: list[Hint] = field(default_factory=list)
    """From the gentlest to the plainest."""
    solutions: list[Solution]
    """At least one; two are better."""
    wrong: list[WrongFix] = field(default_factory=list)
    """At least one."""
    debrief: str = "debrief.md"
    """Markdown file: mental model, what we would do, two interview questions."""
    cards: list[str] = field(default_factory=list)
    """Ids of quiz questions to review afterwards."""
    cost: Cost | None = None
    """What the same would cost on real AWS."""
    exemptions: list[Exemption] = field(default_factory=list)
    """Rules of the proof that cannot be kept here."""
