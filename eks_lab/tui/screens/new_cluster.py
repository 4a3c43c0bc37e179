"""What a new cluster is to be like: nodes, instance type, version, seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.widgets import Button, Input, Static

from eks_lab.tui.sandbox_view import Wishes
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.instance_input import InstanceInput
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult

VERSIONS = "1.34, 1.35 or 1.36"
_LINES = (
    ("nodes", "Nodes", "over three zones"),
    ("instance", "Instance type", "of every node; up, down: others"),
    ("version", "Kubernetes", VERSIONS),
    ("seed", "Seed", "the same seed, the same names"),
)


class InOwnAccount:
    """The cluster is to be in the learner's own AWS account instead."""


class NewCluster(LabModal[Wishes | InOwnAccount | None]):
    """A form of four lines; the result is what was wished for, None after escape."""

    BINDING_GROUP_TITLE = "New cluster"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "begin", "Begin", id="cluster.begin", tooltip="Begin the new cluster", priority=True
        ),
        Binding(
            "ctrl+o",
            "own_account",
            "In my AWS account…",
            id="cluster.own",
            tooltip="A real cluster; it asks first",
            priority=True,
        ),
    ]
    DEFAULT_CSS = """
    NewCluster {
        Grid { grid-size: 3; grid-columns: 15 16 1fr; grid-rows: 1; height: 4; margin: 1 0 0 0; }
        Grid Input { background: $panel; }
    }
    NewCluster.-low Grid { margin: 0; }
    NewCluster.-low .dialog--buttons { display: none; }
    """

    def __init__(self, present: Wishes, search: Callable[[str], Sequence[str]], loses: str) -> None:
        """Ask.

        Args:
            present: what the lines hold at first.
            search: finds instance types by their beginning.
            loses: what is lost, in a sentence.
        """
        super().__init__(name="new-cluster")
        self._first = present
        self._search = search
        self._loses = loses

    def compose(self) -> ComposeResult:
        """Compose a line for each wish."""
        with Vertical(classes="dialog"):
            yield Static("A new cluster", classes="dialog--title", markup=False)
            yield Static(self._loses, markup=False)
            with Grid():
                for name, label, hint in _LINES:
                    text = str(getattr(self._first, name))
                    yield Static(label, markup=False)
                    line = InstanceInput(text, search=self._search) if name == "instance" else LineInput(text)
                    line.id = f"wish-{name}"
                    yield line
                    yield Static(f" {hint}", classes="dialog--hint", markup=False)
            yield Static("", id="wish-error", classes="dialog--error", markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button("Begin (ctrl+s)", id="wish-begin", variant="primary", compact=True)
                yield Button("Back (esc)", id="wish-back", compact=True)
        yield KeyFooter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Go on to the next line; after the last one, begin."""
        event.stop()
        if event.input.id == "wish-seed":
            self.action_begin()
        else:
            self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "wish-begin":
            self.action_begin()
        else:
            self.dismiss(None)

    def action_own_account(self) -> None:
        """Have it in the learner's own account: other questions follow."""
        self.dismiss(InOwnAccount())

    def action_begin(self) -> None:
        """Take what stands there, unless a number is none."""
        values = {name: self.query_one(f"#wish-{name}", Input).value.strip() for name, _, _ in _LINES}
        for name, label in (("nodes", "Nodes"), ("seed", "Seed")):
            if not values[name].isdecimal():
                text = f"✗ {label}: {values[name]!r} is no whole number"
                self.query_one("#wish-error", Static).update(text)
                self.query_one(f"#wish-{name}", Input).focus()
                return
        self.dismiss(Wishes(int(values["nodes"]), values["instance"], values["version"], int(values["seed"])))
