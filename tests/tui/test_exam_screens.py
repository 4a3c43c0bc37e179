"""Exams with the keyboard alone: start, answer, flag, navigator, pause, labs, time over, handing in, report, a crash."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from eks_lab.clock import SimClock
from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.learning.exams.composition import Plan, PlannedTask
from eks_lab.learning.exams.offers import Offer
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.exam_view import Composed, ExamWish
from eks_lab.tui.local_exams import LocalExams
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.exam_answers import ExamAnswersScreen
from eks_lab.tui.screens.exam_lab import ExamLabScreen
from eks_lab.tui.screens.exam_report import ExamReportScreen
from eks_lab.tui.screens.exam_sitting import KEEP_FIELD_EVERY, ExamSittingScreen
from eks_lab.tui.screens.exam_start import ExamStartScreen
from eks_lab.tui.screens.exams import ExamsScreen
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.widgets import terminal_pane
from eks_lab.tui.widgets.item.answer_editor import AnswerEditor
from eks_lab.tui.widgets.item.item_view import ItemView
from eks_lab.tui.widgets.key_footer import KeyFooter
from tests.builders import USUAL, WIDE, drawn, is_on, settle
from tests.held_questions import EXAM_ITEMS, FakeExamLabs, app_with_questions, press, steady_of


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look when a test says so, and depend on no terminal."""
    monkeypatch.setattr(WatchingScreen, "LOOK_EVERY_SECONDS", 60.0)
    monkeypatch.setattr(terminal_pane, "MODULE", "textual_tty_that_is_not_there")


class Desk:
    """An app, what stands behind it, and its clock."""

    def __init__(self, home: Path, clock: SimClock | None = None) -> None:
        self.app, self.questions, self.clock = app_with_questions(home, EXAM_ITEMS, clock)
        self.labs = FakeExamLabs()
        self.exams = LocalExams(
            self.questions, self.labs, steady=steady_of(self.clock), labs_root=home / "no-labs"
        )

    async def open(self, pilot: Pilot[Any]) -> None:
        """Show the list of exams."""
        await settle(pilot)
        self.app.push_screen(ExamsScreen(self.questions, self.exams))
        await settle(pilot)

    async def begin(self, pilot: Pilot[Any]) -> None:
        """Begin a whole sitting."""
        await self.open(pilot)
        await press(pilot, "enter", "w", "b")

    def with_lab(self) -> None:
        """Begin a sitting of one choice and one lab, as a plan with labs does."""
        composed = self.exams.compose("small", ExamWish(is_short=False))
        first = composed.plan.tasks[0]
        offer = Offer(id="lab:room", kind="lab", skills=(), chapter="basics", minutes=10)
        tasks = (first, PlannedTask(2, offer, "nodes", 50.0, 7))
        plan = Plan("small", 1, 60, 20, tasks, composed.plan.shares, ())
        lab = {"title": "Make room for three pods", "files": {}}
        self.exams.start(Composed(composed.track, plan, False, {**composed.contents, "lab:room": lab}))


def shown(app: EksLabApp) -> str:
    return " ".join(drawn(app).replace("▌", " ").replace("│", " ").split())


def notices(app: EksLabApp) -> str:
    """Return the messages that come and go."""
    return " ".join(f"{notice.title} {notice.message}" for notice in app._notifications)


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


async def looked(pilot: Pilot[Any]) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, WatchingScreen)
    screen.look_again()
    # The screen may go with what it sees, and its worker with it.
    with contextlib.suppress(WorkerCancelled):
        await settle(pilot)
    await settle(pilot)


async def answered_all(pilot: Pilot[Any]) -> None:
    """Answer every task, rightly as far as keys can know: the first of what is offered."""
    for _ in range(4):
        kind = pilot.app.screen.query_one(ItemView).variant.item.kind
        if kind == "number":
            await press(pilot, *"29", "enter")
        elif kind == "command":
            editor = pilot.app.screen.query_one(AnswerEditor)
            editor.insert("kubectl scale deployment web --replicas=3")
            await press(pilot, "ctrl+s")
        else:
            await press(pilot, "1", "enter")


