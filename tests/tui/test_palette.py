"""The command palette offers what works now."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette, Hit
from textual.pilot import Pilot

from eks_lab.tui import commands
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.bookmarks import BookmarksScreen
from eks_lab.tui.screens.reader import ReaderScreen
from tests.builders import USUAL, drawn, is_on, make_app, press, settle


async def offered(app: EksLabApp, provider: type[commands.CourseProvider], query: str = "") -> list[str]:
    """Return the names a provider offers on the present screen."""
    made = provider(app.screen)
    await made.startup()
    if not query:
        return [command.name for command in made.commands()]
    return [str(hit.match_display) async for hit in made.search(query) if isinstance(hit, Hit)]


async def run_command(pilot: Pilot[None], query: str) -> None:
    await press(pilot, "ctrl+p")
    assert isinstance(pilot.app.screen, CommandPalette)
    await press(pilot, *query.replace(" ", "_").replace("_", " ").split("|"))
    await pilot.press(*[character if character != " " else "space" for character in query])
    await settle(pilot)
    await press(pilot, "down", "enter")


async def test_actions_are_those_of_the_screen(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        at_home = await offered(app, commands.ActionCommands)
        assert "Continue (c)" in at_home
        assert not any(name.startswith("Bookmark (") for name in at_home)
        await press(pilot, "enter")
        reading = await offered(app, commands.ActionCommands)
        assert "Bookmark (b)" in reading
        assert "Next (n)" in reading
        assert "Previous (p)" not in reading, "there is no lesson before the first one"


async def test_lessons_themes_calculators_and_diagrams(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert await offered(app, commands.LessonCommands, "addresses") == [
            "Lesson: Where addresses come from"
        ]
        themes = await offered(app, commands.ThemeCommands)
        assert "Theme: Light" in themes
        assert "Theme: Dark" not in themes
        live = await offered(app, commands.LiveCommands)
        assert "Diagram: A pod finds a node" in live
        assert any(name.startswith("Calculator: ") for name in live)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("where addresses", "Where addresses come from"), ("pod finds", "The scheduler looks for a node")],
)
async def test_a_command_is_typed_and_run(tmp_path: Path, typed: str, expected: str) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        assert is_on(app, CommandPalette)
        await pilot.press(*["space" if character == " " else character for character in typed])
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert not is_on(app, CommandPalette)
        assert expected in drawn(app)


async def test_a_theme_chosen_in_the_palette_is_kept(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        await pilot.press(*"light")
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert app.theme == "eks-light"
        assert app.library.progress.settings().theme == "eks-light"


async def test_an_action_runs_on_the_screen_below(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        await pilot.press(*"bookmarks")
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert is_on(app, BookmarksScreen)
        await press(pilot, "escape")
        assert is_on(app, ReaderScreen)
