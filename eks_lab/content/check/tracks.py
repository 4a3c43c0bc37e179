"""Exam tracks: each file is read as a learner's program reads it, and held against the course's skills and chapters."""

from __future__ import annotations

import re
from pathlib import Path

from eks_lab.content.findings import Finding
from eks_lab.content.model import CourseFile
from eks_lab.content.tracks import FOLDER, mistakes, read_track
from eks_lab.errors import ContentError

_PLACE = re.compile(r"^.*?\.yaml:(\d+): (.*)$", re.DOTALL)


def check_tracks(root: Path, course: CourseFile) -> list[Finding]:
    """Return what is wrong with the exam tracks of a course.

    Args:
        root: the folder that holds `course.yaml`.
        course: whose skills and chapters the domains name.
    """
    skills = [skill.id for skill in course.skills]
    chapters = [chapter.id for chapter in course.chapters]
    findings = []
    for path in sorted((root / FOLDER).glob("*.yaml")):
        shown = path.relative_to(root).as_posix()
        try:
            track = read_track(path)
        except ContentError as error:
            place = _PLACE.match(error.message)
            line, message = (int(place.group(1)), place.group(2)) if place else (1, error.message)
            findings.append(Finding(shown, line, "track", message, error.hint))
            continue
        findings += [
            Finding(shown, 1, "track", mistake, "See docs/questions.md, Exams.")
            for mistake in mistakes(track, skills, chapters)
        ]
    return findings
