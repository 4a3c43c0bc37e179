"""`eks-lab lesson`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.cli import run
from tests.content.course_files import lesson_path, write_course


@pytest.fixture
def course(tmp_path: Path) -> str:
    return str(write_course(tmp_path / "course"))


def test_list(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "list", "--content", course]) == 0
    shown = capsys.readouterr().out
    assert "1. Networking\n   net.slots  Slots on a node (5 min)\n" in shown
    assert "1 lesson, about 0 h 5 min." in shown


def test_list_as_json(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "list", "--json", "--content", course]) == 0
    (lesson,) = json.loads(capsys.readouterr().out)["lessons"]
    assert (lesson["id"], lesson["minutes"], lesson["questions"]) == ("net.slots", 5, 2)


def test_show(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "show", "net.slots", "--plain", "--content", course]) == 0
    assert capsys.readouterr().out.startswith("# Slots on a node\n")


def test_show_what_is_not_there(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "show", "net.slot", "--content", course]) == 2
    assert "Did you mean net.slots?" in capsys.readouterr().err


def test_a_broken_lesson_names_file_and_line(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = lesson_path(Path(course))
    path.write_text(path.read_text() + "\n::video{id=x}\n")
    assert run(["lesson", "show", "net.slots", "--content", course]) == 2
    assert "lesson.md:" in capsys.readouterr().err


def test_a_folder_that_is_no_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "list", "--content", str(tmp_path)]) == 2
    assert "holds no course.yaml" in capsys.readouterr().err
