"""Exams on the learner's own record; see `eks_lab.tui.exam_access`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from eks_lab.content.items.judging import judge
from eks_lab.content.items.result import WRONG, Result
from eks_lab.content.items.variant import Variant
from eks_lab.errors import DataError, EksLabError, InputError
from eks_lab.learning.exams.composition import Length, compose, length_of
from eks_lab.learning.exams.report import ExamReport, report_of
from eks_lab.learning.exams.report_text import report_json, report_markdown
from eks_lab.learning.exams.sitting import ExamRoom, NotRunningError, Sitting, State
from eks_lab.tui.exam_view import (
    Composed,
    ExamList,
    ExamTask,
    ExamWish,
    JudgedTask,
    Reported,
    SittingRow,
    SittingView,
)

if TYPE_CHECKING:
    from pathlib import Path

    from eks_lab.clock import Clock
    from eks_lab.content.items.given import Given
    from eks_lab.content.tracks import Track
    from eks_lab.grading.hands_on import TaskView
    from eks_lab.learning.exams.asked import AskedTask
    from eks_lab.learning.exams.offers import Offer
    from eks_lab.learning.exams.records import SittingLine
    from eks_lab.tui.exam_access import ExamLabs, ReportForm
    from eks_lab.tui.question_access import QuestionAccess
    from eks_lab.tui.sandbox_access import Tell

KEEP_EVERY = 5.0
"""Seconds after which a reading of the clock is kept: so much a crash leaves in doubt about who was there."""


class LocalExams:
    """One sitting at a time; calls come from several worker threads."""

    def __init__(
        self,
        questions: QuestionAccess,
        labs: ExamLabs | None = None,
        *,
        steady: Callable[[], float] = time.monotonic,
        labs_root: Path | None = None,
    ) -> None:
        """Serve the exams of a learner.

        Args:
            questions: has bank, course and record, and judges.
            labs: does hands-on tasks; those of this machine's sandbox when left out.
            steady: seconds that never run back.
            labs_root: folder of the labs that may be asked; ours when left out.
        """
        self._questions = questions
        self._steady = steady
        self._labs_root = labs_root
        self._labs = labs
        self._lock = threading.RLock()
        self._sitting: Sitting | None = None
        self._tasks: tuple[ExamTask, ...] = ()
        self._away = 0.0
        self._kept_at = 0.0
        self._lab_offers: tuple[list[Offer], dict[str, Path]] | None = None

    # Before

    def all(self) -> ExamList:
        """Return exams and sittings; one whose time has passed meanwhile is ended."""
        room = self._room()
        room.running()
        rows = [self._row(room, each) for each in room.past()]
        return ExamList(
            next((row for row in rows if row.is_running), None),
            tuple(self._tracks().values()),
            tuple(row for row in rows if not row.is_running),
            self._clock().now().date(),
        )

    def _row(self, room: ExamRoom, each: SittingLine) -> SittingRow:
        try:
            sitting = room.sitting(each.sitting_id)
            state = sitting.state()
            report = self._reported(room, sitting, state)
        except DataError as error:
            title = f"{each.title} ({error.message})"
            return SittingRow(each.sitting_id, title, each.started_at, each.tasks, each.is_running)
        return SittingRow(
            each.sitting_id,
            each.title,
            each.started_at,
            each.tasks,
            each.is_running,
            report.points,
            report.waiting,
            report.passed,
            state.left.total_seconds(),
            state.clock.is_paused,
        )

    def compose(self, track_id: str, wish: ExamWish) -> Composed:
        """Put an exam together; each time another one.

        Raises:
            InputError: there is no such exam, nothing to ask, or the time is out of range.
        """
        from eks_lab.content.tracks import chosen_track
        from eks_lab.learning.exams.asked import variant_copy
        from eks_lab.learning.exams.offers import offers_of

        track = chosen_track(self._tracks(), track_id)
        length = length_of(track, minutes=wish.minutes, short=wish.is_short and wish.minutes is None)
        if not wish.has_labs:
            length = Length(length.minutes, length.questions, 0)
        bank, room = self._questions.bank(), self._room()
        offers = offers_of(bank, track)
        folders: dict[str, Path] = {}
        if length.labs:
            found, folders = self._found_labs()
            offers += found
        now = self._clock().now()
        plan = compose(track, offers, int(now.timestamp()), length, seen=room.last_asked(), now=now)
        contents = {
            task.offer.id: self._lab_copy(folders[task.offer.id])
            if task.offer.id in folders
            else variant_copy(bank.items[task.offer.id], task.seed)
            for task in plan.tasks
        }
        return Composed(track, plan, track.is_retired(now.date()), contents)

    def _found_labs(self) -> tuple[list[Offer], dict[str, Path]]:
        """Return the labs that may be asked here; read once."""
        from eks_lab.grading.catalogue import labs_root
        from eks_lab.grading.daemon import found
        from eks_lab.grading.hands_on import lab_offers

        with self._lock:
            if self._lab_offers is None:
                course = self._questions.course().course
                chapters = {chapter.number: chapter.id for chapter in course.file.chapters}
                tools = {name for name in ("kubectl", "aws", "terraform") if found(name)}
                root = self._labs_root if self._labs_root is not None else labs_root()
                self._lab_offers = lab_offers(root, chapters, {"cluster", "account", *tools})
            return self._lab_offers

    def _lab_copy(self, folder: Path) -> dict[str, object]:
        from eks_lab.grading.hands_on import lab_copy

        return lab_copy(folder)

    def start(self, composed: Composed) -> None:
        """Begin an exam; its clock runs from now.

        Raises:
            InputError: another sitting runs.
        """
        self._room().start(composed.track, composed.plan, composed.contents)

    # The sitting that runs

    def join(self) -> SittingView:
        """Take the running sitting up, which is written down with the time nobody had it open.

        Raises:
            InputError: none runs.
        """
        with self._lock:
            sitting = self._room().running()
            if sitting is None:
                raise InputError("no exam runs", hint="Begin one from the list of exams.")
            is_new = len(sitting.state().events) == 1
            # What was begun a moment ago was never left.
            away = 0.0 if is_new else sitting.reopen().total_seconds()
            self._sitting, self._away = sitting, away
            self._tasks = tuple(self._task(sitting, task) for task in sitting.record.tasks)
            return self._view(sitting)

    def look(self) -> SittingView:
        """Return how the joined sitting stands; now and then the clock's reading is kept."""
        sitting = self._joined()
        if self._steady() - self._kept_at >= KEEP_EVERY:
            self._kept_at = self._steady()
            with suppress(NotRunningError):
                sitting.tick()
        return self._view(sitting)

    def _view(self, sitting: Sitting) -> SittingView:
        state = sitting.state()
        return SittingView(
            sitting.sitting_id,
            sitting.record.track.title,
            self._tasks,
            state.given,
            state.flagged,
            state.left.total_seconds(),
            state.clock.is_paused,
            state.ending or "",
            state.shown or 1,
            self._away,
        )

    def _task(self, sitting: Sitting, task: AskedTask) -> ExamTask:
        domain = sitting.record.track.domain(task.domain).title
        if task.is_lab:
            title = str(task.content.get("title", task.item_id))
            return ExamTask(task.number, task.kind, task.points, domain, title)
        try:
            variant = task.variant()
            diagram = self._questions.diagram(variant.item)
        except EksLabError as error:
            return ExamTask(task.number, task.kind, task.points, domain, problem=error.message)
        return ExamTask(task.number, task.kind, task.points, domain, "", variant, diagram)

    def show(self, number: int) -> None:
        """Note that a task is looked at."""
        self._joined().show(number)

    def answer(self, number: int, given: Given | None) -> None:
        """Answer a question; None takes the answer back."""
        self._joined().answer(number, given)

    def flag(self, number: int, is_flagged: bool) -> None:
        """Mark a task to come back to, or take the mark away."""
        self._joined().flag(number, is_flagged)

    def pause(self) -> None:
        """Stop the clock; the report says so."""
        self._joined().pause()

    def resume(self) -> None:
        """Let the clock run again."""
        self._joined().resume()

    def end(self) -> None:
        """Hand in."""
        with suppress(NotRunningError):
            self._joined().end()

    def open_lab(self, number: int, tell: Tell) -> TaskView:
        """Bring a hands-on task into the sandbox."""
        return self._hands().open(self._joined(), number, tell)

    def answer_lab(self, check: str, value: str) -> TaskView:
        """Answer the question of a check."""
        return self._hands().answer(self._joined(), check, value)

    def keep_lab(self) -> None:
        """Keep how the task in the sandbox stands."""
        self._hands().keep(self._joined())

    def lab_shell(self, view: TaskView) -> list[str]:
        """Return the command of a shell for a hands-on task."""
        return self._hands().shell(view)

    def _joined(self) -> Sitting:
        sitting = self._sitting
        if sitting is None:
            raise InputError("no exam is open here", hint="Go on with it from the list of exams.")
        return sitting

    # Afterwards

    def report(self, sitting_id: int, tell: Tell) -> Reported:
        """Judge what is not judged yet and return the report.

        Args:
            sitting_id: of a sitting that is over.
            tell: hears of the answers that are judged.

        Raises:
            InputError: there is none of this number, or it runs still.
        """
        from eks_lab.learning.exams.marking import mark

        room = self._room()
        sitting = self._sitting
        if sitting is None or sitting.sitting_id != sitting_id:
            sitting = room.sitting(sitting_id)
        notices: list[str] = []
        if any(task.is_lab for task in sitting.record.tasks):
            tell("the labs are looked at a last time", 0.05)
            try:
                self._hands().finish(sitting)
            except EksLabError as error:
                notices.append(
                    f"Your own sandbox could not be brought back: {error.message.rstrip('.')}. Try: eks-lab lab stop"
                )

        def bench(variant: Variant, text: str) -> Result:
            try:
                return self._questions.judge(variant, text).result
            except EksLabError as error:
                said = f"{error.message.rstrip('.')}. {error.hint}".strip()
                if said not in notices:
                    notices.append(said)
                raise

        def told(done: int, of: int) -> None:
            tell(f"{done} of {of}", 0.1 + 0.9 * done / of)

        waiting = mark(room, sitting, bench, told)
        if waiting:
            are = "answer waits" if waiting == 1 else "answers wait"
            notices.insert(0, f"{waiting} {are} for judgement; open the report again to try once more.")
        line = sitting.record.track.pass_line
        part = line.value / 100 if line is not None and line.scale == "percent" else None
        return Reported(self._reported(room, sitting, sitting.state()), part, " ".join(notices))

    def _reported(self, room: ExamRoom, sitting: Sitting, state: State) -> ExamReport:
        from eks_lab.learning.exams import records

        with room.database.read() as connection:
            marks = records.read_marks(connection, sitting.sitting_id)
        return report_of(sitting.record, state, marks)

    def tasks(self, sitting_id: int) -> tuple[JudgedTask, ...]:
        """Return the tasks of a sitting that is over, with their judgements.

        Raises:
            InputError: there is none of this number, or it runs still: this would tell the answers.
        """
        from eks_lab.learning.exams import records

        room = self._room()
        sitting = room.sitting(sitting_id)
        state = sitting.state()
        if not state.is_over:
            raise InputError("the exam runs still", hint="Hand in first.")
        with room.database.read() as connection:
            marks = records.read_marks(connection, sitting_id)
        judged = []
        for asked in sitting.record.tasks:
            task, given = self._task(sitting, asked), state.given.get(asked.number)
            mark = marks.get(asked.number)
            if mark is None:
                result = Result(0.0, False, f"{WRONG} Not judged yet")
            elif task.kind == "recall" and given is not None and task.variant is not None:
                # With its key points, which a mark does not keep.
                result = judge(task.variant, given)
            else:
                result = Result(mark.score, mark.score >= 1, mark.headline, mark.detail)
            judged.append(JudgedTask(task, given, result))
        return tuple(judged)

    def export(self, reported: Reported, form: ReportForm) -> str:
        """Return a report as a document."""
        return report_json(reported.report) if form == "json" else report_markdown(reported.report)

    # What it needs

    def _room(self) -> ExamRoom:
        return ExamRoom(self._questions.record().database, self._clock(), self._steady)

    def _clock(self) -> Clock:
        """Return the clock that the learner's record is kept by."""
        return self._questions.record().interviews.clock

    def _tracks(self) -> dict[str, Track]:
        from eks_lab.content.tracks import open_tracks

        return open_tracks(self._questions.course().root)

    def _hands(self) -> ExamLabs:
        with self._lock:
            if self._labs is None:
                from eks_lab.tui.local_exam_labs import local_exam_labs

                self._labs = local_exam_labs(lambda: self._questions.record().labs)
            return self._labs
