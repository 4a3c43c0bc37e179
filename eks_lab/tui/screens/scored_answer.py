"""One answer of an interview: what was found in it and what was missing, overruled by key, and a strong answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.errors import EksLabError
from eks_lab.learning.interviews.scorecard import AnswerLine, PointLine, QuestionLine, Scorecard
from eks_lab.tui.interview_view import answer_head, answer_word, model_text, point_words, question_title
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.interview_access import InterviewAccess


class Overruled(Message):
    """A worker has kept what the learner says, or could not."""

    def __init__(self, card: Scorecard | EksLabError) -> None:
        """Carry it to the event loop.

        Args:
            card: the scorecard with it, or why it was not kept.
        """
        super().__init__()
        self.card = card


class ScoredAnswerScreen(LabScreen[None]):
    """An answer; the keys lead from one to the next."""

    BINDING_GROUP_TITLE = "Answer"
    HELP = """
Enter on a point says the opposite of what counts now: that you did say it, or did not. What was read stays on record.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right", "move(1)", "Next", id="scored.next", tooltip="The next answer"),
        Binding("p,left", "move(-1)", "Previous", id="scored.previous", tooltip="The answer before"),
        Binding("o", "overrule", "Overrule", id="scored.overrule", tooltip="Turn the marked point round"),
        Binding("escape", "leave", "Back", id="scored.leave", tooltip="Back to the scorecard"),
    ]
    DEFAULT_CSS = """
    ScoredAnswerScreen #answer-page { height: 1fr; scrollbar-size-vertical: 1; }
    ScoredAnswerScreen #answer-points { height: auto; padding: 0; }
    ScoredAnswerScreen #answer-model { margin: 1 0 0 0; }
    """

    def __init__(
        self,
        interviews: InterviewAccess,
        interview_id: int,
        rows: Sequence[tuple[QuestionLine, AnswerLine]],
        at: int,
    ) -> None:
        """Show an answer.

        Args:
            interviews: keeps what is overruled; is asked from worker threads.
            interview_id: whose answers these are.
            rows: every question and follow-up, in order.
            at: which of them is shown first.
        """
        super().__init__(name="scored-answer")
        self._interviews = interviews
        self._interview_id = interview_id
        self._rows = list(rows)
        self._at = at

    def compose(self) -> ComposeResult:
        """Compose the page."""
        yield TopBar("Scorecard", "Answer")
        with VerticalScroll(id="answer-page", classes="page--column"):
            yield Prose([], id="answer-head")
            yield RowList(id="answer-points")
            yield Prose([], id="answer-model")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the first one."""
        self._show(is_new=True)

    @property
    def _answer(self) -> AnswerLine:
        return self._rows[self._at][1]

    def _show(self, *, is_new: bool) -> None:
        question, answer = self._rows[self._at]
        is_main = answer is question.main
        title = question_title(question)
        bar = self.query_one(TopBar)
        bar.crumbs = ("Scorecard", title if is_main else f"{title}, follow-up")
        bar.remark = f"{answer_word(answer)}, {answer.score:.0%}" if answer.answer else answer_word(answer)
        head = answer_head(answer, question.minutes if is_main else 0.0)
        self.query_one("#answer-head", Prose).set_items([*head, line("Points of a good answer", "heading3")])
        rows = self.query_one("#answer-points", RowList)
        at = 0 if is_new else rows.highlighted or 0
        rows.clear_options()
        rows.add_options([Option(_point(point)) for point in answer.points])
        rows.highlighted = at if answer.points else None
        self.query_one("#answer-model", Prose).set_items(model_text(answer))
        if is_new:
            rows.focus(scroll_visible=False)
            self.call_after_refresh(self.query_one("#answer-page", VerticalScroll).scroll_home, animate=False)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "overrule":
            return self._answer.state == "answered"
        if action == "move":
            (step,) = parameters
            return isinstance(step, int) and 0 <= self._at + step < len(self._rows)
        return True

    def action_move(self, step: int) -> None:
        """Go to another answer.

        Args:
            step: 1 or -1.
        """
        self._at += step
        self._show(is_new=True)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_overrule()

    def action_overrule(self) -> None:
        """Say the opposite of what counts for the marked point."""
        at = self.query_one("#answer-points", RowList).highlighted
        if self._answer.state != "answered":
            self.notify("There is no answer that counts, so nothing can be overruled.", markup=False)
        elif at is not None:
            point = self._answer.points[at]
            self._keep(point.ref, not point.found)

    @work(thread=True, group="overrule", exit_on_error=False)
    def _keep(self, ref: str, found: bool) -> None:
        try:
            self.post_message(Overruled(self._interviews.overrule(self._interview_id, ref, found)))
        except EksLabError as error:
            self.post_message(Overruled(error))

    @on(Overruled)
    def _kept(self, event: Overruled) -> None:
        event.stop()
        if isinstance(event.card, EksLabError):
            self.notify(str(event.card), severity="error", timeout=15, markup=False)
            return
        self._rows = [
            (question, answer)
            for question in event.card.questions
            for answer in (question.main, *question.follow_ups)
        ]
        self._show(is_new=False)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)


def _point(point: PointLine) -> Content:
    head, where = point_words(point)
    row = Content.styled(head, "$text-success" if point.found else "")
    return Content.assemble(row, "\n", (where, "$text-muted")) if where else row
