"""Titles, objectives and standing of lessons and chapters as prose, for the home screen and the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.content.page import ItemList, Paragraph, Span, Spans
from eks_lab.tui.library import MARKS, WORDS, Library
from eks_lab.tui.typeset import Flow, Live, flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eks_lab.content.model import Chapter, Lesson

WELCOME = (
    "Welcome: a whole course on Amazon EKS, without account or network.",
    "Enter starts, the arrow keys look around, ? shows every key.",
    "Leave with q whenever you like: your place is kept.",
)


def line(text: str, style: str = "", *, tight: bool = False) -> Flow:
    """Return one paragraph in one style."""
    return Flow(Paragraph((Span(text),), 0), style=style, tight=tight)


def bullets(entries: Sequence[Spans | str]) -> list[Flow]:
    """Return a bulleted list."""
    items = tuple((Paragraph((Span(entry),) if isinstance(entry, str) else entry, 0),) for entry in entries)
    flowed = list(flow([ItemList(items, False, 1, 0)]))
    return [
        # The list follows its heading without an empty line.
        Flow(item.block, item.indent, item.marker, True, item.style)
        for item in flowed
        if not isinstance(item, Live)
    ]


def chapter_name(chapter: Chapter | None) -> str:
    """Return a chapter's number and title as the learner sees them."""
    return f"{chapter.number} {chapter.title}" if chapter is not None else ""


def lesson_head(library: Library, lesson: Lesson) -> list[Flow]:
    """Return what stands above a lesson's page: chapter, title, length, objectives."""
    head = lesson.head
    facts = [f"{head.minutes} min"]
    if lesson.questions:
        count = len(lesson.questions)
        facts.append(f"{count} question{'s' if count != 1 else ''} at the end")
    if head.eks_version != "any":
        facts.append(f"Kubernetes {head.eks_version}")
    return [
        line(f"Chapter {chapter_name(library.chapter_of(lesson))}", "kicker"),
        line(head.title, "title", tight=True),
        line(" · ".join(facts), "muted", tight=True),
        line("Afterwards you can", "muted"),
        *bullets(list(head.objectives)),
    ]


def lesson_summary(library: Library, lesson: Lesson) -> list[Flow]:
    """Return what the home screen says about a lesson."""
    head = lesson.head
    status = library.status(lesson.id)
    items = [
        line(f"Chapter {chapter_name(library.chapter_of(lesson))}", "kicker"),
        line(head.title, "title", tight=True),
        line(f"{MARKS[status]} {WORDS[status]} · {head.minutes} min", "muted", tight=True),
        line(head.summary),
        line("You learn to", "heading3"),
        *bullets(list(head.objectives)),
    ]
    skills = {skill.id: skill.title for skill in library.course.file.skills}
    named = [skills.get(skill, skill) for skill in head.skills]
    if named:
        items += [line("Skills", "heading3"), *bullets(named)]
    first = [library.lesson(lesson_id) for lesson_id in head.requires]
    known = [lesson for lesson in first if lesson is not None]
    if known:
        entries: list[Spans] = [
            (
                Span(f"{MARKS[library.status(before.id)]} "),
                Span(before.title, href=f"lesson:{before.id}"),
                Span(f" ({WORDS[library.status(before.id)]})"),
            )
            for before in known
        ]
        items += [line("Comes after", "heading3"), *bullets(entries)]
    return items


def chapter_summary(library: Library, chapter: Chapter) -> list[Flow]:
    """Return what the home screen says about a chapter."""
    lessons = library.course.chapter_lessons(chapter.id)
    tally = library.tally(chapter.id)
    minutes = sum(lesson.head.minutes for lesson in lessons)
    entries: list[Spans] = [
        (
            Span(f"{MARKS[library.status(lesson.id)]} "),
            Span(lesson.title, href=f"lesson:{lesson.id}"),
            Span(f" · {lesson.head.minutes} min"),
        )
        for lesson in lessons
    ]
    return [
        line(f"Chapter {chapter.number}", "kicker"),
        line(chapter.title, "title", tight=True),
        line(f"{tally.done} of {tally.total} lessons finished · {minutes} min in all", "muted", tight=True),
        line(chapter.summary),
        line("Lessons", "heading3"),
        *bullets(entries),
    ]
