"""The choices of a generator, and files that follow them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from textual.message import Message

from eks_lab.calc.model import Value
from eks_lab.errors import EksLabError, InputError
from eks_lab.generate.model import Generator
from eks_lab.tui.generation import Judgement, Preview
from eks_lab.tui.widgets.answer_text import spoken
from eks_lab.tui.widgets.calculator_preset import catalogue_description, catalogue_search, read_preset
from eks_lab.tui.widgets.form_fields import FormFields
from eks_lab.tui.widgets.instance_input import Search

if TYPE_CHECKING:
    from textual.worker import Worker, WorkType

    from eks_lab.tui.generation_process import Generation

SETTLE_SECONDS = 0.05
"""A preview is asked for when nothing was changed for so long."""


class GeneratorFields(FormFields):
    """A form whose files are made anew as it changes."""

    NO_HELP = "Tab goes from field to field; the files follow every change."

    @dataclass
    class Previewed(Message):
        """There are files, the first ones or others."""

        fields: GeneratorFields
        preview: Preview

        @property
        def control(self) -> GeneratorFields:
            """The form."""
            return self.fields

    @dataclass
    class Judged(Message):
        """The checker has looked at the files."""

        fields: GeneratorFields
        preview: Preview
        judgement: Judgement

        @property
        def control(self) -> GeneratorFields:
            """The form."""
            return self.fields

    @dataclass
    class Unsettled(Message):
        """The files do or do not belong to what the fields hold."""

        fields: GeneratorFields
        why: str
        """Why the last files are old; empty when they are not."""

        @property
        def control(self) -> GeneratorFields:
            """The form."""
            return self.fields

    def __init__(
        self,
        generator: Generator,
        generation: Generation,
        today: date,
        given: Mapping[str, str] | None = None,
        *,
        preset: str = "",
        shown: Sequence[str] = (),
        search: Search = catalogue_search,
        describe: Callable[[str], str] = catalogue_description,
        typed: Mapping[str, str] | None = None,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        """Ask for the choices of a generator.

        Args:
            generator: the generator.
            generation: makes the files.
            today: what the checker judges by.
            given: choices by name, as a page's directive gives them; a wrong one is told in place.
            preset: name of a preset to start from; empty for none.
            shown: names of the choices that have a field; empty for all.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            typed: content of fields left before, by name.
            settle_seconds: how long a preview waits for further changes.

        Raises:
            InputError: there is no such preset.
        """
        start = generator.presets.get(preset, {})
        if preset and not start:
            raise InputError(
                f"{generator.name} has no preset {preset!r}",
                hint=f"Presets: {', '.join(generator.presets) or 'none'}.",
            )
        super().__init__(
            generator,
            read_preset(generator, given or {}, start),
            shown=shown,
            search=search,
            describe=describe,
            typed=typed,
        )
        self.generator = generator
        self._generation = generation
        self._today = today
        self._settle_seconds = settle_seconds
        self._preview: Preview | None = None
        self._why_old = ""
        self._wanted: dict[str, Value] | None = None
        self._worker: Worker[None] | None = None

    @property
    def preview(self) -> Preview | None:
        """The last files; None before the first."""
        return self._preview

    @property
    def why_old(self) -> str:
        """Why the files are older than what the fields hold; empty when they are not."""
        return self._why_old

    def on_mount(self) -> None:
        """Make the first files."""
        self._changed(is_typing=False)

    def on_unmount(self) -> None:
        """Wait for nothing any more."""
        if self._worker is not None:
            self._worker.cancel()

    def use_preset(self, name: str) -> None:
        """Put the choices of a preset into the fields, and the defaults into all others.

        Args:
            name: one of the generator's presets; empty for the defaults alone.
        """
        start = self.generator.presets.get(name, {})
        self.put(read_preset(self.generator, {}, start).values)

    def _changed(self, *, is_typing: bool) -> None:
        self._refuse("")
        for field in self._fields:
            field.show_refusal("")
        values = self.read_values()
        self._wanted = values
        if values is None:
            self._set_old("Not made, a field needs another look. The last files:")
            return
        if self._worker is None or self._worker.is_finished:
            # A function, not a coroutine: one that never gets to start must not be left behind.
            work: WorkType[None] = self._follow
            # The app's worker, not the form's: the app is who shows a failure.
            self._worker = self.app.run_worker(work, group=f"preview-{id(self)}", exit_on_error=False)

    async def _follow(self) -> None:
        """Make files until they are those of what the fields hold."""
        while (values := self._wanted) is not None:
            await asyncio.sleep(self._settle_seconds)
            if values is not self._wanted:
                continue
            await self._make(values)
            if values is self._wanted:
                return

    async def _make(self, values: dict[str, Value]) -> None:
        try:
            preview = await self._generation.render(self.generator.name, values)
        except EksLabError as error:
            if values is self._wanted:
                self._refused_with(error)
            return
        except Exception as error:
            self._set_old("Not made. The last files:")
            self._refuse(f"This generator has a defect with these choices ({type(error).__name__}).")
            raise  # the app shows it and keeps the details
        if values is not self._wanted:
            return
        self._set_old("")
        if self._preview is None or preview.bundle != self._preview.bundle:
            self._preview = preview
            self.post_message(self.Previewed(self, preview))
            judgement = await self._generation.judge(preview.bundle, self._today)
            if preview is self._preview:
                self.post_message(self.Judged(self, preview, judgement))

    def _refused_with(self, error: EksLabError) -> None:
        """Say why the choices do not go together: at the field the message names, else below the fields."""
        name, _, _ = error.message.partition(":")
        self._set_old("Not made, these choices do not go together. The last files:")
        for field in self._fields:
            if field.question.name == name.strip().replace("-", "_").replace(" ", "_"):
                field.show_refusal(spoken(error))
                return
        self._refuse(spoken(error))

    def _set_old(self, why: str) -> None:
        if why != self._why_old:
            self._why_old = why
            self.post_message(self.Unsettled(self, why))
