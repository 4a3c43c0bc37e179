"""A generator in a page: change a choice and the files change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Static

from eks_lab.clock import Clock, SystemClock
from eks_lab.generate.model import Bundle, Generator
from eks_lab.tui.widgets.file_pane import FilePane
from eks_lab.tui.widgets.form_fields import FormFields
from eks_lab.tui.widgets.generator_fields import GeneratorFields

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from eks_lab.tui.generation_process import Generation

WIDE = 84
"""From this width on the files stand beside the fields."""


class GeneratorForm(VerticalGroup):
    """Fields, and the files that follow them."""

    HELP = """
## Generator

`tab` goes from field to field, and the files follow every change. In the files `up` and `down` move the cursor; a line
with `?` in the margin says below why it is there, and `w` goes to the next one. `c` copies the file, `s` saves all of
them, `r` puts the page's choices back, and `o` opens the generator on a screen of its own.
"""
    BINDING_GROUP_TITLE = "Generator"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", id="generator.copy", tooltip="Copy the file that is shown"),
        Binding("s", "save", "Save", id="generator.save", tooltip="Save the files"),
        Binding("w", "next_reason", "Next why", id="generator.why", tooltip="To the next line with a reason"),
        Binding(
            "right_square_bracket",
            "file(1)",
            "Next file",
            show=False,
            id="generator.next",
            tooltip="Next file",
        ),
        Binding(
            "left_square_bracket",
            "file(-1)",
            "File before",
            show=False,
            id="generator.previous",
            tooltip="File before",
        ),
        Binding("r", "reset", "Reset", id="generator.reset", tooltip="Put the page's choices back"),
        Binding(
            "o", "open", "Full screen", id="generator.open", tooltip="All choices, presets and comparing"
        ),
    ]

    DEFAULT_CSS = """
    GeneratorForm {
        padding: 0 1;
        border-left: outer $accent;
        background: $surface;
        .generator--title { text-style: bold; }
        .generator--summary { color: $text-muted; margin: 0 0 1 0; }
        .generator--columns { height: auto; layout: vertical; }
        .generator--fields { height: auto; }
        .generator--buttons { margin: 0 0 1 0; height: auto; }
        FilePane { height: 18; }
        Button.-textual-compact { min-width: 0; margin: 0 2 0 0; }
    }
    GeneratorForm.-wide {
        .generator--columns { layout: horizontal; }
        .generator--fields { width: 40; padding: 0 1 0 0; }
        FilePane { width: 1fr; }
        CalculatorField .field--control { width: 18; margin: 0 0 0 20; }
    }
    """

    @dataclass
    class Opened(Message):
        """The generator is wanted on a screen of its own."""

        form: GeneratorForm
        name: str
        """Of the generator."""
        typed: dict[str, str]
        """Content of the fields that differ from the generator's own defaults, by name."""

        @property
        def control(self) -> GeneratorForm:
            """The form."""
            return self.form

    @dataclass
    class SaveRequested(Message):
        """The learner wants the files."""

        form: GeneratorForm
        bundle: Bundle

        @property
        def control(self) -> GeneratorForm:
            """The form."""
            return self.form

    def __init__(
        self,
        generator: Generator,
        given: Mapping[str, str],
        *,
        preset: str = "",
        shown: Sequence[str] = (),
        generation: Generation | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show a generator.

        Args:
            generator: the generator.
            given: choices by name, as a page's directive gives them; a wrong one is told in place.
            preset: name of a preset to start from; empty for none.
            shown: names of the choices that have a field in the page; empty for all.
            generation: makes the files; the app's when left out.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.generator = generator
        self._given = dict(given)
        self._preset = preset
        self._shown = tuple(shown)
        self._generation = generation
        self.pane = FilePane()

    def compose(self) -> ComposeResult:
        """Compose title, fields and files."""
        clock: Clock = getattr(self.app, "clock", None) or SystemClock()
        generation: Generation = self._generation or self.app.generation  # type: ignore[attr-defined]
        self._fields = GeneratorFields(
            self.generator,
            generation,
            clock.now().date(),
            self._given,
            preset=self._preset,
            shown=self._shown,
        )
        hidden = self._fields.hidden
        more = f" {hidden} more choices on its own screen: o." if hidden else ""
        yield Static(f"Generator · {self.generator.title}", classes="generator--title", markup=False)
        yield Static(f"{self.generator.summary}{more}", classes="generator--summary", markup=False)
        with VerticalGroup(classes="generator--columns"):
            with VerticalGroup(classes="generator--fields"):
                yield self._fields
                with HorizontalGroup(classes="generator--buttons"):
                    yield Button("Copy", id="copy", compact=True, tooltip="Copy the file that is shown (c)")
                    yield Button("Save", id="save", compact=True, tooltip="Save the files (s)")
                    yield Button("Full screen", id="open", compact=True, tooltip="All choices, presets (o)")
            yield self.pane

    @property
    def bundle(self) -> Bundle | None:
        """The present files; None before the first."""
        return self._fields.preview.bundle if self._fields.preview is not None else None

    def _on_resize(self, event: events.Resize) -> None:
        is_wide = event.size.width >= WIDE
        if is_wide != self.has_class("-wide"):
            self.set_class(is_wide, "-wide")
        self._fields.set_narrow(event.size.width)

    @on(GeneratorFields.Previewed)
    def _previewed(self, event: GeneratorFields.Previewed) -> None:
        event.stop()
        self.pane.show(event.preview)

    @on(GeneratorFields.Judged)
    def _judged(self, event: GeneratorFields.Judged) -> None:
        event.stop()
        self.pane.show_judgement(event.judgement)

    @on(GeneratorFields.Unsettled)
    def _unsettled(self, event: GeneratorFields.Unsettled) -> None:
        event.stop()
        self.pane.set_old(event.why)

    @on(FormFields.Left)
    def _left(self, event: FormFields.Left) -> None:
        event.stop()
        self.pane.preview.focus(scroll_visible=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        match event.button.id:
            case "copy":
                self.action_copy()
            case "save":
                self.action_save()
            case _:
                self.action_open()

    def action_copy(self) -> None:
        """Copy the file that is shown."""
        if (file := self.pane.file) is None:
            self.notify("There is no file yet.", severity="warning")
            return
        self.app.copy_to_clipboard(file.text)
        lines = file.text.count("\n")
        self.notify(f"{lines} lines", title=f"Copied: {file.name}", markup=False)

    def action_save(self) -> None:
        """Ask for the files to be saved."""
        if self.bundle is None or self._fields.why_old:
            self.notify("There are no files of these choices.", severity="warning")
            return
        self.post_message(self.SaveRequested(self, self.bundle))

    def action_next_reason(self) -> None:
        """Go to the next line that says why it is there."""
        self.pane.next_reason()

    def action_file(self, by: int) -> None:
        """Show the file after or before this one."""
        self.pane.step_file(by)

    def action_reset(self) -> None:
        """Put the page's choices back."""
        self._fields.reset()

    def action_open(self) -> None:
        """Ask for the generator on a screen of its own."""
        self.post_message(self.Opened(self, self.generator.name, self._fields.typed))
