"""The learner's own files as inputs of calculators: read whole, or refused in one sentence. No Textual here."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from eks_lab.errors import InputError
from eks_lab.locations import expanded

LARGEST_BYTES = 20_000_000
"""A larger file is a mistake: the manifests of 10,000 pods have a few MB."""
_SAVE_AS_UTF8 = "Save it as UTF-8 text."


def read_document(name: str, file_name: str) -> str:
    """Return the text of a file.

    Args:
        name: of the input, for the message.
        file_name: as typed; `~` is allowed.

    Raises:
        InputError: the file is missing, a folder, unreadable, larger than 20 MB, binary, or not UTF-8.
    """
    path = expanded(file_name)
    if "\0" in file_name:
        raise InputError(f"{name}: {file_name!r} is no file name", hint="Give the name of a text file.")
    try:
        if path.is_dir():
            raise InputError(f"{name}: {file_name} is a folder", hint="Name a file inside it.")
        with path.open("rb") as file:
            return read_stream(name, file_name, file)
    except FileNotFoundError:
        raise InputError(
            f"{name}: there is no file {file_name}",
            hint=f"Looked in {_folder_looked_in(path)}. Check the name.",
        ) from None
    except OSError as error:
        raise InputError(
            f"{name}: {file_name} cannot be read: {(error.strerror or str(error)).lower()}",
            hint="Check its name and permissions.",
        ) from None


def read_stream(name: str, file_name: str, stream: BinaryIO) -> str:
    """Return the text of an open file, no more of it read than a file may have.

    Args:
        name: of the input, for the message.
        file_name: for the message.
        stream: open for bytes.

    Raises:
        InputError: too large, binary, or not UTF-8.
    """
    # Not the size on disk: a pipe or a device has none.
    data = stream.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise InputError(
            f"{name}: {file_name} is larger than {LARGEST_BYTES // 1_000_000} MB",
            hint="Give the part that matters.",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name}: {file_name} is UTF-16 text", hint=_SAVE_AS_UTF8)
    if b"\0" in data:
        raise InputError(f"{name}: {file_name} is a binary file", hint="Give a text file.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: {file_name} is not UTF-8 text: byte {error.start:,} is 0x{data[error.start]:02x}",
            hint=_SAVE_AS_UTF8,
        ) from None


def _folder_looked_in(path: Path) -> str:
    return str(path.parent.absolute())
