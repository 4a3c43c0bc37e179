"""A lab that runs: start, check, hint, answer, solve, reset, stop; kept in the learner's record.

Screens and the command line see `View`s only. Everything that touches the sandbox may block for some tenths of a
second: call it from a worker, one call at a time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from eks_lab.clock import Clock
from eks_lab.errors import ContentError, DataError, EksLabError, InputError, UnavailableError
from eks_lab.grading.actions import lines_of, play
from eks_lab.grading.award import Judged, is_solved, judge, points
from eks_lab.grading.checks import look
from eks_lab.grading.lab_file import Lab, load_lab
from eks_lab.grading.model import FULL_AWARD
from eks_lab.grading.pack import open_pack
from eks_lab.grading.stage import RunsCourse, Stage
from eks_lab.grading.target import Done, Target
from eks_lab.grading.workspace import Workspace
from eks_lab.learning.labs import LabRecords, RunningLab

START = "lab-start"
"""Name under which the start of the running lab is kept."""
BEFORE = "before-lab"
"""Name under which the learner's own world is kept while a lab runs."""


class KeepsTarget(Target, Protocol):
    """A target whose kept states and recording can be ended."""

    def forget(self, name: str) -> None:
        """Keep a state no more."""
        ...

    def end_record(self) -> None:
        """Record no more."""
        ...


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check as a screen shows it."""

    id: str
    title: str
    weight: int
    holds: bool
    says: str
    """What is still wrong, with what was seen; empty when it holds."""
    question: str = ""
    """What it asks the learner; empty for checks that look at the world."""
    options: tuple[str, ...] = ()
    """What there is to choose from, or to bring into order."""
    answer: str = ""
    """What the learner has answered."""


@dataclass(frozen=True, slots=True)
class View:
    """The running lab as a screen shows it."""

    lab_id: str
    title: str
    seed: int
    story: str
    """Markdown."""
    steps: tuple[str, ...]
    checks: tuple[CheckView, ...]
    is_solved: bool
    points: int
    """Won by now: weights of green checks less the hints; of a settled try, what it brought."""
    most_points: int
    """What can still be won."""
    hints: tuple[str, ...]
    """Those that were taken."""
    hints_left: int
    seconds: int
    """Wall time since the start."""
    simulated: datetime
    """The simulated moment."""
    folder: Path
    """The learner's files."""
    outcome: str
    """`solved`, `shown`, or empty while the try is open."""
    notice: str = ""
    """What the learner should know: the lab's files have changed since the start, for example."""


@dataclass(frozen=True, slots=True)
class HintView:
    """A hint that was taken."""

    text: str
    cost: int
    left: int
    """How many there are still."""


@dataclass(frozen=True, slots=True)
class SolvedStep:
    """One step of the solution while it is shown."""

    line: str
    """As a learner types it; empty for a step in which only time passes."""
    done: Done
    """What it printed."""


