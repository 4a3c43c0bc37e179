"""A generator on a screen of its own: choices, the files beside or below them, presets, comparing, saving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.widgets import Static

from eks_lab.generate.model import Bundle, Generator
from eks_lab.tui.drafts import Draft
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.difference import DifferenceDialog
from eks_lab.tui.widgets.file_pane import FilePane
from eks_lab.tui.widgets.form_fields import FormFields
from eks_lab.tui.widgets.generator_fields import GeneratorFields
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from eks_lab.tui.generation_process import Generation

WIDE = 100
"""From so many columns on the files stand beside the fields."""
BESIDE = "-beside"
ONLY_MANIFESTS = (
    "Only manifests are applied from here. Save the files with s; in their folder, eks-lab terraform -- init and "
    "eks-lab terraform -- apply run Terraform on the sandbox."
)


class GeneratorScreen(LabScreen[None]):
    """One generator."""

    BINDING_GROUP_TITLE = "Generator"
    HELP = """
`tab` goes from field to field and on to the files, which follow every change. `escape` leaves a field, then the
screen. Letters work outside of the fields. In the files `?` marks a line that says below why it is there; `w` goes to
the next one. The checker's findings stand below their lines; `n` goes to the next one, `L` to its lesson.
"""
    HORIZONTAL_BREAKPOINTS = [*LabScreen.HORIZONTAL_BREAKPOINTS, (WIDE, BESIDE)]  # noqa: RUF012
    AUTO_FOCUS = "CalculatorField .field--control"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Choices", id="gen.edit", tooltip="To the first field, or to one that is wrong"),
        Binding("v", "view", "Files", id="gen.view", tooltip="To the files"),
        Binding("p", "preset", "Preset", id="gen.preset", tooltip="Start from a named set of choices"),
        Binding(
            "s", "save", "Save", id="gen.save", tooltip="Save to a folder; what is there is kept as .bak"
        ),
        Binding("c", "copy", "Copy", id="gen.copy", tooltip="Copy the file that is shown"),
        Binding(
            "d",
            "compare",
            "Compare",
            id="gen.compare",
            tooltip="With the guide, and with what you saved last",
        ),
        Binding("w", "next_reason", "Next why", id="gen.why", tooltip="To the next line that has a reason"),
        Binding("n", "next_finding", "Next finding", id="gen.finding", tooltip="To what the checker found"),
        Binding(
            "right_square_bracket", "file(1)", "Next file", show=False, id="gen.next", tooltip="Next file"
        ),
        Binding(
            "left_square_bracket",
            "file(-1)",
            "File before",
            show=False,
            id="gen.previous",
            tooltip="File before",
        ),
        Binding("f", "choose_file", "Files by name", show=False, id="gen.files", tooltip="Choose a file"),
        Binding("l", "lesson", "Lesson", id="gen.lesson", tooltip="Read the lesson that explains it"),
        Binding(
            "L", "finding_lesson", "Its lesson", id="gen.finding-lesson", tooltip="Lesson of the finding here"
        ),
        Binding("r", "reset", "Reset", id="gen.reset", tooltip="Put the generator's own values back"),
        Binding(
            "x",
            "sandbox",
            "Sandbox",
            show=False,
            id="gen.sandbox",
            tooltip="Apply it in the sandbox",
        ),
        Binding("escape", "leave", "Back", id="gen.leave", tooltip="Back to where you were"),
    ]

    DEFAULT_CSS = """
    GeneratorScreen {
        #gen-body { height: 1fr; layout: vertical; }
        #gen-form { height: 2fr; width: 1fr; padding: 0 1; overflow: hidden auto; scrollbar-size-vertical: 1; }
        FilePane { height: 3fr; border-top: solid $ink-rule; }
        #gen-summary { color: $text-muted; margin: 0 0 1 0; }
        #gen-notes { color: $foreground; margin: 1 0 0 0; height: auto; }
        CalculatorField .field--control { margin: 0 0 0 28; }
        CalculatorField.-narrow .field--control { margin: 1 0 0 2; }
    }
    GeneratorScreen.-low {
        #gen-form { height: 3; }
        FilePane { height: 1fr; border-top: none; }
        FilePreview { scrollbar-size-horizontal: 0; }
        .pane--why { display: none; }
        #gen-summary { display: none; }
    }
    GeneratorScreen.-beside {
        #gen-body { layout: horizontal; }
        #gen-form { width: 58; height: 1fr; }
        FilePane { height: 1fr; border-top: none; border-left: solid $ink-rule; }
        CalculatorField .field--control { width: 22; margin: 0 0 0 23; }
    }
    """

    def __init__(self, generator: Generator, draft: Draft, generation: Generation) -> None:
        """Show a generator as it was left.

        Args:
            generator: the generator.
            draft: what was left in it; kept up to date.
            generation: makes the files.
        """
        super().__init__(name="generator")
        self.generator = generator
        self._draft = draft
        self._generation = generation
        self.pane = FilePane()
        self._notes = Static("", id="gen-notes", markup=False)

    def compose(self) -> ComposeResult:
        """Compose fields and files."""
        self._fields = GeneratorFields(
            self.generator, self._generation, self.lab.clock.now().date(), typed=self._draft.typed
        )
        yield TopBar("Generators", self.generator.title)
        with ScrollableContainer(id="gen-body", can_focus=False):
            with ScrollableContainer(id="gen-form", can_focus=False):
                yield Static(self.generator.summary, id="gen-summary", markup=False)
                yield self._fields
                yield self._notes
            yield self.pane
        yield KeyFooter()

    def on_resize(self, event: events.Resize) -> None:
        """Put labels above their fields where lines are short."""
        self._fields.set_narrow(event.size.width)

    def on_screen_suspend(self) -> None:
        """Keep what was entered: the form may be opened again from further on."""
        self._keep()

    def on_unmount(self) -> None:
        """Keep what was entered."""
        self._keep()

    def _keep(self) -> None:
        if self._fields.is_attached:
            self._draft.keep(self._fields.typed)

    @property
    def bundle(self) -> Bundle | None:
        """The present files; None before the first."""
        return self._fields.preview.bundle if self._fields.preview is not None else None

    @on(GeneratorFields.Previewed)
    def _previewed(self, event: GeneratorFields.Previewed) -> None:
        event.stop()
        self._draft.keep(self._fields.typed)
        with self.app.batch_update():
            self.pane.show(event.preview)
            notes = event.preview.bundle.notes
            said = [("Before you apply it", "bold"), *(f"\n• {note}" for note in notes)] if notes else [""]
            self._notes.update(Content.assemble(*said))
        self.refresh_bindings()

    @on(GeneratorFields.Judged)
    def _judged(self, event: GeneratorFields.Judged) -> None:
        event.stop()
        self.pane.show_judgement(event.judgement)
        self.refresh_bindings()

    @on(GeneratorFields.Unsettled)
    def _unsettled(self, event: GeneratorFields.Unsettled) -> None:
        event.stop()
        self.pane.set_old(event.why)
        self._draft.keep(self._fields.typed)
        self.refresh_bindings()

    @on(FormFields.Left)
    def _left(self, event: FormFields.Left) -> None:
        event.stop()
        self.pane.preview.focus(scroll_visible=False)

    @on(FilePane.FindingReached)
    def _finding_reached(self, event: FilePane.FindingReached) -> None:
        event.stop()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action in ("copy", "compare", "choose_file", "sandbox"):
            return self.bundle is not None
        if action == "save":
            # What does not belong to the fields must not be taken for it.
            return True if self.bundle is not None and not self._fields.why_old else None
        if action == "file":
            return self.bundle is not None and len(self.bundle.files) > 1
        if action == "next_finding":
            return bool(self.pane.findings)
        if action == "finding_lesson":
            return bool(self.pane.lesson) and self.lab.has_lesson(self.pane.lesson)
        if action == "preset":
            return bool(self.generator.presets)
        if action == "lesson":
            return self.lab.has_lesson(self.generator.lesson)
        return True

    def action_edit(self) -> None:
        """Go to the fields."""
        self._fields.focus_first()

    def action_view(self) -> None:
        """Go to the files."""
        self.pane.preview.focus(scroll_visible=False)

    def action_preset(self) -> None:
        """Start from a named set of choices."""

        def use(name: str | None) -> None:
            if name is not None:
                self._fields.use_preset(name)

        choices = [("", "Defaults")] + [(name, name) for name in self.generator.presets]
        self.app.push_screen(Choose("Start from", choices, "-"), use)

    def action_copy(self) -> None:
        """Copy the file that is shown."""
        if (file := self.pane.file) is not None:
            self.app.copy_to_clipboard(file.text)
            lines = file.text.count("\n")
            self.notify(f"{lines} lines", title=f"Copied: {file.name}", markup=False)

    def action_save(self) -> None:
        """Save the files; a name that is taken is asked about, and a copy is kept."""
        if self.bundle is not None:
            self.lab.save_bundle(self.bundle)

    def action_compare(self) -> None:
        """Show what differs from the guide, and from what was saved last."""
        if self.bundle is not None:
            saved = self.lab.saved_files(self.generator.name)
            self.app.push_screen(DifferenceDialog(self.generator, self.bundle, saved))

    def action_next_finding(self) -> None:
        """Go to what the checker found."""
        if self.pane.next_finding():
            self.pane.preview.focus(scroll_visible=False)

    def action_next_reason(self) -> None:
        """Go to the next line that says why it is there."""
        if self.pane.next_reason():
            self.pane.preview.focus(scroll_visible=False)

    def action_file(self, by: int) -> None:
        """Show the file after or before this one."""
        self.pane.step_file(by)
        self.refresh_bindings()

    def action_choose_file(self) -> None:
        """Choose a file by name."""
        if self.bundle is None:
            return
        names = [file.name for file in self.bundle.files]
        present = self.pane.file.name if self.pane.file is not None else ""

        def go(name: str | None) -> None:
            if name is not None and name in names:
                self.pane.go_to_file(names.index(name))

        self.app.push_screen(Choose("Show file", [(name, name) for name in names], present), go)

    def action_lesson(self) -> None:
        """Read the lesson that explains the generator."""
        self.lab.follow(f"lesson:{self.generator.lesson}")

    def action_finding_lesson(self) -> None:
        """Read the lesson of the finding at the cursor."""
        self.lab.follow(f"lesson:{self.pane.lesson}")

    def action_reset(self) -> None:
        """Put the generator's own values back."""
        self._fields.reset()

    def action_sandbox(self) -> None:
        """Apply the manifests in the learner's sandbox; say what kubectl said."""
        if self.bundle is None:
            return
        if self.generator.produces != "manifest":
            self.notify(ONLY_MANIFESTS, title="Terraform", markup=False)
            return
        texts = [each.text for each in self.bundle.files if each.name.endswith((".yaml", ".yml"))]
        work = partial(self._apply, "---\n".join(texts))
        self.run_worker(work, group="sandbox", thread=True, exclusive=True, exit_on_error=False)

    def _apply(self, manifests: str) -> None:
        said = self.lab.sandbox.apply(manifests)
        self.app.call_from_thread(self.notify, said, title="Applied in the sandbox", markup=False)

    def action_leave(self) -> None:
        """Go back."""
        self._keep()
        self.dismiss(None)
