"""Exporting progress to a file and importing it again, so that neither can lose anything."""

from __future__ import annotations

import contextlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from eks_lab.errors import DataError, InputError
from eks_lab.learning.document import HINT, read_document, write_document
from eks_lab.learning.merge import Merged, merge_document, to_document
from eks_lab.learning.progress import Progress
from eks_lab.learning.set_aside import sync_folder

LARGEST_IMPORT_MIB = 256
"""A longer file is not a progress export: 100,000 answers take about 20 MiB."""


def export_text(progress: Progress, now: datetime) -> str:
    """Return all progress as a JSON document (see `eks_lab.learning.document`).

    Args:
        progress: where it is read from.
        now: the time written into the document.

    Raises:
        DataError: the database cannot be read.
    """
    return write_document(to_document(progress.database, now))


def write_export(text: str, target: Path, *, force: bool = False) -> None:
    """Write an export so that the file is there whole or not at all, readable by its owner only.

    Args:
        text: the document.
        target: the file to make.
        force: replace a file that exists.

    Raises:
        InputError: the file exists and `force` is not set, or it is a folder, or its folder is missing.
        DataError: it could not be written; an existing file is untouched.
    """
    if target.is_dir():
        raise InputError(f"{target} is a folder", hint=f"Name a file in it: {target / 'progress.json'}")
    if not target.parent.is_dir():
        raise InputError(f"the folder {target.parent} does not exist", hint="Make it first, or name another.")
    if not force and os.path.lexists(target):
        raise _exists(target)
    draft = ""
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if force:
            Path(draft).replace(target)
        else:
            _rename_to_new(Path(draft), target)
        sync_folder(target.parent)
    except FileExistsError:
        raise _exists(target) from None
    except OSError as error:
        raise DataError(
            f"{target} could not be written: {error.strerror or error}",
            hint="Name a file in a folder you may write to. Nothing was changed.",
        ) from error
    finally:
        if draft:
            with contextlib.suppress(OSError):
                Path(draft).unlink(missing_ok=True)


def read_import(source: Path) -> bytes:
    """Return the bytes of a file to import.

    Raises:
        InputError: it cannot be read, or is far too large for an export.
    """
    try:
        with source.open("rb") as file:
            return read_stream(file, str(source))
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}") from None


def read_stream(stream: BinaryIO, source: str) -> bytes:
    """Return the bytes of a document to import; a pipe or a device has no size to ask for first.

    Args:
        stream: where it is read from.
        source: its name, for messages.

    Raises:
        InputError: it is far too large for an export.
    """
    largest = int(LARGEST_IMPORT_MIB * 2**20)
    content = stream.read(largest + 1)
    if len(content) > largest:
        message = f"{source} is not a progress export: it is more than {LARGEST_IMPORT_MIB} MiB long"
        raise InputError(message, hint=HINT)
    return content


def import_bytes(progress: Progress, content: bytes, source: str) -> Merged:
    """Merge an exported document into the progress here; nothing that is here is lost.

    Args:
        progress: where it goes.
        content: the document, JSON in UTF-8.
        source: where it comes from, for messages.

    Raises:
        InputError: it is not a progress export; nothing was changed.
        DataError: it could not be stored; nothing was changed.
    """
    return merge_document(progress.database, read_document(content, source), source)


def _rename_to_new(draft: Path, target: Path) -> None:
    """Give a finished file its name; raise FileExistsError if that was taken meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here (FAT, some network disks): claim the name, then replace the claim.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(target)


def _exists(target: Path) -> InputError:
    return InputError(f"{target} exists already", hint="Name another file, or add --force to replace it.")
