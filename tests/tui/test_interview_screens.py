"""Interviews with the keyboard alone: start, conversation, clock, end, scorecard, overruling, export, after a crash."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from eks_lab.clock import SimClock
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.interview import InterviewScreen
from eks_lab.tui.screens.interview_start import InterviewStartScreen
from eks_lab.tui.screens.interviews import InterviewsScreen
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.scorecard import ScorecardScreen
from eks_lab.tui.screens.scored_answer import ScoredAnswerScreen
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.widgets.item.answer_editor import AnswerEditor
from eks_lab.tui.widgets.key_footer import KeyFooter
from tests.builders import USUAL, drawn, is_on, settle
from tests.held_questions import INTERVIEW_ITEMS, app_with_questions, press

GOOD = "There is no room for the pod, or a taint keeps it away from the nodes."
HALF = "There is not enough memory on the nodes of this cluster."


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look when a test says so."""
    monkeypatch.setattr(InterviewScreen, "LOOK_EVERY_SECONDS", 60.0)


def app_with(home: Path, clock: SimClock | None = None) -> tuple[EksLabApp, SimClock]:
    app, _, found = app_with_questions(home, INTERVIEW_ITEMS, clock)
    return app, found


def shown(app: EksLabApp) -> str:
    return " ".join(drawn(app).replace("▌", " ").replace("│", " ").split())


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


async def to_list(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "Q", "i")


async def to_talk(pilot: Pilot[Any]) -> None:
    await to_list(pilot)
    await press(pilot, "enter", "b")


async def say(pilot: Pilot[Any], text: str) -> None:
    """Type an answer and send it."""
    editor = pilot.app.screen.query_one(AnswerEditor)
    editor.focus()
    editor.insert(text)
    await press(pilot, "ctrl+s")


async def looked(pilot: Pilot[Any]) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, WatchingScreen)
    screen.look_again()
    # The screen may go with what it sees, and its worker with it.
    with contextlib.suppress(WorkerCancelled):
        await settle(pilot)
    await settle(pilot)


