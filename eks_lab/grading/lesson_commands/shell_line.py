"""Reads a command line of a lesson as a shell does: as much of a shell as pages need, and no shell behind it.

Quotes, comments, variables, substitutions, pipes, redirections to files, here-documents, and lists with `&&`, `||` and `;`
mean what they mean in a POSIX shell (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html), but that
what is put in is never split into words. Loops and functions are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.errors import InputError

_NAME = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_ASSIGNED = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_DOCUMENT = re.compile(r"(?<!<)<<(?P<dash>-?)\s*(?P<quote>['\"]?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
HERE_DOCUMENT = ".here-document"
"""File that a line with a here-document reads."""
_OPERATORS = ("2>&1", "2>/dev/null", "<<", "&&", "||", ">>", "|", ";", ">", "<", "&", "(", ")", "`")
_JOINTS = ("&&", "||", ";")
_STRUCTURES = frozenset({"for", "while", "until", "if", "case", "select", "{", "function", "[["})


class UnreadableError(InputError):
    """A line is more of a shell than is read here; the message is one sentence without a stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """One program of a pipe."""

    words: tuple[str, ...]
    """The program first."""
    reads: str = ""
    """File that is its input; empty for what the pipe brings."""
    writes: str = ""
    """File that its output goes to; empty for the pipe or the page."""
    appends: bool = False
    """Whether the output goes behind what the file holds."""
    joins_errors: bool = False
    """Whether errors go where the output goes."""
    drops_errors: bool = False
    """Whether errors go nowhere."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Programs, each reading what the one before it prints."""

    joint: str
    """Empty for the first of a line; else `&&`, `||` or `;`."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=value`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_operator: bool = False


def read_line(line: str, variables: Mapping[str, str]) -> tuple[Pipe, ...] | Assignment:
    """Return what a line asks for.

    Args:
        line: one command of a page, its continuation lines included.
        variables: name -> value, put in for `$NAME`.

    Raises:
        UnreadableError: it is a loop, a substitution, or something else that is not read here.
        InputError: it is no command line: a quote is open, a pipe leads nowhere, a variable is not set.
    """
    first = line.split(maxsplit=1)[0] if line.strip() else ""
    if first in _STRUCTURES:
        raise UnreadableError(f"`{first}` begins a structure of the shell")
    assigned = _ASSIGNED.fullmatch(line.strip())
    if assigned:
        words = _words(assigned.group(2), variables)
        if len(words) <= 1 and not any(each.is_operator for each in words):
            return Assignment(assigned.group(1), "".join(each.text for each in words))
        raise UnreadableError("a variable for one command alone")
    return _pipes(_words(line, variables))


def lift_substitutions(line: str) -> tuple[str, dict[str, str]]:
    """Take the commands in `$(…)` out of a line.

    Args:
        line: one command of a page.

    Returns:
        The line with a variable in the place of each, and name -> command, in the order in which they run.

    Raises:
        InputError: a bracket is not closed.
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    at, is_double = 0, False
    while at < len(line):
        character = line[at]
        if character == "'" and not is_double:
            end = line.find("'", at + 1)
            end = len(line) if end < 0 else end + 1
            rest.append(line[at:end])
            at = end
            continue
        if character == "\\":
            rest.append(line[at : at + 2])
            at += 2
            continue
        is_double ^= character == '"'
        if line.startswith("$(", at) and not line.startswith("$((", at):
            end = _closing(line, at + 2)
            name = f"_{len(found) + 1}"
            found[name] = line[at + 2 : end]
            rest.append(f"${{{name}}}")
            at = end + 1
            continue
        rest.append(character)
        at += 1
    return "".join(rest), found


def _closing(line: str, start: int) -> int:
    """Return where the bracket that was opened before `start` is closed."""
    depth, at, quote = 1, start, ""
    while at < len(line):
        character = line[at]
        if character == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return at
        at += 1
    raise InputError("a `$(` is not closed")


def lift_document(line: str, variables: Mapping[str, str]) -> tuple[str, str | None]:
    """Take the here-document out of a line.

    Args:
        line: one command of a page, with the document's lines.
        variables: put into a document whose word is not quoted.

    Returns:
        The line that reads the file `HERE_DOCUMENT` instead, and the document; None without one.
    """
    match = _DOCUMENT.search(line)
    if match is None:
        return line, None
    head, _, body = line.partition("\n")
    if match.end() > len(head):
        return line, None
    lines = body.split("\n")
    if match["dash"]:
        lines = [each.lstrip("\t") for each in lines]
    if lines[-1:] != [match["word"]]:
        raise InputError(f"the here-document `{match['word']}` is not closed")
    text = "".join(f"{each}\n" for each in lines[:-1])
    if not match["quote"]:
        text = _NAME.sub(lambda name: variables.get(name[1] or name[2], ""), text)
    return f"{head[: match.start()]}< {HERE_DOCUMENT}{head[match.end() :]}", text


