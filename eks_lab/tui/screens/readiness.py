"""How ready the learner is for each exam; one of them opens with its domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.errors import EksLabError
from eks_lab.tui.interval_bar import interval_bar
from eks_lab.tui.question_rows import TrackRow
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.question_access import QuestionAccess

BAR_COLUMNS = 31
LEGEND = (
    "From 0 to 100 % of our questions right now: ━ holds the true share 8 times of 10, ● is expected, ┃ is where "
    "the exam passes."
)


class TracksLoaded(Message):
    """A worker has worked out how ready the learner is."""

    def __init__(self, tracks: tuple[TrackRow, ...], error: EksLabError | None = None) -> None:
        """Carry it to the event loop.

        Args:
            tracks: the exams.
            error: why there are none.
        """
        super().__init__()
        self.tracks = tracks
        self.error = error


class ReadinessScreen(LabScreen[None]):
    """The list of exams."""

    BINDING_GROUP_TITLE = "Readiness"
    HELP = """
The range is what share of our questions for the exam you would answer now: it holds the true share 8 times of 10, and it is
wide where little is known of you. The exam asks other questions. Enter shows the domains and what to do today.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="readiness.leave", tooltip="Back to where you were"),
    ]
    DEFAULT_CSS = """
    ReadinessScreen #readiness-said { padding: 1 2 0 2; height: auto; color: $text-muted; }
    """

    def __init__(self, access: QuestionAccess) -> None:
        """Start empty.

        Args:
            access: is asked from worker threads.
        """
        super().__init__(name="readiness")
        self._access = access
        self._tracks: tuple[TrackRow, ...] = ()

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Questions", "Readiness")
        yield Static("Looking at what you have answered…", id="readiness-said", markup=False)
        yield RowList(id="readiness-list", classes="list")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Show how things stand now."""
        self._load()

    @work(thread=True, exclusive=True, group="readiness", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(TracksLoaded(self._access.tracks()))
        except EksLabError as error:
            self.post_message(TracksLoaded((), error))

    @on(TracksLoaded)
    def _loaded(self, event: TracksLoaded) -> None:
        event.stop()
        self._tracks = event.tracks
        said = self.query_one("#readiness-said", Static)
        if event.error is not None:
            hint = f" Next: {event.error.hint}" if event.error.hint else ""
            said.update(f"✗ {event.error.message}{hint}")
        else:
            said.update(LEGEND if event.tracks else "This course has no exams.")
        rows = self.query_one("#readiness-list", OptionList)
        at = rows.highlighted or 0
        rows.clear_options()
        rows.add_options([Option(self._row(track)) for track in event.tracks])
        if event.tracks:
            rows.highlighted = min(at, len(event.tracks) - 1)
            rows.focus()

    def _row(self, track: TrackRow) -> Content:
        return Content.assemble(
            (track.title, "bold"),
            (f"  {track.id}", "$text-muted"),
            "\n",
            (interval_bar(track.whole, BAR_COLUMNS, track.pass_share), "$text-accent"),
            f"  {track.whole.words}",
            (f"  {track.answered} of {track.questions} answered", "$text-muted"),
        )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.lab.show_readiness(self._tracks[event.option_index].id)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
