"""Asks for the name of a file and writes code to it; what is there stays there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Static

from eks_lab.errors import EksLabError
from eks_lab.tui.saving import NameTakenError, free_name, resolve_name, save_new, save_over
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Saved(Message):
    """A worker has written the file, or could not."""

    def __init__(self, path: Path, backup: Path | None = None, error: EksLabError | None = None) -> None:
        """Carry the outcome to the event loop.

        Args:
            path: the file.
            backup: keeps what was in it before.
            error: why it was not written.
        """
        super().__init__()
        self.path = path
        self.backup = backup
        self.error = error


class NameBox(Input):
    """The name; Enter saves."""

    BINDING_GROUP_TITLE = "File name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Save", id="save.save", tooltip="Write the file"),
    ]


class SaveCode(LabModal[Path]):
    """The result is the file that was written."""

    BINDING_GROUP_TITLE = "Save"
    HELP = (
        "Enter saves. A name that is taken is never overwritten unless you press that button; a copy is kept."
    )
    AUTO_FOCUS = "#save-name"

    def __init__(self, folder: Path, suggested_name: str, text: str) -> None:
        """Offer to save.

        Args:
            folder: where names without a folder go.
            suggested_name: without folders.
            text: what to write.
        """
        super().__init__(name="save")
        self._folder = folder
        self._suggested = suggested_name
        self._code_text = text

    def compose(self) -> ComposeResult:
        """Compose name and buttons."""
        lines = self._code_text.rstrip("\n").count("\n") + 1
        with Vertical(classes="dialog"):
            yield Static(
                f"Save {lines} line{'s' if lines > 1 else ''} as", classes="dialog--title", markup=False
            )
            yield NameBox(self._suggested, id="save-name", compact=True)
            yield Static(f"in {self._folder}", classes="dialog--hint", markup=False)
            yield Static("", id="save-error", classes="dialog--error", markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button("Save", id="save-new", variant="primary", compact=True)
                yield Button("Take the free name", id="save-free", compact=True, classes="-hidden")
                yield Button("Overwrite, keep a copy", id="save-over", compact=True, classes="-hidden")
        yield KeyFooter()

    def _path(self) -> Path:
        return resolve_name(self._folder, self.query_one("#save-name", Input).value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#save-error", Static).update("")
        self._offer_ways_out(False)

    def _offer_ways_out(self, taken: bool) -> None:
        for name in ("#save-free", "#save-over"):
            self.query_one(name).set_class(not taken, "-hidden")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_save()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "save-new":
            self.action_save()
            return
        try:
            path = self._path()
            if event.button.id == "save-free":
                self.query_one("#save-name", Input).value = free_name(path).name
                self._write(free_name(path), over=False)
            else:
                self._write(path, over=True)
        except EksLabError as error:
            self._say(error)

    def action_save(self) -> None:
        """Write the file if its name is free."""
        try:
            self._write(self._path(), over=False)
        except EksLabError as error:
            self._say(error)

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _write(self, path: Path, *, over: bool) -> None:
        try:
            backup = save_over(path, self._code_text) if over else None
            if not over:
                save_new(path, self._code_text)
        except EksLabError as error:
            self.post_message(Saved(path, error=error))
        else:
            self.post_message(Saved(path, backup))

    @on(Saved)
    def _saved(self, event: Saved) -> None:
        event.stop()
        if event.error is not None:
            self._say(event.error)
            return
        kept = f"\nBefore: {event.backup.name}" if event.backup is not None else ""
        self.app.notify(f"{event.path}{kept}", title="✓ Saved", markup=False)
        self.dismiss(event.path)

    def _say(self, error: EksLabError) -> None:
        self.query_one("#save-error", Static).update(f"✗ {error}")
        self._offer_ways_out(isinstance(error, NameTakenError))
