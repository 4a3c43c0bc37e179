"""A lab announced in a lesson: what it is called, how long it takes, and a button that leads to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from eks_lab.errors import EksLabError
from eks_lab.tui.lab_view import DIFFICULTIES, LabRow, lab_mark
from eks_lab.tui.messages import LabRequested

if TYPE_CHECKING:
    from textual.app import ComposeResult


class LabBox(VerticalGroup):
    """Reads what the lab is called off the event loop."""

    DEFAULT_CSS = """
    LabBox {
        padding: 0 1;
        border-left: outer $accent;
        background: $surface;
        Static { background: $surface; }
        Button { width: auto; max-width: 100%; }
    }
    """

    @dataclass
    class Described(Message):
        """A worker has read about the lab."""

        row: LabRow | None
        """None when there is no such lab."""

    def __init__(self, lab_id: str, about: Callable[[str], LabRow] | None = None) -> None:
        """Announce a lab.

        Args:
            lab_id: its id.
            about: reads about it, in a worker; the app's labs when left out.
        """
        super().__init__()
        self.lab_id = lab_id
        self._about = about

    def compose(self) -> ComposeResult:
        """Compose title and button."""
        yield Static(
            Content.assemble(("Lab ", "bold $text-accent"), (self.lab_id, "bold")), classes="lab--title"
        )
        yield Button("▶ Go to the lab", compact=True)

    def on_mount(self) -> None:
        """Read about the lab; a preview for authors has no labs to lead to."""
        labs = getattr(self.app, "labs", None)
        about = self._about or (labs.about if labs is not None else None)
        if about is None:
            self.query_one(Button).display = False
            self.query_one(".lab--title", Static).update(
                Content.assemble(
                    ("Lab ", "bold $text-accent"),
                    (self.lab_id, "bold"),
                    ("\nIn the app, a button here opens the lab.", "$text-muted"),
                )
            )
            return

        def read() -> None:
            try:
                row = about(self.lab_id)
            except EksLabError:
                row = None
            self.post_message(self.Described(row))

        self.run_worker(read, thread=True, group="lab-box", exit_on_error=False)

    @on(Described)
    def _described(self, event: Described) -> None:
        event.stop()
        row, title = event.row, self.query_one(".lab--title", Static)
        if row is None:
            title.update(
                Content.assemble(
                    ("Lab ", "bold $text-accent"), f"{self.lab_id} is not among the labs of this program."
                )
            )
            self.query_one(Button).display = False
            return
        facts = f"{row.minutes} min · {DIFFICULTIES.get(row.difficulty, '')} · {lab_mark(row)}"
        title.update(
            Content.assemble(("Lab ", "bold $text-accent"), (row.title, "bold"), "\n", (facts, "$text-muted"))
        )

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(LabRequested(self.lab_id))
