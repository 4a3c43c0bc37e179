"""Interviews on the learner's own record; see `eks_lab.tui.interview_access`."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from eks_lab.content.items.model import RecallItem
from eks_lab.errors import EksLabError, InputError
from eks_lab.learning.interviews.composition import compose, planned_minutes
from eks_lab.learning.interviews.conversation import Conversation
from eks_lab.learning.interviews.questions import PutQuestion, put
from eks_lab.learning.interviews.report import as_json, as_markdown
from eks_lab.learning.interviews.scorecard import Scorecard, scorecard_of
from eks_lab.tui.interview_view import InterviewList, InterviewRow, SaidLine, Talk, TopicRow, Wish

if TYPE_CHECKING:
    from eks_lab.learning.interviews.records import Interview, InterviewRecords
    from eks_lab.tui.interview_access import ExportForm
    from eks_lab.tui.question_access import QuestionAccess

GENERAL = "general"
"""Topic of questions that belong to no chapter."""


class LocalInterviews:
    """One conversation at a time, which a lock sees to: calls come from several worker threads."""

    def __init__(self, questions: QuestionAccess) -> None:
        """Serve the interviews of a learner.

        Args:
            questions: has bank, course and record.
        """
        self._questions = questions
        self._lock = threading.RLock()
        self._talk: Conversation | None = None

    # The list

    def all(self) -> InterviewList:
        """Return every interview; one whose time has passed meanwhile is ended."""
        with self._lock:
            records = self._records()
            running = records.running()
            if running is not None:
                Conversation(records, running).settle()
            rows = [self._row(each) for each in reversed(records.all())]
        return InterviewList(
            next((row for row in rows if row.outcome == "running"), None),
            tuple(row for row in rows if row.outcome != "running"),
            self._topics(),
        )

    def _row(self, interview: Interview) -> InterviewRow:
        card = scorecard_of(interview)
        left = (interview.deadline - self._records().clock.now()).total_seconds()
        return InterviewRow(
            card.interview_id,
            card.started_at,
            card.level,
            tuple(self._topic_title(topic) for topic in card.topics),
            card.outcome,
            card.score,
            card.asked,
            len(card.questions),
            max(0.0, left) if card.outcome == "running" else 0.0,
        )

    def _topics(self) -> tuple[TopicRow, ...]:
        counts = Counter(item.interview.topic for item in self._items() if item.interview is not None)
        order = [chapter.id for chapter in self._questions.course().course.file.chapters]
        ids = [topic for topic in order if topic in counts]
        ids += sorted(topic for topic in counts if topic not in order)
        return tuple(TopicRow(topic, self._topic_title(topic), counts[topic]) for topic in ids)

    def _topic_title(self, topic: str) -> str:
        if topic == GENERAL:
            return "General"
        chapters = self._questions.course().course.file.chapters
        return next((f"{each.number} {each.title}" for each in chapters if each.id == topic), topic)

    # The conversation

    def begin(self, wish: Wish) -> str:
        """Begin an interview; its clock runs.

        Returns:
            What the learner should know, in sentences; often nothing.

        Raises:
            InputError: nothing fits the wish, or another interview runs.
            UnavailableError: the record is not kept.
        """
        with self._lock:
            progress = self._questions.record()
            records = progress.interviews
            left = records.running()
            if left is not None:
                # One that nobody came back to does not stand in the way.
                Conversation(records, left).settle()
            candidates, notes = self._candidates()
            questions = compose(
                candidates,
                level=wish.level,
                topics=wish.topics,
                count=wish.count,
                minutes=wish.minutes,
                # Another one each time: the next interview asks other questions.
                seed=(seed := max((each.seed for each in records.all()), default=0) + 1),
            )
            if len(questions) < wish.count:
                notes.append(f"{len(questions)} questions fit what you asked for.")
            if not progress.is_remembered:
                notes.append("Your record is not kept: this interview is gone when you leave the program.")
            minutes = wish.minutes or planned_minutes(questions)
            interview = records.start(questions, wish.level, wish.topics, minutes, seed)
            self._talk = Conversation(records, interview)
            self._talk.waiting()
            return " ".join(notes)

    def look(self) -> Talk:
        """Return the interview that runs, or how it ended since it was begun or joined here.

        Raises:
            InputError: none runs.
        """
        with self._lock:
            return self._view(self._joined())

    def answer(self, text: str) -> None:
        """Answer what was asked; an empty text passes it.

        Raises:
            InputError: nothing is asked, the text is too long, or another window was quicker: the conversation is
                then where that window left it.
        """
        with self._lock:
            talk = self._joined()
            number = talk.interview.interview_id
            try:
                talk.answer(text)
            except InputError:
                records = self._records()
                now = records.load(number)
                if len(now.turns) != len(talk.interview.turns) or now.outcome != talk.interview.outcome:
                    self._talk = Conversation(records, now)
                raise

    def stop(self) -> None:
        """End the interview now."""
        with self._lock:
            self._joined().stop()

    def _joined(self) -> Conversation:
        """Return the conversation that runs; one that has ended here is kept until another one runs."""
        if self._talk is None or self._talk.interview.outcome is not None:
            records = self._records()
            running = records.running()
            if running is not None:
                self._talk = Conversation(records, running)
        if self._talk is None:
            raise InputError("no interview runs", hint="Begin one from the list of interviews.")
        return self._talk

    def _view(self, talk: Conversation) -> Talk:
        asked = talk.waiting()
        interview = talk.interview
        lines = tuple(SaidLine(turn.speaker, turn.text, turn.seconds) for turn in interview.turns)
        if asked is None:
            return Talk(interview.interview_id, interview.level, lines, True)
        question = interview.questions[asked.number - 1]
        here = (self._records().clock.now() - asked.asked_at).total_seconds()
        return Talk(
            interview.interview_id,
            interview.level,
            lines,
            False,
            asked.number,
            asked.of,
            asked.follow_up is not None,
            asked.left.total_seconds(),
            max(0.0, here),
            question.minutes if asked.follow_up is None else 0.0,
        )

    # Afterwards

    def card(self, interview_id: int) -> Scorecard:
        """Return the scorecard of an interview that is over.

        Raises:
            InputError: it runs still: its scorecard would tell the answers.
        """
        progress = self._questions.record()
        talk = Conversation(progress.interviews, progress.interviews.load(interview_id))
        if not talk.settle():
            raise InputError(
                f"interview {interview_id} is still running", hint="Go on with it, or end it there."
            )
        return scorecard_of(talk.interview, progress.reviews)

    def overrule(self, interview_id: int, ref: str, found: bool) -> Scorecard:
        """Keep what the learner says about a point.

        Args:
            interview_id: of an interview that is over.
            ref: `PointLine.ref`, such as `2/quorum` or `2.1/no-access`.
            found: whether it was in the answer.

        Raises:
            InputError: the interview has no such point, or runs still.
        """
        self.card(interview_id)
        place, _, point = ref.partition("/")
        number, _, further = place.partition(".")
        progress = self._questions.record()
        interview = progress.interviews.overrule(
            interview_id, int(number) - 1, int(further) - 1 if further else None, point, found
        )
        return scorecard_of(interview, progress.reviews)

    def lesson_titles(self, ids: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Return id and title of lessons; those that are gone are left out."""
        course = self._questions.course().course
        found = [(each, course.lesson(each)) for each in ids]
        return tuple((each, lesson.title) for each, lesson in found if lesson is not None)

    def export(self, card: Scorecard, form: ExportForm) -> str:
        """Return a scorecard as a document."""
        return as_json(card) if form == "json" else as_markdown(card)

    # What it needs

    def _records(self) -> InterviewRecords:
        return self._questions.record().interviews

    def _items(self) -> list[RecallItem]:
        bank = self._questions.bank()
        items = (bank.item(entry.id) for entry in bank.find(interview=True, own_sandbox=None))
        return [item for item in items if isinstance(item, RecallItem)]

    def _candidates(self) -> tuple[list[PutQuestion], list[str]]:
        """Return every question that can be asked now, and why some cannot."""
        items = self._items()
        notes: list[str] = []
        facts = self._sandbox_facts(items, notes)
        questions = [put(item, facts.get(item.id)) for item in items]
        return [question for question in questions if question is not None], notes

    def _sandbox_facts(self, items: list[RecallItem], notes: list[str]) -> dict[str, dict[str, Any]]:
        """Return what questions about the learner's own sandbox name; nothing while it does not run."""
        from eks_lab.sandbox import client
        from eks_lab.sandbox.state_directory import StateDirectory

        directory = StateDirectory.default()
        if client.running(directory) is None:
            return {}
        from eks_lab import locations
        from eks_lab.grading.daemon import DaemonTarget
        from eks_lab.grading.interview_facts import facts_of

        today = self._records().clock.now().date()
        try:
            with contextlib.closing(DaemonTarget(directory, client.required(directory))) as target:
                return dict(facts_of(items, target, locations.data_dir(), today))
        except EksLabError as error:
            notes.append(f"Your sandbox is not asked about: {error.message.rstrip('.')}.")
            return {}
