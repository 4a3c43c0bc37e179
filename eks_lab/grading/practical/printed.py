"""Compares what a command printed with what a question asks for."""

from __future__ import annotations

import re

from eks_lab.content.items.model import Printed


def prints_what_is_asked(wanted: Printed, out: str) -> bool:
    """Return whether an output has all that it should and nothing that it should not.

    Args:
        wanted: of the question; at least one of its lists has something.
        out: standard output of the last command.
    """
    return (
        all(each in out for each in wanted.contains)
        and not any(each in out for each in wanted.lacks)
        and all(re.search(each, out, re.MULTILINE) for each in wanted.matches)
    )
