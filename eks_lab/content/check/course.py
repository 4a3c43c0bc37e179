"""The course as a whole: unique ids, order, prerequisites, rows of the guide, glossary, stray files."""

from __future__ import annotations

import os
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from eks_lab.content.files import entries
from eks_lab.content.findings import Finding
from eks_lab.content.load import Survey, SurveyedLesson, is_folder_name
from eks_lab.content.page import Callout, Page, walk

_FILES = ("course.yaml", "glossary.yaml", "revisions.json", "README.md")
_KINDS_OF_FOLDERS = ("glossary", "diagrams", "tracks")


def check_tree(survey: Survey, pages: dict[str, Page]) -> list[Finding]:
    """Return what is wrong between the files of a course.

    Args:
        survey: the course as read.
        pages: the page of each lesson by id.
    """
    return [
        *_check_chapters(survey),
        *_check_ids(survey),
        *_check_prerequisites(survey),
        *_check_rows(survey, pages),
        *_check_glossary(survey),
    ]


def _place(surveyed: SurveyedLesson) -> str:
    return f"{surveyed.lesson.folder}/lesson.md"


def _check_chapters(survey: Survey) -> list[Finding]:
    assert survey.course_file is not None
    assert survey.course_lines is not None
    findings = []
    chapters = survey.course_file.chapters
    for number, chapter in enumerate(chapters):
        line = survey.course_lines.line_of(("chapters", number))
        if not re.fullmatch(r"[a-z0-9-]+", chapter.id):
            message = f"the chapter id {chapter.id!r}"
            findings.append(
                Finding("course.yaml", line, "chapter", message, "Lower case letters, digits and dashes.")
            )
        is_read = not any(path.startswith(f"{chapter.folder}/") for path in survey.unread)
        if (
            is_folder_name(chapter.folder)
            and is_read
            and not any(surveyed.lesson.chapter == chapter.id for surveyed in survey.lessons)
        ):
            message = f"the chapter {chapter.id!r} has no lessons"
            findings.append(
                Finding("course.yaml", line, "chapter", message, f"Write {chapter.folder}/10-slug/lesson.md.")
            )
        if sum(other.id == chapter.id for other in chapters) > 1:
            findings.append(
                Finding("course.yaml", line, "chapter", f"{chapter.id!r} stands twice", "Rename one.")
            )
    known = {chapter.folder for chapter in chapters} | set(_KINDS_OF_FOLDERS)
    for path in entries(survey.root):
        if not path.is_dir() and path.name not in _FILES and not path.name.startswith("."):
            findings.append(
                Finding(
                    path.name,
                    1,
                    "orphan",
                    "no part of a course",
                    f"Beside course.yaml are only {', '.join(_FILES[1:])} and folders: move or remove it.",
                )
            )
        if path.is_dir() and path.name not in known and not path.name.startswith("."):
            findings.append(
                Finding(
                    path.name,
                    1,
                    "orphan",
                    "no chapter uses this folder",
                    "List it in course.yaml, or remove it.",
                )
            )
    for chapter in chapters:
        folder = survey.root / chapter.folder
        is_open = is_folder_name(chapter.folder) and f"{chapter.folder}/lesson.md" not in survey.unread
        for path in entries(folder) if is_open and folder.is_dir() else []:
            if not path.name.startswith("."):
                findings += _check_chapter_entry(survey, path)
    for name in _KINDS_OF_FOLDERS:
        folder = survey.root / name
        for path in entries(folder) if folder.is_dir() else []:
            if path.suffix != ".yaml" and not path.name.startswith("."):
                shown = path.relative_to(survey.root).as_posix()
                message = f"no file of the {name}"
                findings.append(Finding(shown, 1, "orphan", message, "This folder holds .yaml files only."))
    return findings


