"""What is right about a given answer: grading, the order of options, numbers as people type them.

Pure: the same rules for the quiz in a page, for a script and for `author check`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from hashlib import sha256

from eks_lab.content.model import Question
from eks_lab.errors import ContentError, InputError

Given = tuple[int, ...] | float
"""Indexes of the picked options as the file lists them, or the typed number."""

RIGHT, WRONG = "✓", "✗"

_SPACES = re.compile(r"[\s_]+")
_NUMBER = re.compile(r"[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to tell the learner about an answer, before any explanation."""

    correct: bool
    """Whether the answer counts."""
    headline: str
    """Symbol and words: `✓ Right`, `✗ Not quite`; never a colour alone."""
    detail: str = ""
    """How far off it was; empty when the headline says it all."""


def correct_options(question: Question) -> tuple[int, ...]:
    """Return the indexes of the right options, ascending; empty for number questions."""
    return tuple(index for index, option in enumerate(question.options) if option.correct)


def is_answer(question: Question, given: object) -> bool:
    """Return whether `given` has the form this question asks for, as a stored answer may no longer have."""
    if question.kind == "number":
        return isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if not isinstance(given, tuple) or not given or len(set(given)) != len(given):
        return False
    if not all(isinstance(index, int) and 0 <= index < len(question.options) for index in given):
        return False
    return question.kind == "multi" or len(given) == 1


def grade(question: Question, given: Given) -> bool:
    """Return whether an answer is right.

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
        wanted = {"choice": "the index of one option", "multi": "indexes of options", "number": "a number"}
        raise InputError(
            f"{question.id}: the answer {given!r} is not {wanted[question.kind]}.",
            hint="Answer the question again; it may have changed since.",
        )
    if isinstance(given, tuple):
        return set(given) == set(correct_options(question))
    answer = _answer(question)
    return abs(given - answer) <= question.tolerance + 1e-9 * max(1.0, abs(answer))


def judge(question: Question, given: Given) -> Verdict:
    """Return the verdict on an answer in words; see `grade` for arguments and errors."""
    correct = grade(question, given)
    headline = f"{RIGHT} Right" if correct else f"{WRONG} Not quite"
    if isinstance(given, tuple):
        return Verdict(correct, headline, _multi_detail(question, given) if question.kind == "multi" else "")
    answer = _answer(question)
    shown = number_text(answer, question.unit)
    if not correct:
        return Verdict(False, headline, f"You answered {number_text(given, question.unit)}; it is {shown}.")
    if given == answer or math.isclose(given, answer, rel_tol=1e-9):
        return Verdict(True, headline, f"It is {shown}.")
    return Verdict(True, headline, f"It is {shown}; yours is within {number_text(question.tolerance)}.")


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
    return tuple(sorted(range(len(question.options)), key=lambda index: _digest(seed, question.id, index)))


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


def _multi_detail(question: Question, given: tuple[int, ...]) -> str:
    right = set(correct_options(question))
    found, false = len(right & set(given)), len(set(given) - right)
    parts = [f"{found} of {len(right)} right ones picked"]
    if false:
        parts.append(f"{false} that {'does' if false == 1 else 'do'} not belong")
    return "" if found == len(right) and not false else ", ".join(parts) + "."


def _digest(seed: str, question_id: str, index: int) -> bytes:
    return sha256(f"{seed}\0{question_id}\0{index}".encode()).digest()
