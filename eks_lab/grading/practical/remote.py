"""A bench in a process of its own, so that no screen stands still while a world is made or a command waits."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.grading.practical.practice import Practice
from eks_lab.grading.practical.situation import PracticalItem
from eks_lab.grading.practical.wire import error_of, item_document, practice_of
from eks_lab.grading.stage import RunsCourse

PATIENCE_SECONDS = 120.0
"""Wall time after which a judgement is given up: every command in it is ended long before."""
_LAST_WORDS = 600


class CancelledError(EksLabError):
    """A judgement was cancelled; nothing is known about the answer."""


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]
    stderr: IO[bytes]
    is_cancelled: bool = False
    is_late: bool = False
    kill_lock: threading.Lock = field(default_factory=threading.Lock)

    def kill(self) -> None:
        """End the process and every program that it runs."""
        with self.kill_lock:
            if self.process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    if sys.platform != "win32":
                        os.killpg(self.process.pid, signal.SIGKILL)
                    else:
                        self.process.kill()

    def bury(self) -> str:
        """Wait for the end, let go of everything, and return the last that it said."""
        with self.kill_lock:
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
        self.stderr.seek(0, os.SEEK_END)
        self.stderr.seek(max(0, self.stderr.tell() - _LAST_WORDS))
        said = self.stderr.read().decode("utf-8", "replace").strip()
        self.stderr.close()
        self.folder.cleanup()
        return said.rpartition("\n")[2]


class RemoteBench:
    """Judges like `Bench`, in a child process that is started when it is needed, or before by `start`.

    Every method may be called from any thread. Judgements wait for each other; `cancel` and `close` wait for nobody.
    """

    def __init__(
        self, kubectl: str, course: RunsCourse | None = None, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        """Name what is needed; nothing is started yet.

        Args:
            kubectl: the program.
            course: a function of a module, which runs `eks-lab calc`, `check` and `generate`.
            patience: wall seconds after which a judgement is given up.
        """
        self._kubectl = kubectl
        self._course = "" if course is None else _name_of(course)
        self._patience = patience
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._child: _Child | None = None
        self._is_closed = False
        self._sent = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the child, if none runs; returns at once.

        Raises:
            UnavailableError: it cannot be started.
        """
        self._running()

    def prepare(self, item: PracticalItem, seed: int) -> None:
        """Let the child bring a question's start about while the learner reads; returns at once.

        What is wrong with the question is said when it is judged.

        Args:
            item: as it stands in the bank.
            seed: of its variables.

        Raises:
            UnavailableError: the child cannot be started.
        """
        # While somebody waits for a judgement, a start made ahead would only keep the next one waiting.
        if self._turn.acquire(blocking=False):
            try:
                child = self._running()
                with contextlib.suppress(OSError):
                    self._send(child, {"do": "prepare", "item": item_document(item), "seed": seed})
            finally:
                self._turn.release()

    def judge(self, item: PracticalItem, seed: int, text: str) -> Practice:
        """Run an answer and look at what it did; blocks until it is judged.

        Args:
            item: as it stands in the bank.
            seed: of its variables.
            text: commands, or the whole manifest.

        Raises:
            CancelledError: `cancel` or `close` was called meanwhile.
            UnavailableError: the child cannot be started, or died; the next call starts another one.
            ContentError: the question itself is broken.
        """
        request = {"do": "judge", "item": item_document(item), "seed": seed, "text": text}
        with self._turn:
            # A child that died while nobody asked it for anything is nothing to bother the learner with: once more.
            answer = self._asked(request, is_last_try=False) or self._asked(request, is_last_try=True)
        assert answer is not None
        if "error" in answer:
            raise error_of(answer["error"])
        return practice_of(answer["practice"])

    def _asked(self, request: dict[str, Any], *, is_last_try: bool) -> dict[str, Any] | None:
        """Return the answer to a request; None when the child ended before it began, and another try is left."""
        child = self._running()
        timer = threading.Timer(self._patience, self._give_up, (child,))
        timer.daemon = True
        timer.start()
        has_begun = False
        try:
            number = self._send(child, request)
            for answer in self._answers(child, number):
                if "begun" not in answer:
                    return answer
                has_begun = True
        except OSError:
            pass
        finally:
            timer.cancel()
        error = self._ended(child)
        if has_begun or is_last_try or child.is_cancelled or child.is_late:
            raise error
        return None

    def cancel(self) -> None:
        """End the judgement that runs, with everything it has started; the next one gets a new child."""
        child = self._child
        if child is not None:
            child.is_cancelled = True
            child.kill()

    def close(self) -> None:
        """End the child; a judgement that runs is cancelled."""
        with self._state:
            self._is_closed = True
        self.cancel()
        with self._turn, self._state:
            child, self._child = self._child, None
            if child is not None:
                child.bury()

    # --- the child -------------------------------------------------------------------------------------------

    def _running(self) -> _Child:
        with self._state:
            if self._is_closed:
                raise CancelledError("the bench is closed", hint="Make another one.")
            child = self._child
            if child is not None and child.process.poll() is None and not child.is_cancelled:
                return child
            if child is not None:
                child.kill()
                child.bury()
            self._child = self._started()
            return self._child

    def _started(self) -> _Child:
        folder = tempfile.TemporaryDirectory(prefix="eks-lab-bench-", ignore_cleanup_errors=True)
        stderr = (Path(folder.name) / "stderr").open("w+b")
        command = [sys.executable, "-m", "eks_lab.grading.practical", folder.name, self._kubectl]
        try:
            process = subprocess.Popen(
                [*command, *([self._course] if self._course else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
            )
        except OSError as error:
            stderr.close()
            folder.cleanup()
            raise UnavailableError(
                f"a sandbox for practical questions cannot be started: {error.strerror or error}",
                hint="See what this machine lacks: eks-lab doctor",
            ) from error
        return _Child(process, folder, stderr)

    def _send(self, child: _Child, request: dict[str, Any]) -> int:
        self._sent += 1
        assert child.process.stdin is not None
        child.process.stdin.write(json.dumps({"id": self._sent, **request}).encode() + b"\n")
        child.process.stdin.flush()
        return self._sent

    def _answers(self, child: _Child, number: int) -> Iterator[dict[str, Any]]:
        """Yield what is said about a request until the child ends; about earlier ones it is passed over."""
        assert child.process.stdout is not None
        for line in child.process.stdout:
            try:
                found: dict[str, Any] = json.loads(line)
            except ValueError:
                # The last line of a child that was killed while it wrote.
                return
            if found["id"] == number:
                yield found

    def _give_up(self, child: _Child) -> None:
        child.is_late = True
        child.kill()

    def _ended(self, child: _Child) -> EksLabError:
        with self._state:
            self._child = None
            child.kill()
            said = child.bury()
        if child.is_cancelled:
            return CancelledError("the judgement was cancelled", hint="Answer again to have it judged.")
        if child.is_late:
            return UnavailableError(
                f"the sandbox has not judged the answer in {self._patience:g} seconds and was ended",
                hint="Answer again: it starts afresh.",
            )
        code = child.process.returncode
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        return UnavailableError(
            f"the sandbox in which answers are judged has ended ({why})" + (f": {said}" if said else ""),
            hint="Answer again: it starts afresh.",
        )


def _name_of(function: RunsCourse) -> str:
    return f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', '')}"
