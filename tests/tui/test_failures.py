"""No traceback reaches a learner."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from eks_lab.errors import DataError
from eks_lab.learning.progress import Progress
from eks_lab.locations import log_file
from eks_lab.tui.course_app import EXIT_DEFECT
from eks_lab.tui.library import Library
from eks_lab.tui.screens.reader import ReaderScreen
from tests.builders import USUAL, drawn, make_app, press, settle
from tests.tui.test_start import said


async def test_a_worker_that_fails_is_said_once_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(library: Library, lesson_id: str) -> None:
        raise ZeroDivisionError("secret details")

    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        monkeypatch.setattr(Library, "page", broken)
        await press(pilot, "enter", "n", "p")
        assert said(app).count("Something went wrong here (ZeroDivisionError)") == 1
        assert "secret details" not in drawn(app)
        assert app.is_running
    assert "secret details" in log_file().read_text()
    assert stat.S_IMODE(log_file().stat().st_mode) == 0o600


async def test_a_disk_that_is_full_is_said_once_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise DataError("Your progress could not be stored: the disk is full.", hint="Make room.")

    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for name in ("save_place", "mark_opened", "mark_finished", "add_seconds", "toggle_bookmark"):
            monkeypatch.setattr(Progress, name, full)
        await press(pilot, "pagedown", "b", "f", "n", "pagedown", "b")
        assert said(app).count("the disk is full") == 1
        assert isinstance(app.screen, ReaderScreen)
        assert app.screen.lesson is not None
        assert app.screen.lesson.id == "basics.pods"


async def test_a_defect_in_a_handler_ends_with_one_message_and_the_place_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(reader: ReaderScreen) -> None:
        raise RuntimeError("secret details")

    app = make_app(tmp_path, lesson="basics.nodes")

    async def crash() -> None:
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "pagedown")
            monkeypatch.setattr(ReaderScreen, "action_links", broken)
            await pilot.press("l")

    with pytest.raises(RuntimeError, match="secret details"):
        await crash()
    assert app.return_code == EXIT_DEFECT
    shown = capsys.readouterr().err
    assert "eks-lab had to stop" in shown
    assert "Traceback" not in shown
    assert "secret details" not in shown
    assert "secret details" in log_file().read_text()
    again = make_app(tmp_path)
    async with again.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert again.reader is not None
        assert again.reader.page_view is not None
        assert again.reader.page_view.scroll_offset.y > 0


async def test_ctrl_c_does_not_kill(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+c")
        assert app.is_running
        assert "quit" in said(app).lower()


async def test_a_course_that_disappears_leaves_messages_not_tracebacks(tmp_path: Path) -> None:
    import shutil

    from tests.builders import copied_course

    course = copied_course(tmp_path)
    app = make_app(tmp_path, course=course)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        shutil.rmtree(course)
        await press(pilot, "enter")
        assert "cannot be shown" in drawn(app)
        await press(
            pilot, "n", "l", "t", "f", "b", "slash", *"pod", "escape", "escape", "escape", "g", "escape"
        )
        assert app.is_running
