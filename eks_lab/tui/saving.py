"""Save code of a lesson as a file: never over something that is there, unless that was asked for.

Files are written beside their final name and moved into place, so that a full disk leaves no half file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eks_lab.errors import InputError, UnavailableError
from eks_lab.locations import expanded

_MANY = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class NameTakenError(InputError):
    """There is a file of that name already."""


def resolve_name(folder: Path, name: str) -> Path:
    """Return the path a typed name stands for.

    Args:
        folder: where names without a folder go.
        name: as typed; `~` and folders are allowed.

    Raises:
        InputError: the name is empty, names a folder, or has control characters.
    """
    typed = name.strip()
    if not typed or _CONTROL.search(typed):
        raise InputError(f"{typed!r} is not a file name.", hint="Type a name such as nodepool.yaml.")
    path = folder / expanded(typed)
    if typed.endswith(("/", os.sep)) or path.is_dir():
        raise InputError(f"{path} is a folder.", hint="Add a file name after it.")
    return path


def free_name(path: Path) -> Path:
    """Return the path, or the first of `name-2`, `name-3` … that nothing has."""
    if not os.path.lexists(path):
        return path
    for number in range(2, _MANY):
        other = path.with_name(f"{path.stem}-{number}{path.suffix}")
        if not os.path.lexists(other):
            return other
    raise InputError(f"{path.parent} is full of files called {path.stem}-…", hint="Choose another name.")


def save_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet.

    Args:
        path: in a folder that exists.
        text: the content; a final newline is added when it has none.

    Raises:
        NameTakenError: something has that name.
        UnavailableError: the machine does not let us.
    """
    if os.path.lexists(path):
        raise NameTakenError(f"{path} exists already.", hint=f"{free_name(path).name} is free.")
    with _said_plainly(path), _written(path, text) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise NameTakenError(f"{path} exists already.", hint=f"{free_name(path).name} is free.") from None
        except OSError:
            # No hard links on this file system: creating exclusively is as safe, only not atomic.
            with path.open("x", encoding="utf-8") as file:
                file.write(Path(temporary).read_text(encoding="utf-8"))


def save_over(path: Path, text: str) -> Path:
    """Write over a file and keep what was in it.

    Args:
        path: an existing file.
        text: the content.

    Returns:
        The file that keeps the old content: `name.bak`, or the next one that is free.

    Raises:
        UnavailableError: the machine does not let us; the old file is untouched then.
    """
    backup = free_name(path.with_name(path.name + ".bak"))
    with _said_plainly(path), _written(path, text) as temporary:
        os.rename(path, backup)
        try:
            os.rename(temporary, path)
        except OSError:
            os.rename(backup, path)
            raise
    return backup


@contextmanager
def _written(path: Path, text: str) -> Iterator[Path]:
    """Give a temporary file beside its final place; it is gone at the end unless it was moved."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text if text.endswith("\n") else text + "\n")
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    """Turn what the operating system says into one sentence with a next step."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnavailableError(
            f"There is no folder {path.parent}.", hint="Make it first, or choose another one."
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnavailableError(
            f"{path} could not be written: {reason}.", hint="Choose another folder."
        ) from error
