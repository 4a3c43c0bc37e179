"""A learner's day with questions, by keyboard alone, on a real record: missed, reviewed, drilled, looked up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.question_rows import AskedQuestion
from eks_lab.tui.screens.asking import AskingScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.reader import ReaderScreen
from tests.builders import NOON, USUAL, WIDE, drawn, is_on, make_app, press, settle


def words(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


def question(app: EksLabApp) -> AskedQuestion:
    assert isinstance(app.screen, AskingScreen)
    assert app.screen.question is not None
    return app.screen.question


def keys(asked: AskedQuestion, *, right: bool) -> list[str]:
    """Return the keys that answer a question of the small course."""
    from eks_lab.content.items.model import ChoiceItem, MultiItem, NumberItem
    from eks_lab.content.items.variant import shown_sides

    item = asked.variant.item
    if isinstance(item, NumberItem):
        assert asked.variant.answer is not None
        return [*f"{asked.variant.answer + (0 if right else 1):g}", "enter"]
    assert isinstance(item, ChoiceItem | MultiItem)
    picked = [
        str(place + 1)
        for place, index in enumerate(shown_sides(item, asked.variant.seed))
        if item.options[index].correct == right
    ]
    return [*(picked if isinstance(item, MultiItem) else picked[:1]), "enter"]


@pytest.mark.parametrize("size", [USUAL, WIDE])
async def test_what_is_missed_today_is_reviewed_and_comes_back_later(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    clock = SimClock(NOON)
    app = make_app(tmp_path, clock=clock)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "Q", "c", "enter")
        missed = question(app).id
        await press(pilot, *keys(question(app), right=False))
        assert "✗ Not quite" in words(app)
        await press(pilot, "escape", "escape")
        assert is_on(app, HomeScreen)
        assert "↻ 1 card to review today" in words(app)
        await press(pilot, "Q", "enter")
        assert question(app).id == missed
        await press(pilot, *keys(question(app), right=True), "4")
        assert "✓ 1 reviewed, 1 known." in words(app)
        await press(pilot, "escape", "escape")
        assert "to review today" not in words(app)
        clock.advance(timedelta(days=30))
        await press(pilot, "Q")
        assert "Daily review 1 to review" in words(app)
        await press(pilot, "w")
        drilled = question(app)
        await press(pilot, *keys(drilled, right=True))
        assert "✓ Right" in words(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


@pytest.mark.parametrize("key", ["slash", "comma", "f1", "S", "L"])
async def test_other_screens_open_above_a_question_and_leave_it_as_it_was(tmp_path: Path, key: str) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "Q", "c", "enter")
        asked = question(app)
        if app.focused is not None and app.focused.__class__.__name__ == "NumberInput":
            await press(pilot, "escape")
        await press(pilot, key, "escape")
        assert question(app) is asked


async def test_the_score_of_a_lesson_leads_to_more_questions(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert is_on(app, ReaderScreen)
        from eks_lab.tui.widgets.quiz_view import QuizView

        await press(pilot, "end")
        quiz = app.screen.query_one(QuizView)
        await quiz.show(len(quiz.questions))
        await settle(pilot)
        await press(pilot, "tab", "tab", "enter")
        assert is_on(app, QuestionsScreen)
        await press(pilot, "escape")
        assert is_on(app, ReaderScreen)
