"""What a cluster in the learner's own AWS account is to be like; nothing is asked of AWS here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.widgets import Button, Input, Static

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult

_LINES = (
    ("profile", "Profile", "", "of ~/.aws; no other credentials"),
    ("region", "Region", "", "empty: the profile's"),
    ("new", "Cluster", "eks-lab", "its name"),
    ("nodes", "Nodes", "2", "up to 10"),
    ("instance", "Instance type", "t3.medium", "of every node"),
    ("hours", "Time limit", "3", "hours"),
    ("budget_usd", "Spending limit", "", "dollars; empty: what the hours cost"),
)


class AwsAccount(LabModal[dict[str, str] | None]):
    """A form; the result is what was typed, by the name of the wish, None after escape."""

    BINDING_GROUP_TITLE = "In your AWS account"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "go_on", "Go on", id="aws.go_on", tooltip="See what would be asked", priority=True),
    ]
    DEFAULT_CSS = """
    AwsAccount {
        Grid { grid-size: 3; grid-columns: 15 16 1fr; grid-rows: 1; height: 7; margin: 1 0 0 0; }
        Grid Input { background: $panel; }
    }
    AwsAccount.-low Grid { margin: 0; }
    AwsAccount.-low .dialog--buttons { display: none; }
    """

    def __init__(self) -> None:
        """Ask."""
        super().__init__(name="aws-account")

    def compose(self) -> ComposeResult:
        """Compose a line for each wish."""
        with Vertical(classes="dialog"):
            yield Static("A cluster in your own AWS account", classes="dialog--title", markup=False)
            yield Static("It costs real money. Nothing is sent to AWS yet.", markup=False)
            with Grid():
                for name, label, present, hint in _LINES:
                    yield Static(label, markup=False)
                    line = LineInput(present)
                    line.id = f"aws-{name}"
                    yield line
                    yield Static(f" {hint}", classes="dialog--hint", markup=False)
            yield Static("", id="aws-error", classes="dialog--error", markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button("Go on (ctrl+s)", id="aws-go-on", variant="primary", compact=True)
                yield Button("Back (esc)", id="aws-back", compact=True)
        yield KeyFooter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Go on to the next line; after the last one, on to the questions."""
        event.stop()
        if event.input.id == f"aws-{_LINES[-1][0]}":
            self.action_go_on()
        else:
            self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "aws-go-on":
            self.action_go_on()
        else:
            self.dismiss(None)

    def action_go_on(self) -> None:
        """Take what stands there; a profile has to be named, and numbers have to be numbers."""
        values = {name: self.query_one(f"#aws-{name}", Input).value.strip() for name, *_ in _LINES}
        problem = ""
        if not values["profile"]:
            problem, where = "Profile: name one; see: aws configure list-profiles", "profile"
        for name, label in (("nodes", "Nodes"), ("hours", "Time limit"), ("budget_usd", "Spending limit")):
            if not problem and values[name] and not _is_number(values[name], is_whole=name == "nodes"):
                problem, where = f"{label}: {values[name]!r} is no number", name
        if problem:
            self.query_one("#aws-error", Static).update(f"✗ {problem}")
            self.query_one(f"#aws-{where}", Input).focus()
            return
        self.dismiss({name: value for name, value in values.items() if value})


def _is_number(text: str, *, is_whole: bool) -> bool:
    whole, _, part = text.partition(".")
    if is_whole or not part:
        return whole.isdecimal() and text == whole
    return (whole or "0").isdecimal() and part.isdecimal()
