"""What the forms of the app need: drafts that are kept, the process of previews, saving, sending answers on.

Calculators and generators share their fields, and what becomes of them is the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on

from eks_lab.errors import EksLabError
from eks_lab.tui.course_app import CourseApp
from eks_lab.tui.drafts import Drafts
from eks_lab.tui.messages import ProgressOpened
from eks_lab.tui.screen_stack import show

if TYPE_CHECKING:
    from textual.timer import Timer

    from eks_lab.generate.model import Bundle
    from eks_lab.tui.generation_process import Generation
    from eks_lab.tui.widgets.calculator_form import CalculatorForm
    from eks_lab.tui.widgets.generator_form import GeneratorForm

STORE_DRAFTS_AFTER_SECONDS = 0.5
"""What is typed into a form is on the disk at most this much later."""


class FormsApp(CourseApp):
    """An app whose calculators and generators keep what is entered."""

    def __init__(self, **course: Any) -> None:
        """Make the app; see `CourseApp` for the arguments."""
        super().__init__(**course)
        self.calculator_drafts = Drafts(self._drafts_changed)
        self.generator_drafts = Drafts(self._drafts_changed)
        self._drafts_timer: Timer | None = None

    @cached_property
    def generation(self) -> Generation:
        """Whoever makes previews and judges files; nothing is started before it is asked."""
        from eks_lab.tui.generation_process import GenerationProcess

        return GenerationProcess()

    def on_unmount(self) -> None:
        """Let no process outlive the app."""
        if "generation" in self.__dict__:
            self.generation.close()

    # Drafts

    @on(ProgressOpened)
    def _load_drafts(self, event: ProgressOpened) -> None:
        try:
            self.calculator_drafts.load(event.progress.drafts.all("calculator"))
            self.generator_drafts.load(event.progress.drafts.all("generator"))
        except EksLabError as error:
            # Forms start fresh then; what is stored stays.
            self.report(error)

    def _drafts_changed(self) -> None:
        # Not with every key: a write waits for the disk.
        if self._drafts_timer is None and self.is_running:
            self._drafts_timer = self.set_timer(STORE_DRAFTS_AFTER_SECONDS, self.store_drafts)

    def store_drafts(self) -> None:
        """Write what changed in forms since the last time."""
        timer, self._drafts_timer = self._drafts_timer, None
        if timer is not None:
            timer.stop()
        if self._progress is None:
            return
        records = self._progress.drafts
        for name, typed in self.calculator_drafts.take_changes().items():
            self.record(partial(records.keep, "calculator", name, typed))
        for name, typed in self.generator_drafts.take_changes().items():
            self.record(partial(records.keep, "generator", name, typed))

    # Screens

    def show_calculator(self, name: str, typed: Mapping[str, str] | None = None) -> None:
        """Show a calculator on its own screen, as it was left.

        Args:
            name: name of it.
            typed: content of its fields, by input name; in place of what was left.
        """
        from eks_lab.calc.registry import get
        from eks_lab.tui.screens.calculator import CalculatorScreen

        calculator = get(name)
        draft = self.calculator_drafts.draft(calculator.name)
        if typed is not None:
            draft.keep(typed)
        show(self, CalculatorScreen(calculator, draft))

    def on_calculator_form_opened(self, event: CalculatorForm.Opened) -> None:
        """Show the calculator of a page on its own screen."""
        self.show_calculator(event.name, event.typed)

    def show_generator(self, name: str, typed: Mapping[str, str] | None = None) -> None:
        """Show a generator on its own screen, as it was left.

        Args:
            name: name of it.
            typed: content of its fields, by input name; in place of what was left.
        """
        from eks_lab.generate.registry import get
        from eks_lab.tui.screens.generator import GeneratorScreen

        generator = get(name)
        draft = self.generator_drafts.draft(generator.name)
        if typed is not None:
            draft.keep(typed)
        show(self, GeneratorScreen(generator, draft, self.generation))

    def send_choices(self, name: str, choices: Mapping[str, object]) -> None:
        """Open a generator with some choices made; the others stay as they were left.

        Args:
            name: of the generator.
            choices: value by choice; None for one that is not set.
        """
        from eks_lab.generate.registry import get
        from eks_lab.tui.widgets.calculator_field import control_text

        fresh = {question.name: control_text(question.default) for question in get(name).inputs}
        typed = dict(self.generator_drafts.draft(name).typed)
        for choice, value in choices.items():
            text = control_text(value if isinstance(value, int | float | str) else None)
            typed[choice] = text
            if text == fresh.get(choice):
                del typed[choice]
        self.show_generator(name, typed)

    def on_generator_form_opened(self, event: GeneratorForm.Opened) -> None:
        """Show the generator of a page on its own screen."""
        self.show_generator(event.name, event.typed)

    def on_generator_form_save_requested(self, event: GeneratorForm.SaveRequested) -> None:
        """Save the files of a generator in a page."""
        self.save_bundle(event.bundle)

    def save_bundle(self, bundle: Bundle) -> None:
        """Ask where generated files go and write them; what is there is asked about and kept as .bak.

        Args:
            bundle: what a generator made.
        """
        names = [file.name for file in bundle.files]
        if len(names) == 1:
            from eks_lab.tui.screens.save_code import SaveCode

            def note_one(path: Path | None) -> None:
                if path is not None:
                    self.note_saved(bundle.generator, {names[0]: path})

            self.push_screen(SaveCode(self.save_folder(), names[0], bundle.files[0].text), note_one)
            return
        from eks_lab.tui.screens.save_files import SaveFiles

        def note_all(folder: Path | None) -> None:
            if folder is not None:
                self.note_saved(bundle.generator, {name: folder / name for name in names})

        self.push_screen(SaveFiles(self.save_folder() / bundle.generator, bundle.files), note_all)

    def saved_files(self, generator: str) -> dict[str, Path]:
        """Return where the files of a generator were saved last, by name; empty when that is not known."""
        if self._progress is None:
            return {}
        try:
            return self._progress.drafts.saved_files(generator)
        except EksLabError as error:
            self.report(error)
            return {}

    def note_saved(self, generator: str, files: Mapping[str, Path]) -> None:
        """Remember where files of a generator were saved.

        Args:
            generator: its name.
            files: path by file name.
        """
        if self._progress is not None:
            absolute = {name: path.absolute() for name, path in files.items()}
            self.record(partial(self._progress.drafts.note_saved, generator, absolute))
