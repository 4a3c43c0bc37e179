"""The scorecard: by competence what was found, what a strong answer has, how long it took, and what to do next.

Pure. What the learner overruled outranks what was read; both are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from eks_lab.content.items import rubric
from eks_lab.content.items.model import KeyPoint
from eks_lab.content.items.rubric import Strength
from eks_lab.learning.interviews.questions import COMPETENCES, PutQuestion
from eks_lab.learning.interviews.records import Interview, Turn, read_points

MOST_LESSONS = 5
"""Lessons that the next steps name."""

FOLLOW_UP_SHARE = 0.5
"""Weight of a follow-up beside its question."""

NOTICE: Final = rubric.NOTICE


@dataclass(frozen=True, slots=True)
class PointLine:
    """A key point of one answer."""

    ref: str
    """For `overrule`: `2/quorum`, or `2.1/no-access` for the first follow-up of question 2."""
    text: str
    """The point in a sentence."""
    found: bool
    """Whether it counts: what was read, or what the learner says."""
    was_read: bool
    """What was read."""
    is_overruled: bool
    """Whether the learner said something about it."""
    where: str
    """The words of the answer."""
    reason: str
    """Why it was not read, as in `content.items.result`."""
    is_essential: bool
    """Without it no answer is strong."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A question or a follow-up, and what was answered."""

    prompt: str
    answer: str
    """Empty when it was passed or never asked."""
    state: str
    """`answered`, `passed`, `late` or `not asked`."""
    seconds: float
    """From the question to the answer."""
    score: float
    """0 to 1."""
    strength: Strength
    points: tuple[PointLine, ...]
    model: str
    """A strong answer."""


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question with its follow-ups."""

    number: int
    """From 1."""
    item_id: str
    lesson: str
    """Id of the lesson it belongs to."""
    competence: str
    level: str
    topic: str
    minutes: float
    """Time that was meant for the first answer."""
    main: AnswerLine
    follow_ups: tuple[AnswerLine, ...]
    """Those that were asked."""

    @property
    def score(self) -> float:
        """Return 0 to 1: the answer and, at half the weight each, the follow-ups."""
        whole = 1 + FOLLOW_UP_SHARE * len(self.follow_ups)
        return (self.main.score + FOLLOW_UP_SHARE * sum(each.score for each in self.follow_ups)) / whole


@dataclass(frozen=True, slots=True)
class CompetenceLine:
    """A competence."""

    competence: str
    questions: int
    """That were asked."""
    score: float
    """Mean over these."""
    missing: tuple[str, ...]
    """Essential points that were not there."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How an interview went, as far as comparing words can tell."""

    interview_id: int
    level: str
    topics: tuple[str, ...]
    seed: int
    started_at: datetime
    minutes: float
    """That there were."""
    seconds: float
    """That it took."""
    outcome: str
    """`finished`, `time_up`, `stopped`, or `running`."""
    score: float
    """Mean over all questions of the plan; what was not asked counts nothing."""
    asked: int
    """Questions that were asked."""
    impression: str
    """In honest words."""
    notice: str
    """That words are compared."""
    competences: tuple[CompetenceLine, ...]
    questions: tuple[QuestionLine, ...]
    lessons: tuple[str, ...]
    """Ids of lessons to read next, the weakest first."""
    cards: tuple[str, ...]
    """Ids of questions that come back for review."""


class Cards(Protocol):
    """Where review cards are made (`eks_lab.learning.reviews`)."""

    def card(self, card_id: str) -> object | None:
        """Return a card, or None."""
        ...


def scorecard_of(interview: Interview, cards: Cards | None = None) -> Scorecard:
    """Return the scorecard of an interview; of one that runs, as far as it is.

    Args:
        interview: as stored.
        cards: given, only those questions are named that do come back for review.
    """
    questions = tuple(_question(interview, number) for number in range(len(interview.questions)))
    asked = [each for each in questions if each.main.state != "not asked"]
    score = sum(each.score for each in questions) / len(questions)
    ended = interview.ended_at or (interview.turns[-1].said_at if interview.turns else interview.started_at)
    weak = sorted((each for each in asked if each.main.strength != "strong"), key=lambda each: each.score)
    missed = [each.item_id for each in weak if _comes_back(interview, each)]
    return Scorecard(
        interview.interview_id,
        interview.level,
        interview.topics,
        interview.seed,
        interview.started_at,
        interview.minutes,
        max(0.0, (ended - interview.started_at).total_seconds()),
        interview.outcome or "running",
        score,
        len(asked),
        impression(interview.level, questions, asked),
        NOTICE,
        _competences(asked),
        questions,
        tuple(dict.fromkeys(each.lesson for each in weak))[:MOST_LESSONS],
        tuple(each for each in missed if cards is None or cards.card(f"item:{each}") is not None),
    )


