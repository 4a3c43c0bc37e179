"""Quoted texts and heredocs: escapes, interpolations and directives."""

from __future__ import annotations

import re
from collections.abc import Callable

from eks_lab.checker.terraform.cursor import Cursor
from eks_lab.checker.terraform.syntax import Expression, Literal, Template

_QUOTED = re.compile(r'[^"\\$%\n]+|\\.|\$\$\{|%%\{|\$\{|%\{|[$%"\n]', re.DOTALL)
_PLAIN = re.compile(r"[^$%]+|\$\$\{|%%\{|\$\{|%\{|[$%]", re.DOTALL)
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t\r]*\n")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_UNICODE = {"u": 4, "U": 8}


class TemplateReader:
    """Reads texts; expressions inside them are read by the function it is given."""

    def __init__(self, cursor: Cursor, expression: Callable[[], Expression]) -> None:
        """Read at a cursor.

        Args:
            cursor: where to read.
            expression: reads one expression there.
        """
        self.cursor = cursor
        self.expression = expression

    def quoted(self) -> Expression:
        """Read a text in quotes; the cursor stands on the first quote.

        Raises:
            HclError: it does not end in its line, or an escape is unknown.
        """
        cursor = self.cursor
        start = cursor.position
        cursor.position += 1
        pieces = _Pieces(cursor.line(start))
        while True:
            match = _QUOTED.match(cursor.text, cursor.position)
            found = match.group() if match else "\n"
            if found == "\n":
                raise cursor.error(
                    "a text in quotes does not end in its line",
                    'Close it with ", or use a heredoc for a text of several lines.',
                    at=start,
                )
            if found == '"':
                cursor.position += 1
                return pieces.result(cursor)
            if found[0] == "\\":
                pieces.text(self._escape())
            else:
                self._piece(found, pieces)

    def _escape(self) -> str:
        cursor = self.cursor
        letter = cursor.text[cursor.position + 1 : cursor.position + 2]
        if letter in _ESCAPES:
            cursor.position += 2
            return _ESCAPES[letter]
        length = _UNICODE.get(letter, 0)
        digits = cursor.text[cursor.position + 2 : cursor.position + 2 + length]
        if length and re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", digits) and int(digits, 16) < 0x110000:
            cursor.position += 2 + length
            return chr(int(digits, 16))
        raise cursor.error(
            f"\\{letter} is no escape", r"Known: \n \r \t \" \\ \uNNNN; write \\ for a backslash."
        )

    def heredoc(self) -> Expression:
        """Read a heredoc; the cursor stands on `<<`.

        Raises:
            HclError: its end word never comes.
        """
        cursor = self.cursor
        start = cursor.position
        match = _HEREDOC.match(cursor.text, start)
        if match is None:
            raise cursor.error("<< is not followed by a word and a new line", "Write <<EOT and go on below.")
        word = match.group(2)
        ending = re.compile(rf"^[ \t]*{re.escape(word)}[ \t\r]*$", re.MULTILINE)
        end = ending.search(cursor.text, match.end())
        if end is None:
            raise cursor.error(
                f"the heredoc that begins with <<{word} never ends",
                f"Write {word} on a line of its own after the text.",
                at=start,
            )
        cursor.position = match.end()
        pieces = _Pieces(cursor.line(start))
        while cursor.position < end.start():
            piece = _PLAIN.match(cursor.text, cursor.position, end.start())
            assert piece is not None
            self._piece(piece.group(), pieces)
        # The line break after the end word still ends the argument.
        cursor.position = end.end()
        return pieces.result(cursor, dedent=bool(match.group(1)))

    def _piece(self, found: str, pieces: _Pieces) -> None:
        cursor = self.cursor
        at = cursor.position
        cursor.position += len(found)
        if found in ("$${", "%%{"):
            pieces.text(found[1:])
        elif found not in ("${", "%{"):
            pieces.text(found)
        else:
            self._interpolation(found, at, pieces)

    def _interpolation(self, opening: str, at: int, pieces: _Pieces) -> None:
        cursor = self.cursor
        before, cursor.lines_matter = cursor.lines_matter, False
        cursor.enter()
        cursor.take("~")
        if opening == "${":
            pieces.expression(self.expression())
        else:
            self._directive(pieces)
        cursor.take("~")
        if not cursor.take("}"):
            raise cursor.error(
                f"expected }} to end {opening}, found {cursor.shown()}",
                f"{opening} began in line {cursor.line(at)}.",
            )
        cursor.leave()
        cursor.lines_matter = before

    def _directive(self, pieces: _Pieces) -> None:
        cursor = self.cursor
        cursor.skip()
        word = cursor.identifier()
        if word == "if":
            pieces.open.append("if")
            pieces.expression(self.expression())
        elif word == "for":
            names = [self._name()]
            if cursor.take(","):
                names.append(self._name())
            cursor.skip()
            if cursor.identifier() != "in":
                raise cursor.error("expected in", "Write %{ for item in list }.")
            pieces.open.append("for")
            pieces.loops.append(tuple(names))
            pieces.expression(self.expression())
        elif word in ("endif", "endfor"):
            if not pieces.open or pieces.open.pop() != word[3:]:
                raise cursor.error(f"%{{ {word} }} closes nothing", f"Begin with %{{ {word[3:]} … }}.")
        elif word != "else" or "if" not in pieces.open:
            raise cursor.error(
                f"{word or cursor.shown()} is no directive", "Known: if, else, endif, for, endfor."
            )

    def _name(self) -> str:
        self.cursor.skip()
        name = self.cursor.identifier()
        if not name:
            raise self.cursor.error("expected a name", "Write %{ for item in list }.")
        return name


class _Pieces:
    """The parts of one text."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.parts: list[str | Expression] = []
        self.loops: list[tuple[str, ...]] = []
        self.open: list[str] = []

    def text(self, text: str) -> None:
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        else:
            self.parts.append(text)

    def expression(self, expression: Expression) -> None:
        self.parts.append(expression)

    def result(self, cursor: Cursor, *, dedent: bool = False) -> Expression:
        if self.open:
            raise cursor.error(f"%{{ {self.open[-1]} }} is never closed", f"Write %{{ end{self.open[-1]} }}.")
        if not self.parts:
            return Literal("", self.line)
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            text = self.parts[0]
            if dedent:
                import textwrap

                text = textwrap.dedent(text)
            return Literal(text, self.line)
        return Template(self.parts, self.line, tuple(self.loops))
