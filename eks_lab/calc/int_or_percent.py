"""A count or a share, as Kubernetes takes them: `2` or `25%`.

Source: k8s.io/apimachinery, util/intstr, and the validation of workloads and policies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eks_lab.errors import InputError

_FORM = re.compile(r"(\d{1,9})(%?)", re.ASCII)
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class IntOrPercent:
    """A number of pods, or a percentage of all of them."""

    number: int
    """Pods, or per cent; never negative."""
    is_percent: bool
    """Whether it is a percentage."""

    def of(self, total: int, *, round_up: bool) -> int:
        """Return the pods it means.

        Args:
            total: pods that a percentage is taken of.
            round_up: budgets and maxSurge round up, maxUnavailable of a rolling update rounds down.
        """
        if not self.is_percent:
            return self.number
        return -(-self.number * total // 100) if round_up else self.number * total // 100

    def __str__(self) -> str:
        return f"{self.number}%" if self.is_percent else str(self.number)


def read_int_or_percent(field: str, text: str, *, most_percent: int | None = 100) -> IntOrPercent:
    """Read a count or a percentage.

    Args:
        field: the input it was typed into, for messages.
        text: `2` or `25%`.
        most_percent: largest percentage that Kubernetes takes here; None is no limit.

    Raises:
        InputError: it is neither, negative, or too large a percentage.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        shown = repr(text[: 2 * _LONGEST_SHOWN])
        shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"
        raise InputError(
            f"{field}: {shown} is neither a number of pods nor a percentage",
            hint="Write 1 or 25%: whole numbers from 0 up.",
        )
    found = IntOrPercent(number=int(match.group(1)), is_percent=match.group(2) == "%")
    if found.is_percent and most_percent is not None and found.number > most_percent:
        raise InputError(
            f"{field}: {found} is more than {most_percent}%, which Kubernetes refuses",
            hint=f"Give {most_percent}% at most, or a number of pods.",
        )
    return found