class Session:
    """The one lab that runs. Get one from `start_lab` or `running_lab`."""

    def __init__(self, lab: Lab, target: KeepsTarget, records: LabRecords, place: Place) -> None:
        """Join what runs.

        Args:
            lab: as it was started.
            target: where.
            records: of the learner.
            place: for the learner's files, and the time.
        """
        self.lab = lab
        self.target = target
        self._records = records
        self._place = place

    def _running(self) -> RunningLab:
        running = self._records.running()
        if running is None:
            raise _nothing_runs()
        return running

    def _stage(self, running: RunningLab) -> Stage:
        workspace = Workspace(self._place.folder_of(self.lab.id))
        today = self._place.clock.now().date()
        return Stage(
            self.lab, self.target, workspace, dict(running.answers), course=self._place.course, today=today
        )

    def check(self) -> View:
        """Look at everything; when all holds for the first time, the try is settled as solved.

        Raises:
            UnavailableError: the sandbox does not answer.
        """
        running = self._running()
        judged = judge(self._stage(running))
        if is_solved(judged) and running.attempt.outcome is None:
            self._records.finish("solved", points(judged, self._costs(running)))
            running = self._running()
        return self._view(running, judged)

    def answer(self, check: str, value: str) -> View:
        """Answer a check's question.

        Args:
            check: its id.
            value: what the learner typed.

        Raises:
            InputError: no check of this id asks anything.
        """
        self._running()
        asking = {each.id for each in self.lab.file.checks if each.answer or each.calc}
        if check not in asking:
            there = ", ".join(sorted(asking)) or "none"
            raise InputError(f"the check {check!r} asks no question", hint=f"Checks that ask: {there}.")
        self._records.answer(check, value)
        return self.check()

    def hint(self) -> HintView:
        """Take the next hint that fits the situation; its cost comes off the points.

        Raises:
            InputError: there is none left, or none that fits.
        """
        running = self._running()
        stage = self._stage(running)
        left = [
            (number, hint) for number, hint in enumerate(self.lab.file.hints) if number not in running.hints
        ]
        if not left:
            raise InputError("there is no hint left", hint="See the solution: eks-lab lab solve")
        for number, hint in left:
            if hint.when is None or look(hint.when, stage).holds:
                self._records.take_hint(number)
                cost = hint.cost if running.attempt.outcome is None else 0
                return HintView(hint.text, cost, len(left) - 1)
        raise InputError(
            "no hint fits the present situation",
            hint="Look at what has changed, or go back: eks-lab lab reset",
        )

    def solve(self, number: int = 0) -> Iterator[SolvedStep]:
        """Go back to the start and play a solution; the try is settled with no points unless it was solved.

        Args:
            number: of the solution, from 0.

        Yields:
            Each step when it has been done.

        Raises:
            InputError: there is no such solution.
            StepError: a step failed.
        """
        solutions = self.lab.file.solutions
        if not 0 <= number < len(solutions):
            raise InputError(f"there is no solution {number + 1}", hint=f"There are {len(solutions)}.")
        self._records.finish("shown", 0)
        self.reset()
        stage = self._stage(self._running())
        for action in solutions[number].steps:
            done = play(action, stage, is_learner=True)
            for check, given in stage.answers.items():
                self._records.answer(check, given)
            lines = lines_of(action)
            yield SolvedStep("\n".join(lines), done)

    def reset(self) -> View:
        """Go back to the start: world, files and answers; hints stay taken and time goes on.

        Raises:
            DataError: the start is not kept any more.
        """
        running = self._running()
        if "snapshots" in self.target.capabilities:
            self.target.restore(START)
        else:
            self._replay()
        self._place.restore_files(self.lab.id)
        self._records.restart(running.digest)
        return self.check()

    def _replay(self) -> None:
        """Bring the start about again, where no state can be kept.

        Raises:
            UnavailableError: the cluster cannot begin anew.
        """
        if not {"reset", "writable"} <= self.target.capabilities:
            raise UnavailableError(
                "this cluster cannot go back to the start of the lab: it is not the sandbox's own",
                hint="Take back by hand what you did, or end the lab: eks-lab lab stop",
            )
        workspace = Workspace(self._place.folder_of(self.lab.id))
        bring_about(self.lab, self.target, Stage(self.lab, self.target, workspace, course=self._place.course))

    def stop(self) -> None:
        """End the lab: a try that is open is settled as stopped, and the learner's own world comes back."""
        running = self._running()
        if running.attempt.outcome is None:
            self._records.finish("stopped", 0)
        self.target.end_record()
        if "snapshots" in self.target.capabilities:
            self.target.restore(BEFORE)
        self.target.forget(START)
        self.target.forget(BEFORE)
        self._records.end()

    def note_command(self, line: str) -> None:
        """Remember what the learner typed."""
        self._records.note_command(line)

    def commands(self) -> list[str]:
        """Return what the learner typed in this try."""
        return self._records.commands(self._running().attempt.attempt_id)

    @property
    def debrief(self) -> str:
        """Return the debrief, Markdown."""
        return self.lab.debrief

    def typed_solution(self, number: int = 0) -> list[str]:
        """Return the lines of a solution, as a learner types them."""
        return [line for action in self.lab.file.solutions[number].steps for line in lines_of(action)]

    def _costs(self, running: RunningLab) -> list[int]:
        hints = self.lab.file.hints
        return [hints[number].cost for number in running.hints if number < len(hints)]

    def _view(self, running: RunningLab, judged: tuple[Judged, ...]) -> View:
        attempt, file = running.attempt, self.lab.file
        costs = self._costs(running)
        is_open = attempt.outcome is None
        now = self._place.clock.now()
        seconds = attempt.seconds if attempt.ended_at else int((now - attempt.started_at).total_seconds())
        return View(
            file.id,
            file.title,
            self.lab.seed,
            self.lab.story,
            tuple(file.steps),
            tuple(_check_view(each, running) for each in judged),
            is_solved(judged),
            points(judged, costs) if attempt.points is None else attempt.points,
            max(0, FULL_AWARD - sum(costs)) if is_open else attempt.points or 0,
            tuple(file.hints[number].text for number in running.hints if number < len(file.hints)),
            len(file.hints) - len(running.hints),
            max(0, seconds),
            self.target.now(),
            self._place.folder_of(file.id),
            attempt.outcome or "",
            self._notice(running),
        )

    def _notice(self, running: RunningLab) -> str:
        try:
            if open_pack(running.folder).digest == running.digest:
                return ""
        except EksLabError:
            return "The files of this lab are gone or broken; it goes on as it was started."
        return (
            "The files of this lab have changed since it was started: stop and start it to see the new ones."
        )


