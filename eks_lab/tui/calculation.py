"""Slow calculations in a process of their own: the screen stays quick, and stopping one really stops it.

A thread would share the interpreter with the screen and could not be stopped. The process is
`eks-lab calc NAME --batch`, kept for the next question, so that only the first one waits for its start.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen

from eks_lab.calc.export import answer_from_json
from eks_lab.calc.model import Answer, Calculator, Value
from eks_lab.errors import InputError, UnavailableError


class CalculationProcess:
    """Answers one question at a time; a question that is cancelled ends the process."""

    def __init__(self, calculator: Calculator, command: Sequence[str] = ()) -> None:
        """Nothing is started before the first question.

        Args:
            calculator: one of the registry.
            command: reads inputs as JSON lines and writes answers; ours when left out.
        """
        self._calculator = calculator
        self._command = command or (sys.executable, "-m", "eks_lab", "calc", calculator.name, "--batch", "-")
        self._process: Popen[bytes] | None = None

    async def answer(self, values: Mapping[str, Value]) -> Answer:
        """Return the answer to checked inputs; cancelling it ends the work.

        Args:
            values: every input by name.

        Raises:
            InputError: the calculator refuses the combination.
            UnavailableError: the process ended without an answer.
        """
        try:
            process = self._started()
        except OSError:
            # No process to be had: a thread answers too, only less smoothly.
            return await asyncio.to_thread(self._calculator.compute, values)
        try:
            return await asyncio.to_thread(self._ask, process, dict(values))
        except BaseException as error:
            # An answer that nobody waits for any more must not be taken for the next one.
            if not isinstance(error, InputError):
                self.close()
            raise

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

    def _started(self) -> Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = Popen(self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        return self._process

    def _ask(self, process: Popen[bytes], values: dict[str, Value]) -> Answer:
        """Ask the process; called in a thread."""
        assert process.stdin is not None
        assert process.stdout is not None
        # A process that has ended says so by having no answer.
        with suppress(OSError):
            process.stdin.write(json.dumps(values).encode() + b"\n")
            process.stdin.flush()
        return self._read(process.stdout.readline())

    def _read(self, line: bytes) -> Answer:
        if not line.endswith(b"\n"):
            raise UnavailableError(
                f"The calculation of {self._calculator.name} ended without an answer.",
                hint="Change an input to try again; the machine may be short of memory.",
            )
        document = json.loads(line)
        if "error" in document:
            raise InputError(document["error"], hint=document.get("hint", ""))
        return answer_from_json(document)
