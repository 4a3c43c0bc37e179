"""`eks-lab progress`: how far a learner is, and taking that along to another machine."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.clock import SystemClock
from eks_lab.errors import DataError, InputError

if TYPE_CHECKING:
    from eks_lab.content.model import Course
    from eks_lab.learning.progress import Progress
    from eks_lab.learning.report import CourseReport, Tally

_TITLE_COLUMNS = 32


@contextlib.contextmanager
def opened_progress() -> Iterator[Progress]:
    """Open the learner's progress; what happened on opening goes to standard error.

    Raises:
        DataError: the database cannot be used at all.
    """
    from eks_lab.learning.progress import FILE_NAME, open_progress

    with open_progress(locations.data_dir() / FILE_NAME, SystemClock()) as progress:
        if progress.notice:
            click.echo(f"Note: {progress.notice}", err=True)
        yield progress


def require_remembered(progress: Progress) -> None:
    """Refuse a command whose whole purpose is to change what is stored.

    Raises:
        DataError: nothing would be remembered.
    """
    if not progress.is_remembered:
        raise DataError(
            f"{progress.path} cannot be written, so nothing was changed.",
            hint="Make that folder writable, or set EKS_LAB_HOME to one that is.",
        )


@click.group(name="progress", invoke_without_command=True, help="Show, export or import what you have done.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")
@click.pass_context
def command(ctx: click.Context, as_json: bool, content: str) -> None:
    """Show how far you are when no further command is given."""
    if ctx.invoked_subcommand is not None:
        return
    from eks_lab.content.index import open_course
    from eks_lab.learning.report import report_course

    course = open_course(lessons_root(content), locations.cache_dir()).course
    with opened_progress() as progress:
        report = report_course(course, progress.lessons(), progress.answers(), progress.last_place())
        if as_json:
            document = _as_json(course, report, progress)
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            click.echo(_as_text(course, report))


@command.command("export")
@click.argument("target", metavar="FILE")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def export_progress(target: str, force: bool) -> None:
    """Write everything but the settings to FILE, or to standard output for -."""
    from eks_lab.learning.export import export_text, write_export

    with opened_progress() as progress:
        text = export_text(progress, SystemClock().now())
    if target == "-":
        click.echo(text, nl=False)
        return
    path = locations.expanded(target)
    write_export(text, path, force=force)
    click.echo(f"Exported to {path}.")


@command.command("import")
@click.argument("source", metavar="FILE")
def import_progress(source: str) -> None:
    """Merge an export from FILE, or from standard input for -; nothing that is here is lost."""
    from eks_lab.learning.export import import_bytes, read_import, read_stream

    if source == "-":
        name = "standard input"
        content = read_stream(sys.stdin.buffer, name)
    else:
        path = locations.expanded(source)
        content, name = read_import(path), str(path)
    with opened_progress() as progress:
        require_remembered(progress)
        merged = import_bytes(progress, content, name)
    if merged.is_nothing:
        click.echo(f"Everything in {name} was here already; nothing changed.")
        return
    counts = [
        _count(merged.lessons, "lesson"),
        _count(merged.answers, "answer"),
        _count(merged.places, "place"),
        _count(merged.bookmarks, "bookmark"),
    ]
    if merged.drafts:
        counts.append(_count(merged.drafts, "form"))
    more = (("card", merged.cards), ("review", merged.reviews), ("try at labs", merged.labs))
    for noun, number in (*more, ("exam or interview", merged.sittings)):
        if number:
            counts.append(_count(number, noun))
    click.echo(f"Merged from {name}: {', '.join(counts)}.")


@command.command("reset")
@click.option("--yes", is_flag=True, help="Say that you mean it.")
def reset_progress(yes: bool) -> None:
    """Forget lessons, answers, cards, labs, exams, bookmarks and forms, after a backup. Settings stay."""
    if not yes:
        raise InputError(
            "This forgets every lesson, answer, card, lab, exam, interview, bookmark and form, so it has to be asked for.",
            hint="If you mean it: eks-lab progress reset --yes. A backup is written first.",
        )
    with opened_progress() as progress:
        require_remembered(progress)
        backup = progress.reset()
        click.echo(
            f"Forgotten. A backup is in {backup}\nTo go back, close eks-lab and copy it over {progress.path}"
        )


_PLURALS = {"try at labs": "tries at labs", "exam or interview": "exams and interviews"}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, noun + 's')}"


def _as_json(course: Course, report: CourseReport, progress: Progress) -> dict[str, Any]:
    go_on = report.next_lesson
    return {
        "course": course.file.id,
        **asdict(report.tally),
        "chapters": [
            {"id": chapter.id, "number": chapter.number, "title": chapter.title, **asdict(chapter.tally)}
            for chapter in report.chapters
        ],
        "continue": None
        if go_on is None
        else {"id": go_on.id, "title": go_on.title, "chapter": go_on.chapter},
        "remembered": progress.is_remembered,
        "notice": progress.notice,
    }


def _as_text(course: Course, report: CourseReport) -> str:
    lines = [course.file.title, "", _line("", "Chapter", "Lessons done", "Answers right", "Minutes read")]
    lines += [_row(chapter.number, chapter.title, chapter.tally) for chapter in report.chapters]
    lines += [_row("", "Whole course", report.tally), ""]
    go_on = report.next_lesson
    if go_on is not None:
        lines += [f"Continue with: {go_on.title}", f"               eks-lab --lesson {go_on.id}"]
    elif report.tally.lessons:
        lines.append("Every lesson is finished.")
    else:
        lines.append("The course has no lessons yet.")
    return "\n".join(lines)


def _row(number: str, title: str, tally: Tally) -> str:
    shown = title if len(title) <= _TITLE_COLUMNS else title[: _TITLE_COLUMNS - 1] + "…"
    return _line(
        number,
        shown,
        f"{tally.finished} of {tally.lessons}",
        f"{tally.right} of {tally.questions}",
        str(tally.seconds // 60),
    )


def _line(number: str, title: str, lessons: str, answers: str, minutes: str) -> str:
    return f"{number:>3}  {title:<{_TITLE_COLUMNS}} {lessons:>12} {answers:>14} {minutes:>13}"
