"""What the rules for questions work on: a question with its place, and where they put what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from eks_lab.content.findings import Finding
from eks_lab.content.items.bank_file import survey_bank
from eks_lab.content.items.model import Item
from eks_lab.content.items.quick_check import item_of
from eks_lab.content.load import SurveyedLesson, survey_course
from eks_lab.errors import ContentError

SHORTEST_EXPLANATION = 10
"""Characters; less explains nothing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question and where it stands."""

    item: Item
    path: str
    line: int
    is_quick_check: bool = False


@dataclass(slots=True)
class Report:
    """What the rules find about one question."""

    placed: Placed
    line_of: Callable[..., int]
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: str, message: str, fix: str, *location: str | int) -> None:
        """Note a finding.

        Args:
            rule: its stable id.
            message: what is wrong, with the value.
            fix: what to write instead.
            location: field of the question that it is about; empty for all of it.
        """
        line = self.line_of(*location)
        self.findings.append(Finding(self.placed.path, line, rule, f"{self.placed.item.id}: {message}", fix))

    def explained(self, text: str, what: str, *location: str | int) -> None:
        """Demand an explanation."""
        if len(text.strip()) < SHORTEST_EXPLANATION:
            self.add("explain", f"{what} is not explained", "Say why it is right or wrong.", *location)


def place_quick_check(surveyed: SurveyedLesson) -> Iterator[Placed]:
    """Yield the questions that close a lesson as questions of the bank."""
    if surveyed.quiz is None:
        return
    path = f"{surveyed.lesson.folder}/quiz.yaml"
    for number, question in enumerate(surveyed.lesson.questions):
        line = surveyed.quiz.line_of(("questions", number))
        yield Placed(item_of(surveyed.lesson, question), path, line, is_quick_check=True)


def every_question(root: Path) -> list[Item]:
    """Return every question of a course, the lessons' first.

    Args:
        root: the folder that holds `course.yaml`.

    Raises:
        ContentError: a file cannot be read; the message names file and line.
    """
    survey = survey_course(root)
    findings = list(survey.findings)
    banked: list[Item] = []
    if survey.course_file is not None:
        bank = survey_bank(root, survey.course_file)
        findings += bank.findings
        banked = [surveyed.item for surveyed in bank.items]
    for finding in sorted(findings):
        if finding.severity == "error":
            raise ContentError(f"{root / finding.path}:{finding.line}: {finding.message}", hint=finding.fix)
    return [placed.item for each in survey.lessons for placed in place_quick_check(each)] + banked


def texts_of(item: Item) -> Iterator[str]:
    """Yield everything of a question that is shown as Markdown."""
    yield from (item.prompt, item.explain)
    match item.kind:
        case "choice" | "multi":
            yield from (text for option in item.options for text in (option.text, option.explain))
        case "order":
            yield from (text for step in item.steps for text in (step.text, step.explain))
        case "match":
            yield from (text for pair in item.pairs for text in (pair.left, pair.right, pair.explain))
            yield from (text for option in item.extra for text in (option.text, option.explain))
        case "diagram":
            yield from (point.explain for point in item.points)
        case "recall":
            yield item.model
            yield from (point.text for point in item.points)
        case "command":
            yield from (wrong.why for wrong in item.wrong)
        case "manifest":
            yield from (wrong.why for wrong in item.wrong)
        case "number":
            pass
