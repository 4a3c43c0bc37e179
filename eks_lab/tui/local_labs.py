"""The labs that ship with the program, run in the learner's own sandbox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.tui.lab_view import LabRow, LabState

if TYPE_CHECKING:
    from eks_lab.tui.sandbox_access import Tell


class LocalLabs:
    """See `eks_lab.tui.lab_access.LabAccess`."""

    def __init__(self, root: Path) -> None:
        """Serve the labs of a folder.

        Args:
            root: holds one folder a lab.
        """
        self._root = root

    def rows(self) -> tuple[LabRow, ...]:
        """Return every lab with the learner's standing, in the order of the course.

        Raises:
            ContentError: the folder cannot be read.
        """
        from eks_lab.grading.lab_file import read_lab
        from eks_lab.grading.pack import pack_folders

        running = self.running()
        found = []
        for folder in pack_folders(self._root):
            try:
                lab, findings = read_lab(folder)
            except EksLabError as error:
                found.append(LabRow(folder.name, folder.name, 0, 0, 0, problem=error.message))
                continue
            if lab is None:
                found.append(LabRow(folder.name, folder.name, 0, 0, 0, problem=str(findings[0])))
                continue
            file = lab.file
            found.append(
                LabRow(
                    file.id,
                    file.title,
                    file.chapter,
                    file.minutes,
                    file.difficulty,
                    is_running=file.id == running,
                )
            )
        return tuple(sorted(found, key=lambda row: (bool(row.problem), row.chapter, row.difficulty, row.id)))

    def running(self) -> str:
        """Return the id of the lab that runs; empty when none does."""
        return ""

    def start(self, lab_id: str, tell: Tell) -> None:
        """Begin a lab."""
        raise _no_session()

    def look(self) -> LabState | None:
        """Judge the lab that runs."""
        return None

    def hint(self) -> str:
        """Take the next hint."""
        raise _no_session()

    def answer(self, check_id: str, text: str) -> None:
        """Answer the question of a check."""
        raise _no_session()

    def solve(self, tell: Tell) -> str:
        """Have the solution typed."""
        raise _no_session()

    def reset(self, tell: Tell) -> None:
        """Go back to the lab's start."""
        raise _no_session()

    def stop(self) -> None:
        """End the lab."""
        raise _no_session()

    def shell(self) -> list[str]:
        """Return the command of a shell pointed at the sandbox."""
        return [sys.executable, "-m", "eks_lab", "sandbox", "shell"]


def _no_session() -> UnavailableError:
    return UnavailableError("no lab runs", hint="Begin one from the list of labs: L")


def local_labs() -> LocalLabs:
    """Return the labs that ship with the program; nothing is read."""
    from eks_lab.grading.catalogue import labs_root

    return LocalLabs(labs_root())
