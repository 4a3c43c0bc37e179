"""Compares values with what is expected of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from eks_lab.content.queries import Expectation
from eks_lab.errors import InputError
from eks_lab.grading.verdict import Verdict
from eks_lab.kube.quantity import parse_quantity

MOST_SHOWN = 5


def compared(values: Sequence[Any], expected: Expectation, nothing: str, shown: str = "") -> Verdict:
    """Return whether values are as expected, and what they are.

    Args:
        values: what was found, in order.
        expected: all of it has to hold; when nothing is expected, there has to be a value.
        nothing: what to say when there is no value.
        shown: what to say in place of the values.
    """
    observed = shown or (listed(values) if values else nothing)
    if not expected_anything(expected):
        return Verdict(bool(values), observed)
    counted = (expected.count, expected.count_gte, expected.count_lte)
    if any(each is not None for each in counted) and not shown:
        observed = str(len(values)) if not values or _are_objects(values) else f"{len(values)} ({observed})"
    return Verdict(_holds(values, expected), observed)


def expected_anything(expected: Expectation) -> bool:
    """Return whether any expectation is given."""
    return any(getattr(expected, name) is not None for name in _NAMES)


_NAMES = (
    *("equals", "contains", "exists", "gte", "lte", "count", "count_gte", "count_lte", "any_of", "matches"),
)


def _holds(values: Sequence[Any], expected: Expectation) -> bool:
    count = len(values)
    if expected.exists is not None and bool(values) is not expected.exists:
        return False
    if expected.count is not None and count != expected.count:
        return False
    if expected.count_gte is not None and count < expected.count_gte:
        return False
    if expected.count_lte is not None and count > expected.count_lte:
        return False
    about_each = (expected.equals, expected.gte, expected.lte, expected.any_of, expected.matches)
    if not values:
        # Nothing is not the same as everything being right.
        return expected.contains is None and all(each is None for each in about_each)
    if expected.contains is not None and not any(_has(each, expected.contains) for each in values):
        return False
    return all(_is_right(each, expected) for each in values)


def _is_right(value: Any, expected: Expectation) -> bool:
    if expected.equals is not None and not same(value, expected.equals):
        return False
    if expected.any_of is not None and not any(same(value, each) for each in expected.any_of):
        return False
    if expected.matches is not None and not re.search(expected.matches, _text(value)):
        return False
    if expected.gte is not None or expected.lte is not None:
        number = as_number(value)
        least, most = as_number(expected.gte), as_number(expected.lte)
        if number is None or (least is not None and number < least) or (most is not None and number > most):
            return False
    return True


def same(one: Any, other: Any) -> bool:
    """Return whether two values are one: as they stand, or as numbers or quantities of one size."""
    if isinstance(one, bool) or isinstance(other, bool):
        return _text(one).lower() == _text(other).lower()
    if one == other or _text(one) == _text(other):
        return True
    first, second = as_number(one), as_number(other)
    return first is not None and first == second


def as_number(value: Any) -> float | None:
    """Return a number or a Kubernetes quantity as a number; None when it is neither."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(parse_quantity(str(value)).amount)
    except (InputError, ValueError, ArithmeticError):
        return None


def _has(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(same(each, wanted) or _within(wanted, each) for each in value)
    if isinstance(value, dict):
        return _within(wanted, value) or (isinstance(wanted, str) and wanted in value)
    return same(value, wanted) or (isinstance(value, str) and str(wanted) in value)


def _within(wanted: Any, value: Any) -> bool:
    """Return whether a mapping has all that another one has."""
    if not isinstance(wanted, dict) or not isinstance(value, dict):
        return False
    return all(
        name in value and (same(value[name], each) or _within(each, value[name]))
        for name, each in wanted.items()
    )


def listed(values: Sequence[Any]) -> str:
    """Return values as a person reads them."""
    names = [_name(each) for each in values]
    distinct = list(dict.fromkeys(names))
    head = ", ".join(distinct[:MOST_SHOWN])
    return head if len(distinct) <= MOST_SHOWN else f"{head} and {len(distinct) - MOST_SHOWN} more"


def _are_objects(values: Sequence[Any]) -> bool:
    return isinstance(values[0], dict) and "metadata" in values[0]


def _name(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("metadata"), dict):
        return str(value["metadata"].get("name", "an object"))
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str, ensure_ascii=False)
