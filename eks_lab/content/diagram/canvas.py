"""A grid of characters in which lines meet with the right junctions.

A cell holds text or up to four half lines, each light or heavy; the character is chosen at the end,
so that borders and arrows can be drawn in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Style = Literal[
    "space",
    "group",
    "group-name",
    "box",
    "name",
    "text",
    "focus",
    "focus-name",
    "focus-text",
    "arrow",
    "arrow-focus",
    "label",
    "label-focus",
    "note",
    "note-focus",
    "dim",
    "dim-line",
]
"""What a piece of the drawing is; a theme decides how it looks."""

LIGHT, HEAVY = 1, 2

# Indexed by north, east, south, west as the digits of a number to the base of three.
_JUNCTIONS = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋"
_ROUND = {"┌": "╭", "┐": "╮", "└": "╰", "┘": "╯"}
_BROKEN = {"─": "╌", "│": "╎", "━": "╍", "┃": "╏"}
_HEADS = {"n": "▲", "e": "▶", "s": "▼", "w": "◀", "stop": "✗"}
_PLAIN_HEADS = {"n": "^", "e": ">", "s": "v", "w": "<", "stop": "x"}
Head = Literal["n", "e", "s", "w", "stop"]

PLAIN_FORMS = {
    "–": "-",
    "—": "-",
    "×": "x",
    "·": ".",
    "…": "~",
    "→": ">",
    "←": "<",
    "“": '"',
    "”": '"',
    "’": "'",
}
"""What stands for a character on a terminal that knows only ASCII: one character each."""
MARKERS = "①②③④⑤⑥⑦⑧⑨"
"""Numbers of the arrows in focus."""
MARKER_WIDTH = 2
"""Characters a number takes with the space after it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one line that look the same."""

    text: str
    style: Style
    ground: str
    """What they lie on: "" for the page, `group-1` to `group-3` by depth, or `focus`."""


Row = tuple[Run, ...]


class Canvas:
    """Cells that lines, text and grounds are put into."""

    def __init__(self, width: int, height: int) -> None:
        """Start empty."""
        self.width, self.height = width, height
        count = width * height
        self._arms: list[list[int]] = [[0, 0, 0, 0] for _ in range(count)]
        self._text: list[str] = [""] * count
        self._style: list[Style] = ["space"] * count
        self._ground: list[str] = [""] * count
        self._round = [False] * count
        self._broken = [False] * count
        self._head: dict[int, Head] = {}

    def paint(self, x: int, y: int, width: int, height: int, ground: str) -> None:
        """Lay a ground under a rectangle."""
        for row in range(y, y + height):
            for column in range(x, x + width):
                self._ground[row * self.width + column] = ground

    def border(
        self, x: int, y: int, width: int, height: int, weight: int, style: Style, *, rounded: bool
    ) -> None:
        """Draw the border of a rectangle of at least 2 × 2."""
        right, bottom = x + width - 1, y + height - 1
        for column in range(x, right):
            for row in (y, bottom):
                self.arm(column, row, 1, weight, style)
                self.arm(column + 1, row, 3, weight, style)
        for row in range(y, bottom):
            for column in (x, right):
                self.arm(column, row, 2, weight, style)
                self.arm(column, row + 1, 0, weight, style)
        if rounded:
            for corner in ((x, y), (right, y), (x, bottom), (right, bottom)):
                self._round[corner[1] * self.width + corner[0]] = True

    def arm(
        self, x: int, y: int, direction: int, weight: int, style: Style | None, *, broken: bool = False
    ) -> None:
        """Draw half a line from the middle of a cell; the heavier of two stays.

        Args:
            x: column of the cell.
            y: row of the cell.
            direction: 0 up, 1 right, 2 down, 3 left.
            weight: `LIGHT` or `HEAVY`.
            style: style of the cell unless a heavier line is there; None leaves it as it is.
            broken: a straight line is drawn with gaps.
        """
        at = y * self.width + x
        arms = self._arms[at]
        if style is not None and weight >= max(arms):
            self._style[at] = style
        arms[direction] = max(arms[direction], weight)
        self._broken[at] = broken

    def head(self, x: int, y: int, head: Head, style: Style) -> None:
        """Put an arrow's head or the cross of one that does not get through into a cell."""
        at = y * self.width + x
        self._head[at] = head
        self._style[at] = style

    def write(self, x: int, y: int, text: str, style: Style) -> None:
        """Write text over whatever lines are there."""
        for offset, character in enumerate(text):
            at = y * self.width + x + offset
            self._text[at] = character
            self._style[at] = style

    def rows(self, *, ascii_only: bool = False) -> tuple[Row, ...]:
        """Return the lines of the drawing, each exactly `width` characters.

        Args:
            ascii_only: draw with `+-|` and `#=` for heavy lines, and put plain forms into text.
        """
        return tuple(self._row(y, ascii_only) for y in range(self.height))

    def _row(self, y: int, ascii_only: bool) -> Row:
        runs: list[Run] = []
        for at in range(y * self.width, (y + 1) * self.width):
            character = self._character(at, ascii_only)
            style = self._style[at]
            if runs and (runs[-1].style, runs[-1].ground) == (style, self._ground[at]):
                runs[-1] = Run(runs[-1].text + character, style, runs[-1].ground)
            else:
                runs.append(Run(character, style, self._ground[at]))
        return tuple(runs)

    def _character(self, at: int, ascii_only: bool) -> str:
        if self._text[at]:
            return plain_text(self._text[at]) if ascii_only else self._text[at]
        if at in self._head:
            return (_PLAIN_HEADS if ascii_only else _HEADS)[self._head[at]]
        north, east, south, west = arms = self._arms[at]
        if ascii_only:
            return _plain_junction(arms)
        glyph = _JUNCTIONS[north * 27 + east * 9 + south * 3 + west]
        if self._broken[at]:
            return _BROKEN.get(glyph, glyph)
        return _ROUND.get(glyph, glyph) if self._round[at] else glyph


def _plain_junction(arms: list[int]) -> str:
    """Return the ASCII character for a meeting of lines."""
    north, east, south, west = arms
    if not any(arms):
        return " "
    heavy = max(arms) == HEAVY
    if not (north or south):
        return "=" if heavy else "-"
    if not (east or west):
        return "#" if heavy else "|"
    return "#" if heavy else "+"


def plain_text(text: str) -> str:
    """Return text of the same length in ASCII; `?` stands for what has no plain form."""
    return "".join(
        character if character.isascii() else PLAIN_FORMS.get(character, _plain_marker(character))
        for character in text
    )


def _plain_marker(character: str) -> str:
    return str(MARKERS.index(character) + 1) if character in MARKERS else "?"


def has_plain_form(character: str) -> bool:
    """Return whether a character may be used in a drawing: one cell wide, and with a form in ASCII."""
    return (character.isascii() and character.isprintable()) or character in PLAIN_FORMS


def terminal_is_ascii(environment: Mapping[str, str]) -> bool:
    """Return whether a terminal should be spared box-drawing characters.

    Args:
        environment: variables; `LC_ALL`, `LC_CTYPE` and `LANG` name a character set, in this order. None
            of them being set says nothing, and the whole program needs UTF-8 anyway.
    """
    if environment.get("TERM") in ("linux", "vt100", "vt220", "dumb"):
        return True
    named = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    if not named:
        return False
    if named in ("C", "POSIX"):
        return True
    charset = named.partition(".")[2].partition("@")[0]
    return bool(charset) and charset.lower().replace("-", "") != "utf8"
