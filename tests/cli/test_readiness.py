"""`eks-lab readiness`: exams, one exam, and what the answers tell of questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from eks_lab import locations
from eks_lab.cli import run
from eks_lab.clock import SystemClock
from eks_lab.learning.progress import FILE_NAME, open_progress
from tests.content.course_files import write_course
from tests.content.items.builders import document, write_bank

TRACK = {
    "id": "small",
    "title": "A small exam",
    "issuer": "eks-lab",
    "version": "1",
    "form": "choice",
    "minutes": 30,
    "pass_line": {"value": 70, "scale": "percent"},
    "about": "Small.",
    "practice": {"questions": 4, "kinds": ["choice"]},
    "domains": [
        {"id": "net", "title": "Networking", "weight": 75, "chapters": ["net"], "not_covered": ["BGP"]},
        {"id": "else", "title": "Everything else", "weight": 25, "not_covered": ["all of it"]},
    ],
    "sources": [{"title": "ours", "url": "", "checked": "2026-11-23", "says": ["weights", "pass line"]}],
}


@pytest.fixture
def course(tmp_path: Path) -> str:
    root = write_course(tmp_path / "course")
    write_bank(root, document("choice"), document("number"))
    (root / "tracks").mkdir()
    (root / "tracks" / "small.yaml").write_text(yaml.safe_dump(TRACK).replace("'2026-11-23'", "2026-11-23"))
    return str(root)


def answered(*answers: tuple[str, tuple[int, ...], bool]) -> None:
    with open_progress(locations.data_dir() / FILE_NAME, SystemClock()) as progress:
        for kind, given, correct in answers:
            progress.record_answer(f"net.slots.{kind}", 1, given, correct, seconds=8, mode="quiz")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["readiness", *arguments]) == code
    return capsys.readouterr().out


def test_every_exam_on_a_line(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "--content", course)
    assert out.startswith("small        A small exam")
    assert " 10% to 90%  0 of " in out
    (found,) = json.loads(printed(capsys, "--json", "--content", course))
    assert (found["track"], found["expected"], found["pass_share"]) == ("small", 0.5, 0.7)


def test_one_exam_by_domain_with_what_to_do(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    answered(("choice", (0,), True), ("choice", (1,), False))
    out = printed(capsys, "small", "--content", course)
    assert "Networking" in out
    assert "not covered" in out
    assert "  * Networking: BGP" in out
    assert "80 % sure" in out
    assert "1. Review 1 card." in out
    assert "2. Read " in out
    assert "nothing was reviewed yet" in out
    found = json.loads(printed(capsys, "small", "--json", "--content", course))
    net, other = found["domains"]
    assert (net["answered"], net["evidence"], other["evidence"]) == (1, 2, 0)
    assert (net["expected"], other["questions"]) == (0.5, 0)
    assert found["next"][0]["command"] == "eks-lab review"
    assert 1 <= len(found["next"]) <= 3
    assert found["forecast"] == []


def test_an_unknown_exam_is_named(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["readiness", "smal", "--content", course]) == 2
    assert "there is no exam track 'smal'" in capsys.readouterr().err


def test_figures_of_questions(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "items", "--content", course) == "Nothing was answered yet.\n"
    answered(("choice", (0,), True), ("choice", (1,), False), ("number", (), False), ("gone", (0,), True))
    out = printed(capsys, "items", "--content", course)
    assert "a×1, b×1" in out
    assert "(gone)" in out
    rows = {
        row["question_id"]: row for row in json.loads(printed(capsys, "items", "--json", "--content", course))
    }
    choice = rows["net.slots.choice"]
    assert (choice["attempts"], choice["difficulty"], choice["discrimination"]) == (2, 0.5, None)
    assert choice["picked"] == {"a": 1, "b": 1, "c": 0, "d": 0}
    assert rows["net.slots.gone"]["is_in_course"] is False
