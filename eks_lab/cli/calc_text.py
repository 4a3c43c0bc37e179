"""A worked answer as plain text, 80 columns wide: no colour, no box drawing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eks_lab.calc.model import Answer, Calculator, Input, Plot, Step, Value

WIDTH = 80
_INDENT = "  "
_SPARKS = "▁▂▃▄▅▆▇█"
_SPARK_CELLS = 40
_EXACT = 1e15
"""Up to here a whole float is shown without its fraction."""
_MOST_NUMBERS = 12
"""Rows of a plot's table; --json has every point."""


def answer_text(calculator: Calculator, answer: Answer) -> Iterator[str]:
    """Yield an answer line by line.

    Args:
        calculator: which gave it.
        answer: the answer.
    """
    from eks_lab.cli.calc_table import grid_lines

    yield from paragraph(answer.headline)
    yield from ("", "Inputs")
    fields = {field.name: field for field in calculator.inputs}
    yield from _named_values(
        {
            name.replace("_", "-"): _input_text(fields.get(name), value)
            for name, value in answer.inputs.items()
        }
    )
    if answer.result:
        yield from ("", "Result")
        yield from _named_values(
            {
                name: with_unit(value, calculator.result_units.get(name, ""))
                for name, value in answer.result.items()
            }
        )
    if answer.steps:
        yield from ("", "Working")
        for number, step in enumerate(answer.steps, start=1):
            yield from _step(number, step)
    for grid in answer.grids:
        yield from ("", grid.title)
        yield from grid_lines(grid, WIDTH)
    for plot in answer.plots:
        yield from ("", plot.title)
        yield from plot_lines(plot)
    if answer.warnings:
        yield from ("", "Warnings")
        for warning in answer.warnings:
            yield from paragraph(warning, "  - ", "    ")
    if answer.sources:
        yield from ("", "Sources")
        for source in answer.sources:
            yield from paragraph(f"{source.title} ({source.date})", "  - ", "    ")
            if source.url:
                # Addresses are not broken; a long one starts further left.
                yield " " * max(0, min(4, WIDTH - len(source.url))) + source.url


def shown(value: Any) -> str:
    """Return a JSON value as people read it: `yes`, `–` for nothing, a list with commas."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(entry, list | dict) for entry in value):
        return ", ".join(shown(entry) for entry in value) or "–"
    if isinstance(value, list | dict):
        return "1 entry; --json has it" if len(value) == 1 else f"{len(value)} entries; --json has them"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def with_unit(value: Any, unit: str) -> str:
    """Return a value with its unit, in the singular for one."""
    from eks_lab.calc.units import unit_word

    if unit and isinstance(value, int | float | str) and not isinstance(value, bool):
        return f"{shown(value)}{'' if unit == '%' else ' '}{unit_word(unit, value)}"
    return shown(value)


def document_text(text: str) -> str:
    """Return what stands for the text of a file where the text itself would be too much."""
    from eks_lab.calc.units import unit_word

    lines, size = text.count("\n") + (not text.endswith("\n")), len(text)
    return f"a text of {lines:,} {unit_word('lines', lines)}, {size:,} {unit_word('characters', size)}"


def paragraph(text: str, first: str = "", rest: str = "", *, cut: bool = False) -> list[str]:
    """Break a text into lines.

    Args:
        text: the text.
        first: goes before the first line.
        rest: goes before the others.
        cut: whether a word that is wider than a line is cut.
    """
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=cut,
        break_on_hyphens=False,
    )


def _input_text(field: Input | None, value: Value) -> str:
    if field is None:
        return shown(value)
    if field.kind == "document" and isinstance(value, str) and value:
        return document_text(value)
    return with_unit(value, field.unit)


def _named_values(values: Mapping[str, str]) -> Iterator[str]:
    width = max((len(name) for name in values), default=0)
    for name, text in values.items():
        first = f"{_INDENT}{name:<{width}}{_INDENT}"
        # A text on several lines stays one entry of the list.
        yield from paragraph(text, first, " " * min(len(first), WIDTH // 2), cut=True) or [first.rstrip()]


def _step(number: int, step: Step) -> Iterator[str]:
    indent = " " * (len(str(number)) + 4)
    yield from paragraph(step.formula, f"{_INDENT}{number}. ", indent, cut=True)
    working = "" if step.substitution == shown(step.value) else f"{step.substitution} = "
    yield from paragraph(f"= {working}{with_unit(step.value, step.unit)}", indent, f"{indent}  ", cut=True)
    if step.why:
        yield from paragraph(step.why, indent, indent)


def plot_lines(plot: Plot) -> Iterator[str]:
    """Yield a plot line by line: blocks for each series, all on one scale, then numbers.

    Args:
        plot: what to show.
    """
    from eks_lab.calc.plot_table import plot_grid, plot_xs
    from eks_lab.cli.calc_table import grid_lines

    xs = plot_xs(plot)
    if not xs:
        yield f"{_INDENT}No points."
        return
    heights = [y for series in plot.series for _, y in series.points]
    low, high = min(0.0, *heights), max(heights)
    yield from paragraph(
        f"{plot.y_label} from {_number(low)} to {_number(high)}, over {plot.x_label} from"
        f" {_number(xs[0])} to {_number(xs[-1])}:",
        _INDENT,
        _INDENT,
    )
    width = min(max(len(series.name) for series in plot.series), WIDTH - _SPARK_CELLS - 4)
    for series in plot.series:
        name = textwrap.shorten(series.name, width, placeholder="…")
        line = "".join(
            _spark(height, low, high) for height in _heights(series.points, series.style, xs[0], xs[-1])
        )
        yield f"{_INDENT}{name:<{width}}{_INDENT}{line}".rstrip()
    grid = plot_grid(plot, _MOST_NUMBERS)
    if len(grid.rows) < len(xs):
        yield f"{_INDENT}{len(grid.rows)} of {len(xs)} points; --json has them all."
    yield from grid_lines(grid, WIDTH)


def _heights(
    points: Iterable[tuple[float, float]], style: str, first: float, last: float
) -> list[float | None]:
    """Return the highest value in each of the cells that a line of blocks has, None where there is none."""
    from eks_lab.calc.model import Series
    from eks_lab.calc.plot_table import value_at

    series = Series("", tuple(points), "step" if style == "step" else "line")
    cell = (last - first) / _SPARK_CELLS
    if not cell:
        return [value_at(series, first)]
    found: list[float | None] = []
    for number in range(_SPARK_CELLS):
        left, right = first + number * cell, first + (number + 1) * cell
        ys = [y for x, y in series.points if left <= x < right or (x == last and number == _SPARK_CELLS - 1)]
        if style != "bar" and (at_left := value_at(series, left)) is not None:
            ys.append(at_left)
        found.append(max(ys) if ys else None)
    return found


def _spark(height: float | None, low: float, high: float) -> str:
    if height is None:
        return " "
    part = (height - low) / (high - low) if high > low else 0.5
    return _SPARKS[min(len(_SPARKS) - 1, int(part * len(_SPARKS)))]


def _number(value: float) -> str:
    return shown(float(f"{value:.6g}"))
