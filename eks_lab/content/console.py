r"""Console blocks: which lines are typed and which are output.

A command starts with `$ `; it goes on while a line ends in `\`, and through a here-document. All
other lines are output. What copies, saves and shines are the commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

PROMPT = "$ "
_HERE_DOCUMENT = re.compile(r"(?<!<)<<(?P<dash>-?)\s*(?P<quote>['\"]?)(?P<word>[A-Za-z_]\w*)(?P=quote)")


def typed_lines(text: str) -> list[bool]:
    """Return, for each line of a console block, whether a person types it."""
    typed = []
    for lines in _groups(text.splitlines()):
        is_command = lines[0].startswith(PROMPT)
        typed.extend([is_command] * len(lines))
    return typed


def commands(text: str) -> list[str]:
    """Return the commands of a console block, in order, without prompts and output.

    Args:
        text: the block; a command may span several lines.

    Returns:
        One string a command, inner line ends kept; empty when the block is all output.
    """
    return [command for _, command in numbered_commands(text)]


def numbered_commands(text: str) -> list[tuple[int, str]]:
    """Return the commands of a console block as `commands` does, each with its first line's number.

    Args:
        text: the block; its first line is number 1.
    """
    found, number = [], 1
    for lines in _groups(text.splitlines()):
        if lines[0].startswith(PROMPT):
            found.append((number, "\n".join(lines).removeprefix(PROMPT)))
        number += len(lines)
    return found


def chosen(value: str | None) -> Callable[[int], bool]:
    """Return which commands of a block an attribute such as `expect-error` is about.

    Args:
        value: of the attribute: `2` or `1,3` for these commands, counted from 1, `true` for all; None without it.

    Returns:
        Given the number of a command, whether it is meant.
    """
    if value is None or value.lower() in ("false", "no"):
        return lambda _number: False
    numbers = {int(each) for each in value.replace(",", " ").split() if is_number(each)}
    return numbers.__contains__ if numbers else lambda _number: True


def is_number(word: str) -> bool:
    """Return whether a word of such an attribute is the number of a command; `²` is a digit to Python, too."""
    return word.isascii() and word.isdigit() and len(word) < 10


def failing_words(value: str | None) -> str:
    """Return what to say of a block's `expect-error`, such as `command 2 is meant to fail`; empty without it."""
    if value is None or value.lower() in ("false", "no"):
        return ""
    numbers = [each for each in value.replace(",", " ").split() if is_number(each)]
    if not numbers:
        return "meant to fail"
    if len(numbers) == 1:
        return f"command {numbers[0]} is meant to fail"
    return f"commands {', '.join(numbers[:-1])} and {numbers[-1]} are meant to fail"


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """Yield whole commands, and lines of output one by one."""
    position = 0
    while position < len(lines):
        end = position + 1
        if lines[position].startswith(PROMPT):
            while end < len(lines) and lines[end - 1].rstrip().endswith("\\"):
                end += 1
            for match in _HERE_DOCUMENT.finditer("\n".join(lines[position:end])):
                end = _end_of_document(lines, end, match["word"], tabs=bool(match["dash"]))
        yield lines[position:end]
        position = end


def _end_of_document(lines: list[str], start: int, word: str, *, tabs: bool) -> int:
    for number in range(start, len(lines)):
        if (lines[number].lstrip("\t") if tabs else lines[number]) == word:
            return number + 1
    return start  # never closed: what follows is output after all
