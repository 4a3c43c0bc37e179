"""Open the terminal app, or say in one sentence why it cannot be opened here."""

from __future__ import annotations

import sys
from pathlib import Path

from eks_lab import locations
from eks_lab.clock import SystemClock
from eks_lab.errors import ContentError, UnavailableError


def lessons_root(content: str) -> Path:
    """Return the folder of the course: the shipped one, or the one named.

    Raises:
        ContentError: the named folder holds no course.
    """
    from eks_lab.content.files import is_there

    if not content:
        return locations.content_root() / "lessons"
    path = locations.expanded(content)
    if not is_there(path / "course.yaml"):
        raise ContentError(
            f"{path} holds no course.yaml.", hint="Name the folder of a course with --content DIR."
        )
    return path


def open_app(lesson_id: str, content: str) -> None:
    """Open the app.

    Args:
        lesson_id: lesson to open at, or empty.
        content: folder of another course, or empty.

    Raises:
        UnavailableError: there is no terminal to draw on.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UnavailableError(
            "The course needs a terminal: input or output is a pipe or a file here.",
            hint="For text use: eks-lab lesson list, then eks-lab lesson show ID --plain.",
        )
    root = lessons_root(content)
    from eks_lab.tui.app import run_app

    code = run_app(
        content_root=root,
        data_dir=locations.data_dir(),
        cache_dir=locations.cache_dir(),
        clock=SystemClock(),
        open_lesson=lesson_id,
    )
    if code:
        # What the app could not catch it has said; whoever started it learns of it by the exit code.
        raise SystemExit(code)
