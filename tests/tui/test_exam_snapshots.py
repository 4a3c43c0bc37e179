"""Pictures of exams and interviews. `make snapshots` takes them anew; look at each one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from eks_lab.tui.local_interviews import LocalInterviews
from eks_lab.tui.screens.exams import ExamsScreen
from eks_lab.tui.screens.interviews import InterviewsScreen
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.widgets import terminal_pane
from eks_lab.tui.widgets.item.answer_editor import AnswerEditor
from tests.builders import USUAL, WIDE, settle
from tests.held_questions import INTERVIEW_ITEMS, app_with_questions, press
from tests.tui.test_exam_screens import Desk

pytestmark = pytest.mark.skipif(version("textual") != "8.2.8", reason="pictures are made with Textual 8.2.8")
SIZES = pytest.mark.parametrize("size", [USUAL, WIDE], ids=["80x24", "120x36"])
Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look when a key asks for it, and depend on no terminal."""
    monkeypatch.setattr(WatchingScreen, "LOOK_EVERY_SECONDS", 60.0)
    monkeypatch.setattr(terminal_pane, "MODULE", "textual_tty_that_is_not_there")


async def still(pilot: Pilot[Any]) -> None:
    """Wait, and keep cursors from blinking and messages from standing in the way."""
    await settle(pilot)
    for box in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
        box.cursor_blink = False
    pilot.app.clear_notifications()
    await settle(pilot)


EXAMS: dict[str, tuple[str, ...]] = {
    "exams": (),
    "exam-start": ("enter", "w"),
    "exam-task": ("enter", "w", "b", "2", "n", "m"),
    "exam-tasks": ("enter", "w", "b", "2", "n", "m", "o"),
    "exam-paused": ("enter", "w", "b", "2", "z", "y"),
    "exam-report": ("enter", "w", "b", "1", "enter", "m", "z", "y", "enter", "E", "y"),
    "exam-answers": ("enter", "w", "b", "1", "enter", "E", "y", "t", "n"),
}
"""Name -> keys to press in the list of exams."""


@SIZES
@pytest.mark.parametrize("name", EXAMS)
def test_exam(snap_compare: Snap, tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    desk = Desk(tmp_path)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        desk.app.push_screen(ExamsScreen(desk.questions, desk.exams))
        await settle(pilot)
        await press(pilot, *EXAMS[name])
        await still(pilot)

    assert snap_compare(desk.app, terminal_size=size, run_before=run)


@SIZES
def test_exam_lab(snap_compare: Snap, tmp_path: Path, size: tuple[int, int]) -> None:
    desk = Desk(tmp_path)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        desk.with_lab()
        desk.app.push_screen(ExamsScreen(desk.questions, desk.exams))
        await settle(pilot)
        desk.clock.advance(timedelta(minutes=56))
        await press(pilot, "enter", "n", "enter")
        await still(pilot)

    assert snap_compare(desk.app, terminal_size=size, run_before=run)


INTERVIEWS: dict[str, tuple[str, ...]] = {
    "interviews": (),
    "interview-start": ("b",),
    "interview": ("b", "b", "SAY"),
    "scorecard": ("b", "b", "SAY", "escape", "E", "y"),
    "scored-answer": ("b", "b", "SAY", "escape", "E", "y", "tab", "enter", "down", "enter"),
}
"""Name -> keys to press in the list of interviews; `SAY` gives an answer after a minute and a half."""


@SIZES
@pytest.mark.parametrize("name", INTERVIEWS)
def test_interview(snap_compare: Snap, tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    app, questions, clock = app_with_questions(tmp_path, INTERVIEW_ITEMS)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app.push_screen(InterviewsScreen(questions, LocalInterviews(questions)))
        await settle(pilot)
        for key in INTERVIEWS[name]:
            if key == "SAY":
                clock.advance(timedelta(seconds=90))
                app.screen.query_one(AnswerEditor).insert("There is not enough room on the nodes for it.")
                key = "ctrl+s"
            await press(pilot, key)
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)
