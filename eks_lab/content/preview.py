"""What `author preview` shows: one lesson as it stands on disk, mistakes included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eks_lab.content.body import quote_files
from eks_lab.content.files import is_there, read_text
from eks_lab.content.findings import Problem
from eks_lab.content.lesson_file import split_lesson
from eks_lab.content.load import survey_course
from eks_lab.content.markup import Parsed, parse_body
from eks_lab.content.model import Course, CourseFile, Lesson, LoadedCourse
from eks_lab.content.page import Page
from eks_lab.content.plain import render_plain
from eks_lab.errors import ContentError, InputError


@dataclass(frozen=True, slots=True)
class PreviewTarget:
    """A lesson file and the course around it."""

    root: Path
    """The folder that holds course.yaml."""
    path: Path
    """lesson.md."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be shown of the lesson now."""

    loaded: LoadedCourse
    lesson: Lesson | None
    """None while the front matter is broken."""
    page: Page
    problems: tuple[Problem, ...]
    """With lines of lesson.md or quiz.yaml."""


def find_preview(path: Path) -> PreviewTarget:
    """Return the lesson at a path and its course.

    Args:
        path: `lesson.md` or the folder of a lesson.

    Raises:
        InputError: there is no lesson there, or no course around it.
    """
    file = path if path.name == "lesson.md" else path / "lesson.md"
    if not is_there(file):
        raise InputError(f"{path} is no lesson.", hint="Name a lesson.md, or the folder that holds one.")
    for folder in file.resolve().parents:
        if is_there(folder / "course.yaml"):
            return PreviewTarget(folder, file.resolve())
    raise InputError(f"{path} belongs to no course.", hint="A folder above it has to hold course.yaml.")


def read_preview(target: PreviewTarget) -> Preview:
    """Return the lesson as it stands on disk; problems never raise."""
    survey = survey_course(target.root)
    course_file = survey.course_file or CourseFile(1, "preview", "Preview", [], [])
    shown = target.path.relative_to(target.root).as_posix()
    folder = shown.rpartition("/")[0]
    problems = [
        Problem(
            finding.line, finding.rule, f"{finding.path.rpartition('/')[2]}: {finding.message}", finding.fix
        )
        for finding in survey.findings
        if finding.path.startswith(folder + "/")
    ]
    lessons = [surveyed.lesson for surveyed in survey.lessons]
    lesson = next((lesson for lesson in lessons if lesson.folder == folder), None)
    terms = [term for _, _, term in survey.terms]
    loaded = LoadedCourse(Course(course_file, lessons, terms), target.root)
    parsed = _parse(target, problems)
    return Preview(loaded, lesson, parsed.page, (*problems, *parsed.problems))


def render_preview(target: PreviewTarget) -> str:
    """Return the lesson as plain text, its problems first."""
    preview = read_preview(target)
    lines = [
        f"{target.path.name}:{problem.line}: {problem.message}\n    {problem.fix}"
        for problem in preview.problems
    ]
    notes = "\n".join(lines) + "\n\n" if lines else ""
    if preview.lesson is None:
        return notes or "The front matter cannot be read.\n"
    return notes + render_plain(preview.loaded, preview.lesson, preview.page)


def _parse(target: PreviewTarget, problems: list[Problem]) -> Parsed:
    try:
        text, _ = split_lesson(read_text(target.path))
    except ContentError as error:
        problems.append(Problem(1, "file", error.message, error.hint))
        return Parsed(Page(()), ())
    if text is None:
        return Parsed(Page(()), ())
    return quote_files(parse_body(text.body, text.body_line), target.path.parent)
