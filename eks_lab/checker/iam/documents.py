"""Policies that stand in files of their own: JSON, with the line of each statement."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from eks_lab.calc.iam_policy import read_policy
from eks_lab.checker.iam import rules
from eks_lab.checker.iam.policy import check_policy
from eks_lab.checker.model import Finding
from eks_lab.errors import InputError

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,\n]', re.DOTALL)
_NUMBER = re.compile(r"statement (\d+)")


def is_policy(document: object) -> bool:
    """Whether a JSON document looks like an IAM policy.

    Args:
        document: as `json.loads` gives it.
    """
    return isinstance(document, dict) and "Statement" in document


def check_document(file: str, text: str) -> Iterator[Finding]:
    """Yield what is wrong with a policy in a file.

    Args:
        file: its name.
        text: JSON that looks like a policy.
    """
    lines = statement_lines(text)

    def place(number: int) -> tuple[str, int]:
        return file, lines[number - 1] if 0 < number <= len(lines) else 1

    try:
        policy = read_policy(text, field=file)
    except InputError as error:
        message = error.message.removeprefix(f"{file}: ")
        named = _NUMBER.search(message)
        line = place(int(named.group(1)))[1] if named else 1
        yield rules.GRAMMAR.at(file, line, message, fix=error.hint)
        return
    yield from check_policy(policy, place)


def statement_lines(text: str) -> list[int]:
    """Return the line on which each statement of a policy begins.

    Args:
        text: JSON.
    """
    lines: list[int] = []
    line, depth, inside, last = 1, 0, -1, ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "\n":
            line += 1
            continue
        if token in "{[":
            depth += 1
            if last == '"Statement"' and depth == 2:
                inside = 3 if token == "[" else 2
            if token == "{" and depth == inside:
                lines.append(line)
        elif token in "}]":
            depth -= 1
            if depth < 2:
                inside = -1
        if token not in ":":
            last = token
    return lines


def load_json(text: str) -> object:
    """Return a JSON document.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested too deep.
    """
    document: object = json.loads(text)
    return document
