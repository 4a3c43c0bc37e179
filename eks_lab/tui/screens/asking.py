"""What screens share that ask questions: one after the other on a page that scrolls, judged in a worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from eks_lab.errors import EksLabError
from eks_lab.tui.messages import LinkFollowed
from eks_lab.tui.paging import turn
from eks_lab.tui.question_rows import AskedQuestion, JudgedAnswer
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.item.item_view import ItemView
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.timer import Timer
    from textual.widget import Widget

    from eks_lab.content.items.given import Given
    from eks_lab.tui.question_access import QuestionAccess

PAGE = "asking-page"
"""Id of the part that scrolls."""


class AnswerJudged(Message):
    """A worker has judged an answer."""

    def __init__(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Carry the judgement to the event loop.

        Args:
            question: that was answered.
            answer: with its judgement.
        """
        super().__init__()
        self.question = question
        self.answer = answer


class JudgingFailed(Message):
    """A worker could not judge an answer."""

    def __init__(self, question: AskedQuestion, error: EksLabError) -> None:
        """Carry the reason to the event loop.

        Args:
            question: that was answered.
            error: why there is no judgement.
        """
        super().__init__()
        self.question = question
        self.error = error


class AskingScreen(LabScreen[None]):
    """One question at a time. Subclasses say where questions come from and what becomes of answers."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "skip", "Skip", id="asking.skip", tooltip="Leave this question for another time"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="asking.down", tooltip="Further down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="asking.up", tooltip="Further up"),
        Binding("escape", "leave", "Back", id="asking.leave", tooltip="Stop judging, or go back"),
    ]
    DEFAULT_CSS = f"""
    AskingScreen #{PAGE} {{ height: 1fr; scrollbar-size-vertical: 1; }}
    AskingScreen .asking--head {{ margin: 0 0 1 0; }}
    AskingScreen.-low #{PAGE} {{ padding: 0 1; }}
    """

    def __init__(self, access: QuestionAccess, title: str, *, name: str) -> None:
        """Ask nothing yet.

        Args:
            access: judges; is asked from worker threads.
            title: of the mode, for the line above the screen.
            name: of the screen.
        """
        super().__init__(name=name)
        self.access = access
        self._title_text = title
        self.question: AskedQuestion | None = None
        """What is on the screen, asked or answered."""
        self.answer: JudgedAnswer | None = None
        """The judged answer to it."""
        self._begun: datetime | None = None
        self._seconds: float | None = None
        self._ticks = 0
        self._ticker: Timer | None = None

    def compose(self) -> ComposeResult:
        """Compose the empty page."""
        yield TopBar("Questions", self._title_text)
        with VerticalScroll(id=PAGE, classes="page--column"):
            yield Prose([], id="asking-words")
        yield KeyFooter()

    # What subclasses do

    def answered(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Take a judged answer; it is on the screen."""
        raise NotImplementedError

    def went_on(self, where: str) -> None:
        """Go on from an answered question, or `again`."""
        raise NotImplementedError

    def skipped(self) -> None:
        """Go on from a question without an answer."""
        raise NotImplementedError

    def left(self) -> None:
        """Take care of what is not stored yet; the screen goes."""

    # The page

    @property
    def page(self) -> VerticalScroll:
        """The part that scrolls."""
        return self.query_one(f"#{PAGE}", VerticalScroll)

    @property
    def view(self) -> ItemView | None:
        """The question on the screen."""
        return next(iter(self.query(ItemView)), None)

    @property
    def is_asking(self) -> bool:
        """Whether an answer is wanted."""
        view = self.view
        return view is not None and not view.is_answered

    async def show_widgets(self, *widgets: Widget, focus: Callable[[], Widget] | None = None) -> None:
        """Put something else on the page.

        Args:
            widgets: from the top.
            focus: returns what takes the keys then; the page itself when left out.
        """
        async with self.batch():
            await self.page.remove_children()
            await self.page.mount(*widgets)
        self.page.scroll_home(animate=False)
        (focus() if focus is not None else self.page).focus(scroll_visible=False)
        self.refresh_bindings()

    async def show_words(self, items: Sequence[Flow]) -> None:
        """Put text on the page; there is no question then."""
        self.question = self.answer = None
        await self.show_widgets(Prose(items, id="asking-words"))

    async def ask(self, question: AskedQuestion, *, head: Sequence[Flow] = ()) -> None:
        """Ask a question.

        Args:
            question: it.
            head: text above it.
        """
        self.question, self.answer = question, None
        self._begun, self._seconds = self.lab.clock.now(), None
        view = ItemView(question.variant, is_last=False, diagram=question.diagram)
        await self._show_view(view, head)
        if question.needs_bench:
            self._prepare(question)

    async def report(
        self,
        question: AskedQuestion,
        answer: JudgedAnswer,
        *,
        head: Sequence[Flow] = (),
        next_label: str = "Next",
    ) -> None:
        """Show an answer with its judgement.

        Args:
            question: that was answered.
            answer: the judged answer.
            head: text above it.
            next_label: of the button that goes on; empty for none.
        """
        self.question, self.answer = question, answer
        view = ItemView(
            question.variant,
            answer.given,
            is_last=False,
            result=answer.result,
            transcript=answer.transcript,
            diagram=question.diagram,
            next_label=next_label,
        )
        await self._show_view(view, head)

    async def _show_view(self, view: ItemView, head: Sequence[Flow]) -> None:
        above = [Prose(head, classes="asking--head")] if head else []
        await self.show_widgets(*above, view, focus=lambda: self._target(view))

    def _target(self, view: ItemView) -> Widget:
        target = view.first_target
        return self.page if target is view else target

    # Judging

    @on(ItemView.Submitted)
    def _submitted(self, event: ItemView.Submitted) -> None:
        event.stop()
        question = self.question
        if question is None or event.view.is_judging:
            return
        if self._begun is not None:
            passed = (self.lab.clock.now() - self._begun).total_seconds()
            self._seconds = max(0.0, round(passed, 1))
        if question.needs_bench:
            self._ticks = 0
            self._tick()
            self._ticker = self.set_interval(1.0, self._tick)
            self.page.focus(scroll_visible=False)
        self.refresh_bindings()
        self._judge(question, event.given)

    def _tick(self) -> None:
        if (view := self.view) is not None:
            view.show_judging(f"◌ Runs in a throw-away cluster, {self._ticks} s. Esc ends it.")
        self._ticks += 1

    def _stop_ticking(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
        if (view := self.view) is not None and view.is_judging:
            view.show_judging("")

    @work(thread=True, group="prepare", exit_on_error=False)
    def _prepare(self, question: AskedQuestion) -> None:
        try:
            self.access.prepare(question.variant)
        except EksLabError as error:
            self.post_message(JudgingFailed(question, error))

    @work(thread=True, group="judge", exit_on_error=False)
    def _judge(self, question: AskedQuestion, given: Given) -> None:
        try:
            self.post_message(AnswerJudged(question, self.access.judge(question.variant, given)))
        except EksLabError as error:
            self.post_message(JudgingFailed(question, error))

    @on(AnswerJudged)
    async def _judged(self, event: AnswerJudged) -> None:
        event.stop()
        self._stop_ticking()
        if event.question is self.question and self.is_asking:
            answer = replace(event.answer, seconds=self._seconds)
            await self.show_answer(event.question, answer)
            self.answered(event.question, answer)
            self.refresh_bindings()

    async def show_answer(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Show a judged answer; subclasses may add to it."""
        await self.report(question, answer)

    @on(JudgingFailed)
    def _failed(self, event: JudgingFailed) -> None:
        event.stop()
        self._stop_ticking()
        view = self.view
        if event.question is self.question and view is not None and self.is_asking:
            view.refuse(f"{event.error.message.rstrip('.')}. {event.error.hint}".strip())
            view.first_target.focus(scroll_visible=False)
            self.refresh_bindings()

    @on(ItemView.Overruled)
    def _overruled(self, event: ItemView.Overruled) -> None:
        event.stop()
        if self.answer is not None:
            self.answer = replace(self.answer, result=event.result)
            self.overruled(self.answer)

    def overruled(self, answer: JudgedAnswer) -> None:
        """Take the learner's word on key points."""

    # Moving

    @on(ItemView.Moved)
    def _moved(self, event: ItemView.Moved) -> None:
        event.stop()
        self.went_on(event.where)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "skip":
            return self.is_asking and self._ticker is None
        return True

    def action_skip(self) -> None:
        """Leave the question."""
        self.skipped()

    def action_page(self, step: int) -> None:
        """Scroll the page, wherever the keys go."""
        turn(self.page, step)

    def action_leave(self) -> None:
        """End a judgement that runs, or go back."""
        if self._ticker is not None:
            self.access.cancel()
            return
        self.left()
        self.dismiss(None)

    def on_unmount(self) -> None:
        """Store what is not stored yet, also when the whole app goes."""
        if self._ticker is not None:
            self.access.cancel()
        self.left()

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        self.post_message(LinkFollowed(event.href))
