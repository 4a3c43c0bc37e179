"""Having files judged: a path, findings in words, the way to their lessons."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from eks_lab.checker.model import Finding, Report, Severity
from eks_lab.errors import UnavailableError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.checker import CheckerScreen
from eks_lab.tui.screens.home import HomeScreen
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle
from tests.fake_generators import InProcess, finding

FOUND = Report(
    (finding("a.yaml", 3), finding("a.yaml", 0, Severity.NOTE, lesson="")),
    ("a.yaml",),
    (Finding("b.tf", 0, "unreadable", Severity.ERROR, "b.tf is a binary file", "Give text."),),
)


def app_with(home: Path, report: Report | Exception) -> tuple[EksLabApp, InProcess]:
    app, generation = make_app(home), InProcess()
    generation.report = report
    app.generation = generation
    return app, generation


def shown(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


async def test_findings_are_listed_in_words_and_lead_to_lessons(tmp_path: Path) -> None:
    app, generation = app_with(tmp_path, FOUND)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "K")
        assert isinstance(app.screen, CheckerScreen)
        assert "nothing leaves this machine" in shown(app)
        await pilot.press(*"infra")
        await press(pilot, "enter")
        assert generation.checked == [(Path("infra"),)]
        text = shown(app)
        assert "1 file read in infra: ✗ 1 error ▲ 1 warning • 1 note" in text
        assert "✗ error b.tf unreadable b.tf is a binary file Give text." in text
        assert "▲ warning a.yaml:3 few-replicas line 3 has few replicas Write 3 or more." in text
        assert isinstance(app.focused, OptionList)
        assert "Its lesson" not in text, "the first finding has none"
        await press(pilot, "c")
        assert app.clipboard.splitlines()[1] == (
            "a.yaml:3: few-replicas: ▲ warning: line 3 has few replicas. Write 3 or more."
        )
        await press(pilot, "down", "enter")
        assert app.reader is not None
        assert app.reader.lesson is not None
        assert app.reader.lesson.id == "basics.pods"


async def test_the_same_path_is_checked_again_and_another_one_typed(tmp_path: Path) -> None:
    app, generation = app_with(tmp_path, FOUND)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "K", "x", "enter")
        generation.report = Report((), ("x",))
        await press(pilot, "r")
        assert generation.checked == [(Path("x"),), (Path("x"),)]
        assert "✓ 1 file read in x, nothing found." in shown(app)
        await press(pilot, "e", "y", "enter")
        assert generation.checked[-1] == (Path("y"),)
        await press(pilot, "tab", "escape")
        assert isinstance(app.screen, HomeScreen)


@pytest.mark.parametrize(
    ("typed", "report", "told"),
    [
        ("", FOUND, "Type the name of a file or a folder first."),
        ("x", Report((), ()), "There is nothing to check in x"),
        (
            "x",
            UnavailableError("The preview ended without an answer."),
            "✗ The preview ended without an answer.",
        ),
    ],
)
async def test_what_leads_to_nothing_is_said(
    tmp_path: Path, typed: str, report: Report | Exception, told: str
) -> None:
    app, _ = app_with(tmp_path, report)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "K", *typed, "enter")
        assert told in shown(app)


@pytest.mark.parametrize("size", [SMALLEST, USUAL, (200, 60)])
async def test_it_fits_every_size_and_no_colour(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = app_with(tmp_path, FOUND)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "K", "x", "enter")
        assert "✗ error" in drawn(app)
        assert app.focused is not None
        assert app.focused.region.right <= size[0]