def _pipes(words: list[_Word]) -> tuple[Pipe, ...]:
    pipes: list[Pipe] = []
    steps: list[Step] = []
    joint, part = "", list[_Word]()
    for word in [*words, _Word(";", is_operator=True)]:
        if word.is_operator and word.text in ("|", *_JOINTS):
            is_end = word.text == ";" and not part and not steps
            if is_end and (joint in ("", ";")):
                continue
            steps.append(_step(part))
            part = []
            if word.text != "|":
                pipes.append(Pipe(joint, tuple(steps)))
                joint, steps = word.text, []
        else:
            part.append(word)
    if steps:
        raise InputError("a pipe leads nowhere")
    return tuple(pipes)


def _step(part: list[_Word]) -> Step:
    words: list[str] = []
    found: dict[str, str] = {}
    appends = joins = drops = False
    pending = ""
    for word in part:
        if word.is_operator and pending:
            raise InputError(f"`{pending}` names no file")
        if word.is_operator and word.text in (">", ">>", "<"):
            pending = word.text
        elif word.is_operator and word.text == "2>&1":
            joins = True
        elif word.is_operator and word.text == "2>/dev/null":
            drops = True
        elif word.is_operator:
            raise UnreadableError(
                {"<<": "a here-document", "&": "a command in the background", "`": "a substitution"}.get(
                    word.text, "a subshell"
                )
            )
        elif pending:
            found["reads" if pending == "<" else "writes"] = word.text
            appends, pending = pending == ">>", ""
        else:
            words.append(word.text)
    if pending:
        raise InputError(f"`{pending}` names no file")
    if not words:
        raise InputError("a part of the line has no command")
    return Step(
        tuple(words),
        found.get("reads", ""),
        found.get("writes", ""),
        appends=appends,
        joins_errors=joins,
        drops_errors=drops,
    )


def _words(line: str, variables: Mapping[str, str]) -> list[_Word]:
    """Return words and operators in order, quotes taken off and variables put in."""
    words: list[_Word] = []
    word: list[str] | None = None
    at = 0

    def ended() -> None:
        nonlocal word
        if word is not None:
            words.append(_Word("".join(word)))
            word = None

    while at < len(line):
        character = line[at]
        operator = next((each for each in _OPERATORS if line.startswith(each, at)), "")
        if operator.startswith("2") and word is not None:
            operator = ""
        if character in " \t\n":
            ended()
        elif character == "#" and word is None:
            end = line.find("\n", at)
            at = len(line) if end < 0 else end
            continue
        elif character == "'":
            end = line.find("'", at + 1)
            if end < 0:
                raise InputError("a single quote is not closed")
            word = [*(word or []), line[at + 1 : end]]
            at = end
        elif character == '"':
            part, at = _double_quoted(line, at, variables)
            word = [*(word or []), part]
        elif character == "\\":
            at += 1
            if line[at : at + 1] not in ("\n", ""):
                word = [*(word or []), line[at]]
        elif character == "$":
            part, at = _value(line, at, variables)
            word = [*(word or []), part]
        elif operator:
            ended()
            words.append(_Word(operator, is_operator=True))
            at += len(operator) - 1
        else:
            word = [*(word or []), character]
        at += 1
    ended()
    return words


def _double_quoted(line: str, opening: int, variables: Mapping[str, str]) -> tuple[str, int]:
    """Return what stands between double quotes, and where the closing one is."""
    part: list[str] = []
    at = opening + 1
    while at < len(line):
        character = line[at]
        if character == '"':
            return "".join(part), at
        if character == "`":
            raise UnreadableError("a substitution")
        if character == "$":
            character, at = _value(line, at, variables)
        elif character == "\\" and line[at + 1 : at + 2] in ('"', "\\", "$", "`", "\n"):
            at += 1
            character = "" if line[at] == "\n" else line[at]
        part.append(character)
        at += 1
    raise InputError("a double quote is not closed")


def _value(line: str, at: int, variables: Mapping[str, str]) -> tuple[str, int]:
    """Return the value of the variable that begins here, and where its name ends."""
    match = _NAME.match(line, at)
    if match is None:
        if line[at + 1 : at + 2] in ("(", "{", *"?#@*!0123456789"):
            raise UnreadableError("a substitution")
        return "$", at
    name = match.group(1) or match.group(2)
    if name not in variables:
        raise InputError(f"`${name}` is not set by a command before it")
    return variables[name], match.end() - 1
