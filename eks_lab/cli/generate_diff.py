"""What differs between a file of the learner's and what a generator makes now."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from eks_lab.errors import InputError


def difference(path: Path, text: str) -> Iterator[str]:
    """Yield a unified diff from a file to a new text; nothing when they are the same.

    Args:
        path: the learner's file; one that does not exist counts as empty.
        text: what the generator makes.

    Raises:
        InputError: the file cannot be read as text.
    """
    from eks_lab.tui.documents import read_document

    there = read_document("--out", str(path)) if path.exists() or path.is_symlink() else ""
    if path.is_dir():
        raise InputError(f"{path} is a folder.", hint="Name a file.")
    yield from (
        line.rstrip("\n")
        for line in difflib.unified_diff(
            there.splitlines(keepends=True), text.splitlines(keepends=True), str(path), "generated", n=3
        )
    )
