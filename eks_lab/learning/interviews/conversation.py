"""The conversation: what is asked next, what an answer leads to, and the clock that nobody stops.

Everything follows from the lines that are stored: a killed program goes on where it was. The time in which nobody
was there is gone as it would be in a real interview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from eks_lab.content.items import rubric
from eks_lab.content.items.given import LONGEST_TEXT
from eks_lab.content.items.model import FollowUp, KeyPoint
from eks_lab.content.items.rubric import Strength
from eks_lab.errors import InputError
from eks_lab.learning.interviews.records import (
    GRACE,
    AnsweredQuestion,
    FoundPoint,
    Interview,
    InterviewRecords,
    Outcome,
    Turn,
    read_points,
)

MOST_FOLLOW_UPS = 2
"""Of one question."""

FOLLOW_UP_TIME = timedelta(minutes=2)
"""What has to be left, besides the time of the questions to come, for a follow-up."""

GREETING: Final = "Good day. We have {minutes:g} minutes and {questions}. Take a moment before you answer."
_THANKS: Final = ("Thank you.", "All right.", "I see.", "Thanks.", "Let us go on.")
_PROBING: Final = ("One more thing.", "Let me ask further.", "Staying with that.")
_SKIPPED: Final = "No problem, we move on."


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for an answer."""

    number: int
    """Of the question, from 1."""
    of: int
    """Questions in all."""
    follow_up: int | None
    """Index of the follow-up; None for the question itself."""
    text: str
    """What the interviewer says, with the words that lead to the question."""
    prompt: str
    """The question alone."""
    asked_at: datetime
    """When it was asked."""
    left: timedelta
    """Time until the interview is over; zero when it is, while the grace still runs."""


