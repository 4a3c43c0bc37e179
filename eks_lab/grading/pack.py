"""Reads the folder of a lab, and nothing outside of it.

Packs come from other people. A pack holds text files and folders only: no links, nothing executable is ever
run, nothing is huge, and names stay inside the folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from eks_lab.content.files import is_there, read_text
from eks_lab.errors import ContentError

MOST_FILES = 200
LARGEST_FILE = 512 * 1024
LARGEST_PACK = 4 * 1024 * 1024
LAB_FILE = "lab.yaml"


def safe_name(name: str) -> PurePosixPath:
    """Return a name as a path below some folder.

    Args:
        name: `files/web.yaml`.

    Raises:
        ContentError: it is absolute, empty, or leads out of the folder.
    """
    path = PurePosixPath(name)
    if (
        not name.strip()
        or not path.parts  # the folder itself
        or path.is_absolute()
        or "\\" in name
        or "\0" in name
        or ":" in path.parts[0]
        or ".." in path.parts
        or path.parts[0].startswith("~")
    ):
        raise ContentError(
            f"{name!r} does not stay inside the lab's folder.",
            hint="Write a plain name such as files/web.yaml: no / or ~ in front, no .., no drive, no backslash.",
        )
    return path


@dataclass(frozen=True, slots=True)
class Pack:
    """The folder of one lab, looked through already."""

    root: Path
    names: tuple[str, ...]
    """Every file, sorted, with forward slashes."""

    @property
    def digest(self) -> str:
        """Return a short fingerprint of everything in the folder."""
        found = hashlib.sha256()
        for name in self.names:
            found.update(name.encode() + b"\0" + (self.root / name).read_bytes() + b"\0")
        return found.hexdigest()[:16]

    def read(self, name: str) -> str:
        """Return a file's text.

        Args:
            name: relative to the folder.

        Raises:
            ContentError: no such file, not text, or the name leads elsewhere.
        """
        path = safe_name(name)
        if str(path) not in self.names:
            there = ", ".join(each for each in self.names if each != LAB_FILE) or "nothing else"
            raise ContentError(f"{self.root / path} does not exist.", hint=f"The lab's folder has: {there}.")
        return read_text(self.root / path, limit=LARGEST_FILE)


def open_pack(root: Path) -> Pack:
    """Look through the folder of a lab.

    Args:
        root: the folder that holds lab.yaml.

    Raises:
        ContentError: it is no folder, has no lab.yaml, or holds something that a pack may not hold; the message
            names it.
    """
    if root.is_symlink() or not os.path.isdir(root):
        raise ContentError(f"{root} is no folder.", hint="Name the folder that holds lab.yaml.")
    names: list[str] = []
    size = 0
    for folder, folders, files in os.walk(root, onerror=_closed):
        if not os.access(folder, os.R_OK | os.X_OK):
            _closed(PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder))
        folders.sort()
        for each in sorted([*folders, *files]):
            path = Path(folder) / each
            found = path.lstat()
            shown = path.relative_to(root).as_posix()
            if stat.S_ISLNK(found.st_mode):
                raise ContentError(f"{path} is a link.", hint="A lab holds files and folders only: copy it.")
            if stat.S_ISDIR(found.st_mode):
                continue
            if not stat.S_ISREG(found.st_mode):
                raise ContentError(f"{path} is no ordinary file.", hint="Remove it from the lab.")
            if found.st_size > LARGEST_FILE:
                raise ContentError(
                    f"{path} has {found.st_size:,} bytes; a lab's file may have {LARGEST_FILE:,}.",
                    hint="Shorten it, or make its objects with a step of `start`.",
                )
            size += found.st_size
            names.append(shown)
            if len(names) > MOST_FILES or size > LARGEST_PACK:
                raise ContentError(
                    f"{root} holds more than {MOST_FILES} files or {LARGEST_PACK:,} bytes.",
                    hint="A lab is small: remove what it does not use.",
                )
    if LAB_FILE not in names:
        raise ContentError(f"{root} holds no {LAB_FILE}.", hint="Name the folder that holds lab.yaml.")
    return Pack(root, tuple(sorted(names)))


def _closed(error: OSError) -> NoReturn:
    raise ContentError(
        f"{error.filename} cannot be read: {error.strerror}.", hint="Check the folder's permissions."
    ) from error


def pack_folders(root: Path) -> list[Path]:
    """Return the folders below one that hold a lab, sorted.

    Args:
        root: a folder of labs, or one lab.

    Raises:
        ContentError: there is no such folder.
    """
    if is_there(root / LAB_FILE):
        return [root]
    try:
        return sorted(each for each in root.iterdir() if is_there(each / LAB_FILE))
    except OSError as error:
        raise ContentError(
            f"{root} cannot be read: {error.strerror or error}.",
            hint="Name a folder of labs with --labs DIR.",
        ) from error
