"""`eks-lab author`: the loop of someone who writes lessons. No Python needed."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eks_lab.cli.app import lessons_root
from eks_lab.cli.counting import counted

if TYPE_CHECKING:
    from eks_lab.grading.lesson_commands.proof import LessonReport
    from eks_lab.grading.practical.proof import ItemReport

_CONTENT = click.option(
    "--content", default="", metavar="DIR", help="The course in this folder (it holds course.yaml)."
)


@click.group(name="author", help="Write and check content.")
def command() -> None:
    """Hold the commands."""


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_CONTENT
@click.pass_context
def check(ctx: click.Context, as_json: bool, content: str) -> None:
    """Check a whole course; exit code 1 when something is wrong."""
    from eks_lab.content.check import check_course

    root = lessons_root(content)
    findings = check_course(root)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        click.echo(json.dumps({"root": str(root), "findings": [asdict(f) for f in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo(str(finding))
        lessons = sum(1 for _ in root.glob("*/*/lesson.md"))
        told = (_count(lessons, "lesson"), _count(errors, "error"), _count(len(findings) - errors, "warning"))
        click.echo(f"{told[0]} checked: {told[1]}, {told[2]}.")
    ctx.exit(1 if errors else 0)


@command.command("prove")
@click.option(
    "--chapter", default="", metavar="C", help="Questions of this chapter: its id, number or folder."
)
@click.option(
    "--id", "item", default="", metavar="ID", help="This question alone; with --lessons, this lesson."
)
@click.option(
    "--lessons",
    "is_lessons",
    is_flag=True,
    help="Prove the commands that lessons show for the sandbox instead.",
)
@click.option("--seed", type=int, help="This seed alone; else three for questions with variables.")
@click.option(
    "--processes", type=click.IntRange(1, 64), default=None, help="At once; one more than there are cores."
)
@click.option(
    "--brief", "is_brief", is_flag=True, help="One answer and one wrong one with every seed but the first."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_CONTENT
@click.pass_context
def prove(
    ctx: click.Context,
    chapter: str,
    item: str,
    is_lessons: bool,
    seed: int | None,
    processes: int | None,
    is_brief: bool,
    as_json: bool,
    content: str,
) -> None:
    """Prove that command and manifest questions judge fairly; exit code 1 when a rule is broken.

    With --lessons: that every command of a `needs=sandbox` block does in a new sandbox what its page says.

    Nothing of yours is touched: the proof has worlds of its own.
    """
    if is_lessons:
        ctx.exit(_prove_lessons(lessons_root(content), chapter, item, processes, as_json=as_json))
    from eks_lab.cli.lab import kubectl_program, run_course
    from eks_lab.grading.practical.labour import practical_items, prove_all, usual_processes

    items, findings = practical_items(lessons_root(content), chapter, item)

    def told(report: ItemReport) -> None:
        if not as_json:
            _tell_report(report)

    reports = prove_all(
        items,
        kubectl_program(),
        only=seed,
        is_brief=is_brief,
        course=run_course,
        processes=processes or usual_processes(),
        told=told,
    )
    broken = sum(not each.is_proved for each in reports)
    if as_json:
        found = {"items": [each.as_json() for each in reports], "broken": broken}
        unread = [asdict(each) for each in findings]
        click.echo(json.dumps({**found, "findings": unread}, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(str(finding))
        what = "all are proved" if not broken else f"{broken} not proved"
        played = sum(each.judgements for each in reports)
        click.echo(f"{counted(len(reports), 'question')}, {counted(played, 'judgement')}: {what}.")
    ctx.exit(1 if broken or findings else 0)


def _tell_report(report: ItemReport) -> None:
    mark = "proved" if report.is_proved else "NOT PROVED"
    click.echo(f"{report.item:<60} {mark}  {report.seconds:.1f} s")
    for each in report.broken:
        click.echo(f"  {each.rule} (seed {each.seed}): {each.message}")


def _prove_lessons(root: Path, chapter: str, lesson: str, processes: int | None, *, as_json: bool) -> int:
    """Prove the commands of lessons, print what was found, and return the exit code."""
    from eks_lab.cli.lab import kubectl_program, run_course
    from eks_lab.grading.lesson_commands.labour import lesson_files, prove_all
    from eks_lab.grading.practical.labour import usual_processes

    def told(report: LessonReport) -> None:
        if not as_json:
            _tell_lesson(report)

    reports = prove_all(
        root,
        lesson_files(root),
        kubectl_program(),
        chosen=list(lesson_files(root, chapter, lesson)) if chapter or lesson else None,
        course=run_course,
        processes=processes or usual_processes(),
        told=told,
    )
    broken = sum(len(each.broken) for each in reports)
    not_run = sum(len(each.not_run) for each in reports)
    if as_json:
        found = {"lessons": [each.as_json() for each in reports], "broken": broken, "not_run": not_run}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        what = "all are proved" if not broken else f"{broken} not proved"
        run = sum(len(each.ran) for each in reports) - not_run
        click.echo(
            f"{counted(len(reports), 'lesson')}, {counted(run, 'command')} run, {not_run} not run: {what}."
        )
    return 1 if broken else 0


def _tell_lesson(report: LessonReport) -> None:
    mark = "proved" if report.is_proved else "NOT PROVED"
    click.echo(f"{report.lesson:<60} {mark}  {report.seconds:.1f} s")
    for each in report.ran:
        shown = each.command.partition("\n")[0].rstrip(" \\")
        if each.broken:
            click.echo(f"  {report.lesson}:{each.line}: {shown}: {each.broken}")
        elif each.not_run:
            click.echo(f"  {report.lesson}:{each.line}: not run, {each.not_run}: {shown}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _same(content: str) -> str:
    """Return the option for the same course again, for a command that is proposed."""
    return f" --content {shlex.quote(content)}" if content else ""


@command.group("new")
def new() -> None:
    """Write a skeleton to fill in."""


@new.command("lesson")
@click.argument("lesson_id", metavar="ID")
@_CONTENT
def lesson(lesson_id: str, content: str) -> None:
    """Write the skeleton of the lesson ID (<chapter>.<slug>)."""
    from eks_lab.clock import SystemClock
    from eks_lab.content.new import new_lesson

    path = new_lesson(lessons_root(content), lesson_id, SystemClock().now().date())
    next_step = f"eks-lab author new quiz {lesson_id}{_same(content)}"
    click.echo(f"Wrote {path}\nNext: {next_step}, then eks-lab author preview {shlex.quote(str(path))}")


@new.command("quiz")
@click.argument("lesson_id", metavar="ID")
@click.option(
    "--bank",
    default="",
    metavar="NAME",
    help="A file of the question bank instead: NAME.yaml in the quiz folder of the lesson's chapter.",
)
@_CONTENT
def quiz(lesson_id: str, bank: str, content: str) -> None:
    """Write the skeleton of the quiz that closes the lesson ID."""
    from eks_lab.content.new import new_bank, new_quiz
    from eks_lab.content.schema import PACKAGED

    root = lessons_root(content)
    if bank:
        path = new_bank(root, lesson_id, bank, PACKAGED / "bank.json")
    else:
        path = new_quiz(root, lesson_id, PACKAGED / "quiz.json")
    click.echo(f"Wrote {path}\nNext: eks-lab author check{_same(content)}")


@command.command("revisions")
@click.option("--write", is_flag=True, help="Accept new questions, new revs and removed questions.")
@click.option(
    "--same-meaning",
    multiple=True,
    metavar="ID",
    help="Accept a change of this question as a slip of the pen; old answers go on counting.",
)
@_CONTENT
@click.pass_context
def revisions(ctx: click.Context, write: bool, same_meaning: tuple[str, ...], content: str) -> None:
    """Compare every question with the ledger of revisions; exit code 1 when something is not accepted."""
    from eks_lab.content.check.items.surveyed import every_question
    from eks_lab.content.items.revisions import read_ledger, updated, write_ledger

    root = lessons_root(content)
    update = updated(read_ledger(root) or {}, every_question(root), same_meaning)
    for word, ids in (("new", update.new), ("revised", update.revised), ("gone", update.retired)):
        for name in ids:
            click.echo(f"{word}: {name}")
    for sentence in update.refused:
        click.echo(f"refused: {sentence}", err=True)
    changed = len(update.new) + len(update.revised) + len(update.retired)
    if write and changed:
        click.echo(f"Wrote {write_ledger(root, update.ledger)}: {changed} changes.")
    elif changed:
        click.echo(f"{changed} changes; with --write they are accepted.")
    elif not update.refused:
        click.echo("Every question is as it was accepted.")
    ctx.exit(1 if update.refused or (changed and not write) else 0)


@command.command("preview")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True, help="Print it once as plain text instead.")
def preview(path: Path, plain: bool) -> None:
    """Show the lesson at PATH (lesson.md or its folder) and reload it on save."""
    from eks_lab.content.preview import find_preview, render_preview
    from eks_lab.errors import UnavailableError

    target = find_preview(path)
    if plain:
        click.echo(render_preview(target), nl=False)
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UnavailableError(
            "The preview needs a terminal.", hint=f"For text: eks-lab author preview {path} --plain"
        )
    from eks_lab.tui.preview import run_preview

    run_preview(target)


@command.command("schema")
@click.argument(
    "name", type=click.Choice(["course", "lesson", "quiz", "bank", "glossary", "diagram"]), required=False
)
@click.option("--write", is_flag=True, help="Write all schemas into the package (for maintainers).")
def schema(name: str | None, write: bool) -> None:
    """Print the JSON Schema of a kind of file, or the folder that holds all of them."""
    from eks_lab.content.schema import PACKAGED, schema_text, write_schemas

    if write:
        for path in write_schemas():
            click.echo(f"Wrote {path}")
    elif name is None:
        click.echo(str(PACKAGED))
    else:
        click.echo(schema_text(name), nl=False)
