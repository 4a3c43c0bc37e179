"""Rules, past wishes and past steps in the short form of a command line."""

from __future__ import annotations

import re

from eks_lab.calc.horizontal_scaling.autoscaler import ScalingPolicy, SelectPolicy
from eks_lab.calc.horizontal_scaling.restraint import Change
from eks_lab.errors import InputError

_POLICY = re.compile(r"(\d{1,9})\s*(%|pods?)?\s*(?:/|per)\s*(\d{1,6})\s*(s|m|min)?", re.ASCII | re.IGNORECASE)
_PAST = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*s?\s*:\s*([+-]?\d{1,7})", re.ASCII)
_POLICY_HINT = "Write policies as 100%/15s, 4/15s, with min or max before them, or write disabled."


def read_policies(name: str, text: str) -> tuple[SelectPolicy, tuple[ScalingPolicy, ...]]:
    """Read policies.

    Args:
        name: the input, for messages.
        text: `100%/15s, 4/15s`, `min 10%/60s 5/60s`, or `disabled`.

    Returns:
        How to choose among them, and the policies; none for `disabled`.

    Raises:
        InputError: the text is something else.
    """
    rest = text.strip().lower()
    select: SelectPolicy = "Max"
    if rest == "disabled":
        return "Disabled", ()
    for word, meaning in (("min", "Min"), ("max", "Max")):
        if rest.startswith(word):
            select = "Min" if meaning == "Min" else "Max"
            rest = rest[len(word) :].lstrip(" :")
    policies = []
    for part in _parts(rest, _POLICY):
        found = _POLICY.fullmatch(part)
        if found is None:
            raise InputError(f"{name}: {part!r} is no policy", hint=_POLICY_HINT)
        value, unit, period, scale = found.groups()
        seconds = int(period) * (1 if scale in (None, "s") else 60)
        policies.append(ScalingPolicy("Percent" if unit == "%" else "Pods", int(value), seconds))
    if not policies:
        raise InputError(f"{name}: {text.strip()!r} holds no policy", hint=_POLICY_HINT)
    return select, tuple(policies)


def read_wishes(name: str, text: str) -> tuple[tuple[float, int], ...]:
    """Read past recommendations: `120:8, 60:6` is 8 two minutes ago and 6 a minute ago.

    Returns:
        Seconds ago and replicas, the oldest first.

    Raises:
        InputError: the text is something else.
    """
    found = [(ago, replicas) for ago, replicas, _ in _past(name, text)]
    if any(replicas < 0 for _, replicas in found):
        raise InputError(f"{name}: a wish below 0 replicas", hint="Write wishes as 120:8, 60:6.")
    return tuple(sorted(found, key=lambda wish: -wish[0]))


def read_steps(name: str, text: str, now: float) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Read past steps: `30:+4, 10:-2` is four more half a minute ago and two fewer ten seconds ago.

    Args:
        name: the input, for messages.
        text: the steps.
        now: present time in seconds.

    Returns:
        Steps up and steps down, the oldest first.

    Raises:
        InputError: the text is something else.
    """
    added: list[Change] = []
    removed: list[Change] = []
    for ago, by, signed in sorted(_past(name, text), key=lambda step: -step[0]):
        if not signed or by == 0:
            raise InputError(f"{name}: {by} has no direction", hint="Write steps as 30:+4, 10:-2.")
        (added if by > 0 else removed).append(Change(now - ago, abs(by)))
    return tuple(added), tuple(removed)


def _past(name: str, text: str) -> list[tuple[float, int, bool]]:
    found = []
    for part in _parts(text, _PAST):
        match = _PAST.fullmatch(part)
        if match is None:
            raise InputError(
                f"{name}: {part!r} is no number of seconds ago with a number of replicas",
                hint="Write 120:8, or 30:+4 for a step.",
            )
        found.append((float(match.group(1)), int(match.group(2)), match.group(2)[0] in "+-"))
    return found


def _parts(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Split at commas and semicolons; at blanks only where that leaves whole parts."""
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    found: list[str] = []
    for part in parts:
        words = part.split()
        if len(words) > 1 and all(pattern.fullmatch(word) for word in words):
            found += words
        else:
            found.append(part)
    return found
