"""`eks-lab exam`: a whole sitting through a pipe, coming back to it, and its report."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eks_lab.cli import run
from tests.builders import copied_course

Say = Callable[..., tuple[int, str, str]]

TRACK = """
id: sample
title: A sample exam
issuer: Somebody
version: "1"
form: choice
minutes: 60
pass_line: {value: 60, scale: percent}
about: A sample.
practice: {questions: 4, kinds: [choice, multi], instead: [number]}
domains:
  - {id: nodes, title: Nodes, weight: 60, skills: [planning]}
  - {id: network, title: Network, weight: 40, skills: [addresses], not_covered: [routers of your own]}
sources:
  - {title: Outline, url: "https://example.org", checked: 2026-11-23, says: [weights, pass line]}
"""


def question(lesson: str, name: str, skill: str) -> str:
    """Return a choice of which `right` is right."""
    options = "\n".join(
        f"      - {{text: {word}, explain: Because., correct: {str(word == 'right').lower()}}}"
        for word in ("right", "wrong", "other")
    )
    return (
        f"  - id: {lesson}.{name}\n    kind: choice\n    prompt: What is {name}?\n    skills: [{skill}]\n"
        f"    source: A page of the manual\n    options:\n{options}\n"
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Give a course with one exam of four questions, two for each domain."""
    root = copied_course(tmp_path)
    (root / "tracks").mkdir()
    (root / "tracks" / "sample.yaml").write_text(TRACK.lstrip(), encoding="utf-8")
    (root / "01-basics" / "quiz").mkdir()
    items = [question("basics.nodes", f"q{number}", "planning") for number in range(3)]
    items += [question("basics.nodes", f"n{number}", "addresses") for number in range(3)]
    (root / "01-basics" / "quiz" / "exam.yaml").write_text(
        "format: 1\nitems:\n" + "".join(items), encoding="utf-8"
    )
    return root


