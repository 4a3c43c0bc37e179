"""An answer as text in the database: a JSON list of option indexes, or a JSON number."""

from __future__ import annotations

import json
import math

from eks_lab.errors import InputError
from eks_lab.learning.records import Given

MOST_OPTIONS = 1000
LARGEST_REV = 1_000_000


def given_to_text(question_id: str, given: object) -> str:
    """Return an answer as it is stored.

    Args:
        question_id: for the message.
        given: indexes of the chosen options, or a number.

    Raises:
        InputError: it is neither.
    """
    if isinstance(given, tuple):
        if all(type(index) is int and 0 <= index < MOST_OPTIONS for index in given):
            return json.dumps(list(given))
    elif isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given):
        return json.dumps(float(given))
    raise InputError(
        f"answer to {question_id}: {given!r} is not a finite number or a tuple of option indexes"
    )


def given_from_text(text: str) -> Given:
    """Return a stored answer.

    Raises:
        ValueError: the text is not what `given_to_text` writes.
    """
    value = json.loads(text)
    if isinstance(value, list) and all(type(index) is int for index in value):
        return tuple(value)
    if type(value) is float:
        return value
    raise ValueError(f"not an answer: {text}")
