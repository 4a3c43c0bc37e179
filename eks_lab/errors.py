"""Errors a learner may see, each with its exit code.

Bottom layer: imports nothing of ours. A message names the file or field, the offending value and
the next step; no traceback reaches a learner.

Exit codes: 0 fine, 1 a check found something, 2 bad input, 3 the machine lacks something,
4 stored data could not be used or the output not written, 70 a defect of ours (see the log file), 130 Ctrl-C.
With `--json` an error is a document on standard output too: {"error": {"message", "hint", "exit_code"}}.
"""

from __future__ import annotations

from typing import ClassVar


class EksLabError(Exception):
    """One clear message, an optional hint with the next step, and an exit code."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and the hint apart, so that a screen can lay them out.

        Args:
            message: what is wrong: the file or field and the value.
            hint: what to do next, as one sentence.
        """
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class InputError(EksLabError):
    """A value the learner gave is not usable."""

    exit_code = 2


class ContentError(EksLabError):
    """A lesson, quiz, diagram or course file is not usable."""

    exit_code = 2


class UnavailableError(EksLabError):
    """This machine or terminal lacks something that was asked for."""

    exit_code = 3


class DataError(EksLabError):
    """Stored progress or settings cannot be read or written."""

    exit_code = 4
