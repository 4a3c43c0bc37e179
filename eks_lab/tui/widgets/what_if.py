"""Two answers of a calculator beside each other: A was kept, B is the present one."""

from __future__ import annotations

import re

from textual.app import ComposeResult
from textual.containers import VerticalGroup

from eks_lab.calc.model import Answer, Calculator, Value
from eks_lab.calc.units import unit_word
from eks_lab.content.page import Paragraph, Span, Table
from eks_lab.content.questions import number_text
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.answer_text import input_text, kicker, value_text
from eks_lab.tui.widgets.prose import Prose


def changed_inputs(calculator: Calculator, a: Answer, b: Answer) -> list[tuple[str, str, str]]:
    """Return label, value in A and value in B of every input that differs."""
    return [
        (
            question.label,
            input_text(question, a.inputs.get(question.name)),
            input_text(question, b.inputs.get(question.name)),
        )
        for question in calculator.inputs
        if a.inputs.get(question.name) != b.inputs.get(question.name)
    ]


def difference(a: Value, b: Value, unit: str) -> str:
    """Return B − A in words: `+12 pods (+70%)`, `other`, or `same`."""
    if a == b:
        return "same"
    if not (_is_number(a) and _is_number(b)):
        return "other"
    assert isinstance(a, int | float)
    assert isinstance(b, int | float)
    gap = b - a if isinstance(a, int) and isinstance(b, int) else float(f"{b - a:.10g}")
    text = ("+" if gap > 0 else "") + number_text(gap, unit_word(unit, abs(gap)))
    if a and unit != "%":
        percent = 100 * gap / abs(a)
        sign = "+" if percent > 0 else ""
        shown = number_text(round(percent, 1 if abs(percent) < 10 else 0))
        text += f" ({sign}{shown}%)"
    return text


def figures_table(calculator: Calculator, a: Answer, b: Answer) -> tuple[Table | None, int]:
    """Return the figures that differ as a table of A, B and B − A, and how many are the same.

    Args:
        calculator: names the units.
        a: the answer that was kept.
        b: the present one.

    Returns:
        None in place of the table when all are the same.
    """
    rows = []
    same = 0
    for name in dict.fromkeys([*a.result, *b.result]):
        old, new = a.result.get(name), b.result.get(name)
        if isinstance(old, list | dict) or isinstance(new, list | dict):
            continue
        if old == new:
            same += old is not None
            continue
        unit = calculator.result_units.get(name, "")
        label = _label(name, unit)
        rows.append(
            (
                (Span(label),),
                (Span(_cell(old)),),
                (Span(_cell(new), strong=True),),
                (Span(difference(old, new, "%" if unit == "%" else "")),),
            )
        )
    header = ((Span("Figure"),), (Span("A"),), (Span("B"),), (Span("B − A"),))
    return (Table(header, tuple(rows), 0) if rows else None), same


def what_if_flow(calculator: Calculator, a: Answer, b: Answer) -> list[Flow]:
    """Return the comparison as text.

    Args:
        calculator: of both answers.
        a: the answer that was kept.
        b: the present one.
    """
    flows = [kicker("What if: A is kept, B is the present answer")]
    inputs = changed_inputs(calculator, a, b)
    if not inputs:
        flows.append(_line("B has the same inputs: change one. w keeps another A, d drops A."))
        return flows
    for label, old, new in inputs:
        spans = (Span(f"{label}: "), Span(old), Span(" → "), Span(new, strong=True))
        flows.append(Flow(Paragraph(spans, 0), indent=2, marker="•", tight=True))
    flows += [_line(f"A: {a.headline}"), _line(f"B: {b.headline}")]
    table, same = figures_table(calculator, a, b)
    if table is not None:
        flows.append(Flow(table))
    said = f"{same} figure{'s are' if same != 1 else ' is'} the same." if same else ""
    if table is None:
        said = "No figure differs."
    flows.append(_line(f"{said} a puts A's inputs back, d drops A.".strip()))
    return flows


class WhatIf(VerticalGroup):
    """The comparison, and nothing while there is no A."""

    DEFAULT_CSS = """
    WhatIf {
        display: none;
        padding: 0 1 1 2;
        background: $surface;
        &.-shown { display: block; }
        Prose { background: $surface; }
    }
    """

    def __init__(self, calculator: Calculator) -> None:
        """Wait for an answer to be kept.

        Args:
            calculator: of the answers.
        """
        super().__init__()
        self._calculator = calculator
        self._prose = Prose([])

    def compose(self) -> ComposeResult:
        """Compose the text."""
        yield self._prose

    def show(self, a: Answer | None, b: Answer | None) -> None:
        """Show a comparison.

        Args:
            a: the answer that was kept; None for none.
            b: the present one.
        """
        self.set_class(a is not None and b is not None, "-shown")
        if a is not None and b is not None:
            self._prose.set_items(what_if_flow(self._calculator, a, b))


def _label(name: str, unit: str) -> str:
    """Return a figure's name in words, with its unit unless the name says it already."""
    words = name.replace("_", " ")
    said = set(words.lower().split())
    is_said = unit == "" or set(re.findall(r"[a-z]+", unit.lower())) <= said
    return words if is_said else f"{words} ({unit})"


def _cell(value: Value) -> str:
    return "–" if value is None else value_text(value)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _line(text: str) -> Flow:
    return Flow(Paragraph((Span(text),), 0), tight=True)
