"""Courses from folders: whole ones load, broken ones say file, line, what, and what to write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eks_lab.content.body import read_page
from eks_lab.content.index import open_course
from eks_lab.content.load import load_course, survey_course
from eks_lab.content.page import Code
from eks_lab.errors import ContentError
from tests.content.course_files import lesson_path, replace_in, write_course


def test_a_course_loads(tmp_path: Path) -> None:
    course = load_course(write_course(tmp_path)).course
    assert [lesson.id for lesson in course.lessons] == ["net.slots"]
    assert [term.id for term in course.terms] == ["eni", "max-pods"]
    assert course.lessons[0].questions[0].answer == 17
    assert course.lesson("net.slots") is course.lessons[0]
    assert course.lesson("net.none") is None


def test_files_are_quoted_in_part(tmp_path: Path) -> None:
    loaded = load_course(write_course(tmp_path))
    quoted = [
        block for block in read_page(loaded, "net.slots").blocks if isinstance(block, Code) and block.src
    ]
    assert quoted[0].text == "containers:\n  - name: web\n    image: nginx"
    assert quoted[0].language == "yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "fix"),
    [
        ("minutes: 5", "minutes: soon", 4, "minutes is 'soon'", "Reading time"),
        ("minutes: 5\n", "", 2, "minutes is missing", "Reading time"),
        ("minutes: 5", "minuets: 5", 4, "minuets is not a known field", "minutes"),
        (
            "objectives:\n  - Compute max pods",
            "objectives:\n  - {a: 1}",
            8,
            "objectives.0",
            "What the learner",
        ),
        ("checked: 2026-11-22", "checked: soon", 15, "sources.0.checked is 'soon'", "The day"),
        ("---\nid: net", "id: net", 1, "no front matter", "---"),
        ("skills: [ip-planning]", "skills: [ip-planning", 11, "not valid YAML", "quotes"),
    ],
)
def test_broken_front_matter(tmp_path: Path, old: str, new: str, line: int, message: str, fix: str) -> None:
    root = write_course(tmp_path)
    replace_in(lesson_path(root), old, new)
    findings = survey_course(root).findings
    assert any(finding.line == line and message in finding.message for finding in findings), findings
    assert any(fix in finding.fix for finding in findings)
    with pytest.raises(ContentError, match=r"lesson\.md:\d+:"):
        load_course(root)


def test_no_course(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"holds no course\.yaml"):
        load_course(tmp_path)


def test_an_unknown_lesson(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"no lesson 'x\.y'"):
        read_page(load_course(write_course(tmp_path)), "x.y")


def test_a_link_out_of_the_course_is_refused(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    secret = tmp_path / "secret.md"
    secret.write_text(lesson_path(root).read_text())
    lesson_path(root).unlink()
    lesson_path(root).symlink_to(secret)
    assert any("outside" in finding.message for finding in survey_course(root).findings)


def test_the_cache_gives_the_same_course(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    first = open_course(root, tmp_path / "cache")
    assert list((tmp_path / "cache").glob("course-*.json"))
    assert open_course(root, tmp_path / "cache") == first


def test_the_cache_is_not_believed_after_a_change(tmp_path: Path) -> None:
    root, cache = write_course(tmp_path / "course"), tmp_path / "cache"
    open_course(root, cache)
    replace_in(lesson_path(root), "Slots on a node", "Slots of a node")
    stat = lesson_path(root).stat()
    os.utime(lesson_path(root), ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert open_course(root, cache).course.lessons[0].title == "Slots of a node"


def test_a_damaged_or_unwritable_cache_costs_nothing_but_time(tmp_path: Path) -> None:
    root, cache = write_course(tmp_path / "course"), tmp_path / "cache"
    first = open_course(root, cache)
    (path,) = cache.glob("course-*.json")
    path.write_bytes(path.read_bytes()[:200])
    assert open_course(root, cache) == first
    (tmp_path / "file").write_text("")
    assert open_course(root, tmp_path / "file") == first
