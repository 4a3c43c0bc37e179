"""What the app reads on opening: the theme of last time, the learner's record, the course."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from eks_lab.clock import Clock
from eks_lab.errors import EksLabError
from eks_lab.tui.themes import DEFAULT_THEME, THEMES

if TYPE_CHECKING:
    from eks_lab.learning.progress import Progress

_THEME_FILE = "theme"


def course_folder(content_root: Path) -> Path:
    """Return the folder that holds `course.yaml`: the one given, or `lessons` in it."""
    return content_root if (content_root / "course.yaml").exists() else content_root / "lessons"


def last_theme(cache_dir: Path) -> str:
    """Return the theme of last time without opening the database: the first frame has its colours."""
    try:
        name = (cache_dir / _THEME_FILE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return DEFAULT_THEME
    return name if name in {theme.name for theme in THEMES} else DEFAULT_THEME


def keep_theme(cache_dir: Path, name: str) -> None:
    """Note the theme for the first frame of next time; a cache that cannot be written is no harm."""
    with suppress(OSError):
        cache_dir.mkdir(parents=True, exist_ok=True)
        (cache_dir / _THEME_FILE).write_text(name, encoding="utf-8")


def open_record(data_dir: Path, clock: Clock) -> tuple[Progress, str]:
    """Open the learner's record, or one that is forgotten afterwards when that cannot be used.

    Args:
        data_dir: folder of the database.
        clock: gives the time of what is recorded.

    Returns:
        The record, and what the learner should know about it; empty when all is well.
    """
    from eks_lab.learning.progress import FILE_NAME, open_progress

    try:
        progress = open_progress(data_dir / FILE_NAME, clock)
    except EksLabError as error:
        # Reading goes on; only remembering does not.
        folder = Path(tempfile.mkdtemp(prefix="eks-lab-"))
        return open_progress(folder / FILE_NAME, clock), f"{error} Nothing you do now will be remembered."
    return progress, progress.notice
