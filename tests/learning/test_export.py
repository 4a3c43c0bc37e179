"""Taking progress along: nothing is lost on the way out, nor on the way in."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fsrs import Rating
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.clock import SimClock
from eks_lab.errors import DataError, InputError
from eks_lab.learning.document import (
    FORMAT,
    VERSION,
    AnswerEntry,
    BookmarkEntry,
    CardEntry,
    DraftEntry,
    LabAttemptEntry,
    LabCommandEntry,
    LessonEntry,
    OwnCardEntry,
    PlaceEntry,
    ProgressDocument,
    ReviewEntry,
    read_document,
    write_document,
)
from eks_lab.learning.export import export_text, import_bytes, read_import, write_export
from eks_lab.learning.merge import Merged, merge_document, to_document
from eks_lab.learning.progress import Place, Progress, open_progress
from eks_lab.learning.records import ANSWER_MODES
from tests.learning.conftest import START, in_memory


@pytest.fixture
def other(tmp_path: Path, clock: SimClock) -> Iterator[Progress]:
    """The learner's second machine."""
    with open_progress(tmp_path / "other" / "progress.sqlite3", clock) as opened:
        yield opened


def everything(progress: Progress) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(export_text(progress, START))
    return document


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


moments = st.datetimes(datetime(1971, 1, 1), datetime(8999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ids = st.sampled_from(["a.one", "a.two", "b.one", "b.two.é"])
short_text = st.text(st.characters(codec="utf-8"), max_size=12)
cards = st.sampled_from(["item:a.one", "item:b.one", "lab:a", "own:x"])
documents = st.builds(
    ProgressDocument,
    format=st.just(FORMAT),
    version=st.just(VERSION),
    program=st.just("0.1.0"),
    exported_at=moments,
    lessons=st.lists(
        st.builds(LessonEntry, ids, moments, st.none() | moments, st.integers(0, 10**6)),
        max_size=4,
        unique_by=lambda entry: entry.lesson_id,
    ).map(tuple),
    places=st.lists(
        st.builds(PlaceEntry, ids, short_text, st.floats(0, 1), moments),
        max_size=4,
        unique_by=lambda entry: entry.lesson_id,
    ).map(tuple),
    answers=st.lists(
        st.builds(
            AnswerEntry,
            ids,
            st.integers(1, 3),
            st.lists(st.integers(0, 5), max_size=3).map(tuple)
            | st.floats(allow_nan=False, allow_infinity=False)
            | short_text,
            st.booleans(),
            moments,
            st.integers(0, 3),
            st.none() | st.floats(0, 1),
            st.none() | st.floats(0, 1e6),
            st.sampled_from(ANSWER_MODES),
        ),
        max_size=6,
    ).map(tuple),
    bookmarks=st.lists(
        st.builds(BookmarkEntry, ids, short_text, short_text, moments),
        max_size=4,
        unique_by=lambda entry: (entry.lesson_id, entry.anchor),
    ).map(tuple),
    drafts=st.lists(
        st.builds(
            DraftEntry,
            st.sampled_from(["calculator", "generator"]),
            ids,
            st.dictionaries(short_text, short_text, max_size=3),
            moments,
        ),
        max_size=4,
        unique_by=lambda entry: (entry.form, entry.name),
    ).map(tuple),
    cards=st.lists(
        st.builds(
            CardEntry,
            cards,
            st.sampled_from(["missed", "chosen", "lab"]),
            st.integers(1, 3),
            moments,
            st.none() | moments,
            moments,
        ),
        max_size=4,
        unique_by=lambda entry: entry.card_id,
    ).map(tuple),
    reviews=st.lists(
        st.builds(
            ReviewEntry,
            cards,
            st.integers(1, 3),
            st.integers(1, 4),
            st.sampled_from([0.9, 0.8]),
            moments,
            moments,
        ),
        max_size=6,
    ).map(tuple),
    own_cards=st.lists(
        st.builds(
            OwnCardEntry, st.sampled_from("xy"), short_text, short_text, short_text, short_text, moments
        ),
        max_size=2,
        unique_by=lambda entry: entry.own_id,
    ).map(tuple),
    lab_attempts=st.lists(
        st.builds(
            LabAttemptEntry,
            ids,
            st.integers(0, 2),
            moments,
            moments,
            st.sampled_from(["solved", "shown", "stopped"]),
            st.integers(0, 100),
            st.integers(0, 3),
            st.integers(0, 999),
            st.lists(st.builds(LabCommandEntry, moments, short_text), max_size=3).map(tuple),
        ),
        max_size=3,
        unique_by=lambda entry: (entry.lab_id, entry.seed, entry.started_at),
    ).map(tuple),
)


@given(documents)
def test_a_document_reads_back_as_it_was_written(document: ProgressDocument) -> None:
    assert read_document(write_document(document).encode(), "x") == document


def contents(progress: Progress) -> dict[str, set[Any]]:
    document = to_document(progress.database, START)
    return {
        "lessons": set(document.lessons),
        "places": set(document.places),
        "answers": set(document.answers),
        "bookmarks": {(mark.lesson_id, mark.anchor) for mark in document.bookmarks},
        "reviews": set(document.reviews),
        "own_cards": set(document.own_cards),
    }


@settings(max_examples=40, deadline=None)
@given(documents, documents)
def test_merging_keeps_all_attempts_and_does_not_depend_on_the_order(
    first: ProgressDocument, second: ProgressDocument
) -> None:
    with in_memory(SimClock(START)) as one, in_memory(SimClock(START)) as two:
        for document in (first, second):
            merge_document(one.database, document)
        for document in (second, first, second):
            merge_document(two.database, document)
        kept = contents(one)
        assert kept["answers"] == set(first.answers) | set(second.answers)
        assert kept["lessons"] == contents(two)["lessons"]
        assert kept["answers"] == contents(two)["answers"]
        assert kept["bookmarks"] == contents(two)["bookmarks"]
        assert kept["reviews"] == set(first.reviews) | set(second.reviews)
        assert kept["reviews"] == contents(two)["reviews"]
        assert kept["own_cards"] == contents(two)["own_cards"]
        assert one.reviews.rebuild() == two.reviews.rebuild() == ()
        reviewed = {entry.card_id for entry in (*first.reviews, *second.reviews)}
        for card_id in reviewed:
            assert one.reviews.log(card_id) == two.reviews.log(card_id)
        for record in one.answers().values():
            newest = max(
                entry.answered_at
                for entry in (*first.answers, *second.answers)
                if entry.question_id == record.question_id
            )
            assert record.answered_at == newest


# What cannot be imported


def valid() -> dict[str, Any]:
    moment = "2026-11-22T09:30:00+00:00"
    return {
        "format": "eks-lab-progress",
        "version": 1,
        "program": "0.1.0",
        "exported_at": moment,
        "lessons": [{"lesson_id": "a.one", "opened_at": moment, "finished_at": None, "seconds": 5}],
        "places": [{"lesson_id": "a.one", "anchor": "", "fraction": 0.5, "saved_at": moment}],
        "answers": [
            {"question_id": "a.one.q", "rev": 1, "given": [0], "correct": True, "answered_at": moment},
            {"question_id": "a.one.n", "rev": 1, "given": 17, "correct": True, "answered_at": moment},
        ],
        "bookmarks": [{"lesson_id": "a.one", "anchor": "", "title": "One", "created_at": moment}],
    }


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        target: Any = document
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = value

    return change


def test_the_valid_document_of_these_tests_can_be_imported(progress: Progress) -> None:
    merged = import_bytes(progress, json.dumps(valid()).encode("utf-8-sig"), "x.json")
    assert merged == Merged(lessons=1, places=1, answers=2, bookmarks=1)
    assert progress.answers()["a.one.n"].given == 17.0


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (put("answers", 1, "rev", value=0), "answers[1].rev is 0"),
        (put("answers", 0, "given", value={"a": 1}), "answers[0].given"),
        (put("answers", 0, "given", value=[-2]), "answers[0].given"),
        (put("answers", 0, "mode", value="party"), "answers[0].mode is 'party'"),
        (put("answers", 0, "score", value=2.0), "answers[0].score is 2.0"),
        (put("reviews", value=[{"card_id": "item:a"}]), "reviews[0]"),
        (put("cards", value=[{"card_id": 3}]), "cards[0]"),
        (put("sittings", value=[{"kind": "exam", "row": {"a": []}, "parts": {}}]), "sittings[0].row"),
        (put("sittings", value=[{"kind": "duel", "row": {}, "parts": {}}]), "sittings[0].kind is 'duel'"),
        (put("sittings", value=[{"kind": "exam", "row": {}, "parts": {}}]), "sittings[0].row lacks track_id"),
        (put("answers", 0, "given", value=[True]), "answers[0].given"),
        (put("answers", 0, "given", value=None), "answers[0].given"),
        (put("answers", 0, "correct", value=1), "answers[0].correct is 1"),
        (put("answers", 0, "answered_at", value="2026-11-22T09:30:00"), "answers[0].answered_at is '2026"),
        (put("answers", 0, "answered_at", value="yesterday"), "answers[0].answered_at is 'yesterday'"),
        (put("answers", 0, "answered_at", value="0001-01-01T00:00:00+14:00"), "answers[0].answered_at"),
        (put("answers", 0, "answered_at", value="9999-12-31T23:59:59-12:00"), "answers[0].answered_at"),
        (put("answers", 0, "question_id", value=3), "answers[0].question_id is 3"),
        (put("answers", 0, value="x"), "answers[0] is 'x'"),
        (put("answers", value={}), "answers is of the wrong shape"),
        (put("lessons", 0, "seconds", value=-1), "lessons[0].seconds is -1"),
        (put("lessons", 0, "seconds", value=10**30), "lessons[0].seconds"),
        (put("lessons", 0, "extra", value=1), "lessons[0].extra is 1"),
        (put("places", 0, "fraction", value=1.5), "places[0].fraction is 1.5"),
        (put("places", 0, "fraction", value=float("nan")), "places[0].fraction"),
        (put("bookmarks", 0, "title", value=None), "bookmarks[0].title is None"),
        (put("drafts", value=[{"form": "quiz", "name": "a", "typed": {}}]), "drafts[0].form is 'quiz'"),
        (put("version", value="1"), "version is '1'"),
        (put("version", value=0), "version is 0"),
    ],
)
def test_a_wrong_document_gets_one_message_and_changes_nothing(
    progress: Progress, change: Callable[[dict[str, Any]], None], where: str
) -> None:
    progress.mark_opened("a.before")
    before = everything(progress)
    document = valid()
    change(document)
    with pytest.raises(InputError) as caught:
        import_bytes(progress, json.dumps(document).encode(), "x.json")
    assert caught.value.message.startswith(f"x.json: {where}")
    assert "\n" not in caught.value.message
    assert caught.value.hint.startswith("Nothing was imported.")
    assert everything(progress) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"not json", b"[]", b"3", b"{}", b'{"format": "other"}', b"[" * 100_000],
)
def test_what_is_no_export_is_named_and_changes_nothing(progress: Progress, content: bytes) -> None:
    with pytest.raises(InputError, match=r"x\.json is not a progress export: ") as caught:
        import_bytes(progress, content, "x.json")
    assert "eks-lab progress export" in caught.value.hint
    assert progress.lessons() == {}


