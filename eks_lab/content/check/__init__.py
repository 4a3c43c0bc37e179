"""`author check`: everything a machine can see in a course before a learner does.

Tone, pace and truth against the cited page stay with a reviewer.
"""

from __future__ import annotations

from pathlib import Path

from eks_lab.content.check.course import check_tree
from eks_lab.content.check.diagrams import check_diagrams
from eks_lab.content.check.items import check_items
from eks_lab.content.check.lesson import check_lesson
from eks_lab.content.check.quiz import check_quizzes
from eks_lab.content.check.tracks import check_tracks
from eks_lab.content.findings import Finding
from eks_lab.content.items.bank_file import survey_bank
from eks_lab.content.load import survey_course
from eks_lab.errors import ContentError


def check_course(root: Path) -> list[Finding]:
    """Return every finding of a course, sorted by file and line.

    Args:
        root: the folder that holds `course.yaml`.

    Raises:
        ContentError: the folder holds no course at all.
    """
    if not (root / "course.yaml").is_file():
        raise ContentError(
            f"{root} holds no course.yaml.", hint="Name the folder of a course with --content DIR."
        )
    survey = survey_course(root)
    findings = list(survey.findings)
    if survey.course_file is None:
        return sorted(findings)
    diagram_ids, diagram_findings = check_diagrams(root)
    findings += diagram_findings
    pages = {}
    for surveyed in survey.lessons:
        parsed, more = check_lesson(survey, surveyed, diagram_ids)
        pages[surveyed.lesson.id] = parsed.page
        findings += more
    findings += check_quizzes(survey)
    findings += check_items(survey, survey_bank(root, survey.course_file))
    findings += check_tracks(root, survey.course_file)
    findings += check_tree(survey, pages)
    return sorted(findings)
