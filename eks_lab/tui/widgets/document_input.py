"""A field for the name of a file: it completes names, and reads the file off the event loop."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual.message import Message

from eks_lab.errors import InputError
from eks_lab.tui.documents import read_document
from eks_lab.tui.widgets.line_input import Completion, LineInput

_MOST_LISTED = 5000
"""Entries of a folder that are looked at; a folder of more is not completed."""


def path_matches(typed: str) -> list[str]:
    """Return files and folders whose names begin with what is typed, as one would type them on.

    Args:
        typed: a path, perhaps unfinished; `~` is allowed.

    Returns:
        Sorted names, folders with a slash; hidden ones only when asked for; empty when the folder cannot be read.
    """
    head, tail = os.path.split(typed)
    found = []
    try:
        with os.scandir(Path(head or ".").expanduser()) as entries:
            for number, entry in enumerate(entries):
                if number >= _MOST_LISTED:
                    return []
                if entry.name.startswith(tail) and (tail.startswith(".") or not entry.name.startswith(".")):
                    found.append(os.path.join(head, entry.name) + ("/" if entry.is_dir() else ""))
    except (OSError, ValueError, RuntimeError):
        return []
    return sorted(found)


class PathCompletion(Completion):
    """The first name that begins with what is typed."""

    def __init__(self) -> None:
        super().__init__(case_sensitive=True, use_cache=False)

    async def get_suggestion(self, value: str) -> str | None:
        found = await asyncio.to_thread(path_matches, value) if value.strip() else []
        return found[0] if found else None


class DocumentInput(LineInput):
    """The name of a file whose text is an input."""

    @dataclass
    class Loaded(Message):
        """The file was read, or could not be."""

        field: DocumentInput
        path: str
        """As it stood in the field when reading began."""
        text: str | None
        problem: InputError | None
        matches: tuple[str, ...]
        """Names that begin with the path."""

        @property
        def control(self) -> DocumentInput:
            """The field."""
            return self.field

    def __init__(self, value: str, *, name: str, placeholder: str) -> None:
        """Hold a path.

        Args:
            value: path to start with.
            name: of the input, for messages.
            placeholder: shown while there is none.
        """
        super().__init__(value, suggester=PathCompletion(), placeholder=placeholder)
        self._input_name = name
        self.text: str | None = None
        """Text of the file that the field names; None before it is read and when it cannot be."""
        self.problem: InputError | None = None
        """Why there is no text."""
        self.matches: tuple[str, ...] = ()

    @property
    def is_reading(self) -> bool:
        """Whether the file of the present path is not read yet."""
        return bool(self.value.strip()) and self.text is None and self.problem is None

    def load(self) -> None:
        """Read the file of the present path, also when it was read before: it may have changed."""
        self.text = self.problem = None
        self.matches = ()
        if path := self.value.strip():
            # The app's worker, not the field's: the app is who shows a failure.
            self.app.run_worker(
                partial(self._read, path),
                thread=True,
                exclusive=True,
                group=f"document-{id(self)}",
                exit_on_error=False,
            )

    def _read(self, path: str) -> None:
        text, problem = None, None
        try:
            text = read_document(self._input_name, path)
        except InputError as error:
            problem = error
        matches = () if text is not None else tuple(path_matches(path))
        self.post_message(self.Loaded(self, path, text, problem, matches))

    def _on_document_input_loaded(self, event: Loaded) -> None:
        if event.path != self.value.strip():
            event.stop()  # somebody typed on
            return
        self.text, self.problem, self.matches = event.text, event.problem, event.matches
