"""Asks for a folder and writes generated files to it; what is there is kept beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Static

from eks_lab.content.questions import RIGHT, WRONG
from eks_lab.errors import EksLabError, InputError
from eks_lab.generate.model import GeneratedFile
from eks_lab.generate.output import Written, write_files
from eks_lab.locations import expanded
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.screens.save_code import NameBox
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult

_NAMED = 3
"""So many of the files that are there already are named."""


class FilesWritten(Message):
    """A worker has written the files, or could not, or first has a question."""

    def __init__(
        self,
        folder: Path,
        written: Sequence[Written] = (),
        taken: Sequence[str] = (),
        error: EksLabError | None = None,
    ) -> None:
        """Carry the outcome to the event loop.

        Args:
            folder: where they are.
            written: what became of each file.
            taken: files of other content that have these names; nothing was written then.
            error: why nothing was written.
        """
        super().__init__()
        self.folder = folder
        self.written = written
        self.taken = taken
        self.error = error


class SaveFiles(LabModal[Path]):
    """The result is the folder that has the files now."""

    BINDING_GROUP_TITLE = "Save"
    HELP = "Enter saves. Where files of these names are there already, it asks first, and keeps copies as NAME.bak."
    AUTO_FOCUS = "#save-name"

    def __init__(self, folder: Path, files: Sequence[GeneratedFile]) -> None:
        """Offer to save.

        Args:
            folder: suggested.
            files: what to write.
        """
        super().__init__(name="save-files")
        self._folder = folder
        self._files = tuple(files)

    def compose(self) -> ComposeResult:
        """Compose folder and buttons."""
        with Vertical(classes="dialog"):
            yield Static(
                f"Save {len(self._files)} files in the folder", classes="dialog--title", markup=False
            )
            yield NameBox(str(self._folder), id="save-name", compact=True)
            names = ", ".join(file.name for file in self._files)
            yield Static(names, classes="dialog--hint", markup=False)
            yield Static("", id="save-error", classes="dialog--error", markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button("Save", id="save-new", variant="primary", compact=True)
                yield Button("Overwrite, keep copies", id="save-over", compact=True, classes="-hidden")
        yield KeyFooter()

    def _chosen_folder(self) -> Path:
        typed = self.query_one("#save-name", Input).value.strip()
        if not typed or not typed.isprintable():
            raise InputError(f"{typed!r} is not the name of a folder.", hint="Type one such as infra.")
        return self.lab.save_folder() / expanded(typed)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#save-error", Static).update("")
        self.query_one("#save-over").add_class("-hidden")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._save(over=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._save(over=event.button.id == "save-over")

    def _save(self, *, over: bool) -> None:
        try:
            self._write(self._chosen_folder(), over=over)
        except EksLabError as error:
            self._say(str(error))

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _write(self, folder: Path, *, over: bool) -> None:
        try:
            taken = (
                [] if over else [file.name for file in self._files if _differs(folder / file.name, file.text)]
            )
            if taken:
                self.post_message(FilesWritten(folder, taken=taken))
                return
            written = write_files((folder / file.name, file.text) for file in self._files)
        except EksLabError as error:
            self.post_message(FilesWritten(folder, error=error))
        else:
            self.post_message(FilesWritten(folder, written))

    @on(FilesWritten)
    def _written(self, event: FilesWritten) -> None:
        event.stop()
        if event.error is not None:
            self._say(str(event.error))
            return
        if event.taken:
            names = ", ".join(event.taken[:_NAMED]) + (" …" if len(event.taken) > _NAMED else "")
            count = len(event.taken)
            self._say(
                f"{count} {'file is' if count == 1 else 'files are'} there with another content: {names}. "
                "Overwriting keeps each as NAME.bak; or name another folder."
            )
            button = self.query_one("#save-over", Button)
            button.remove_class("-hidden")
            button.focus()
            return
        backups = [written.backup.name for written in event.written if written.backup is not None]
        kept = (
            f"\nBefore: {', '.join(backups[:_NAMED])}{' …' if len(backups) > _NAMED else ''}"
            if backups
            else ""
        )
        same = sum(written.is_unchanged for written in event.written)
        as_before = f"\n{same} of them as they were" if same else ""
        self.app.notify(
            f"{len(event.written)} files in {event.folder}{kept}{as_before}",
            title=f"{RIGHT} Saved",
            markup=False,
        )
        self.dismiss(event.folder)

    def _say(self, text: str) -> None:
        self.query_one("#save-error", Static).update(f"{WRONG} {text}")


def _differs(path: Path, text: str) -> bool:
    """Return whether something else has that name; what cannot be read does."""
    try:
        return path.read_bytes() != text.encode()
    except FileNotFoundError:
        return False
    except OSError:
        return True
