"""The parts of the exam screens by themselves: bars, the navigator, the clock's line, words."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.message import Message

from eks_lab.errors import UnavailableError
from eks_lab.tui.exam_view import SittingRow, left_words, row_words
from eks_lab.tui.interview_view import Talk, clock_words
from eks_lab.tui.interview_view import left_words as interview_left
from eks_lab.tui.local_exams import LocalExams
from eks_lab.tui.screens.choose_several import ChooseSeveral
from eks_lab.tui.widgets.clock_panel import ClockPanel
from eks_lab.tui.widgets.share_bars import LINE, ShareBar, drawn_bars
from eks_lab.tui.widgets.task_grid import GridCell, TaskGrid
from tests.builders import NOON, press, settle
from tests.held_questions import EXAM_ITEMS, FakeExamLabs, app_with_questions, steady_of

BARS = (ShareBar("Network", 0.5, "20 of 40"), ShareBar("Nodes", None, "nothing asked"))


def test_a_bar_is_as_long_as_its_part_and_says_so_in_figures() -> None:
    lines = drawn_bars(BARS, 120).plain.splitlines()
    assert lines[0].count("█") == lines[0].count("░") == 20
    assert lines[0].endswith("20 of 40")
    assert "█" not in lines[1]
    assert lines[1].endswith("nothing asked")


def test_bars_of_a_narrow_screen_stand_below_their_names() -> None:
    assert [line.strip()[:7] for line in drawn_bars(BARS, 60).plain.splitlines()][::2] == ["Network", "Nodes"]
    long = (ShareBar("A very long name of a domain that has many words", 1.0, "1"),)
    assert len(drawn_bars(long, 78).plain.splitlines()) == 2
    assert max(map(len, drawn_bars(long, 78).plain.splitlines())) <= 78


@pytest.mark.parametrize(("part", "line"), [(0.0, 0.66), (1.0, 1.0), (0.3, 0.0)])
def test_the_line_to_reach_is_drawn_inside_the_bar(part: float, line: float) -> None:
    drawn = drawn_bars((ShareBar("All", part, "x", line),), 100).plain
    assert drawn.count(LINE) == 1


def test_no_bars_take_no_room() -> None:
    assert drawn_bars((), 80).plain == ""


def test_time_is_told_in_words_with_a_mark_when_it_gets_short() -> None:
    assert left_words(3600) == "1:00:00 left"
    assert left_words(299) == "▲ 4:59 left"
    assert left_words(10, is_paused=True) == "‖ paused, 0:10 left"
    assert interview_left(0) == "▲ time is up: finish your sentence"


def test_a_past_sitting_says_what_is_known() -> None:
    row = SittingRow(1, "An exam", NOON, 10, False, 71.5, 4, None)
    assert row_words(row) == "71.5 of 100 points, 4 waiting for judgement"
    reached = SittingRow(1, "An exam", NOON, 10, False, 71.5, 0, True)
    assert row_words(reached) == "✓ 71.5 of 100 points, pass line reached"


def test_the_conversation_says_where_it_is() -> None:
    talk = Talk(1, "mid", (), False, 3, 10, True, 60, 5)
    assert clock_words(talk) == "Question 3 of 10, follow-up, 0:05"


@dataclass
class Taken:
    numbers: list[int] = field(default_factory=list)


class GridApp(App[None]):
    """Thirty tasks."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = Taken()

    def compose(self) -> ComposeResult:
        yield TaskGrid([GridCell(n, "choice", n % 2 == 0, n == 7, n == 3) for n in range(1, 31)])

    def on_task_grid_chosen(self, event: TaskGrid.Chosen) -> None:
        self.taken.numbers.append(event.number)


async def test_arrow_keys_move_in_the_navigator_and_a_click_chooses() -> None:
    app = GridApp()
    seen: list[Message] = []
    async with app.run_test(size=(80, 24), message_hook=seen.append) as pilot:
        grid = app.query_one(TaskGrid)
        grid.focus()
        await pilot.pause()
        assert "Task 3: open, here. choice" in str(grid.render())
        await pilot.press("right", "down", "enter", "home", "up", "left", "enter", "end", "down", "enter")
        assert app.taken.numbers == [14, 1, 30]
        await pilot.press("home", "right", "right", "right", "right", "right", "right")
        assert "Task 7: open, flagged. choice" in str(grid.render())
        await pilot.click(TaskGrid, offset=(8, 1))
        assert app.taken.numbers[-1] == 12
    assert any(isinstance(message, TaskGrid.Chosen) for message in seen)


class PanelApp(App[None]):
    """A clock."""

    def compose(self) -> ComposeResult:
        yield ClockPanel()


async def test_the_clock_keeps_its_place_and_takes_a_line_of_its_own_where_there_is_no_room() -> None:
    app = PanelApp()
    async with app.run_test(size=(40, 10)) as pilot:
        panel = app.query_one(ClockPanel)
        panel.place, panel.clock = "Task 3 of 16", "4:00 left"
        await pilot.pause()
        (line,) = str(panel.render()).splitlines()
        assert line.startswith("Task 3 of 16")
        assert line.endswith("4:00 left")
        panel.place = "Task 3 of 16, 6 points: answered"
        await pilot.pause()
        assert len(str(panel.render()).splitlines()) == 2


class SeveralApp(App[None]):
    """Three values."""

    picked: tuple[str, ...] | None = None

    async def begin(self) -> None:
        """Open the box."""

        def chosen(values: tuple[str, ...] | None) -> None:
            self.picked = values

        await self.push_screen(ChooseSeveral("Some", [("a", "A"), ("b", "B"), ("c", "C")], ["b"]), chosen)


async def test_several_values_are_picked_in_the_order_they_were_offered() -> None:
    app = SeveralApp()
    async with app.run_test() as pilot:
        await app.begin()
        await pilot.pause()
        await pilot.press("down", "down", "space", "home", "enter", "down", "space", "d")
        await pilot.pause()
        assert app.picked == ("a", "c")


async def test_a_sandbox_that_does_not_come_back_is_told_with_the_report(tmp_path: Path) -> None:
    class Stuck(FakeExamLabs):
        def finish(self, sitting: object) -> None:
            raise UnavailableError("the sandbox does not answer", hint="")

    app, questions, clock = app_with_questions(tmp_path, EXAM_ITEMS)
    exams = LocalExams(questions, Stuck(), steady=steady_of(clock), labs_root=tmp_path / "no-labs")
    from tests.tui.test_exam_screens import Desk

    desk = Desk.__new__(Desk)
    desk.app, desk.questions, desk.clock, desk.exams = app, questions, clock, exams
    async with app.run_test() as pilot:
        await settle(pilot)
        desk.with_lab()
        sitting = exams.join()
        exams.end()
        found = exams.report(sitting.sitting_id, lambda step, part: None)
        assert "Your own sandbox could not be brought back: the sandbox does not answer." in found.notice
        await press(pilot, "q")
