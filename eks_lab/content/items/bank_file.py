"""Reads the files of the question bank: `lessons/<chapter>/quiz/*.yaml`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from eks_lab.content.findings import Finding
from eks_lab.content.items.model import BankFile, Item
from eks_lab.content.load import Survey, is_folder_name, read_model
from eks_lab.content.model import Course, CourseFile
from eks_lab.content.yaml_text import YamlDocument

FOLDER = "quiz"
"""Name of the folder in a chapter's that holds its bank files."""


@dataclass(frozen=True, slots=True)
class SurveyedItem:
    """A question with what the checks need to place their findings."""

    item: Item
    """As its file has it."""
    path: str
    """The file, relative to the lessons root, with forward slashes."""
    number: int
    """Place in the file, from 0."""
    document: YamlDocument
    """The file, with its lines."""
    chapter: str
    """Id of the chapter whose folder it is in."""

    @property
    def line(self) -> int:
        """Return the line it begins at."""
        return self.line_of()

    def line_of(self, *location: str | int) -> int:
        """Return the line of a field, or of the nearest thing above it."""
        return self.document.line_of(("items", self.number, *location))


@dataclass(frozen=True, slots=True)
class BankSurvey:
    """Everything that could be read, and what could not."""

    items: list[SurveyedItem] = field(default_factory=list)
    """In the order of the chapters, files and lines."""
    findings: list[Finding] = field(default_factory=list)
    """What keeps a file from being read."""


def bank_files(root: Path, file: CourseFile) -> list[tuple[str, Path]]:
    """Return the bank files of a course, each with its chapter's id, in the order of the chapters and names.

    Args:
        root: the folder that holds `course.yaml`.
        file: course.yaml.
    """
    return [
        (chapter.id, path)
        for chapter in file.chapters
        if is_folder_name(chapter.folder) and os.path.isdir(root / chapter.folder / FOLDER)
        for path in sorted((root / chapter.folder / FOLDER).glob("*.yaml"))
    ]


def survey_bank(root: Path, file: CourseFile) -> BankSurvey:
    """Read all bank files and collect every problem on the way.

    Args:
        root: the folder that holds `course.yaml`.
        file: course.yaml.
    """
    survey = Survey(root)
    items: list[SurveyedItem] = []
    for chapter, path in bank_files(root, file):
        read = read_model(survey, path, BankFile)
        if read is not None:
            items += [
                SurveyedItem(item, survey.shown(path), number, read[1], chapter)
                for number, item in enumerate(read[0].items)
            ]
    return BankSurvey(items, survey.findings)


def lesson_of(item_id: str) -> str:
    """Return the id of the lesson a question belongs to: all of its own but the last part."""
    return item_id.rpartition(".")[0]


def known_lesson(course: Course, item_id: str) -> bool:
    """Return whether a question belongs to a lesson of the course."""
    return course.lesson(lesson_of(item_id)) is not None
