"""`eks-lab author`: the loop of someone who writes lessons. No Python needed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from eks_lab.cli.app import lessons_root

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
        click.echo(f"{lessons} lessons checked: {errors} errors, {len(findings) - errors} warnings.")
    ctx.exit(1 if errors else 0)


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
    click.echo(f"Wrote {path}\nNext: eks-lab author new quiz {lesson_id}, then eks-lab author preview {path}")


@new.command("quiz")
@click.argument("lesson_id", metavar="ID")
@_CONTENT
def quiz(lesson_id: str, content: str) -> None:
    """Write the skeleton of the quiz of the lesson ID."""
    from eks_lab.content.new import new_quiz
    from eks_lab.content.schema import PACKAGED

    path = new_quiz(lessons_root(content), lesson_id, PACKAGED / "quiz.json")
    click.echo(f"Wrote {path}\nNext: eks-lab author check")


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
    "name", type=click.Choice(["course", "lesson", "quiz", "glossary", "diagram"]), required=False
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
