"""Read a course from its folder: course.yaml, lessons, quizzes, glossary.

`survey_course` keeps going and collects every problem (for authors); `load_course` wants a course
that is whole (for learners).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from eks_lab.content.files import entries, read_inside
from eks_lab.content.findings import Finding, Problem, locate
from eks_lab.content.lesson_file import LessonText, split_lesson
from eks_lab.content.model import (
    Course,
    CourseFile,
    GlossaryFile,
    Lesson,
    LessonHead,
    LoadedCourse,
    QuizFile,
    Term,
)
from eks_lab.content.validate import validate
from eks_lab.content.yaml_text import CourseYamlError, YamlDocument, parse_yaml
from eks_lab.errors import ContentError

T = TypeVar("T")
LONGEST_NAME = 255
"""Bytes of one name, on every file system that courses are kept on."""


@dataclass(frozen=True, slots=True)
class SurveyedLesson:
    """A lesson with what the checks need to place their findings."""

    lesson: Lesson
    text: LessonText
    head: YamlDocument
    quiz: YamlDocument | None


@dataclass(slots=True)
class Survey:
    """Everything that could be read, and what could not."""

    root: Path
    course_file: CourseFile | None = None
    course_lines: YamlDocument | None = None
    lessons: list[SurveyedLesson] = field(default_factory=list)
    terms: list[tuple[str, int, Term]] = field(default_factory=list)
    """File, line and term."""
    findings: list[Finding] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Files that are there and could not be read: what they hold is not missing, only unknown."""

    @property
    def knows_lessons(self) -> bool:
        """Whether every lesson could be read; else an unknown one may be among those that could not."""
        return not any(path.endswith("/lesson.md") for path in self.unread)

    @property
    def knows_terms(self) -> bool:
        """Whether the whole glossary could be read."""
        return not any(path.startswith("glossary") for path in self.unread)

    def shown(self, path: Path) -> str:
        """Return a path relative to the course's folder, for messages."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def survey_course(root: Path) -> Survey:
    """Read all files of a course and collect every problem on the way.

    Args:
        root: the folder that holds `course.yaml`.
    """
    survey = Survey(root)
    course = read_model(survey, root / "course.yaml", CourseFile)
    if course is None:
        return survey
    survey.course_file, survey.course_lines = course
    for number, chapter in enumerate(survey.course_file.chapters):
        if not is_folder_name(chapter.folder):
            survey.findings.append(
                Finding(
                    "course.yaml",
                    survey.course_lines.line_of(("chapters", number)),
                    "chapter",
                    f"the chapter {chapter.id!r} has the folder {chapter.folder!r}",
                    "Name a folder beside course.yaml, such as 03-networking.",
                )
            )
            continue
        folder = root / chapter.folder
        if not folder.is_dir():
            continue
        try:
            found = entries(folder)
        except ContentError as error:
            survey.unread.add(f"{chapter.folder}/lesson.md")
            survey.findings.append(_unreadable(folder, chapter.folder, error, "the folder"))
            continue
        for path in found:
            if path.is_dir() and os.path.lexists(path / "lesson.md"):
                _read_lesson(survey, path, chapter.id)
    glossary = [root / "glossary.yaml"] if os.path.lexists(root / "glossary.yaml") else []
    for path in [*glossary, *sorted((root / "glossary").glob("*.yaml"))]:
        read = read_model(survey, path, GlossaryFile)
        if read is not None:
            for number, term in enumerate(read[0].terms):
                survey.terms.append((survey.shown(path), read[1].line_of(("terms", number)), term))
    return survey


def is_folder_name(name: str) -> bool:
    """Return whether a chapter's folder is one name: a folder of the course itself, never outside it."""
    is_name = name not in ("", ".", "..") and not set(name) & set("/\\\0")
    return is_name and len(name.encode()) <= LONGEST_NAME


def load_course(root: Path) -> LoadedCourse:
    """Return the course in a folder.

    Args:
        root: the folder that holds `course.yaml`.

    Raises:
        ContentError: something in it cannot be used; the message names file and line.
    """
    if not os.path.lexists(root / "course.yaml"):
        raise ContentError(
            f"{root} holds no course.yaml.", hint="Name the folder of a course with --content DIR."
        )
    survey = survey_course(root)
    errors = [finding for finding in survey.findings if finding.severity == "error"]
    if errors or survey.course_file is None:
        first = errors[0]
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ContentError(
            f"{root / first.path}:{first.line}: {first.message}{more}",
            hint=f"{first.fix} `eks-lab author check` lists everything.",
        )
    order = {chapter.id: number for number, chapter in enumerate(survey.course_file.chapters)}
    lessons = sorted(
        (surveyed.lesson for surveyed in survey.lessons),
        key=lambda lesson: (order[lesson.chapter], lesson.head.order, lesson.id),
    )
    terms = sorted((term for _, _, term in survey.terms), key=lambda term: term.name.lower())
    return LoadedCourse(Course(survey.course_file, lessons, terms), root)


def _read_lesson(survey: Survey, folder: Path, chapter: str) -> None:
    path = folder / "lesson.md"
    shown = survey.shown(path)
    try:
        text, problems = split_lesson(read_inside(path, survey.root))
    except ContentError as error:
        survey.unread.add(shown)
        survey.findings.append(_unreadable(path, shown, error))
        return
    survey.findings += [locate(shown, problem) for problem in problems]
    if text is None:
        survey.unread.add(shown)
        return
    read = _parse(survey, shown, text.head, text.head_line, LessonHead)
    quiz_path = folder / "quiz.yaml"
    quiz = read_model(survey, quiz_path, QuizFile) if quiz_path.exists() else None
    if read is None:
        return
    head, document = read
    questions = quiz[0].questions if quiz else []
    lesson = Lesson(head, chapter, folder.relative_to(survey.root).as_posix(), questions)
    survey.lessons.append(SurveyedLesson(lesson, text, document, quiz[1] if quiz else None))


def read_model(survey: Survey, path: Path, kind: type[T]) -> tuple[T, YamlDocument] | None:
    """Return a file of the course as a model with its lines; or None, and what is wrong is among the findings.

    Args:
        survey: of the course; findings are added to it.
        path: a YAML file inside the course.
        kind: a dataclass that YAML is validated into.
    """
    shown = survey.shown(path)
    try:
        text = read_inside(path, survey.root)
    except ContentError as error:
        survey.unread.add(shown)
        survey.findings.append(_unreadable(path, shown, error))
        return None
    return _parse(survey, shown, text, 1, kind)


def _parse(
    survey: Survey, shown: str, text: str, first_line: int, kind: type[T]
) -> tuple[T, YamlDocument] | None:
    try:
        document = parse_yaml(text, first_line)
    except CourseYamlError as error:
        survey.unread.add(shown)
        survey.findings.append(locate(shown, error.problem))
        return None
    if not isinstance(document.value, dict):
        problem = Problem(
            first_line, "yaml-value", "this should be a mapping of fields", "Write `field: value` lines."
        )
        survey.unread.add(shown)
        survey.findings.append(locate(shown, problem))
        return None
    value, problems = validate(kind, document)
    survey.findings += [locate(shown, problem) for problem in problems]
    if value is None:
        survey.unread.add(shown)
        return None
    return value, document


def _unreadable(path: Path, shown: str, error: ContentError, what: str = "the file") -> Finding:
    # The place stands before the message already.
    return Finding(shown, 1, "file", error.message.replace(f"{path} ", f"{what} ", 1), error.hint)
