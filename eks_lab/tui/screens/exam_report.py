"""The report on a sitting: verdict in honest words, points by domain, time by task, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from eks_lab.errors import EksLabError
from eks_lab.tui.exam_view import Reported, domain_bars, report_head, report_tail
from eks_lab.tui.messages import LinkFollowed
from eks_lab.tui.sandbox_view import Activity
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.activity_panel import ActivityPanel
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.share_bars import ShareBars
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.exam_access import ExamAccess, ReportForm


class ReportMade(Message):
    """A worker has made the report, or could not."""

    def __init__(self, reported: Reported | EksLabError) -> None:
        """Carry it to the event loop.

        Args:
            reported: or why there is none.
        """
        super().__init__()
        self.reported = reported


class Judged(Message):
    """A worker has judged some of the answers."""

    def __init__(self, activity: Activity) -> None:
        """Carry how far it is to the event loop.

        Args:
            activity: what is under way.
        """
        super().__init__()
        self.activity = activity


class ExamReportScreen(LabScreen[None]):
    """Opens at once; commands and manifests are judged meanwhile, and the learner may leave and come back."""

    BINDING_GROUP_TITLE = "Report"
    HELP = """
`t` leads through the tasks with your answers and why each part is right or wrong. What could not be judged now waits: opening
the report again tries once more.
"""
    AUTO_FOCUS = "#report-page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tasks", "Tasks", id="report.tasks", tooltip="Every task with its explanations"),
        Binding("e", "export('markdown')", "Export", id="report.export", tooltip="Save it as Markdown"),
        Binding("J", "export('json')", "As JSON", id="report.json", tooltip="Save it as JSON"),
        Binding("a", "again", "Judge again", id="report.again", tooltip="Judge the answers that wait"),
        Binding("escape", "leave", "Back", id="report.leave", tooltip="Back to the list"),
    ]
    DEFAULT_CSS = """
    ExamReportScreen #report-page { height: 1fr; scrollbar-size-vertical: 1; }
    ExamReportScreen #report-tail { margin: 1 0 0 0; }
    ExamReportScreen ShareBars { margin: 0; }
    """

    def __init__(self, exams: ExamAccess, sitting_id: int) -> None:
        """Make the report on a sitting.

        Args:
            exams: judges and reports; is asked from worker threads.
            sitting_id: of one that is over.
        """
        super().__init__(name="exam-report")
        self._exams = exams
        self._sitting_id = sitting_id
        self._reported: Reported | None = None

    def compose(self) -> ComposeResult:
        """Compose the page."""
        yield TopBar("Exams", "Report")
        yield ActivityPanel()
        with VerticalScroll(id="report-page", classes="page--column"):
            yield Prose([], id="report-head")
            yield ShareBars(id="report-bars")
            yield Prose([], id="report-tail")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Have the answers judged."""
        self._begin()

    def _begin(self) -> None:
        self.query_one(ActivityPanel).activity = Activity("Judging", 0.0, "")
        self._make()

    @work(thread=True, exclusive=True, group="report", exit_on_error=False)
    def _make(self) -> None:
        def tell(step: str, part: float) -> None:
            self.post_message(Judged(Activity(f"Judging: {step}", part, "")))

        try:
            self.post_message(ReportMade(self._exams.report(self._sitting_id, tell)))
        except EksLabError as error:
            self.post_message(ReportMade(error))

    @on(Judged)
    def _judged(self, event: Judged) -> None:
        event.stop()
        self.query_one(ActivityPanel).activity = event.activity

    @on(ReportMade)
    def _made(self, event: ReportMade) -> None:
        event.stop()
        self.query_one(ActivityPanel).activity = None
        head = self.query_one("#report-head", Prose)
        if isinstance(event.reported, EksLabError):
            error = event.reported
            hint = f" Next: {error.hint}" if error.hint else ""
            head.set_items([line(f"✗ {error.message}{hint}", "problem")])
            return
        found = self._reported = event.reported
        report = found.report
        bar = self.query_one(TopBar)
        bar.crumbs, bar.remark = ("Exams", f"{report.title}, report"), f"{report.points:g} of 100 points"
        notice = [line(f"▲ {found.notice}", "warning")] if found.notice else []
        head.set_items([*notice, *report_head(report)])
        self.query_one("#report-bars", ShareBars).show(domain_bars(report, found.pass_part))
        self.query_one("#report-tail", Prose).set_items(report_tail(report))
        self.query_one("#report-page", VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        self.post_message(LinkFollowed(event.href))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action in ("export", "tasks"):
            return self._reported is not None
        if action == "again":
            is_judging = self.query_one(ActivityPanel).activity is not None
            return not is_judging and self._reported is not None and self._reported.report.waiting > 0
        return True

    def action_tasks(self) -> None:
        """Look at every task with its explanations."""
        from eks_lab.tui.screens.exam_answers import ExamAnswersScreen

        self.app.push_screen(ExamAnswersScreen(self._exams, self._sitting_id))

    def action_again(self) -> None:
        """Judge the answers that wait."""
        self._begin()
        self.refresh_bindings()

    def action_export(self, form: ReportForm) -> None:
        """Save the report as a file.

        Args:
            form: `markdown` or `json`.
        """
        from eks_lab.tui.screens.save_code import SaveCode

        assert self._reported is not None
        name = f"exam-{self._sitting_id}.{'json' if form == 'json' else 'md'}"
        text = self._exams.export(self._reported, form)
        self.app.push_screen(SaveCode(self.lab.save_folder(), name, text))

    def action_leave(self) -> None:
        """Go back; what is being judged goes on."""
        self.dismiss(None)