@dataclass(frozen=True)
class Place:
    """Where a learner's labs live."""

    root: Path
    """Folder of the learner's lab files; one folder a lab."""
    clock: Clock
    """Wall time."""
    course: RunsCourse | None = None
    """Runs eks-lab's own commands when a solution is shown."""

    def folder_of(self, lab_id: str) -> Path:
        """Return the folder of the learner's files of a lab."""
        return self.root / lab_id / "files"

    def pack_of(self, lab_id: str) -> Path:
        """Return the copy of the lab that was started: it goes on although its files are edited."""
        return self.root / lab_id / "started" / lab_id

    def keep_files(self, lab_id: str) -> None:
        """Keep the learner's files as they are at the start."""
        kept = self.root / lab_id / "start"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.folder_of(lab_id), kept)

    def restore_files(self, lab_id: str) -> None:
        """Bring the learner's files back as they were at the start."""
        kept = self.root / lab_id / "start"
        workspace = Workspace(self.folder_of(lab_id))
        workspace.clear()
        if kept.is_dir():
            shutil.copytree(kept, workspace.root, dirs_exist_ok=True)


def start_lab(
    folder: Path, seed: int, target: KeepsTarget, records: LabRecords, place: Place
) -> tuple[Session, View]:
    """Start a lab; the learner's own world is kept and comes back when the lab is stopped.

    Args:
        folder: of the lab.
        seed: of its variables.
        target: where.
        records: of the learner.
        place: for the learner's files.

    Returns:
        The session and its first view.

    Raises:
        InputError: another lab runs.
        ContentError: the lab's files are not usable.
        UnavailableError: something that it requires is not there.
        StepError: its start cannot be played; the world is as before.
    """
    lab = load_lab(folder, seed)
    running = records.running()
    if running is not None:
        raise InputError(
            f"the lab {running.attempt.lab_id} runs already",
            hint="Go on with it: eks-lab lab status. Or end it first: eks-lab lab stop",
        )
    missing = [each for each in lab.file.requires if each not in target.capabilities]
    if missing:
        raise UnavailableError(
            f"the lab {lab.id} requires {', '.join(missing)}, which is not there",
            hint="See what this machine lacks: eks-lab doctor",
        )
    _copy(folder, place.pack_of(lab.id))
    workspace = Workspace(place.folder_of(lab.id))
    workspace.clear()
    target.snapshot(BEFORE)
    stage = Stage(lab, target, workspace, course=place.course)
    try:
        bring_about(lab, target, stage)
        place.keep_files(lab.id)
        target.begin_record()
        target.snapshot(START)
        records.start(lab.id, seed, folder.resolve(), lab.pack.digest)
    except EksLabError:
        if "snapshots" in target.capabilities:
            target.restore(BEFORE)
        raise
    session = Session(lab, target, records, place)
    return session, session.check()


def bring_about(lab: Lab, target: Target, stage: Stage) -> None:
    """Bring the start of a lab about; where nothing may be changed, its files only.

    Args:
        lab: whose start it is.
        target: where.
        stage: of this run.

    Raises:
        StepError: a step fails.
        EksLabError: the world cannot be had.
    """
    is_writable = "writable" in target.capabilities
    if is_writable and "reset" in target.capabilities:
        # A cluster of the learner's own stays as it is, and the start is made on top of it.
        target.begin(lab.file.start.world, lab.seed)
    for action in lab.file.start.steps:
        if is_writable or action.file is not None:
            play(action, stage, is_learner=False)


def running_lab(target: KeepsTarget, records: LabRecords, place: Place) -> Session:
    """Return the lab that runs.

    Args:
        target: where.
        records: of the learner.
        place: of the learner's files.

    Raises:
        InputError: none runs.
        DataError: what it was started from is lost.
    """
    running = records.running()
    if running is None:
        raise _nothing_runs()
    try:
        lab = load_lab(place.pack_of(running.attempt.lab_id), running.attempt.seed)
    except ContentError as error:
        raise DataError(
            f"the lab {running.attempt.lab_id} runs, but its copy cannot be read: {error.message}",
            hint="End it: eks-lab lab stop --force",
        ) from error
    return Session(lab, target, records, place)


def _copy(folder: Path, to: Path) -> None:
    pack = open_pack(folder)
    shutil.rmtree(to, ignore_errors=True)
    for name in pack.names:
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.write_bytes((folder / name).read_bytes())


def _check_view(judged: Judged, running: RunningLab) -> CheckView:
    check = judged.check
    question = check.answer.question if check.answer else check.calc.question if check.calc else ""
    return CheckView(
        check.id,
        check.title,
        check.weight,
        judged.holds,
        judged.says,
        question,
        tuple(check.answer.options) if check.answer else (),
        running.answers.get(check.id, ""),
    )


def _nothing_runs() -> InputError:
    return InputError("no lab runs", hint="See which there are: eks-lab lab list. Then: eks-lab lab start ID")
