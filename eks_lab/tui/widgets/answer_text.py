"""A calculator's answer as prose, and what changed since the answer before. Pure: no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eks_lab.calc.model import Answer, Calculator, Grid, Input, Reference, Step, Value
from eks_lab.calc.plot_table import plot_grid
from eks_lab.calc.units import unit_word
from eks_lab.content.page import Paragraph, Span, Spans, Table
from eks_lab.content.questions import number_text
from eks_lab.errors import EksLabError
from eks_lab.tui.typeset import Flow, typeset

_STEP_ROOM = 3
_MARK_ROOM = 2
_COPY_WIDTH = 88
_COPIED_POINTS = 24
"""Rows of a plot in copied text; a CSV file has all of its points."""
_MOST_ROWS = 12
"""Rows of a table in a page; the calculator's own screen has all of them."""


def value_text(value: object, unit: str = "") -> str:
    """Return a value as people write it: `1,465 MiB`, `yes`, `not set`."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value, unit_word(unit, value))
    if isinstance(value, list | dict):
        return f"{len(value)} entries"
    return str(value)


def input_text(question: Input, value: Value) -> str:
    """Return the value of an input as people write it; a document is said by its size."""
    if question.kind == "document" and isinstance(value, str) and value:
        return document_size(value)
    return value_text(value, question.unit)


def document_size(text: str) -> str:
    """Return how long a document is: `12 lines, 340 characters`."""
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{number_text(lines, unit_word('lines', lines))}, {number_text(len(text))} characters"


def grid_table(grid: Grid, most: int | None = None) -> Table:
    """Return a table of an answer as a block of a page.

    Args:
        grid: the table.
        most: rows at most.
    """
    return Table(
        tuple((Span(column),) for column in grid.columns),
        tuple(
            tuple((Span("–" if value is None else value_text(value)),) for value in row)
            for row in grid.rows[:most]
        ),
        0,
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """The number an answer is about."""

    name: str
    """Key of the result; empty when it is the value of the last step."""
    value: float
    unit: str


def main_figure(calculator: Calculator, answer: Answer) -> Figure | None:
    """Return the number to show large: the result named like the calculator, else the value of the last step."""
    name = calculator.name.replace("-", "_")
    value = answer.result.get(name)
    unit = calculator.result_units.get(name, "")
    if not _is_number(value):
        if not answer.steps or not _is_number(answer.steps[-1].value):
            return None
        name, value, unit = "", answer.steps[-1].value, answer.steps[-1].unit
    assert isinstance(value, int | float)
    return Figure(name, value, unit)


def spoken(error: EksLabError) -> str:
    """Return an error as sentences: what is wrong, then what to do."""
    return f"{error.message.rstrip('.')}. {error.hint}".rstrip()


def step_name(step: Step) -> str:
    """Return what a step computes: what its formula has before the `=`, or all of it."""
    return step.formula.partition("=")[0].strip()


def headline_flow(answer: Answer) -> list[Flow]:
    """Return the answer in one sentence."""
    return [_line((Span(answer.headline, strong=True),))]


def working_flow(calculator: Calculator, answer: Answer, before: Answer | None = None) -> list[Flow]:
    """Return what stands below the headline in a page: warnings, steps, tables, all figures, the sources.

    Args:
        calculator: which gave the answer.
        answer: the answer.
        before: an earlier answer; what differs from it is said.
    """
    return [
        *warnings_flow(answer.warnings),
        *_steps_flow(answer, before),
        *_grids_flow(answer.grids, _MOST_ROWS),
        *figures_flow(calculator, answer, before),
        *sources_flow(answer.sources),
    ]


def answer_text(calculator: Calculator, answer: Answer) -> str:
    """Return an answer with its inputs as plain text, for the clipboard and for files."""
    asked = {question.name: question for question in calculator.inputs}
    lines = [f"{calculator.title} ({calculator.name})"]
    for name, value in answer.inputs.items():
        known = asked.get(name)
        lines.append(
            f"{known.label}: {input_text(known, value)}" if known else f"{name}: {value_text(value)}"
        )
    flows = [
        *(_line((Span(line),)) for line in lines),
        *(replace(flow, tight=False) for flow in headline_flow(answer)),
        *warnings_flow(answer.warnings),
        *_steps_flow(answer, None),
        *_grids_flow(answer.grids, None),
        *_grids_flow(tuple(plot_grid(plot, _COPIED_POINTS) for plot in answer.plots), None),
        *figures_flow(calculator, answer, None),
        *sources_flow(answer.sources, with_addresses=True),
    ]
    return typeset(flows, _COPY_WIDTH).text + "\n"


def step_flow(step: Step, number: int, before: Value = None) -> list[Flow]:
    """Return one step: its formula, then the formula with numbers, then what it is for.

    Args:
        step: the step.
        number: its place, from 1.
        before: what it came to in an earlier answer; said when it differs. None for nothing to compare with.
    """
    flows = [
        Flow(
            Paragraph((Span(step.formula),), 0),
            indent=_STEP_ROOM + (number > 9),
            marker=f"{number}.",
            tight=True,
            style="muted",
        )
    ]
    value = value_text(step.value, step.unit)
    # A step without arithmetic says its value once.
    shows_how = step.substitution not in ("", str(step.value), value_text(step.value))
    spans = [Span(f"{step.substitution} = " if shows_how else "= "), Span(value, strong=True)]
    if before is not None and before != step.value:
        spans.append(Span(f"  ← was {value_text(before, step.unit)}", emphasis=True))
    flows.append(Flow(Paragraph(tuple(spans), 0), indent=_STEP_ROOM + (number > 9), tight=True))
    if step.why:
        flows.append(Flow(Paragraph((Span(step.why),), 0), indent=_STEP_ROOM + (number > 9), tight=True))
    return flows


def earlier_values(before: Answer | None) -> dict[str, Value]:
    """Return what each step came to in an earlier answer, by the step's name."""
    return {step_name(step): step.value for step in before.steps} if before else {}


