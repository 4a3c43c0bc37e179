"""Saving a block of code from the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.save_code import SaveCode
from tests.builders import SMALLEST, USUAL, drawn, is_on, make_app, press, settle
from tests.tui.test_start import said


async def ask(pilot: Pilot[None]) -> SaveCode:
    """Focus the manifest of the page and ask to save it."""
    await settle(pilot)
    await press(pilot, "tab", "tab", "s")
    assert isinstance(pilot.app.screen, SaveCode)
    return pilot.app.screen


def named(app: EksLabApp, name: str) -> None:
    app.screen.query_one("#save-name", Input).value = name


@pytest.mark.parametrize("size", [USUAL, SMALLEST])
async def test_enter_saves_under_the_offered_name(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=size) as pilot:
        dialog = await ask(pilot)
        assert dialog.query_one("#save-name", Input).value == "node.yaml"
        await press(pilot, "enter")
        assert is_on(app, ReaderScreen)
        assert "✓ Saved" in said(app)
    written = (tmp_path / "saved" / "node.yaml").read_text()
    assert (
        written
        == (Path(__file__).parents[1] / "data/course/01-basics/10-nodes/manifests/node.yaml").read_text()
    )


async def test_a_name_that_is_taken_offers_two_ways_out(tmp_path: Path) -> None:
    mine = tmp_path / "saved" / "node.yaml"
    app = make_app(tmp_path, lesson="basics.nodes")
    mine.write_text("mine")
    async with app.run_test(size=USUAL) as pilot:
        await ask(pilot)
        await press(pilot, "enter")
        assert is_on(app, SaveCode)
        assert "exists already" in drawn(app)
        assert mine.read_text() == "mine"
        await pilot.click("#save-free")
        await settle(pilot)
        assert mine.read_text() == "mine"
        assert (tmp_path / "saved" / "node-2.yaml").exists()


async def test_overwriting_is_a_choice_and_keeps_a_copy(tmp_path: Path) -> None:
    mine = tmp_path / "saved" / "node.yaml"
    app = make_app(tmp_path, lesson="basics.nodes")
    mine.write_text("mine")
    async with app.run_test(size=USUAL) as pilot:
        await ask(pilot)
        await press(pilot, "enter")
        app.screen.query_one("#save-over").focus()
        await press(pilot, "enter")
        assert mine.read_text().startswith("apiVersion: v1")
        assert (tmp_path / "saved" / "node.yaml.bak").read_text() == "mine"
        assert "node.yaml.bak" in said(app)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is not a file name"),
        ("no/such/a.yaml", "There is no folder"),
        ("~nobody-of-that-name/a.yaml", "nobody's home folder is"),
    ],
)
async def test_what_goes_wrong_is_said_in_the_dialog(tmp_path: Path, name: str, reason: str) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await ask(pilot)
        named(app, name)
        await press(pilot, "enter")
        assert is_on(app, SaveCode)
        assert reason in " ".join(drawn(app).split())
        assert list((tmp_path / "saved").iterdir()) == []
        await press(pilot, "escape")
        assert is_on(app, ReaderScreen)


async def test_the_folder_of_the_settings_is_used(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    other = tmp_path / "other"
    other.mkdir()
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.change_setting("save_folder", str(other))
        await settle(pilot)
        await ask(pilot)
        await press(pilot, "enter")
    assert (other / "node.yaml").exists()
