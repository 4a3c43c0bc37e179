"""The labs that ship with the program, run in the learner's own sandbox and kept in the learner's record."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eks_lab.errors import DataError, EksLabError, InputError
from eks_lab.sandbox.subshell import TYPED
from eks_lab.tui.lab_view import CheckRow, HintRow, LabRow, LabState

if TYPE_CHECKING:
    from eks_lab.grading.daemon import DaemonTarget
    from eks_lab.grading.session import CheckView, Place, Session
    from eks_lab.grading.target import Done
    from eks_lab.learning.labs import LabAttempt, LabRecords
    from eks_lab.sandbox.client import Client
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.sandbox_access import Tell

SEED = 7
"""Of names and numbers in a lab's first try; each further try has the next one."""
LAB_FILE = "lab.yaml"
_UNREADABLE = 99
"""Chapter of labs that cannot be read: they stand last."""


class LocalLabs:
    """See `eks_lab.tui.lab_access.LabAccess`; a session wants one call at a time, which a lock sees to."""

    def __init__(
        self, root: Path, directory: StateDirectory, place: Place, records: Callable[[], LabRecords]
    ) -> None:
        """Serve the labs of a folder.

        Args:
            root: holds one folder a lab.
            directory: of the sandbox they run in.
            place: for the learner's files.
            records: returns the learner's record; raises an `EksLabError` while there is none.
        """
        self._root = root
        self._directory = directory
        self._place = place
        self._records = records
        self._lock = threading.RLock()
        self._joined: tuple[int, str] = (0, "")
        self._session: Session | None = None
        self._place_of_labs: tuple[str, DaemonTarget] | None = None
        self._rows: dict[Path, tuple[int, LabRow]] = {}

    # The list

    def rows(self) -> tuple[LabRow, ...]:
        """Return every lab with the learner's standing, in the order of the course.

        Raises:
            ContentError: the folder cannot be read.
            DataError: the learner's record cannot be read.
        """
        from eks_lab.grading.pack import pack_folders

        attempts: dict[str, list[LabAttempt]] = {}
        for attempt in self._records().attempts():
            attempts.setdefault(attempt.lab_id, []).append(attempt)
        running = self.running()
        found = [
            _standing(self._read(folder), attempts.get(folder.resolve().name, []), running)
            for folder in pack_folders(self._root)
        ]
        return tuple(sorted(found, key=lambda row: (row.chapter, row.difficulty, row.id)))

    def about(self, lab_id: str) -> LabRow:
        """Return one lab with the learner's standing.

        Args:
            lab_id: its id.

        Raises:
            InputError: there is no such lab.
        """
        from eks_lab.grading.catalogue import lab_folder

        folder = lab_folder(self._root, lab_id)
        return _standing(self._read(folder), self._records().attempts(lab_id), self.running())

    def _read(self, folder: Path) -> LabRow:
        """Return a lab without the learner's standing; read again only when its file has changed."""
        try:
            changed = (folder / LAB_FILE).stat().st_mtime_ns
        except OSError:
            # Reading it says what is wrong.
            changed = -1
        known = self._rows.get(folder)
        if known is None or known[0] != changed:
            known = self._rows[folder] = (changed, _row(folder))
        return known[1]

    def running(self) -> str:
        """Return the id of the lab that runs; empty when none does.

        Raises:
            DataError: the learner's record cannot be read.
        """
        running = self._records().running()
        return running.attempt.lab_id if running is not None else ""

    # The lab that runs

    def start(self, lab_id: str, tell: Tell) -> None:
        """Begin a lab; one that ran is ended before.

        Args:
            lab_id: its id.
            tell: hears of the steps.

        Raises:
            EksLabError: it cannot be had; the message says why.
        """
        from eks_lab.grading.catalogue import lab_folder
        from eks_lab.grading.session import start_lab
        from eks_lab.sandbox import launch
        from eks_lab.sandbox.backends.switching import require_embedded

        with self._lock:
            require_embedded(self._directory, "a lab in the app")
            records = self._records()
            folder = lab_folder(self._root, lab_id)
            tell("the sandbox starts", 0.1)
            launch.start(self._directory, {})
            if records.running() is not None:
                tell("the lab before is ended", 0.3)
                self._require().stop()
            tell("the situation comes about", 0.5)
            seed = SEED + len(records.attempts(lab_id))
            start_lab(folder, seed, self._target(self._client()), records, self._place)

    def look(self) -> LabState | None:
        """Judge the lab that runs.

        Raises:
            EksLabError: the sandbox does not answer, or the lab is lost.
        """
        with self._lock:
            session = self._current()
            if session is None:
                return None
            self._note_typed(session)
            view = session.check()
            running = self._records().running()
            taken = set(running.hints) if running is not None else set()
            hints = session.lab.file.hints
            is_over = bool(view.outcome)
            rows = self.rows() if is_over else ()
            after = _after(rows, view.lab_id)
            cost = session.lab.file.cost
            speed = self._client().status()["speed"]
            return LabState(
                id=view.lab_id,
                title=view.title,
                minutes=session.lab.file.minutes,
                difficulty=session.lab.file.difficulty,
                story=view.story,
                steps=view.steps,
                checks=tuple(_check(each, session) for each in view.checks),
                points=view.points,
                elapsed_seconds=view.seconds,
                hints=tuple(
                    HintRow(hints[number].text, hints[number].cost)
                    for number in (running.hints if running is not None else ())
                    if number < len(hints)
                ),
                next_hint=max(
                    (hint.cost for number, hint in enumerate(hints) if number not in taken), default=None
                ),
                is_solved=view.is_solved,
                debrief=_debrief(session) if is_over else "",
                did=tuple(session.commands()) if is_over else (),
                cost=f"About ${cost.per_hour_usd:.2f} an hour ({cost.source})." if cost is not None else "",
                next_id=after.id if after is not None else "",
                next_title=after.title if after is not None else "",
                folder=str(view.folder),
                clock=_clock(f"{view.simulated:%Y-%m-%d %H:%M:%S} UTC", speed),
                notice=view.notice,
            )

    def hint(self) -> str:
        """Take the next hint and return it.

        Raises:
            EksLabError: there is none that fits, or no lab runs.
        """
        with self._lock:
            found = self._require().hint()
            return f"{found.text} (−{found.cost} points, {found.left} left)"

    def answer(self, check_id: str, text: str) -> None:
        """Answer the question of a check.

        Args:
            check_id: the check.
            text: what was typed.

        Raises:
            EksLabError: it asks nothing, or no lab runs.
        """
        with self._lock:
            self._require().answer(check_id, text)

    def solve(self, tell: Tell) -> str:
        """Go back to the start and have the solution typed; return its lines.

        Args:
            tell: hears of every step.

        Raises:
            EksLabError: a step failed, or no lab runs.
        """
        with self._lock:
            session = self._require()
            steps = len(session.lab.file.solutions[0].steps)
            typed = []
            tell("back to the start", 0.0)
            for number, step in enumerate(session.solve(), 1):
                if step.line:
                    typed.append(step.line)
                    tell(f"$ {step.line.splitlines()[0]}", number / steps)
            return "\n".join(f"$ {line}" for line in typed)

    def reset(self, tell: Tell) -> None:
        """Go back to the lab's start.

        Args:
            tell: hears of the steps.

        Raises:
            EksLabError: the start is not kept any more, or no lab runs.
        """
        with self._lock:
            tell("the start comes back", 0.5)
            self._require().reset()

    def stop(self) -> None:
        """End the lab; the learner's own world comes back.

        Raises:
            EksLabError: the sandbox does not answer, or no lab runs.
        """
        with self._lock:
            self._require().stop()
            self._session = None
            self.close()

    def shell(self) -> list[str]:
        """Return the command of a shell in the lab's folder, pointed at the sandbox."""
        lab_id = self.running()
        folder = self._place.folder_of(lab_id)
        shell = [sys.executable, "-m", "eks_lab", "sandbox", "shell"]
        if not lab_id or not folder.is_dir():
            return shell
        shell = ["env", f"{TYPED}={self._typed(lab_id)}", *shell]
        return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(folder), *shell]

    # What the learner types

    def _typed(self, lab_id: str) -> Path:
        """Return the file to which the lab's shell appends what is typed."""
        return self._place.folder_of(lab_id).with_name("typed")

    def _note_typed(self, session: Session) -> None:
        """Move what was typed since the last look into the learner's record."""
        typed = self._typed(session.lab.id)
        taken = typed.with_suffix(".taken")
        try:
            # The shell opens the file anew for each line: what it writes from now on goes into another one.
            os.replace(typed, taken)
            lines = taken.read_text(encoding="utf-8", errors="replace").splitlines()
            taken.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise DataError(
                f"{typed}: {error.strerror or error}", hint="Make the folder readable and writable."
            ) from error
        for each in lines:
            session.note_command(each)

    # Joining

    def _client(self) -> Client:
        from eks_lab.sandbox import client

        return client.required(self._directory)

    def _target(self, client: Client) -> DaemonTarget:
        """Return the sandbox as a place for labs; kept, with its connection, while the process is the same."""
        from eks_lab.grading.daemon import DaemonTarget, found

        if self._place_of_labs is None or self._place_of_labs[0] != client.instance:
            self.close()
            self._place_of_labs = (client.instance, DaemonTarget(self._directory, client, found("kubectl")))
        return self._place_of_labs[1]

    def close(self) -> None:
        """Hang up; the lab goes on in the sandbox."""
        with self._lock:
            if self._place_of_labs is not None:
                self._place_of_labs[1].kubernetes.close()
            self._place_of_labs = self._session = None

    def _require(self) -> Session:
        session = self._current()
        if session is None:
            raise InputError("no lab runs", hint="Begin one from the list of labs: L")
        return session

    def _current(self) -> Session | None:
        """Return the session of the lab that runs; kept while it and the sandbox are the same."""
        from eks_lab.grading.session import running_lab

        records = self._records()
        running = records.running()
        if running is None:
            self._session = None
            return None
        client = self._client()
        joined = (running.attempt.attempt_id, client.instance)
        if self._session is None or joined != self._joined:
            self._session = running_lab(self._target(client), records, self._place)
            self._joined = joined
        return self._session


