"""Judges what was handed in, once, and puts it into the learner's history.

Commands and manifests are judged by what they do, which needs a bench (`eks_lab.grading.practical`): it comes in as an
argument. Without one they stay unjudged, the report says so, and a later call judges them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from eks_lab.content.items.given import Given
from eks_lab.content.items.judging import judge, needs_bench
from eks_lab.content.items.result import Result, result_of
from eks_lab.content.items.variant import Variant
from eks_lab.errors import EksLabError, InputError
from eks_lab.learning.answer_text import given_to_text
from eks_lab.learning.exams import records
from eks_lab.learning.exams.asked import AskedTask
from eks_lab.learning.exams.records import Mark
from eks_lab.learning.exams.report import seconds_on_tasks
from eks_lab.learning.exams.sitting import ExamRoom, Sitting, State
from eks_lab.learning.timestamps import write_time

Bench = Callable[[Variant, str], Result]
"""Judges commands and manifests."""
Told = Callable[[int, int], None]
"""Is told how many answers of how many have been judged."""


def mark(room: ExamRoom, sitting: Sitting, bench: Bench | None = None, told: Told | None = None) -> int:
    """Judge every answer of an ended sitting that is not judged yet.

    Args:
        room: where it was held.
        sitting: it has ended.
        bench: for commands and manifests; without one, answers to them wait.
        told: called after each answer.

    Returns:
        How many answers still wait for a bench.

    Raises:
        InputError: it runs still.
        DataError: the database cannot be used.
    """
    state = sitting.state()
    if not state.is_over:
        raise InputError("the sitting runs still", hint="Hand in first: eks-lab exam resume")
    _end_in_records(sitting)
    with room.database.read() as connection:
        known = records.read_marks(connection, sitting.sitting_id)
    seconds = seconds_on_tasks(state.events)
    open_tasks = [task for task in sitting.record.tasks if task.number not in known]
    waiting = 0
    for done, task in enumerate(open_tasks, 1):
        given = state.given.get(task.number)
        result = _result(task, given, bench)
        if result is None:
            waiting += 1
            continue
        answer = None
        if given is not None and not task.is_lab:
            answer = _history(task, given, result, state, seconds.get(task.number))
        with room.database.write() as connection:
            found = Mark(task.number, result.score, result.headline, result.detail)
            records.write_mark(connection, sitting.sitting_id, found, room.clock.now(), answer)
        if told is not None:
            told(done, len(open_tasks))
    return waiting


def lab_text(passed: int, checks: int, points: int) -> str:
    """Return how a lab stands, as `Sitting.collect` keeps it.

    Args:
        passed: checks that hold.
        checks: all of them.
        points: 0 to 100.
    """
    return json.dumps({"passed": passed, "checks": checks, "points": points})


def lab_result(seen: str) -> Result:
    """Return the result that `lab_text` tells.

    Raises:
        InputError: it is something else.
    """
    try:
        found: dict[str, Any] = json.loads(seen)
        passed, checks, points = int(found["passed"]), int(found["checks"]), int(found["points"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"this does not tell how a lab stands: {seen[:80]!r}") from error
    return result_of(min(1.0, max(0.0, points / 100)), detail=f"{passed} of {checks} checks hold.")


def _end_in_records(sitting: Sitting) -> None:
    """Write the end down, if nobody has looked since the time was over."""
    if sitting.state().ending == "time":
        try:
            sitting.tick()
        except InputError:
            return


def _result(task: AskedTask, given: Given | None, bench: Bench | None) -> Result | None:
    if given is None:
        return Result(0.0, False, "✗ Not answered")
    try:
        if task.is_lab:
            return lab_result(str(given))
        variant = task.variant()
        if not needs_bench(task.kind):
            return judge(variant, given)
        if bench is None:
            return None
        return bench(variant, str(given))
    except EksLabError as error:
        # What cannot be judged is no fault of the learner's: it says why and can be tried again.
        return None if needs_bench(task.kind) else Result(0.0, False, "✗ Could not be judged", error.message)


def _history(
    task: AskedTask, given: Given, result: Result, state: State, seconds: float | None
) -> tuple[object, ...]:
    answered = max(
        event.at for event in state.events if event.kind == "answered" and event.number == task.number
    )
    return (
        *(task.item_id, task.rev, given_to_text(task.item_id, given), int(result.correct)),
        *(write_time(answered), task.seed, result.score, seconds, "exam"),
    )