def _check_chapter_entry(survey: Survey, path: Path) -> list[Finding]:
    shown = path.relative_to(survey.root).as_posix()
    if path.is_dir() and path.name == "quiz":
        return [
            Finding(
                inside.relative_to(survey.root).as_posix(),
                1,
                "orphan",
                "no file of questions",
                "A quiz folder holds .yaml files only.",
            )
            for inside in entries(path)
            if inside.suffix != ".yaml"
        ]
    if path.is_dir() and not os.path.lexists(path / "lesson.md"):
        return [
            Finding(
                shown, 1, "orphan", "a folder without lesson.md", "Write the lesson, or remove the folder."
            )
        ]
    if path.is_file():
        return [Finding(shown, 1, "orphan", "a file between the lessons", "Move it into a lesson's folder.")]
    return []


def _check_ids(survey: Survey) -> list[Finding]:
    findings = []
    seen: dict[str, str] = {}
    orders: dict[tuple[str, int], str] = {}
    for surveyed in survey.lessons:
        lesson, place = surveyed.lesson, _place(surveyed)
        if lesson.id in seen:
            message = f"the id {lesson.id!r} is also used in {seen[lesson.id]}"
            line = surveyed.head.line_of(("id",))
            findings.append(Finding(place, line, "lesson-id", message, "Ids are unique and for ever."))
        seen[lesson.id] = place
        key = (lesson.chapter, lesson.head.order)
        if key in orders:
            message = f"order {lesson.head.order} is also used by {orders[key]}"
            findings.append(
                Finding(place, surveyed.head.line_of(("order",)), "order", message, "Take the next free ten.")
            )
        orders[key] = lesson.id
    return findings


def _check_prerequisites(survey: Survey) -> list[Finding]:
    by_id = {surveyed.lesson.id: surveyed for surveyed in survey.lessons}
    findings = []
    for surveyed in survey.lessons:
        for number, wanted in enumerate(surveyed.lesson.head.requires):
            if wanted not in by_id and survey.knows_lessons:
                line = surveyed.head.line_of(("requires", number))
                message = f"requires the unknown lesson {wanted!r}"
                findings.append(
                    Finding(_place(surveyed), line, "requires", message, "Write the id of a lesson.")
                )
    graph = {surveyed.lesson.id: surveyed.lesson.head.requires for surveyed in survey.lessons}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        message = "lessons require each other in a circle: " + " → ".join(circle)
        first = by_id.get(circle[0])
        line = first.head.line_of(("requires",)) if first else 1
        place = _place(first) if first else "course.yaml"
        findings.append(Finding(place, line, "requires-cycle", message, "Remove one of the requirements."))
    return findings


def _check_rows(survey: Survey, pages: dict[str, Page]) -> list[Finding]:
    assert survey.course_file is not None
    assert survey.course_lines is not None
    if not survey.knows_lessons:
        return []
    covered: set[str] = set()
    for page in pages.values():
        for block in walk(page.blocks):
            if isinstance(block, Callout) and block.kind == "guide":
                covered.update(block.attributes.get("rows", "").split())
    return [
        Finding(
            "course.yaml",
            survey.course_lines.line_of(("guide_rows", number)),
            "guide-row",
            f"no lesson covers row {row.id} ({row.topic})",
            f'Put a :::guide{{rows="{row.id}"}} box into the lesson it concerns.',
        )
        for number, row in enumerate(survey.course_file.guide_rows)
        if row.id not in covered
    ]


def _check_glossary(survey: Survey) -> list[Finding]:
    findings = []
    lessons = {surveyed.lesson.id for surveyed in survey.lessons}
    seen: dict[str, str] = {}
    for place, line, term in survey.terms:
        if term.id in seen:
            message = f"the term {term.id!r} is also defined in {seen[term.id]}"
            findings.append(Finding(place, line, "term", message, "Keep the better definition."))
        seen[term.id] = place
        if not re.fullmatch(r"[a-z0-9-]+", term.id):
            findings.append(
                Finding(place, line, "term", f"the id {term.id!r}", "Lower case letters, digits and dashes.")
            )
        if term.lesson and term.lesson not in lessons and survey.knows_lessons:
            message = f"the term {term.id!r} names the unknown lesson {term.lesson!r}"
            findings.append(
                Finding(place, line, "term", message, "Write the id of a lesson, or leave it out.")
            )
    return findings
