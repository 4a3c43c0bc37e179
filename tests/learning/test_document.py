"""Progress as a document: it reads back as it was written, and merging knows no order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.clock import SimClock
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
from eks_lab.learning.merge import merge_document, to_document
from eks_lab.learning.progress import Progress
from eks_lab.learning.records import ANSWER_MODES
from tests.learning.conftest import START, in_memory

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
