"""Exam tracks: what an exam is made of, as data in `lessons/tracks/<id>.yaml`.

Weights, minutes and pass lines are facts about somebody else's exam: each has a source, and each source says whether
the issuer's own document was read or only what others report of it. A weight that cannot be found is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Literal

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.content.files import read_inside
from eks_lab.content.validate import validate
from eks_lab.content.yaml_text import CourseYamlError, parse_yaml
from eks_lab.errors import ContentError, InputError

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}

Form = Literal["hands-on", "choice", "mixed"]
TaskKind = Literal[
    "choice", "multi", "order", "match", "number", "diagram", "recall", "command", "manifest", "lab"
]
Fact = Literal["weights", "minutes", "questions", "pass line", "dates", "form"]
OURS = "eks-lab"
"""Issuer of the exams that are our own."""
FOLDER = "tracks"
"""Below the folder of the course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSource:
    """Where facts about an exam come from."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    title: str
    """Name of the document."""
    url: str
    """Its address, https only; empty for our own exams."""
    checked: date
    """The day the facts were last compared with it."""
    says: list[Fact]
    """Which facts it gives."""
    first_hand: bool = True
    """The issuer's own document was read; false: others report what it says, and agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLine:
    """What has to be reached."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    value: float
    """The line."""
    scale: Literal["percent", "scaled"]
    """`percent` of the points, or `scaled` by a rule that the issuer does not publish."""
    lowest: float = 0
    """Of the scale."""
    highest: float = 100
    """Of the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """How our practice exam is made; these figures are our own."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    questions: int
    """Questions and tasks of a whole sitting, labs among them."""
    labs: int = 0
    """How many of them are labs."""
    kinds: list[TaskKind]
    """What is asked."""
    instead: list[TaskKind] = field(default_factory=list)
    """What is asked where the bank has too little of `kinds`; the report says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A part of the exam."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Unique in its track, lower case with dashes."""
    title: str
    """As the issuer calls it."""
    weight: float | None = None
    """Percent of the score; left out when it is not known."""
    skills: list[str] = field(default_factory=list)
    """Skills of the course that belong to it."""
    chapters: list[str] = field(default_factory=list)
    """Chapters whose questions belong to it whatever their skills."""
    not_covered: list[str] = field(default_factory=list)
    """What practice on EKS cannot cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """An exam that a learner prepares for."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """For ever: sittings hang on it. The file's name."""
    title: str
    """As the issuer calls it."""
    issuer: str
    """Who holds the exam."""
    version: str
    """Of the exam's outline."""
    effective: date | None = None
    """First day of this version, when it is known."""
    retired: date | None = None
    """Last day of this version, when it is known."""
    form: Form
    """`hands-on` tasks, `choice` questions, or `mixed`."""
    minutes: int
    """Time allowed."""
    questions: str = ""
    """How many the real exam has, in the issuer's words; empty when that is not published."""
    pass_line: PassLine | None = None
    """Left out when none is published."""
    about: str
    """What a sitting here can and cannot tell, in one to three sentences."""
    practice: Practice
    """How ours is made."""
    domains: list[Domain]
    """In the issuer's order."""
    sources: list[TrackSource]
    """At least one."""

    @property
    def has_weights(self) -> bool:
        """Return whether the shares of the domains are known."""
        return all(domain.weight is not None for domain in self.domains)

    def domain(self, domain_id: str) -> Domain:
        """Return one domain; the id is known to exist."""
        return next(each for each in self.domains if each.id == domain_id)

    def is_retired(self, today: date) -> bool:
        """Return whether the exam is no longer held in this version."""
        return self.retired is not None and today > self.retired

    def is_first_hand(self, fact: Fact) -> bool:
        """Return whether a fact was read in the issuer's own document."""
        return any(source.first_hand and fact in source.says for source in self.sources)