class Conversation:
    """An interview that is held. Make one for each window."""

    def __init__(self, records: InterviewRecords, interview: Interview) -> None:
        """Go on with an interview.

        Args:
            records: where it is kept.
            interview: as it stands; one that just began is greeted.
        """
        self._records = records
        self.interview = interview

    def waiting(self) -> Asked | None:
        """Return what waits for an answer, asking the first question if none was; None when it is over.

        An interview whose time has passed meanwhile is ended.

        Raises:
            DataError: it could not be stored.
        """
        if self.settle():
            return None
        interview = self.interview
        now = self._now()
        if not interview.turns:
            count = len(interview.questions)
            opening = GREETING.format(
                minutes=interview.minutes, questions=f"{count} question{'' if count == 1 else 's'}"
            )
            self.interview = self._records.say(interview, (self._question(0, opening, now),))
        turn = self.interview.turns[-1]
        return Asked(
            turn.question + 1,
            len(interview.questions),
            turn.follow_up,
            turn.text,
            self._prompt(turn),
            turn.said_at,
            max(timedelta(0), interview.deadline - now),
        )

    def settle(self) -> bool:
        """End the interview when its time has passed; return whether it is over.

        Raises:
            DataError: it could not be stored.
        """
        interview = self.interview
        if interview.outcome is None and self._now() > interview.deadline + GRACE:
            self.interview = self._records.say(interview, (), "time_up", interview.deadline)
        return self.interview.outcome is not None

    def answer(self, text: str) -> Asked | None:
        """Give the answer that is waited for; an empty one passes the question.

        Args:
            text: as typed.

        Returns:
            What is asked next; None when the interview is over.

        Raises:
            InputError: nothing is asked, the text is too long, or another window was quicker.
            DataError: it could not be stored.
        """
        if len(text) > LONGEST_TEXT:
            raise InputError(
                f"The answer has {len(text):,} characters; {LONGEST_TEXT:,} are taken.",
                hint="Answer in a few sentences, as you would speak.",
            )
        interview = self.interview
        if interview.outcome is not None or not interview.turns:
            raise InputError("No question waits for an answer.", hint="eks-lab interview start")
        now = self._now()
        asked = interview.turns[-1]
        spoken = _storable(text).strip()
        points, prompt = self._points(asked), self._prompt(asked)
        results = rubric.find(points, spoken, prompt)
        said = Turn(
            "candidate",
            asked.question,
            asked.follow_up,
            spoken,
            now,
            (now - asked.said_at).total_seconds(),
            {each.point.id: FoundPoint(each.found, each.where, each.reason) for each in results},
        )
        counts = interview.counts(said)
        question = interview.questions[asked.question]
        noted = None
        # Nobody can review a question about a sandbox that is gone, and a late answer counts nowhere.
        if counts and asked.follow_up is None and not question.is_about_sandbox:
            noted = AnsweredQuestion(
                question,
                spoken,
                rubric.score(points, results),
                rubric.strength(points, results) == "strong",
                said.seconds,
            )
        following, outcome = self._next(said, now)
        turns = (said,) if following is None else (said, following)
        ended = min(now, interview.deadline) if outcome == "time_up" else now
        self.interview = self._records.say(interview, turns, outcome, ended, noted)
        return self.waiting()

    def stop(self) -> Interview:
        """End the interview now; what was not answered stays unanswered.

        Raises:
            DataError: it could not be stored.
        """
        if self.interview.outcome is None:
            now = self._now()
            is_over = now > self.interview.deadline
            outcome: Outcome = "time_up" if is_over else "stopped"
            self.interview = self._records.say(self.interview, (), outcome, min(now, self.interview.deadline))
        return self.interview

    def _now(self) -> datetime:
        """Return the present moment, never before what was said last: a clock may have been set back."""
        last = self.interview.turns[-1].said_at if self.interview.turns else self.interview.started_at
        return max(self._records.clock.now(), last)

    def _points(self, turn: Turn) -> tuple[KeyPoint, ...]:
        question = self.interview.questions[turn.question]
        return (
            question.points if turn.follow_up is None else tuple(question.follow_ups[turn.follow_up].points)
        )

    def _prompt(self, turn: Turn) -> str:
        question = self.interview.questions[turn.question]
        return question.prompt if turn.follow_up is None else question.follow_ups[turn.follow_up].prompt

    def _next(self, said: Turn, now: datetime) -> tuple[Turn | None, Outcome | None]:
        """Return what the interviewer says to an answer, or how it ends."""
        interview = self.interview
        if now >= interview.deadline:
            is_last = said.question == len(interview.questions) - 1
            return None, "finished" if is_last and interview.counts(said) else "time_up"
        further = self._follow_up(said, now)
        lead = _SKIPPED if not said.text else _said(_THANKS, interview, said)
        if further is not None:
            prompt = interview.questions[said.question].follow_ups[further].prompt
            text = f"{_said(_PROBING, interview, said)}\n\n{prompt}"
            return Turn("interviewer", said.question, further, text, now), None
        if said.question + 1 < len(interview.questions):
            return self._question(said.question + 1, lead, now), None
        return None, "finished"

    def _question(self, index: int, lead: str, now: datetime) -> Turn:
        return Turn("interviewer", index, None, f"{lead}\n\n{self.interview.questions[index].prompt}", now)

    def _follow_up(self, said: Turn, now: datetime) -> int | None:
        """Return the first follow-up that fits what was answered, or None.

        None after a passed question, after two, and when the questions to come need the time.
        """
        interview = self.interview
        question = interview.questions[said.question]
        about = [
            turn
            for turn in (*interview.turns, said)
            if turn.speaker == "candidate" and turn.question == said.question
        ]
        asked = {turn.follow_up for turn in about if turn.follow_up is not None}
        if not said.text or len(asked) >= MOST_FOLLOW_UPS:
            return None
        to_come = timedelta(minutes=sum(each.minutes for each in interview.questions[said.question + 1 :]))
        if interview.deadline - now < to_come + FOLLOW_UP_TIME:
            return None
        results = read_points(question.points, about[0])
        found = {each.point.id: each.found for each in results}
        reached, strength = rubric.score(question.points, results), rubric.strength(question.points, results)
        for index, follow_up in enumerate(question.follow_ups):
            if index not in asked and _fits(follow_up, found, reached, strength):
                return index
        return None


def _fits(follow_up: FollowUp, found: Mapping[str, bool], reached: float, strength: Strength) -> bool:
    when, _, point = (part.strip() for part in follow_up.when.partition(":"))
    match when:
        case "missing":
            return not found.get(point, False)
        case "found":
            return found.get(point, False)
        case "weak":
            return reached < rubric.WEAK
        case "strong":
            return strength == "strong"
        case _:
            return when == "always"


def _said(lines: tuple[str, ...], interview: Interview, said: Turn) -> str:
    """Return one of the lines, the same for the same interview; never a verdict."""
    return lines[(interview.seed + 3 * said.question + (said.follow_up or 0)) % len(lines)]


def _storable(text: str) -> str:
    """Return a text without what no database and no terminal holds."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    return "".join(letter for letter in plain if letter in "\n\t" or letter.isprintable())