def warnings_flow(warnings: Sequence[str]) -> list[Flow]:
    """Return the warnings of an answer."""
    return [
        Flow(
            Paragraph((Span("Warning: ", strong=True), Span(warning)), 0),
            indent=_MARK_ROOM,
            marker="▲",
            tight=number > 0,
        )
        for number, warning in enumerate(warnings)
    ]


def _steps_flow(answer: Answer, before: Answer | None) -> list[Flow]:
    earlier = earlier_values(before)
    flows = [kicker("Working")] if answer.steps else []
    for number, step in enumerate(answer.steps, 1):
        flows += step_flow(step, number, earlier.get(step_name(step)))
    return flows


def _grids_flow(grids: tuple[Grid, ...], most: int | None) -> list[Flow]:
    flows = []
    for grid in grids:
        flows += [kicker(grid.title), Flow(grid_table(grid, most), tight=True)]
        if most is not None and len(grid.rows) > most:
            flows.append(_line((Span(f"{len(grid.rows) - most} more rows on its own screen (o)."),)))
    return flows


def figures_flow(calculator: Calculator, answer: Answer, before: Answer | None) -> list[Flow]:
    """Return every single figure by the name that scripts use.

    Args:
        calculator: which gave the answer.
        answer: the answer.
        before: an earlier answer; what differs from it is said.
    """
    spans: list[Span] = []
    for name, value in answer.result.items():
        if value is None or isinstance(value, list | dict):
            continue
        unit = calculator.result_units.get(name, "")
        spans += [Span(" · ") if spans else Span(""), Span(f"{name} ")]
        spans.append(Span(value_text(value, unit), strong=True))
        old = before.result.get(name) if before else None
        if old is not None and old != value:
            spans.append(Span(f" ← was {value_text(old)}", emphasis=True))
    title = f"All figures, named as in eks-lab calc {calculator.name} --json"
    return [kicker(title), _line(tuple(spans))] if spans else []


def sources_flow(sources: tuple[Reference, ...], *, with_addresses: bool = False) -> list[Flow]:
    """Return where formulas and figures come from.

    Args:
        sources: title, date and address of each.
        with_addresses: whether addresses stand in the text, not only behind the title.
    """
    flows = [kicker("Sources")] if sources else []
    for reference in sources:
        spans = (Span(reference.title, href=reference.url), Span(f", {reference.date}"))
        flows.append(Flow(Paragraph(spans, 0), indent=_MARK_ROOM, marker="•", tight=True, style="muted"))
        if with_addresses and reference.url:
            flows.append(Flow(Paragraph((Span(reference.url),), 0), indent=_MARK_ROOM, tight=True))
    return flows


def kicker(text: str) -> Flow:
    """Return a small heading."""
    return Flow(Paragraph((Span(text),), 0), style="kicker")


def _line(spans: Spans) -> Flow:
    return Flow(Paragraph(spans, 0), tight=True)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
