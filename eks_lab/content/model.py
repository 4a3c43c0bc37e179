"""What a course is made of: frozen dataclasses that YAML files are validated into.

The docstring under each field is what an author reads in the editor: JSON Schemas are generated
from this file (`eks-lab author schema`). Validation itself is `eks_lab.content.validate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Literal

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}

QuestionKind = Literal["choice", "multi", "number"]
Difficulty = Literal[1, 2, 3]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from and when somebody last looked."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    title: str
    """Name of the page or document, as a reader would search for it."""
    url: str
    """Address of the page, https only."""
    checked: date
    """The day the fact was last compared with the page."""


@dataclass(frozen=True, slots=True)
class LessonHead:
    """Front matter of `lesson.md`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """For ever: progress hangs on it, not on the path. `chapter.slug`, lower case, dashes."""
    title: str
    """Sentence case, at most 60 characters."""
    minutes: int
    """Reading time with the worked example, 5 to 12."""
    order: int
    """Place in the chapter, in tens."""
    summary: str
    """One sentence for the tree and for search results, at most 140 characters."""
    objectives: list[str]
    """What the learner can do afterwards; each starts with a verb."""
    skills: list[str]
    """Tags from `skills` in course.yaml."""
    terms: list[str]
    """Key terms of the lesson: ids from glossary.yaml."""
    sources: list[Source]
    """At least one."""
    requires: list[str] = field(default_factory=list)
    """Ids of lessons that come first. No cycles."""
    eks_version: str = "any"
    """`any`, or the first Kubernetes minor the lesson is about, as `1.34+`."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice or multi question."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    text: str
    """The answer as the learner reads it."""
    explain: str
    """Why it is right or what is wrong with it; shown after answering."""
    correct: bool = False
    """Exactly one per choice question, at least one per multi question."""


@dataclass(frozen=True, slots=True)
class ComputedBy:
    """The calculator that gives a number question its answer."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    calculator: str
    """Name as in `eks-lab calc list`."""
    inputs: dict[str, Any]
    """Its inputs, by name."""
    result: str
    """Which field of the result is the answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of `quiz.yaml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """For ever and unique in the course: `<lesson id>.<slug>`."""
    kind: QuestionKind
    """`choice`: one right answer; `multi`: any number; `number`: typed."""
    prompt: str
    """The question, as Markdown without directives."""
    source: str
    """Title of one of the lesson's sources."""
    rev: int = 1
    """Raise it when the meaning changes: old answers then no longer count."""
    options: list[Option] = field(default_factory=list)
    """Three to six for choice and multi; none for number."""
    answer: float | None = None
    """The number, for number questions."""
    tolerance: float = 0
    """How far off still counts as right."""
    unit: str = ""
    """What the number counts, for the prompt of the input."""
    explain: str = ""
    """The working, for number questions; a closing remark for the others."""
    computed_by: ComputedBy | None = None
    """A calculator that must give the same answer; `author check` compares."""
    skills: list[str] = field(default_factory=list)
    """Tags; the lesson's when left out."""
    difficulty: Difficulty = 2
    """1 recall, 2 apply, 3 reason about several things at once."""


@dataclass(frozen=True, slots=True)
class QuizFile:
    """All of `quiz.yaml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    format: Literal[1]
    """Version of this file format."""
    questions: list[Question]
    """Two to four close each lesson."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of `glossary.yaml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Lower case with dashes; lessons link it as `[text](term:id)`."""
    name: str
    """As the field spells it."""
    definition: str
    """One or two sentences of plain text."""
    aliases: list[str] = field(default_factory=list)
    """Other spellings that search should find."""
    lesson: str = ""
    """Id of the lesson that explains it."""


@dataclass(frozen=True, slots=True)
class GlossaryFile:
    """All of `glossary.yaml` or of one file in `glossary/`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    format: Literal[1]
    """Version of this file format."""
    terms: list[Term]
    """In any order; shown by name."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the course."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """First part of the ids of its lessons."""
    number: str
    """As printed: `0` to `13`, or a word for what is not in the guide's numbering."""
    title: str
    """Sentence case."""
    summary: str
    """One sentence."""
    folder: str
    """Folder under `lessons/` that holds one folder a lesson."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A tag that lessons and questions carry."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Lower case with dashes."""
    title: str
    """What a learner who has it can do."""


@dataclass(frozen=True, slots=True)
class GuideRow:
    """One statement of the guide that needs a correction; each must land in a lesson."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Chapter and number, as `3.7`."""
    topic: str
    """A few words."""


@dataclass(frozen=True, slots=True)
class CourseFile:
    """All of `course.yaml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    format: Literal[1]
    """Version of this file format."""
    id: str
    """For ever."""
    title: str
    """Name of the course."""
    chapters: list[Chapter]
    """In reading order."""
    skills: list[Skill]
    """Every tag that may be used."""
    guide_rows: list[GuideRow] = field(default_factory=list)
    """Corrections that the lessons together must cover."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as the program knows it without having parsed its body."""

    head: LessonHead
    """Its front matter."""
    chapter: str
    """Id of its chapter."""
    folder: str
    """Where its files are, relative to the lessons root, with forward slashes."""
    questions: list[Question] = field(default_factory=list)
    """Its quiz, empty when it has none."""

    @property
    def id(self) -> str:
        """The id of the front matter."""
        return self.head.id

    @property
    def title(self) -> str:
        """The title of the front matter."""
        return self.head.title


@dataclass(frozen=True, slots=True)
class Course:
    """Everything a reader needs to move around: all but the bodies of the lessons."""

    file: CourseFile
    """course.yaml."""
    lessons: list[Lesson]
    """In reading order."""
    terms: list[Term]
    """By name."""

    def lesson(self, lesson_id: str) -> Lesson | None:
        """Return the lesson with this id, or None."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)

    def chapter_lessons(self, chapter_id: str) -> list[Lesson]:
        """Return the lessons of one chapter in reading order."""
        return [lesson for lesson in self.lessons if lesson.chapter == chapter_id]

    def term(self, term_id: str) -> Term | None:
        """Return the glossary entry with this id, or None."""
        return next((term for term in self.terms if term.id == term_id), None)


@dataclass(frozen=True, slots=True)
class LoadedCourse:
    """A course with the folder its files are in."""

    course: Course
    """The tree, quizzes and glossary."""
    root: Path
    """The `lessons` folder."""
