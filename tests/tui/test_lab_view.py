"""Labs as prose and marks."""

from __future__ import annotations

from dataclasses import replace

from eks_lab.tui.lab_view import LabRow, debrief_text, lab_mark, prose, remark, task_text
from eks_lab.tui.typeset import typeset
from tests.fake_labs import SOLVED, STATE


def text(items: object) -> str:
    return " ".join(typeset(items, 60).text.split())  # type: ignore[arg-type]


def test_code_and_boxes_become_running_text() -> None:
    source = (
        'Look:\n\n```bash\nkubectl get pods\nkubectl get nodes\n```\n\n:::note{title="Mind"}\nInside.\n:::\n'
    )
    setting = typeset(prose(source), 60)
    assert [line.strip() for line in setting.text.splitlines() if line.strip()] == [
        "Look:",
        "kubectl get pods",
        "kubectl get nodes",
        "Mind",
        "Inside.",
    ]


def test_the_task_has_story_steps_and_the_hints_that_were_taken() -> None:
    before, after = text(task_text(STATE)), text(task_text(SOLVED))
    assert "usual, about 20 min Three pods want to run." in before
    assert "What to do 1. Look at the pods. 2. Let them run. Your files: /labs/second" in before
    assert "Hints" not in before
    assert "Hints • Look at the events. (−10 points)" in after
    assert "✓ Solved with 90 points." in after


def test_the_debrief_says_what_was_done_and_what_comes_next() -> None:
    whole = text(debrief_text(SOLVED))
    for part in (
        "✓ Solved: The second lab 90 points in 2 min; 1 hint took 10 points",
        "What you did • $ kubectl get pods What it was about ",
        "On real AWS About $0.35 an hour",
        "Next: The first lab (n)",
    ):
        assert part in whole
    shown = text(
        debrief_text(replace(SOLVED, is_solved=False, points=0, hints=(), did=(), cost="", next_title=""))
    )
    assert "○ Not solved: The second lab 0 points in 2 min; 0 hints What you did No commands." in shown
    assert "Next:" not in shown


def test_marks_have_words() -> None:
    row = LabRow("a", "A", 1, 5, 1)
    assert lab_mark(row) == "○ new"
    assert lab_mark(replace(row, points=0)) == "◐ begun"
    assert lab_mark(replace(row, points=80, is_done=True)) == "✓ 80 points"
    assert lab_mark(replace(row, points=80, is_done=True, is_running=True)) == "▶ running"
    assert lab_mark(replace(row, problem="x")) == "✗ broken"
    assert remark(SOLVED) == "90 points, 3/3 checks, 2 of 20 min"
