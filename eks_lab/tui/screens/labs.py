"""Every lab with how long it takes, how hard it is, and how far the learner came."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.errors import EksLabError
from eks_lab.tui.lab_view import DIFFICULTIES, LabRow, lab_mark
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.lab_access import LabAccess


class LabsLoaded(Message):
    """A worker has read the labs."""

    def __init__(self, rows: tuple[LabRow, ...], error: EksLabError | None = None) -> None:
        """Carry them to the event loop.

        Args:
            rows: in the order of the course.
            error: why there are none.
        """
        super().__init__()
        self.rows = rows
        self.error = error


class LabsScreen(LabScreen[None]):
    """The list; a lab opens above it."""

    BINDING_GROUP_TITLE = "Labs"
    HELP = "Enter begins a lab, or goes on with the one that runs. Points count the best attempt."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="labs.leave", tooltip="Back to where you were"),
    ]
    DEFAULT_CSS = """
    LabsScreen #labs-said { padding: 1 2; height: auto; color: $text-muted; }
    LabsScreen #labs-list { display: none; }
    LabsScreen.-filled #labs-list { display: block; }
    LabsScreen.-filled #labs-said { display: none; }
    """

    def __init__(self, labs: LabAccess) -> None:
        """Start empty.

        Args:
            labs: is asked from worker threads.
        """
        super().__init__(name="labs")
        self._labs = labs
        self._rows: tuple[LabRow, ...] = ()

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Labs")
        yield Static("Reading the labs…", id="labs-said", markup=False)
        yield RowList(id="labs-list", classes="list")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Show how far the learner is now."""
        self._load()

    @work(thread=True, exclusive=True, group="labs", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(LabsLoaded(self._labs.rows()))
        except EksLabError as error:
            self.post_message(LabsLoaded((), error))

    @on(LabsLoaded)
    def _loaded(self, event: LabsLoaded) -> None:
        event.stop()
        rows = self.query_one("#labs-list", OptionList)
        at = rows.highlighted or 0
        self._rows = event.rows
        self.set_class(bool(event.rows), "-filled")
        said = self.query_one("#labs-said", Static)
        if event.error is not None:
            said.update(f"✗ {event.error.message}{f' Next: {event.error.hint}' if event.error.hint else ''}")
        elif not event.rows:
            said.update("There are no labs yet.")
        rows.clear_options()
        rows.add_options([Option(self._row(row)) for row in event.rows])
        if event.rows:
            rows.highlighted = min(at, len(event.rows) - 1)
            rows.focus()
        done = sum(row.is_done for row in event.rows)
        self.query_one(TopBar).remark = f"{done} of {len(event.rows)} solved" if event.rows else ""

    def _row(self, row: LabRow) -> Content:
        facts = f"Chapter {row.chapter} · {row.minutes} min · {DIFFICULTIES.get(row.difficulty, '')}"
        return Content.assemble(
            (row.title, "bold"),
            (f"  {lab_mark(row)}", "$text-success" if row.is_done else "$text-accent"),
            "\n",
            (f"{facts}  {row.problem or row.id}", "$text-muted"),
        )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self._rows[event.option_index]
        if row.problem:
            self.notify(row.problem, severity="warning", title="This lab cannot be started", markup=False)
        else:
            self.lab.show_lab(row.id)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
