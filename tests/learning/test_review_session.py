"""A daily review as it goes: questions, lessons, labs and own cards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fsrs import Rating

from eks_lab.clock import SimClock
from eks_lab.content.items.given import Given
from eks_lab.content.items.judging import judge
from eks_lab.content.items.result import Result, result_of
from eks_lab.content.items.variant import make_variant
from eks_lab.learning.deck_file import DeckCard
from eks_lab.learning.progress import Progress
from eks_lab.learning.review_material import card_revisions, lesson_question
from eks_lab.learning.review_session import ReviewSession, ReviewTask, waiting_words
from tests.learning.bank import bank, choice
from tests.learning.conftest import START

DAY = timedelta(days=1)
RIGHT: Result = result_of(1.0)


def session(progress: Progress, clock: SimClock) -> ReviewSession:
    return ReviewSession(progress, bank(), ["max-pods"], clock)


def taken(found: ReviewTask | None) -> ReviewTask:
    assert found is not None
    return found


def test_what_can_be_asked_is_named_with_its_revision() -> None:
    revisions = card_revisions(bank(choice("id.one.q", rev=3)), ["max-pods"])
    assert revisions == {
        "lab:max-pods": 1,
        "item:net.one.q": 1,
        "item:net.one.n": 1,
        "item:net.one.m": 1,
        "item:id.one.q": 3,
        "item:id.two.c": 1,
        "lesson:net.one": 1,
        "lesson:id.one": 1,
    }, "a lesson with nothing but commands has no card"


def test_a_missed_number_comes_back_as_another_variant(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("net.one.n", 1, 1.0, False)
    clock.advance(timedelta(minutes=1))
    review = session(progress, clock)
    prompts = set()
    for _ in range(4):
        task = taken(review.next())
        assert task.entry is not None
        variant = make_variant(bank().item(task.entry.id), task.due.seed)
        prompts.add(variant.prompt)
        assert variant.answer is not None
        given: Given = variant.answer
        card = review.answer(task, given, judge(variant, given), seconds=4.5)
        clock.advance(card.due - clock.now())
    assert len(prompts) == 4
    log = progress.reviews.log("item:net.one.n")
    attempts = progress.attempts("net.one.n")[1:]
    assert [entry.seed for entry in log] == [attempt.seed for attempt in attempts]
    assert {attempt.mode for attempt in attempts} == {"review"}
    assert [entry.rating for entry in log] == [Rating.Good] * 4
    assert [entry.seconds for entry in log] == [4.5] * 4


@pytest.mark.parametrize(
    ("score", "own", "rating"),
    [
        (0.0, None, Rating.Again),
        (0.5, None, Rating.Hard),
        (1.0, None, Rating.Good),
        (1.0, Rating.Easy, Rating.Easy),
        (0.0, Rating.Good, Rating.Good),
    ],
)
def test_the_result_suggests_a_rating_and_the_learner_may_say_another(
    progress: Progress, clock: SimClock, score: float, own: Rating | None, rating: Rating
) -> None:
    progress.reviews.add("item:net.one.q")
    review = session(progress, clock)
    review.answer(taken(review.next()), (0,), result_of(score), rating=own)
    assert progress.reviews.log("item:net.one.q")[0].rating is rating
    assert progress.answers()["net.one.q"].score == score


def test_a_lesson_asks_the_question_that_was_not_asked_lately(progress: Progress, clock: SimClock) -> None:
    progress.mark_finished("net.one")
    for name in ("net.one.n", "net.one.q"):
        progress.record_answer(name, 1, 1.0, True)
        clock.advance(timedelta(hours=1))
    clock.advance(DAY)
    review = session(progress, clock)
    asked = []
    for _ in range(3):
        task = taken(review.next())
        assert task.card_id == "lesson:net.one"
        assert task.entry is not None
        asked.append(task.entry.id)
        review.answer(task, (0,), RIGHT)
        clock.advance(60 * DAY)
    assert asked == ["net.one.m", "net.one.n", "net.one.q"]


def test_of_questions_never_asked_the_seed_decides() -> None:
    found = {lesson_question(bank(), "net.one", {}, seed).id for seed in range(30)}
    assert found == {"net.one.q", "net.one.n", "net.one.m"}


def test_labs_and_own_cards_have_tasks_of_their_own(progress: Progress, clock: SimClock) -> None:
    progress.decks.take_in([DeckCard("front", "back")])
    progress.reviews.add("lab:max-pods")
    review = session(progress, clock)
    first = taken(review.next())
    assert (first.lab_id, first.entry, first.own) == ("max-pods", None, None)
    review.skip(first)
    second = taken(review.next())
    assert second.own is not None
    assert second.own.front == "front"
    assert review.rate(second, Rating.Hard, seconds=3).reviews == 1
    assert review.next() is None, "what was skipped does not come again in this sitting"
    assert session(progress, clock).queue().total == 1


def test_a_card_graded_in_another_window_is_not_asked_again(progress: Progress, clock: SimClock) -> None:
    for name in ("net.one.q", "id.one.q"):
        progress.reviews.add(f"item:{name}")
        clock.advance(timedelta(seconds=1))
    review = session(progress, clock)
    assert taken(review.next()).card_id == "item:net.one.q"
    progress.reviews.grade("item:net.one.q", Rating.Easy)
    assert taken(review.next()).card_id == "item:id.one.q"


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (None, "No card waits."),
        (timedelta(seconds=-5), "The next card comes in 1 minute."),
        (timedelta(minutes=8), "The next card comes in 8 minutes."),
        (timedelta(hours=5), "The next card comes in 5 hours."),
        (timedelta(days=12), "The next card comes in 12 days."),
    ],
)
def test_waiting_in_words(later: timedelta | None, words: str) -> None:
    assert waiting_words(None if later is None else START + later, START) == words
