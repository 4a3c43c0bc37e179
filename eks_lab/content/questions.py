"""What is right about a given answer: grading, the order of options, numbers as people type them.

Pure: the same rules for the quiz in a page, for a script and for `author check`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Protocol

from eks_lab.content.items.given import is_number, is_picked, wrong_form
from eks_lab.content.items.result import RIGHT, WRONG, Result, result_of
from eks_lab.content.model import Option, Question
from eks_lab.errors import ContentError, InputError

__all__ = [
    "RIGHT", "WRONG", "Given", "correct_options", "grade", "is_answer", "judge", "judge_number", "judge_options",
    "number_text", "option_order", "parse_number", "shown_order",
]  # fmt: skip

Given = tuple[int, ...] | float
"""Indexes of the picked options as the file lists them, or the typed number."""

_SPACES = re.compile(r"[\s_]+")
_NUMBER = re.compile(r"[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


class HasOptions(Protocol):
    """A question that is answered by picking."""

    @property
    def options(self) -> Sequence[Option]:
        """Return what can be picked, as the file lists it."""


def correct_options(question: HasOptions) -> tuple[int, ...]:
    """Return the indexes of the right options, ascending; empty for number questions."""
    return tuple(index for index, option in enumerate(question.options) if option.correct)


def is_answer(question: Question, given: object) -> bool:
    """Return whether `given` has the form this question asks for, as a stored answer may no longer have."""
    if question.kind == "number":
        return is_number(given)
    return is_picked(given, len(question.options), several=question.kind == "multi")


def grade(question: Question, given: Given) -> bool:
    """Return whether an answer is right; see `judge` for the rules, arguments and errors."""
    return judge(question, given).correct


def judge(question: Question, given: Given) -> Result:
    """Return the judgement of an answer.

    A choice needs the one right option, a multi all right ones and no other, a number lies at most
    `tolerance` from the answer (a billionth is allowed on top, for decimals that binary cannot hold).

    Args:
        question: the question as the course has it now.
        given: indexes of options as the file lists them, or a number in the question's unit.

    Raises:
        InputError: the answer has another form than the question.
        ContentError: a number question without an answer.
    """
    if not is_answer(question, given):
        raise wrong_form(question.id, question.kind, given)
    if isinstance(given, tuple):
        return judge_options(correct_options(question), given, several=question.kind == "multi")
    return judge_number(given, _answer(question), question.tolerance, question.unit)


def judge_options(right: Collection[int], picked: Collection[int], *, several: bool) -> Result:
    """Return the judgement of picked options.

    With several right ones the score is `max(0, right ones picked - wrong ones picked) / right ones`: who
    picks everything has no more than who picks nothing useful.

    Args:
        right: indexes of the right options, at least one.
        picked: indexes of the picked ones.
        several: whether more than one may be right.
    """
    found, false = len(set(right) & set(picked)), len(set(picked) - set(right))
    if not several:
        return result_of(1.0 if found else 0.0)
    if found == len(right) and not false:
        return result_of(1.0)
    parts = [f"{found} of {len(right)} right ones picked"]
    if false:
        parts.append(f"{false} that {'does' if false == 1 else 'do'} not belong")
    return result_of(max(0, found - false) / len(right), detail=", ".join(parts) + ".")


def judge_number(given: float, answer: float, tolerance: float, unit: str = "") -> Result:
    """Return the judgement of a typed number: right within the tolerance, and nothing in between.

    Args:
        given: what was typed.
        answer: the right number.
        tolerance: how far off still counts, in the unit of the answer.
        unit: for the words.
    """
    shown = number_text(answer, unit)
    if not abs(given - answer) <= tolerance + 1e-9 * max(1.0, abs(answer)):
        return result_of(0.0, detail=f"You answered {number_text(given, unit)}; it is {shown}.")
    if given == answer or math.isclose(given, answer, rel_tol=1e-9):
        return result_of(1.0, detail=f"It is {shown}.")
    return result_of(1.0, detail=f"It is {shown}; yours is within {number_text(tolerance)}.")


def option_order(question: Question, seed: str = "") -> tuple[int, ...]:
    """Return the indexes of the options in the order to show them.

    The order hangs on the question's id and the seed alone: the same on every machine and at every
    visit, and unrelated to the order of the file, so that a place gives nothing away.

    Args:
        question: a choice or multi question.
        seed: another seed gives another order, for an exam that should not repeat the lesson's.

    Returns:
        A permutation of `range(len(question.options))`; empty for number questions.
    """
    return shown_order(question.id, len(question.options), seed)


def shown_order(question_id: str, count: int, seed: str = "") -> tuple[int, ...]:
    """Return the order in which to show the `count` things of a question: it hangs on id and seed alone.

    Args:
        question_id: of the question.
        count: how many things there are to show.
        seed: another seed gives another order.
    """
    return tuple(sorted(range(count), key=lambda index: _digest(seed, question_id, index)))


def parse_number(text: str, unit: str = "") -> float:
    """Return the number a learner typed.

    Read are signs, decimal points, exponents, `1,465` and `1 465` and `1_465`, the true minus sign,
    and the unit behind it (or a dollar sign before it, when the unit is in USD).

    Args:
        text: as typed, such as `1,465 MiB`.
        unit: the unit that may stand behind the number.

    Raises:
        InputError: nothing was typed, it is no number, or it could be read in two ways.
    """
    typed = text.strip()
    if not typed:
        raise InputError("No number was typed.", hint="Type digits, with a point for decimals.")
    number = typed.replace("\u2212", "-")
    if unit and number.casefold().endswith(unit.casefold()):
        number = number[: -len(unit)]
    if unit.upper().startswith("USD"):
        number = number.replace("$", "", 1)
    number = _SPACES.sub("", number)
    if not _NUMBER.fullmatch(number):
        if _DECIMAL_COMMA.fullmatch(number):
            hint = f"For decimals write {number.replace(',', '.')}; for thousands put three digits behind the comma."
        elif unit:
            hint = f"Type digits, with a point for decimals; the unit {unit!r} may be left out."
        else:
            hint = "Type digits, with a point for decimals."
        raise InputError(f"{typed!r} is not a number.", hint=hint)
    value = float(number.replace(",", ""))
    if not math.isfinite(value):
        raise InputError(f"{typed!r} is too large.", hint="Check the number of digits.")
    return value


def number_text(value: float, unit: str = "") -> str:
    """Return a number as people write it, `1,465 MiB`: no trailing zeros, the unit when there is one.

    Args:
        value: any finite number.
        unit: such as `pods`; `%` stands without a space.
    """
    if float(value).is_integer() and abs(value) < 1e15:
        text = f"{int(value):,}"
    else:
        text = f"{value:,.6f}".rstrip("0").rstrip(".") if 1e-4 <= abs(value) < 1e15 else f"{value:.6g}"
    text = text.replace("-", "\u2212") if text.startswith("-") else text
    return text + ("%" if unit == "%" else f" {unit}" if unit else "")


def _answer(question: Question) -> float:
    if question.answer is None:
        raise ContentError(
            f"{question.id}: a number question without `answer`.",
            hint="Add the number as `answer:` in quiz.yaml.",
        )
    return question.answer


def _digest(seed: str, question_id: str, index: int) -> bytes:
    return sha256(f"{seed}\0{question_id}\0{index}".encode()).digest()
