"""What is left in a form is there the next time, in this session and in the next one."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from textual.widgets import Input

from eks_lab.learning.progress import FILE_NAME, open_progress
from eks_lab.tui.drafts import Draft, Drafts
from tests.builders import NOON, make_app, press
from tests.fake_calculators import use_fakes
from tests.tui.calculator_journey import answer, opened, screen, typed, until


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


def test_drafts_are_kept_by_name() -> None:
    drafts = Drafts()
    assert not drafts.has("show")
    assert drafts.draft("show").is_fresh
    assert not drafts.has("show")
    drafts.draft("show").keep({"nodes": "7"})
    assert drafts.has("show")
    assert drafts.draft("show").typed == {"nodes": "7"}
    assert drafts.draft("read").is_fresh


def test_changes_are_told_once_and_handed_out_once() -> None:
    told: list[str] = []
    drafts = Drafts(lambda: told.append("changed"))
    draft = drafts.draft("show")
    draft.keep({})
    assert told == []
    draft.keep({"nodes": "7"})
    draft.keep({"nodes": "7"})
    assert told == ["changed"]
    drafts.draft("read").keep({"file": "a"})
    draft.keep({})
    assert drafts.take_changes() == {"read": {"file": "a"}, "show": {}}
    assert drafts.take_changes() == {}


def test_stored_drafts_do_not_replace_what_was_just_entered() -> None:
    drafts = Drafts()
    drafts.draft("show").keep({"nodes": "7"})
    drafts.take_changes()
    drafts.load({"show": {"nodes": "1"}, "read": {"file": "a"}})
    assert drafts.draft("show").typed == {"nodes": "7"}
    assert drafts.draft("read").typed == {"file": "a"}
    assert drafts.take_changes() == {}


def test_drafts_with_the_same_content_are_equal() -> None:
    assert Draft({"a": "1"}) == Draft({"a": "1"}, changed=lambda: None)


async def test_inputs_are_there_in_the_next_session(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot)
        await typed(pilot, "6x")
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot)
        assert screen(app).query(Input).first().value == "6x"
        await typed(pilot, "9")
        await press(pilot, "escape", "escape")
        await opened(pilot)
        assert answer(app).inputs["nodes"] == 9
        await press(pilot, "escape", "r")
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot)
        assert answer(app).inputs["nodes"] == 4
        assert not app.calculator_drafts.has("show")


async def test_they_are_on_the_disk_before_the_program_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eks_lab.tui.forms_app.STORE_DRAFTS_AFTER_SECONDS", 0.001)
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot)
        await typed(pilot, "8")
        with open_progress(tmp_path / "data" / FILE_NAME, app.clock) as other:
            await until(pilot, lambda: other.drafts.all("calculator") == {"show": {"nodes": "8"}})


async def test_foreign_values_fall_back_to_a_form_that_works(tmp_path: Path) -> None:
    """A choice and an input that are no more, control characters, another calculator's name."""
    app = make_app(tmp_path)
    with open_progress(tmp_path / "data" / FILE_NAME, app.clock) as progress:
        progress.drafts.keep("calculator", "show", {"nodes": "5", "zone": "q", "gone": "1", "spot": "?"})
        progress.drafts.keep("calculator", "no-such-calculator", {"a": "b"})
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection, connection:
        connection.execute(
            "INSERT INTO drafts VALUES ('calculator', 'show', 'label', ?, ?)", ("\x1b[2J", NOON.isoformat())
        )
    async with app.run_test() as pilot:
        await opened(pilot)
        assert answer(app).inputs == {"nodes": 5, "zone": "a", "spot": False, "label": None}


async def test_drafts_that_cannot_be_read_leave_fresh_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eks_lab.errors import DataError
    from eks_lab.learning.drafts import DraftRecords
    from tests.tui.test_start import said

    def fail(self: DraftRecords, form: str) -> dict[str, dict[str, str]]:
        raise DataError("progress cannot be read: no")

    monkeypatch.setattr(DraftRecords, "all", fail)
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot)
        assert answer(app).inputs["nodes"] == 4
        assert "progress cannot be read: no" in said(app)
