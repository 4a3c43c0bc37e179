"""A guard against asking the same thing twice: questions whose words are nearly the same.

Compared are runs of three words (shingles): two questions are near when the runs they share are at least `NEAR` of all
runs they have together (Jaccard). Templates count as one word whatever they name, and digits as one digit, so that a
question does not become another by another number. Two numbers worked out in different ways are different questions
however alike they read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from eks_lab.content.check.items.surveyed import Placed
from eks_lab.content.findings import Finding
from eks_lab.content.items.model import Item, NumberItem

NEAR = 0.5
"""Of prompt and options together; measured on the shipped course, where different questions stay below 0.45."""
NEAR_PROMPT = 0.6
"""Of the prompts alone, when both have at least `ENOUGH_WORDS`: other options do not make another question."""
ENOUGH_WORDS = 10

_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"[a-z0-9]+")
_DIGITS = re.compile(r"\d+")


def check_duplicates(everything: Sequence[Placed]) -> Iterator[Finding]:
    """Yield a finding for every question that is nearly another, at the later one of the two."""
    prompts = [shingles(placed.item.prompt) for placed in everything]
    wholes = [shingles(f"{placed.item.prompt} {_offered(placed.item)}") for placed in everything]
    near: dict[tuple[int, int], float] = {}
    for sets, limit in ((wholes, NEAR), (prompts, NEAR_PROMPT)):
        for pair, share in _near(sets, limit).items():
            if sets is prompts and min(len(prompts[pair[0]]), len(prompts[pair[1]])) < ENOUGH_WORDS - 2:
                continue
            near[pair] = max(share, near.get(pair, 0.0))
    for (first, second), share in sorted(near.items()):
        one, other = everything[first], everything[second]
        if _asks_otherwise(one.item, other.item):
            continue
        yield Finding(
            other.path,
            other.line,
            "near-duplicate",
            f"{other.item.id}: {share:.0%} of its wording is that of {one.item.id} ({one.path}:{one.line})",
            "Ask something else, or keep one of them.",
        )


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words of a text; a shorter text is one run."""
    words = _WORD.findall(_DIGITS.sub("0", _TEMPLATE.sub(" 0 ", text.lower())))
    if len(words) < 3:
        return frozenset([tuple(words)])
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _near(sets: Sequence[frozenset[tuple[str, ...]]], limit: float) -> dict[tuple[int, int], float]:
    """Return the pairs that share enough; only those that share a run at all are compared."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    shared: Counter[tuple[int, int]] = Counter()
    for number, runs in enumerate(sets):
        for run in runs:
            for earlier in places[run]:
                shared[(earlier, number)] += 1
            places[run].append(number)
    found = {}
    for (first, second), count in shared.items():
        share = count / (len(sets[first]) + len(sets[second]) - count)
        if share >= limit:
            found[(first, second)] = share
    return found


def _offered(item: Item) -> str:
    """Return everything that is picked from."""
    match item.kind:
        case "choice" | "multi":
            return " ".join(sorted(option.text for option in item.options))
        case "order":
            return " ".join(sorted(step.text for step in item.steps))
        case "match":
            return " ".join(sorted(f"{pair.left} {pair.right}" for pair in item.pairs))
        case "diagram":
            return " ".join([item.diagram, *sorted(point.part for point in item.points)])
        case "manifest":
            return item.given
        case _:
            return ""


def _asks_otherwise(one: Item, other: Item) -> bool:
    """Return whether two numbers are worked out in different ways."""
    return isinstance(one, NumberItem) and isinstance(other, NumberItem) and _working(one) != _working(other)


def _working(item: NumberItem) -> tuple[str, ...]:
    if item.computed_by is not None:
        names = sorted(str(name).replace("-", "_") for name in item.computed_by.inputs)
        return (item.computed_by.calculator, item.computed_by.result, *names)
    return (" ".join(str(item.answer).split()),)
