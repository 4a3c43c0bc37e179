"""Questions of every kind: one defensible answer each, explained, sourced, and not given away by form.

The questions that close a lesson are checked by the same rules: they are questions of the bank too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_lab.content.check.items.balance import check_balance
from eks_lab.content.check.items.duplicates import check_duplicates
from eks_lab.content.check.items.ledger import check_ledger
from eks_lab.content.check.items.number import number_problems
from eks_lab.content.check.items.picked import picked_problems
from eks_lab.content.check.items.practical import practical_problems
from eks_lab.content.check.items.recall import recall_problems
from eks_lab.content.check.items.surveyed import Placed, Report, place_quick_check, texts_of
from eks_lab.content.findings import Finding
from eks_lab.content.items.bank_file import BankSurvey, SurveyedItem, lesson_of
from eks_lab.content.load import Survey, SurveyedLesson
from eks_lab.content.markup import parse_body

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_items(survey: Survey, bank: BankSurvey) -> list[Finding]:
    """Return what is wrong with the questions of a course, beyond what keeps a file from being read.

    Args:
        survey: of the course.
        bank: of its bank files.
    """
    lessons = {surveyed.lesson.id: surveyed for surveyed in survey.lessons}
    findings = list(bank.findings)
    everything: list[Placed] = [each for surveyed in survey.lessons for each in place_quick_check(surveyed)]
    for surveyed in bank.items:
        placed = Placed(surveyed.item, surveyed.path, surveyed.line)
        report = Report(placed, surveyed.line_of)
        _check_place(survey, lessons, surveyed, report)
        _check_common(survey, lessons, surveyed, report)
        for problems in (picked_problems, number_problems, recall_problems, practical_problems):
            problems(survey, surveyed.item, report)
        findings += report.findings
        everything.append(placed)
    findings += _check_ids(everything)
    findings += check_duplicates(everything)
    findings += check_balance(everything)
    findings += check_ledger(survey.root, everything)
    return findings


def _check_ids(everything: list[Placed]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for placed in everything:
        if placed.item.id in seen:
            message = f"the id {placed.item.id!r} is also used in {seen[placed.item.id]}"
            yield Finding(placed.path, placed.line, "question-id", message, "Ids are unique in the course.")
        seen[placed.item.id] = placed.path


def _check_place(
    survey: Survey, lessons: dict[str, SurveyedLesson], surveyed: SurveyedItem, report: Report
) -> None:
    lesson_id = lesson_of(surveyed.item.id)
    slug = surveyed.item.id.rpartition(".")[2]
    if lesson_id not in lessons:
        report.add("question-id", "the id begins with no lesson's", "Write <lesson id>.<slug>.", "id")
    elif lessons[lesson_id].lesson.chapter != surveyed.chapter:
        chapter = lessons[lesson_id].lesson.chapter
        report.add(
            "question-place",
            f"its lesson belongs to the chapter {chapter}",
            "Move it into that chapter's quiz folder.",
            "id",
        )
    if not _SLUG.fullmatch(slug):
        report.add("question-id", f"{slug!r} is no slug", "Lower case, digits and dashes.", "id")


def _check_common(
    survey: Survey, lessons: dict[str, SurveyedLesson], surveyed: SurveyedItem, report: Report
) -> None:
    item = surveyed.item
    lesson = lessons.get(lesson_of(item.id))
    if lesson is not None:
        titles = [source.title for source in lesson.lesson.head.sources]
        if item.source not in titles:
            report.add(
                "question-source",
                f"source {item.source!r} is no source of the lesson",
                f"Use one of these titles: {'; '.join(titles)}.",
                "source",
            )
    if item.rev < 1:
        report.add("question-rev", f"rev is {item.rev}", "Count from 1.", "rev")
    assert survey.course_file is not None
    known = {skill.id for skill in survey.course_file.skills}
    for skill in item.skills:
        if skill not in known:
            report.add("skill", f"unknown skill {skill!r}", "Use a tag from course.yaml.", "skills")
    if len(item.prompt.strip()) < 15:
        report.add("prompt", "the prompt says too little", "Ask a whole question.", "prompt")
    for text in texts_of(item):
        for problem in parse_body(text).problems:
            report.add("question-markup", problem.message, problem.fix)
