"""A quiz of a chapter, or a drill: questions one after the other, then the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.content.items.result import RIGHT, WRONG
from eks_lab.content.page import text_of
from eks_lab.errors import EksLabError
from eks_lab.tui.question_rows import AskedQuestion, JudgedAnswer
from eks_lab.tui.screens.asking import AskingScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.question_text import OPEN, inline
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from eks_lab.tui.question_access import QuestionAccess, QuestionRun


class RunBegun(Message):
    """A worker has begun a run."""

    def __init__(self, run: QuestionRun | EksLabError) -> None:
        """Carry it to the event loop.

        Args:
            run: or why there is none.
        """
        super().__init__()
        self.run = run


@dataclass
class Done:
    """A question that was asked, with what came of it."""

    question: AskedQuestion
    answer: JudgedAnswer | None
    """None when it was skipped."""

    @property
    def mark(self) -> str:
        """✓, ✗ or ○."""
        return OPEN if self.answer is None else RIGHT if self.answer.result.correct else WRONG


class QuizRunScreen(AskingScreen):
    """Every answer is stored at once; leaving early keeps what was answered."""

    BINDING_GROUP_TITLE = "Quiz"
    HELP = """
Each answer is judged at once, with the reason for every option. `s` leaves a question out. `esc` goes back at any time:
what was answered is kept, and what was missed comes back in the daily review. Commands and manifests run in a cluster of
their own that is thrown away; your sandbox is never touched.
"""
    DEFAULT_CSS = """
    QuizRunScreen #run-result { height: auto; margin: 1 0 0 0; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "missed", "Missed again", id="run.missed", tooltip="Ask what was missed once more"),
        Binding("n", "more", "More", id="run.more", tooltip="Another round of the same"),
        *AskingScreen.BINDINGS,
    ]

    def __init__(self, access: QuestionAccess, mode: str, begin: Callable[[], QuestionRun]) -> None:
        """Begin a run.

        Args:
            access: has the questions.
            mode: what it is called.
            begin: makes the run, in a worker thread.
        """
        super().__init__(access, mode, name="quiz-run")
        self._begin = begin
        self._run: QuestionRun | None = None
        self._done: list[Done] = []
        self._unkept: Done | None = None
        self._is_over = False
        self._is_fetching = False
        self._is_looking_back = False
        self._at = 0

    def on_mount(self) -> None:
        """Begin."""
        self._start(self._begin)

    def _start(self, begin: Callable[[], QuestionRun]) -> None:
        self._run, self._done, self._is_over, self._is_fetching = None, [], False, False
        self.query_one("#asking-words", Prose).set_items([line("Choosing questions…", "muted")])
        self._begin_run(begin)

    @work(thread=True, exclusive=True, group="begin", exit_on_error=False)
    def _begin_run(self, begin: Callable[[], QuestionRun]) -> None:
        try:
            self.post_message(RunBegun(begin()))
        except EksLabError as error:
            self.post_message(RunBegun(error))

    @on(RunBegun)
    async def _begun_run(self, event: RunBegun) -> None:
        event.stop()
        if isinstance(event.run, EksLabError):
            await self._say(event.run)
            return
        self._run = event.run
        self.query_one(TopBar).crumbs = ("Questions", self._title_text, event.run.title)
        self._fetch()

    def _fetch(self) -> None:
        """Get the next question behind the writes that wait: what was answered decides what comes next."""
        run = self._run
        assert run is not None
        if self._is_fetching:
            # A key pressed again before the next question is there must not pass that one over.
            return
        self._is_fetching = True

        def fetch() -> AskedQuestion | EksLabError | None:
            try:
                return run.next()
            except EksLabError as error:
                return error

        def show(found: AskedQuestion | EksLabError | None) -> None:
            self.call_later(self._fetched, found)

        self.lab.record(fetch, then=show)

    async def _fetched(self, found: AskedQuestion | EksLabError | None) -> None:
        self._is_fetching = False
        if not self.is_attached:
            return
        if isinstance(found, EksLabError):
            await self._say(found)
        elif found is None:
            await self._show_result()
        else:
            self._done.append(Done(found, None))
            self._show_place()
            await self.ask(found, head=_head(found))

    async def _say(self, error: EksLabError) -> None:
        items = [line(f"✗ {error.message}", "problem")]
        if error.hint:
            items.append(line(error.hint))
        await self.show_words(items)

    def _show_place(self) -> None:
        total = self._run.total if self._run is not None else 0
        right = sum(done.mark == RIGHT for done in self._done)
        answered = sum(done.answer is not None for done in self._done)
        score = f", {right} of {answered} right" if answered else ""
        self.query_one(TopBar).remark = f"{len(self._done)} of {total}{score}"

    async def show_answer(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Show a judged answer."""
        await self.report(question, answer, head=_head(question))

    # Answers

    def answered(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Store the answer; that of a recall when the learner has had a word on it."""
        self._done[-1] = done = Done(question, answer)
        self._show_place()
        self._unkept = done
        if not answer.result.points:
            self.left()

    def overruled(self, answer: JudgedAnswer) -> None:
        """Take the learner's word."""
        if self._is_looking_back:
            return
        self._done[-1] = done = replace(self._done[-1], answer=answer)
        self._show_place()
        self._unkept = done

    def left(self) -> None:
        """Store an answer that waited for the learner's word."""
        done, self._unkept = self._unkept, None
        if done is not None and done.answer is not None and self._run is not None:
            self.lab.record(partial(self._run.keep, done.question, done.answer))

    def went_on(self, where: str) -> None:
        """Go on to the next question, or back to the result."""
        self.left()
        if self._is_looking_back:
            self._is_looking_back = False
            self.call_later(self._show_result)
        else:
            self._fetch()

    def skipped(self) -> None:
        """Go on without an answer."""
        self._fetch()

    # The end

    async def _show_result(self) -> None:
        self._is_over = True
        options = [Option(self._row(number, done)) for number, done in enumerate(self._done, 1)]
        rows = RowList(*options, id="run-result")
        await self.show_widgets(Prose(self._summary()), rows, focus=lambda: rows)
        if self._done:
            rows.highlighted = min(self._at, len(self._done) - 1)
        self.question = self.answer = None
        self.refresh_bindings()

    def _summary(self) -> list[Flow]:
        right = sum(done.mark == RIGHT for done in self._done)
        items = [line(f"{right} of {len(self._done)} right", "title")]
        answers = [done.answer for done in self._done if done.answer is not None]
        if answers:
            share = sum(answer.result.score for answer in answers) / len(answers)
            items.append(line(f"Score of what was answered: {share:.0%}.", tight=True))
        if self._missed():
            items.append(line("What was missed comes back in the daily review. m asks it once more now."))
        items.append(line("Enter shows a question again with its explanations.", "muted"))
        return items

    def _row(self, number: int, done: Done) -> Content:
        prompt = " ".join(text_of(inline(done.question.variant.prompt)).split())
        colour = {RIGHT: "$text-success", WRONG: "$text-error"}.get(done.mark, "$text-muted")
        word = {RIGHT: "right", WRONG: "wrong"}.get(done.mark, "skipped")
        if done.answer is not None and 0 < done.answer.result.score < 1:
            word = f"{done.answer.result.score:.0%}"
        short = prompt if len(prompt) <= 110 else f"{prompt[:109]}…"
        return Content.assemble(
            f"{number:>2} ", (done.mark, f"bold {colour}"), f" {word}  ", (short, "$text-muted")
        )

    def _missed(self) -> tuple[str, ...]:
        return tuple(done.question.id for done in self._done if done.mark == WRONG)

    @on(OptionList.OptionSelected)
    async def _look_back(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._at = event.option_index
        done = self._done[event.option_index]
        if done.answer is None:
            self.notify("This question was skipped, so there is no answer to show.", markup=False)
            return
        self._is_looking_back = True
        head = _head(done.question)
        await self.report(done.question, done.answer, head=head, next_label="Back to the result")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "missed":
            return self._is_over and not self._is_looking_back and bool(self._missed())
        if action == "more":
            return self._is_over and not self._is_looking_back
        return super().check_action(action, parameters)

    async def action_missed(self) -> None:
        """Ask what was missed once more."""
        missed, access = self._missed(), self.access
        await self.show_words([])
        self._start(lambda: access.again("What was missed", missed))

    async def action_more(self) -> None:
        """Begin another round."""
        await self.show_words([])
        self._start(self._begin)

    def action_leave(self) -> None:
        """Go back to the result, or from the screen."""
        if self._is_looking_back:
            self.went_on("next")
        else:
            super().action_leave()


def _head(question: AskedQuestion) -> list[Flow]:
    return [line(question.about, "muted", tight=True)] if question.about else []
