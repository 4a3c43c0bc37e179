"""Kubernetes quantities (`250m`, `1.5k`, `512Mi`) as whole milli-units.

Like the API, what is finer than a thousandth is rounded up.
Source: Kubernetes API reference, common definition Quantity (k8s.io/apimachinery/pkg/api/resource).
"""

from __future__ import annotations

import re

_TEXT = re.compile(
    r"(\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE]\d{1,2})?", re.ASCII
)
_SUFFIXES = "kMGTPE"
MOST_MILLI = 2**63 - 1


def milli_units(text: str) -> int | None:
    """Return a quantity in milli-units.

    Args:
        text: a number with an optional suffix.

    Returns:
        `250m` is 250, `2` is 2000, `1Ki` is 1024000; None when the text is no quantity, is negative, or is
        more than the API can hold.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    digits, suffix = found.group(1), found.group(2) or ""
    whole, _, fraction = digits.partition(".")
    amount = int((whole or "0") + fraction)
    up, down = 1000, 10 ** len(fraction)
    if suffix in ("n", "u", "m"):
        down *= {"n": 10**9, "u": 10**6, "m": 10**3}[suffix]
    elif suffix.endswith("i"):
        up *= 1024 ** (_SUFFIXES.lower().index(suffix[0].lower()) + 1)
    elif suffix[:1] in ("e", "E") and len(suffix) > 1:
        up *= 10 ** int(suffix[1:])
    elif suffix:
        up *= 1000 ** (_SUFFIXES.index(suffix) + 1)
    milli = -(-amount * up // down)
    return milli if milli <= MOST_MILLI else None


def shown_quantity(milli: int) -> str:
    """Return milli-units as a reader writes them: 250 is `250m`, 2000 is `2`, 536870912000 is `512Mi`."""
    if milli % 1000:
        return f"{milli}m" if milli < 1000 else f"{milli / 1000:.10g}"
    units = milli // 1000
    for power, suffix in ((4, "Ti"), (3, "Gi"), (2, "Mi")):
        if units and units % 1024**power == 0:
            return f"{units // 1024**power}{suffix}"
    return str(units)
