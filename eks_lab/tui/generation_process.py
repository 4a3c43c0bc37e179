"""Generators and the checker in a process of their own, so that no key waits for a thousand lines of Terraform.

One process serves all forms; requests and answers are pickled, since both ends are this program. It is
started by the first request and ended with the app, or by a request that nobody waits for any more.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar

from eks_lab.calc.model import Value
from eks_lab.errors import EksLabError, InputError, UnavailableError
from eks_lab.generate.model import Bundle
from eks_lab.tui.generation import Judgement, Preview, judge, line_colours, render_preview

if TYPE_CHECKING:
    from eks_lab.checker.model import Report

Result = TypeVar("Result")
_SERVE = f"import sys; from {__name__} import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"
"""Not `-m`: what is pickled as a part of `__main__` means something else at the other end."""


def check_files(paths: Sequence[Path], today: date) -> Report:
    """Return what the checker says of files and folders.

    Args:
        paths: as the learner named them.
        today: decides which Kubernetes versions are supported.
    """
    from eks_lab.checker.check import check_paths
    from eks_lab.checker.model import CheckOptions

    return check_paths(paths, CheckOptions(today=today))


class Generation(Protocol):
    """Whoever makes previews and judges files."""

    async def render(self, name: str, values: Mapping[str, Value]) -> Preview:
        """Return what a generator makes; raises InputError for choices that do not go together."""

    async def judge(self, bundle: Bundle, today: date) -> Judgement:
        """Return what the checker says of it."""

    async def check(self, paths: Sequence[Path], today: date) -> Report:
        """Return what the checker says of the learner's files."""

    def start(self) -> None:
        """Get ready: somebody is about to ask."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class _Refused:
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Failed:
    kind: str


class GenerationProcess:
    """Answers one request at a time, in order; a request that is cancelled ends the process."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        """Nothing is started before the first request.

        Args:
            command: serves requests on its standard input; ours when left out.
        """
        self._command = command or (sys.executable, "-c", _SERVE)
        self._process: Popen[bytes] | None = None
        self._turn = asyncio.Lock()

    async def render(self, name: str, values: Mapping[str, Value]) -> Preview:
        """Return what a generator makes of checked choices.

        Raises:
            InputError: the choices do not go together.
            UnavailableError: the process ended without an answer, or has a defect.
        """
        return await self._ask(partial(render_preview, name, dict(values)))

    async def judge(self, bundle: Bundle, today: date) -> Judgement:
        """Return what the checker says of generated files.

        Raises:
            UnavailableError: the process ended without an answer.
        """
        return await self._ask(partial(judge, bundle, today))

    async def check(self, paths: Sequence[Path], today: date) -> Report:
        """Return what the checker says of the learner's files.

        Raises:
            UnavailableError: the process ended without an answer, or has a defect.
        """
        return await self._ask(partial(check_files, tuple(paths), today))

    def start(self) -> None:
        """Start the process, so that it is ready when the first request comes."""
        with suppress(OSError):
            self._started()

    async def _ask(self, request: Callable[[], Result]) -> Result:
        async with self._turn:
            try:
                process = self._started()
            except OSError:
                # No process to be had: a thread answers too, only less smoothly.
                return await asyncio.to_thread(request)
            try:
                answer = await asyncio.to_thread(_exchange, process, request)
            except BaseException:
                # An answer that nobody waits for any more must not be taken for the next one.
                self.close()
                raise
        match answer:
            case _Refused():
                raise InputError(answer.message, hint=answer.hint)
            case _Failed():
                raise UnavailableError(f"This form has a defect with these choices ({answer.kind}).")
        result: Result = answer
        return result

    def _started(self) -> Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = Popen(self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        return self._process

    def close(self) -> None:
        """End the process and wait for its end, which is a matter of milliseconds."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _exchange(process: Popen[bytes], request: Callable[[], object]) -> Any:
    """Send a request and wait for its answer; called in a thread."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        pickle.dump(request, process.stdin)
        process.stdin.flush()
        return pickle.load(process.stdout)
    except (OSError, EOFError, ValueError, pickle.UnpicklingError):
        raise UnavailableError(
            "The preview ended without an answer.",
            hint="Change a choice to try again; the machine may be short of memory.",
        ) from None


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more.

    Args:
        requests: pickled functions without arguments, of this program's own making.
        answers: gets what each returned, or why it was refused.
    """
    # What every preview needs, while the learner still looks at the list.
    line_colours("a: 1", "yaml")
    while True:
        try:
            request: Callable[[], object] = pickle.load(requests)
        except EOFError:
            return
        answer: object
        try:
            answer = request()
        except EksLabError as error:
            answer = _Refused(error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - an edge: the app says that there is a defect
            answer = _Failed(type(error).__name__)
        pickle.dump(answer, answers)
        answers.flush()
