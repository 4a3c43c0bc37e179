"""The layout that `terraform fmt` asks for: equals signs of neighbouring lines stand below each other.

Templates are written with right indentation and one blank around `=`; which lines are neighbours
depends on the choices. The rule follows hashicorp/hcl v2, hclwrite/format.go: a line takes part when
its value ends on it (brackets are balanced), and any other line ends the row.
"""

from __future__ import annotations

import re

_HEREDOC = re.compile(r"<<[-~]?([A-Za-z_][A-Za-z0-9_]*)\s*$")
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def aligned(text: str) -> str:
    """Return HCL with its equals signs aligned; the number of lines stays the same.

    Args:
        text: HCL with right indentation; trailing comments are not supported.
    """
    lines = text.split("\n")
    row: list[tuple[int, str, str]] = []
    closing = ""
    for number, line in enumerate(lines):
        if closing:
            if line.strip() == closing:
                closing = ""
            continue
        parts = _assignment(line)
        opening = _HEREDOC.search(line)
        if opening:
            closing = opening.group(1)
        if parts is None:
            _settle(lines, row)
            row = []
        else:
            row.append((number, *parts))
        if opening:
            _settle(lines, row)
            row = []
    _settle(lines, row)
    return "\n".join(lines)


def _settle(lines: list[str], row: list[tuple[int, str, str]]) -> None:
    width = max((len(lead) for _, lead, _ in row), default=0)
    for number, lead, rest in row:
        lines[number] = f"{lead:{width}} = {rest}"


def _assignment(line: str) -> tuple[str, str] | None:
    """Return what stands left and right of the first `=`; None unless the value ends on the line."""
    place = depth = 0
    found = -1
    in_string = False
    braces: list[int] = []
    while place < len(line):
        letter = line[place]
        if in_string:
            if letter == "\\":
                place += 1
            elif letter == '"':
                in_string = False
            elif letter in "$%" and line[place + 1 : place + 2] == "{":
                braces.append(depth)
                depth += 1
                in_string = False
                place += 1
        elif letter == '"':
            in_string = True
        elif letter == "#" or line.startswith("//", place):
            break
        elif letter == "}" and braces and depth - 1 == braces[-1]:
            depth = braces.pop()
            in_string = True
        elif letter in _BRACKETS:
            if found >= 0 or braces:
                depth += _BRACKETS[letter]
        elif (
            letter == "="
            and found < 0
            and not braces
            and line[place + 1 : place + 2] not in {"=", ">"}
            and line[place - 1 : place] not in {"=", "!", "<", ">"}
            and line[:place].strip()
        ):
            found = place
        place += 1
    if found < 0 or depth != 0:
        return None
    return line[:found].rstrip(), line[found + 1 :].strip()
