"""Which questions a quiz asks, and in which form: the same choice for the same seed, in a screen and in a terminal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest

from eks_lab.content.items.entry import Entry


def spread(entries: Iterable[Entry], count: int, seed: int) -> tuple[Entry, ...]:
    """Return some questions, taking turns among their lessons.

    Args:
        entries: what there is.
        count: most questions; fewer when there are not so many.
        seed: another one gives others, in another order.

    Returns:
        Each once, in the order to ask them; two of the same lesson stand as far apart as it goes.
    """
    by_lesson: dict[str, list[Entry]] = {}
    for entry in entries:
        by_lesson.setdefault(entry.lesson, []).append(entry)
    lessons = sorted(by_lesson, key=_by_chance(seed))
    rows = [sorted(by_lesson[lesson], key=lambda entry: _by_chance(seed)(entry.id)) for lesson in lessons]
    turns = [entry for turn in zip_longest(*rows) for entry in turn if entry is not None]
    return tuple(turns[: max(0, count)])


def skill_standing(entries: Iterable[Entry], scores: Mapping[str, float]) -> dict[str, float]:
    """Return how well each skill is known, 0 to 1, weakest first.

    The mean score of its questions' latest answers, drawn towards a half as if two more had been half right: one slip
    does not make a skill the weakest.

    Args:
        entries: the questions.
        scores: of the latest answers, by id; skills without any answer are left out.
    """
    known: dict[str, list[float]] = {}
    for entry in entries:
        if entry.id in scores:
            for skill in entry.skills:
                known.setdefault(skill, []).append(scores[entry.id])
    standing = {skill: (sum(each) + 1.0) / (len(each) + 2) for skill, each in known.items()}
    return dict(sorted(standing.items(), key=lambda pair: (pair[1], pair[0])))


def _by_chance(seed: int) -> Callable[[str], bytes]:
    return lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest()
