"""One input of a calculator as a row of a form: label, control, unit, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.content import Content
from textual.css.query import NoMatches
from textual.message import Message
from textual.widgets import Input, Select, Static

from eks_lab.calc import forms, model
from eks_lab.content.questions import RIGHT, WRONG
from eks_lab.errors import InputError
from eks_lab.tui.widgets.answer_text import document_size, spoken
from eks_lab.tui.widgets.document_input import DocumentInput
from eks_lab.tui.widgets.flag_box import FlagBox
from eks_lab.tui.widgets.instance_input import InstanceInput, Search
from eks_lab.tui.widgets.line_input import CONTROL_CLASSES, LineInput

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size

_SHOWN_MATCHES = 8
_POINTER = "› "


def control_text(value: model.Value) -> str:
    """Return a value as a control holds it: empty for one that is not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value)


class ChoiceInput(Select[str]):
    """One value out of several."""

    def _setup_options_renderables(self) -> None:
        # Who leaves the screen while it is being filled takes the list away before it is there.
        with suppress(NoMatches):
            super()._setup_options_renderables()


class CalculatorField(VerticalGroup):
    """A row of the form; reads its own value and shows its own problem."""

    BINDING_GROUP_TITLE = "Field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave the fields", id="calculator.leave", tooltip="Leave the fields"),
    ]

    DEFAULT_CSS = """
    CalculatorField {
        .field--control { margin: 0 0 0 27; width: 24; height: 1; }
        Input.-textual-compact { border: none; padding: 0 1; background: $panel; }
        Input.-textual-compact:focus { border: none; text-style: bold; }
        Select.-textual-compact SelectCurrent { padding: 0 1; background: $panel; }
        Select:focus SelectCurrent #label { text-style: bold; }
        .field--note { padding: 0 0 0 2; color: $text-muted; }
        .field--note.-problem { color: $text-error; }
    }
    CalculatorField.-narrow {
        .field--control { width: 1fr; margin: 1 0 0 2; }
    }
    """

    @dataclass
    class Edited(Message):
        """The content of the field changed."""

        field: CalculatorField
        is_typing: bool
        """Whether more of the same is to be expected: somebody types."""

        @property
        def control(self) -> CalculatorField:
            """The field."""
            return self.field

    @dataclass
    class Visited(Message):
        """The learner came to the field."""

        field: CalculatorField

        @property
        def control(self) -> CalculatorField:
            """The field."""
            return self.field

    @dataclass
    class Finished(Message):
        """The learner is done with the field."""

        field: CalculatorField
        leaves: bool
        """True to leave the fields, False to go on with the next one."""

        @property
        def control(self) -> CalculatorField:
            """The field."""
            return self.field

    def __init__(
        self,
        question: model.Input,
        value: model.Value,
        *,
        search: Search,
        describe: Callable[[str], str],
        typed: str | None = None,
    ) -> None:
        """Ask for one input.

        Args:
            question: the input.
            value: what the field holds at first, and after a reset.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            typed: what was left in the field before, right or wrong; the value when left out.
        """
        super().__init__()
        self._describe = describe
        self.question = question
        self.start = value
        self._is_current = False
        self._is_refused = False
        # Most fields never have one: it is mounted when there is something to say.
        self._note = Static("", classes="field--note", markup=False)
        is_unknown = question.kind == "choice" and typed not in question.choices
        self._text_at_first = self.start_text if typed is None or is_unknown else typed
        self._control = self._make_control(self._text_at_first, search)

    def _make_control(self, text: str, search: Search) -> Input | Select[str] | FlagBox:
        question = self.question
        if question.kind == "flag":
            return FlagBox(text == control_text(True), classes="field--control")
        if question.kind == "document":
            return DocumentInput(text, name=question.name, placeholder=self._document_placeholder())
        if question.kind == "choice":
            options = [(choice, choice) for choice in question.choices]
            return ChoiceInput(
                options,
                value=text or Select.NULL,
                allow_blank=question.optional,
                prompt="not set",
                compact=True,
                classes=CONTROL_CLASSES,
            )
        if question.kind == "instance":
            return InstanceInput(text, search=search)
        return LineInput(text, placeholder="not set" if question.optional else "type a value")

    def _document_placeholder(self) -> str:
        if self.start:
            return "example; or a file"
        return "not set; or a file" if self.question.optional else "name of a file"

    @property
    def start_text(self) -> str:
        """What a fresh field holds; a document's holds no name, whatever text stands behind it."""
        return "" if self.question.kind == "document" else control_text(self.start)

    def compose(self) -> ComposeResult:
        """Compose the control; label and unit are drawn around it, since each widget more is styled and laid out."""
        yield self._control

    def render(self) -> Content:
        """Return label and unit, which stand beside the control or, where that is narrow, the label above it."""
        lead = _POINTER if self._is_current else " " * len(_POINTER)
        style = "bold" if self._is_current else ""
        rows = [Content.assemble(lead, (row.plain, style)) for row in self._label_rows()]
        if not self.has_class("-narrow"):
            rows[0] = self._with_unit(rows[0])
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height: that of control and note, or of a label that takes more lines."""
        return max(super().get_content_height(container, viewport, width), len(self._label_rows()))

    def _label_rows(self) -> list[Content]:
        label = Content(self.question.label)
        if self.has_class("-narrow"):
            return [label]
        return label.wrap(max(1, self._label_width - len(_POINTER) - 1))

    @property
    def _label_width(self) -> int:
        """Cells before the control: its margin, which is the screen's to set."""
        return self._control.styles.margin.left

    def _with_unit(self, row: Content) -> Content:
        width = self._control.styles.width
        start = self._label_width + int(width.value if width is not None else 0) + 1
        room = self.size.width - start
        if not self.question.unit or room < 1:
            return row
        unit = Content.styled(self.question.unit, "$text-muted").truncate(room, ellipsis=True)
        return Content.assemble(row, " " * (start - row.cell_length), unit)

    @property
    def raw(self) -> str:
        """What the control holds, as text; empty for nothing."""
        if not self._control.is_mounted:
            # Some controls take their value only when they are mounted.
            return self._text_at_first
        match self._control:
            case FlagBox():
                return control_text(self._control.value)
            case Input():
                return self._control.value
            case _:
                selected = self._control.value
                return selected if isinstance(selected, str) else ""

    @property
    def has_file(self) -> bool:
        """Whether the field holds the text of a file of the learner's."""
        return isinstance(self._control, DocumentInput) and self._control.text is not None

    @property
    def help_text(self) -> str:
        """What the field asks for and which keys help."""
        match self._control:
            case InstanceInput():
                keys = " ↑ ↓ step through matches, → completes."
            case DocumentInput():
                keys = " → completes the name, Enter reads the file again."
            case FlagBox():
                keys = " Space changes it."
            case Select():
                keys = " Enter opens the choices."
            case _:
                keys = " May stay empty." if self.question.optional else ""
        return f"{self.question.help}{keys}"

    def read(self) -> model.Value:
        """Return the checked value.

        Raises:
            InputError: it cannot be used; the field shows why.
        """
        try:
            value = forms.read_value(self.question, self._content())
        except InputError as error:
            self._show_problem(error)
            raise
        self._show_note(self._about(value))
        return value

    def _content(self) -> object:
        """Return what is to be checked: what the control holds, or the text of the file it names."""
        control = self._control
        if not isinstance(control, DocumentInput):
            return self.raw
        if control.problem is not None:
            raise control.problem
        if control.is_reading:
            raise InputError(f"{self.question.name}: the file is being read")
        return control.text if control.text is not None else self.start

    def _about(self, value: model.Value) -> str:
        if not isinstance(value, str):
            return ""
        if self.question.kind == "instance":
            return self._describe(value)
        if isinstance(self._control, DocumentInput) and self._control.text is not None:
            return f"{RIGHT} {document_size(value)}"
        return ""

    def reset(self) -> None:
        """Put the first value back, without telling."""
        self.put(self.start_text)

    def put(self, text: str) -> None:
        """Put something into the field, without telling.

        Args:
            text: as `raw` returns it.
        """
        with self.prevent(Input.Changed, Select.Changed, FlagBox.Changed):
            match self._control:
                case FlagBox():
                    self._control.value = text == control_text(True)
                case DocumentInput():
                    self._control.value = text
                    self._control.load()
                case Input():
                    self._control.value = text
                case _:
                    self._control.value = text if text in self.question.choices else Select.NULL

    def focus_control(self) -> None:
        """Give the control the focus."""
        self._control.focus()

    def action_leave(self) -> None:
        """Leave the fields, so that the page's keys work again."""
        self.post_message(self.Finished(self, leaves=True))

    @property
    def is_being_typed(self) -> bool:
        """Whether the field holds the beginning of a name that somebody is typing."""
        control = self._control
        return (
            isinstance(control, InstanceInput | DocumentInput)
            and control.has_focus
            and bool(control.value.strip() and control.matches)
        )

    def _show_problem(self, error: InputError) -> None:
        control = self._control
        if isinstance(control, DocumentInput) and control.is_reading:
            self._show_note("Reading…")
            return
        if self.is_being_typed and isinstance(control, InstanceInput | DocumentInput):
            matches = control.matches
            more = f" … {len(matches)} in all" if len(matches) > _SHOWN_MATCHES else ""
            self._show_note("  ".join(matches[:_SHOWN_MATCHES]) + more)
            return
        self._show_note(f"{WRONG} {spoken(error)}", is_problem=True)

    def show_refusal(self, why: str) -> None:
        """Say what is wrong with the field's value beside others; empty to take that back.

        Args:
            why: in a sentence.
        """
        if why:
            self._is_refused = True
            self._show_note(f"{WRONG} {why}", is_problem=True)
        elif self._is_refused:
            self._is_refused = False
            self._show_note("")

    def _show_note(self, text: str, *, is_problem: bool = False) -> None:
        if self._note.content != text:  # each update lays the page out again
            self._note.update(text)
        self._note.set_class(is_problem, "-problem")
        self._note.display = bool(text)
        self._mount_note()

    def _mount_note(self) -> None:
        if self._note.content and self._note.parent is None and self.is_mounted:
            self._note.styles.margin = (max(0, len(self._label_rows()) - 1), 0, 0, 0)
            self.mount(self._note)

    def _on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._mark(True)
        self.post_message(self.Visited(self))

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._mark(False)
        if isinstance(self._control, InstanceInput | DocumentInput):
            # What was tolerated while it was typed is a mistake once it is left.
            self.post_message(self.Edited(self, is_typing=True))

    def _mark(self, is_current: bool) -> None:
        self._is_current = is_current
        self.refresh()

    def on_mount(self) -> None:
        """Show what was said before there was a place for it, and read the file that was left in the field."""
        self._mount_note()
        if isinstance(self._control, DocumentInput):
            self._control.load()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(self._control, DocumentInput):
            self._control.load()
        self.post_message(self.Edited(self, is_typing=True))

    @on(DocumentInput.Loaded)
    def _loaded(self, event: DocumentInput.Loaded) -> None:
        event.stop()
        self.post_message(self.Edited(self, is_typing=True))

    @on(Select.Changed)
    @on(FlagBox.Changed)
    def _chosen(self, event: Select.Changed | FlagBox.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self, is_typing=False))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if isinstance(self._control, DocumentInput):
            self._control.load()
        if not (isinstance(self._control, InstanceInput) and self._control.complete()):
            self.post_message(self.Finished(self, leaves=False))
