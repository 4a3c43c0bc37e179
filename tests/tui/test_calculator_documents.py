"""Calculators that read files, and those that take long: in the background, marked as old, stopped on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from eks_lab.calc.model import Answer, Value
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.drafts import Draft
from eks_lab.tui.screens.calculator import CalculatorScreen
from eks_lab.tui.widgets import pending_row
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.calculator_fields import Background, CalculatorFields
from eks_lab.tui.widgets.document_input import DocumentInput, path_matches
from tests.builders import drawn, make_app, press, settle
from tests.fake_calculators import READ, SHOW, read, use_fakes
from tests.tui.calculator_journey import answer, screen, state, typed, until, words
from tests.tui.test_start import said

BESIDE = (100, 40)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


class Gate:
    """A slow calculation that ends when the test lets it."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Value]] = []
        self.ended: list[str] = []
        self.open = asyncio.Event()

    async def __call__(self, values: Mapping[str, Value]) -> Answer:
        self.asked.append(values)
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("answered")
        return read(values)


class TestDocuments:
    @pytest.fixture
    def pods(self, tmp_path: Path) -> Path:
        folder = tmp_path / "files"
        folder.mkdir()
        (folder / "pods.yaml").write_text("a: 1\nb: 2\nc: 3\n")
        (folder / "policy.json").write_text("{}")
        (folder / "binary").write_bytes(b"\0\1")
        return folder

    async def show_read(self, pilot: Pilot[None], gate: Background | None = None) -> None:
        """Show the reader of files; without a gate its background answers at once."""
        await settle(pilot)
        app = pilot.app
        assert isinstance(app, EksLabApp)

        async def at_once(values: Mapping[str, Value]) -> Answer:
            return read(values)

        shown = CalculatorScreen(READ, app.calculator_drafts.draft("read"), background=gate or at_once)
        app.push_screen(shown)
        await until(pilot, lambda: app.screen.name == "calculator" and screen(app).answer is not None)
        app.screen.query_one(CalculatorFields)._settle_seconds = 0

    async def name_file(self, pilot: Pilot[None], path: Path) -> DocumentInput:
        field = pilot.app.screen.query(DocumentInput).first()
        field.focus()
        field.value = str(path)
        await pilot.pause()
        return field

    async def test_the_example_is_answered_at_once_and_today_is_the_clocks(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await self.show_read(pilot)
            assert "2 lines on 2026-11-22." in drawn(app)
            assert "example; or a file" in drawn(app)

    async def test_a_file_is_read_and_counted(self, tmp_path: Path, pods: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await self.show_read(pilot)
            await self.name_file(pilot, pods / "pods.yaml")
            await settle(pilot)
            assert "3 lines on 2026-11-22." in drawn(app)
            assert "✓ 3 lines, " in drawn(app)
            assert answer(app).inputs["pods"] == "a: 1\nb: 2\nc: 3"

    @pytest.mark.parametrize(
        ("name", "said"),
        [("none.yaml", "there is no file"), ("binary", "is a binary file"), (".", "is a folder")],
    )
    async def test_a_file_that_cannot_be_used_is_told_in_place(
        self, tmp_path: Path, pods: Path, name: str, said: str
    ) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await self.show_read(pilot)
            await self.name_file(pilot, pods / name)
            await settle(pilot)
            await press(pilot, "tab")
            note = str(app.screen.query(CalculatorField).first().query_one(".field--note").render())
            assert "✗ pods: " in note
            assert said in " ".join(note.split())
            assert "Not computed, a field needs another look." in state(app)

    async def test_the_beginning_of_a_name_lists_what_there_is(self, tmp_path: Path, pods: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=(160, 40)) as pilot:
            await self.show_read(pilot)
            await self.name_file(pilot, pods / "po")
            await settle(pilot)
            note = str(app.screen.query(CalculatorField).first().query_one(".field--note").render())
            assert "pods.yaml" in note
            assert "policy.json" in note
            assert "✗" not in note

    async def test_enter_reads_the_file_again(self, tmp_path: Path, pods: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await self.show_read(pilot)
            await self.name_file(pilot, pods / "pods.yaml")
            await settle(pilot)
            (pods / "pods.yaml").write_text("one\n")
            await press(pilot, "enter")
            assert "1 lines on" in drawn(app)

    async def test_the_name_is_kept_between_visits(self, tmp_path: Path, pods: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await self.show_read(pilot)
            await self.name_file(pilot, pods / "pods.yaml")
            await settle(pilot)
            await press(pilot, "escape", "escape")
            assert app.calculator_drafts.draft("read").typed == {"pods": str(pods / "pods.yaml")}
            await self.show_read(pilot)
            await until(pilot, lambda: "3 lines on" in drawn(app))
            assert app.screen.query(DocumentInput).first().value == str(pods / "pods.yaml")
            await press(pilot, "escape", "r")
            assert "2 lines on" in drawn(app)

    def test_path_matches(self, pods: Path) -> None:
        (pods / "pod-folder").mkdir()
        (pods / ".hidden").write_text("")
        assert path_matches(f"{pods}/po") == [
            f"{pods}/{name}" for name in ("pod-folder/", "pods.yaml", "policy.json")
        ]
        assert f"{pods}/.hidden" not in path_matches(f"{pods}/")
        assert path_matches(f"{pods}/.h") == [f"{pods}/.hidden"]
        assert path_matches(f"{pods}/none/x") == []
        assert path_matches("\0") == []


class TestSlow:
    @pytest.fixture
    def pods(self, tmp_path: Path) -> Path:
        (tmp_path / "pods.yaml").write_text("a\nb\nc\n")
        return tmp_path / "pods.yaml"

    async def start(self, pilot: Pilot[None], gate: Gate, pods: Path) -> None:
        """Show the reader of files and give it one, so that it computes behind the gate."""
        documents = TestDocuments()
        await documents.show_read(pilot, gate)
        await documents.name_file(pilot, pods)
        await until(pilot, lambda: len(gate.asked) == 1)

    async def test_the_screen_goes_on_and_the_answer_is_marked_as_old(
        self, tmp_path: Path, pods: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # However long this machine takes, no second passes.
        monkeypatch.setattr(pending_row, "perf_counter", lambda: 0.0)
        app, gate = make_app(tmp_path), Gate()
        async with app.run_test(size=BESIDE) as pilot:
            await self.start(pilot, gate, pods)
            assert "Computing. The last answer:" in state(app)
            assert "2 lines on 2026-11-22." in drawn(app)
            assert "Computing … 0 s. Esc stops it." in words(app)
            await pilot.press("tab")
            await pilot.pause()
            assert app.focused is not app.screen.query(DocumentInput).first(), "keys still work"
            gate.open.set()
            await settle(pilot)
            assert "3 lines on 2026-11-22." in drawn(app)
            assert "Computing" not in drawn(app)
            assert gate.ended == ["answered"]

    async def test_a_change_takes_the_place_of_the_running_one(self, tmp_path: Path, pods: Path) -> None:
        app, gate = make_app(tmp_path), Gate()
        async with app.run_test(size=BESIDE) as pilot:
            await self.start(pilot, gate, pods)
            date = app.screen.query(Input).last()
            date.value = "2026-12-24"
            await until(pilot, lambda: len(gate.asked) == 2)
            assert gate.ended == ["cancelled"]
            gate.open.set()
            await settle(pilot)
            assert "3 lines on 2026-12-24." in drawn(app)

    async def test_escape_stops_it_and_the_button_starts_it_again(self, tmp_path: Path, pods: Path) -> None:
        app, gate = make_app(tmp_path), Gate()
        async with app.run_test(size=BESIDE) as pilot:
            await self.start(pilot, gate, pods)
            await press(pilot, "escape")
            assert gate.ended == ["cancelled"]
            assert "Stopped before there was a new answer." in state(app)
            assert "2 lines on 2026-11-22." in drawn(app)
            button = app.screen.query_one("#stop", Button)
            assert str(button.label) == "Compute"
            gate.open.set()
            button.press()
            await until(pilot, lambda: len(gate.asked) == 2)
            await settle(pilot)
            assert "3 lines on 2026-11-22." in drawn(app)

    async def test_leaving_stops_it(self, tmp_path: Path, pods: Path) -> None:
        app, gate = make_app(tmp_path), Gate()
        async with app.run_test(size=BESIDE) as pilot:
            await self.start(pilot, gate, pods)
            app.pop_screen()
            await until(pilot, lambda: gate.ended == ["cancelled"])
            await settle(pilot)

    async def test_a_refusal_of_a_slow_one(self, tmp_path: Path, pods: Path) -> None:
        pods.write_text("refuse\n")
        app, gate = make_app(tmp_path), Gate()
        gate.open.set()
        async with app.run_test(size=BESIDE) as pilot:
            await self.start(pilot, gate, pods)
            await settle(pilot)
            assert "✗ pods: the text says refuse. Write something else." in words(app)

    async def test_a_defect_of_a_slow_one(self, tmp_path: Path, pods: Path) -> None:
        async def broken(values: Mapping[str, Value]) -> Answer:
            gate.asked.append(values)
            raise ZeroDivisionError

        app, gate = make_app(tmp_path), Gate()
        async with app.run_test(size=BESIDE) as pilot:
            await TestDocuments().show_read(pilot, broken)
            await TestDocuments().name_file(pilot, pods)
            await until(pilot, lambda: len(gate.asked) == 1)
            await settle(pilot)
            assert "This calculator has a defect with these inputs" in words(app)
            assert "Something went wrong here (ZeroDivisionError)" in said(app)

    async def test_one_that_is_slow_again_and_again_goes_to_the_background(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("eks_lab.tui.widgets.calculator_fields.SLOW_SECONDS", -1.0)
        asked = []

        async def background(values: Mapping[str, Value]) -> Answer:
            asked.append(values["nodes"])
            return SHOW.compute(values)

        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await settle(pilot)
            app.push_screen(CalculatorScreen(SHOW, Draft(), background=background))
            await settle(pilot)
            app.screen.query_one(CalculatorFields)._settle_seconds = 0
            for number in (5, 6, 7, 8):
                await typed(pilot, str(number))
            assert "8 nodes are shown." in drawn(app)
            assert asked[-1] == 8
            assert asked.count(8) == 1
