"""Read an author's file, or say in one sentence why it cannot be read."""

from __future__ import annotations

import os
import re
import stat
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

from eks_lab.errors import ContentError

MAX_BYTES = 1_000_000
"""No page a person reads is longer; a larger file is a mistake or an attack on the parser."""

HEEDED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that nobody sees and terminals obey: they colour, erase, copy, and turn the order of what is read."""


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file without its byte-order mark.

    Args:
        path: the file.
        limit: largest size in bytes.

    Raises:
        ContentError: the file is missing, a folder, unreadable, too large, binary or not UTF-8, or holds what terminals obey.
    """
    try:
        found = path.stat()
        size = found.st_size
        if stat.S_ISDIR(found.st_mode):
            raise ContentError(f"{path} is a folder, not a file.", hint="Name the file inside it.")
        if not stat.S_ISREG(found.st_mode):
            # A pipe would be waited for, and a device may never end.
            raise ContentError(f"{path} is no ordinary file.", hint="Put a text file in its place.")
        if size > limit:
            raise ContentError(
                f"{path} has {size:,} bytes; a course file may have {limit:,}.",
                hint="Split it, or move data into a file that the page quotes in part.",
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise ContentError(f"{path} does not exist.", hint="Check the name, or write the file.") from None
    except OSError as error:
        raise ContentError(
            f"{path} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise ContentError(f"{path} is UTF-16, not UTF-8.", hint="Save it as UTF-8.")
    if b"\0" in data:
        raise ContentError(f"{path} is a binary file.", hint="Course files are UTF-8 text.")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ContentError(
            f"{path} is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}.", hint="Save it as UTF-8."
        ) from error
    if (heeded := HEEDED.search(text)) is not None:
        line = text.count("\n", 0, heeded.start()) + 1
        raise ContentError(
            f"{path} has an invisible character in line {line}: {code_of(heeded[0])}.",
            hint="Delete it: terminals obey it.",
        )
    return text


def code_of(character: str) -> str:
    """Return how a character that nobody sees is named: `U+001B`."""
    return f"U+{ord(character):04X}"


def read_inside(path: Path, folder: Path) -> str:
    """Return the text of a file as `read_text` does, when its links do not lead out of a folder.

    Args:
        path: the file.
        folder: of the course.

    Raises:
        ContentError: it leads outside, or cannot be read.
    """
    if os.path.lexists(path) and not is_inside(path, folder):
        raise ContentError(f"{path} leads outside the course.", hint="Put the file itself into the folder.")
    return read_text(path)


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path, links followed, stays inside a folder."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead in a circle
        return False


def followed(path: Path) -> Path:
    """Return a path with its links followed; as it is, when they lead in a circle or its name is too long."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def is_there(path: Path) -> bool:
    """Return whether a path is a file; a name that no file can have, and a folder that is closed, hold none."""
    try:
        return path.is_file()
    except OSError:
        return False


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted.

    Raises:
        ContentError: its permissions keep it closed.
    """
    if not os.access(folder, os.R_OK | os.X_OK):
        raise ContentError(f"{folder} cannot be opened.", hint="Check the folder's permissions.")
    return sorted(folder.iterdir())
