"""Cards: how they come to be, how they are scheduled, and that their log is the truth."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Card, Rating, Scheduler, State
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.clock import SimClock, SystemClock
from eks_lab.errors import InputError
from eks_lab.learning.daily_queue import DailyQueue, daily_queue
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.learning.schedule import LogEntry, moment_after, rating_of_score, retrievability, variant_seed
from eks_lab.learning.timestamps import write_time
from tests.learning.conftest import START, in_memory
from tests.learning.test_durability import finish, start

DAY = timedelta(days=1)


class SetClock(SimClock):
    """A clock that somebody sets wrong."""

    def set(self, moment: datetime) -> None:
        self._now = moment


def missed(progress: Progress, *names: str, rev: int = 1) -> None:
    for name in names:
        progress.record_answer(name, rev, (1,), False)


def queue(progress: Progress, clock: SimClock, limit: int | None = None, **revs: int) -> DailyQueue:
    revisions = {f"item:{name}": 1 for name in "abcdefgh"}
    revisions |= {f"item:{name}": rev for name, rev in revs.items()}
    return daily_queue(progress.database, clock.now(), revisions, limit)


def ids(found: DailyQueue) -> list[str]:
    return [due.card.card_id for due in found.cards]


# Where cards come from


def test_a_missed_question_makes_a_card_that_is_due_at_once(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("a", 1, (0,), True)
    assert progress.reviews.cards() == []
    missed(progress, "a")
    (card,) = progress.reviews.cards()
    assert (card.card_id, card.kind, card.target, card.origin) == ("item:a", "item", "a", "missed")
    assert card.due == START + timedelta(microseconds=1)
    assert (card.state, card.reviews, card.lapses, card.retrievability(START)) == (None, 0, 0, 0.0)
    clock.advance(timedelta(seconds=1))
    assert ids(queue(progress, clock)) == ["item:a"]


def test_a_read_lesson_and_a_finished_lab_come_back_tomorrow(progress: Progress, clock: SimClock) -> None:
    progress.mark_opened("a.one")
    progress.mark_finished("a.two")
    progress.mark_opened("a.three")
    progress.mark_finished("a.three")
    for outcome in ("solved", "stopped", "shown"):
        progress.labs.start(f"lab-{outcome}", 3, Path("x"), "")
        progress.labs.finish(outcome, 50)
        progress.labs.end()
    assert {card.card_id: card.due for card in progress.reviews.cards()} == dict.fromkeys(
        ["lesson:a.two", "lesson:a.three", "lab:lab-solved", "lab:lab-shown"], START + DAY
    )


def test_a_card_taken_away_stays_away_until_it_is_added_again(progress: Progress, clock: SimClock) -> None:
    missed(progress, "a")
    clock.advance(timedelta(minutes=1))
    progress.reviews.grade("item:a", Rating.Good)
    assert progress.reviews.remove("item:a")
    assert not progress.reviews.remove("item:a")
    clock.advance(DAY)
    missed(progress, "a")
    assert progress.reviews.cards() == []
    assert ids(queue(progress, clock)) == []
    assert progress.reviews.add("item:a")
    assert not progress.reviews.add("item:a")
    (card,) = progress.reviews.cards()
    assert card.reviews == 1
    assert ids(queue(progress, clock)) == ["item:a"]


@pytest.mark.parametrize("card_id", ["a", "item:", "exam:a", ""])
def test_what_is_no_card_is_refused(progress: Progress, card_id: str) -> None:
    with pytest.raises(InputError, match="is no card"):
        progress.reviews.add(card_id)
    with pytest.raises(InputError, match="there is no card"):
        progress.reviews.grade(card_id, Rating.Good)


# The schedule is the library's


sequences = st.lists(
    st.tuples(
        st.sampled_from(list(Rating)),
        st.timedeltas(timedelta(seconds=1), timedelta(days=80)),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=30, deadline=None)
@given(sequences)
def test_schedules_are_those_of_the_library(reviews: list[tuple[Rating, timedelta]]) -> None:
    library = Scheduler(enable_fuzzing=False)
    expected = Card(card_id=1, due=START)
    clock = SimClock(START)
    with in_memory(clock) as progress:
        progress.reviews.add("item:a")
        for rating, later in reviews:
            clock.advance(later)
            card = progress.reviews.grade("item:a", rating)
            expected, _ = library.review_card(expected, rating, clock.now())
            assert card.due == expected.due
            assert card.stability == expected.stability
            assert card.difficulty == expected.difficulty
            assert card.state is not None
            stored = json.loads(card.state)
            assert {**stored, "card_id": 1} == expected.to_dict()
        assert progress.reviews.rebuild() == ()
        days = timedelta(days=17)
        assert card.retrievability(clock.now() + days) == pytest.approx(
            library.get_card_retrievability(expected, clock.now() + days)
        )


def test_the_wanted_retention_is_a_setting_and_kept_with_each_review(
    progress: Progress, clock: SimClock
) -> None:
    intervals = {}
    for percent in (90, 97):
        progress.set_setting("retention_percent", percent)
        card_id = f"item:{percent}"
        progress.reviews.add(card_id)
        intervals[percent] = progress.reviews.grade(card_id, Rating.Easy).due - clock.now()
        library = Scheduler(desired_retention=percent / 100, enable_fuzzing=False)
        expected, _ = library.review_card(Card(card_id=1), Rating.Easy, clock.now())
        assert intervals[percent] == expected.due - clock.now()
    assert intervals[97] < intervals[90]
    assert progress.reviews.rebuild() == ()


def test_ratings_follow_results_and_seeds_differ_from_review_to_review() -> None:
    assert rating_of_score(0, correct=False) is Rating.Again
    assert rating_of_score(0.4, correct=False) is Rating.Hard
    assert rating_of_score(0.8, correct=True) is Rating.Good
    seeds = [
        variant_seed(card, count, rev)
        for card in ("item:a", "item:b")
        for count in range(50)
        for rev in (1, 2)
    ]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 1
    assert variant_seed("item:a", 0) == variant_seed("item:a", 0, 1)


def test_a_forgotten_card_is_a_leech_at_the_eighth_lapse(progress: Progress, clock: SimClock) -> None:
    progress.reviews.add("item:a")
    card = progress.reviews.grade("item:a", Rating.Easy)
    for lapse in range(1, 9):
        assert not card.is_leech
        clock.advance(DAY)
        card = progress.reviews.grade("item:a", Rating.Again)
        assert card.lapses == lapse
        assert progress.reviews.grade("item:a", Rating.Again).lapses == lapse, "still being learned"
        progress.reviews.grade("item:a", Rating.Good)
        card = progress.reviews.grade("item:a", Rating.Good)
    assert card.is_leech
    assert progress.reviews.leeches() == [card]
    assert progress.reviews.rebuild() == ()


# The queue


def test_the_most_forgotten_come_first_then_a_few_new_ones(progress: Progress, clock: SimClock) -> None:
    progress.set_setting("new_cards_per_day", 2)
    for name in "abc":
        progress.reviews.add(f"item:{name}")
    progress.reviews.grade("item:a", Rating.Easy)
    progress.reviews.grade("item:b", Rating.Good)
    progress.reviews.grade("item:c", Rating.Again)
    clock.advance(30 * DAY)
    missed(progress, "d", "e", "f", "g")
    clock.advance(timedelta(seconds=1))
    found = queue(progress, clock)
    assert ids(found) == ["item:c", "item:b", "item:a", "item:d", "item:e"]
    known = [due.retrievability for due in found.cards if not due.is_new]
    assert known == sorted(known)
    assert known[0] == pytest.approx(found.cards[0].card.retrievability(clock.now()))
    assert (found.due, found.new, found.waiting, found.total) == (3, 2, 2, 5)
    assert ids(queue(progress, clock, limit=4)) == ids(found)[:4]
    progress.reviews.grade("item:d", Rating.Good)
    assert ids(queue(progress, clock)) == ["item:c", "item:b", "item:a", "item:e"]
    progress.reviews.grade("item:e", Rating.Good)
    assert queue(progress, clock).new == 0
    clock.advance(DAY)
    assert queue(progress, clock).new == 2


def test_the_next_card_is_named_when_none_is_due(progress: Progress, clock: SimClock) -> None:
    assert queue(progress, clock).next_due is None
    progress.reviews.add("item:a")
    card = progress.reviews.grade("item:a", Rating.Good)
    found = queue(progress, clock)
    assert found.cards == ()
    assert found.next_due == card.due == START + timedelta(minutes=10)


def test_a_deleted_question_is_left_out_and_comes_back_with_everything(
    progress: Progress, clock: SimClock
) -> None:
    progress.reviews.add("item:a")
    progress.reviews.grade("item:a", Rating.Easy)
    clock.advance(60 * DAY)
    gone = daily_queue(progress.database, clock.now(), {})
    assert (gone.cards, gone.missing) == ((), 1)
    found = queue(progress, clock)
    assert (ids(found), found.missing) == (["item:a"], 0)
    assert found.cards[0].card.reviews == 1


def test_a_new_revision_starts_the_card_afresh(progress: Progress, clock: SimClock) -> None:
    progress.reviews.add("item:a")
    progress.reviews.grade("item:a", Rating.Easy)
    clock.advance(timedelta(hours=1))
    assert ids(queue(progress, clock)) == []
    found = queue(progress, clock, a=2)
    assert ids(found) == ["item:a"]
    assert found.cards[0].is_new
    assert found.cards[0].rev == 2
    assert found.due == 1, "it was introduced before: the daily limit does not hold it back"
    card = progress.reviews.grade("item:a", Rating.Good, rev=2)
    expected, _ = Scheduler(enable_fuzzing=False).review_card(Card(card_id=1), Rating.Good, clock.now())
    assert (card.rev, card.reviews, card.stability) == (2, 1, expected.stability)
    older_course = queue(progress, clock)
    assert older_course.missing == 1
    assert progress.reviews.grade("item:a", Rating.Again, rev=1) == card, "kept in the log, changes nothing"
    assert [entry.rev for entry in progress.reviews.log("item:a")] == [1, 2, 1]
    assert progress.reviews.rebuild() == ()


def test_a_miss_of_a_new_revision_starts_the_card_afresh_too(progress: Progress, clock: SimClock) -> None:
    progress.reviews.add("item:a")
    progress.reviews.grade("item:a", Rating.Easy)
    missed(progress, "a", rev=2)
    card = progress.reviews.card("item:a")
    assert card is not None
    assert (card.rev, card.state, card.reviews) == (2, None, 0)
    assert progress.reviews.rebuild() == ()


# The clock


def test_a_review_before_the_last_one_is_recorded_just_after_it(path: Path) -> None:
    clock = SetClock(START)
    with open_progress(path, clock) as progress:
        progress.reviews.add("item:a")
        progress.reviews.grade("item:a", Rating.Good)
        clock.set(START - timedelta(hours=5))
        progress.reviews.grade("item:a", Rating.Good)
        first, second = progress.reviews.log("item:a")
        assert second.reviewed_at == first.reviewed_at + timedelta(microseconds=1)
        assert second.clock_at == START - timedelta(hours=5)
        assert progress.reviews.rebuild() == ()


def test_a_jump_ahead_is_noticed_and_nothing_is_rescheduled(path: Path) -> None:
    clock = SetClock(START)
    with open_progress(path, clock) as progress:
        progress.reviews.add("item:a")
        progress.reviews.grade("item:a", Rating.Easy)
        assert progress.reviews.clock_doubt() is None
        clock.set(START + 89 * DAY)
        assert progress.reviews.clock_doubt() is None
        clock.set(START + 1500 * DAY)
        doubt = progress.reviews.clock_doubt()
        assert doubt is not None
        assert doubt.is_ahead
        assert "1500 days after your last review" in doubt.sentence
        with pytest.raises(InputError, match="was not recorded"):
            progress.reviews.grade("item:a", Rating.Good)
        assert len(progress.reviews.log("item:a")) == 1
        progress.reviews.trust_clock()
        assert progress.reviews.clock_doubt() is None
        progress.reviews.grade("item:a", Rating.Good)
        assert len(progress.reviews.log("item:a")) == 2


def test_after_a_clock_that_ran_ahead_cards_are_not_put_off_for_years(path: Path) -> None:
    clock = SetClock(START)
    with open_progress(path, clock) as progress:
        progress.reviews.add("item:a")
        clock.set(START + 1500 * DAY)
        progress.reviews.grade("item:a", Rating.Easy)
        clock.set(START)
        doubt = progress.reviews.clock_doubt()
        assert doubt is not None
        assert not doubt.is_ahead
        assert "kept in their order" in doubt.sentence
        assert ids(queue(progress, clock)) == ["item:a"]
        card = progress.reviews.grade("item:a", Rating.Good)
        assert START < card.due < START + 60 * DAY
        assert progress.reviews.clock_doubt() is None, "the clock has been set right"
        assert ids(queue(progress, clock)) == []
        clock.set(card.due + DAY)
        assert ids(queue(progress, clock)) == ["item:a"]
        later = progress.reviews.grade("item:a", Rating.Good)
        assert later.stability is not None
        assert card.stability is not None
        assert later.stability > 1.5 * card.stability, "the days between count"
        assert clock.now() + DAY < later.due < clock.now() + 300 * DAY
        times = [entry.reviewed_at for entry in progress.reviews.log("item:a")]
        assert times == sorted(times)
        assert progress.reviews.rebuild() == ()


moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(moments, max_size=20))
def test_times_never_go_back_and_never_far_beyond_the_clock(clock_said: list[datetime]) -> None:
    last = None
    for moment in clock_said:
        counted = moment_after(last, moment)
        assert counted >= moment
        if last is not None:
            assert counted > last[0]
            assert counted <= max(moment, last[0] + timedelta(days=90, microseconds=1))
        last = counted, moment


@given(st.floats(0.001, 36500), st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_the_forgetting_curve_falls_from_one_through_ninety_percent(
    stability: float, elapsed: timedelta
) -> None:
    known = retrievability(stability, elapsed)
    assert 0 < known <= 1
    assert retrievability(stability, elapsed + DAY) < known
    assert retrievability(stability, timedelta(0)) == 1
    assert retrievability(10, timedelta(days=10)) == pytest.approx(0.9)


# Labs


def test_a_lab_done_again_when_its_card_is_due_counts_as_its_review(
    progress: Progress, clock: SimClock
) -> None:
    def do(points: int, outcome: str = "solved") -> None:
        progress.labs.start("max-pods", 9, Path("x"), "")
        clock.advance(timedelta(minutes=5))
        progress.labs.finish(outcome, points)  # type: ignore[arg-type]
        progress.labs.end()

    do(90)
    assert progress.reviews.settle_labs() == 0, "the first time makes the card"
    clock.advance(timedelta(hours=1))
    do(90)
    assert progress.reviews.settle_labs() == 0, "not due yet"
    for points, outcome, rating in (
        (90, "solved", Rating.Good),
        (40, "solved", Rating.Hard),
        (0, "shown", Rating.Again),
    ):
        card = progress.reviews.card("lab:max-pods")
        assert card is not None
        clock.advance(max(card.due - clock.now(), timedelta(0)))
        do(points, outcome)
        assert progress.reviews.settle_labs() == 1
        assert progress.reviews.settle_labs() == 0
        entry = progress.reviews.log("lab:max-pods")[-1]
        assert (entry.rating, entry.seed, entry.seconds) == (rating, 9, 300)
    assert progress.reviews.rebuild() == ()


# The log is the truth


def test_spoiled_cards_are_made_again_from_the_log(progress: Progress, clock: SimClock) -> None:
    for name in "ab":
        progress.reviews.add(f"item:{name}")
        for _ in range(3):
            clock.advance(DAY)
            progress.reviews.grade(f"item:{name}", Rating.Good)
    before = progress.reviews.cards()
    with progress.database.write() as connection:
        connection.execute(
            "UPDATE cards SET state = 'x', due = added_at, lapses = 7 WHERE card_id = 'item:a'"
        )
    assert progress.reviews.rebuild() == ("item:a",)
    assert progress.reviews.cards() == before
    assert progress.reviews.rebuild() == ()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(list(Rating)),
            st.integers(1, 3),
            st.integers(-(10**6), 5 * 10**6),
        ),
        max_size=25,
    )
)
def test_rebuilding_always_leads_where_the_cards_are(reviews: list[tuple[str, Rating, int, int]]) -> None:
    clock = SetClock(START)
    with in_memory(clock) as progress:
        progress.reviews.trust_clock()
        for name in "abc":
            progress.reviews.add(f"item:{name}")
        for name, rating, rev, seconds in reviews:
            clock.set(clock.now() + timedelta(seconds=seconds))
            progress.reviews.grade(f"item:{name}", rating, rev=rev)
        before = progress.reviews.cards()
        assert progress.reviews.rebuild() == ()
        with progress.database.write() as connection:
            connection.execute("UPDATE cards SET state = NULL, stability = 1, reviews = 99, lapses = 99")
        progress.reviews.rebuild()
        assert progress.reviews.cards() == before
        assert sum(len(progress.reviews.log(f"item:{name}")) for name in "abc") == len(reviews)


def test_the_log_keeps_what_was_asked(progress: Progress, clock: SimClock) -> None:
    progress.reviews.add("item:a")
    progress.reviews.grade("item:a", Rating.Hard, seed=77, seconds=12.5)
    assert progress.reviews.log("item:a") == [LogEntry("item:a", 1, Rating.Hard, 0.9, START, START, 77, 12.5)]


def test_a_reset_forgets_cards_and_reviews(progress: Progress) -> None:
    missed(progress, "a")
    progress.reviews.grade("item:a", Rating.Good)
    progress.reset()
    assert progress.reviews.cards() == []
    assert progress.reviews.log("item:a") == []


# Killed, two at once, and a long history


STORM = """
import os, sys
from pathlib import Path
from fsrs import Rating
from eks_lab.clock import SystemClock
from eks_lab.learning.progress import open_progress
progress = open_progress(Path(sys.argv[1]), SystemClock())
progress.reviews.trust_clock()
progress.reviews.add("item:shared")
os.write(1, b"ready\\n")
sys.stdin.readline()
number, last = 0, int(sys.argv[2])
while number != last:
    progress.reviews.grade("item:shared", Rating(1 + number % 4), seed=number)
    os.write(1, b"%d\\n" % number)
    number += 1
