"""The two questions before anything happens in the learner's AWS account; each wants something typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from eks_lab.tui.paging import turn
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult


@dataclass(frozen=True, slots=True)
class Question:
    """One of them, as it is shown."""

    step: int
    """1 or 2."""
    facts: tuple[tuple[str, str], ...]
    """Name and value."""
    title: str
    """What the lines are."""
    lines: tuple[str, ...]
    usd_per_hour: float
    typed_is: str
    """What has to be typed: `the account id`."""


class AwsConsent(LabModal[str]):
    """The result is what was typed; empty after escape, which is never a yes."""

    BINDING_GROUP_TITLE = "Your AWS account"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page(1)", "Rest", id="aws.rest", tooltip="Show what stands below"),
        Binding(
            "pageup", "page(-1)", "Before", show=False, id="aws.before", tooltip="Show what stands above"
        ),
    ]
    HELP = """
Nothing is sent to AWS before the first answer; the first answer allows one question, whose account it is. Only the
second answer, the account id, lets anything be made. `esc` ends it.
"""
    DEFAULT_CSS = """
    AwsConsent {
        .dialog { width: 90%; max-width: 100; height: auto; max-height: 100%; }
        VerticalScroll { height: auto; max-height: 60vh; }
        #consent-cost { text-style: bold; }
        Input { background: $panel; }
        &.-low VerticalScroll { max-height: 2; }
        &.-low .dialog--hint { display: none; }
    }
    """

    def __init__(self, question: Question) -> None:
        """Ask.

        Args:
            question: what is shown.
        """
        super().__init__(name=f"aws-consent-{question.step}")
        self._question = question

    def compose(self) -> ComposeResult:
        """Compose facts, lines, cost and the box."""
        question = self._question
        width = max(len(name) for name, _ in question.facts)
        with Vertical(classes="dialog"):
            yield Static(
                f"Your AWS account, question {question.step} of 2", classes="dialog--title", markup=False
            )
            with VerticalScroll(can_focus=False):
                for name, value in question.facts:
                    yield Static(f"{name:<{width}}  {value}", markup=False)
                yield Static(f"\n{question.title}:", markup=False)
                for line in question.lines:
                    yield Static(f"• {line}", markup=False)
            if question.usd_per_hour:
                cost = f"It costs about ${question.usd_per_hour:.2f} an hour of real money."
                yield Static(cost, id="consent-cost", markup=False)
            hint = f"Type {question.typed_is} and press enter; anything else, and esc, ends it."
            yield Static(hint, classes="dialog--hint", markup=False)
            yield Input(id="consent-box", compact=True)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Be ready to be typed at."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())

    def action_page(self, by: int) -> None:
        """Show what stands below or above.

        Args:
            by: 1 or -1.
        """
        turn(self.query_one(VerticalScroll), by)

    def action_close(self) -> None:
        """Say no."""
        self.dismiss("")
