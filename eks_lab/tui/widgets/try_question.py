"""A question in the page before commands are run: y and n answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class TryQuestion(VerticalGroup, can_focus=True):
    """Waits for an answer; Escape is a no."""

    BINDING_GROUP_TITLE = "Question"
    HELP = "The commands of the box wait for your answer; nothing has been run yet."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Yes", tooltip="The first answer: run the commands"),
        Binding("n,escape", "answer(False)", "No", tooltip="The second answer: run nothing"),
    ]
    DEFAULT_CSS = """
    TryQuestion {
        height: auto;
        padding: 0 1;
        border-left: wide $warning;
        Static { height: auto; }
        Horizontal { height: auto; margin-top: 1; }
        Button { margin-right: 2; }
    }
    """

    @dataclass
    class Answered(Message):
        """It was answered."""

        question: TryQuestion
        yes: bool

        @property
        def control(self) -> TryQuestion:
            """The question."""
            return self.question

    def __init__(self, texts: tuple[str, ...], yes: str) -> None:
        """Ask.

        Args:
            texts: paragraphs.
            yes: label of the first answer.
        """
        super().__init__()
        self._texts = texts
        self._yes = yes

    def compose(self) -> ComposeResult:
        """Compose question and answers."""
        yield Static("\n".join(self._texts), markup=False)
        with Horizontal():
            for label, name in ((f"{self._yes} (y)", "try-yes"), ("No (n)", "try-no")):
                button = Button(label, classes=name, compact=True)
                # The keys are the question's own: one stop of Tab.
                button.can_focus = False
                yield button

    def action_answer(self, yes: bool) -> None:
        """Pass the answer on."""
        self.post_message(self.Answered(self, yes))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer(event.button.has_class("try-yes"))
