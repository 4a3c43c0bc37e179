"""A quiz or drill by keyboard: answers, commands in a bench, skipping, the result, leaving early."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.model import Item
from eks_lab.content.items.variant import shown_sides
from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.quiz_run import QuizRunScreen
from eks_lab.tui.widgets.item.item_view import ItemView
from eks_lab.tui.widgets.key_footer import KeyFooter
from tests.builders import USUAL, WIDE, drawn, is_on, make_app, press, settle
from tests.fake_questions import CHOICE, COMMAND, MATCH, MULTI, NUMBER, RECALL, FakeQuestions


def app_with(home: Path, *items: Item) -> tuple[EksLabApp, FakeQuestions]:
    app, fake = make_app(home), FakeQuestions(*items)
    app.questions = fake
    return app, fake


def words(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


def digit(item: Item, index: int) -> str:
    """Return the digit that picks an option of the file."""
    return str(shown_sides(item, 1).index(index) + 1)


async def to_drill(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "Q", "w")


async def test_a_run_is_asked_judged_and_summed_up_by_keyboard(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE, MULTI, MATCH)
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        assert "1 of 3" in words(app)
        assert "How many pods fit on a node What limits the number of pods" in words(app)
        assert {"Skip", "Back", "Help", "Quit"} <= offered(app)
        await press(pilot, digit(CHOICE, 0), "enter")
        assert "✓ Right." in words(app)
        assert "1 of 3, 1 of 1 right" in words(app)
        assert "Each pod takes one." in words(app)
        assert "Skip" not in offered(app)
        assert "Next" in offered(app)
        assert [name for name, _ in fake.run.kept] == [CHOICE.id], "stored at once"
        assert fake.run.kept[0][1].seconds == 0.0
        await press(pilot, "enter", digit(MULTI, 2), "enter", "n", "s")
        assert "1 of 3 right" in words(app)
        assert "2 ✗ wrong" in words(app)
        assert "3 ○ skipped" in words(app)
        assert len(fake.run.kept) == 2


async def test_the_result_leads_back_to_answers_and_to_what_was_missed(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE, MULTI)
    async with app.run_test(size=WIDE) as pilot:
        await to_drill(pilot)
        await press(pilot, digit(CHOICE, 1), "enter", "n", digit(MULTI, 0), digit(MULTI, 1), "enter", "n")
        assert "1 of 2 right" in words(app)
        assert {"Missed again", "More"} <= offered(app)
        await press(pilot, "enter")
        assert "all pods that are there ← your answer" in words(app)
        assert "Back to the result" in words(app)
        await press(pilot, "enter")
        assert "1 of 2 right" in words(app)
        await press(pilot, "down", "enter", "escape")
        assert "1 of 2 right" in words(app)
        await press(pilot, "m")
        assert fake.calls[-1] == f"again {CHOICE.id}"
        assert "What was missed" in words(app)
        assert "1 of 1" in words(app)
        await press(pilot, digit(CHOICE, 0), "enter", "n")
        assert "1 of 1 right" in words(app)
        assert "Missed again" not in offered(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


async def test_a_command_runs_in_the_bench_and_shows_what_it_printed(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, COMMAND)
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        assert fake.calls[-1] == f"prepare {COMMAND.id}", "set up while the learner reads"
        await press(pilot, *"kubectl x", "enter")
        assert fake.calls[-1] == "judge kubectl x"
        assert "✓ Right." in words(app)
        assert "$ kubectl scale deployment web --replicas=3 deployment.apps/web scaled" in words(app)


async def test_a_bench_that_fails_says_why_and_keeps_the_answer(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, COMMAND)
    fake.bench_failure = UnavailableError("kubectl is not installed", hint="s skips the question.")
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        await press(pilot, *"kubectl x", "enter")
        assert "✗ kubectl is not installed. s skips the question." in words(app)
        assert "kubectl x" in words(app)
        assert fake.run.kept == []
        await press(pilot, "escape", "s")
        assert "0 of 1 right" in words(app)


async def test_a_judgement_can_be_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, fake = app_with(tmp_path, COMMAND)
    fake.waits_for_cancel = True
    told: list[str] = []
    show_judging = ItemView.show_judging

    def listen(view: ItemView, said: str) -> None:
        told.append(said)
        show_judging(view, said)

    monkeypatch.setattr(ItemView, "show_judging", listen)
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        for key in (*"kubectl x", "enter"):
            await pilot.press(key)
        await pilot.pause()
        assert told[0] == "◌ Runs in a throw-away cluster, 0 s. Esc ends it."
        # On a busy machine a second may have passed by now.
        assert told[-1] in words(app)
        assert "Skip" not in offered(app)
        await press(pilot, "escape")
        assert "cancel" in fake.calls
        assert is_on(app, QuizRunScreen)
        assert "✗ the judgement was cancelled. Answer again to have it judged." in words(app)
        assert "kubectl x" in words(app)


async def test_a_free_answer_is_stored_with_the_learners_word(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, RECALL, NUMBER)
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        await press(pilot, *"A taint keeps it away.", "ctrl+s")
        assert "✗" in words(app)
        assert fake.run.kept == [], "not before the learner had a word"
        await press(pilot, "space", "enter")
        ((name, answer),) = fake.run.kept
        assert name == RECALL.id
        assert answer.result.correct
        assert "interfaces of 10 addresses" in words(app)


async def test_leaving_stores_what_was_answered(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, RECALL)
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        await press(pilot, *"A taint keeps it away.", "ctrl+s", "escape")
        assert is_on(app, QuestionsScreen)
        assert [name for name, _ in fake.run.kept] == [RECALL.id]


async def test_quitting_the_app_stores_what_was_answered(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, RECALL)
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        await press(pilot, *"A taint keeps it away.", "ctrl+s")
        await pilot.press("ctrl+q")
    assert [name for name, _ in fake.run.kept] == [RECALL.id]
    assert fake.calls[-1] == "close", "no bench outlives the app"


async def test_what_keeps_a_run_from_beginning_or_going_on_is_said(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, CHOICE, MULTI)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "Q")
        fake.blindness = InputError("no question asks for it", hint="Choose another.")
        await press(pilot, "w")
        assert "✗ no question asks for it" in words(app)
        fake.blindness = None
        await press(pilot, "escape", "w", digit(CHOICE, 0), "enter")
        fake.run.failure = DataError("the record is locked", hint="Close the other program.")
        await press(pilot, "enter")
        assert "✗ the record is locked" in words(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


async def test_letters_for_pairs_do_not_open_other_screens(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path, MATCH)
    letters = [LETTERS[shown_sides(MATCH, 1).index(side)] for side in range(3)]
    async with app.run_test(size=USUAL) as pilot:
        await to_drill(pilot)
        await press(pilot, *letters, "enter")
        assert "✓ Right." in words(app)
        assert fake.run.kept[0][1].given == (0, 1, 2)
