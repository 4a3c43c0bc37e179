"""Exams: the sitting that runs, the exams there are, and past sittings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.content.tracks import Track
from eks_lab.errors import EksLabError
from eks_lab.tui.exam_view import ExamList, SittingRow, row_words, track_facts
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.exam_access import ExamAccess
    from eks_lab.tui.question_access import QuestionAccess


class ExamsLoaded(Message):
    """A worker has read exams and sittings."""

    def __init__(self, found: ExamList | EksLabError) -> None:
        """Carry them to the event loop.

        Args:
            found: or why there are none.
        """
        super().__init__()
        self.found = found


class ExamsScreen(LabScreen[None]):
    """The list; start, sitting and report open above it."""

    BINDING_GROUP_TITLE = "Exams"
    HELP = """
Enter on an exam shows what it asks and what it cannot, before anything begins. A sitting that runs stands first: Enter goes
on with it. Enter on a past sitting opens its report.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resume", "Go on", id="exams.resume", tooltip="Go on with the sitting that runs"),
        Binding("escape", "leave", "Back", id="exams.leave", tooltip="Back to where you were"),
    ]
    DEFAULT_CSS = """
    ExamsScreen #exams-said { padding: 1 2; height: auto; color: $text-muted; }
    ExamsScreen #exams-list { display: none; }
    ExamsScreen.-filled #exams-list { display: block; }
    ExamsScreen.-filled #exams-said { display: none; }
    """

    def __init__(self, questions: QuestionAccess, exams: ExamAccess | None = None) -> None:
        """Start empty.

        Args:
            questions: has bank, course and record.
            exams: holds exams; those of the learner when left out. Is asked from worker threads.
        """
        super().__init__(name="exams")
        if exams is None:
            from eks_lab.tui.local_exams import LocalExams

            exams = LocalExams(questions)
        self._exams = exams
        self._found: ExamList | None = None
        self._rows: list[SittingRow | Track | None] = []

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Questions", "Exams")
        yield Static("Reading the exams…", id="exams-said", markup=False)
        yield RowList(id="exams-list", classes="list")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Show how things stand now."""
        self._load()

    @work(thread=True, exclusive=True, group="exams", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(ExamsLoaded(self._exams.all()))
        except EksLabError as error:
            self.post_message(ExamsLoaded(error))

    @on(ExamsLoaded)
    def _loaded(self, event: ExamsLoaded) -> None:
        event.stop()
        if isinstance(event.found, EksLabError):
            error = event.found
            hint = f" Next: {error.hint}" if error.hint else ""
            self.set_class(False, "-filled")
            self.query_one("#exams-said", Static).update(f"✗ {error.message}{hint}")
            return
        found = self._found = event.found
        rows = self.query_one("#exams-list", OptionList)
        at = rows.highlighted or 0
        self.set_class(True, "-filled")
        self._rows = [*([found.running] if found.running else []), *found.tracks]
        options = [Option(self._row(row)) for row in self._rows]
        if found.past:
            self._rows += [None, *found.past]
            options.append(Option(Content.styled("Past sittings", "bold $text-secondary"), disabled=True))
            options += [Option(self._row(row)) for row in found.past]
        rows.clear_options()
        rows.add_options(options)
        rows.highlighted = min(at, len(options) - 1) if options else None
        rows.focus()
        count = len(found.past)
        self.query_one(TopBar).remark = f"{count} past sitting{'' if count == 1 else 's'}" if count else ""
        self.refresh_bindings()

    def _row(self, row: SittingRow | Track | None) -> Content:
        assert row is not None
        assert self._found is not None
        if isinstance(row, Track):
            retired = "  ▲ retired" if row.is_retired(self._found.today) else ""
            return Content.assemble(
                (row.title, "bold"),
                (retired, "$text-warning"),
                "\n",
                (track_facts(row), "$text-muted"),
            )
        begun = f"{row.started_at:%Y-%m-%d %H:%M} UTC · {row.tasks} tasks · {row_words(row)}"
        title = f"Go on: {row.title}" if row.is_running else f"{row.id}. {row.title}"
        return Content.assemble(
            (title, "bold"), "\n", (begun, "$text-accent" if row.is_running else "$text-muted")
        )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self._rows[event.option_index]
        if isinstance(row, Track):
            self._begin(row)
        elif row is not None and row.is_running:
            self._sit()
        elif row is not None:
            self.show_report(row.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        return action != "resume" or (self._found is not None and self._found.running is not None)

    def action_resume(self) -> None:
        """Go on with the sitting that runs."""
        self._sit()

    def _begin(self, track: Track) -> None:
        assert self._found is not None
        running = self._found.running
        if running is not None:
            self.notify(
                f"“{running.title}” runs. Go on with it, or hand it in there; then begin another one.",
                title="One sitting at a time",
                severity="warning",
                markup=False,
            )
            return
        from eks_lab.tui.screens.exam_start import ExamStartScreen

        def answered(has_begun: bool | None) -> None:
            if has_begun:
                self._sit()

        self.app.push_screen(ExamStartScreen(self._exams, track), answered)

    def _sit(self) -> None:
        from eks_lab.tui.screens.exam_sitting import ExamSittingScreen

        def ended(sitting_id: int | None) -> None:
            if sitting_id is not None:
                self.show_report(sitting_id)

        self.app.push_screen(ExamSittingScreen(self._exams), ended)

    def show_report(self, sitting_id: int) -> None:
        """Open the report on a sitting.

        Args:
            sitting_id: of one that is over.
        """
        from eks_lab.tui.screens.exam_report import ExamReportScreen

        self.app.push_screen(ExamReportScreen(self._exams, sitting_id))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