async def test_level_topics_number_and_minutes_are_chosen(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_list(pilot)
        assert is_on(app, InterviewsScreen)
        assert "9 questions in 2 topics" in shown(app)
        await press(pilot, "b")
        assert is_on(app, InterviewStartScreen)
        assert "Level mid Topics all Questions 10 Minutes as long as the questions take" in shown(app)
        assert "It does not understand what you wrote" in shown(app)
        await press(pilot, "l", "end", "enter", "t", "space", "d", "c", "home", "enter", "m")
        await press(pilot, "backspace", *"200", "enter")
        assert "is no time for an interview" in shown(app)
        await press(pilot, *["backspace"] * 3, *"20", "enter")
        assert "Level senior Topics 1 Basics Questions 8 Minutes 20" in shown(app)
        await press(pilot, "escape", "b")
        assert "Level mid" in shown(app), "nothing was begun"
        await press(pilot, "escape", "escape")
        assert is_on(app, QuestionsScreen)


async def test_an_interview_is_held_and_ends_in_a_scorecard(tmp_path: Path) -> None:
    app, clock = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_list(pilot)
        await press(pilot, "b", "c", "home", "enter", "b")
        assert is_on(app, InterviewScreen)
        assert "Question 1 of 8" in shown(app)
        assert "40:00 left" in shown(app)
        await press(pilot, "ctrl+s")
        assert "Nothing is typed yet." in shown(app)
        clock.advance(timedelta(seconds=65))
        await say(pilot, HALF)
        assert "You, 1:05" in shown(app)
        assert "What else keeps a pod away" in shown(app), "the answer leads to a follow-up"
        assert "Question 1 of 8, follow-up" in shown(app)
        assert app.screen.query_one(AnswerEditor).text == ""
        await say(pilot, "A taint that the pod does not tolerate.")
        for _ in range(7):
            assert is_on(app, InterviewScreen)
            await say(pilot, GOOD)
        assert is_on(app, ScorecardScreen)
        assert "✓ finished" in shown(app)
        assert "8 of 8 questions asked" in shown(app)
        assert "Compared by words, 7 of 8 answers had what a strong answer" in shown(app)
        await press(pilot, "escape")
        assert is_on(app, InterviewsScreen)
        assert "1. Mid, 96% found ✓ finished" in shown(app)


async def test_a_question_is_passed_and_the_interview_ended_by_key(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_talk(pilot)
        await press(pilot, *"sE")
        assert app.screen.query_one(AnswerEditor).text == "sE", "keys are the field's"
        await press(pilot, "escape")
        assert offered(app) >= {"Type", "Pass", "End", "Back", "Help", "Quit"}
        await press(pilot, "s")
        assert "(passed)" in shown(app)
        assert "No problem, we move on." in shown(app)
        assert "Question 2 of" in shown(app)
        await press(pilot, "escape", "E")
        assert is_on(app, Confirm)
        await press(pilot, "n")
        assert is_on(app, InterviewScreen)
        await press(pilot, "E", "y")
        assert is_on(app, ScorecardScreen)
        assert "■ stopped" in shown(app)
        assert "Nothing was answered, so nothing can be said." in shown(app)


async def test_leaving_leaves_the_clock_running(tmp_path: Path) -> None:
    app, clock = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_talk(pilot)
        await press(pilot, "escape", "escape")
        assert "its clock runs on meanwhile" in shown(app)
        await press(pilot, "n")
        assert is_on(app, InterviewScreen)
        await press(pilot, "escape", "y")
        assert is_on(app, InterviewsScreen)
        assert "Go on with interview 1 ▶ 45:00 left" in shown(app)
        clock.advance(timedelta(minutes=42))
        await press(pilot, "enter")
        assert "▲ 3:00 left" in shown(app), "the clock warns, and not by colour alone"
        clock.advance(timedelta(minutes=3, seconds=10))
        await looked(pilot)
        assert "time is up: finish your sentence" in shown(app)
        clock.advance(timedelta(minutes=1))
        await looked(pilot)
        assert is_on(app, ScorecardScreen)
        assert "the time was up" in shown(app)


async def test_a_killed_program_goes_on_where_it_was(tmp_path: Path) -> None:
    app, clock = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_talk(pilot)
        await say(pilot, GOOD)
        assert "Question 2 of 9" in shown(app)
        database = app.library.progress.path
        stolen = (
            database.read_bytes(),
            [(path, path.read_bytes()) for path in database.parent.glob(f"{database.name}-*")],
        )
    # As kill -9 leaves it: the files of that moment, nothing of what a program does when it ends.
    database.write_bytes(stolen[0])
    for path, content in stolen[1]:
        path.write_bytes(content)
    clock.advance(timedelta(minutes=5))
    again, _ = app_with(tmp_path, clock)
    async with again.run_test(size=USUAL) as pilot:
        await to_list(pilot)
        assert "▶ 40:00 left" in shown(again)
        await press(pilot, "enter")
        assert "Question 2 of 9" in shown(again)
        assert "keeps it away from the nodes" in shown(again), "what was said is there"


async def test_points_are_overruled_by_key_and_the_scorecard_is_saved(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_talk(pilot)
        await say(pilot, HALF)
        await press(pilot, "escape", "E", "y", "tab", "enter")
        assert is_on(app, ScoredAnswerScreen)
        assert "✓ found: No node has room. (essential) “There is not enough memory" in shown(app)
        assert "✗ not found: A taint keeps it away." in shown(app)
        assert "A strong answer No node has enough room for its requests" in shown(app)
        await press(pilot, "down", "enter")
        assert "✓ found, you say so: A taint keeps it away." in shown(app)
        assert "✓ strong, 100%" in shown(app)
        await press(pilot, "o")
        assert "✗ not found, you say so: A taint keeps it away." in shown(app)
        await press(pilot, "o", "n", "n")
        assert "○ not reached" in shown(app)
        await press(pilot, "enter")
        assert any("nothing can be overruled" in notice.message for notice in app._notifications)
        await press(pilot, "escape")
        assert is_on(app, ScorecardScreen)
        assert app.library.progress.interviews.load(1).overruled == {(0, None, "taint"): True}
        await press(pilot, "e", "enter", "J", "enter")
        saved = tmp_path / "saved"
        assert "found (you say so)" in (saved / "interview-1.md").read_text()
        assert '"format": "eks-lab-interview"' in (saved / "interview-1.json").read_text()


async def test_an_answer_that_another_window_gave_first_is_not_taken(tmp_path: Path) -> None:
    from eks_lab.learning.interviews.conversation import Conversation

    app, _ = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_talk(pilot)
        records = app.library.progress.interviews
        running = records.running()
        assert running is not None
        Conversation(records, running).answer(GOOD)
        await say(pilot, "My words.")
        assert "went on in another window: this answer was not taken" in shown(app)
        assert app.screen.query_one(AnswerEditor).text == "My words.", "nothing typed is lost"
        assert "Question 2 of 9" in shown(app)
