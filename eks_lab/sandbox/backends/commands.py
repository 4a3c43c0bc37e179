"""The one way in which a backend runs an outside program: with a time limit, lines as they come, and a way to stop.

`ProgramRunner` is the real one. `RecordedRunner` answers from a recording and refuses what is not in it: the contract
tests of the backends run on machines without the programs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, ClassVar, Protocol

from eks_lab.errors import UnavailableError
from eks_lab.sandbox.backends.interface import Cancel, StoppedError

POLL_SECONDS = 0.05
GRACE_SECONDS = 5.0
"""Between asking a program to end and ending it."""

TakeLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def last_error(self) -> str:
        """Return the last line that says something: of standard error, else of the output."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


class CommandMissingError(UnavailableError):
    """A program is not installed."""

    def __init__(self, program: str) -> None:
        """Name it.

        Args:
            program: as typed.
        """
        super().__init__(f"{program} is not installed", hint="See what this machine lacks: eks-lab doctor")
        self.program = program


class CommandTimeoutError(UnavailableError):
    """A program did not end in time and was ended."""

    exit_code: ClassVar[int] = UnavailableError.exit_code

    def __init__(self, command: str, seconds: float) -> None:
        """Say which, and how long it had.

        Args:
            command: as it would be typed.
            seconds: its time limit.
        """
        super().__init__(f"`{command}` did not end within {seconds:g} s")


class Runner(Protocol):
    """Runs programs."""

    def find(self, program: str) -> str:
        """Return where a program is; empty when it is not installed."""
        ...

    def run(
        self,
        arguments: Sequence[str],
        *,
        timeout_seconds: float = 30.0,
        cancel: Cancel | None = None,
        line: TakeLine | None = None,
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run a program to its end; no shell is involved.

        Args:
            arguments: program and arguments.
            timeout_seconds: after which it is ended.
            cancel: ends it when the learner has had enough.
            line: takes each line of standard output and standard error as it comes.
            stdin: what it reads.
            environment: all its variables; None passes ours on.

        Raises:
            CommandMissingError: it is not installed.
            CommandTimeoutError: it did not end in time.
            StoppedError: it was cancelled; it and all it started have ended.
        """
        ...


class ProgramRunner:
    """Runs them for real, each in a process group of its own."""

    def find(self, program: str) -> str:
        """Return where a program is on PATH; empty when it is not installed."""
        return shutil.which(program) or ""

    def run(
        self,
        arguments: Sequence[str],
        *,
        timeout_seconds: float = 30.0,
        cancel: Cancel | None = None,
        line: TakeLine | None = None,
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run a program to its end; see `Runner.run`."""
        cancel = cancel or Cancel()
        cancel.check()
        try:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the whole group.
            process = subprocess.Popen(
                list(arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env=dict(environment) if environment is not None else None,
            )
        except FileNotFoundError as error:
            raise CommandMissingError(arguments[0]) from error
        except OSError as error:
            raise UnavailableError(f"{arguments[0]} cannot be started: {error.strerror or error}") from error
        return _awaited(process, arguments, timeout_seconds, cancel, line, stdin)


def _awaited(
    process: subprocess.Popen[bytes],
    arguments: Sequence[str],
    timeout_seconds: float,
    cancel: Cancel,
    line: TakeLine | None,
    stdin: str,
) -> Outcome:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    out: list[str] = []
    err: list[str] = []
    readers = [
        threading.Thread(target=_read, args=(process.stdout, out, line), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, err, line), daemon=True),
    ]
    try:
        for each in readers:
            each.start()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(stdin.encode())
            process.stdin.close()
        end = time.monotonic() + timeout_seconds
        while True:
            try:
                process.wait(POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                cancel.check()
                if time.monotonic() > end:
                    raise CommandTimeoutError(" ".join(arguments), timeout_seconds) from None
    finally:
        if process.poll() is None:
            _end(process)
        for each in readers:
            each.join(GRACE_SECONDS)
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()
    return Outcome(process.returncode, "".join(out), "".join(err))


def _read(stream: IO[bytes], kept: list[str], line: TakeLine | None) -> None:
    with contextlib.suppress(ValueError, OSError):
        for raw in stream:
            text = raw.decode(errors="replace")
            kept.append(text)
            if line is not None and text.strip():
                line(text.strip())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, then end it."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            if os.name == "posix":
                os.killpg(process.pid, number)
            else:
                process.terminate()
        except ProcessLookupError:
            pass
        try:
            process.wait(GRACE_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command line of a recording, and what came of it."""

    arguments: tuple[str, ...]
    """Exactly; `*` stands for any one argument."""
    outcome: Outcome = Outcome(0)
    cancels: bool = False
    """The learner presses Ctrl-C while it runs."""
    hangs: bool = False
    """It does not end in time."""

    def is_of(self, arguments: Sequence[str]) -> bool:
        """Say whether this is the answer to a command line."""
        return len(arguments) == len(self.arguments) and all(
            wanted in ("*", given) for wanted, given in zip(self.arguments, arguments, strict=True)
        )


class UnexpectedCommandError(AssertionError):
    """A command was run that the recording does not have next."""


class RecordedRunner:
    """Answers command lines from a recording, in its order."""

    def __init__(self, exchanges: Iterable[Exchange], programs: Iterable[str] = ()) -> None:
        """Take the recording.

        Args:
            exchanges: in the order in which they have to come.
            programs: that `find` finds.
        """
        self._left = list(exchanges)
        self._programs = frozenset(programs)
        self.asked: list[tuple[str, ...]] = []
        """Command lines so far."""
        self.environments: list[Mapping[str, str] | None] = []
        """Their variables."""
        self.inputs: list[str] = []
        """What they read."""

    @property
    def left(self) -> list[Exchange]:
        """Return the exchanges that have not come yet."""
        return list(self._left)

    def find(self, program: str) -> str:
        """Return a path when the recording has the program."""
        return f"/usr/bin/{program}" if program in self._programs else ""

    def run(
        self,
        arguments: Sequence[str],
        *,
        timeout_seconds: float = 30.0,
        cancel: Cancel | None = None,
        line: TakeLine | None = None,
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Return what the recording has for a command line; see `Runner.run`.

        Raises:
            UnexpectedCommandError: it has another one next, or none.
        """
        if cancel is not None:
            cancel.check()
        given = tuple(arguments)
        self.asked.append(given)
        self.environments.append(environment)
        self.inputs.append(stdin)
        if given[0] not in self._programs:
            raise CommandMissingError(given[0])
        if not self._left or not self._left[0].is_of(given):
            wanted = " ".join(self._left[0].arguments) if self._left else "nothing more"
            raise UnexpectedCommandError(f"ran: {' '.join(given)}\nthe recording has next: {wanted}")
        exchange = self._left.pop(0)
        if exchange.hangs:
            raise CommandTimeoutError(" ".join(given), timeout_seconds)
        if exchange.cancels:
            if cancel is not None:
                cancel.cancel()
            raise StoppedError("stopped before it was done")
        if line is not None:
            for each in (exchange.outcome.out + exchange.outcome.err).splitlines():
                if each.strip():
                    line(each.strip())
        return exchange.outcome
