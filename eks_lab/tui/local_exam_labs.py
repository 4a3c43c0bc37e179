"""Hands-on tasks of a sitting in the learner's own sandbox; see `eks_lab.tui.exam_access.ExamLabs`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.grading.daemon import DaemonTarget
    from eks_lab.grading.hands_on import HandsOn, TaskView
    from eks_lab.grading.session import Place
    from eks_lab.learning.exams.sitting import Sitting
    from eks_lab.learning.labs import LabRecords
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.sandbox_access import Tell


class LocalExamLabs:
    """Keeps its connection while sitting and sandbox are the same."""

    def __init__(self, directory: StateDirectory, place: Place, records: Callable[[], LabRecords]) -> None:
        """Serve the labs of sittings.

        Args:
            directory: of the sandbox they are done in.
            place: for the learner's files.
            records: returns the learner's record of labs.
        """
        self._directory = directory
        self._place = place
        self._records = records
        self._lock = threading.RLock()
        self._joined: tuple[int, str] | None = None
        self._target: DaemonTarget | None = None
        self._hands: HandsOn | None = None

    def open(self, sitting: Sitting, number: int, tell: Tell) -> TaskView:
        """Bring a task into the sandbox as it was left; the sandbox is started when it does not run."""
        with self._lock:
            tell("the sandbox starts", 0.1)
            hands = self._joined_hands(sitting)
            tell("the task comes into it", 0.5)
            return hands.open(number)

    def answer(self, sitting: Sitting, check: str, value: str) -> TaskView:
        """Answer the question of a check of the task in the sandbox."""
        with self._lock:
            return self._joined_hands(sitting).answer(check, value)

    def keep(self, sitting: Sitting) -> None:
        """Look at the task in the sandbox and keep how it stands; nothing when none is there."""
        with self._lock:
            if self._is_there(sitting):
                self._joined_hands(sitting).look()

    def finish(self, sitting: Sitting) -> None:
        """Take the labs of a sitting out of the sandbox; the learner's own world comes back."""
        with self._lock:
            if self._is_there(sitting):
                self._joined_hands(sitting).finish()
            self.close()

    def shell(self, view: TaskView) -> list[str]:
        """Return the command of a shell in the task's folder, pointed at the sandbox."""
        shell = [sys.executable, "-m", "eks_lab", "sandbox", "shell"]
        if not view.folder.is_dir():
            return shell
        return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(view.folder), *shell]

    def close(self) -> None:
        """Hang up; what is in the sandbox stays there."""
        with self._lock:
            if self._target is not None:
                self._target.close()
            self._target = self._hands = self._joined = None

    def _is_there(self, sitting: Sitting) -> bool:
        from eks_lab.grading.hands_on import current_task

        return current_task(sitting, self._records(), self._place.root) is not None

    def _joined_hands(self, sitting: Sitting) -> HandsOn:
        from eks_lab.grading.daemon import DaemonTarget, found
        from eks_lab.grading.hands_on import HandsOn
        from eks_lab.sandbox import client, launch

        launch.start(self._directory, {})
        at = client.required(self._directory)
        joined = (sitting.sitting_id, at.instance)
        if self._hands is None or self._joined != joined:
            self.close()
            self._target = DaemonTarget(self._directory, at, found("kubectl"))
            self._hands = HandsOn(sitting, self._target, self._records(), self._place)
            self._joined = joined
        return self._hands


def local_exam_labs(records: Callable[[], LabRecords]) -> LocalExamLabs:
    """Return hands-on tasks in the sandbox of this machine.

    Args:
        records: returns the learner's record of labs; raises an `EksLabError` while there is none.
    """
    from eks_lab import locations
    from eks_lab.clock import SystemClock
    from eks_lab.grading.session import Place
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.local_labs import run_course

    place = Place(locations.data_dir() / "labs", SystemClock(), run_course)
    return LocalExamLabs(StateDirectory.default(), place, records)