def open_tracks(lessons: Path) -> dict[str, Track]:
    """Return every track of a course by id, sorted.

    Args:
        lessons: the folder that holds course.yaml; one without `tracks` has none.

    Raises:
        ContentError: a file cannot be used; the message names file, line and field.
    """
    found = {}
    for path in sorted((lessons / FOLDER).glob("*.yaml")):
        track = read_track(path)
        found[track.id] = track
    return found


def read_track(path: Path) -> Track:
    """Return the track of one file.

    Raises:
        ContentError: it cannot be used; the message names file, line and field.
    """
    text = read_inside(path, path.parent.parent)
    try:
        document = parse_yaml(text)
    except CourseYamlError as error:
        problem = error.problem
        raise ContentError(f"{path}:{problem.line}: {problem.message}", hint=problem.fix) from error
    track, problems = validate(Track, document)
    if track is None:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ContentError(f"{path}:{first.line}: {first.message}{more}", hint=first.fix)
    for mistake in mistakes(track):
        raise ContentError(f"{path}: {mistake}", hint="See docs/questions.md, Exams.")
    if track.id != path.stem:
        raise ContentError(f"{path}: id is {track.id!r}.", hint=f"Call it {path.stem!r}, as the file.")
    return track


def chosen_track(tracks: Mapping[str, Track], track_id: str) -> Track:
    """Return one track; capitals do not matter.

    Raises:
        InputError: there is no such track; the hint names the nearest.
    """
    wanted = track_id.casefold()
    if wanted in tracks:
        return tracks[wanted]
    hint = did_you_mean(wanted, tuple(tracks)) or "See: eks-lab exam tracks"
    raise InputError(f"there is no exam track {track_id!r}", hint=hint)


def mistakes(track: Track, skills: Sequence[str] = (), chapters: Sequence[str] = ()) -> list[str]:
    """Return what a schema cannot find wrong with a track, a sentence each.

    Args:
        track: the track.
        skills: those of the course; empty leaves them unchecked.
        chapters: those of the course; empty leaves them unchecked.
    """
    found = []
    ids = [domain.id for domain in track.domains]
    if len(ids) < 2 or len(set(ids)) != len(ids):
        found.append(f"domains are {', '.join(ids) or 'missing'}: a track has two or more, each id once")
    weights = [domain.weight for domain in track.domains if domain.weight is not None]
    if weights and len(weights) != len(ids):
        found.append("some domains have a weight and some have none: give all or leave out all")
    if weights and (abs(sum(weights) - 100) > 1e-9 or min(weights) <= 0):
        found.append(f"the weights are {weights}, in all {sum(weights):g}: they are positive and make 100")
    if weights and not any("weights" in source.says for source in track.sources):
        found.append("no source says where the weights come from")
    if track.pass_line and not any("pass line" in source.says for source in track.sources):
        found.append("no source says where the pass line comes from")
    if track.pass_line and not track.pass_line.lowest < track.pass_line.value <= track.pass_line.highest:
        found.append(f"the pass line {track.pass_line.value:g} lies outside its scale")
    if track.effective and track.retired and track.retired < track.effective:
        found.append(f"it was retired on {track.retired}, before it took effect on {track.effective}")
    practice = track.practice
    if practice.questions < len(ids) or not 0 <= practice.labs <= practice.questions:
        found.append(
            f"practice asks {practice.questions} questions with {practice.labs} labs in {len(ids)} domains"
        )
    if set(practice.kinds) & set(practice.instead):
        found.append("a kind stands in both `kinds` and `instead`")
    if track.minutes < 1:
        found.append(f"minutes is {track.minutes}")
    for source in track.sources:
        if not source.url.startswith("https://") and (source.url or track.issuer != OURS):
            found.append(f"the source {source.title!r} has no https address")
    for domain in track.domains:
        unknown = [each for each in domain.skills if skills and each not in skills]
        unknown += [each for each in domain.chapters if chapters and each not in chapters]
        if unknown:
            found.append(f"domain {domain.id} names {', '.join(unknown)}, which the course does not have")
        if not (domain.skills or domain.chapters or domain.not_covered):
            found.append(f"domain {domain.id} has no skills and does not say what is not covered")
    return found
