"""The hub of questions: what there is, where each row leads, decks, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from eks_lab.errors import DataError, InputError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.question_rows import Due
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.help import HelpScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.quiz_run import QuizRunScreen
from eks_lab.tui.screens.readiness import ReadinessScreen
from eks_lab.tui.screens.review import ReviewScreen
from eks_lab.tui.screens.type_value import TypeValue
from eks_lab.tui.widgets.key_footer import KeyFooter
from tests.builders import SMALLEST, USUAL, drawn, is_on, make_app, press, settle
from tests.fake_questions import HUB, FakeQuestions


def app_with(home: Path, questions: FakeQuestions | None = None) -> tuple[EksLabApp, FakeQuestions]:
    app, fake = make_app(home), questions or FakeQuestions()
    app.questions = fake
    return app, fake


def words(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


def said(app: EksLabApp) -> str:
    return " ".join(str(note.message) for note in app._notifications)


async def to_hub(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "Q")


async def test_the_hub_says_what_there_is(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_hub(pilot)
        assert is_on(app, QuestionsScreen)
        said = words(app)
        assert "Daily review 12 to review, 3 new" in said
        assert "Quiz of a chapter 2 chapters" in said
        assert "Exams 10 exams" in said
        assert "Interviews 77 questions" in said
        assert "Own cards none yet" in said
        assert "43 of 650 questions answered" in said
        assert {"Help", "Quit", "Review"} <= offered(app)
        await press(pilot, "Q")
        assert len(app.screen_stack) == 2, "there is one hub, not two"
        fake.hub_found = replace(
            HUB, due=Due(0, 0, next_words="The next card comes in 3 hours."), own_cards=2
        )
        await press(pilot, "escape", "Q")
        assert "Daily review nothing now. The next card comes in 3 hours." in words(app)
        assert "Own cards 2 cards" in words(app)
        await press(pilot, "question_mark")
        assert is_on(app, HelpScreen)
        await press(pilot, "escape", "escape")
        assert is_on(app, HomeScreen)


@pytest.mark.parametrize(
    ("key", "screen", "call"),
    [("r", ReviewScreen, "review"), ("w", QuizRunScreen, "drill"), ("d", ReadinessScreen, "")],
)
async def test_keys_lead_to_the_modes_and_escape_leads_back(
    tmp_path: Path, key: str, screen: type[Any], call: str
) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_hub(pilot)
        await press(pilot, key)
        assert is_on(app, screen)
        assert not call or call in fake.calls
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


async def test_rows_are_chosen_with_enter(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=SMALLEST) as pilot:
        await to_hub(pilot)
        await press(pilot, "enter")
        assert is_on(app, ReviewScreen)
        await press(pilot, "escape", "down", "enter")
        assert is_on(app, QuizRunScreen)


async def test_a_chapter_and_a_skill_are_chosen_from_lists(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_hub(pilot)
        await press(pilot, "c")
        assert is_on(app, Choose)
        assert "1 Basics (12 of 40 answered, 75% right)" in words(app)
        assert "2 Network (0 of 30 answered)" in words(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)
        await press(pilot, "c", "down", "enter")
        assert is_on(app, QuizRunScreen)
        assert "quiz network" in fake.calls
        await press(pilot, "escape", "s", "enter")
        assert "drill vpc-cni" in fake.calls


async def test_decks_are_taken_and_written(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    fake.hub_found = replace(HUB, own_cards=2)
    async with app.run_test(size=USUAL) as pilot:
        await to_hub(pilot)
        await press(pilot, "o", "enter")
        assert is_on(app, TypeValue)
        await press(pilot, "enter")
        assert "this is no name of a file" in words(app)
        app.screen.query_one(Input).value = "/somewhere/deck.csv"
        await press(pilot, "enter")
        assert "take /somewhere/deck.csv" in fake.calls
        assert "2 new cards" in said(app)
        await press(pilot, "o", "down", "down", "enter")
        app.screen.query_one(Input).value = "/somewhere/own.txt"
        await press(pilot, "enter")
        assert "write /somewhere/own.txt True" in fake.calls
        fake.bench_failure = InputError("deck.csv:3: a quote is open", hint="Close it.")
        await press(pilot, "o", "enter")
        app.screen.query_one(Input).value = "/somewhere/deck.csv"
        await press(pilot, "enter")
        assert "deck.csv:3: a quote is open" in said(app)


async def test_a_record_that_cannot_be_read_is_said_and_nothing_is_offered(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    fake.blindness = DataError("the record is locked", hint="Close the other program.")
    async with app.run_test(size=USUAL) as pilot:
        await to_hub(pilot)
        assert "✗ the record is locked Next: Close the other program." in words(app)
        assert not offered(app) & {"Review", "Exams"}
        fake.blindness = None
        await press(pilot, "escape", "Q")
        assert "Daily review" in words(app)


async def test_the_home_screen_says_how_many_cards_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the app may find time for it before the test does.
    monkeypatch.setattr("eks_lab.tui.course_app.IDLE_AFTER_SECONDS", 3600.0)
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert "to review today" not in words(app), "nothing is counted before there is time"
        app.count_due()
        await settle(pilot)
        assert "↻ 15 cards to review today: Q, then Enter." in words(app)
        fake.hub_found = replace(HUB, due=Due(1, 0))
        await press(pilot, "Q", "escape")
        assert "↻ 1 card to review today" in words(app)
        fake.hub_found = replace(HUB, due=Due(0, 0))
        await press(pilot, "Q", "escape")
        assert "to review today" not in words(app)


async def test_the_palette_leads_to_every_mode(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *"daily review", "enter")
        await settle(pilot)
        assert is_on(app, ReviewScreen)
        await press(pilot, "escape", "ctrl+p", *"quiz: 2", "enter")
        await settle(pilot)
        assert is_on(app, QuizRunScreen)
        assert any(call.startswith("quiz ") for call in fake.calls)
