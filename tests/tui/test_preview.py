"""`author preview` in the terminal: the page, its problems, and reading again after a save."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.message import Message

from eks_lab.clock import SimClock
from eks_lab.content.preview import Preview, PreviewTarget, find_preview, read_preview
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.tui.preview import PreviewApp, PreviewRead
from eks_lab.tui.widgets.generator_form import GeneratorForm
from eks_lab.tui.widgets.page_view import PageView
from eks_lab.tui.widgets.quiz_view import QuizView
from eks_lab.tui.widgets.top_bar import TopBar
from tests.builders import settle
from tests.content.course_files import lesson_path, replace_in, write_course
from tests.fake_generators import InProcess

PATIENCE_SECONDS = 60.0


@pytest.fixture
def progress(tmp_path: Path) -> Iterator[Progress]:
    with open_progress(tmp_path / "progress.sqlite3", SimClock(datetime(2026, 11, 22, tzinfo=UTC))) as opened:
        yield opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def remark(app: PreviewApp) -> str:
    return app.query_one(TopBar).remark


async def test_a_sound_lesson_is_shown_live(root: Path, progress: Progress) -> None:
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert remark(app) == "✓ no problems"
        assert len(app.query(QuizView)) == 1


async def test_a_save_is_noticed_and_the_place_kept(root: Path, progress: Progress) -> None:
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    async with app.run_test(size=(60, 12)) as pilot:
        await settle(pilot)
        await pilot.press("pagedown", "pagedown")
        await settle(pilot)
        place = app.query_one(PageView).place()
        assert place[0] == "the-formula"
        replace_in(lesson_path(root), "(term:eni)", "(video:eni)")
        replace_in(lesson_path(root), "::quiz", "::video{id=x}\n\n::quiz")
        app.look()
        await settle(pilot)
        assert remark(app) == "✗ 1 problem"
        assert app.query_one(PageView).place()[0] == place[0]


async def test_a_look_that_takes_long_does_not_replace_what_was_saved_after_it(
    root: Path, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    seen: list[Message] = []

    async def until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                await pilot.pause()

    async with app.run_test(size=(100, 30), message_hook=seen.append) as pilot:
        await settle(pilot)
        begun, gate = threading.Event(), threading.Event()

        def slowly(target: PreviewTarget) -> Preview:
            read = read_preview(target)
            if read.problems:
                begun.set()
                assert gate.wait(PATIENCE_SECONDS)
            return read

        monkeypatch.setattr("eks_lab.content.preview.read_preview", slowly)
        replace_in(lesson_path(root), "minutes: 5", "minutes: soon")
        app.look()
        await until(begun.is_set)
        replace_in(lesson_path(root), "minutes: soon", "minutes: 55")
        seen.clear()
        app.look()
        await until(lambda: any(isinstance(each, PreviewRead) for each in seen))
        await until(lambda: remark(app) == "✓ no problems")
        seen.clear()
        gate.set()
        await until(lambda: any(isinstance(each, PreviewRead) for each in seen))
        await settle(pilot)
        assert remark(app) == "✓ no problems"


async def test_broken_front_matter_is_said_and_mended(root: Path, progress: Progress) -> None:
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    replace_in(lesson_path(root), "minutes: 5", "minutes: soon")
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert remark(app) == "✗ 1 problem"
        assert not app.query(QuizView)
        replace_in(lesson_path(root), "minutes: soon", "minutes: 5")
        app.look()
        await settle(pilot)
        assert remark(app) == "✓ no problems"
        assert len(app.query(QuizView)) == 1


async def test_help_and_quit(root: Path, progress: Progress) -> None:
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert app.screen.name == "help"
        await pilot.press("escape", "q")
    assert app.return_code == 0


async def test_what_only_the_app_can_do_is_said_as_such(root: Path, progress: Progress) -> None:
    console = "```console {needs=sandbox}\n$ kubectl get pods\n```"
    more = f"::lab{{id=pods}}\n\n:::try{{needs=sandbox}}\nLook.\n\n{console}\n:::\n\n::quiz\n"
    replace_in(lesson_path(root), "::quiz\n", more)
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    async with app.run_test(size=(100, 120)) as pilot:
        await settle(pilot)
        rows = [strip.text for strip in app.screen._compositor.render_strips(app.screen.size)]
        text = " ".join(" ".join(rows).replace("▌", " ").split())
        assert "In the app, a button here opens the lab." in text
        assert "In the app, a button here runs these commands in the sandbox." in text
        assert "Not built yet" not in text


async def test_a_page_with_a_generator_is_shown(
    root: Path, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eks_lab.tui.generation_process.GenerationProcess", InProcess)
    replace_in(lesson_path(root), "::quiz\n", '::generate{name=hpa target=web fields="target"}\n\n::quiz\n')
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    async with app.run_test(size=(100, 60)) as pilot:
        await settle(pilot)
        form = app.query_one(GeneratorForm)
        assert form.generator.name == "hpa"


async def test_without_front_matter_live_things_say_what_they_wait_for(
    root: Path, progress: Progress
) -> None:
    replace_in(lesson_path(root), "minutes: ", "minutes: [")
    app = PreviewApp(find_preview(lesson_path(root)), progress)
    async with app.run_test(size=(100, 120)) as pilot:
        await settle(pilot)
        rows = [strip.text for strip in app.screen._compositor.render_strips(app.screen.size)]
        text = " ".join(" ".join(rows).replace("▌", " ").split())
        assert "::quiz, line" in text
        assert "The front matter cannot be read" in text