"""


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def test_a_card_graded_in_two_windows_keeps_both_logs_and_one_state(path: Path) -> None:
    processes = [start(STORM, path, 30) for _ in range(2)]
    go(*processes)
    for process in processes:
        assert finish(process)[-1] == "29"
    with open_progress(path, SystemClock()) as progress:
        log = progress.reviews.log("item:shared")
        assert sorted(entry.seed for entry in log) == sorted([*range(30), *range(30)])
        times = [entry.reviewed_at for entry in log]
        assert len(set(times)) == 60
        assert progress.reviews.rebuild() == ()
        card = progress.reviews.card("item:shared")
        assert card is not None
        assert card.reviews == 60


def test_every_acknowledged_review_survives_kill_9(path: Path) -> None:
    process = start(STORM, path, -1)
    go(process)
    assert process.stdout is not None
    for _ in range(20):
        process.stdout.readline()
    process.kill()
    rest = finish(process)
    last = int(rest[-1]) if rest else 19
    with open_progress(path, SystemClock()) as progress:
        seeds = [entry.seed for entry in progress.reviews.log("item:shared")]
        assert seeds[: last + 1] == list(range(last + 1))
        assert len(seeds) <= last + 2
        assert progress.reviews.rebuild() == ()


def test_a_hundred_thousand_reviews_do_not_make_it_slow(progress: Progress, clock: SimClock) -> None:
    """Ten times the limit of issue 8 is allowed for here: a machine under test is busy; the benchmark is strict."""
    fill_reviews(progress, cards=5000, reviews=20)
    clock.advance(timedelta(days=3000))
    progress.reviews.trust_clock()
    revisions = {f"item:q{number}": 1 for number in range(5000)}
    begun = time.perf_counter()
    for _ in range(3):
        found = daily_queue(progress.database, clock.now(), revisions, limit=1)
        progress.reviews.grade(found.cards[0].card.card_id, Rating.Good)
    assert (time.perf_counter() - begun) / 3 < 0.5
    assert found.due >= 4998


def fill_reviews(progress: Progress, cards: int, reviews: int) -> None:
    with progress.database.write() as connection:
        connection.executemany(
            "INSERT INTO cards (card_id, origin, rev, added_at, due, state, stability, difficulty, seen_at,"
            " introduced_at, reviews) VALUES (?, 'missed', 1, ?, ?, ?, ?, 5, ?, ?, ?)",
            [
                (
                    f"item:q{number}",
                    *[write_time(START)] * 2,
                    Card(
                        card_id=1,
                        state=State.Review,
                        stability=9.0,
                        difficulty=5.0,
                        due=START,
                        last_review=START,
                    ).to_json(),
                    9.0 + number / cards,
                    *[write_time(START)] * 2,
                    reviews,
                )
                for number in range(cards)
            ],
        )
        connection.executemany(
            "INSERT INTO reviews (card_id, rev, rating, retention, reviewed_at, clock_at)"
            " VALUES (?, 1, 3, 0.9, ?, ?)",
            (
                (f"item:q{number}", *[write_time(START - timedelta(days=reviews - turn))] * 2)
                for turn in range(reviews)
                for number in range(cards)
            ),
        )
