"""The course's questions, judged here and kept in the learner's record; see `eks_lab.tui.question_access`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from eks_lab.content.items.judging import judge, needs_bench
from eks_lab.errors import InputError, UnavailableError
from eks_lab.tui.question_rows import (
    ClockDoubtRow,
    Due,
    Hub,
    JudgedAnswer,
    Pickable,
    TrackRow,
    TrackStanding,
)

if TYPE_CHECKING:
    from eks_lab.clock import Clock
    from eks_lab.content.diagram.model import Diagram
    from eks_lab.content.items.bank import Bank
    from eks_lab.content.items.entry import Entry
    from eks_lab.content.items.given import Given
    from eks_lab.content.items.model import Item
    from eks_lab.content.items.variant import Variant
    from eks_lab.content.model import LoadedCourse
    from eks_lab.content.tracks import Track
    from eks_lab.grading.practical.remote import RemoteBench
    from eks_lab.learning.progress import Progress
    from eks_lab.learning.readiness import KnownLab
    from eks_lab.tui.local_runs import LocalDrill, LocalQuiz, LocalReview

QUIZ_QUESTIONS = 12
"""How many a quiz of a chapter asks."""


class LocalQuestions:
    """Everything waits, so everything is called from worker threads; bank and bench come when first needed."""

    def __init__(
        self,
        course: Callable[[], LoadedCourse],
        record: Callable[[], Progress],
        cache: Path,
        clock: Clock,
    ) -> None:
        """Serve the questions of a course.

        Args:
            course: returns it; raises an `EksLabError` while there is none.
            record: returns the learner's record; likewise.
            cache: for the index of the bank.
            clock: tells the time.
        """
        self.course = course
        self.record = record
        self._cache = cache
        self._clock = clock
        self._lock = threading.RLock()
        self._bank: tuple[LoadedCourse, Bank] | None = None
        self._bench: RemoteBench | None = None
        self._labs: list[KnownLab] | None = None
        self._tracks: dict[str, Track] | None = None

    # What engines are made of

    def bank(self) -> Bank:
        """Return the questions; opened at the first call, and again for a course that was read anew."""
        from eks_lab.content.items.bank import open_bank

        course = self.course()
        with self._lock:
            if self._bank is None or self._bank[0] is not course:
                self._bank = (course, open_bank(course, self._cache))
            return self._bank[1]

    def diagram(self, item: Item) -> Diagram | None:
        """Return what a diagram question is about; None for other kinds."""
        if item.kind != "diagram":
            return None
        from eks_lab.content.diagram.load import load_diagram

        return load_diagram(self.course().root, item.diagram)

    def known_labs(self) -> list[KnownLab]:
        """Return the labs as readiness needs them; read once."""
        from eks_lab.grading.known_labs import known_labs

        with self._lock:
            if self._labs is None:
                self._labs = known_labs(self.course().course)
            return self._labs

    def exam_tracks(self) -> Mapping[str, Track]:
        """Return the exams by id; read once."""
        from eks_lab.content.tracks import open_tracks

        with self._lock:
            if self._tracks is None:
                self._tracks = open_tracks(self.course().root)
            return self._tracks

    def lesson_title(self, lesson_id: str) -> str:
        """Return a lesson's title, or its id when it is gone."""
        lesson = self.course().course.lesson(lesson_id)
        return lesson.title if lesson is not None else lesson_id

    def skill_title(self, skill: str) -> str:
        """Return what a skill is called: its id as words."""
        return skill.replace("-", " ")

    # Judging

    def prepare(self, variant: Variant) -> None:
        """Set a command or manifest up while the learner reads; nothing for other kinds.

        Raises:
            UnavailableError: this machine has no kubectl.
        """
        item = variant.item
        if item.kind == "command" or item.kind == "manifest":
            self._open_bench().prepare(item, variant.seed)

    def judge(self, variant: Variant, given: Given) -> JudgedAnswer:
        """Judge an answer; commands and manifests run in a throw-away sandbox."""
        item = variant.item
        if not needs_bench(item.kind):
            return JudgedAnswer(given, judge(variant, given))
        assert item.kind == "command" or item.kind == "manifest"
        assert isinstance(given, str)
        practice = self._open_bench().judge(item, variant.seed, given)
        return JudgedAnswer(given, practice.result, practice.transcript)

    def cancel(self) -> None:
        """End the judgement that runs."""
        bench = self._bench
        if bench is not None:
            bench.cancel()

    def close(self) -> None:
        """End the bench."""
        with self._lock:
            bench, self._bench = self._bench, None
        if bench is not None:
            bench.close()

    def _open_bench(self) -> RemoteBench:
        from eks_lab.grading.daemon import found
        from eks_lab.grading.practical.remote import RemoteBench
        from eks_lab.tui.local_labs import run_course

        with self._lock:
            if self._bench is None:
                kubectl = found("kubectl")
                if not kubectl:
                    raise UnavailableError(
                        "kubectl is not installed, so what a command does cannot be tried",
                        hint="Install it, or: pip install 'eks-lab[tools]'. s skips the question.",
                    )
                self._bench = RemoteBench(kubectl, run_course)
            return self._bench

    # The hub

    def due_count(self) -> int:
        """Return how many cards may be reviewed now; without any card not even the bank is opened."""
        return self._due().total if self.record().reviews.has_cards() else 0

    def hub(self) -> Hub:
        """Return what can be done now."""
        from eks_lab.content.items.selection import skill_standing

        course = self.course().course
        bank = self.bank()
        scores = self._scores()
        entries = bank.find()
        standing = skill_standing(entries, scores)
        titles = {skill.id: skill.title for skill in course.file.skills}
        skills = {skill: [each for each in entries if skill in each.skills] for skill in titles}
        asked_skills = [skill for skill in [*standing, *titles] if skills.get(skill)]
        return Hub(
            due=self._due(),
            questions=len(entries),
            answered=sum(entry.id in scores for entry in entries),
            chapters=tuple(
                _pickable(chapter.id, f"{chapter.number} {chapter.title}", found, scores)
                for chapter in course.file.chapters
                if (found := [entry for entry in entries if entry.chapter == chapter.id])
            ),
            skills=tuple(
                _pickable(skill, self.skill_title(skill), skills[skill], scores)
                for skill in dict.fromkeys(asked_skills)
            ),
            own_cards=len(self.record().decks.cards()),
            interviews=len(bank.find(interview=True, own_sandbox=None)),
            tracks=len(self.exam_tracks()),
        )

    def _due(self) -> Due:
        from eks_lab.grading.known_labs import lab_ids
        from eks_lab.learning.daily_queue import daily_queue
        from eks_lab.learning.review_material import card_revisions
        from eks_lab.tui.local_runs import due_of

        revisions = card_revisions(self.bank(), lab_ids())
        return due_of(daily_queue(self.record().database, self._clock.now(), revisions, 0), self._clock)

    def _scores(self) -> dict[str, float]:
        """Return the score of the latest answer to every question whose meaning is still the same."""
        bank = self.bank()
        return {
            name: answer.score
            for name, answer in self.record().answers().items()
            if name in bank and bank.entry(name).rev == answer.rev
        }

    # Practising

    def quiz(self, chapter: str) -> LocalQuiz:
        """Begin a quiz of a chapter; another one each time.

        Raises:
            InputError: the chapter has no questions.
        """
        from eks_lab.content.items.selection import spread

        course = self.course().course
        title = next((each.title for each in course.file.chapters if each.id == chapter), chapter)
        entries = self.bank().find(chapter=chapter)
        if not entries:
            raise InputError(f"There are no questions of {title}.", hint="Choose another chapter.")
        return self._run(title, spread(entries, QUIZ_QUESTIONS, int(self._clock.now().timestamp())))

    def drill(self, skill: str) -> LocalDrill:
        """Begin a drill of a skill; empty for the weakest ones.

        Raises:
            InputError: no question asks for the skill.
        """
        from eks_lab.ids import Ids
        from eks_lab.learning.drill import Drill
        from eks_lab.tui.local_runs import DRILL_QUESTIONS, LocalDrill

        now = self._clock.now()
        ids = Ids(int(now.timestamp()))
        entries = self.bank().find()
        engine = Drill(entries, self.record().history(), now, ids, skill)
        count = sum(not skill or skill in entry.skills for entry in entries)
        title = self.skill_title(skill) if skill else "What you know least"
        return LocalDrill(self, title, engine, min(DRILL_QUESTIONS, count), self.skill_title)

    def again(self, title: str, question_ids: tuple[str, ...]) -> LocalQuiz:
        """Begin a run of questions that were missed, as fresh variants."""
        bank = self.bank()
        return self._run(title, [bank.entry(each) for each in question_ids if each in bank])

    def _run(self, title: str, entries: Iterable[Entry]) -> LocalQuiz:
        from eks_lab.tui.local_runs import LocalQuiz

        return LocalQuiz(self, title, tuple(entries), self.lesson_title)

    # Reviewing

    def clock_doubt(self) -> ClockDoubtRow | None:
        """Return why the clock may be wrong; None once the learner said that it is right."""
        doubt = self.record().reviews.clock_doubt()
        return ClockDoubtRow(doubt.sentence, doubt.is_ahead) if doubt is not None else None

    def review(self, *, trusts_clock: bool = False) -> LocalReview:
        """Begin the daily review.

        Args:
            trusts_clock: the learner says that the clock is right.
        """
        from eks_lab.grading.known_labs import lab_ids
        from eks_lab.learning.review_session import ReviewSession
        from eks_lab.tui.local_runs import LocalReview

        progress = self.record()
        if trusts_clock:
            progress.reviews.trust_clock()
        session = ReviewSession(progress, self.bank(), lab_ids(), self._clock)
        return LocalReview(self, session, self._clock, self.lesson_title, self._lab_title)

    def _lab_title(self, lab_id: str) -> str:
        return next((lab.title for lab in self.known_labs() if lab.id == lab_id), lab_id)

    # Readiness

    def tracks(self) -> tuple[TrackRow, ...]:
        """Return every exam with the learner's standing."""
        from eks_lab.learning.overview import evidence_of
        from eks_lab.learning.readiness import track_readiness
        from eks_lab.tui.readiness_rows import track_row

        entries, labs = self.bank().entries.values(), self.known_labs()
        evidence, now = evidence_of(self.record()), self._clock.now()
        return tuple(
            track_row(track_readiness(track, entries, labs, evidence, now))
            for track in self.exam_tracks().values()
        )

    def standing(self, track_id: str) -> TrackStanding:
        """Return how the learner stands before one exam.

        Raises:
            InputError: there is no such exam.
        """
        from eks_lab.content.tracks import chosen_track
        from eks_lab.learning.overview import today
        from eks_lab.tui.readiness_rows import standing_row, track_row

        track = chosen_track(self.exam_tracks(), track_id)
        overview = today(
            self.record(), track, self.course().course, self.bank(), self.known_labs(), self._clock.now()
        )
        return standing_row(track_row(overview.readiness), overview)

    # Decks

    def take_deck(self, path: Path) -> str:
        """Take cards from a file as the learner's own.

        Raises:
            InputError: the file cannot be read as a deck; names the line. Nothing was taken.
        """
        from eks_lab.learning.deck_file import read_deck
        from eks_lab.learning.export import read_import

        cards = read_deck(read_import(path), str(path))
        taken = self.record().decks.take_in(cards, path.stem)
        return f"{taken.new} new cards, {taken.changed} changed, {taken.same} known already."

    def write_deck(self, path: Path, *, own: bool, force: bool = False) -> str:
        """Write own cards, or the course's questions, as a deck for Anki.

        Raises:
            InputError: there is nothing to write, or the file exists.
        """
        from eks_lab.content.items.variant import make_variant
        from eks_lab.learning.deck_cards import card_of_variant
        from eks_lab.learning.deck_file import write_deck
        from eks_lab.learning.decks import card_of_own
        from eks_lab.learning.export import write_export

        bank = self.bank()
        if own:
            cards = [card_of_own(card) for card in self.record().decks.cards().values()]
        else:
            cards = [
                card_of_variant(make_variant(bank.item(entry.id), 0), entry.skills) for entry in bank.find()
            ]
        if not cards:
            raise InputError("There is nothing to export.", hint="Import a deck first.")
        write_export(write_deck(cards, "eks-lab", is_html=not own), path, force=force)
        return f"{len(cards)} cards are in {path}. In Anki: File, Import."


def _pickable(name: str, title: str, entries: list[Entry], scores: Mapping[str, float]) -> Pickable:
    known = [scores[entry.id] for entry in entries if entry.id in scores]
    return Pickable(name, title, len(entries), len(known), sum(known) / len(known) if known else None)
