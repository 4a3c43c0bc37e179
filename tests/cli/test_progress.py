"""`eks-lab progress` as a learner types it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eks_lab.cli.progress import command
from eks_lab.clock import SystemClock
from eks_lab.content.model import Chapter, Course, CourseFile, Lesson, LessonHead, LoadedCourse, Question
from eks_lab.errors import DataError, InputError
from eks_lab.learning.progress import Place, Progress, open_progress


def lesson(lesson_id: str, title: str, *question_ids: str) -> Lesson:
    head = LessonHead(lesson_id, title, 5, 10, "", [], [], [], [])
    questions = [Question(id=question, kind="choice", prompt="?", source="x") for question in question_ids]
    return Lesson(head, lesson_id.partition(".")[0], lesson_id, questions)


COURSE = Course(
    CourseFile(
        1,
        "eks",
        "Amazon EKS, from control plane to production",
        [
            Chapter("net", "3", "Networking", "", "net"),
            Chapter("long", "12", "A chapter whose title is far too long for the table", "", "long"),
        ],
        [],
    ),
    [
        lesson("net.one", "What a pod's address is", "net.one.q", "net.one.r"),
        lesson("net.two", "How many pods fit on a node"),
        lesson("long.one", "Last"),
    ],
    [],
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EKS_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("eks_lab.content.index.open_course", lambda root, cache: LoadedCourse(COURSE, root))
    return tmp_path / "home"


def stored() -> Progress:
    from eks_lab.locations import data_dir

    return open_progress(data_dir() / "progress.sqlite3", SystemClock())


def run(*arguments: str, stdin: bytes = b"") -> Result:
    result = CliRunner().invoke(command, arguments, input=stdin)
    assert result.exception is None, result.exception
    return result


def refused(*arguments: str, stdin: bytes = b"") -> BaseException:
    result = CliRunner().invoke(command, arguments, input=stdin)
    assert result.exception is not None
    return result.exception


def a_learner() -> None:
    with stored() as progress:
        progress.mark_finished("net.one")
        progress.add_seconds("net.one", 725)
        progress.record_answer("net.one.q", 1, (0,), True)
        progress.record_answer("net.one.r", 1, (0,), False)
        progress.save_place(Place("net.one", "", 0.5))


def has_words(line: str, words: Sequence[str]) -> None:
    for word in words:
        assert word in line


def test_the_table_shows_each_chapter_and_where_to_go_on() -> None:
    a_learner()
    result = run()
    lines = result.stdout.splitlines()
    assert lines[0] == "Amazon EKS, from control plane to production"
    has_words(lines[2], ["Lessons done", "Answers right", "Minutes read"])
    has_words(lines[3], ["  3  Networking", "1 of 2", "1 of 2", " 12"])
    has_words(lines[4], [" 12  A chapter whose title is far to…", "0 of 1", "0 of 0", " 0"])
    has_words(lines[5], ["Whole course", "1 of 3", "1 of 2", " 12"])
    assert lines[7:] == [
        "Continue with: How many pods fit on a node",
        "               eks-lab --lesson net.two",
    ]
    assert max(map(len, lines)) <= 80
    assert result.stderr == ""


def test_the_json_has_the_same_figures() -> None:
    a_learner()
    document = json.loads(run("--json").stdout)
    assert document["course"] == "eks"
    assert {
        key: document[key] for key in ("lessons", "finished", "questions", "answered", "right", "seconds")
    } == {
        "lessons": 3,
        "finished": 1,
        "questions": 2,
        "answered": 2,
        "right": 1,
        "seconds": 725,
    }
    assert [(chapter["id"], chapter["finished"]) for chapter in document["chapters"]] == [
        ("net", 1),
        ("long", 0),
    ]
    assert document["continue"] == {
        "id": "net.two",
        "title": "How many pods fit on a node",
        "chapter": "net",
    }
    assert document["remembered"] is True
    assert document["notice"] == ""


def test_a_finished_course_says_so() -> None:
    with stored() as progress:
        for known in COURSE.lessons:
            progress.mark_finished(known.id)
    assert run().stdout.splitlines()[-1] == "Every lesson is finished."
    assert json.loads(run("--json").stdout)["continue"] is None


def test_what_happened_to_a_damaged_file_goes_to_standard_error(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "progress.sqlite3").write_bytes(b"garbage")
    result = run("--json")
    assert result.stderr.startswith("Note: Your progress file could not be used: it is not a database.")
    assert "set aside" in json.loads(result.stdout)["notice"]


def test_another_course_can_be_named(tmp_path: Path) -> None:
    from eks_lab.errors import ContentError

    assert isinstance(refused("--content", str(tmp_path)), ContentError)


def test_an_export_is_imported_on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_learner()
    target = tmp_path / "mine.json"
    assert run("export", str(target)).stdout == f"Exported to {target}.\n"
    monkeypatch.setenv("EKS_LAB_HOME", str(tmp_path / "other"))
    assert run("import", str(target)).stdout == (
        f"Merged from {target}: 1 lesson, 2 answers, 1 place, 0 bookmarks, 2 cards.\n"
    )
    assert run("import", str(target)).stdout == f"Everything in {target} was here already; nothing changed.\n"
    with stored() as progress:
        assert progress.lessons()["net.one"].seconds == 725


def test_an_export_goes_through_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_learner()
    text = run("export", "-").stdout
    assert json.loads(text)["format"] == "eks-lab-progress"
    monkeypatch.setenv("EKS_LAB_HOME", str(tmp_path / "other"))
    assert "Merged from standard input: 1 lesson" in run("import", "-", stdin=text.encode()).stdout


def test_an_export_replaces_a_file_only_when_forced(tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    target.write_text("precious")
    assert isinstance(refused("export", str(target)), InputError)
    assert target.read_text() == "precious"
    run("export", str(target), "--force")
    assert json.loads(target.read_text())["version"] == 3


@pytest.mark.parametrize("stdin", [b"", b"\xff\xff", b"{}"])
def test_a_wrong_import_changes_nothing(stdin: bytes) -> None:
    a_learner()
    before = json.loads(run("export", "-").stdout)
    error = refused("import", "-", stdin=stdin)
    assert isinstance(error, InputError)
    assert error.message.startswith("standard input is not a progress export")
    after = json.loads(run("export", "-").stdout)
    assert {**after, "exported_at": ""} == {**before, "exported_at": ""}


def test_a_reset_has_to_be_meant_and_leaves_a_backup(home: Path) -> None:
    a_learner()
    error = refused("reset")
    assert isinstance(error, InputError)
    assert "reset --yes" in error.hint
    with stored() as progress:
        assert progress.lessons()
    result = run("reset", "--yes")
    backups = list((home / "data").glob("progress.sqlite3.backup-*"))
    assert len(backups) == 1
    assert str(backups[0]) in result.stdout
    with stored() as progress:
        assert not progress.lessons()
    with open_progress(backups[0], SystemClock()) as kept:
        assert kept.lessons()["net.one"].seconds == 725


@pytest.mark.parametrize("arguments", [("import", "-"), ("reset", "--yes")])
def test_what_cannot_be_stored_is_refused(home: Path, arguments: tuple[str, ...]) -> None:
    text = run("export", "-").stdout
    lock = home / "data" / "progress.sqlite3.lock"
    lock.unlink()
    lock.mkdir()
    error = refused(*arguments, stdin=text.encode())
    assert isinstance(error, DataError)
    assert "EKS_LAB_HOME" in error.hint


def test_help_names_every_command() -> None:
    text = run("--help").stdout
    for word in ("export", "import", "reset", "--json"):
        assert word in text