def impression(level: str, questions: Sequence[QuestionLine], asked: Sequence[QuestionLine]) -> str:
    """Return what can honestly be said about the level.

    Args:
        level: of the position.
        questions: of the plan.
        asked: those that were asked.
    """
    if not any(each.main.answer for each in asked):
        return "Nothing was answered, so nothing can be said."
    strong = sum(each.main.strength == "strong" for each in asked)
    weak = sum(each.main.strength == "weak" for each in asked)
    score = sum(each.score for each in asked) / len(asked)
    counted = (
        f"Compared by words, {strong} of {len(asked)} answers had what a strong answer of a {level} candidate has, "
        f"and {weak} had less than half of it."
    )
    if score >= rubric.STRONG and not weak:
        verdict = f"That reads like somebody at the {level} level."
    elif score >= rubric.WEAK:
        verdict = f"That reads like somebody close to the {level} level, with gaps that a real interviewer would find."
    else:
        verdict = f"That reads like somebody who is not at the {level} level yet."
    left = len(questions) - len(asked)
    unasked = f" {left} of {len(questions)} questions were not reached." if left else ""
    return f"{counted} {verdict}{unasked} A person would also hear how you say it; this program cannot."


def _question(interview: Interview, index: int) -> QuestionLine:
    question = interview.questions[index]
    asked = [
        turn.follow_up for turn in interview.turns if turn.speaker == "interviewer" and turn.question == index
    ]
    follow_ups = [place for place in asked if place is not None]
    main = _answer(interview, index, None, question.prompt, question.points, question.model)
    return QuestionLine(
        index + 1,
        question.item_id,
        question.lesson,
        question.competence,
        question.level,
        question.topic,
        question.minutes,
        main,
        tuple(
            _answer(interview, index, place, each.prompt, each.points, each.model)
            for place in follow_ups
            for each in (question.follow_ups[place],)
        ),
    )


def _answer(
    interview: Interview,
    index: int,
    follow_up: int | None,
    prompt: str,
    points: Sequence[KeyPoint],
    model: str,
) -> AnswerLine:
    place = (index, follow_up)
    lines = [turn for turn in interview.turns if turn.place == place]
    said = next((turn for turn in lines if turn.speaker == "candidate"), None)
    overruled = {
        point: found
        for (question, at, point), found in interview.overruled.items()
        if (question, at) == place
    }
    state = _state(interview, bool(lines), said)
    counted = said if said is not None and state != "late" else None
    empty = Turn("candidate", index, follow_up, "", interview.started_at)
    results = read_points(points, counted or empty)
    # A late answer counts nowhere, whatever is said about it afterwards.
    said_of = overruled if counted is not None else {}
    return AnswerLine(
        prompt,
        said.text if said else "",
        state,
        said.seconds if said else 0.0,
        rubric.score(points, results, said_of),
        rubric.strength(points, results, said_of),
        tuple(
            PointLine(
                reference(index, follow_up, each.point.id),
                each.point.text,
                said_of.get(each.point.id, each.found),
                each.found,
                each.point.id in said_of,
                each.where,
                each.reason,
                each.point.essential,
            )
            for each in results
        ),
        model,
    )


def _state(interview: Interview, was_asked: bool, said: Turn | None) -> str:
    if said is None:
        return "passed" if was_asked and interview.outcome is not None else "not asked"
    if not said.text:
        return "passed"
    return "answered" if interview.counts(said) else "late"


def reference(index: int, follow_up: int | None, point: str) -> str:
    """Return how a learner names a point.

    Args:
        index: of the question, from 0.
        follow_up: index of the follow-up, from 0; None for the question itself.
        point: id of the key point.
    """
    return f"{index + 1}{'' if follow_up is None else f'.{follow_up + 1}'}/{point}"


def _competences(asked: Sequence[QuestionLine]) -> tuple[CompetenceLine, ...]:
    by_name: Mapping[str, list[QuestionLine]] = {
        name: [each for each in asked if each.competence == name] for name in COMPETENCES
    }
    return tuple(
        CompetenceLine(
            name,
            len(lines),
            sum(each.score for each in lines) / len(lines),
            tuple(
                point.text
                for each in lines
                for point in each.main.points
                if point.is_essential and not point.found
            ),
        )
        for name, lines in by_name.items()
        if lines
    )


def _comes_back(interview: Interview, line: QuestionLine) -> bool:
    question: PutQuestion = interview.questions[line.number - 1]
    return not question.is_about_sandbox and line.main.state in ("answered", "passed")