def _row(folder: Path) -> LabRow:
    from eks_lab.grading.lab_file import read_lab

    name = folder.resolve().name
    try:
        lab, findings = read_lab(folder)
    except EksLabError as error:
        return LabRow(name, name, _UNREADABLE, 0, 0, problem=error.message)
    if lab is None:
        return LabRow(name, name, _UNREADABLE, 0, 0, problem=str(findings[0]))
    file = lab.file
    return LabRow(file.id, file.title, file.chapter, file.minutes, file.difficulty)


def _standing(row: LabRow, attempts: list[LabAttempt], running: str) -> LabRow:
    """Return a lab with what the learner reached in it."""
    ended = [each.points for each in attempts if each.points is not None]
    return replace(
        row,
        points=max(ended, default=None),
        is_done=any(each.outcome == "solved" for each in attempts),
        is_running=row.id == running,
    )


def _after(rows: tuple[LabRow, ...], lab_id: str) -> LabRow | None:
    """Return the next lab after one that is not solved yet; from the end it goes on at the beginning."""
    ids = [row.id for row in rows]
    at = ids.index(lab_id) if lab_id in ids else -1
    for row in (*rows[at + 1 :], *rows[: max(at, 0)]):
        if not row.is_done and not row.problem:
            return row
    return None


def _check(view: CheckView, session: Session) -> CheckRow:
    query = next((each.answer for each in session.lab.file.checks if each.id == view.id), None)
    return CheckRow(
        view.id,
        view.title,
        view.weight,
        view.holds,
        view.says,
        view.question,
        view.options,
        query is not None and query.order is not None,
        view.answer,
    )


