"""Names of chapters, lessons, skills and kinds as people type them: known, or refused with the nearest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.content.model import Course


def chapter_id(course: Course, wanted: str) -> str:
    """Return the id of a chapter that is named by id or number.

    Raises:
        InputError: there is none.
    """
    for chapter in course.file.chapters:
        if wanted in (chapter.id, chapter.number):
            return chapter.id
    known = ", ".join(f"{chapter.id} ({chapter.number})" for chapter in course.file.chapters)
    ids = [chapter.id for chapter in course.file.chapters]
    raise _refusal("chapter", wanted, ids, f"Chapters: {known}.")


def known_lesson(course: Course, wanted: str) -> None:
    """Refuse a lesson that the course does not have."""
    if course.lesson(wanted) is None:
        raise _refusal(
            "lesson", wanted, [lesson.id for lesson in course.lessons], "`eks-lab lesson list` shows all."
        )


def known_skill(course: Course, wanted: str) -> None:
    """Refuse a skill that the course does not have."""
    skills = [skill.id for skill in course.file.skills]
    if wanted not in skills:
        raise _refusal("skill", wanted, skills, f"Skills: {', '.join(skills)}.")


def check_kinds(kinds: Sequence[str]) -> None:
    """Refuse a kind that does not exist."""
    from eks_lab.content.items.entry import KINDS

    for kind in kinds:
        if kind not in KINDS:
            raise _refusal("kind", kind, KINDS, f"Kinds: {', '.join(KINDS)}.")


def _refusal(what: str, wanted: str, known: Sequence[str], hint: str) -> InputError:
    import difflib

    near = difflib.get_close_matches(wanted, known, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return InputError(f"There is no {what} {wanted!r}.", hint=f"{meant}{hint}")
