"""Taking an answer along: copying and saving."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.save_code import SaveCode
from tests.builders import USUAL, drawn, make_app, press
from tests.fake_calculators import use_fakes
from tests.tui.calculator_journey import opened, screen

BESIDE = (100, 40)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


class TestTakingItAlong:
    async def test_copy(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "c")
            assert app.clipboard.startswith("Show of everything (show)\nNodes: 4 nodes\n")
            assert "Nodes and zones" in app.clipboard

    @pytest.mark.parametrize(
        ("downs", "name", "first"),
        [
            (0, "show.txt", "Show of everything (show)"),
            (1, "show.json", "{"),
            (2, "show.csv", "part,name,value,unit"),
            (3, "show-nodes-and-zones.csv", "Node,Zone,Price (USD/h),Spot"),
            (5, "show-nodes-over-time.csv", "minutes,wanted,ready"),
        ],
    )
    async def test_save(self, tmp_path: Path, downs: int, name: str, first: str) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "s")
            assert isinstance(app.screen, Choose)
            await press(pilot, *["down"] * downs, "enter")
            assert isinstance(app.screen, SaveCode)
            await press(pilot, "enter")
            screen(app)
        text = (tmp_path / "saved" / name).read_text()
        assert text.splitlines()[0] == first
        if name.endswith(".json"):
            assert json.loads(text)["result"]["show"] == 4

    async def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        mine = tmp_path / "saved" / "show.txt"
        mine.write_text("mine")
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "s", "enter", "enter")
            assert isinstance(app.screen, SaveCode)
            assert "exists already" in drawn(app)
            await press(pilot, "escape")
        assert mine.read_text() == "mine"

    async def test_the_lesson(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "l")
            assert isinstance(app.screen, ReaderScreen)
            await press(pilot, "escape")
            await opened(pilot, "read")
            await press(pilot, "escape", "l")
            screen(app)
