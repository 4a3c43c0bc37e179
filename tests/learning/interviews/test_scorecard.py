"""Scorecards, and what is written of them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.learning.interviews.conversation import Conversation
from eks_lab.learning.interviews.records import Interview
from eks_lab.learning.interviews.report import as_json, as_markdown, duration
from eks_lab.learning.interviews.scorecard import NOTICE, scorecard_of
from eks_lab.learning.progress import Progress
from tests.learning.interviews.bank import further, question

STRONG = "I would take alpha because it holds, and then beta."
FAIR = "I would take beta because it holds."


@pytest.fixture
def held(progress: Progress, clock: SimClock) -> Interview:
    """Give an interview: strong, fair with a follow-up, passed, and one that was not reached."""
    questions = [
        question("one", competence="cost"),
        question("two", follow_ups=[further("missing: alpha")]),
        question("three"),
        question("four"),
    ]
    talk = Conversation(progress.interviews, progress.interviews.start(questions, "mid", ["cost"], 30, 5))
    talk.waiting()
    for answer in (STRONG, FAIR, "I would say further things.", ""):
        clock.advance(timedelta(seconds=65))
        talk.answer(answer)
    return talk.stop()


def test_by_question(held: Interview) -> None:
    card = scorecard_of(held)
    assert [each.main.state for each in card.questions] == ["answered", "answered", "passed", "passed"]
    one, two, three, four = card.questions
    assert (one.score, one.main.strength, one.main.seconds) == (1.0, "strong", 65)
    assert one.main.points[0].where == STRONG
    assert two.main.score == pytest.approx(0.5)
    assert two.score == pytest.approx((0.5 + 0.5 * 1.0) / 1.5)
    assert (three.score, four.score) == (0, 0)
    assert card.score == pytest.approx((1 + 2 / 3) / 4)
    assert card.seconds == 4 * 65


def test_by_competence_with_what_was_missing(held: Interview) -> None:
    cost, design = sorted(scorecard_of(held).competences, key=lambda each: each.competence)
    assert (cost.competence, cost.score, cost.missing) == ("cost", 1.0, ())
    assert design.missing == ("It says alpha.",) * 3


def test_next_steps(held: Interview, progress: Progress) -> None:
    card = scorecard_of(held, progress.reviews)
    assert card.lessons == ("networking.lesson",)
    assert set(card.cards) == {"networking.lesson.two", "networking.lesson.three"}


def test_the_impression_is_honest(held: Interview, progress: Progress) -> None:
    assert scorecard_of(held).notice == NOTICE
    assert "does not understand" in NOTICE
    assert scorecard_of(held).impression.startswith("Compared by words, 1 of 4 answers had")
    silent = progress.interviews.start([question("x")], "mid", (), 30, 0)
    assert scorecard_of(silent).impression == "Nothing was answered, so nothing can be said."


def test_the_learner_has_the_last_word_and_both_verdicts_stay(held: Interview, progress: Progress) -> None:
    number = held.interview_id
    after = scorecard_of(progress.interviews.overrule(number, 1, None, "alpha", True))
    line = after.questions[1].main.points[0]
    assert (line.ref, line.found, line.was_read, line.is_overruled) == ("2/alpha", True, False, True)
    assert after.questions[1].main.strength == "strong"
    back = scorecard_of(progress.interviews.overrule(number, 1, None, "alpha", False))
    assert back.score == pytest.approx(scorecard_of(held).score)
    further_on = scorecard_of(progress.interviews.overrule(number, 1, 0, "further", False))
    assert further_on.questions[1].follow_ups[0].points[0].ref == "2.1/further"
    assert further_on.questions[1].follow_ups[0].score == 0


@pytest.mark.parametrize(
    ("place", "point"),
    [((1, None), "delta"), ((9, None), "alpha"), ((3, None), "alpha"), ((0, 0), "further")],
)
def test_only_what_was_answered_can_be_overruled(
    held: Interview, progress: Progress, place: tuple[int, int | None], point: str
) -> None:
    with pytest.raises(InputError, match="has no point"):
        progress.interviews.overrule(held.interview_id, *place, point, True)


def test_a_late_answer_is_shown_and_counts_nothing(progress: Progress, clock: SimClock) -> None:
    talk = Conversation(progress.interviews, progress.interviews.start([question("x")], "mid", (), 10, 0))
    talk.waiting()
    clock.advance(timedelta(minutes=12))
    talk.answer(STRONG)
    interview = progress.interviews.overrule(talk.interview.interview_id, 0, None, "alpha", True)
    card = scorecard_of(interview)
    assert (card.questions[0].main.state, card.score) == ("late", 0)
    assert "after the time, not counted" in as_markdown(card)


def test_markdown_and_json_hold_everything(held: Interview, progress: Progress) -> None:
    card = scorecard_of(progress.interviews.overrule(held.interview_id, 1, None, "alpha", True))
    text = as_markdown(card)
    assert text.startswith("# Interview 1: mid, cost\n")
    for part in (
        NOTICE,
        f"> {STRONG}",
        "- ✓ found (you say so) `2/alpha` (essential): It says alpha.",
        "- ✗ not found `3/beta`: It says beta.",
        "### Follow-up",
        "**A strong answer:** I would take alpha and then beta.",
        "*Passed.*",
        "| cost | 1 | 100% |",
        "Read again: `networking.lesson`",
    ):
        assert part in text
    document = json.loads(as_json(card))
    assert (document["format"], document["version"]) == ("eks-lab-interview", 1)
    assert document["questions"][0]["main"]["answer"] == STRONG
    assert document["questions"][1]["score"] == pytest.approx(1.0)
    assert document["started_at"] == "2026-11-22T09:30:00.000000+00:00"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (245.4, "4:05"), (3845, "1:04:05")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
