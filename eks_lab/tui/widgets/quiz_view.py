"""The quiz that closes a lesson: one question at a time, then the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Static

from eks_lab.content.model import Question
from eks_lab.content.questions import Given, grade, is_answer
from eks_lab.tui.messages import QuestionsRequested
from eks_lab.tui.widgets.question_text import score_text, symbol
from eks_lab.tui.widgets.question_view import QuestionView
from eks_lab.tui.widgets.quiz_places import QuizPlaces
from eks_lab.tui.widgets.quiz_score import QuizScore

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class QuizView(VerticalGroup):
    """Two to four questions, answered by keyboard alone; may be answered again."""

    BINDING_GROUP_TITLE = "Quiz"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left",
            "go(-1)",
            "Question before",
            id="quiz.previous",
            show=False,
            tooltip="To the question before",
        ),
        Binding(
            "right", "go(1)", "Next question", id="quiz.next", show=False, tooltip="To the next question"
        ),
        Binding("r", "again", "Try again", id="quiz.again", tooltip="Answer this question again"),
    ]

    DEFAULT_CSS = """
    QuizView {
        padding: 0 1;
        border-left: outer $secondary;
        background: $surface;
        Prose { background: $surface; }
        OptionPicker:focus > .-cursor, OptionPicker > Prose:hover { background: $panel; }
        .prose--success { color: $text-success; }
        .prose--problem { color: $text-error; }
        .quiz--head { height: auto; margin: 0 0 1 0; }
        .quiz--title { width: 1fr; text-style: bold; }
        Button.-textual-compact {
            min-width: 0;
            margin: 0 2 0 0;
            background: $panel;
            color: $foreground;
            text-style: none;
            &:hover { text-style: underline; }
            &:focus {
                background: $block-cursor-background;
                color: $block-cursor-foreground;
                text-style: bold underline;
            }
        }
    }
    """

    @dataclass
    class Answered(Message):
        """A question was answered, for the first time or again."""

        quiz: QuizView
        question_id: str
        rev: int
        given: Given
        """Indexes of options as the file lists them, ascending, or a number."""
        correct: bool

        @property
        def control(self) -> QuizView:
            """The quiz with the question."""
            return self.quiz

    def __init__(
        self,
        questions: Sequence[Question],
        given: Mapping[str, Given],
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Ask questions.

        Args:
            questions: of the lesson, in order; at least one.
            given: earlier answers by question id, of the present revisions; those that no longer
                fit their question are left out.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.questions = tuple(questions)
        self.given: dict[str, Given] = {
            question.id: given[question.id]
            for question in self.questions
            if question.id in given and is_answer(question, given[question.id])
        }
        unanswered = (n for n, question in enumerate(self.questions) if question.id not in self.given)
        self.place = next(unanswered, len(self.questions))
        """Index of the question on the screen; their number stands for the score."""
        self._title = Static("", classes="quiz--title", markup=False)
        self._places = QuizPlaces()
        self._pane: Widget = self._new_pane()

    def compose(self) -> ComposeResult:
        """Compose the head and the first question without an answer, or the score."""
        with HorizontalGroup(classes="quiz--head"):
            yield self._title
            yield self._places
        yield self._pane

    def on_mount(self) -> None:
        """Fill the head."""
        self._show_head()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer `again` only for an answered question."""
        return action != "again" or self._is_answered()

    async def action_go(self, step: int) -> None:
        """Go to a neighbouring question, without answering this one."""
        place = self.place + step
        if not 0 <= place <= len(self.questions):
            raise SkipAction
        await self.show(place)

    async def action_again(self) -> None:
        """Ask this question again; the earlier answer counts until the next one."""
        await self.show(self.place, again=True)

    async def show(self, place: int, *, again: bool = False) -> None:
        """Bring a question or the score on the screen, and the focus to it.

        Args:
            place: index of a question, or their number for the score.
            again: ask although there is an answer.
        """
        self.place = place
        old, self._pane = self._pane, self._new_pane(again=again)
        async with self.batch():
            await old.remove()
            await self.mount(self._pane)
            self._show_head()
        target = (
            self._pane.first_target if isinstance(self._pane, QuestionView) else self.query_one("#review")
        )
        target.focus(scroll_visible=False)
        # The head first: verdict and explanations are then read downwards, from the top of the page.
        self.call_after_refresh(self.scroll_visible, top=True, animate=False)
        self.refresh_bindings()

    @on(QuestionView.Submitted)
    async def _answered(self, event: QuestionView.Submitted) -> None:
        event.stop()
        question = event.question
        self.given[question.id] = event.given
        correct = grade(question, event.given)
        self.post_message(self.Answered(self, question.id, question.rev, event.given, correct))
        await self.show(self.place)

    @on(QuestionView.Moved)
    async def _moved(self, event: QuestionView.Moved) -> None:
        event.stop()
        if event.where == "again":
            await self.action_again()
        else:
            await self.show(self.place + 1)

    @on(QuizPlaces.Chosen)
    async def _chosen(self, event: QuizPlaces.Chosen) -> None:
        event.stop()
        await self.show(event.place)

    @on(Button.Pressed, "#review")
    async def _review(self, event: Button.Pressed) -> None:
        event.stop()
        await self.show(0)

    @on(Button.Pressed, "#restart")
    async def _restart(self, event: Button.Pressed) -> None:
        event.stop()
        self.given.clear()
        await self.show(0)

    @on(Button.Pressed, "#more")
    def _more(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(QuestionsRequested())

    def _is_answered(self) -> bool:
        return isinstance(self._pane, QuestionView) and self._pane.given is not None

    def _new_pane(self, *, again: bool = False) -> Widget:
        if self.place == len(self.questions):
            return QuizScore(self.questions, self.given)
        question = self.questions[self.place]
        given = None if again else self.given.get(question.id)
        return QuestionView(question, given, is_last=self.place == len(self.questions) - 1)

    def _show_head(self) -> None:
        count = len(self.questions)
        if self.place == count:
            self._title.update("Quiz · your score")
            self._places.show(self._symbols(), None)
        else:
            self._title.update(f"Quiz · {self.place + 1} of {count}")
            self._places.show(self._symbols(), self.place)
        self._places.tooltip = score_text(self.questions, self.given)

    def _symbols(self) -> list[str]:
        return [symbol(question, self.given.get(question.id)) for question in self.questions]
