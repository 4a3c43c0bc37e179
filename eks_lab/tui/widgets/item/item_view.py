"""One question of the bank: asked, being judged, or answered with its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, assert_never

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Static

from eks_lab.content.diagram.model import Diagram
from eks_lab.content.items.given import Given
from eks_lab.content.items.judging import judge
from eks_lab.content.items.model import (
    ChoiceItem,
    CommandItem,
    DiagramItem,
    ManifestItem,
    MatchItem,
    MultiItem,
    NumberItem,
    OrderItem,
    RecallItem,
)
from eks_lab.content.items.result import WRONG, Result
from eks_lab.content.items.variant import Variant
from eks_lab.errors import InputError
from eks_lab.tui.widgets.item.answer_field import AnswerField
from eks_lab.tui.widgets.item.answer_report import AnswerReport
from eks_lab.tui.widgets.item.choice_field import ChoiceField
from eks_lab.tui.widgets.item.item_text import how_to, prompt_flow, verdict_flow
from eks_lab.tui.widgets.item.match_field import MatchField
from eks_lab.tui.widgets.item.number_field import NumberField
from eks_lab.tui.widgets.item.order_field import OrderField
from eks_lab.tui.widgets.item.text_field import TextField
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from eks_lab.grading.practical.practice import Typed


class ItemView(VerticalGroup):
    """A question of any kind, by keyboard alone.

    Without an answer it asks. With one it shows the report, unless `shows_feedback` is off: then it goes on asking, with
    the answer standing in the field (as in an exam). Commands and manifests are judged by whoever hosts the view:
    `show_judging` while that takes place, then a new view with `result` and `transcript`.
    """

    BINDING_GROUP_TITLE = "Question"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "answer", "Answer", show=False, id="item.answer", tooltip="Answer the question"),
        Binding("n", "move('next')", "Next", id="item.next", tooltip="Go on"),
        Binding("a", "move('again')", "Try again", id="item.again", tooltip="Answer this question again"),
    ]
    DEFAULT_CSS = """
    ItemView {
        .prose--success { color: $text-success; }
        .prose--problem { color: $text-error; }
        .item--how { color: $text-muted; margin: 0 0 1 0; }
        .item--problem { color: $text-error; display: none; margin: 1 0 0 0; }
        .item--problem.-shown { display: block; }
        .item--judging { display: none; margin: 1 0 0 0; color: $text-accent; }
        .item--buttons { margin: 1 0 0 0; }
        .item--buttons Button { min-width: 0; margin: 0 2 0 0; }
        .item--verdict { margin: 1 0 0 0; }
        DiagramView { margin: 1 0; }
        &.-judging {
            .item--judging { display: block; }
            .item--buttons { display: none; }
        }
    }
    """

    @dataclass
    class Submitted(Message):
        """The learner answers."""

        view: ItemView
        variant: Variant
        given: Given

        @property
        def control(self) -> ItemView:
            """The question that was answered."""
            return self.view

    @dataclass
    class Moved(Message):
        """The learner wants to go on from an answered question."""

        view: ItemView
        where: str
        """`next` or `again`."""

        @property
        def control(self) -> ItemView:
            """The question to leave."""
            return self.view

    @dataclass
    class Overruled(Message):
        """The learner has overruled which key points of a recall were found."""

        view: ItemView
        said: dict[str, bool]
        """By id of the point, only where the learner differs from what was found."""
        result: Result
        """With the learner's word."""

        @property
        def control(self) -> ItemView:
            """The question."""
            return self.view

    def __init__(
        self,
        variant: Variant,
        given: Given | None = None,
        *,
        is_last: bool,
        shows_feedback: bool = True,
        result: Result | None = None,
        transcript: Sequence[Typed] = (),
        diagram: Diagram | None = None,
        overruled: Mapping[str, bool] | None = None,
        answer_label: str = "Answer",
        next_label: str | None = None,
        offers_again: bool = False,
        id: str | None = None,
    ) -> None:
        """Show a question.

        Args:
            variant: the question as it is asked.
            given: an answer; None asks for it. It must have the form the question asks for (`is_given`).
            is_last: whether what comes next is the end.
            shows_feedback: whether an answer is shown with its judgement; else it is asked for again.
            result: the judgement of `given`; left out, it is worked out here, which commands and manifests cannot.
            transcript: what the learner's commands printed.
            diagram: for a diagram question, the diagram it is about.
            overruled: what the learner said of key points before.
            answer_label: of the button that answers.
            next_label: of the button that goes on; empty for none.
            offers_again: whether an answered question may be asked once more.
            id: of the widget.
        """
        super().__init__(id=id)
        self.variant = variant
        self.given = given
        self.result = result
        if given is not None and shows_feedback and result is None:
            self.result = judge(variant, given)
        self._transcript = tuple(transcript)
        self._diagram = diagram
        self._overruled = overruled
        self._answer_label = answer_label
        self._next_label = ("See the result" if is_last else "Next") if next_label is None else next_label
        self._offers_again = offers_again
        self._names = self._part_names()
        self._verdict = Prose((), classes="item--verdict")
        self._field: AnswerField | None = None
        self._report: AnswerReport | None = None
        if given is not None and shows_feedback:
            assert self.result is not None
            self._report = AnswerReport(
                variant,
                given,
                self.result,
                transcript=self._transcript,
                names=self._names,
                overruled=overruled,
            )
            self._verdict.set_items(verdict_flow(self.result, is_own=bool(overruled)))
        else:
            self._field = self._new_field()

    # Asking

    @property
    def is_answered(self) -> bool:
        """Whether the report is shown, not the field."""
        return self._report is not None

    @property
    def is_judging(self) -> bool:
        """Whether somebody is judging the answer."""
        return self.has_class("-judging")

    @property
    def first_target(self) -> Widget:
        """What should have the focus: the field, or the way on."""
        if self._field is not None:
            return self._field.target
        assert self._report is not None
        buttons = list(self.query(Button))
        return self._report.first_target or (buttons[0] if buttons else self)

    def current(self) -> Given | None:
        """Return what stands in the field as an answer; None while it is none, or when nothing is asked."""
        if self._field is None:
            return self.given
        try:
            return self._field.given()
        except InputError:
            return None

    def show_judging(self, said: str) -> None:
        """Say that the answer is being judged, and let nothing be changed meanwhile.

        Args:
            said: what is going on and how to end it; empty when it is over without a judgement.
        """
        self.set_class(bool(said), "-judging")
        self.query_one(".item--judging", Static).update(said)
        if self._field is not None:
            self._field.disabled = bool(said)
            if not said:
                self._field.target.focus()

    def refuse(self, why: str) -> None:
        """Say why the answer was not taken; it stays in the field.

        Args:
            why: one or two sentences.
        """
        problem = self.query_one(".item--problem", Static)
        problem.update(f"{WRONG} {why}")
        problem.add_class("-shown")
        problem.scroll_visible(animate=False)

    def compose(self) -> ComposeResult:
        """Compose the question, asked or answered."""
        if self._field is not None:
            yield Prose(prompt_flow(self.variant), classes="item--prompt")
            yield Static(how_to(self.variant.item), classes="item--how", markup=False)
            yield self._field
            yield Static("", classes="item--problem", markup=False)
            yield Static("", classes="item--judging", markup=False)
            with HorizontalGroup(classes="item--buttons"):
                yield Button(self._answer_label, id="answer", compact=True)
            # Below: question and parts are on one screen with it then, or with its upper half.
            yield from self._compose_diagram()
            return
        assert self._report is not None
        yield Prose(prompt_flow(self.variant), classes="item--prompt")
        # The way on stands above the explanations: both are on the screen when the page is short.
        yield self._verdict
        if self._next_label or self._offers_again:
            with HorizontalGroup(classes="item--buttons"):
                if self._next_label:
                    yield Button(self._next_label, id="next", compact=True)
                if self._offers_again:
                    yield Button("Try again", id="again", compact=True)
        yield self._report
        yield from self._compose_diagram()

    def _compose_diagram(self) -> ComposeResult:
        if self._diagram is not None:
            from eks_lab.tui.widgets.diagram_view import DiagramView

            yield DiagramView(self._diagram)

    def _new_field(self) -> AnswerField:
        variant, given = self.variant, self.given
        item = variant.item
        match item:
            case ChoiceItem() | MultiItem():
                return ChoiceField(variant, given)
            case DiagramItem():
                return ChoiceField(variant, given, self._names)
            case OrderItem():
                return OrderField(variant, given)
            case MatchItem():
                return MatchField(variant, given)
            case NumberItem():
                return NumberField(variant, given)
            case RecallItem() | CommandItem() | ManifestItem():
                return TextField(variant, given)
            case _:
                assert_never(item)

    def _part_names(self) -> dict[str, str]:
        if self._diagram is None:
            return {}
        from eks_lab.content.diagram.describe import part_names

        return part_names(self._diagram)

    # Answering

    def action_answer(self) -> None:
        """Answer with what stands in the field."""
        if self._field is None or self.is_judging:
            return
        try:
            given = self._field.given()
        except InputError as error:
            self.refuse(f"{error.message} {error.hint}".strip())
            self._field.target.focus()
            return
        self.post_message(self.Submitted(self, self.variant, given))

    @on(AnswerField.Entered)
    def _entered(self, event: AnswerField.Entered) -> None:
        event.stop()
        self.action_answer()

    @on(AnswerField.Changed)
    def _changed(self, event: AnswerField.Changed) -> None:
        event.stop()
        self.query_one(".item--problem", Static).remove_class("-shown")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "answer":
            self.action_answer()
        else:
            self.post_message(self.Moved(self, event.button.id or "next"))

    @on(AnswerReport.Overruled)
    def _overruled_points(self, event: AnswerReport.Overruled) -> None:
        event.stop()
        self.result = event.result
        self._verdict.set_items(verdict_flow(event.result, is_own=bool(event.said)))
        self.post_message(self.Overruled(self, event.said, event.result))

    @on(AnswerReport.Done)
    def _done(self, event: AnswerReport.Done) -> None:
        event.stop()
        self.post_message(self.Moved(self, "next"))

    def action_move(self, where: str) -> None:
        """Go on from an answered question."""
        self.post_message(self.Moved(self, where))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer an answer while one is asked for, and the way on once it is given."""
        if action == "move":
            offered = self._offers_again if parameters == ("again",) else bool(self._next_label)
            return self._report is not None and offered
        return action != "answer" or self._field is not None
