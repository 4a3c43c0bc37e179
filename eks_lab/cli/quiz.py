"""`eks-lab quiz`: questions of a chapter, a lesson or a skill, in plain lines; for people, pipes and CI."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.cli.course_names import chapter_id, check_kinds, known_lesson, known_skill
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.content.items.bank import Bank
    from eks_lab.content.items.entry import Entry
    from eks_lab.content.model import Course

_CONTENT = click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")


@click.group(name="quiz", help="Answer questions; list and show them.")
def command() -> None:
    """Hold the commands."""


def _asking(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that asks."""
    for option in (
        _CONTENT,
        click.option("--plain", is_flag=True, help="Plain lines (also without this option)."),
        click.option(
            "--json", "as_json", is_flag=True, help="One JSON document; questions go to standard error."
        ),
        click.option(
            "--answers",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Read the answers from this file: lines as typed, or a JSON object of ids and lines.",
        ),
        click.option(
            "--seed", type=int, help="Of choice, order and numbers; left out, each time is another."
        ),
        click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times."),
    ):
        function = option(function)
    return function


@command.command("chapter")
@click.argument("chapter")
@click.option("--count", type=click.IntRange(1, 500), default=12, show_default=True, help="Most questions.")
@_asking
@click.pass_context
def chapter_quiz(ctx: click.Context, /, chapter: str, count: int, **options: Any) -> None:
    """Ask questions of a CHAPTER: its id or its number."""
    from eks_lab.cli.quiz_run import Run

    run = Run.of(**options)
    entries = run.fitting(chapter=chapter_id(run.course, chapter))
    ctx.exit(run.ask(_spread(entries, count, run.seed), "quiz"))


@command.command("lesson")
@click.argument("lesson")
@click.option("--count", type=click.IntRange(1, 500), help="Most questions; all when left out.")
@_asking
@click.pass_context
def lesson_quiz(ctx: click.Context, /, lesson: str, count: int | None, **options: Any) -> None:
    """Ask the questions of a LESSON: those that close it, and the bank's."""
    from eks_lab.cli.quiz_run import Run

    run = Run.of(**options)
    known_lesson(run.course, lesson)
    entries = run.fitting(lesson=lesson)
    chosen = entries if run.given_seed is None and count is None else _spread(entries, count or 500, run.seed)
    ctx.exit(run.ask(chosen, "quiz"))


@command.command("drill")
@click.option("--skill", default="", help="A tag of course.yaml.")
@click.option("--weakest", "is_weakest", is_flag=True, help="What your answers so far show weakest.")
@click.option("--count", type=click.IntRange(1, 500), default=10, show_default=True, help="Most questions.")
@_asking
@click.pass_context
def drill(ctx: click.Context, /, skill: str, is_weakest: bool, count: int, **options: Any) -> None:
    """Ask what you know least: of one skill, or of the weakest ones."""
    if bool(skill) == is_weakest:
        raise InputError("A drill needs a skill.", hint="Give --skill ID, or --weakest; not both.")
    from eks_lab.cli.quiz_run import Run

    run = Run.of(**options)
    if skill:
        known_skill(run.course, skill)
    ctx.exit(run.drill(skill, count))


@command.command("list")
@click.option("--chapter", default="", help="Only this chapter: id or number.")
@click.option("--lesson", default="", help="Only this lesson.")
@click.option("--skill", default="", help="Only this skill.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_CONTENT
def list_questions(
    chapter: str, lesson: str, skill: str, kinds: tuple[str, ...], as_json: bool, content: str
) -> None:
    """List the questions of the bank."""
    course, bank = _opened(content)
    if lesson:
        known_lesson(course, lesson)
    if skill:
        known_skill(course, skill)
    check_kinds(kinds)
    entries = bank.find(
        chapter=chapter_id(course, chapter) if chapter else "",
        lesson=lesson,
        skill=skill,
        kinds=kinds,
        own_sandbox=None,
    )
    if as_json:
        rows = [{**asdict(entry), "is_interview": entry.is_interview} for entry in entries]
        click.echo(json.dumps({"questions": rows}, indent=2, ensure_ascii=False))
        return
    for entry in entries:
        click.echo(f"{entry.id:<58} {entry.kind:<9} {'*' * entry.difficulty:<3} {', '.join(entry.skills)}")
    click.echo(f"{len(entries)} questions.")


@command.command("show")
@click.argument("item_id", metavar="ID")
@click.option("--seed", type=int, default=0, show_default=True, help="Of its order and numbers.")
@click.option("--solution", is_flag=True, help="Also the answer and every explanation.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_CONTENT
def show_question(item_id: str, seed: int, solution: bool, as_json: bool, content: str) -> None:
    """Show the question ID."""
    from eks_lab.cli.asking import plain_terminal, question_text, tell_solution
    from eks_lab.content.items.explanation import explained
    from eks_lab.content.items.variant import make_variant, shown_sides

    _, bank = _opened(content)
    variant = make_variant(bank.item(item_id), seed)
    if as_json:
        entry = bank.entry(item_id)
        document: dict[str, Any] = {
            **asdict(entry),
            "seed": seed,
            "prompt": variant.prompt,
            "unit": variant.unit,
            "shown": list(shown_sides(variant.item, seed)),
            "source": variant.item.source,
        }
        if solution:
            document |= {
                "answer": variant.answer,
                "explain": variant.explain,
                "explained": [asdict(each) for each in explained(variant)],
            }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    terminal = plain_terminal(root=lessons_root(content))
    terminal.write(question_text(variant, terminal))
    if solution:
        terminal.write("")
        tell_solution(variant, terminal)


def _opened(content: str) -> tuple[Course, Bank]:
    from eks_lab.content.index import open_course
    from eks_lab.content.items.bank import open_bank

    loaded = open_course(lessons_root(content), locations.cache_dir())
    return loaded.course, open_bank(loaded, locations.cache_dir())


def _spread(entries: Sequence[Entry], count: int, seed: int) -> tuple[Entry, ...]:
    from eks_lab.content.items.selection import spread

    return spread(entries, count, seed)
