"""An exam before it begins: what it asks, what it cannot, how long it is to be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from eks_lab.content.tracks import Track
from eks_lab.errors import EksLabError, InputError
from eks_lab.learning.exams.composition import LONGEST_MINUTES, SHORTEST_MINUTES
from eks_lab.tui.exam_view import Composed, ExamWish, plan_text
from eks_lab.tui.messages import LinkFollowed
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.exam_access import ExamAccess


class ExamComposed(Message):
    """A worker has put the exam together, or could not."""

    def __init__(self, composed: Composed | EksLabError, wish: ExamWish) -> None:
        """Carry it to the event loop.

        Args:
            composed: or why there is none.
            wish: what it was made for.
        """
        super().__init__()
        self.composed = composed
        self.wish = wish


class ExamStarted(Message):
    """A worker has begun the sitting, or could not."""

    def __init__(self, error: EksLabError | None) -> None:
        """Carry what came of it to the event loop.

        Args:
            error: why it has not begun; None when it has.
        """
        super().__init__()
        self.error = error


class ExamStartScreen(LabScreen[bool]):
    """The result is whether a sitting has begun."""

    BINDING_GROUP_TITLE = "New sitting"
    HELP = """
Nothing runs yet. Choose the short form (a quarter), the whole exam, or minutes of your own; hands-on labs can be left out.
`b` begins: the clock runs from then on.
"""
    AUTO_FOCUS = "#exam-plan"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "begin", "Begin", id="exam-start.begin", tooltip="The clock runs from here on"),
        Binding("s", "length(True)", "Short", id="exam-start.short", tooltip="A quarter of the exam"),
        Binding("w", "length(False)", "Whole", id="exam-start.whole", tooltip="All of the exam"),
        Binding("m", "minutes", "Minutes", id="exam-start.minutes", tooltip="A time of your own"),
        Binding("l", "labs", "Labs", id="exam-start.labs", tooltip="With or without hands-on labs"),
        Binding("escape", "leave", "Back", id="exam-start.leave", tooltip="Begin nothing"),
    ]
    DEFAULT_CSS = """
    ExamStartScreen #exam-plan { height: 1fr; scrollbar-size-vertical: 1; }
    """

    def __init__(self, exams: ExamAccess, track: Track) -> None:
        """Offer an exam.

        Args:
            exams: makes and begins it; is asked from worker threads.
            track: the exam.
        """
        super().__init__(name="exam-start")
        self._exams = exams
        self._track = track
        self._wish = ExamWish()
        self._composed: Composed | None = None
        self._is_starting = False

    def compose(self) -> ComposeResult:
        """Compose the page."""
        yield TopBar("Exams", self._track.title)
        with VerticalScroll(id="exam-plan", classes="page--column"):
            yield Prose([], id="exam-plan-text")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Make the first one."""
        self._make()

    def _make(self) -> None:
        self._composed = None
        self.query_one("#exam-plan-text", Prose).set_items([line("Putting the exam together…", "muted")])
        self.query_one(TopBar).remark = self._wish_words()
        self.refresh_bindings()
        self._compose_exam(self._wish)

    def _wish_words(self) -> str:
        wish = self._wish
        length = f"{wish.minutes} min" if wish.minutes else "short form" if wish.is_short else "whole exam"
        return length if wish.has_labs else f"{length}, no labs"

    @work(thread=True, exclusive=True, group="compose", exit_on_error=False)
    def _compose_exam(self, wish: ExamWish) -> None:
        try:
            self.post_message(ExamComposed(self._exams.compose(self._track.id, wish), wish))
        except EksLabError as error:
            self.post_message(ExamComposed(error, wish))

    @on(ExamComposed)
    def _made(self, event: ExamComposed) -> None:
        event.stop()
        if event.wish != self._wish:
            return
        text = self.query_one("#exam-plan-text", Prose)
        if isinstance(event.composed, EksLabError):
            error = event.composed
            hint = f" Next: {error.hint}" if error.hint else ""
            text.set_items([line(f"✗ {error.message}{hint}", "problem")])
            return
        self._composed = event.composed
        text.set_items(plan_text(event.composed))
        self.query_one("#exam-plan", VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        wish = self._wish
        match action:
            case "begin":
                return self._composed is not None and not self._is_starting
            case "length":
                return wish.minutes is not None or parameters != (wish.is_short,)
            case "labs":
                return self._track.practice.labs > 0
            case _:
                return True

    def action_length(self, is_short: bool) -> None:
        """Take the short form or the whole exam."""
        self._wish = replace(self._wish, is_short=is_short, minutes=None)
        self._make()

    def action_labs(self) -> None:
        """Ask with hands-on labs or without."""
        self._wish = replace(self._wish, has_labs=not self._wish.has_labs)
        self._make()

    def action_minutes(self) -> None:
        """Take a time of one's own."""
        from eks_lab.tui.screens.type_value import TypeValue

        def typed(value: object) -> None:
            if isinstance(value, int):
                self._wish = replace(self._wish, minutes=value)
                self._make()

        allowed = f"{SHORTEST_MINUTES} to {LONGEST_MINUTES}; tasks become fewer or more in proportion"
        present = str(self._wish.minutes or self._track.minutes)
        self.app.push_screen(TypeValue("Minutes", allowed, present, _minutes), typed)

    def action_begin(self) -> None:
        """Begin the sitting."""
        if self._composed is not None and not self._is_starting:
            self._is_starting = True
            self._start(self._composed)

    @work(thread=True, exclusive=True, group="start", exit_on_error=False)
    def _start(self, composed: Composed) -> None:
        try:
            self._exams.start(composed)
        except EksLabError as error:
            self.post_message(ExamStarted(error))
        else:
            self.post_message(ExamStarted(None))

    @on(ExamStarted)
    def _started(self, event: ExamStarted) -> None:
        event.stop()
        self._is_starting = False
        if event.error is None:
            self.dismiss(True)
            return
        self.notify(str(event.error), severity="error", timeout=15, markup=False)
        self.refresh_bindings()

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        self.post_message(LinkFollowed(event.href))

    def action_leave(self) -> None:
        """Go back without a sitting."""
        self.dismiss(False)


def _minutes(text: str) -> int:
    stripped = text.strip()
    minutes = int(stripped) if stripped.isdecimal() and len(stripped) < 6 else 0
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InputError(
            f"{stripped or 'Nothing'} is no time for a sitting.",
            hint=f"Whole minutes, {SHORTEST_MINUTES} to {LONGEST_MINUTES}.",
        )
    return minutes
