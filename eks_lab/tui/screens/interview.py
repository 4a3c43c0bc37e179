"""An interview: what was said, a field for the answer, and a clock that nobody stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from eks_lab.tui.interview_view import SOON_SECONDS, Talk, clock_words, conversation_text, left_words
from eks_lab.tui.sandbox_view import Said
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.status_rows import Tone
from eks_lab.tui.widgets.clock_panel import ClockPanel
from eks_lab.tui.widgets.item.answer_editor import AnswerEditor
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.interview_access import InterviewAccess
    from eks_lab.tui.sandbox_access import Tell


class InterviewScreen(WatchingScreen[int]):
    """The result is the interview's number when it is over; None when the learner left and it goes on."""

    BINDING_GROUP_TITLE = "Interview"
    HELP = """
Type your answer and send it with `ctrl+s`. `escape` leaves the field, so that the keys of the screen work: `s` passes the
question, `E` ends the interview, `escape` leaves it (the clock runs on), `tab` or `i` leads back into the field. An answer
that you send up to half a minute late still counts.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "type", "Type", id="interview.type", tooltip="Back into the field"),
        Binding("s", "skip", "Pass", id="interview.pass", tooltip="Go on without an answer"),
        Binding("E", "end", "End", id="interview.end", tooltip="End the interview, after a question"),
        Binding("escape", "leave", "Back", id="interview.leave", tooltip="Leave; the clock runs on"),
    ]
    DEFAULT_CSS = """
    InterviewScreen {
        ClockPanel { border-bottom: solid $ink-rule; }
        #interview-lines { height: 1fr; scrollbar-size-vertical: 1; padding: 0 1; }
        AnswerEditor { height: auto; min-height: 4; max-height: 10; border-top: solid $ink-rule; }
        AnswerEditor:focus { border-top: solid $accent; }
        &.-low AnswerEditor { min-height: 2; max-height: 4; }
    }
    """

    def __init__(self, interviews: InterviewAccess) -> None:
        """Go on with the interview that runs.

        Args:
            interviews: holds it; is asked from worker threads.
        """
        super().__init__(name="interview")
        self._interviews = interviews
        self._talk: Talk | None = None

    def compose(self) -> ComposeResult:
        """Compose conversation and field."""
        yield TopBar("Interviews", "Interview")
        yield ClockPanel()
        with VerticalScroll(id="interview-lines", classes="page--column"):
            yield Prose([], id="interview-text")
        yield AnswerEditor(placeholder="your answer; ctrl+s sends it")
        yield KeyFooter()

    @property
    def panel(self) -> ClockPanel:
        """Place, clock and what came of the last answer."""
        return self.query_one(ClockPanel)

    @property
    def editor(self) -> AnswerEditor:
        """The field."""
        return self.query_one(AnswerEditor)

    # Looking

    def looking(self) -> Callable[[], object]:
        """Return a look at the conversation."""
        return self._interviews.look

    def show_found(self, found: object) -> None:
        """Show what was said, and the clock."""
        assert isinstance(found, Talk)
        before, self._talk = self._talk, found
        if found.is_over:
            if not self.is_busy:
                self.dismiss(found.interview_id)
            return
        panel = self.panel
        panel.place, panel.clock = clock_words(found), left_words(found.left_seconds)
        panel.is_short = found.left_seconds < SOON_SECONDS
        bar = self.query_one(TopBar)
        bar.crumbs = ("Interviews", f"Interview {found.interview_id}, {found.level}")
        if before is None or before.lines != found.lines:
            self.query_one("#interview-text", Prose).set_items(conversation_text(found))
            lines = self.query_one("#interview-lines", VerticalScroll)
            self.call_after_refresh(lines.scroll_end, animate=False)
        if before is None:
            self.editor.focus()
            self.refresh_bindings()

    # Answering

    @on(AnswerEditor.Submitted)
    def _submitted(self, event: AnswerEditor.Submitted) -> None:
        event.stop()
        if self.is_busy or self._talk is None:
            return
        if not event.text.strip():
            self.panel.said = Said(
                "Nothing is typed yet.", Tone.WAITING, "Type an answer; Esc, then s passes the question."
            )
            return
        self._send(event.text)

    def _send(self, text: str) -> None:
        def answer(_: Tell) -> Said:
            self._interviews.answer(text)
            # Only what was taken leaves the field.
            self.app.call_from_thread(self._clear, text)
            return Said("", Tone.PLAIN)

        self.do("Listening", answer)

    def _clear(self, text: str) -> None:
        if self.editor.text == text:
            self.editor.text = ""
        self.editor.focus()

    def action_type(self) -> None:
        """Go back into the field."""
        self.editor.focus()

    def action_skip(self) -> None:
        """Pass the question."""
        if self._talk is not None and not self.is_busy:
            self._send("")

    def action_end(self) -> None:
        """End the interview, after asking."""
        if self._talk is None:
            return
        left = self._talk.of - self._talk.number + (not self._talk.is_follow_up)
        question = Confirm(
            "End the interview?",
            f"{left} of {self._talk.of} questions stay without an answer and count nothing. The scorecard follows.",
            yes="End it",
            no="Go on",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.do("Ending", self._stop)

        self.app.push_screen(question, answered)

    def _stop(self, _: Tell) -> Said:
        self._interviews.stop()
        return Said("", Tone.PLAIN)

    def action_leave(self) -> None:
        """Go back, after saying what becomes of the time."""
        if self._talk is None:
            self.dismiss(None)
            return
        question = Confirm(
            "Leave the interview?",
            "It goes on where it is, but its clock runs on meanwhile. What stands in the field is not kept.",
            yes="Leave",
            no="Stay",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(None)

        self.app.push_screen(question, answered)
