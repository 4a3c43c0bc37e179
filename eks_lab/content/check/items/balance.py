"""A guard against answers that their place gives away.

As shown: over all choice questions with the same number of options the right one must stand at each place about
equally often (chi-square against uniform, refused where chance alone would do it once in a thousand times). As
written: no place holds more than `LARGEST_SHARE` of the right answers, so that files read fairly too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from eks_lab.content.check.items.surveyed import Placed
from eks_lab.content.findings import Finding
from eks_lab.content.items.model import ChoiceItem
from eks_lab.content.items.variant import shown_sides
from eks_lab.content.questions import correct_options, shown_order

FEWEST = 20
"""Questions with the same number of options, below which places say nothing."""
LARGEST_SHARE = 0.5
"""Of the right answers at one place of the file."""
_NORMAL_999 = 3.0902
"""The normal distribution's quantile for 0.999."""


def check_balance(everything: Sequence[Placed]) -> Iterator[Finding]:
    """Yield findings about the places of right answers."""
    written: dict[int, Counter[int]] = defaultdict(Counter)
    shown: dict[int, Counter[int]] = defaultdict(Counter)
    for placed in everything:
        item = placed.item
        if not isinstance(item, ChoiceItem) or len(correct_options(item)) != 1:
            continue
        (right,) = correct_options(item)
        count = len(item.options)
        # A lesson's questions are shown in the order of the empty seed, the bank's in that of a number.
        order = shown_order(item.id, count) if placed.is_quick_check else shown_sides(item, 0)
        written[count][right] += 1
        shown[count][order.index(right)] += 1
    for count, places in sorted(shown.items()):
        off = chi_square([places[place] for place in range(count)])
        if places.total() >= FEWEST and off > limit(count - 1):
            at = ", ".join(str(places[place]) for place in range(count))
            yield Finding(
                "course.yaml",
                1,
                "answer-place",
                f"questions with {count} options, as shown: right answers by place {at}: chi-square {off:.1f}, "
                f"at most {limit(count - 1):.1f}",
                "The place gives the answer away; the shown order hangs on ids: rename new questions.",
            )
    for count, places in sorted(written.items()):
        place, most = max(places.items(), key=lambda each: each[1])
        if places.total() >= FEWEST and most > LARGEST_SHARE * places.total():
            yield Finding(
                "course.yaml",
                1,
                "answer-place",
                f"questions with {count} options, as written: {most} of {places.total()} right answers stand at "
                f"place {place + 1}",
                f"Move right options until no place has more than {LARGEST_SHARE:.0%}.",
            )


def chi_square(counts: Sequence[int]) -> float:
    """Return how far counts are from all being equal."""
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts) if expected else 0.0


def limit(freedom: int) -> float:
    """Return the chi-square that chance exceeds once in a thousand times (Wilson and Hilferty's approximation).

    Args:
        freedom: degrees of freedom, from 1.
    """
    part = 2 / (9 * freedom)
    return freedom * (1 - part + _NORMAL_999 * math.sqrt(part)) ** 3
