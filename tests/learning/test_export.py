"""Taking progress along: nothing is lost on the way out, nor on the way in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fsrs import Rating

from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.learning.export import export_text, import_bytes
from eks_lab.learning.merge import Merged
from eks_lab.learning.progress import Place, Progress, open_progress
from tests.learning.conftest import START
from tests.learning.exported import everything, valid


@pytest.fixture
def other(tmp_path: Path, clock: SimClock) -> Iterator[Progress]:
    """The learner's second machine."""
    with open_progress(tmp_path / "other" / "progress.sqlite3", clock) as opened:
        yield opened


def carry(source: Progress, target: Progress) -> Merged:
    return import_bytes(target, export_text(source, START).encode(), "export.json")


def a_learner(progress: Progress, clock: SimClock) -> None:
    progress.mark_opened("a.one")
    progress.add_seconds("a.one", 300)
    progress.record_answer("a.one.q", 1, (1,), False)
    clock.advance(timedelta(seconds=30))
    progress.record_answer("a.one.q", 1, (0, 2), True)
    progress.record_answer("a.one.n", 2, 17.5, True)
    progress.mark_finished("a.one")
    progress.save_place(Place("a.one", "why", 0.75))
    progress.toggle_bookmark("a.one", "why", "Why × so")
    progress.mark_opened("a.two")