def _debrief(session: Session) -> str:
    typed = "\n".join(f"    {line}" for line in "\n".join(session.typed_solution()).splitlines())
    return f"{session.debrief}\n\n### What we would do\n\n{typed}\n"


def _clock(moment: str, speed: str) -> str:
    return f"stands still at {moment}" if speed == "pause" else f"{moment}, at {speed}"


def run_course(words: list[str], folder: str) -> Done:
    """Run a command of eks-lab as a process; see `eks_lab.grading.stage.RunsCourse`.

    Args:
        words: after `eks-lab`.
        folder: where.
    """
    from eks_lab.grading.target import Done

    command = [sys.executable, "-m", "eks_lab", *words]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return Done(done.returncode, done.stdout, done.stderr)


def local_labs(records: Callable[[], LabRecords]) -> LocalLabs:
    """Return the labs that ship with the program; nothing is read.

    Args:
        records: returns the learner's record; raises an `EksLabError` while there is none.
    """
    from eks_lab import locations
    from eks_lab.clock import SystemClock
    from eks_lab.grading.catalogue import labs_root
    from eks_lab.grading.session import Place
    from eks_lab.sandbox.state_directory import StateDirectory

    place = Place(locations.data_dir() / "labs", SystemClock(), run_course)
    return LocalLabs(labs_root(), StateDirectory.default(), place, records)
