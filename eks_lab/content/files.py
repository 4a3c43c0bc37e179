"""Read an author's file, or say in one sentence why it cannot be read."""

from __future__ import annotations

import stat
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

from eks_lab.errors import ContentError

MAX_BYTES = 1_000_000
"""No page a person reads is longer; a larger file is a mistake or an attack on the parser."""


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file without its byte-order mark.

    Args:
        path: the file.
        limit: largest size in bytes.

    Raises:
        ContentError: the file is missing, a folder, unreadable, too large, binary or not UTF-8.
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
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ContentError(
            f"{path} is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}.", hint="Save it as UTF-8."
        ) from error


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path, links followed, stays inside a folder."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead in a circle
        return False
