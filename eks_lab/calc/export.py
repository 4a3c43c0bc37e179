"""Calculators and answers as JSON values and as CSV: what scripts and files get, and how an answer comes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from eks_lab.calc.model import Answer, Calculator, Grid, Plot, Reference, Series, Step
from eks_lab.calc.plot_table import plot_grid


def calculator_json(calculator: Calculator) -> dict[str, Any]:
    """Return a calculator's form as JSON values: name, title, summary, lesson, inputs, result_units."""
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


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return a whole answer as JSON values; its `inputs` given again lead to the same answer."""
    return {
        "calculator": answer.calculator,
        "headline": answer.headline,
        "inputs": answer.inputs,
        "result": answer.result,
        "steps": [asdict(step) for step in answer.steps],
        "warnings": list(answer.warnings),
        "sources": [asdict(source) for source in answer.sources],
        "grids": [
            {"title": grid.title, "columns": list(grid.columns), "rows": [list(row) for row in grid.rows]}
            for grid in answer.grids
        ],
        "plots": [
            {
                "title": plot.title,
                "x_label": plot.x_label,
                "y_label": plot.y_label,
                "series": [
                    {
                        "name": series.name,
                        "style": series.style,
                        "points": [list(point) for point in series.points],
                    }
                    for series in plot.series
                ],
            }
            for plot in answer.plots
        ],
    }


def answer_from_json(document: Mapping[str, Any]) -> Answer:
    """Return the answer that `answer_json` wrote down.

    Args:
        document: as parsed from JSON.

    Raises:
        KeyError, TypeError: it is no such document.
    """
    return Answer(
        calculator=document["calculator"],
        headline=document["headline"],
        inputs=dict(document["inputs"]),
        result=dict(document["result"]),
        steps=tuple(Step(**step) for step in document["steps"]),
        sources=tuple(Reference(**source) for source in document["sources"]),
        warnings=tuple(document["warnings"]),
        grids=tuple(
            Grid(grid["title"], tuple(grid["columns"]), tuple(tuple(row) for row in grid["rows"]))
            for grid in document["grids"]
        ),
        plots=tuple(
            Plot(
                plot["title"],
                plot["x_label"],
                plot["y_label"],
                tuple(
                    Series(
                        series["name"],
                        tuple((float(x), float(y)) for x, y in series["points"]),
                        series["style"],
                    )
                    for series in plot["series"]
                ),
            )
            for plot in document["plots"]
        ),
    )


def figures_csv(calculator: Calculator, answer: Answer) -> str:
    """Return inputs, figures and steps as CSV with the columns part, name, value, unit."""
    units = {field.name: field.unit for field in calculator.inputs}
    rows: list[tuple[object, ...]] = [("part", "name", "value", "unit")]
    rows += [("input", name, value, units.get(name, "")) for name, value in answer.inputs.items()]
    rows += [
        ("result", name, value, calculator.result_units.get(name, ""))
        for name, value in answer.result.items()
        if not isinstance(value, list | dict)
    ]
    rows += [("step", step.formula, step.value, step.unit) for step in answer.steps]
    return _csv(rows)


def grid_csv(grid: Grid) -> str:
    """Return a table as CSV, headings first."""
    return _csv([grid.columns, *grid.rows])


def plot_csv(plot: Plot) -> str:
    """Return every point of a plot as CSV: a column for x, one for each series."""
    return grid_csv(plot_grid(plot))


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a cell as batch input reads it: yes and no in words, nothing for a value that is not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value
