"""What learners type: words of a command line, remembered values, and files they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from eks_lab.errors import ContentError

_NAME = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def words_of(line: str, remembered: Mapping[str, str]) -> list[str]:
    """Return the words of a command line as a shell splits them; pipes and redirections are words.

    Args:
        line: `scale deployment web --replicas=3`.
        remembered: name -> value, put in for `$name`.

    Raises:
        ContentError: a quote is not closed.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ContentError(f"{line!r} is no command line: {error}.", hint="Close the quote.") from error

    def value(match: re.Match[str]) -> str:
        return remembered.get(match.group(1), match.group(0))

    return [_NAME.sub(value, word) for word in words]


def with_files(words: Sequence[str], folder: Path) -> list[str]:
    """Return the words with `file://NAME` replaced by the file's content, as aws does.

    Args:
        words: after `aws`.
        folder: where the command runs; a name that leads out of it stays as it is.
    """
    found = []
    for word in words:
        head, scheme, name = word.partition("file://")
        path = folder / name
        is_file = bool(scheme) and (not head or head.endswith("=")) and path.is_file()
        if is_file and path.resolve().is_relative_to(folder.resolve()):
            word = head + path.read_text(encoding="utf-8")
        found.append(word)
    return found
