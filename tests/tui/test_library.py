"""The course beside what the learner did with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.content.load import load_course
from eks_lab.learning.progress import open_progress
from eks_lab.learning.records import Place
from eks_lab.tui.library import Library, Tally
from tests.builders import COURSE, NOON


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_progress(tmp_path / "progress.sqlite3", SimClock(NOON)) as progress:
        yield Library(load_course(COURSE), progress)


def test_a_fresh_course(library: Library) -> None:
    assert library.is_untouched
    assert library.status("basics.nodes") == "new"
    assert library.tally() == Tally(0, 3)
    assert library.resume_place() is None


def test_progress_is_seen_after_a_refresh(library: Library) -> None:
    library.progress.mark_opened("basics.nodes")
    library.refresh()
    assert library.tally("basics").status == "begun", "a lesson in it is open, though none is finished"
    library.progress.mark_finished("basics.pods")
    library.refresh()
    assert [library.status(lesson.id) for lesson in library.course.lessons] == ["begun", "done", "new"]
    assert library.tally("basics") == Tally(1, 2, begun=1)
    assert not library.is_untouched


def test_order(library: Library) -> None:
    after, before = library.after("basics.pods"), library.before("basics.pods")
    assert after is not None
    assert before is not None
    assert (before.id, after.id) == ("basics.nodes", "network.addresses")
    assert library.before("basics.nodes") is None
    assert library.after("network.addresses") is None
    assert library.after("gone.away") is None


def test_the_next_unfinished_lesson_comes_round_again(library: Library) -> None:
    library.progress.mark_finished("network.addresses")
    library.refresh()
    found = library.next_unfinished("basics.pods")
    assert found is not None
    assert found.id == "basics.nodes"
    for lesson in library.course.lessons:
        library.progress.mark_finished(lesson.id)
    library.refresh()
    assert library.next_unfinished() is None


def test_a_place_in_a_lesson_that_is_gone_is_no_place(library: Library) -> None:
    library.progress.save_place(Place("gone.away", "", 0.0))
    assert library.resume_place() is None


def test_answers_to_older_revisions_do_not_count(library: Library) -> None:
    lesson = library.lesson("basics.nodes")
    assert lesson is not None
    library.progress.record_answer("basics.nodes.limit", 1, 29.0, True)
    library.progress.record_answer("basics.nodes.plus-two", 7, (0,), True)
    assert library.given_answers(lesson) == {"basics.nodes.limit": 29.0}


def test_links_explain_themselves(library: Library) -> None:
    assert library.explain("term:node").startswith("Node: A computer")
    assert library.explain("lesson:basics.pods#waiting").startswith("What a pod needs (5 min)")
    assert "copies" in library.explain("https://docs.example.com")
    assert library.explain("term:nothing") == ""


def test_percent_is_full_only_at_the_end() -> None:
    assert Tally(199, 200).percent == 99
    assert Tally(200, 200).percent == 100
    assert Tally(0, 0).percent == 0
    assert Tally(0, 0).status == "new"
