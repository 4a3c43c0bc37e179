"""An answer as a row in the database; what was given is a JSON list of indexes, a JSON number or a JSON string."""

from __future__ import annotations

import json
import math
from typing import Any

from eks_lab.content.items.given import LONGEST_TEXT, NOTHING
from eks_lab.errors import InputError
from eks_lab.learning.records import AnswerRecord, Given
from eks_lab.learning.timestamps import read_time

MOST_OPTIONS = 1000
LARGEST_REV = 1_000_000
ANSWER_COLUMNS = "question_id, rev, given, correct, answered_at, seed, score, seconds, mode"
"""Columns of `answers` in the order that `answer_of_row` takes them."""


def given_to_text(question_id: str, given: object) -> str:
    """Return an answer as it is stored.

    Args:
        question_id: for the message.
        given: indexes of options or steps (-1 for a pair without a right side), a number, or a text.

    Raises:
        InputError: it is none of them, or a text is longer than `LONGEST_TEXT` or no database holds it.
    """
    if isinstance(given, tuple):
        if all(type(index) is int and NOTHING <= index < MOST_OPTIONS for index in given):
            return json.dumps(list(given))
    elif isinstance(given, str):
        if len(given) <= LONGEST_TEXT and is_storable(given):
            return json.dumps(given, ensure_ascii=False)
    elif isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given):
        return json.dumps(float(given))
    shown = repr(given)
    raise InputError(
        f"answer to {question_id}: {shown if len(shown) <= 80 else shown[:79] + '…'} is not a finite number, "
        f"a tuple of indexes or a text of at most {LONGEST_TEXT:,} characters"
    )


def given_from_text(text: str) -> Given:
    """Return a stored answer.

    Raises:
        ValueError: the text is not what `given_to_text` writes.
    """
    value = json.loads(text)
    if isinstance(value, list) and all(type(index) is int for index in value):
        return tuple(value)
    if type(value) is float or type(value) is str:
        return value
    raise ValueError(f"not an answer: {text}")


def is_storable(text: str) -> bool:
    """Return whether a text can be written as UTF-8, which halves of surrogate pairs cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def answer_of_row(row: tuple[Any, ...]) -> AnswerRecord:
    """Return the answer that a row with `ANSWER_COLUMNS` holds.

    Raises:
        ValueError: the row holds something that was never written by this program.
    """
    question_id, rev, given, correct, answered_at, seed, score, seconds, mode = row
    points = float(correct) if score is None else score
    times = read_time(answered_at)
    return AnswerRecord(
        question_id, rev, given_from_text(given), bool(correct), times, seed, points, seconds, mode
    )
