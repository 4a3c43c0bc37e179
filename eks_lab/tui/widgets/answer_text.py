"""A calculator's answer as prose, and what changed since the answer before. Pure: no widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eks_lab.calc.model import Answer, Calculator, Step
from eks_lab.content.page import Paragraph, Span, Spans
from eks_lab.content.questions import number_text
from eks_lab.errors import EksLabError
from eks_lab.tui.typeset import Flow, typeset

_STEP_ROOM = 3
_MARK_ROOM = 2
_COPY_WIDTH = 88


def value_text(value: object, unit: str = "") -> str:
    """Return a value as people write it: `1,465 MiB`, `yes`, `not set`."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value, unit)
    return str(value)


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
    """Return what stands below the headline: warnings, the steps, all figures, the sources.

    Args:
        calculator: which gave the answer.
        answer: the answer.
        before: an earlier answer; what differs from it is said.
    """
    return [
        *_warnings_flow(answer),
        *_steps_flow(answer, before),
        *_figures_flow(calculator, answer, before),
        *_sources_flow(answer),
    ]


def answer_text(calculator: Calculator, answer: Answer) -> str:
    """Return an answer with its inputs as plain text, for the clipboard."""
    asked = {question.name: question for question in calculator.inputs}
    lines = [f"{calculator.title} ({calculator.name})"]
    for name, value in answer.inputs.items():
        label, unit = (asked[name].label, asked[name].unit) if name in asked else (name, "")
        lines.append(f"{label}: {value_text(value, unit)}")
    flows = [
        *(_line((Span(line),)) for line in lines),
        *(replace(flow, tight=False) for flow in headline_flow(answer)),
        *_warnings_flow(answer),
        *_steps_flow(answer, None),
        *_figures_flow(calculator, answer, None),
        *_sources_flow(answer, with_addresses=True),
    ]
    return typeset(flows, _COPY_WIDTH).text + "\n"


def _warnings_flow(answer: Answer) -> list[Flow]:
    return [
        Flow(
            Paragraph((Span("Warning: ", strong=True), Span(warning)), 0),
            indent=_MARK_ROOM,
            marker="▲",
            tight=number > 0,
        )
        for number, warning in enumerate(answer.warnings)
    ]


def _steps_flow(answer: Answer, before: Answer | None) -> list[Flow]:
    earlier = {step_name(step): step.value for step in before.steps} if before else {}
    flows = [_kicker("Working")] if answer.steps else []
    for number, step in enumerate(answer.steps, 1):
        flows.append(
            Flow(
                Paragraph((Span(step.formula),), 0),
                indent=_STEP_ROOM,
                marker=f"{number}.",
                tight=True,
                style="muted",
            )
        )
        spans = [Span(f"{step.substitution} = "), Span(value_text(step.value, step.unit), strong=True)]
        old = earlier.get(step_name(step), step.value)
        if old != step.value:
            spans.append(Span(f"  ← was {value_text(old, step.unit)}", emphasis=True))
        flows.append(Flow(Paragraph(tuple(spans), 0), indent=_STEP_ROOM, tight=True))
        if step.why:
            flows.append(Flow(Paragraph((Span(step.why),), 0), indent=_STEP_ROOM, tight=True))
    return flows


def _figures_flow(calculator: Calculator, answer: Answer, before: Answer | None) -> list[Flow]:
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
    return [_kicker(title), _line(tuple(spans))] if spans else []


def _sources_flow(answer: Answer, *, with_addresses: bool = False) -> list[Flow]:
    flows = [_kicker("Sources")] if answer.sources else []
    for reference in answer.sources:
        spans = (Span(reference.title, href=reference.url), Span(f", {reference.date}"))
        flows.append(Flow(Paragraph(spans, 0), indent=_MARK_ROOM, marker="•", tight=True, style="muted"))
        if with_addresses and reference.url:
            flows.append(Flow(Paragraph((Span(reference.url),), 0), indent=_MARK_ROOM, tight=True))
    return flows


def _kicker(text: str) -> Flow:
    return Flow(Paragraph((Span(text),), 0), style="kicker")


def _line(spans: Spans) -> Flow:
    return Flow(Paragraph(spans, 0), tight=True)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
