"""A sitting: free navigation, an honest clock, and nothing lost whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.clock import SimClock
from eks_lab.errors import DataError, InputError
from eks_lab.learning.exams.marking import lab_text, mark
from eks_lab.learning.exams.sitting import ExamRoom, NotRunningError, Sitting, TimeOverError
from eks_lab.learning.exams.ticking import Ticking, begun
from eks_lab.learning.progress import Progress, open_progress
from tests.learning.exams.conftest import HandClock
from tests.learning.exams.samples import NOON, choice, command, exam, multi, number, track

HOUR = timedelta(hours=1)


def begin(room: ExamRoom, seed: int = 1) -> Sitting:
    """Start a sitting of one hour with three questions: choice, multi and number."""
    of = track((20, 30, 50))
    plan, copies = exam({"s0/a": choice("a.x"), "s1/b": multi("b.x"), "s2/c": number("c.x")}, of, seed)
    return room.start(of, plan, copies)


def number_of(sitting: Sitting, item: str) -> int:
    return next(task.number for task in sitting.record.tasks if task.item_id == item)


def test_answers_change_flags_come_and_go_and_the_last_answer_counts(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    one, two = number_of(sitting, "a.x"), number_of(sitting, "b.x")
    sitting.show(two)
    sitting.answer(two, (0, 2))
    sitting.flag(two)
    sitting.show(one)
    wall.move(minutes=2)
    sitting.answer(one, (1,))
    sitting.answer(one, (0,))
    sitting.show(two)
    sitting.answer(two, (0, 1))
    state = sitting.state()
    assert state.given == {one: (0,), two: (0, 1)}
    assert (state.flagged, state.shown, state.left) == (frozenset({two}), two, HOUR - timedelta(minutes=2))
    sitting.flag(two, False)
    sitting.answer(one, None)
    state = sitting.state()
    assert (state.flagged, state.given, state.is_over) == (frozenset(), {two: (0, 1)}, False)


def test_what_cannot_be_is_refused_and_changes_nothing(room: ExamRoom) -> None:
    sitting = begin(room)
    before = sitting.state().events
    with pytest.raises(InputError, match="no task 4"):
        sitting.show(4)
    with pytest.raises(InputError, match="no task 0"):
        sitting.answer(0, (0,))
    with pytest.raises(InputError, match="is not"):
        sitting.answer(number_of(sitting, "a.x"), "kubectl")
    with pytest.raises(InputError, match="not paused"):
        sitting.resume()
    with pytest.raises(InputError, match="no lab"):
        sitting.collect(1, lab_text(1, 2, 50))
    with pytest.raises(InputError, match="runs already"):
        begin(room)
    with pytest.raises(InputError, match="no sitting 9"):
        room.sitting(9)
    assert sitting.state().events == before


def test_a_pause_stops_the_clock_covers_the_questions_and_is_kept(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    wall.move(minutes=10)
    sitting.pause()
    wall.move(hours=30)
    with pytest.raises(InputError, match="paused"):
        sitting.answer(number_of(sitting, "a.x"), (0,))
    with pytest.raises(InputError, match="paused already"):
        sitting.pause()
    # Another program takes it up: still paused, and no time has passed.
    taken_up = ExamRoom(room.database, wall).running()
    assert taken_up is not None
    taken_up.reopen()
    taken_up.resume()
    wall.move(minutes=5)
    state = sitting.state()
    assert (state.clock.elapsed, state.clock.paused) == (timedelta(minutes=15), timedelta(hours=30))


def test_when_the_time_is_over_nothing_counts_any_more(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    one = number_of(sitting, "a.x")
    sitting.answer(one, (1,))
    wall.move(minutes=59, seconds=59)
    assert not sitting.state().is_over
    wall.move(seconds=1)
    assert (sitting.state().ending, sitting.state().left) == ("time", timedelta(0))
    with pytest.raises(TimeOverError, match="time is over"):
        sitting.answer(one, (0,))
    assert sitting.state().given == {one: (1,)}
    assert room.running() is None
    with pytest.raises(NotRunningError, match="is over"):
        sitting.answer(one, (0,))
    assert sitting.state().clock.elapsed == HOUR
    begin(room)


def test_handing_in_ends_it_once(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    wall.move(minutes=1)
    sitting.end()
    assert sitting.state().ending == "learner"
    with pytest.raises(NotRunningError):
        sitting.end()
    wall.move(hours=5)
    assert sitting.state().clock.elapsed == timedelta(minutes=1)
    assert [(line.sitting_id, line.is_running) for line in room.past()] == [(1, False)]


def test_a_clock_set_back_gives_no_time_and_ends_nothing(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    wall.move(minutes=20)
    sitting.show(1)
    wall.move(days=-400)
    sitting.show(2)
    assert sitting.state().clock.elapsed == timedelta(minutes=20)
    # It does not stand still until the clock has caught up.
    wall.move(minutes=30)
    assert sitting.state().left == timedelta(minutes=10)
    wall.move(minutes=10)
    assert sitting.state().is_over


def test_with_a_steady_clock_not_even_the_stretch_of_the_jump_is_lost(
    notes: Progress, wall: HandClock
) -> None:
    steady = [100.0]
    sitting = begin(ExamRoom(notes.database, wall, lambda: steady[0]))
    sitting.show(1)
    steady[0] += 600
    wall.move(hours=-3)
    assert sitting.state().clock.elapsed == timedelta(minutes=10)
    sitting.show(2)
    steady[0] += 60
    wall.move(minutes=1)
    assert sitting.state().clock.elapsed == timedelta(minutes=11)
    # A machine that slept: the steady clock stood still, the time counts all the same.
    wall.move(minutes=20)
    assert sitting.state().clock.elapsed == timedelta(minutes=31)


@given(st.lists(st.tuples(st.integers(-100_000, 100_000), st.booleans()), max_size=30))
def test_the_clock_never_runs_back_and_counts_every_step_forward_once(steps: list[tuple[int, bool]]) -> None:
    clock: Ticking = begun(NOON)
    now, running, resting = NOON, timedelta(0), timedelta(0)
    for seconds, is_paused in steps:
        now += timedelta(seconds=seconds)
        step = max(timedelta(0), timedelta(seconds=seconds))
        running, resting = (running, resting + step) if clock.is_paused else (running + step, resting)
        clock = clock.at(now).held(is_paused)
        assert (clock.elapsed, clock.paused, clock.seen_at) == (running, resting, now)


KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from eks_lab.clock import SimClock
from eks_lab.learning.exams.sitting import ExamRoom
from eks_lab.learning.progress import open_progress
from tests.learning.exams.samples import NOON
from tests.learning.exams.test_sitting import begin, number_of

clock = SimClock(NOON)
progress = open_progress(Path(sys.argv[1]), clock)
sitting = begin(ExamRoom(progress.database, clock))
clock.advance(timedelta(minutes=10))
sitting.show(number_of(sitting, "b.x"))
clock.advance(timedelta(minutes=1))
sitting.answer(number_of(sitting, "b.x"), (0, 1))
sitting.flag(number_of(sitting, "c.x"))
if sys.argv[2] == "paused":
    sitting.pause()
sitting.state()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
@pytest.mark.parametrize(("before", "elapsed"), [("running", 31), ("paused", 11)])
def test_a_killed_program_loses_nothing_and_time_goes_on_unless_it_was_paused(
    tmp_path: Path, before: str, elapsed: int
) -> None:
    path = tmp_path / "progress.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), before],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    clock = SimClock(NOON + timedelta(minutes=31))
    with open_progress(path, clock) as progress:
        sitting = ExamRoom(progress.database, clock).running()
        assert sitting is not None
        away = sitting.reopen()
        assert away == timedelta(minutes=20)
        if before == "paused":
            sitting.resume()
        state = sitting.state()
        assert state.clock.elapsed == timedelta(minutes=elapsed)
        assert state.given == {number_of(sitting, "b.x"): (0, 1)}
        assert (state.flagged, state.shown) == (
            frozenset({number_of(sitting, "c.x")}),
            number_of(sitting, "b.x"),
        )
        sitting.answer(number_of(sitting, "a.x"), (0,))
        assert len(sitting.state().given) == 2


def test_a_program_that_comes_back_after_the_time_finds_it_over(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    sitting.answer(number_of(sitting, "a.x"), (0,))
    wall.move(hours=9)
    assert ExamRoom(room.database, wall).running() is None
    state = sitting.state()
    assert (state.ending, state.clock.elapsed, len(state.given)) == ("time", HOUR, 1)


def test_the_bank_may_change_and_lose_questions_while_a_sitting_runs(room: ExamRoom) -> None:
    begin(room)
    # A program that knows nothing of these questions any more, or another revision of them.
    sitting = room.running()
    assert sitting is not None
    for task in sitting.record.tasks:
        variant = task.variant()
        assert variant.item.id == task.item_id
        if task.kind == "number":
            assert variant.answer == variant.values["n"] * 2
            assert str(variant.values["n"]) in variant.prompt
            sitting.answer(task.number, variant.answer)
        else:
            sitting.answer(task.number, (0,))
    sitting.end()
    assert mark(room, sitting) == 0


def test_a_copy_that_this_version_cannot_read_says_so_and_the_rest_goes_on(room: ExamRoom) -> None:
    sitting = begin(room)
    one, two = number_of(sitting, "a.x"), number_of(sitting, "b.x")
    with room.database.write() as connection:
        connection.execute(
            "UPDATE exam_tasks SET content = json_remove(content, '$.item.prompt') WHERE number = ?", (one,)
        )
    again = room.sitting(sitting.sitting_id)
    with pytest.raises(DataError, match="another version"):
        again.answer(one, (0,))
    again.answer(two, (0, 1))
    again.end()
    assert mark(room, again) == 0


def test_two_programs_write_at_once_and_the_last_answer_to_each_task_counts(tmp_path: Path) -> None:
    path = tmp_path / "progress.sqlite3"
    clock = SimClock(NOON)
    with open_progress(path, clock) as first, open_progress(path, clock) as second:
        sittings = [begin(ExamRoom(first.database, clock))]
        other = ExamRoom(second.database, clock).running()
        assert other is not None
        sittings.append(other)
        failures: list[Exception] = []

        def write(sitting: Sitting, rounds: int) -> None:
            try:
                for index in range(rounds):
                    sitting.answer(number_of(sitting, "a.x"), (index % 3,))
                    sitting.flag(number_of(sitting, "b.x"), index % 2 == 0)
            except Exception as error:  # noqa: BLE001 - a thread hands its failure over
                failures.append(error)

        threads = [threading.Thread(target=write, args=(each, 20)) for each in sittings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert sittings[0].state() == sittings[1].state()
        answered = [event for event in sittings[0].state().events if event.kind == "answered"]
        assert len(answered) == 40
        sittings[0].answer(number_of(other, "a.x"), (1,))
        sittings[1].answer(number_of(other, "a.x"), (2,))
        assert sittings[0].state().given == {number_of(other, "a.x"): (2,)}
        sittings[0].end()
        with pytest.raises(NotRunningError):
            sittings[1].answer(number_of(other, "a.x"), (0,))


def test_a_lab_may_be_looked_at_shortly_after_the_time_but_not_later(room: ExamRoom, wall: HandClock) -> None:
    for late, is_taken in ((30, True), (61, False)):
        of = track((100, 100), labs=1)
        plan, copies = exam({"s0/a": choice(f"a.{late}"), "s1/b": choice(f"b.{late}")}, of)
        lab = replace(plan.tasks[1].offer, id=f"lab:{late}", kind="lab")
        plan = replace(plan, tasks=(plan.tasks[0], replace(plan.tasks[1], offer=lab)))
        sitting = room.start(of, plan, {**copies, lab.id: {"title": "Lab"}})
        wall.move(hours=1, seconds=late)
        if is_taken:
            sitting.collect(2, lab_text(1, 2, 50))
            sitting.collect(2, lab_text(2, 2, 100))
            assert sitting.state().given
        else:
            with pytest.raises(InputError):
                sitting.collect(2, lab_text(2, 2, 100))
            assert not sitting.state().given
        assert sitting.state().ending == "time"
        wall.move(hours=1)


def test_answers_are_quick_in_a_long_sitting(room: ExamRoom) -> None:
    of = track([100 / 9] * 9)
    items = {f"s{index % 9}/{index}": choice(f"q.{index}") for index in range(65)}
    plan, copies = exam(items, of)
    sitting = room.start(of, plan, copies)
    sitting.answer(1, (0,))
    begun_at = time.perf_counter()
    for index in range(65):
        sitting.show(index + 1)
        sitting.answer(index + 1, (index % 3,))
    assert (time.perf_counter() - begun_at) / 130 < 0.05


def test_commands_are_kept_as_typed(room: ExamRoom) -> None:
    of = track((50, 50))
    plan, copies = exam({"s0/a": choice("a.x"), "s1/b": command("b.x")}, of)
    sitting = room.start(of, plan, copies)
    typed = "kubectl get pods -l 'app=ä'\nkubectl logs x"
    sitting.answer(number_of(sitting, "b.x"), typed)
    assert sitting.state().given == {number_of(sitting, "b.x"): typed}


@settings(max_examples=25, deadline=None)
@given(actions=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3), st.integers(0, 15)), max_size=25))
def test_whatever_is_done_in_whatever_order_the_books_agree(
    actions: list[tuple[int, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    wall = HandClock(NOON)
    with open_progress(tmp_path_factory.mktemp("books") / "progress.sqlite3", wall) as progress:
        room = ExamRoom(progress.database, wall)
        sitting = begin(room)
        expected: dict[int, tuple[int, ...]] = {}
        for action, task, minutes in actions:
            wall.move(minutes=minutes)
            kind = sitting.record.task(task).kind
            try:
                match action:
                    case 0 | 1 if kind != "number":
                        sitting.answer(task, (action,))
                        expected[task] = (action,)
                    case 2:
                        sitting.answer(task, None)
                        expected.pop(task, None)
                    case 3:
                        sitting.show(task)
                    case 4:
                        sitting.pause()
                    case 5:
                        sitting.resume()
                    case _:
                        sitting.reopen()
            except InputError:
                continue
        state = sitting.state()
        assert state.given == expected
        assert state.clock.elapsed <= HOUR
        assert state.clock.total <= wall.now() - NOON
        assert (state.ending == "time") == (state.clock.elapsed == HOUR)


def test_a_sitting_imported_while_it_ran_elsewhere_can_be_read_and_not_changed(room: ExamRoom) -> None:
    sitting = begin(room)
    sitting.answer(number_of(sitting, "a.x"), (0,))
    with room.database.write() as connection:
        connection.execute("DELETE FROM running_exam")
    assert room.running() is None
    assert len(room.sitting(sitting.sitting_id).state().given) == 1
    with pytest.raises(NotRunningError):
        sitting.answer(number_of(sitting, "a.x"), (1,))
    with pytest.raises(NotRunningError):
        sitting._act("answered", 1, "[0]", grace=HOUR)
