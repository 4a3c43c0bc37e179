"""Working a substitution out, for tests of worked answers."""

from __future__ import annotations

import math

_NAMES = {"__builtins__": {}, "min": min, "max": max, "ceil": math.ceil, "floor": math.floor}


def value_of(substitution: str) -> float:
    """Return what a step's substitution comes to.

    Args:
        substitution: numbers and `+ − × ÷ min max ⌈⌉ ⌊⌋`, with or without thousands separators
            outside of `min(…)` and `max(…)`.
    """
    text = substitution.replace("−", "-").replace("×", "*").replace("÷", "/").replace("∞", "1e9")
    text = text.replace("⌈", "ceil(").replace("⌊", "floor(").replace("⌉", ")").replace("⌋", ")")
    if "min(" not in text and "max(" not in text:
        text = text.replace(",", "")
    return float(eval(text, dict(_NAMES)))
