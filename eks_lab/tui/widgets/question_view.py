"""One question of a quiz: asked, or answered with its explanations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Input, Static

from eks_lab.content.model import Question
from eks_lab.content.questions import WRONG, Given, option_order, parse_number
from eks_lab.errors import InputError
from eks_lab.tui.widgets.answer_text import spoken
from eks_lab.tui.widgets.number_input import NumberInput
from eks_lab.tui.widgets.option_picker import OptionPicker
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.question_text import (
    explanation_flow,
    how_to,
    inline,
    prompt_flow,
    unlinked,
    verdict_flow,
)

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class QuestionView(VerticalGroup):
    """A question with its options or its field; with an answer, the verdict and every explanation."""

    DEFAULT_CSS = """
    QuestionView {
        .question--how { color: $text-muted; margin: 0 0 1 0; }
        .question--problem { color: $text-error; display: none; }
        .question--problem.-shown { display: block; }
        .question--number { height: 1; }
        .question--number NumberInput { width: 20; height: 1; border: none; padding: 0 1; background: $panel; }
        .question--number NumberInput:focus { border: none; text-style: bold; }
        .question--number Static { width: 1fr; padding: 0 1; }
        .question--buttons { margin: 1 0 0 0; }
        .question--verdict { margin: 1 0 0 0; }
        .question--why { margin: 1 0 0 0; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The learner answers."""

        view: QuestionView
        question: Question
        given: Given

        @property
        def control(self) -> QuestionView:
            """The question that was answered."""
            return self.view

    @dataclass
    class Moved(Message):
        """The learner wants to go on."""

        view: QuestionView
        where: str
        """`next` or `again`."""

        @property
        def control(self) -> QuestionView:
            """The question to leave."""
            return self.view

    def __init__(self, question: Question, given: Given | None, *, is_last: bool) -> None:
        """Show a question.

        Args:
            question: the question.
            given: the answer; None asks for it.
            is_last: whether the score comes next.
        """
        super().__init__()
        self.question = question
        self.given = given
        self._is_last = is_last
        self._order = option_order(question)

    def compose(self) -> ComposeResult:
        """Compose the question, asked or answered."""
        yield Prose(prompt_flow(self.question), classes="question--prompt")
        yield from self._compose_asked() if self.given is None else self._compose_answered(self.given)

    def _compose_asked(self) -> ComposeResult:
        question = self.question
        yield Static(how_to(question), classes="question--how", markup=False)
        if question.kind == "number":
            with HorizontalGroup(classes="question--number"):
                yield NumberInput(placeholder="type a number", select_on_focus=False)
                yield Static(question.unit, markup=False)
        else:
            texts = [unlinked(inline(question.options[index].text)) for index in self._order]
            yield OptionPicker(texts, is_multi=question.kind == "multi")
        yield Static("", classes="question--problem", markup=False)
        with HorizontalGroup(classes="question--buttons"):
            yield Button("Answer", id="answer", compact=True)

    def _compose_answered(self, given: Given) -> ComposeResult:
        yield Prose(verdict_flow(self.question, given), classes="question--verdict")
        with HorizontalGroup(classes="question--buttons"):
            label = "See the score" if self._is_last else "Next question"
            yield Button(label, id="next", compact=True)
            yield Button("Try again", id="again", compact=True)
        yield Prose(explanation_flow(self.question, self._order, given), classes="question--why")

    @property
    def first_target(self) -> Widget:
        """What should have the focus: the options, the field, or the way on."""
        if self.given is not None:
            return self.query_one("#next", Button)
        return self.query_one(NumberInput if self.question.kind == "number" else OptionPicker)

    @on(OptionPicker.Submitted)
    def _picked(self, event: OptionPicker.Submitted) -> None:
        event.stop()
        if not event.picked:
            self._refuse("Nothing is picked. Space picks the option under the cursor.")
            return
        given = tuple(sorted(self._order[place] for place in event.picked))
        self.post_message(self.Submitted(self, self.question, given))

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            given = parse_number(event.value, self.question.unit)
        except InputError as error:
            self._refuse(spoken(error))
            return
        self.post_message(self.Submitted(self, self.question, given))

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(".question--problem", Static).remove_class("-shown")

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id != "answer":
            self.post_message(self.Moved(self, event.button.id or ""))
        elif self.question.kind == "number":
            await self.query_one(NumberInput).action_submit()
        else:
            self._answer_picked()

    def _answer_picked(self) -> None:
        picker = self.query_one(OptionPicker)
        if picker.picked:
            picker.action_submit()
        else:
            self._refuse("Nothing is picked yet.")
            picker.focus()

    def _refuse(self, why: str) -> None:
        problem = self.query_one(".question--problem", Static)
        problem.update(f"{WRONG} {why}")
        problem.add_class("-shown")
