"""Which widget a directive becomes. A new kind of live thing is one function and one line here.

A directive that cannot be shown never takes the page down with it: it says what is wrong in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eks_lab.content.form_directive import check_shown, read_form_directive
from eks_lab.content.page import Callout, CalloutKind, Directive, Paragraph, Span
from eks_lab.errors import ContentError, EksLabError

if TYPE_CHECKING:
    from textual.widget import Widget

    from eks_lab.content.model import Lesson
    from eks_lab.tui.library import Library


@dataclass(frozen=True, slots=True)
class DirectiveContext:
    """What a directive may need to know."""

    library: Library
    lesson: Lesson | None
    """None outside a page."""


Factory = Callable[[Directive, DirectiveContext], "Widget"]


def calculator(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the form of `::calculator{name=… input=value fields="…"}`."""
    from eks_lab.calc.registry import get
    from eks_lab.tui.widgets.calculator_form import CalculatorForm

    asked = read_form_directive(directive.attributes)
    calculator = get(asked.name)
    check_shown(calculator, asked.shown)
    return CalculatorForm(calculator, asked.given, shown=asked.shown)


def diagram(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the diagram of `::diagram{id=… step=2 variant=…}`; steps count from 1 for authors."""
    from eks_lab.content.diagram.load import load_diagram
    from eks_lab.tui.widgets.diagram_view import DiagramView

    step = directive.attributes.get("step", "1")
    if not step.isdigit() or step == "0":
        raise ContentError(f"::diagram has step={step!r}.", hint="Write a whole number from 1.")
    loaded = load_diagram(context.library.loaded.root, directive.attributes.get("id", ""))
    variant = directive.attributes.get("variant", "")
    known = [story.id for story in loaded.variants]
    if variant and variant not in known:
        raise ContentError(
            f"The diagram {loaded.id} has no variant {variant!r}.",
            hint=f"Variants: {', '.join(known) or 'none'}.",
        )
    return DiagramView(loaded, step=int(step) - 1, variant=variant)


def generate(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the form of `::generate{name=… choice=value preset=… fields="…"}`."""
    from eks_lab.generate.registry import get
    from eks_lab.tui.widgets.generator_form import GeneratorForm

    asked = read_form_directive(directive.attributes, has_presets=True)
    generator = get(asked.name)
    check_shown(generator, asked.shown)
    if asked.preset and asked.preset not in generator.presets:
        known = ", ".join(generator.presets) or "none"
        raise ContentError(f"{generator.name} has no preset {asked.preset!r}.", hint=f"Presets: {known}.")
    return GeneratorForm(generator, asked.given, preset=asked.preset, shown=asked.shown)


def lab(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the way to the lab of `::lab{id=…}`."""
    from eks_lab.tui.widgets.lab_box import LabBox

    lab_id = directive.attributes.get("id", "")
    if not lab_id:
        raise ContentError(
            "::lab has no id.", hint="Write ::lab{id=max-pods}; `eks-lab lab list` shows all of them."
        )
    return LabBox(lab_id)


def quiz(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the lesson's questions with what was answered before."""
    from eks_lab.tui.widgets.quiz_view import QuizView

    lesson = context.lesson
    if lesson is None or not lesson.questions:
        raise ContentError("This lesson has no quiz.yaml.", hint="Write one, or leave ::quiz out.")
    return QuizView(lesson.questions, context.library.given_answers(lesson))


def announced(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the box of a directive that this version does not know."""
    from eks_lab.tui.widgets.not_yet import NotYet

    return NotYet.for_directive(directive)


FACTORIES: dict[str, Factory] = {
    "calculator": calculator,
    "diagram": diagram,
    "generate": generate,
    "lab": lab,
    "quiz": quiz,
}


def build(directive: Directive, context: DirectiveContext) -> Widget:
    """Return the widget of a directive.

    Args:
        directive: as parsed.
        context: the course and the lesson it stands in.

    Returns:
        The live widget, or a box that says why there is none.
    """
    try:
        return FACTORIES.get(directive.name, announced)(directive, context)
    except EksLabError as error:
        return problem_box(f"::{directive.name}, line {directive.line}", error)


def problem_box(what: str, error: EksLabError) -> Widget:
    """Return a warning box that says what could not be shown and why."""
    from eks_lab.tui.widgets.callout_box import CalloutBox
    from eks_lab.tui.widgets.page_blocks import PageContext

    texts = [text for text in (error.message, error.hint) if text]
    kind: CalloutKind = "warning"
    blocks = tuple(Paragraph((Span(text),), 0) for text in texts)
    box = Callout(kind, blocks, 0, {"title": f"{what} cannot be shown"})

    def nothing_live(block: object) -> Widget:
        raise AssertionError(f"a problem box holds text only, not {block!r}")

    return CalloutBox(box, PageContext(nothing_live, nothing_live, lambda callout: (), lambda href: ""))
