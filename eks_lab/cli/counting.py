"""Numbers of things, as a person says them."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """Return a number with its word, which has an s unless there is one of it."""
    return f"{number:,} {word}{'s' * (number != 1)}"
