"""Reads what a learner types into a practical question: commands, one a line, and nothing of a shell.

Quotes, backslashes and comments mean what they mean in a shell. Everything by which a shell would do more than start
one program (pipes, redirections, lists, substitutions, variables) is refused in one sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eks_lab.content.items.given import LONGEST_TEXT
from eks_lab.errors import InputError

PROGRAMS = {"kubectl": "kubectl", "k": "kubectl", "aws": "aws", "eks-lab": "eks-lab"}
"""What may be typed first -> the program."""
LONGEST_LINE = 16 * 1024
"""Characters of one command."""
_OPERATORS = {
    "|": "a pipe",
    ">": "a redirection",
    "<": "a redirection",
    ";": "a list of commands",
    "&": "a list of commands",
    "`": "a substitution",
    "(": "a subshell",
    ")": "a subshell",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SUBSTITUTED = re.compile(r"\$[A-Za-z_{(0-9?#@*!]")


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """One command."""

    line: str
    """As typed, without space around it."""
    program: str
    """`kubectl`, `aws` or `eks-lab`."""
    words: tuple[str, ...]
    """Behind the program."""


def commands_of(text: str, most: int) -> list[TypedCommand]:
    """Return the commands of an answer; an empty one has none.

    Args:
        text: as typed; empty lines, comments and a prompt `$ ` in front are passed over.
        most: commands that may be typed.

    Raises:
        InputError: it is no list of commands; the message is one sentence for the learner.
    """
    check_text(text)
    found = [_command(line, words) for line, words in _split(text.replace("\r\n", "\n"))]
    if len(found) > most:
        allowed = "one command is" if most == 1 else f"{most} commands are"
        raise InputError(f"At most {allowed} asked for here, and these are {len(found)}.")
    return found


def check_text(text: str) -> None:
    """Refuse what nobody types.

    Raises:
        InputError: it is too long, or has characters that no keyboard makes.
    """
    if len(text) > LONGEST_TEXT:
        raise InputError(f"The answer has {len(text):,} characters; at most {LONGEST_TEXT:,} can be read.")
    bad = _CONTROL.search(text.replace("\r\n", "\n"))
    if bad is not None:
        line = text.count("\n", 0, bad.start()) + 1
        raise InputError(f"Line {line} has a character that cannot be typed: U+{ord(bad.group()):04X}.")


def _command(line: str, words: list[str]) -> TypedCommand:
    program = PROGRAMS.get(words[0])
    if program is None:
        first = words[0] if len(words[0]) <= 40 else f"{words[0][:39]}…"
        raise InputError(f"`{first}` is not there: a command here begins with kubectl (or k) or aws.")
    if len(line) > LONGEST_LINE:
        raise InputError(
            f"A command of {len(line):,} characters cannot be read: {LONGEST_LINE:,} is the most."
        )
    return TypedCommand(line, program, tuple(words[1:]))


def _split(text: str) -> list[tuple[str, list[str]]]:
    """Return each command as it stands there, and its words."""
    found: list[tuple[str, list[str]]] = []
    words: list[str] = []
    word: list[str] | None = None
    start, at, size = 0, 0, len(text)

    def ended() -> None:
        nonlocal word
        if word is not None:
            words.append("".join(word))
            word = None

    while at <= size:
        character = text[at] if at < size else "\n"
        if character == "\n":
            ended()
            if words[:1] == ["$"]:
                words.pop(0)
            if words:
                found.append((text[start:at].strip().removeprefix("$ ").lstrip(), words))
            words, start = [], at + 1
        elif character in " \t":
            ended()
        elif character == "#" and word is None:
            end = text.find("\n", at)
            at = (size if end < 0 else end) - 1
        elif character == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise _unclosed(text, at)
            word = [*(word or []), text[at + 1 : end]]
            at = end
        elif character == '"':
            part, at = _double_quoted(text, at)
            word = [*(word or []), part]
        elif character == "\\":
            at += 1
            if text[at : at + 1] not in ("\n", ""):
                word = [*(word or []), text[at]]
        elif character in _OPERATORS:
            raise _shell(text, at, character, _OPERATORS[character])
        elif _SUBSTITUTED.match(text, at):
            raise _shell(text, at, text[at : at + 2], "a substitution")
        else:
            if word is None:
                word = []
            word.append(character)
        at += 1
    return found


def _double_quoted(text: str, opening: int) -> tuple[str, int]:
    """Return what stands between double quotes, and where the closing one is."""
    part: list[str] = []
    at = opening + 1
    while at < len(text):
        character = text[at]
        if character == '"':
            return "".join(part), at
        if character == "`" or _SUBSTITUTED.match(text, at):
            raise _shell(text, at, text[at : at + 2].strip(), "a substitution")
        if character == "\\" and text[at + 1 : at + 2] in ('"', "\\", "$", "`", "\n"):
            at += 1
            character = "" if text[at] == "\n" else text[at]
        part.append(character)
        at += 1
    raise _unclosed(text, opening)


def _unclosed(text: str, at: int) -> InputError:
    return InputError(f"The quote in line {text.count(chr(10), 0, at) + 1} is not closed.")


def _shell(text: str, at: int, shown: str, what: str) -> InputError:
    line = text.count("\n", 0, at) + 1
    return InputError(
        f"`{shown}` in line {line} is {what}, and there is no shell here: type plain commands, one a line, and put"
        " single quotes around what is meant literally."
    )
