"""One lab under proof: its start, kept, and runs from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from eks_lab.content.actions import Action
from eks_lab.content.duration import parse_duration
from eks_lab.grading.actions import play
from eks_lab.grading.award import Judged, is_solved, judge, points
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.prover.mutants import MOST_MUTANTS
from eks_lab.grading.query_kinds import kind_of
from eks_lab.grading.stage import RunsCourse, Stage, StepError
from eks_lab.grading.target import Target
from eks_lab.grading.workspace import Workspace

KEPT = "proof"
LEARNER_PACE = timedelta(seconds=2)
"""Simulated time between two commands of a learner."""
_PLAYS_TIME = frozenset({"advance", "wait"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    judged: tuple[Judged, ...]
    points: int
    took: timedelta
    """Simulated time."""
    failed: str = ""
    """The first step that failed, with what it said."""

    @property
    def is_solved(self) -> bool:
        """Return whether every check holds."""
        return is_solved(self.judged)

    @property
    def failing(self) -> dict[str, Judged]:
        """Return the checks that do not hold, by id."""
        return {each.check.id: each for each in self.judged if not each.holds}


class Proof:
    """What the rules work with. Make it, `set_up`, then hand it to each rule."""

    def __init__(
        self,
        lab: Lab,
        target: Target,
        folder: Path,
        course: RunsCourse | None = None,
        mutants: int = MOST_MUTANTS,
    ) -> None:
        """Take a lab.

        Args:
            lab: with its seed.
            target: whose world will be replaced.
            folder: for the learner's files; it is emptied.
            course: runs eks-lab's own commands.
            mutants: how many spoiled forms of each solution are tried.
        """
        self.lab = lab
        self.target = target
        self.workspace = Workspace(folder)
        self._course = course
        self.mutants = mutants
        self.stage = self._new_stage()
        self._files: dict[str, str] = {}
        self.began: datetime | None = None
        self.start_hash = ""
        self.first_runs: dict[int, Outcome] = {}
        """Number of a solution -> its first run, for rules that compare."""
        self.lost_ways: list[tuple[str, int]] = []
        """Places and numbers of solutions from which going back did not lead to the start."""

    def _new_stage(self) -> Stage:
        return Stage(self.lab, self.target, self.workspace, course=self._course)

    def set_up(self) -> None:
        """Bring the start about and keep it.

        Raises:
            EksLabError: the world cannot be had, or a step fails.
        """
        self.workspace.clear()
        self.target.begin(self.lab.file.start.world, self.lab.seed)
        for number, action in enumerate(self.lab.file.start.steps):
            try:
                play(action, self.stage, is_learner=False)
            except StepError as error:
                raise StepError(f"start.steps.{number}: {error.message}", hint=error.hint) from error
        self._files = {name: self.workspace.read(name) for name in self.workspace.names()}
        self.target.begin_record()
        self.target.snapshot(KEPT)
        # Kept and restored once, so that every later restoring starts from the same form.
        self.back()
        self.began = self.target.now()
        self.start_hash = self.state_hash()

    def back(self) -> None:
        """Go back to the start: world, files, answers."""
        self.target.restore(KEPT)
        self.workspace.clear()
        for name, text in self._files.items():
            self.workspace.write(name, text)
        self.stage = self._new_stage()

    def state_hash(self) -> str:
        """Return a fingerprint of world and files."""
        return f"{self.target.state_hash()}/{self.workspace.fingerprint()}"

    def judge(self) -> tuple[Judged, ...]:
        """Return every check as it stands now."""
        return judge(self.stage)

    def run(
        self, steps: Sequence[Action], *, is_forgiving: bool = False, waits_for: str = "solved"
    ) -> Outcome:
        """Play a learner's steps and let simulated time pass until they have taken effect.

        Args:
            steps: in order.
            is_forgiving: True to go on after a step that fails, as for mutants.
            waits_for: `solved`: until all checks hold, at most the lab's patience; `end`: all of it; `nothing`.

        Raises:
            StepError: a step fails, and that is not forgiven.
        """
        began, failed = self.target.now(), ""
        for action in steps:
            try:
                play(action, self.stage, is_learner=True)
            except StepError as error:
                if not is_forgiving:
                    raise
                failed = failed or error.message
            if kind_of(action) not in _PLAYS_TIME:
                self.target.advance(LEARNER_PACE)
        patience = parse_duration(self.lab.file.patience)
        if waits_for == "solved":
            self.stage.wait(lambda: is_solved(self.judge()), patience)
        elif waits_for == "end":
            self.target.advance(patience)
        judged = self.judge()
        return Outcome(judged, points(judged), self.target.now() - began, failed)
