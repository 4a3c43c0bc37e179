"""Interviews: begin one, go on with the one that runs, read the scorecards of past ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.errors import EksLabError
from eks_lab.tui.interview_view import OUTCOMES, InterviewList, InterviewRow, Wish, left_words, row_words
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.interview_access import InterviewAccess
    from eks_lab.tui.question_access import QuestionAccess


class InterviewsLoaded(Message):
    """A worker has read the interviews."""

    def __init__(self, found: InterviewList | EksLabError) -> None:
        """Carry them to the event loop.

        Args:
            found: or why there are none.
        """
        super().__init__()
        self.found = found


class InterviewBegun(Message):
    """A worker has begun an interview, or could not."""

    def __init__(self, said: str | EksLabError) -> None:
        """Carry what came of it to the event loop.

        Args:
            said: what the learner should know, or why there is no interview.
        """
        super().__init__()
        self.said = said


class InterviewsScreen(LabScreen[None]):
    """The list; start, conversation and scorecard open above it."""

    BINDING_GROUP_TITLE = "Interviews"
    HELP = """
An interview is a conversation in your own words against the clock: 8 to 12 questions, and follow-ups that hang on what you
say. Your words are compared with key points; nothing is understood, and you may overrule every point in the scorecard.
A killed program goes on where it was; the clock runs on meanwhile.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "begin", "Begin", id="interviews.begin", tooltip="Choose level and topics, and begin"),
        Binding("escape", "leave", "Back", id="interviews.leave", tooltip="Back to where you were"),
    ]
    DEFAULT_CSS = """
    InterviewsScreen #interviews-said { padding: 1 2; height: auto; color: $text-muted; }
    InterviewsScreen #interviews-list { display: none; }
    InterviewsScreen.-filled #interviews-list { display: block; }
    InterviewsScreen.-filled #interviews-said { display: none; }
    """

    def __init__(self, questions: QuestionAccess, interviews: InterviewAccess | None = None) -> None:
        """Start empty.

        Args:
            questions: has bank, course and record.
            interviews: holds interviews; those of the learner when left out. Is asked from worker threads.
        """
        super().__init__(name="interviews")
        if interviews is None:
            from eks_lab.tui.local_interviews import LocalInterviews

            interviews = LocalInterviews(questions)
        self._interviews = interviews
        self._found: InterviewList | None = None
        self._wish = Wish()
        self._is_beginning = False

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Questions", "Interviews")
        yield Static("Reading the interviews…", id="interviews-said", markup=False)
        yield RowList(id="interviews-list", classes="list")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Show how things stand now."""
        self._load()

    @work(thread=True, exclusive=True, group="interviews", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(InterviewsLoaded(self._interviews.all()))
        except EksLabError as error:
            self.post_message(InterviewsLoaded(error))

    @on(InterviewsLoaded)
    def _loaded(self, event: InterviewsLoaded) -> None:
        event.stop()
        if isinstance(event.found, EksLabError):
            self._say_problem(event.found)
            return
        found = self._found = event.found
        rows = self.query_one("#interviews-list", OptionList)
        at = rows.highlighted or 0
        self.set_class(True, "-filled")
        rows.clear_options()
        options = [Option(self._first_row(found))]
        options += [Option(self._row(row)) for row in found.past]
        rows.add_options(options)
        rows.highlighted = min(at, len(options) - 1)
        rows.focus()
        count = len(found.past)
        self.query_one(TopBar).remark = f"{count} held" if count else ""
        self.refresh_bindings()

    def _say_problem(self, error: EksLabError) -> None:
        self.set_class(False, "-filled")
        hint = f" Next: {error.hint}" if error.hint else ""
        self.query_one("#interviews-said", Static).update(f"✗ {error.message}{hint}")

    def _first_row(self, found: InterviewList) -> Content:
        row = found.running
        if row is None:
            count = sum(topic.questions for topic in found.topics)
            about = f"{count} questions in {len(found.topics)} topics; you choose level, topics and time"
            return Content.assemble(("Begin an interview", "bold"), "\n", (about, "$text-muted"))
        return Content.assemble(
            (f"Go on with interview {row.id}", "bold"),
            (f"  ▶ {left_words(row.left_seconds)}", "$text-accent"),
            "\n",
            (f"{row.level} · {row_words(row)}", "$text-muted"),
        )

    def _row(self, row: InterviewRow) -> Content:
        return Content.assemble(
            (f"{row.id}. {row.level.capitalize()}, {row.score:.0%} found", "bold"),
            (f"  {OUTCOMES[row.outcome]}", "$text-muted"),
            "\n",
            (row_words(row), "$text-muted"),
        )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        assert self._found is not None
        if event.option_index == 0:
            self.action_begin()
        else:
            self.show_card(self._found.past[event.option_index - 1].id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "begin":
            return self._found is not None and self._found.running is None and not self._is_beginning
        return True

    def action_begin(self) -> None:
        """Choose what it is about, or go on with the one that runs."""
        if self._found is None or self._is_beginning:
            return
        if self._found.running is not None:
            self._talk()
            return
        from eks_lab.tui.screens.interview_start import InterviewStartScreen

        def answered(wish: Wish | None) -> None:
            if wish is not None:
                self._wish = wish
                self._is_beginning = True
                self._begin(wish)

        self.app.push_screen(InterviewStartScreen(self._found.topics, self._wish), answered)

    @work(thread=True, exclusive=True, group="begin", exit_on_error=False)
    def _begin(self, wish: Wish) -> None:
        try:
            self.post_message(InterviewBegun(self._interviews.begin(wish)))
        except EksLabError as error:
            self.post_message(InterviewBegun(error))

    @on(InterviewBegun)
    def _begun(self, event: InterviewBegun) -> None:
        event.stop()
        self._is_beginning = False
        if isinstance(event.said, EksLabError):
            self.notify(str(event.said), severity="error", timeout=15, markup=False)
            self.refresh_bindings()
            return
        if event.said:
            self.notify(event.said, timeout=10, markup=False)
        self._talk()

    def _talk(self) -> None:
        from eks_lab.tui.screens.interview import InterviewScreen

        self.app.push_screen(InterviewScreen(self._interviews), self._ended)

    def _ended(self, interview_id: int | None) -> None:
        if interview_id is not None:
            self.show_card(interview_id)

    def show_card(self, interview_id: int) -> None:
        """Open the scorecard of an interview.

        Args:
            interview_id: of one that is over.
        """
        from eks_lab.tui.screens.scorecard import ScorecardScreen

        self.app.push_screen(ScorecardScreen(self._interviews, interview_id))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
