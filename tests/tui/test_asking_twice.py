"""A key that is pressed again before the record has answered: no question is passed over unseen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.tui.question_rows import AskedQuestion
from tests.builders import USUAL, drawn, make_app, press, settle
from tests.fake_questions import CHOICE, MULTI, NUMBER, FakeQuestions, FakeRun


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the next question wait for an event, as for a disk that is slow."""
    is_free, find = threading.Event(), FakeRun.next

    def find_later(run: FakeRun) -> AskedQuestion | None:
        assert is_free.wait(60)
        return find(run)

    is_free.set()
    monkeypatch.setattr(FakeRun, "next", find_later)
    yield is_free
    is_free.set()


@pytest.mark.parametrize(("before", "key"), [((), "s"), (("1", "enter"), "n")], ids=["skip", "next"])
async def test_a_question_is_left_once(
    tmp_path: Path, disk: threading.Event, before: tuple[str, ...], key: str
) -> None:
    app = make_app(tmp_path)
    app.questions = FakeQuestions(CHOICE, MULTI, NUMBER)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.show_quiz("basics")
        await settle(pilot)
        await press(pilot, *before)
        disk.clear()
        await pilot.press(key, key)
        disk.set()
        await settle(pilot)
        assert "2 of 3" in drawn(app)
        await press(pilot, "s")
        assert "3 of 3" in drawn(app)
