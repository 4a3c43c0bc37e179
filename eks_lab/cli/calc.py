"""`eks-lab calc`: every calculator as a command with its inputs as options."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eks_lab.calc.model import Calculator, Input

_LIST = "list"
STANDARD_INPUT = "-"
_BATCH_HELP = (
    "Answer many questions: FILE, or standard input with '-' or without a name, holds CSV whose first line names"
    " inputs, or JSON objects (an array, or one a line). Prints one JSON answer a line, in order; a line that cannot"
    ' be answered gives {"line": N, "error": "…"} and exit code 1 at the end. Other options hold for every line that'
    " does not say otherwise."
)


class CalculatorGroup(click.Group):
    """A group with one command for each calculator of the registry, made when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return `list` and the names of the calculators."""
        from eks_lab.calc import registry

        return [_LIST, *registry.names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return `list`, or the command of a calculator; InputError when there is none."""
        from eks_lab.calc import registry

        own = super().get_command(ctx, cmd_name)
        return own if own is not None else calculator_command(registry.get(cmd_name))


@click.group(name="calc", cls=CalculatorGroup, help="Answer one question with its working.")
def command() -> None:
    """Hold the calculators."""


@command.command(_LIST)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, with every input.")
def list_calculators(as_json: bool) -> None:
    """List the calculators."""
    from eks_lab.calc import registry
    from eks_lab.calc.export import calculator_json
    from eks_lab.cli.calc_text import paragraph

    calculators = [registry.get(name) for name in registry.names()]
    if as_json:
        _print_json({"calculators": [calculator_json(calculator) for calculator in calculators]})
        return
    width = max(len(calculator.name) for calculator in calculators) + 2
    for calculator in calculators:
        click.echo("\n".join(paragraph(calculator.summary, f"{calculator.name:<{width}}", " " * width)))
    click.echo("\nInputs of one: eks-lab calc NAME --help")


def calculator_command(calculator: Calculator) -> click.Command:
    """Return the command of a calculator.

    Args:
        calculator: its inputs become options.
    """
    parameters: list[click.Parameter] = [_option(field) for field in calculator.inputs]
    parameters += [
        click.Option(["--json", "as_json"], is_flag=True, help="The whole answer as one JSON document."),
        click.Option(
            ["--batch"], is_flag=False, flag_value=STANDARD_INPUT, metavar="[FILE]", help=_BATCH_HELP
        ),
    ]

    def answer_question(as_json: bool, batch: str | None, **given: object) -> None:
        # What was not typed is left to the calculator's own defaults.
        typed = {name: value for name, value in given.items() if value is not None}
        if batch is not None:
            from eks_lab.cli.calc_batch import answer_batch

            fixed = _with_files(calculator, typed, is_input_taken=batch == STANDARD_INPUT)
            click.get_current_context().exit(answer_batch(calculator, batch, fixed))
        _answer(calculator, _with_files(calculator, typed, is_input_taken=False), as_json=as_json)

    return click.Command(
        name=calculator.name,
        callback=answer_question,
        params=parameters,
        help=calculator.summary,
        short_help=calculator.summary,
    )


def filled_today(calculator: Calculator, given: Mapping[str, object]) -> dict[str, object]:
    """Return given inputs with the present day for an optional input `today` that was not given.

    Args:
        calculator: whose inputs they are.
        given: name (with underscores) -> value.
    """
    from eks_lab.clock import SystemClock

    wanted = any(field.name == "today" and field.optional for field in calculator.inputs)
    if wanted and "today" not in given:
        return {**given, "today": SystemClock().now().date().isoformat()}
    return dict(given)


def _answer(calculator: Calculator, given: Mapping[str, object], *, as_json: bool) -> None:
    from eks_lab.calc.forms import read_inputs

    answer = calculator.compute(read_inputs(calculator, filled_today(calculator, given)))
    if as_json:
        from eks_lab.calc.export import answer_json

        _print_json(answer_json(answer))
        return
    from eks_lab.cli.calc_text import answer_text

    click.echo("\n".join(answer_text(calculator, answer)))


def _with_files(
    calculator: Calculator, typed: Mapping[str, object], *, is_input_taken: bool
) -> dict[str, object]:
    """Return typed inputs with the text of files in place of their names.

    Raises:
        InputError: a file cannot be read, or standard input is asked for twice.
    """
    from eks_lab.errors import InputError
    from eks_lab.tui.documents import read_document, read_stream

    values = dict(typed)
    for field in calculator.inputs:
        name = values.get(field.name)
        if field.kind != "document" or not isinstance(name, str) or not name.strip():
            continue
        if name != STANDARD_INPUT:
            values[field.name] = read_document(field.name, name)
            continue
        if is_input_taken:
            raise InputError(
                f"{field.name}: standard input is read by another option already", hint="Name a file instead."
            )
        is_input_taken = True
        values[field.name] = read_stream(field.name, "standard input", sys.stdin.buffer)
    return values


def _option(field: Input) -> click.Option:
    """Return the option of an input; its value stays text, which `read_inputs` checks."""
    dashed = field.name.replace("_", "-")
    about = f"{field.help} [{f'{field.unit}; ' if field.unit else ''}{_default_text(field)}]"
    if field.kind == "flag":
        return click.Option([f"--{dashed}/--no-{dashed}", field.name], default=None, help=about, is_flag=True)
    words = {
        "integer": "N",
        "number": "X",
        "instance": "TYPE",
        "text": "TEXT",
        "date": "YYYY-MM-DD",
        "document": "FILE",
    }
    metavar = "|".join(field.choices) or words[field.kind]
    return click.Option([f"--{dashed}", field.name], type=click.STRING, metavar=metavar, help=about)


def _default_text(field: Input) -> str:
    from eks_lab.cli.calc_text import shown

    if field.name == "today" and field.optional:
        return "default: the present day"
    if field.default in (None, ""):
        return "default: not set" if field.optional else "required"
    return f"default: {'an example' if field.kind == 'document' else shown(field.default)}"


def _print_json(document: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
