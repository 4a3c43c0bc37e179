"""A place in a text of HCL: blanks, comments, lines, and errors that say where something began."""

from __future__ import annotations

import re
from bisect import bisect_right

from eks_lab.errors import InputError

_BLANKS = re.compile(r"(?:[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BLANKS_AND_LINES = re.compile(r"(?:[ \t\r\n]+|\#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
DEEPEST = 60
"""Levels of nesting; real configurations stay below a dozen."""


class HclError(InputError):
    """The text is not HCL."""

    def __init__(self, line: int, message: str, *, hint: str = "") -> None:
        """Keep the line.

        Args:
            line: counted from 1.
            message: what is wrong there.
            hint: what to write.
        """
        super().__init__(message, hint=hint)
        self.line = line


class Cursor:
    """A text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        """Begin at the start; a byte order mark is passed over."""
        self.text = text
        self.position = 1 if text.startswith("﻿") else 0
        self.lines_matter = True
        """Whether a line break ends something; it does not inside brackets."""
        self.depth = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line(self, position: int | None = None) -> int:
        """Return the line of a position, of the present one when None."""
        return bisect_right(self._starts, self.position if position is None else position)

    def error(self, message: str, hint: str = "", *, at: int | None = None) -> HclError:
        """Return an error at a position."""
        return HclError(self.line(at), message, hint=hint)

    def skip(self) -> str:
        """Pass blanks and comments; return the next letter, empty at the end."""
        blanks = _BLANKS if self.lines_matter else _BLANKS_AND_LINES
        match = blanks.match(self.text, self.position)
        if match:
            self.position = match.end()
        letter = self.text[self.position : self.position + 1]
        if letter == "/" and self.text.startswith("/*", self.position):
            raise self.error("a comment that begins with /* is never closed", "Close it with */.")
        return letter

    def skip_lines(self) -> str:
        """Pass blanks, comments and line breaks; return the next letter."""
        before, self.lines_matter = self.lines_matter, False
        letter = self.skip()
        self.lines_matter = before
        return letter

    def identifier(self) -> str:
        """Return the name here and pass it; empty when there is none."""
        match = IDENTIFIER.match(self.text, self.position)
        if not match:
            return ""
        self.position = match.end()
        return match.group()

    def take(self, wanted: str) -> bool:
        """Pass a text if it comes next after blanks."""
        self.skip()
        if self.text.startswith(wanted, self.position):
            self.position += len(wanted)
            return True
        return False

    def enter(self) -> None:
        """Go one level down.

        Raises:
            HclError: that is too deep.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(
                f"nested deeper than {DEEPEST} levels", "Give parts of it names: a local, or a module."
            )

    def leave(self) -> None:
        """Go one level up."""
        self.depth -= 1

    def shown(self) -> str:
        """Return what comes next, for a message."""
        rest = self.text[self.position : self.position + 30].split("\n", 1)[0].strip()
        if not rest:
            return "the end of the file" if self.position >= len(self.text) else "the end of the line"
        return repr(rest if len(rest) < 25 else rest[:24] + "…")
