"""`eks-lab calc`: every calculator as a command with its inputs as options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eks_lab.calc.model import Answer, Calculator, Input, Value

WIDTH = 80
_LIST = "list"
_ONE = {"ENIs": "ENI", "addresses": "address", "nodes": "node", "pods": "pod", "prefixes": "prefix"}


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
        return own if own is not None else _calculator_command(registry.get(cmd_name))


@click.group(name="calc", cls=CalculatorGroup, help="Answer one question with its working.")
def command() -> None:
    """Hold the calculators."""


@command.command(_LIST)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, with every input.")
def list_calculators(as_json: bool) -> None:
    """List the calculators."""
    from eks_lab.calc import registry

    calculators = [registry.get(name) for name in registry.names()]
    if as_json:
        _print_json({"calculators": [_described(calculator) for calculator in calculators]})
        return
    for calculator in calculators:
        click.echo("\n".join(_paragraph(calculator.summary, f"{calculator.name:<12}", " " * 12)))
    click.echo("\nInputs of one: eks-lab calc NAME --help")


def _calculator_command(calculator: Calculator) -> click.Command:
    parameters: list[click.Parameter] = [_option(field) for field in calculator.inputs]
    parameters.append(
        click.Option(["--json", "as_json"], is_flag=True, help="The whole answer as one JSON document.")
    )

    def answer_question(as_json: bool, **given: object) -> None:
        from eks_lab.calc.forms import read_inputs

        # What was not typed is left to the calculator's own defaults.
        typed = {name: value for name, value in given.items() if value is not None}
        answer = calculator.compute(read_inputs(calculator, typed))
        if as_json:
            _print_json(_as_document(answer))
        else:
            click.echo("\n".join(_as_text(calculator, answer)))

    return click.Command(
        name=calculator.name,
        callback=answer_question,
        params=parameters,
        help=calculator.summary,
        short_help=calculator.summary,
    )


def _option(field: Input) -> click.Option:
    """Return the option of an input; its value stays text, which `read_inputs` checks."""
    dashed = field.name.replace("_", "-")
    default = "not set" if field.default is None else _shown(field.default)
    about = f"{field.help} [{f'{field.unit}; ' if field.unit else ''}default: {default}]"
    if field.kind == "flag":
        return click.Option([f"--{dashed}/--no-{dashed}", field.name], default=None, help=about, is_flag=True)
    words = {"integer": "N", "number": "X", "instance": "TYPE", "text": "TEXT"}
    metavar = "|".join(field.choices) or words[field.kind]
    return click.Option([f"--{dashed}", field.name], type=click.STRING, metavar=metavar, help=about)


def _print_json(document: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _described(calculator: Calculator) -> dict[str, Any]:
    return {
        "name": calculator.name,
        "title": calculator.title,
        "summary": calculator.summary,
        "lesson": calculator.lesson,
        "inputs": [
            {
                "name": field.name,
                "label": field.label,
                "kind": field.kind,
                "unit": field.unit,
                "default": field.default,
                "optional": field.optional,
                "minimum": field.minimum,
                "maximum": field.maximum,
                "choices": list(field.choices),
                "help": field.help,
            }
            for field in calculator.inputs
        ],
        "result_units": calculator.result_units,
    }


def _as_document(answer: Answer) -> dict[str, Any]:
    return {
        "calculator": answer.calculator,
        "headline": answer.headline,
        "inputs": answer.inputs,
        "result": answer.result,
        "steps": [
            {
                "formula": step.formula,
                "substitution": step.substitution,
                "value": step.value,
                "unit": step.unit,
                "why": step.why,
            }
            for step in answer.steps
        ],
        "warnings": list(answer.warnings),
        "sources": [
            {"title": source.title, "date": source.date, "url": source.url} for source in answer.sources
        ],
    }


def _as_text(calculator: Calculator, answer: Answer) -> Iterator[str]:
    """Yield an answer line by line, 80 columns wide."""
    yield from _paragraph(answer.headline)
    yield from ("", "Inputs")
    units = {field.name.replace("_", "-"): field.unit for field in calculator.inputs}
    yield from _table({name.replace("_", "-"): value for name, value in answer.inputs.items()}, units)
    yield from ("", "Result")
    yield from _table(answer.result, calculator.result_units)
    yield from ("", "Working")
    for number, step in enumerate(answer.steps, start=1):
        yield from _paragraph(step.formula, f"  {number}. ", "     ")
        result = _with_unit(step.value, step.unit)
        working = "" if step.substitution == _shown(step.value) else f"{step.substitution} = "
        yield from _paragraph(f"= {working}{result}", " " * 5, " " * 7)
        if step.why:
            yield from _paragraph(step.why, " " * 5, " " * 5)
    if answer.warnings:
        yield from ("", "Warnings")
        for warning in answer.warnings:
            yield from _paragraph(warning, "  - ", "    ")
    yield from ("", "Sources")
    for source in answer.sources:
        yield from _paragraph(f"{source.title} ({source.date})", "  - ", "    ")
        if source.url:
            # Addresses are not broken; a long one starts further left.
            yield " " * max(0, min(4, WIDTH - len(source.url))) + source.url


def _table(values: dict[str, Any], units: dict[str, str]) -> Iterator[str]:
    width = max(len(name) for name in values)
    for name, value in values.items():
        yield f"  {name:<{width}}  {_with_unit(value, units.get(name, ''))}"


def _with_unit(value: Value, unit: str) -> str:
    if unit and value is not None and not isinstance(value, bool):
        word = _ONE.get(unit, unit) if value == 1 else unit
        return f"{_shown(value)}{'' if unit == '%' else ' '}{word}"
    return _shown(value)


def _shown(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _paragraph(text: str, first: str = "", rest: str = "") -> list[str]:
    import textwrap

    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
