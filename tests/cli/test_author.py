"""`eks-lab author`: the loop of an author, each step one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.cli import run
from eks_lab.content.schema import PACKAGED
from tests.content.course_files import lesson_path, replace_in, write_course


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def test_a_clean_course(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["author", "check", "--content", str(course)]) == 0
    assert "1 lesson checked: 0 errors, 0 warnings." in capsys.readouterr().out


def test_a_course_with_a_mistake(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replace_in(lesson_path(course), "(term:eni)", "(term:enu)")
    assert run(["author", "check", "--content", str(course)]) == 1
    assert "01-net/10-slots/lesson.md:17: error: unknown term 'enu'" in capsys.readouterr().out
    assert run(["author", "check", "--json", "--content", str(course)]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["line"], finding["rule"]) == (17, "link-term")


def test_new_lesson_then_quiz_then_preview(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["author", "new", "lesson", "net.prefixes", "--content", str(course)]) == 0
    assert f"eks-lab author new quiz net.prefixes --content {course}, then" in capsys.readouterr().out
    assert run(["author", "new", "quiz", "net.prefixes", "--content", str(course)]) == 0
    assert f"Next: eks-lab author check --content {course}\n" in capsys.readouterr().out
    path = course / "01-net" / "20-prefixes" / "lesson.md"
    assert run(["author", "preview", str(path), "--plain"]) == 0
    assert "# Prefixes" in capsys.readouterr().out
    assert run(["author", "check", "--content", str(course)]) == 1


def test_the_page_for_authors_begins_a_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "authoring.md").read_text()
    example = page.partition("## course.yaml")[2].partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "course.yaml").write_text(example)
    assert run(["author", "new", "lesson", "storage.snapshots", "--content", str(tmp_path)]) == 0
    assert run(["author", "new", "quiz", "storage.snapshots", "--content", str(tmp_path)]) == 0
    assert (tmp_path / "01-storage" / "10-snapshots" / "quiz.yaml").is_file()
    capsys.readouterr()
    assert run(["author", "check", "--json", "--content", str(tmp_path)]) == 1
    rules = {finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert rules == {"minutes", "terms", "link-term", "link-lesson"}  # what the skeleton leaves to write


def test_a_preview_without_a_terminal(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["author", "preview", str(lesson_path(course))]) == 3
    assert "--plain" in capsys.readouterr().err


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["author", "schema"]) == 0
    assert Path(capsys.readouterr().out.strip()) == PACKAGED
    assert run(["author", "schema", "quiz"]) == 0
    assert "questions" in json.loads(capsys.readouterr().out)["properties"]
