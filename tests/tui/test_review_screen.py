"""The daily review by keyboard: questions, own cards, labs, ratings, the clock, leaving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from eks_lab.content.items.model import Item
from eks_lab.content.items.variant import shown_sides
from eks_lab.errors import DataError, InputError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.question_rows import ClockDoubtRow
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.practice import PracticeScreen
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.review import ReviewScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.rating_bar import RatingBar
from tests.builders import USUAL, WIDE, drawn, is_on, make_app, press, settle
from tests.fake_labs import FakeLabs
from tests.fake_questions import CARDS, CHOICE, MULTI, RECALL, FakeQuestions
from tests.fake_sandbox import RUNNING, FakeSandbox


def app_with(home: Path, *items: Item) -> tuple[EksLabApp, FakeQuestions]:
    app, fake = make_app(home), FakeQuestions(*items)
    app.questions = fake
    return app, fake


def words(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


def digit(item: Item, index: int) -> str:
    return str(shown_sides(item, 1).index(index) + 1)


def said(app: EksLabApp) -> str:
    return " ".join(str(note.message) for note in app._notifications)


async def to_review(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "Q", "r")


async def test_a_review_goes_through_every_form_of_card(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE)
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        assert "How many pods fit · new" in words(app)
        assert "0 reviewed, 3 left" in words(app)
        assert not app.screen.query_one(RatingBar).ratings, "no ratings before the answer"
        await press(pilot, digit(CHOICE, 0), "enter")
        assert "▸3 Good 10 min" in words(app)
        assert "4 Easy 8 days" in words(app)
        assert "Go on" in offered(app)
        await press(pilot, "4")
        assert [(name, rating) for name, rating, _ in fake.daily.rated] == [(f"item:{CHOICE.id}", 4)]
        assert fake.daily.rated[0][2] is not None
        assert fake.daily.rated[0][2].result.correct
        assert "Easy: comes back in 8 days" in words(app)
        assert "What is an ENI?" in words(app)
        assert "A network interface." not in words(app)
        await press(pilot, "2")
        assert len(fake.daily.rated) == 1, "nothing to rate before the answer was seen"
        await press(pilot, "enter")
        assert "A network interface." in words(app)
        assert "Go on" not in offered(app), "nobody but the learner can say"
        await press(pilot, "2")
        assert fake.daily.rated[1] == ("own:b", 2, None)
        assert "Do this lab again: The second lab" in words(app)
        assert "▲ forgotten often" in words(app)
        await press(pilot, "s")
        assert fake.daily.skipped == ["lab:second"]
        assert "✓ 2 reviewed, 2 known." in words(app)
        assert "1 card was left for later." in words(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


@pytest.mark.parametrize(("picked", "suggested"), [(1, 1), (0, 3)])
async def test_enter_takes_what_the_result_suggests(tmp_path: Path, picked: int, suggested: int) -> None:
    app, fake = app_with(tmp_path, CHOICE)
    async with app.run_test(size=WIDE) as pilot:
        await to_review(pilot)
        await press(pilot, digit(CHOICE, picked), "enter", "enter")
        assert fake.daily.rated[0][1] == suggested


async def test_what_is_right_in_part_suggests_hard_and_a_click_rates(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, MULTI)
    async with app.run_test(size=WIDE) as pilot:
        await to_review(pilot)
        await press(pilot, digit(MULTI, 0), "enter")
        assert app.screen.query_one(RatingBar).suggested == 2
        line = next(line for line in drawn(app).splitlines() if "How well did you know it?" in line)
        assert "Easy" in line, "one line is enough here"
        at = line.index("1 Again")
        row = drawn(app).splitlines().index(line)
        await pilot.click(offset=(at + 3, row))
        await settle(pilot)
        assert fake.daily.rated[0][1] == 1


async def test_overruling_key_points_changes_what_is_suggested(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, RECALL)
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        await press(pilot, *"A taint keeps it away.", "ctrl+s")
        assert app.screen.query_one(RatingBar).suggested == 2
        await press(pilot, "space")
        assert app.screen.query_one(RatingBar).suggested == 3
        await press(pilot, "enter")
        name, rating, answer = fake.daily.rated[0]
        assert (name, rating) == (f"item:{RECALL.id}", 3)
        assert answer is not None
        assert answer.result.correct


async def test_leaving_after_an_answer_keeps_the_suggested_rating(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE)
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        await press(pilot, digit(CHOICE, 1), "enter", "escape")
        assert is_on(app, QuestionsScreen)
        assert [(name, rating) for name, rating, _ in fake.daily.rated] == [(f"item:{CHOICE.id}", 1)]
        await press(pilot, "r", "escape")
        assert len(fake.daily.rated) == 1, "a card without an answer is not rated"


async def test_quitting_after_an_answer_keeps_the_suggested_rating(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE)
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        await press(pilot, digit(CHOICE, 0), "enter")
        await pilot.press("ctrl+q")
    assert [rating for _, rating, _ in fake.daily.rated] == [3]


async def test_a_lab_is_opened_from_its_card(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    fake.daily.cards = [CARDS[2]]
    app.labs, app.sandbox = FakeLabs(), FakeSandbox(RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        assert "Open the lab" in offered(app)
        await press(pilot, "enter")
        assert any(isinstance(screen, PracticeScreen) for screen in app.screen_stack)


async def test_a_clock_in_doubt_is_asked_about(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE)
    fake.doubt = ClockDoubtRow("The clock says 2027-11-22, 365 days after your last review.", True)
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        assert is_on(app, Confirm)
        assert "365 days after your last review" in words(app)
        await press(pilot, "n")
        assert is_on(app, QuestionsScreen)
        assert "review" not in fake.calls
        await press(pilot, "r", "y")
        assert is_on(app, ReviewScreen)
        assert fake.calls[-1] == "review, clock trusted"
        assert "What limits the number of pods" in words(app)
        fake.doubt = ClockDoubtRow("The clock says 2026-01-01, but your last review is later.", False)
        await press(pilot, "escape", "r")
        assert "What limits the number of pods" in words(app), "an old clock only leads to a remark"
        assert "but your last review is later" in said(app)


async def test_nothing_due_and_what_fails_is_said(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    fake.daily.cards = []
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        assert "Nothing is to be reviewed now." in words(app)
        assert "The next card comes in 10 minutes." in words(app)
        assert "Cards come from questions that you miss" in words(app)
        fake.blindness = DataError("the record is locked", hint="Close the other program.")
        await press(pilot, "escape", "r")
        assert "✗ the record is locked" in words(app)


async def test_a_review_that_could_not_be_stored_is_said(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE)
    fake.daily.failure = InputError("the review was not recorded.", hint="Set the clock.")
    async with app.run_test(size=USUAL) as pilot:
        await to_review(pilot)
        await press(pilot, digit(CHOICE, 0), "enter", "enter")
        assert "the review was not recorded." in said(app)
