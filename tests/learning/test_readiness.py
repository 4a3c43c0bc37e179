"""Readiness: what counts, how uncertain it is, and what to do today."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fsrs import Rating

from eks_lab.clock import SimClock
from eks_lab.learning.daily_queue import DailyQueue
from eks_lab.learning.forecast import retention_forecast
from eks_lab.learning.next_steps import next_steps
from eks_lab.learning.overview import evidence_of, option_names, today
from eks_lab.learning.progress import Progress
from eks_lab.learning.readiness import KnownLab, TrackReadiness, track_readiness
from eks_lab.learning.schedule import retrievability
from tests.learning.bank import COURSE, bank, track
from tests.learning.conftest import START

DAY = timedelta(days=1)
LABS = [
    KnownLab("max-pods", "Full nodes", ("vpc-cni",), "net", 30),
    KnownLab("irsa-broken", "No credentials", ("irsa",), "id", 20),
]


def readiness(progress: Progress, clock: SimClock, pass_percent: float | None = 70) -> TrackReadiness:
    entries = bank().entries.values()
    return track_readiness(track(pass_percent), entries, LABS, evidence_of(progress), clock.now())


def do_lab(progress: Progress, clock: SimClock, lab: str, points: int, outcome: str = "solved") -> None:
    progress.labs.start(lab, 1, Path("x"), "")
    clock.advance(timedelta(minutes=1))
    progress.labs.finish(outcome, points)  # type: ignore[arg-type]
    progress.labs.end()


def test_without_evidence_everything_is_possible(progress: Progress, clock: SimClock) -> None:
    found = readiness(progress, clock)
    net, identity, gone = found.domains
    assert (net.questions, net.answered, net.labs, net.solved) == (3, 0, 1, 0)
    assert (identity.questions, identity.labs, gone.questions) == (2, 1, 0)
    assert net.not_covered == ("BGP",)
    assert net.is_covered
    assert not gone.is_covered
    assert net.belief.interval() == pytest.approx((0.1, 0.9))
    assert found.whole.interval() == pytest.approx((0.1, 0.9))
    assert found.chance == pytest.approx(0.3)
    assert readiness(progress, clock, None).chance is None


def test_a_question_of_several_domains_counts_once_in_the_whole(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("net.one.q", 1, (0,), True)
    small = track(70)
    twice = replace(small, domains=[*small.domains, replace(small.domains[0], id="again")])
    found = track_readiness(twice, bank().entries.values(), LABS, evidence_of(progress), clock.now())
    assert [domain.questions for domain in found.domains] == [3, 2, 0, 3]
    assert [domain.answered for domain in found.domains] == [1, 0, 0, 1]
    assert (found.questions, found.answered) == (5, 1)


def test_answers_move_their_domain_and_no_other(progress: Progress, clock: SimClock) -> None:
    for name in ("net.one.q", "net.one.n", "net.one.m"):
        progress.record_answer(name, 1, (0,), True)
    found = readiness(progress, clock)
    net, identity, _ = found.domains
    assert (net.belief.right, net.belief.wrong, net.answered) == (4, 1, 3)
    assert identity.belief.evidence == 0
    assert [domain.id for domain in found.weakest] == ["id", "net"]
    assert found.whole.mean == pytest.approx(0.6 * 0.8 + 0.3 * 0.5 + 0.1 * 0.5)
    clock.advance(45 * DAY)
    assert readiness(progress, clock).domains[0].belief.right == pytest.approx(2.5), "half as much later"


def test_exam_answers_count_double_parts_count_in_part_and_old_revisions_not(
    progress: Progress, clock: SimClock
) -> None:
    progress.record_answer("net.one.q", 1, (0,), True, mode="exam")
    progress.record_answer("net.one.m", 1, (0, 1, 2), True, score=0.5)
    progress.record_answer("id.one.q", 2, (0,), True)
    net, identity, _ = readiness(progress, clock).domains
    assert (net.belief.right, net.belief.wrong) == pytest.approx((3.5, 1.5), rel=1e-6)
    assert identity.answered == 0


def test_a_reviewed_card_counts_as_what_is_still_known(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("net.one.q", 1, (1,), False)
    progress.reviews.grade("item:net.one.q", Rating.Easy)
    clock.advance(20 * DAY)
    card = progress.reviews.card("item:net.one.q")
    assert card is not None
    assert card.stability is not None
    belief = readiness(progress, clock).domains[0].belief
    assert belief.right == pytest.approx(1 + retrievability(card.stability, 20 * DAY))
    assert belief.evidence == pytest.approx(1)


def test_a_lab_counts_three_times_its_best_points(progress: Progress, clock: SimClock) -> None:
    do_lab(progress, clock, "max-pods", 0, "shown")
    net = readiness(progress, clock).domains[0]
    assert net.solved == 0
    assert net.belief.wrong == pytest.approx(4, rel=1e-6)
    do_lab(progress, clock, "max-pods", 80)
    net = readiness(progress, clock).domains[0]
    assert net.solved == 1
    assert (net.belief.right, net.belief.wrong) == pytest.approx((1 + 3 * 0.8, 1 + 3 * 0.2), rel=1e-4)


def test_domains_without_published_weights_count_the_same(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("net.one.q", 1, (0,), True)
    entries = bank().entries.values()
    found = track_readiness(track(weights=(None, None)), entries, LABS, evidence_of(progress), clock.now())
    assert not found.has_weights
    assert found.whole.mean == pytest.approx((2 / 3 + 0.5 + 0.5) / 3)


# What to do today


def steps(progress: Progress, clock: SimClock, queue: DailyQueue | None = None) -> list[tuple[str, str]]:
    overview = today(progress, track(), COURSE, bank(), LABS, clock.now())
    assert len(overview.steps) <= 3
    for step in overview.steps:
        assert step.command.startswith("eks-lab ")
        assert step.minutes >= 1
    return [(step.kind, step.target) for step in overview.steps]


def test_three_steps_for_a_beginner(progress: Progress, clock: SimClock) -> None:
    assert steps(progress, clock) == [("lesson", "net.one"), ("lesson", "id.one"), ("lab", "max-pods")]


def test_due_reviews_come_first_and_then_the_weakest_domain(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("id.one.q", 1, (1,), False)
    for lesson in ("net.one", "id.one", "id.two"):
        progress.mark_finished(lesson)
    clock.advance(timedelta(minutes=1))
    assert steps(progress, clock) == [("review", ""), ("lab", "max-pods"), ("lab", "irsa-broken")]
    do_lab(progress, clock, "irsa-broken", 30)
    do_lab(progress, clock, "max-pods", 90)
    assert steps(progress, clock) == [("review", ""), ("drill", "irsa")]
    progress.record_answer("net.one.q", 1, (0,), True)
    assert steps(progress, clock) == [("review", ""), ("exam", "t"), ("drill", "irsa")], (
        "two of five answered"
    )


def test_an_exam_is_due_again_after_two_weeks(progress: Progress, clock: SimClock) -> None:
    for name in ("net.one.q", "net.one.n", "net.one.m"):
        progress.record_answer(name, 1, (0,), True)
    assert ("exam", "t") in steps(progress, clock)
    with progress.database.write() as connection:
        connection.execute(
            "INSERT INTO exam_sittings (track_id, seed, allowed_us, started_at, track, plan)"
            " VALUES ('t', 5, 7, '2026-11-22T09:00:00.000000+00:00', '{}', '{}')"
        )
    assert ("exam", "t") not in steps(progress, clock)
    clock.advance(15 * DAY)
    assert ("exam", "t") in steps(progress, clock)


def test_when_all_is_done_nothing_is_named(progress: Progress, clock: SimClock) -> None:
    empty = DailyQueue((), 0, 0, 0, None, 0, 0)
    done = track_readiness(track(), [], [], evidence_of(progress), clock.now())
    assert next_steps(track(), done, empty, [], (), [], (), None, clock.now()) == ()


# Forecast


def test_reviews_keep_up_what_time_takes(progress: Progress, clock: SimClock) -> None:
    assert retention_forecast([], clock.now(), 0.9) == ()
    for number in range(6):
        progress.reviews.add(f"item:q{number}")
        progress.reviews.grade(f"item:q{number}", Rating(1 + number % 4))
    progress.reviews.add("item:new")
    clock.advance(timedelta(minutes=20))
    cards = progress.reviews.cards()
    forecast = retention_forecast(cards, clock.now(), 0.9)
    assert [day.day for day in forecast] == list(range(31))
    untouched = [day.untouched for day in forecast]
    assert untouched == sorted(untouched, reverse=True)
    known = [card for card in cards if card.stability is not None]
    expected = sum(card.retrievability(clock.now() + 30 * DAY) for card in known) / len(known)
    assert untouched[30] == pytest.approx(expected)
    assert forecast[30].reviewed > 0.85 > untouched[30]
    assert all(day.reviewed >= day.untouched - 1e-9 for day in forecast)
    assert sum(day.reviews for day in forecast) >= 6
    assert progress.reviews.cards() == cards, "a forecast changes nothing"


def test_options_have_names_for_the_figures() -> None:
    assert option_names(bank(), "net.one.q") == ("a", "b", "c")
    assert option_names(bank(), "net.one.n") == ()
    assert option_names(bank(), "gone") == ()


def test_a_card_of_the_future_is_no_evidence_lost(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("net.one.q", 1, (0,), True)
    past = START - 30 * DAY
    found = track_readiness(track(), bank().entries.values(), LABS, evidence_of(progress), past)
    assert found.domains[0].belief.right == 2
