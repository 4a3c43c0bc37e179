"""All the words a picture ever shows, and how they break into lines: what sizes are made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache

from eks_lab.content.diagram.frames import frames
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.outline import outline


def wrap(text: str, width: int) -> list[str]:
    """Return text as lines of at most `width` characters, unless a single word is longer."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.extend(
            textwrap.wrap(line, max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]
        )
    return lines


def leaf_lines(name: str, text: str, width: int) -> tuple[list[str], list[str]]:
    """Return the lines of a box's name and of its text for an inner width."""
    return wrap(name, width), wrap(text, width)


def longest(words: Iterable[str]) -> int:
    """Return the length of the longest of some words, 0 when there are none."""
    return max(map(len, words), default=0)


@lru_cache(maxsize=64)
def all_words(diagram: Diagram) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return every name and text that each box shows in any step, in the order of the outline."""
    plan = outline(diagram)
    found = [{(each.box.name, each.box.note or each.box.text)} for each in plan.elements]
    for story in range(len(diagram.stories)):
        for picture in frames(diagram, story):
            for key, look in enumerate(picture.boxes):
                found[key].add((look.name, look.text))
    return tuple(tuple(sorted(words)) for words in found)


@lru_cache(maxsize=64)
def all_labels(diagram: Diagram) -> tuple[tuple[str, ...], ...]:
    """Return every label that each arrow shows in any step, in the order of `Diagram.arrows`."""
    found = [{arrow.label} for arrow in diagram.arrows]
    for story in range(len(diagram.stories)):
        for picture in frames(diagram, story):
            for at, look in enumerate(picture.arrows):
                found[at].add(look.label)
    return tuple(tuple(sorted(labels)) for labels in found)
