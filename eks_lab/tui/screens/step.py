"""One step of an answer explained: what it computes, with which numbers, what for, and from which source."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from eks_lab.calc.model import Answer, Step
from eks_lab.content.page import Paragraph, Span
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.summaries import line
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.answer_text import sources_flow, value_text
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

_INDENT = 2


def step_explanation(answer: Answer, place: int) -> list[Flow]:
    """Return the explanation of a step.

    Args:
        answer: whose step it is.
        place: of the step, from 0.
    """
    step = answer.steps[place]
    flows = [
        line("What is computed", "heading3"),
        _indented(step.formula),
        line("With the numbers of this question", "heading3"),
        _indented(step.substitution or value_text(step.value)),
        line("It comes to", "heading3"),
        Flow(
            Paragraph((Span(value_text(step.value, step.unit), strong=True),), 0), indent=_INDENT, tight=True
        ),
    ]
    if step.why:
        flows += [line("What for", "heading3"), _indented(step.why)]
    users = _users(answer.steps, place)
    if users:
        flows += [line("Steps after it that use the value", "heading3"), *map(_indented, users)]
    return [*flows, *sources_flow(answer.sources, with_addresses=True)]


def _users(steps: tuple[Step, ...], place: int) -> list[str]:
    """Return the later steps in whose formula the name of this step stands."""
    name = steps[place].formula.partition("=")[0].strip()
    if "=" not in steps[place].formula or not name:
        return []
    return [
        f"{number}. {step.formula}"
        for number, step in enumerate(steps[place + 1 :], place + 2)
        if name.casefold() in step.formula.partition("=")[2].casefold()
    ]


def _indented(text: str) -> Flow:
    return Flow(Paragraph((Span(text),), 0), indent=_INDENT, tight=True)


class StepDialog(LabModal[str]):
    """Explains steps; the result is a link to follow, or nothing."""

    BINDING_GROUP_TITLE = "Step"
    HELP = "Left and right go to the other steps."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,n", "go(1)", "Next step", id="step.next", tooltip="Explain the next step"),
        Binding("left,p", "go(-1)", "Step before", id="step.before", tooltip="Explain the step before"),
        Binding(
            "l", "lesson", "Read the lesson", id="step.lesson", tooltip="Open the lesson that explains it"
        ),
        Binding("enter", "close", "Close", show=False, id="step.close", tooltip="Back to the answer"),
    ]

    def __init__(self, answer: Answer, place: int, lesson: str) -> None:
        """Explain a step.

        Args:
            answer: whose step it is.
            place: of the step, from 0.
            lesson: id of the lesson that explains the calculator; empty for none.
        """
        super().__init__(name="step")
        self._step_answer = answer
        self._place = place
        self._lesson = lesson

    def compose(self) -> ComposeResult:
        """Compose title and explanation."""
        with Vertical(classes="dialog -tall"):
            yield Static("", id="step-title", classes="dialog--title", markup=False)
            with VerticalScroll(id="step-scroll"):
                yield Prose((), id="step-said")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the step, and let the arrow keys scroll."""
        self._show()
        self.query_one("#step-scroll").focus()

    def _show(self) -> None:
        title = f"Step {self._place + 1} of {len(self._step_answer.steps)}"
        self.query_one("#step-title", Static).update(title)
        self.query_one("#step-said", Prose).set_items(step_explanation(self._step_answer, self._place))
        self.query_one("#step-scroll").scroll_home(animate=False)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "lesson":
            return bool(self._lesson)
        if action == "go":
            (by,) = parameters
            assert isinstance(by, int)
            return 0 <= self._place + by < len(self._step_answer.steps)
        return super().check_action(action, parameters)

    def action_go(self, by: int) -> None:
        """Explain another step."""
        self._place += by
        self._show()

    def action_lesson(self) -> None:
        """Open the lesson that explains the calculator."""
        self.dismiss(f"lesson:{self._lesson}")

    def on_prose_link_opened(self, event: Prose.LinkOpened) -> None:
        """Hand the address of a source over."""
        event.stop()
        self.app.copy_to_clipboard(event.href)
        self.notify(event.href, title="Address copied", markup=False)
