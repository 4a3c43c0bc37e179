"""The learner's folder of one lab: files that the start puts there and the learner edits."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from eks_lab.errors import ContentError, DataError, InputError
from eks_lab.grading.pack import LARGEST_FILE, safe_name

MOST_FILES = 500
_HIDDEN = frozenset({".terraform", ".git", "__pycache__"})


class Workspace:
    """A folder that belongs to one run of a lab."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is made when something is put there.

        Args:
            root: the folder.
        """
        self.root = root

    def path(self, name: str) -> Path:
        """Return where a file is.

        Raises:
            InputError: the name leads out of the folder.
        """
        try:
            found = self.root / safe_name(name)
        except ContentError as error:
            raise InputError(error.message, hint=error.hint) from error
        if not found.resolve().is_relative_to(self.root.resolve()):
            raise InputError(f"{name!r} leads out of the lab's folder by a link", hint="Use a file in it.")
        return found

    def write(self, name: str, text: str) -> None:
        """Put a file there, in place of one of the name.

        Raises:
            DataError: it cannot be written.
        """
        path = self.path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}", hint="Make the folder writable.") from error

    def read(self, name: str) -> str:
        """Return a file's text.

        Raises:
            InputError: it is missing, too large or not text.
        """
        path = self.path(name)
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise InputError(f"{name} is larger than {LARGEST_FILE:,} bytes")
            return path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            there = ", ".join(self.names()) or "no files"
            raise InputError(f"{name} is not there", hint=f"In {self.root} there are: {there}.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{name} cannot be read: {error}") from error

    def names(self) -> list[str]:
        """Return the files' names with forward slashes, sorted; what programs leave behind is left out."""
        found: list[str] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(each for each in folders if each not in _HIDDEN)
            found += [(Path(folder) / each).relative_to(self.root).as_posix() for each in sorted(files)]
            if len(found) > MOST_FILES:
                break
        return sorted(found)[:MOST_FILES]

    def texts(self, name: str) -> dict[str, str]:
        """Return name -> text of one file, or of all below a folder.

        Raises:
            InputError: it is missing, or a file cannot be read.
        """
        path = self.path(name) if name not in (".", "") else self.root
        if not path.is_dir():
            return {name: self.read(name)}
        inside = "" if path == self.root else f"{safe_name(name).as_posix()}/"
        return {each: self.read(each) for each in self.names() if each.startswith(inside)}

    def clear(self) -> None:
        """Remove everything."""
        if self.root.is_dir():
            for each in self.root.iterdir():
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each, ignore_errors=True)
                else:
                    each.unlink(missing_ok=True)
        else:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def fingerprint(self) -> str:
        """Return a hash of names and contents."""
        found = hashlib.sha256()
        for name in self.names():
            found.update(name.encode() + b"\0" + (self.root / name).read_bytes() + b"\0")
        return found.hexdigest()
