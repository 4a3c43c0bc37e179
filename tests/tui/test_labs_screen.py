"""The labs: the list, a lab with its checks and hints, the terminal beside it, the debrief, and what goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from eks_lab.errors import DataError, UnavailableError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.lab_view import LabRow, LabState
from eks_lab.tui.screens.answer_check import AnswerCheck
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.debrief import DebriefScreen
from eks_lab.tui.screens.labs import LabsScreen
from eks_lab.tui.screens.practice import PracticeScreen
from eks_lab.tui.widgets import terminal_pane
from eks_lab.tui.widgets.check_list import CheckList
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.terminal_pane import TerminalPane
from tests.builders import SMALLEST, USUAL, WIDE, drawn, is_on, make_app, press, settle
from tests.fake_labs import SOLVED, STATE, FakeLabs
from tests.fake_sandbox import RUNNING, FakeSandbox


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on whether textual-tty is installed."""
    monkeypatch.setattr(terminal_pane, "MODULE", "textual_tty_that_is_not_there")


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look when a test says so."""
    monkeypatch.setattr(PracticeScreen, "LOOK_EVERY_SECONDS", 60.0)


def app_with(home: Path, state: LabState | None = None) -> tuple[EksLabApp, FakeLabs]:
    app, labs = make_app(home), FakeLabs(state)
    app.labs, app.sandbox = labs, FakeSandbox(RUNNING)
    return app, labs


def shown(app: EksLabApp) -> str:
    """Return what is drawn, pane by pane."""
    lines = [line.replace("▌", " ").split("│") for line in drawn(app).splitlines()]
    panes = range(max(map(len, lines)))
    text = " ".join(line[pane] for pane in panes for line in lines if len(line) > pane)
    return " ".join(text.split())


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


async def to_lab(pilot: Pilot[Any]) -> None:
    """Open the second lab."""
    await settle(pilot)
    await press(pilot, "L", "down", "enter")


async def looked(pilot: Pilot[Any]) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, PracticeScreen)
    screen.look_again()
    await settle(pilot)


async def test_the_labs_are_listed_with_time_difficulty_and_standing(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "L")
        assert is_on(app, LabsScreen)
        assert "The first lab ✓ 95 points Chapter 0 · 5 min · easy" in shown(app)
        assert "The second lab ○ new Chapter 3 · 20 min · usual" in shown(app)
        assert "1 of 3 solved" in shown(app)
        await press(pilot, "end", "enter")
        assert is_on(app, LabsScreen)
        assert "lab.yaml:3: title: there is none" in shown(app)
        labs.list = ()
        await press(pilot, "escape", "L")
        assert "There are no labs yet." in shown(app)
        labs.blindness = DataError("the record is locked", hint="Close the other program.")
        await press(pilot, "escape", "L")
        assert "✗ the record is locked Next: Close the other program." in shown(app)


async def test_a_lab_is_begun_after_asking(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        assert is_on(app, Confirm)
        assert "what is in it now comes back" in shown(app)
        await press(pilot, "n")
        assert is_on(app, LabsScreen)
        assert labs.calls == []
        await press(pilot, "enter", "y")
        assert labs.calls == ["start second"]
        assert is_on(app, PracticeScreen)
        text = shown(app)
        assert "Three pods want to run." in text
        assert "1. Look at the pods." in text
        assert "kubectl get pods" in text
        assert "○ All pods run 60 Only 1 of 3 pods runs." in text
        assert "○ You know why ? 20 Which one?" in text
        assert "0 points, 0/3 checks, 2 of 20 min" in text
        assert "Your files: /labs/second" in text
        assert "2026-11-22 12:00:00 UTC, at 1x" in text
        assert "eks-lab sandbox shell" in text, "there is no terminal in the app"
        await press(pilot, "escape", "enter")
        assert is_on(app, PracticeScreen), "it goes on without a question"
        assert labs.calls == ["start second"]


async def test_a_lab_that_cannot_be_begun_says_why(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path)
    labs.failure = UnavailableError("kubectl is not installed", hint="Install it.")
    async with app.run_test(size=USUAL) as pilot:
        await to_lab(pilot)
        await press(pilot, "y")
        assert "✗ kubectl is not installed Next: Install it." in shown(app)
        assert not offered(app) & {"Hint", "Reset", "End lab"}
        await press(pilot, "escape")
        assert is_on(app, LabsScreen)


async def test_another_lab_that_runs_is_named_before_it_is_ended(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path, replace(STATE, id="other", title="Another lab"))
    async with app.run_test(size=USUAL) as pilot:
        await to_lab(pilot)
        assert "“Another lab” runs and is ended then." in shown(app)
        await press(pilot, "y")
        assert labs.calls == ["start second"]


async def test_checks_turn_green_by_themselves_until_the_lab_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PracticeScreen, "LOOK_EVERY_SECONDS", 0.1)
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        assert not offered(app) & {"Debrief", "Next lab"}
        first = replace(STATE.checks[0], holds=True, says="")
        labs.state = replace(STATE, checks=(first, *STATE.checks[1:]), points=60)
        async with asyncio.timeout(60):
            # The message goes its own way through the app: it may come after the check is drawn.
            while "✓ All pods run" not in shown(app) or not app._notifications:
                await pilot.pause(0.02)
        assert "60 points, 1/3 checks" in shown(app)
        assert "Only 1 of 3 pods runs." not in shown(app)
        assert [note.title for note in app._notifications] == ["✓ 1 of 3"]
        labs.state = SOLVED
        await looked(pilot)
        assert "✓ Solved: 90 points. d debrief, n next lab" in shown(app)
        assert {"Debrief", "Next lab"} <= offered(app)
        assert "Hint" not in offered(app)
        await press(pilot, "d")
        assert is_on(app, DebriefScreen)
        text = shown(app)
        assert "90 points in 2 min; 1 hint took 10 points" in text
        assert "$ kubectl get pods" in text
        assert "A pod needs room." in text
        assert "About $0.35 an hour (calculator)." in text
        await press(pilot, "n")
        assert is_on(app, Confirm), "the next lab is offered"
        assert "“The second lab” runs" in shown(app)
        await press(pilot, "y")
        assert labs.calls == ["start first"]


async def test_a_hint_is_taken_after_its_price_was_said(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        await press(pilot, "h")
        assert "It takes up to 10 points" in shown(app)
        await press(pilot, "n", "h", "y")
        assert labs.calls == ["hint"]
        assert "Hint: Look at the events. (−10 points, 0 left)" in shown(app)
        assert "Hint" not in offered(app), "there is none left"
        await press(pilot, "tab")
        assert "Look at the events. (−10 points)" in shown(app)


async def test_questions_are_answered_from_the_list(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        await press(pilot, "enter")
        assert is_on(app, PracticeScreen), "the first check asks nothing"
        await press(pilot, "down", "enter")
        assert is_on(app, Choose)
        await press(pilot, "down", "enter")
        assert labs.calls == ["answer why 2"]
        await press(pilot, "down", "enter")
        assert is_on(app, AnswerCheck)
        assert "1. a 2. b" in shown(app)
        app.screen.query_one(Input).value = "2,1"
        await press(pilot, "enter")
        assert labs.calls[1:] == ["answer order 2,1"]
        wrong = replace(STATE.checks[2], answer="2,1", says="Not yet.")
        labs.state = replace(STATE, checks=(*STATE.checks[:2], wrong))
        await looked(pilot)
        assert "Your answer was 2,1. Not yet." in shown(app)


async def test_resetting_solving_and_ending_are_asked_about(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        await press(pilot, "R", "n", "Y", "n", "x", "n")
        assert labs.calls == []
        await press(pilot, "R", "y")
        assert "The lab is as it was at its start." in shown(app)
        await press(pilot, "Y", "y")
        assert "$ kubectl scale deployment web --replicas=3" in shown(app)
        await press(pilot, "x", "y")
        assert labs.calls == ["reset", "solve", "stop"]
        assert is_on(app, LabsScreen)


async def test_simulated_time_is_played_and_stands_still(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        await press(pilot, "3", "p", "a")
        assert isinstance(app.sandbox, FakeSandbox)
        assert app.sandbox.calls == ["speed 60x", "speed pause", "advance 5"]
        assert "5 minutes played" in shown(app)


async def test_a_sandbox_that_does_not_run_is_started_and_the_lab_goes_on(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        assert "Start" not in offered(app)
        labs.blindness = UnavailableError("the sandbox does not run", hint="Start it.")
        await looked(pilot)
        assert "✗ the sandbox does not run Next: Start it." in shown(app)
        assert "All pods run" in shown(app), "what was seen last stays"
        await press(pilot, "s")
        assert isinstance(app.sandbox, FakeSandbox)
        assert app.sandbox.calls == ["start"]
        labs.blindness = None
        await looked(pilot)
        assert "does not run" not in shown(app)
        assert "Start" not in offered(app)


async def test_a_lab_that_is_ended_elsewhere_says_so(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=WIDE) as pilot:
        await to_lab(pilot)
        labs.state = None
        await looked(pilot)
        assert "▲ This lab has been ended elsewhere." in shown(app)
        assert "End lab" not in offered(app)


class Shell(Widget, can_focus=True):
    """A terminal that remembers what it was told."""

    class ProcessExited(Message):
        """As textual-tty sends it."""

    typed = ""

    def __init__(self, command: list[str]) -> None:
        super().__init__()
        self.command = command

    def render(self) -> str:
        return "a shell"

    def on_key(self, event: Any) -> None:
        event.stop()
        event.prevent_default()
        self.typed += event.key

    @property
    def message_name(self) -> str:
        return "terminal"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> type[Shell]:
    """Have a terminal for the app."""

    class Terminal(Shell):
        class ProcessExited(Message):
            """As textual-tty sends it."""

    module = ModuleType("fake_tty")
    module.Terminal = Terminal  # type: ignore[attr-defined]
    module.__spec__ = contextlib.nullcontext()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "fake_tty", module)
    monkeypatch.setattr(terminal_pane, "MODULE", "fake_tty")
    return Terminal


@pytest.mark.parametrize("size", [USUAL, (140, 40)])
async def test_keys_go_to_the_terminal_until_f2(
    tmp_path: Path, shell: type[Shell], size: tuple[int, int]
) -> None:
    app, labs = app_with(tmp_path, STATE)
    async with app.run_test(size=size) as pilot:
        await to_lab(pilot)
        assert ("a shell" in shown(app)) is (size != USUAL), "80 columns have room for one pane"
        await press(pilot, "f2")
        assert "a shell" in shown(app)
        assert ("All pods run" in shown(app)) is (size != USUAL)
        assert not offered(app) & {"Hint", "End lab", "Back"}, "these keys are the shell's"
        await press(pilot, "x", "h", "ctrl+p", "escape", "question_mark")
        terminal = app.screen.query_one(Shell)
        assert terminal.command[-1] == "true"
        assert terminal.typed == "xhctrl+pescapequestion_mark"
        assert labs.calls == []
        await press(pilot, "f2")
        assert app.screen.query_one(CheckList).has_focus
        assert "All pods run" in shown(app)
        await press(pilot, "t")
        assert terminal.has_focus
        terminal.post_message(shell.ProcessExited())
        await settle(pilot)
        assert "The shell has ended; t opens another one." in shown(app)
        assert app.screen.query_one(TerminalPane).terminal is None
        await press(pilot, "t")
        assert app.screen.query_one(Shell) is not terminal


async def test_without_a_terminal_the_window_is_lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = app_with(tmp_path, STATE)
    async with app.run_test(size=USUAL) as pilot:
        await to_lab(pilot)
        await press(pilot, "f2")
        assert "textual-tty" in shown(app)
        await press(pilot, "f2", "t")
        assert "This terminal cannot be lent to a shell." in shown(app), "there is none in a test"
        assert "Next: Type in another terminal: eks-lab sandbox shell" in shown(app)
        monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
        monkeypatch.setattr(FakeLabs, "shell", lambda self: ["/no/such/shell"])
        await press(pilot, "t")
        assert "The shell cannot be started: No such file" in shown(app)


@pytest.mark.parametrize("size", [SMALLEST, USUAL, (200, 50)])
async def test_it_fits_every_size_without_colours(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = app_with(tmp_path, STATE)
    async with app.run_test(size=size) as pilot:
        await to_lab(pilot)
        assert app.focused is not None
        assert app.focused.region.right <= size[0]
        assert "○ All pods run" in shown(app)


async def test_a_lesson_leads_to_its_lab(tmp_path: Path) -> None:
    app, labs = app_with(tmp_path)
    labs.list = (LabRow("fill-a-node", "Fill a node", 3, 15, 2),)
    async with app.run_test(size=(80, 60)) as pilot:
        await settle(pilot)
        app.follow("lesson:basics.nodes#")
        await settle(pilot)
        await press(pilot, "end")
        text = shown(app)
        assert "Lab Fill a node 15 min · usual · ○ new" in text
        button = next(each for each in app.screen.query("LabBox Button").results())
        button.press()  # type: ignore[attr-defined]
        await settle(pilot)
        assert is_on(app, Confirm)
        assert isinstance(app.screen_stack[-2], PracticeScreen)


async def test_a_lab_that_is_not_there_takes_no_page_down(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=(80, 60)) as pilot:
        await settle(pilot)
        app.follow("lesson:basics.nodes#")
        await settle(pilot)
        await press(pilot, "end")
        assert "Lab fill-a-node is not among the labs of this program." in shown(app)
