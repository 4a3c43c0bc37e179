"""Moments of a world under names, to go back to: in memory for speed, on disk for tomorrow."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import Any

import orjson

from eks_lab.aws.account import AccountState
from eks_lab.aws.world import WorldState
from eks_lab.errors import DataError, InputError
from eks_lab.sandbox import journal_format
from eks_lab.sandbox.state_directory import unwritable, write_private

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_ACCOUNT, _MOTO, _NOTES, _CLUSTERS = "account.jsonl", "moto.state", "notes.json", "clusters"


class Moments:
    """Kept states of one sandbox."""

    def __init__(self, folder: Path) -> None:
        """Name the place.

        Args:
            folder: made when something is kept.
        """
        self._folder = folder
        self._known: dict[str, tuple[WorldState, dict[str, Any]]] = {}

    def keep(self, name: str, state: WorldState, notes: dict[str, Any]) -> None:
        """Keep a state in memory, in place of one of the name; `write` puts it on the disk.

        Args:
            name: lower-case letters, digits, dashes.
            state: of the world.
            notes: JSON values that belong to it.

        Raises:
            InputError: it is no name.
        """
        if not _NAME.fullmatch(name):
            raise InputError(f"name: {name!r} is not lower-case letters, digits and dashes")
        self._known[name] = (state, notes)

    def write(self, name: str) -> None:
        """Put a kept state on the disk; may run in another thread, for states never change.

        Raises:
            DataError: it cannot be written.
        """
        state, notes = self._known[name]
        folder = self._folder / f"{name}.new"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            (folder / _CLUSTERS).mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise unwritable(folder, error) from error
        write_private(folder / _ACCOUNT, _bytes_of(state.account.records))
        write_private(folder / _MOTO, state.account.moto)
        write_private(folder / _NOTES, orjson.dumps(notes))
        for cluster, kept in state.clusters.items():
            write_private(folder / _CLUSTERS / f"{cluster}.jsonl", _bytes_of(kept))
        target = self._folder / name
        try:
            shutil.rmtree(target, ignore_errors=True)
            folder.replace(target)
        except OSError as error:
            raise unwritable(target, error) from error

    def found(self, name: str) -> tuple[WorldState, dict[str, Any]]:
        """Return a kept state with its notes.

        Raises:
            DataError: none is kept under that name, or it is damaged.
        """
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def forget(self, name: str) -> None:
        """Keep it no more; one that is not there is fine."""
        self._known.pop(name, None)
        if _NAME.fullmatch(name):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def names(self) -> list[str]:
        """Return the names there are."""
        on_disk = [each.name for each in self._folder.iterdir()] if self._folder.is_dir() else []
        return sorted({*self._known, *(each for each in on_disk if _NAME.fullmatch(each))})

    def _read(self, name: str) -> tuple[WorldState, dict[str, Any]]:
        folder = self._folder / name
        if not _NAME.fullmatch(name) or not folder.is_dir():
            there = ", ".join(self.names()) or "none"
            raise DataError(f"no moment is kept as {name!r}", hint=f"There are: {there}.")
        try:
            account = AccountState(
                journal_format.read_snapshot(folder / _ACCOUNT)[0], (folder / _MOTO).read_bytes()
            )
            clusters = {
                path.stem: journal_format.read_snapshot(path)[0]
                for path in sorted((folder / _CLUSTERS).glob("*.jsonl"))
            }
            notes = orjson.loads((folder / _NOTES).read_bytes())
        except (OSError, ValueError) as error:
            raise DataError(f"{folder}: the kept moment cannot be read: {error}") from error
        return WorldState(account, clusters), notes


def _bytes_of(state: Any) -> bytes:
    file = io.BytesIO()
    journal_format.write_snapshot(file, state, is_clean=True)
    return file.getvalue()
