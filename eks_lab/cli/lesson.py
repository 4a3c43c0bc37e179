"""`eks-lab lesson`: the course as a list and as plain text."""

from __future__ import annotations

import json
from typing import Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root

_CONTENT = click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")


@click.group(name="lesson", help="List lessons, or print one as plain text.")
def command() -> None:
    """Hold the two commands."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_CONTENT
def list_lessons(as_json: bool, content: str) -> None:
    """List every lesson with its id and minutes."""
    from eks_lab.content.index import open_course

    course = open_course(lessons_root(content), locations.cache_dir()).course
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "id": lesson.id,
                "title": lesson.title,
                "chapter": lesson.chapter,
                "minutes": lesson.head.minutes,
                "summary": lesson.head.summary,
                "skills": lesson.head.skills,
                "requires": lesson.head.requires,
                "questions": len(lesson.questions),
            }
            for lesson in course.lessons
        ]
        click.echo(json.dumps({"course": course.file.id, "lessons": rows}, indent=2, ensure_ascii=False))
        return
    for chapter in course.file.chapters:
        click.echo(f"{chapter.number}. {chapter.title}")
        for lesson in course.chapter_lessons(chapter.id):
            click.echo(f"   {lesson.id}  {lesson.title} ({lesson.head.minutes} min)")
    minutes = sum(lesson.head.minutes for lesson in course.lessons)
    noun = "lesson" if len(course.lessons) == 1 else "lessons"
    click.echo(f"{len(course.lessons)} {noun}, about {minutes // 60} h {minutes % 60} min.")


@command.command("show")
@click.argument("lesson_id", metavar="ID")
@click.option(
    "--plain", is_flag=True, help="Plain text (also without this option; here for scripts that say it)."
)
@click.option(
    "--width", type=click.IntRange(40, 200), default=80, show_default=True, help="Columns for prose."
)
@_CONTENT
def show_lesson(lesson_id: str, plain: bool, width: int, content: str) -> None:
    """Print the lesson ID as plain text: no colour, no box drawing."""
    from eks_lab.content.body import read_page
    from eks_lab.content.index import open_course
    from eks_lab.content.plain import render_plain
    from eks_lab.errors import InputError

    loaded = open_course(lessons_root(content), locations.cache_dir())
    lesson = loaded.course.lesson(lesson_id)
    if lesson is None:
        import difflib

        near = difflib.get_close_matches(lesson_id, [known.id for known in loaded.course.lessons], n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InputError(
            f"There is no lesson {lesson_id!r}.", hint=f"{meant}`eks-lab lesson list` shows all of them."
        )
    click.echo(render_plain(loaded, lesson, read_page(loaded, lesson_id), width), nl=False)