async def test_the_list_leads_from_the_hub_and_says_what_is_known(tmp_path: Path) -> None:
    app, _, _ = app_with_questions(tmp_path, EXAM_ITEMS)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "Q", "e")
        assert is_on(app, ExamsScreen)
        assert "Small exam Somebody · mixed · 60 min · passes at 66 %" in shown(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


async def test_before_it_begins_it_says_what_it_asks_and_what_it_cannot(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=(80, 50)) as pilot:
        await desk.open(pilot)
        await press(pilot, "enter")
        assert is_on(desk.app, ExamStartScreen)
        text = shown(desk.app)
        assert "2 tasks, 15 minutes" in text, "the short form is a quarter"
        assert "Nodes and their size: 1 task, 60 points (weight 60 %)" in text
        assert "What EKS practice cannot cover • Nodes and their size: kubeadm." in text
        assert "A sitting here asks about nodes and pods only." in text
        assert "No hints and no explanations until the end." in text
        await press(pilot, "w")
        assert "4 tasks, 60 minutes" in shown(desk.app)
        await press(pilot, "m", "backspace", "backspace", "3", "enter")
        assert "Whole minutes, 5 to 600" in shown(desk.app)
        await press(pilot, "0", "enter")
        assert "2 tasks, 30 minutes" in shown(desk.app)
        await press(pilot, "escape")
        assert is_on(desk.app, ExamsScreen)
        assert desk.exams.all().running is None


async def test_answers_flags_and_the_navigator(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        assert is_on(desk.app, ExamSittingScreen)
        text = shown(desk.app)
        assert "Task 1 of 4, " in text
        assert ": open 1:00:00 left" in text
        assert "0 of 4 answered" in text
        assert offered(desk.app) >= {"Next", "Flag", "Tasks", "End", "Pause", "Back", "Help", "Quit"}
        await press(pilot, "n", "m", "n", "escape", "o")
        assert "0 of 4 answered, 1 flagged" in shown(desk.app)
        assert "1· 2·⚑ ▶ 3· 4·" in shown(desk.app)
        assert "Task 3: open, here." in shown(desk.app)
        await press(pilot, "f")
        assert "Task 2: open, flagged." in shown(desk.app)
        await press(pilot, "enter")
        assert "Task 2 of 4" in shown(desk.app)
        assert "open, ⚑ flagged" in shown(desk.app)
        await press(pilot, "m", "p")
        assert "0 of 4 answered 1" not in shown(desk.app)
        await answered_all(pilot)
        assert "4 of 4 answered" in shown(desk.app)
        assert "That was the last task." in shown(desk.app)
        await press(pilot, "o")
        assert "1✓ 2✓ 3✓ ▶ 4✓" in shown(desk.app)
        await press(pilot, "escape", "x")
        assert "3 of 4 answered" in shown(desk.app), "an answer can be taken back"
        sitting = desk.exams.look()
        assert sorted(sitting.given) == [1, 2, 3]


async def test_what_stands_in_the_field_counts_without_being_sent(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await press(pilot, "2", "n", "p")
        assert "✓ answered" in shown(desk.app)
        assert len(desk.exams.look().given) == 1
        await press(pilot, "o", "end", "enter")
        editor = desk.app.screen.query_one(AnswerEditor)
        editor.insert("kubectl get pods")
        for _ in range(5):
            await looked(pilot)
        assert desk.exams.look().given[4] == "kubectl get pods", "it is kept every few seconds"
        await press(pilot, "f3")
        assert "Task 3 of 4" in shown(desk.app), "keys lead out of a field of text"


async def test_an_answer_is_never_kept_for_another_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await answered_all(pilot)
        screen = desk.app.screen
        assert isinstance(screen, ExamSittingScreen)
        removed = screen.page.remove_children

        def remove(*arguments: Any) -> Any:
            """Let a look come while the old question is still there: one of those that keep what stands in the field."""
            for _ in range(KEEP_FIELD_EVERY):
                screen.show_found(desk.exams.look())
            return removed(*arguments)

        monkeypatch.setattr(screen.page, "remove_children", remove)
        await press(pilot, "x")
        assert sorted(desk.exams.look().given) == [1, 2, 3], "what was taken back stays away"
        screen.query_one(AnswerEditor).insert("kubectl get pods")
        await press(pilot, "f3")
        given = desk.exams.look().given
        assert given[4] == "kubectl get pods"
        assert given[3] != "kubectl get pods", "it is the answer to the task it was written for"


async def test_what_could_not_be_stored_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        stored = desk.exams.answer

        def refuse(number: int, given: object) -> None:
            raise DataError("the record is locked", hint="Close the other program.")

        monkeypatch.setattr(desk.exams, "answer", refuse)
        await press(pilot, "2", "n")
        assert "✗ the record is locked" in shown(desk.app)
        await press(pilot, "n")
        assert "✗ the record is locked" in shown(desk.app), "it stays until all is well"
        assert desk.exams.look().given == {}
        monkeypatch.setattr(desk.exams, "answer", stored)
        for _ in range(5):
            await looked(pilot)
        assert "✓ Everything is stored now." in shown(desk.app)
        assert list(desk.exams.look().given) == [1]
        assert "1 of 4 answered" in shown(desk.app)


async def test_a_pause_covers_the_question_and_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await press(pilot, "z")
        assert "A real exam does not stop its clock" in shown(desk.app)
        await press(pilot, "y")
        assert "‖ paused, 1:00:00 left" in shown(desk.app)
        assert "Enter answers." not in shown(desk.app), "the question is covered"
        assert offered(desk.app).isdisjoint({"Next", "Flag", "End"})
        desk.clock.advance(timedelta(minutes=20))
        await looked(pilot)
        assert "1:00:00 left" in shown(desk.app)
        await press(pilot, "enter")
        assert "Enter answers." in shown(desk.app)
        desk.clock.advance(timedelta(minutes=56))
        await looked(pilot)
        assert "▲ 4:00 left" in shown(desk.app)
        await press(pilot, "E", "y")
        assert is_on(desk.app, ExamReportScreen)
        assert "‖ Paused once, 20:00 in all: a real exam does not stop its clock." in shown(desk.app)


async def test_the_report_has_domains_time_and_next_steps_and_is_saved(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=(80, 60)) as pilot:
        await desk.begin(pilot)
        desk.clock.advance(timedelta(minutes=3))
        await answered_all(pilot)
        await press(pilot, "E")
        assert "Every task is answered. 57:00 are left." in shown(desk.app)
        await press(pilot, "n")
        assert is_on(desk.app, ExamSittingScreen)
        await press(pilot, "E", "y")
        assert is_on(desk.app, ExamReportScreen)
        text = shown(desk.app)
        assert "The real exam's pass line is 66 %" in text
        assert "Handed in. 3:00 of 1:00:00 used." in text
        assert "weight 60 %" in text
        assert "Next steps" in text
        assert "What EKS practice cannot cover • Nodes and their size: kubeadm." in text
        assert ", 3:00, " in text, "time by task"
        assert "judge kubectl scale deployment web --replicas=3" in desk.questions.calls
        await press(pilot, "e", "enter", "J", "enter")
        assert "# Small exam, sitting 1" in (tmp_path / "saved" / "exam-1.md").read_text()
        assert '"format": "eks-lab-exam-report"' in (tmp_path / "saved" / "exam-1.json").read_text()
        await press(pilot, "escape")
        assert is_on(desk.app, ExamsScreen)
        assert "Past sittings 1. Small exam" in shown(desk.app)
        await press(pilot, "end", "enter")
        assert is_on(desk.app, ExamReportScreen)


async def test_every_task_is_explained_afterwards_and_never_before(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        with pytest.raises(InputError, match="runs still"):
            desk.exams.tasks(1)
        number = next(
            task.number for task in desk.exams.look().tasks if task.variant and task.kind == "choice"
        )
        await press(pilot, "o", "home", *["right"] * (number - 1), "enter", "1", "E", "y", "t")
        assert is_on(desk.app, ExamAnswersScreen)
        assert "Task 1 of 4" in shown(desk.app)
        assert "✗ Not answered" in shown(desk.app)
        while f"Task {number} of 4" not in shown(desk.app):
            await press(pilot, "n")
        text = shown(desk.app)
        assert "Each pod takes one." in text, "why the right one is right"
        assert "Source: Amazon EKS user guide" in text
        await press(pilot, "w", "p", "escape")
        assert is_on(desk.app, ExamReportScreen)


async def test_answers_that_cannot_be_judged_wait_and_are_judged_later(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.questions.bench_failure = UnavailableError("kubectl is not installed", hint="Install it.")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await answered_all(pilot)
        await press(pilot, "E", "y")
        assert "1 answer waits for judgement" in shown(desk.app)
        assert "kubectl is not installed. Install it." in shown(desk.app)
        assert "Judge again" in offered(desk.app)
        desk.questions.bench_failure = None
        await press(pilot, "a")
        assert "waits for judgement" not in shown(desk.app)
        assert "Judge again" not in offered(desk.app)


async def test_when_the_time_is_over_the_report_comes_by_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await press(pilot, "1", "enter", "o")
        desk.clock.advance(timedelta(minutes=61))
        screen = desk.app.screen_stack[-2]
        assert isinstance(screen, ExamSittingScreen)
        screen.look_again()
        with contextlib.suppress(WorkerCancelled):
            await settle(pilot)
        await settle(pilot)
        assert is_on(desk.app, ExamSittingScreen), "the box in front is closed first"
        await looked(pilot)
        assert is_on(desk.app, ExamReportScreen)
        assert "The time was over. 1:00:00 of 1:00:00 used." in shown(desk.app)


async def test_leaving_says_what_becomes_of_the_clock(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await press(pilot, "escape")
        assert is_on(desk.app, Choose)
        await press(pilot, "enter")
        assert is_on(desk.app, ExamSittingScreen)
        await press(pilot, "escape", "end", "enter")
        assert is_on(desk.app, ExamsScreen)
        assert "Go on: Small exam" in shown(desk.app)
        desk.clock.advance(timedelta(minutes=10))
        await press(pilot, "down", "enter")
        assert "One sitting at a time" in notices(desk.app)
        await press(pilot, "r")
        assert "No program had this exam open for 10:00; that time counts." in notices(desk.app)
        assert "50:00 left" in shown(desk.app)
        await press(pilot, "escape", "down", "enter")
        desk.clock.advance(timedelta(minutes=10))
        assert "‖ paused, 50:00 left" in shown(desk.app)
        await press(pilot, "r")
        assert "it was paused: that time does not count" in notices(desk.app)
        assert "‖ Paused" in shown(desk.app)


async def test_a_killed_program_goes_on_with_an_honest_clock(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.begin(pilot)
        await press(pilot, "1", "enter", "m", "2")
        desk.clock.advance(timedelta(minutes=1))
        for _ in range(5):
            await looked(pilot)
        database = desk.app.library.progress.path
        files = [(path, path.read_bytes()) for path in database.parent.glob(f"{database.name}*")]
    # As kill -9 leaves it: the files of that moment, nothing of what a program does when it ends.
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    for path, content in files:
        path.write_bytes(content)
    desk.clock.advance(timedelta(minutes=14))
    again = Desk(tmp_path, desk.clock)
    async with again.app.run_test(size=USUAL) as pilot:
        await again.open(pilot)
        assert "runs, 45:00 left" in shown(again.app)
        await press(pilot, "enter")
        text = shown(again.app)
        assert "Task 2 of 4" in text, "where it was"
        assert "✓ answered, ⚑ flagged" in text
        assert "45:00 left" in text
        assert "2 of 4 answered, 1 flagged" in text
        assert "No program had this exam open for 14:00; that time counts." in notices(again.app)
        await press(pilot, "E", "y")
        assert "For 14:00 no program had it open; that time counts." in shown(again.app)


async def test_a_lab_is_opened_left_and_kept_without_a_word_about_its_standing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        desk.with_lab()
        await desk.open(pilot)
        await press(pilot, "enter", "n")
        assert "A hands-on task in the sandbox" in shown(desk.app)
        await press(pilot, "enter")
        assert is_on(desk.app, ExamLabScreen)
        text = " ".join(" ".join(line.split("│")[0] for line in drawn(desk.app).splitlines()).split())
        assert "Three pods of web wait." in text
        assert "• All pods run (60 of 100)" in text
        assert "kubectl config use-context task-2" in text
        assert "✓" not in text
        assert "hint" not in text.casefold()
        assert "1:00:00 left" in shown(desk.app)
        await press(pilot, "a", "1", "enter")
        assert desk.labs.answers == {"why": "1"}
        assert "Your answer: 1" in shown(desk.app)
        await press(pilot, "escape")
        assert is_on(desk.app, ExamSittingScreen)
        assert desk.labs.calls == ["open 2", "answer why 1", "keep"]
        await looked(pilot)
        assert "✓ answered" in shown(desk.app)
        await press(pilot, "E", "y")
        assert is_on(desk.app, ExamReportScreen)
        assert desk.labs.calls[-1] == "finish"
        assert "25 of 100 points" in shown(desk.app)


async def test_a_lab_that_cannot_be_opened_does_not_hold_the_exam_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.labs.failure = UnavailableError("the sandbox does not start", hint="Look at: eks-lab sandbox status")
    async with desk.app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        desk.with_lab()
        await desk.open(pilot)
        await press(pilot, "enter", "n", "enter")
        assert "✗ the sandbox does not start" in shown(desk.app)
        assert "Try again" in offered(desk.app)
        desk.labs.failure = None
        await press(pilot, "r")
        assert "Three pods of web wait." in shown(desk.app)
        desk.clock.advance(timedelta(minutes=61))
        await looked(pilot)
        await settle(pilot)
        assert is_on(desk.app, ExamReportScreen)