@pytest.fixture
def say(course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Give a way to type `eks-lab exam …` with lines on standard input; returns exit code, output and errors."""

    def said(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        asks = ("--content", str(course)) if words[0] in ("tracks", "start", "resume") else ()
        code = run(["exam", *words, *asks])
        found = capsys.readouterr()
        return code, found.out, found.err

    return said


def right_letter(shown: str) -> str:
    """Return the letter of the right option in the question that was shown last."""
    letters: list[str] = re.findall(r"(\w)\) (?:right|Two pods that)", shown)
    return letters[-1]


def test_tracks_are_listed_with_what_is_known(say: Say) -> None:
    code, out, _ = say("tracks")
    assert code == 0
    assert "sample: A sample exam" in out
    assert "60 % Nodes" in out
    assert "EKS practice does not cover: routers of your own." in out
    code, out, _ = say("tracks", "--json")
    (track,) = json.loads(out)["tracks"]
    assert (track["id"], track["domains"][0]["weight"]) == ("sample", 60)


def test_a_sitting_through_a_pipe_from_start_to_report(say: Say) -> None:
    code, out, err = say("start", "sample", "--seed", "5", "--plain", typed="s\ns\ns\ns\n")
    assert (code, err) == (0, "")
    assert out.startswith("A sample exam: 4 tasks, 60 minutes, seed 5.")
    assert len(re.findall(r"^Task \d of 4", out, re.MULTILINE)) == 4
    assert "0 of 100 points. The real exam's pass line is 60 %; here it is not reached." in out
    assert "Because." not in out, "an exam explains nothing"

    code, out, err = say("start", "sample", "--seed", "5", "--json", typed="s\ns\ns\ns\n")
    document: dict[str, Any] = json.loads(out)
    assert code == 0
    assert len({task["item_id"] for task in document["tasks"]}) == 4
    assert "Task 1 of 4" in err


def test_right_answers_earn_their_points_and_moves_work(say: Say) -> None:
    code, out, _ = say(
        "start", "sample", "--seed", "1", typed=":flag\n:list\n:go ²\n:go 3\n:back\n:bogus\nq\n"
    )
    assert code == 0
    assert "Marked to come back to." in out
    assert "1. choice, 30 points: open, flagged" in out or "1. choice, 20 points: open, flagged" in out
    assert "There is no move :bogus. See :help" in out
    assert "You have left the exam; its clock runs on." in out
    code, out, _ = say("status", "--json")
    status = json.loads(out)
    assert (status["answered"], status["flagged"], status["paused"]) == ([], [1], False)
    code, _, err = say("start", "sample")
    assert (code, "exam resume" in err) == (2, True)

    for number in range(1, 5):
        code, out, _ = say("resume", typed=f":go {number}\nq\n")
        letter = right_letter(out)
        code, out, _ = say("resume", typed=f":go {number}\n{letter}\nq\n")
        assert code == 0
    code, out, err = say("resume", typed=":go 2\n:clear\n:list\n:pause\nq\n")
    assert (code, err) == (0, "")
    assert "2. choice" in out
    assert "The exam is paused." in out
    assert "paused" in say("status")[1]
    shown = say("resume", typed="\n:go 2\nq\n")[1]
    code, out, _ = say("resume", typed=f":go 2\n{right_letter(shown)}\n:end\n")
    assert code == 0
    assert "100 of 100 points. The real exam's pass line is 60 %; here it is reached." in out
    assert "Paused " in out

    code, out, _ = say("report", "--json")
    report = json.loads(out)
    assert (report["points"], report["passed"], report["ending"]) == (100, True, "learner")
    assert [task["is_flagged"] for task in report["tasks"]].count(True) == 1
    code, out, _ = say("report", "1", "--markdown")
    assert out.startswith("# A sample exam, sitting 1\n")
    code, out, _ = say("list", "--json")
    (row,) = json.loads(out)["sittings"]
    assert (row["points"], row["running"], row["passed"]) == (100, False, True)
    assert "100 points" in say("list")[1]


def test_an_answer_is_shown_again_as_it_was_typed(say: Say) -> None:
    _, out, _ = say("start", "sample", "--seed", "2", typed="b\nq\n")
    _, out, _ = say("resume", typed=":go 1\nq\n")
    assert "Your answer so far: b" in out


def test_a_line_that_is_no_answer_does_not_end_the_exam(say: Say) -> None:
    code, out, _ = say("start", "sample", "--seed", "2", typed="zzz\na\na\na\n")
    assert code == 0
    assert "The task stays open." in out
    assert "1 of 4 were left open" in out


def test_a_question_that_was_deleted_or_changed_meanwhile_is_asked_as_it_was(say: Say, course: Path) -> None:
    _, before, _ = say("start", "sample", "--seed", "3", typed="q\n")
    bank = course / "01-basics" / "quiz" / "exam.yaml"
    bank.write_text("format: 1\nitems:\n" + question("basics.nodes", "other", "planning"), encoding="utf-8")
    code, out, _ = say("resume", typed="q\n")
    assert code == 0
    asked = re.search(r"What (is|does) .*", before)
    assert asked is not None
    assert asked[0] in out
    code, out, _ = say("resume", typed="s\ns\ns\ns\n")
    assert (code, "0 of 100 points" in out) == (0, True)


def test_what_is_missing_is_said(say: Say) -> None:
    for words, code, part in (
        (("start", "smple"), 2, "no exam track 'smple'"),
        (("start", "sample", "--minutes", "7", "--short"), 2, "exclude each other"),
        (("resume",), 2, "no exam runs"),
        (("status",), 2, "no exam runs"),
        (("report",), 2, "no sitting has ended yet"),
        (("report", "7"), 2, "no sitting"),
        (("report", "--json", "--markdown"), 2, "exclude each other"),
    ):
        found, _, err = say(*words)
        assert (found, part in err) == (code, True), err
    assert "No sittings yet" in say("list")[1]


def test_output_has_neither_colour_nor_frames(say: Say) -> None:
    for words in (("tracks",), ("start", "sample", "--seed", "1")):
        out = say(*words, typed="s\ns\ns\ns\n")[1]
        assert "\x1b" not in out
        assert not set(out) & set("│─┌┐└┘├┤")
