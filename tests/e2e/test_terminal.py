"""The program in a real terminal, as a newcomer meets it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from tests.content.course_files import write_course
from tests.e2e.terminal import PATIENCE_SECONDS, Terminal

pytestmark = pytest.mark.e2e


def test_first_evening_and_the_next_day(tmp_path: Path) -> None:
    with Terminal(home=tmp_path) as terminal:
        terminal.wait_for("Welcome")
        shown = terminal.wait_for("Before you begin")
        assert "eks-lab" in shown
        assert "? Help" in shown
        assert "q Quit" in shown
        terminal.press("\r")
        terminal.wait_for("Afterwards you can")
        terminal.press("n")
        terminal.wait_for("What you should know first")
        terminal.press(" ")
        terminal.wait_for("Prerequisites" if "Prerequisites" in terminal.text else "%")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    with Terminal(home=tmp_path) as terminal:
        terminal.wait_for("Continue")
        assert "What you should know first" in terminal.wait_for("What you should know first")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_the_place_survives_kill_9(tmp_path: Path) -> None:
    database = tmp_path / "data" / "progress.sqlite3"
    with Terminal("--lesson", "networking.max-pods", home=tmp_path) as terminal:
        terminal.wait_for("Where the limit comes from")
        terminal.press(" ")
        _wait_for_place(terminal, database, "networking.max-pods")
        terminal.kill()
    with Terminal(home=tmp_path) as terminal:
        terminal.wait_for("How many pods fit on a node")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def _wait_for_place(terminal: Terminal, database: Path, lesson: str) -> None:
    """Watch the database from outside until the place is there: about a second is promised."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        # A program whose terminal nobody reads stands still as soon as that is full.
        terminal.read_for(0.05)
        if database.exists():
            connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
            try:
                rows = connection.execute(
                    "SELECT lesson_id FROM places WHERE fraction > 0 OR anchor != ''"
                ).fetchall()
            except sqlite3.OperationalError:
                rows = []
            finally:
                connection.close()
            if (lesson,) in rows:
                return
    raise AssertionError("the place was never stored")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 50)])
def test_sizes(tmp_path: Path, columns: int, rows: int) -> None:
    with Terminal(home=tmp_path, columns=columns, rows=rows) as terminal:
        terminal.wait_for("Before you begin")
        terminal.wait_for("Quit")
        last = terminal.screen.display[-1]
        assert "Help" in last
        assert "Quit" in last
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_a_terminal_of_40_by_10_has_a_way_out(tmp_path: Path) -> None:
    with Terminal(home=tmp_path, columns=40, rows=10) as terminal:
        terminal.wait_for("Quit")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_without_colour(tmp_path: Path) -> None:
    with Terminal(home=tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_for("Before you begin")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_a_broken_course_is_said_on_the_screen(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    (root / "course.yaml").write_text("format: 1\nid: [\n")
    with Terminal("--content", str(root), home=tmp_path / "home") as terminal:
        shown = terminal.wait_for("course.yaml")
        assert "Traceback" not in shown
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    with Terminal(home=tmp_path / "home") as terminal:
        terminal.wait_for("Before you begin")
        shown = terminal.wait_for("remember")
        assert "Traceback" not in shown
        terminal.press("q")
        assert terminal.wait_for_end() == 0