def test_an_export_of_a_newer_program_asks_for_an_update(progress: Progress) -> None:
    content = json.dumps({**valid(), "version": VERSION + 1, "cards": []}).encode()
    with pytest.raises(InputError, match="exported by a newer eks-lab") as caught:
        import_bytes(progress, content, "x.json")
    assert "Update eks-lab" in caught.value.hint


def test_text_that_no_database_holds_changes_nothing(progress: Progress) -> None:
    content = json.dumps(valid()).replace('"One"', '"\\ud800"').encode()
    with pytest.raises((InputError, DataError)):
        import_bytes(progress, content, "x.json")
    assert progress.lessons() == {}


def test_a_file_that_is_not_there_or_far_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"nowhere\.json cannot be read: No such file"):
        read_import(tmp_path / "nowhere.json")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_import(tmp_path)
    (tmp_path / "disk.iso").write_bytes(b"0" * 2**20)
    monkeypatch.setattr("eks_lab.learning.export.LARGEST_IMPORT_MIB", 0.5)
    with pytest.raises(InputError, match=r"disk\.iso is not a progress export: it is 1 MiB long"):
        read_import(tmp_path / "disk.iso")


# Writing the file


def test_an_export_is_written_whole_and_for_the_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    write_export("text ×\n", target)
    assert target.read_bytes() == "text ×\n".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


