"""Files in a course that cannot be read: one finding each, at its place, and nothing that only follows from it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eks_lab.content.check import check_course
from eks_lab.content.findings import Finding
from eks_lab.content.items.revisions import read_ledger
from eks_lab.content.load import load_course
from eks_lab.errors import ContentError
from tests.content.course_files import HEAD, QUIZ, lesson_path, replace_in, write_course

LESSON = "01-net/10-slots/lesson.md"
FILES = (LESSON, "01-net/10-slots/quiz.yaml", "glossary/net.yaml", "course.yaml")
DEEP = "a: " + "[" * 50_000 + "]" * 50_000


def _tabs(path: Path) -> None:
    path.write_text(path.read_text().replace("  ", "\t"))


def _circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _elsewhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _deep(path: Path) -> None:
    path.write_text(f"---\n{DEEP}\n---\nText.\n" if path.suffix == ".md" else DEEP)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("spoil", "message", "fix"),
    [
        (lambda path: path.write_bytes(b"\x00\x01"), "the file is a binary file", "UTF-8"),
        (lambda path: path.write_text(path.read_text(), encoding="utf-16"), "UTF-16, not UTF-8", "Save it"),
        (lambda path: path.write_bytes(b"caf\xe9"), "byte 3 is 0xe9", "Save it as UTF-8"),
        (lambda path: path.write_bytes(b"word " * 2_000_000), "10,000,000 bytes", "Split it"),
        (_tabs, "not valid YAML", "Indent with spaces"),
        (_elsewhere, "leads outside the course", "Put the file itself"),
        (_deep, "more than 100 values inside each other", "Write it flatter"),
    ],
)
def test_a_file_that_cannot_be_read_is_the_only_finding(
    tmp_path: Path, file: str, spoil: Callable[[Path], None], message: str, fix: str
) -> None:
    root = write_course(tmp_path)
    spoil(root / file)
    findings = check_course(root)
    assert [finding.path for finding in findings] == [file]
    assert message in findings[0].message
    assert str(root) not in findings[0].message
    assert fix in findings[0].fix
    with pytest.raises(ContentError, match=file):
        load_course(root)


@pytest.mark.parametrize("file", FILES[:3])
def test_a_pipe_is_not_waited_for(tmp_path: Path, file: str) -> None:
    root = write_course(tmp_path)
    (root / file).unlink()
    os.mkfifo(root / file)
    assert [(each.path, each.rule) for each in check_course(root)] == [(file, "file")]


def test_a_link_that_leads_in_a_circle_or_nowhere_is_said(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    _circle(root / LESSON)
    assert [(each.path, each.rule) for each in check_course(root)] == [(LESSON, "file")]
    (root / LESSON).unlink()
    (root / LESSON).symlink_to("gone.md")
    (only,) = check_course(root)
    assert only.message == "the file does not exist."


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "windows", "old mac"])
def test_how_an_editor_saves_text_does_not_matter(tmp_path: Path, file: str, encoding: str) -> None:
    root = write_course(tmp_path)
    text = (root / file).read_bytes()
    line_end = {"windows": b"\r\n", "old mac": b"\r"}.get(encoding, b"\n")
    mark = b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
    (root / file).write_bytes(mark + text.replace(b"\n", line_end))
    assert check_course(root) == []


def test_links_to_a_lesson_that_cannot_be_read_are_not_called_dead(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    second = root / "01-net" / "20-next"
    second.mkdir()
    other = HEAD.replace("net.slots", "net.next").replace("order: 10", "order: 20")
    body = lesson_path(root).read_text().partition("---\nA pod")[2].partition("::file")
    text = f"{other}A pod{body[0].replace('](term:eni)', '](lesson:net.slots)')}::quiz\n"
    (second / "lesson.md").write_text(text)
    questions = QUIZ.replace("net.slots", "net.next").replace("t3.medium", "m5.large")
    (second / "quiz.yaml").write_text(questions)
    assert [finding.rule for finding in check_course(root) if finding.rule == "link-lesson"] == []
    lesson_path(root).write_text("no front matter")
    assert [(finding.path, finding.rule) for finding in check_course(root)] == [(LESSON, "front-matter")]


@pytest.mark.parametrize("folder", ["../..", "/etc", ".", "", "01-net/inner"])
def test_a_chapter_is_a_folder_of_the_course(tmp_path: Path, folder: str) -> None:
    root = write_course(tmp_path / "course")
    replace_in(root / "course.yaml", "folder: 01-net", f'folder: "{folder}"')
    findings = check_course(root)
    said = [finding for finding in findings if finding.rule == "chapter"]
    assert [(finding.path, finding.line) for finding in said] == [("course.yaml", 5)]
    assert repr(folder) in said[0].message
    assert all(not finding.path.startswith(("..", "/")) for finding in findings)
    with pytest.raises(ContentError, match="has the folder"):
        load_course(root)


def _stray(root: Path, place: str) -> list[Finding]:
    path = root / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    return check_course(root)


@pytest.mark.parametrize("place", ["notes.txt", "glossary/notes.txt", "diagrams/drawing.svg", "tracks/a.yml"])
def test_stray_files_beside_the_chapters_are_orphans(tmp_path: Path, place: str) -> None:
    assert [(each.path, each.rule) for each in _stray(write_course(tmp_path), place)] == [(place, "orphan")]


@pytest.mark.parametrize(
    "place", ["README.md", ".DS_Store", "01-net/.DS_Store", "01-net/10-slots/.lesson.md.swp"]
)
def test_what_editors_and_file_managers_leave_is_none(tmp_path: Path, place: str) -> None:
    assert _stray(write_course(tmp_path), place) == []


def test_a_link_to_a_folder_is_one(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    (root / "01-net" / "10-slots" / "loop").symlink_to("..")
    assert [(each.path, each.rule) for each in check_course(root)] == [("01-net/10-slots/loop", "orphan")]


def test_a_quoted_file_that_links_to_itself_is_one_finding(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    _circle(root / "01-net/10-slots/manifests/pod.yaml")
    assert [(each.path, each.rule) for each in check_course(root)] == [(LESSON, "quote")]


@pytest.mark.parametrize("folder", ["diagrams", "tracks"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (os.mkfifo, "no ordinary file"),
        (lambda path: path.symlink_to("/etc/passwd"), "leads outside the course"),
    ],
)
def test_diagrams_and_tracks_are_read_as_the_rest_is(
    tmp_path: Path, folder: str, spoil: Callable[[Path], None], message: str
) -> None:
    root = write_course(tmp_path)
    (root / folder).mkdir(exist_ok=True)
    spoil(root / folder / "a.yaml")
    (only,) = check_course(root)
    assert only.path == f"{folder}/a.yaml"
    assert message in only.message


def test_the_ledger_is_not_waited_for_either(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    os.mkfifo(root / "revisions.json")
    with pytest.raises(ContentError, match="no ordinary file"):
        read_ledger(root)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"format": 1, "questions": {"a": [1e999, ""]}}'])
def test_a_ledger_that_nobody_wrote(tmp_path: Path, text: str) -> None:
    (tmp_path / "revisions.json").write_text(text)
    with pytest.raises(ContentError, match="cannot be read"):
        read_ledger(tmp_path)


def test_a_folder_whose_name_is_too_long(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    replace_in(root / "course.yaml", "folder: 01-net", f"folder: {'a' * 300}")
    assert "chapter" in {each.rule for each in check_course(root)}


def test_a_folder_that_is_closed_is_one_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_course(tmp_path)
    closed = root / "01-net"
    monkeypatch.setattr(os, "access", lambda path, _mode: path != closed)  # root may open every folder
    findings = [each for each in check_course(root) if each.rule != "guide-row"]
    assert [(each.path, each.message) for each in findings] == [("01-net", "the folder cannot be opened.")]


def test_a_kind_that_is_no_text(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    bank = root / "01-net" / "quiz"
    bank.mkdir()
    (bank / "theory.yaml").write_text("format: 1\nitems:\n  - {id: net.slots.x, kind: [choice]}\n")
    assert {each.path for each in check_course(root)} == {"01-net/quiz/theory.yaml"}


def test_a_character_that_markdown_spells_out(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    replace_in(root / LESSON, "A pod needs", "A pod &#x202e; needs")
    assert ["the invisible character U+202E" in each.message for each in check_course(root)] == [True]


def test_a_quoted_file_in_a_closed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_course(tmp_path)
    lstat, stat = os.lstat, os.stat

    def closed(way: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def look(path: Any, *others: Any, **named: Any) -> os.stat_result:
            if "manifests/" in str(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return way(path, *others, **named)

        return look

    monkeypatch.setattr(os, "lstat", closed(lstat))  # root may look into every folder
    monkeypatch.setattr(os, "stat", closed(stat))
    assert "quote" in {each.rule for each in check_course(root)}