def test_an_export_brings_everything_to_an_empty_place(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    a_learner(progress, clock)
    assert carry(progress, other) == Merged(lessons=2, places=1, answers=3, bookmarks=1, cards=2)
    assert other.lessons() == progress.lessons()
    assert other.answers() == progress.answers()
    assert other.attempts("a.one.q") == progress.attempts("a.one.q")
    assert other.bookmarks() == progress.bookmarks()
    assert other.last_place() == progress.last_place()
    assert everything(other) == everything(progress)


def test_a_second_import_changes_nothing(progress: Progress, other: Progress, clock: SimClock) -> None:
    a_learner(progress, clock)
    carry(progress, other)
    before = everything(other)
    assert carry(progress, other).is_nothing
    assert carry(other, progress).is_nothing
    assert everything(other) == before


def test_settings_stay_on_their_machine(progress: Progress, other: Progress) -> None:
    progress.set_setting("save_folder", "/home/me/eks")
    carry(progress, other)
    assert other.setting("save_folder") == ""


def test_the_later_finish_wins_whichever_way_it_is_carried(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    progress.mark_finished("a.one")
    progress.add_seconds("a.one", 500)
    clock.advance(timedelta(days=1))
    other.mark_finished("a.one")
    other.add_seconds("a.one", 40)
    carry(other, progress)
    carry(progress, other)
    for machine in (progress, other):
        record = machine.lessons()["a.one"]
        assert record.finished_at == START + timedelta(days=1)
        assert record.opened_at == START
        assert record.seconds == 500


def test_a_finish_is_not_lost_to_a_machine_that_only_opened_the_lesson(
    progress: Progress, other: Progress
) -> None:
    progress.mark_finished("a.one")
    other.mark_opened("a.one")
    carry(other, progress)
    carry(progress, other)
    assert progress.lessons()["a.one"].finished_at == START
    assert other.lessons()["a.one"].finished_at == START


def test_the_newest_answer_counts_and_all_attempts_are_kept(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    progress.record_answer("a.one.q", 1, (0,), False)
    clock.advance(timedelta(hours=1))
    other.record_answer("a.one.q", 1, (1,), True)
    clock.advance(timedelta(hours=1))
    progress.record_answer("a.one.p", 1, (2,), True)
    carry(other, progress)
    carry(progress, other)
    for machine in (progress, other):
        assert machine.answers()["a.one.q"].given == (1,)
        assert [attempt.given for attempt in machine.attempts("a.one.q")] == [(0,), (1,)]
        assert machine.answers()["a.one.p"].given == (2,)


def test_an_older_answer_does_not_replace_a_newer_one(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    other.record_answer("a.one.q", 1, (0,), False)
    clock.advance(timedelta(hours=1))
    progress.record_answer("a.one.q", 1, (1,), True)
    carry(other, progress)
    assert progress.answers()["a.one.q"].given == (1,)


def test_the_newer_place_of_each_lesson_stays(progress: Progress, other: Progress, clock: SimClock) -> None:
    progress.save_place(Place("a.one", "old", 0.1))
    clock.advance(timedelta(hours=1))
    other.save_place(Place("a.one", "new", 0.9))
    other.save_place(Place("a.two", "", 0.5))
    clock.advance(timedelta(hours=1))
    progress.save_place(Place("a.three", "", 0.2))
    carry(progress, other)
    carry(other, progress)
    for machine in (progress, other):
        assert machine.place("a.one") == Place("a.one", "new", 0.9)
        assert machine.place("a.two") == Place("a.two", "", 0.5)
        assert machine.last_place() == Place("a.three", "", 0.2)


def test_bookmarks_of_both_sides_are_set(progress: Progress, other: Progress) -> None:
    progress.toggle_bookmark("a.one", "", "One")
    progress.toggle_bookmark("a.one", "why", "Why")
    other.toggle_bookmark("a.one", "why", "Why, as it was called before")
    other.toggle_bookmark("a.two", "", "Two")
    assert carry(other, progress).bookmarks == 1
    assert {(mark.lesson_id, mark.anchor, mark.title) for mark in progress.bookmarks()} == {
        ("a.one", "", "One"),
        ("a.one", "why", "Why"),
        ("a.two", "", "Two"),
    }


def test_the_newer_content_of_a_form_stays_as_a_whole(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70", "replicas": "x"})
    other.drafts.keep("calculator", "spread", {"zones": "2"})
    clock.advance(timedelta(hours=1))
    other.drafts.keep("calculator", "hpa", {"pods": "9"})
    other.drafts.keep("generator", "hpa", {"target": "50"})
    assert carry(other, progress).drafts == 3
    assert carry(other, progress).is_nothing
    assert carry(progress, other).drafts == 0
    for machine in (progress, other):
        assert machine.drafts.all("calculator") == {"hpa": {"pods": "9"}, "spread": {"zones": "2"}}
        assert machine.drafts.all("generator") == {"hpa": {"target": "50"}}


def test_cards_reviews_and_labs_go_along(progress: Progress, other: Progress, clock: SimClock) -> None:
    progress.record_answer("a.one.q", 1, "text", False, seed=4, score=0.5, seconds=9.5, mode="quiz")
    progress.labs.start("max-pods", 7, Path("/labs/max-pods"), "")
    progress.labs.note_command("kubectl get nodes")
    clock.advance(timedelta(minutes=9))
    progress.labs.finish("solved", 85)
    progress.labs.end()
    progress.reviews.grade("item:a.one.q", Rating.Good, seed=5)
    progress.reviews.add("item:a.one.p")
    clock.advance(timedelta(days=1))
    progress.reviews.remove("item:a.one.p")
    progress.reviews.grade("item:a.one.q", Rating.Good)
    assert carry(progress, other) == Merged(0, 0, answers=1, bookmarks=0, cards=3, reviews=2, labs=1)
    assert carry(progress, other).is_nothing
    assert everything(other) == everything(progress)
    assert other.reviews.cards() == progress.reviews.cards()
    assert other.attempts("a.one.q") == progress.attempts("a.one.q")
    assert other.labs.commands(other.labs.attempts()[0].attempt_id) == ["kubectl get nodes"]


def test_a_card_reviewed_on_two_machines_stands_where_both_logs_lead(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    progress.reviews.add("item:q")
    progress.reviews.grade("item:q", Rating.Good)
    carry(progress, other)
    for machine, rating in ((progress, Rating.Easy), (other, Rating.Again), (progress, Rating.Good)):
        clock.advance(timedelta(days=2))
        machine.reviews.grade("item:q", rating)
    carry(progress, other)
    carry(other, progress)
    assert progress.reviews.log("item:q") == other.reviews.log("item:q")
    assert [entry.rating for entry in progress.reviews.log("item:q")] == [3, 4, 1, 3]
    assert progress.reviews.card("item:q") == other.reviews.card("item:q")
    assert progress.reviews.rebuild() == ()


def test_a_lab_exported_while_it_ran_is_ended_by_a_later_export(
    progress: Progress, other: Progress, clock: SimClock
) -> None:
    progress.labs.start("max-pods", 7, Path("/labs/max-pods"), "")
    progress.labs.note_command("one")
    carry(progress, other)
    assert carry(progress, progress).is_nothing, "the lab that runs here is left alone"
    progress.labs.note_command("two")
    clock.advance(timedelta(minutes=9))
    progress.labs.finish("solved", 85)
    assert carry(progress, other).labs == 1
    (attempt,) = other.labs.attempts()
    assert (attempt.outcome, attempt.points, attempt.seconds) == ("solved", 85, 540)
    assert other.labs.commands(attempt.attempt_id) == ["one", "two"]
    assert other.labs.running() is None


def an_interview(progress: Progress, turns: int, ended: str | None = None) -> None:
    with progress.database.write() as connection:
        connection.execute("DELETE FROM interview_turns")
        connection.execute("DELETE FROM interviews")
        connection.execute(
            "INSERT INTO interviews (interview_id, level, topics, seed, minutes, plan, started_at, ended_at)"
            " VALUES (41, 'mid', 'general', 3, 45, '{}', '2026-12-01T08:00:00.000000+00:00', ?)",
            (ended,),
        )
        for number in range(turns):
            connection.execute(
                "INSERT INTO interview_turns (interview_id, number, speaker, question, text, said_at)"
                " VALUES (41, ?, 'candidate', 0, ?, '2026-12-01T08:01:00.000000+00:00')",
                (number, f"words {number}"),
            )


def test_exams_and_interviews_go_along_and_go_on(progress: Progress, other: Progress) -> None:
    with progress.database.write() as connection:
        connection.execute(
            "INSERT INTO exam_sittings (track_id, seed, allowed_us, started_at, track, plan)"
            " VALUES ('cka', 5, 7, '2026-12-10T08:00:00.000000+00:00', '{}', '{}')"
        )
        connection.execute(
            "INSERT INTO exam_events (sitting_id, kind, at, elapsed_us)"
            " VALUES (1, 'started', '2026-12-10T08:00:00.000000+00:00', 0)"
        )
    an_interview(progress, 2)
    assert carry(progress, other).sittings == 2
    assert carry(progress, other).is_nothing
    an_interview(progress, 3, ended="2026-12-01T08:30:00.000000+00:00")
    assert carry(progress, other).sittings == 1
    assert everything(other) == everything(progress)
    an_interview(progress, 1)
    assert carry(progress, other).is_nothing, "an earlier copy takes nothing away"
    with other.database.read() as connection:
        said = connection.execute("SELECT text FROM interview_turns ORDER BY number").fetchall()
    assert said == [("words 0",), ("words 1",), ("words 2",)]
    other.reset()
    assert everything(other)["sittings"] == []


def test_a_sitting_with_a_time_that_is_none_is_refused(progress: Progress, other: Progress) -> None:
    an_interview(progress, 1)
    document = everything(progress)
    document["sittings"][0]["row"]["started_at"] = "yesterday"
    with pytest.raises(InputError, match=r"sittings\[0\]\.row\.started_at is 'yesterday', which is no time"):
        import_bytes(other, json.dumps(document).encode(), "x.json")
    assert everything(other)["sittings"] == []


def test_a_document_of_version_two_brings_its_misses_as_cards(progress: Progress) -> None:
    document = {**valid(), "version": 2, "drafts": []}
    document["answers"][0]["correct"] = False
    import_bytes(progress, json.dumps(document).encode(), "x.json")
    assert [card.card_id for card in progress.reviews.cards()] == ["item:a.one.q"]
    (answer,) = progress.attempts("a.one.q")
    assert (answer.seed, answer.score, answer.seconds, answer.mode) == (0, 0.0, None, "lesson")


def test_an_export_from_before_there_were_drafts_leaves_them_alone(progress: Progress) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70"})
    assert import_bytes(progress, json.dumps(valid()).encode(), "x.json").drafts == 0
    assert progress.drafts.all("calculator") == {"hpa": {"target": "70"}}