def test_an_existing_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    target.write_text("precious")
    with pytest.raises(InputError, match=r"mine\.json exists already") as caught:
        write_export("new", target)
    assert "--force" in caught.value.hint
    assert target.read_text() == "precious"
    write_export("new", target, force=True)
    assert target.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


def test_a_link_to_nowhere_counts_as_existing(tmp_path: Path) -> None:
    (tmp_path / "mine.json").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        write_export("new", tmp_path / "mine.json")


def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine.json"
    target.write_text("precious")
    monkeypatch.setattr("eks_lab.learning.export.os.path.lexists", lambda _: False)
    with pytest.raises(InputError, match="exists already"):
        write_export("new", target)
    assert target.read_text() == "precious"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


@pytest.mark.parametrize("there", [False, True])
def test_a_disk_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    target = tmp_path / "mine.json"
    if there:
        target.write_text("precious")
    monkeypatch.setattr("eks_lab.learning.export.os.link", refuse)
    monkeypatch.setattr("eks_lab.learning.export.os.path.lexists", lambda _: False)
    if there:
        with pytest.raises(InputError, match="exists already"):
            write_export("new", target)
    else:
        write_export("new", target)
    assert target.read_text() == ("precious" if there else "new")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


@pytest.mark.parametrize("force", [False, True])
def test_a_full_disk_leaves_neither_a_half_file_nor_the_old_one_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "mine.json"
    if force:
        target.write_text("precious")
    monkeypatch.setattr("eks_lab.learning.export.os.fsync", refuse)
    with pytest.raises(DataError, match=r"mine\.json could not be written: No space left on device"):
        write_export("new", target, force=force)
    assert [file.read_text() for file in tmp_path.iterdir()] == (["precious"] if force else [])


def test_a_folder_or_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder") as caught:
        write_export("new", tmp_path)
    assert str(tmp_path / "progress.json") in caught.value.hint
    with pytest.raises(InputError, match="does not exist"):
        write_export("new", tmp_path / "no" / "mine.json")
