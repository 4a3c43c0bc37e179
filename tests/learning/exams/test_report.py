"""Reports: points add up, times are told apart, words claim no more than is known."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from eks_lab.content.items.result import Result, result_of
from eks_lab.content.items.variant import Variant
from eks_lab.content.tracks import PassLine, Track
from eks_lab.errors import InputError, UnavailableError
from eks_lab.learning.exams import records
from eks_lab.learning.exams.marking import lab_result, lab_text, mark
from eks_lab.learning.exams.report import ExamReport, report_of
from eks_lab.learning.exams.report_text import clock_text, report_json, report_markdown, report_text
from eks_lab.learning.exams.sitting import ExamRoom, Sitting
from eks_lab.learning.progress import Progress
from tests.learning.exams.conftest import HandClock
from tests.learning.exams.samples import choice, command, exam, multi, number, track
from tests.learning.exams.test_sitting import number_of


def begin(room: ExamRoom, of: Track | None = None) -> Sitting:
    """Start a sitting with a choice (20 points), a multi (30) and a command (50)."""
    of = of or track((20, 30, 50))
    plan, copies = exam({"s0/a": choice("a.x"), "s1/b": multi("b.x"), "s2/c": command("c.x")}, of)
    return room.start(of, plan, copies)


def reported(room: ExamRoom, sitting: Sitting) -> ExamReport:
    with room.database.read() as connection:
        marks = records.read_marks(connection, sitting.sitting_id)
    return report_of(sitting.record, sitting.state(), marks)


def test_points_add_up_by_domain_with_partial_credit(
    room: ExamRoom, notes: Progress, wall: HandClock
) -> None:
    sitting = begin(room)
    for item, given in (("a.x", (0,)), ("b.x", (0,)), ("c.x", "kubectl a")):
        sitting.show(number_of(sitting, item))
        wall.move(seconds=90)
        sitting.answer(number_of(sitting, item), given)
    sitting.flag(number_of(sitting, "b.x"))
    sitting.end()
    asked: list[tuple[str, str]] = []

    def bench(variant: Variant, text: str) -> Result:
        asked.append((variant.item.id, text))
        return result_of(0.5, detail="Half of it.")

    assert mark(room, sitting, bench) == 0
    assert asked == [("c.x", "kubectl a")]
    report = reported(room, sitting)
    assert [(each.id, each.points, each.earned) for each in report.domains] == [
        ("d0", 20, 20), ("d1", 30, 15), ("d2", 50, 25)
    ]  # fmt: skip
    assert (report.points, report.waiting, report.passed) == (60, 0, False)
    assert {task.item_id: task.seconds for task in report.tasks} == {"a.x": 90, "b.x": 90, "c.x": 90}
    assert [task.item_id for task in report.tasks if task.is_flagged] == ["b.x"]
    history = {answer.question_id: answer for answer in notes.history()}
    assert {name: (answer.score, answer.mode) for name, answer in history.items()} == {
        "a.x": (1, "exam"), "b.x": (0.5, "exam"), "c.x": (0.5, "exam")
    }  # fmt: skip
    assert history["a.x"].seconds == 90


def test_marking_again_changes_nothing(room: ExamRoom, notes: Progress) -> None:
    sitting = begin(room)
    sitting.answer(number_of(sitting, "a.x"), (0,))
    with pytest.raises(InputError, match="runs still"):
        mark(room, sitting)
    sitting.end()
    for _ in range(3):
        mark(room, sitting)
    assert len(notes.history()) == 1


def test_without_a_bench_answers_wait_and_are_judged_later(room: ExamRoom) -> None:
    sitting = begin(room)
    sitting.answer(number_of(sitting, "a.x"), (0,))
    sitting.answer(number_of(sitting, "c.x"), "kubectl a")
    sitting.end()

    def broken(variant: Variant, text: str) -> Result:
        raise UnavailableError("kubectl is not installed")

    assert mark(room, sitting) == 1
    assert mark(room, sitting, broken) == 1
    report = reported(room, sitting)
    assert (report.points, report.waiting, report.passed) == (20, 50, None)
    assert "still wait for their judgement" in report.verdict
    assert mark(room, sitting, lambda variant, text: result_of(1.0)) == 0
    report = reported(room, sitting)
    assert (report.points, report.waiting, report.passed) == (70, 0, True)


def test_what_was_left_open_earns_nothing_and_is_no_answer(room: ExamRoom, notes: Progress) -> None:
    sitting = begin(room)
    sitting.answer(number_of(sitting, "a.x"), (0,))
    sitting.answer(number_of(sitting, "a.x"), None)
    sitting.end()
    assert mark(room, sitting) == 0
    report = reported(room, sitting)
    assert (report.points, notes.history()) == (0, [])
    assert {task.headline for task in report.tasks} == {"✗ Not answered"}
    assert "3 of 3 were left open" in " ".join(report.next_steps)


def test_time_over_nobody_looked_is_marked_all_the_same(room: ExamRoom, wall: HandClock) -> None:
    sitting = begin(room)
    sitting.answer(number_of(sitting, "a.x"), (0,))
    wall.move(hours=3)
    assert mark(room, sitting) == 0
    assert room.running() is None
    report = reported(room, sitting)
    assert (report.ending, report.points, report.elapsed_seconds) == ("time", 20, 3600)


def test_pauses_and_time_without_a_program_are_told_and_on_no_tasks_account(
    room: ExamRoom, wall: HandClock
) -> None:
    sitting = begin(room)
    sitting.show(1)
    wall.move(minutes=1)
    sitting.pause()
    wall.move(minutes=30)
    sitting.resume()
    sitting.show(1)
    wall.move(minutes=2)
    sitting.tick()
    wall.move(minutes=7)
    sitting.reopen()
    wall.move(minutes=4)
    sitting.show(2)
    wall.move(minutes=3)
    sitting.end()
    mark(room, sitting)
    report = reported(room, sitting)
    assert [(each.at_seconds, each.seconds) for each in report.pauses] == [(60, 1800)]
    assert (report.paused_seconds, report.away_seconds, report.elapsed_seconds) == (1800, 420, 1020)
    assert [task.seconds for task in report.tasks] == [180, 180, 0]
    text = report_text(report)
    assert "Paused once, 30:00 in all: a real exam does not stop its clock." in text
    assert "For 7:00 no program had it open; that time counts." in text


@pytest.mark.parametrize(
    ("line", "issuer", "words", "passed"),
    [
        (None, "Somebody", "publishes no pass line", None),
        (PassLine(value=66, scale="percent"), "Somebody", "in this practice|here it is not reached", False),
        (PassLine(value=15, scale="percent"), "eks-lab", "Our pass line of 15 is reached", True),
        (PassLine(value=750, scale="scaled", lowest=100, highest=1000), "AWS", "a raw score.*cannot be comp", None),
    ],
)  # fmt: skip
def test_the_verdict_claims_no_more_than_is_known(
    room: ExamRoom, line: PassLine | None, issuer: str, words: str, passed: bool | None
) -> None:
    sitting = begin(room, replace(track((20, 30, 50)), pass_line=line, issuer=issuer))
    sitting.answer(number_of(sitting, "a.x"), (0,))
    sitting.end()
    mark(room, sitting)
    report = reported(room, sitting)
    assert re.search(words, report.verdict)
    assert report.passed is passed


def test_text_markdown_and_json_tell_the_same(room: ExamRoom) -> None:
    of = track((20, 30, 50))
    of.domains[2].not_covered.append("kubeadm | etcd")
    sitting = begin(room, of)
    sitting.answer(number_of(sitting, "b.x"), (0, 2))
    sitting.end()
    mark(room, sitting)
    report = reported(room, sitting)
    text, markdown = report_text(report), report_markdown(report)
    document = json.loads(report_json(report))
    assert (document["format"], document["points"], document["passed"]) == ("eks-lab-exam-report", 0, False)
    assert len(document["tasks"]) == 3
    for each in (text, markdown):
        assert report.verdict in each
        assert "kubeadm | etcd" in each
        assert all(task.item_id in each for task in report.tasks)
        assert "Outline, https://example.org/outline, checked 2026-11-23" in each
    assert markdown.startswith("# Sample exam, sitting 1\n")
    assert not set(text) & set("│─┌┐└┘")


def test_a_running_sitting_can_be_reported(room: ExamRoom) -> None:
    report = reported(room, begin(room))
    assert (report.ending, report.points, report.waiting) == ("", 0, 100)
    assert "It runs still." in report_text(report)


def test_numbers_are_judged_as_they_were_asked(room: ExamRoom) -> None:
    of = track((50, 50))
    plan, copies = exam({"s0/a": choice("a.x"), "s1/b": number("b.x")}, of)
    copies["b.x"]["variant"]["answer"] = 4711.0
    sitting = room.start(of, plan, copies)
    sitting.answer(number_of(sitting, "b.x"), 4711)
    sitting.end()
    mark(room, sitting)
    assert reported(room, sitting).points == 50


def test_labs_are_scored_by_their_checks() -> None:
    result = lab_result(lab_text(3, 4, 70))
    assert (result.score, result.correct, result.detail) == (0.7, False, "3 of 4 checks hold.")
    assert lab_result(lab_text(4, 4, 100)).correct
    for broken in ("", "[]", "{}", '{"passed": "x", "checks": 1, "points": 1}'):
        with pytest.raises(InputError, match="how a lab stands"):
            lab_result(broken)


def test_times_are_written_as_clocks() -> None:
    assert [clock_text(each) for each in (0, 61, 3599.9, 7261)] == ["0:00", "1:01", "59:59", "2:01:01"]
