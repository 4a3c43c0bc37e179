"""Journeys through the generators: list, choices, files, reasons, findings, presets, saving, comparing."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from eks_lab.checker.model import Severity
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.difference import DifferenceDialog
from eks_lab.tui.screens.generator import GeneratorScreen
from eks_lab.tui.screens.generators import GeneratorsScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.save_code import SaveCode
from eks_lab.tui.screens.save_files import SaveFiles
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.file_preview import FilePreview
from eks_lab.tui.widgets.file_tabs import FileTabs
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle
from tests.fake_generators import MANY, ONE, InProcess, finding, use_fake_generators
from tests.fake_sandbox import RUNNING, FakeSandbox
from tests.tui.calculator_journey import typed
from tests.tui.test_start import said


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_generators(monkeypatch)


def app_with(home: Path, generation: InProcess | None = None, lesson: str = "") -> EksLabApp:
    app = make_app(home, lesson=lesson)
    app.generation = generation or InProcess()
    return app


async def opened(pilot: object, name: str = "one") -> None:
    """Open a generator and wait for its files."""
    from textual.pilot import Pilot

    assert isinstance(pilot, Pilot)
    await settle(pilot)
    app = pilot.app
    assert isinstance(app, EksLabApp)
    app.show_generator(name)
    await settle(pilot)


def screen(app: EksLabApp) -> GeneratorScreen:
    assert isinstance(app.screen, GeneratorScreen)
    return app.screen


def shown(app: EksLabApp) -> str:
    """Return what stands on the screen with single spaces, without frames."""
    return " ".join(drawn(app).replace("│", " ").split())


def why(app: EksLabApp) -> str:
    return str(app.screen.query_one(".pane--why", Static).render())


def status(app: EksLabApp) -> str:
    return str(app.screen.query_one(".pane--status", Static).render())


class TestList:
    async def test_a_key_opens_it_and_enter_a_generator(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "G")
            assert isinstance(app.screen, GeneratorsScreen)
            assert "One manifest one manifest Writes one manifest." in shown(app)
            assert "2 generators" in drawn(app)
            await press(pilot, "down", "enter")
            assert screen(app).generator is MANY
            await press(pilot, "escape", "escape")
            assert app.screen.query_one(OptionList).highlighted == 1
            await press(pilot, "escape")
            assert isinstance(app.screen, HomeScreen)

    async def test_it_leads_to_the_lesson_where_there_is_one(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "G", "down")
            assert "Read the lesson" not in drawn(app)
            await press(pilot, "up", "l")
            assert isinstance(app.screen, ReaderScreen)

    async def test_a_generator_opens_from_the_palette(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "ctrl+p")
            await pilot.press(*"generator", "space", *"many")
            await settle(pilot)
            await press(pilot, "down", "enter")
            assert screen(app).generator is MANY


class TestChoices:
    async def test_the_file_follows_what_is_typed(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            assert "name: lab" in drawn(app)
            await typed(pilot, "shop")
            assert "name: shop" in drawn(app)
            assert "• Mind the quota." in drawn(app)

    async def test_choices_that_do_not_go_together_are_told_at_the_field(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "tab")
            await typed(pilot, "1")
            await press(pilot, "3")
            field = list(app.screen.query(CalculatorField))[1]
            note = str(field.query_one(".field--note", Static).render())
            assert note == "✗ replicas: 13 and lab bring bad luck together. Take another number."
            assert "do not go together" in status(app)
            assert "replicas: 1 " in shown(app), "the last files stay, and are called old"
            await press(pilot, "shift+tab")
            await typed(pilot, "shop")
            assert not field.query(".field--note").first().display
            assert "replicas: 13" in drawn(app)

    async def test_a_wrong_field_keeps_the_last_files_and_they_are_not_saved(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "tab")
            await typed(pilot, "x")
            assert "a field needs another look" in status(app)
            await press(pilot, "escape", "s")
            assert isinstance(app.screen, GeneratorScreen)

    async def test_a_defect_does_not_end_the_program(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "tab")
            await typed(pilot, "66")
            assert "Something went wrong here (ZeroDivisionError)" in said(app)
            await typed(pilot, "5")
            assert "replicas: 5" in drawn(app)

    async def test_presets_and_reset(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "shop")
            await press(pilot, "escape", "p")
            assert isinstance(app.screen, Choose)
            await press(pilot, "down", "enter")
            assert "replicas: 20" in drawn(app)
            assert "name: lab" in drawn(app), "what the preset leaves open goes back to its default"
            await press(pilot, "r")
            assert "replicas: 3" in drawn(app)

    async def test_choices_are_kept_for_the_next_session(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "shop")
            await press(pilot, "escape", "escape", "G")
            assert "(choices kept)" in drawn(app)
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            assert app.screen.query(Input).first().value == "shop"
            assert "name: shop" in drawn(app)


class TestFiles:
    async def test_a_line_says_why_it_is_there(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape")
            assert isinstance(app.focused, FilePreview)
            assert why(app) == "Line 1: This line has no reason of its own."
            await press(pilot, "w")
            assert why(app) == "Line 4: The name is what others find it by."
            await press(pilot, "w")
            assert why(app) == "Line 6: 3 survive a lost zone."
            await press(pilot, "w")
            assert why(app).startswith("Line 4")
            await press(pilot, "down", "down")
            assert "▸ 6 ? " in drawn(app), "cursor and reason are marked without colour"

    async def test_the_cursor_stays_when_the_file_changes(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "w", "w", "e", "tab")
            await typed(pilot, "7")
            assert why(app) == "Line 6: 7 survive a lost zone."

    async def test_files_are_reached_by_keys_name_and_mouse(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            await press(pilot, "escape")
            tabs = app.screen.query_one(FileTabs)
            assert "1/5" in drawn(app)
            await press(pilot, "right_square_bracket")
            assert tabs.present == 1
            await press(pilot, "left_square_bracket", "left_square_bracket")
            assert tabs.present == 4
            await press(pilot, "f", "up", "enter")
            assert tabs.present == 3
            await pilot.click(FileTabs, offset=(3, 0))
            await settle(pilot)
            assert tabs.present != 3
            await press(pilot, "w", "w", "w")
            assert why(app).endswith(f"Part {tabs.present + 1}.")

    async def test_findings_stand_at_their_line_in_words(self, tmp_path: Path) -> None:
        found = [finding(), finding(line=1, severity=Severity.ERROR, lesson=""), finding(line=99)]
        app = app_with(tmp_path, InProcess(*found))
        async with app.run_test(size=(160, 36)) as pilot:
            await opened(pilot)
            assert status(app) == "✗ 1 error  ▲ 2 warnings  n: to the next"
            text = shown(app)
            assert "▲ warning: line 6 has few replicas. Write 3 or more." in text
            assert text.index("line 99 has few") < text.index("apiVersion"), "what has no line stands on top"
            await press(pilot, "escape", "n")
            assert why(app).startswith("▲ warning: line 6")
            await press(pilot, "n")
            assert why(app).startswith("✗ error: line 1")
            await press(pilot, "n", "L")
            assert isinstance(app.screen, ReaderScreen)
            assert app.screen.lesson is not None
            assert app.screen.lesson.id == "basics.pods"

    async def test_the_next_finding_may_be_in_another_file(self, tmp_path: Path) -> None:
        app = app_with(tmp_path, InProcess(finding("part-4.tf", 2)))
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            assert "▲ part-4.tf" in drawn(app)
            await press(pilot, "escape", "n")
            assert app.screen.query_one(FileTabs).present == 3

    async def test_no_judgement_says_why(self, tmp_path: Path) -> None:
        app = app_with(tmp_path, InProcess(problem="Nobody can judge this."))
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            assert status(app) == "Nobody can judge this."

    async def test_a_clean_file_says_so(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            assert status(app) == "✓ The checker finds nothing."
            await press(pilot, "escape", "n")
            assert "Next finding" not in drawn(app)

    async def test_a_click_moves_the_cursor_and_keys_move_sideways(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await pilot.click(FilePreview, offset=(12, 3))
            await settle(pilot)
            assert why(app).startswith("Line 4")
            preview = app.screen.query_one(FilePreview)
            preview.focus()
            await press(pilot, "right")
            assert preview.scroll_offset.x == 8
            await press(pilot, "left", "end", "home", "pagedown", "pageup")
            assert (preview.scroll_offset.x, preview.line) == (0, 1)

    async def test_copying_takes_the_file_that_is_shown(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            await press(pilot, "escape", "right_square_bracket", "c")
            assert app.clipboard == 'locals {\n  zone = "a"\n}\n'
            assert "3 lines" in said(app)

    async def test_manifests_are_sent_to_the_sandbox(self, tmp_path: Path) -> None:
        app, sandbox = app_with(tmp_path), FakeSandbox(RUNNING)
        app.sandbox = sandbox
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "x")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert [call for call in sandbox.calls if call.startswith("apply")]
            assert "configured" in said(app)

    async def test_what_is_no_manifest_is_not_sent(self, tmp_path: Path) -> None:
        app, sandbox = app_with(tmp_path), FakeSandbox(RUNNING)
        app.sandbox = sandbox
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            await press(pilot, "escape", "x")
            assert "Only manifests are applied from here." in said(app)
            assert sandbox.calls == []


class TestSaving:
    async def test_one_file_goes_where_code_goes(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "s")
            assert isinstance(app.screen, SaveCode)
            await press(pilot, "enter")
            assert (tmp_path / "saved" / "one.yaml").read_text().startswith("apiVersion")
            assert app.saved_files("one") == {"one.yaml": tmp_path / "saved" / "one.yaml"}

    async def test_many_go_to_a_folder_and_nothing_is_overwritten_unasked(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        folder = tmp_path / "saved" / "many"
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            await press(pilot, "escape", "s")
            assert isinstance(app.screen, SaveFiles)
            await press(pilot, "enter")
            assert len(list(folder.iterdir())) == 5
            (folder / "part-2.tf").write_text("mine")
            await press(pilot, "s", "enter")
            assert isinstance(app.screen, SaveFiles)
            assert "1 file is there with another content: part-2.tf." in shown(app)
            assert (folder / "part-2.tf").read_text() == "mine"
            await press(pilot, "enter")
            assert isinstance(app.screen, GeneratorScreen)
            assert (folder / "part-2.tf").read_text().startswith("locals")
            assert (folder / "part-2.tf.bak").read_text() == "mine"
            assert "4 of them as they were" in said(app)

    async def test_a_folder_that_is_a_file_is_told(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            (tmp_path / "saved" / "many").write_text("a file")
            await press(pilot, "escape", "s", "enter")
            assert "✗" in shown(app)
            assert isinstance(app.screen, SaveFiles)
            assert (tmp_path / "saved" / "many").read_text() == "a file"
            await press(pilot, "escape")
            assert isinstance(app.screen, GeneratorScreen)

    async def test_an_empty_name_is_told(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            await press(pilot, "escape", "s")
            app.screen.query_one("#save-name", Input).value = " "
            await press(pilot, "enter")
            assert "is not the name of a folder" in shown(app)


class TestComparing:
    async def test_with_the_guide_and_with_what_was_saved(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "d")
            assert isinstance(app.screen, DifferenceDialog)
            text = shown(app)
            assert "Chapter 4. Today:" in text
            assert "• Two replicas are three now." in text
            assert "Nothing was saved yet" in text
            await press(pilot, "escape", "s", "enter", "d")
            assert "No difference" in shown(app)
            await press(pilot, "d", "e")
            await typed(pilot, "shop")
            await press(pilot, "escape", "d")
            text = drawn(app)
            assert "-  name: lab" in text
            assert "+  name: shop" in text

    async def test_a_saved_file_that_is_gone_is_told(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "s", "enter")
            (tmp_path / "saved" / "one.yaml").unlink()
            await press(pilot, "d")
            assert "there is no file" in shown(app)

    async def test_a_generator_the_guide_does_not_have(self, tmp_path: Path) -> None:
        app = app_with(tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, "many")
            await press(pilot, "escape", "d")
            assert "The guide has no version of its own." in shown(app)


@pytest.mark.parametrize("size", [USUAL, SMALLEST, (40, 30), WIDE, (200, 60)])
async def test_every_part_is_reached_by_tab_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_with(tmp_path, InProcess(finding()))
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        seen = set()
        for _ in range(4):
            assert app.focused is not None
            seen.add(type(app.focused).__name__)
            region = app.focused.region
            assert region.right <= size[0]
            assert region.intersection(app.screen.region).area, f"{app.focused} is not seen"
            await press(pilot, "tab")
        assert seen == {"LineInput", "FilePreview"}
        assert "apiVersion" in drawn(app), "the file stays on the screen"


async def test_light_dark_and_no_colour_draw_the_same_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = set()
    for number, theme in enumerate(("eks-dark", "eks-light", "none")):
        if theme == "none":
            monkeypatch.setenv("NO_COLOR", "1")
        app = app_with(tmp_path / str(number), InProcess(finding()))
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot)
            if theme != "none":
                app.theme = theme
            await press(pilot, "escape", "n")
            pictures.add(drawn(app))
    assert len(pictures) == 1


async def test_the_lesson_is_one_key_away(tmp_path: Path) -> None:
    app = app_with(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await press(pilot, "escape", "l")
        assert isinstance(app.screen, ReaderScreen)


def test_the_fakes_are_what_these_tests_think() -> None:
    assert ONE.presets
    assert MANY.original is None
