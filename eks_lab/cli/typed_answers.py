"""What a learner typed, as an answer: letters become places in the file, digits a number, `@name` a file's text."""

from __future__ import annotations

import re
from typing import assert_never

from eks_lab.content.files import read_text
from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.given import NOTHING, Given, is_given
from eks_lab.content.items.model import (
    ChoiceItem,
    CommandItem,
    DiagramItem,
    ManifestItem,
    MatchItem,
    MultiItem,
    NumberItem,
    OrderItem,
    RecallItem,
)
from eks_lab.content.items.number import typed_number
from eks_lab.content.items.variant import Variant, shown_sides
from eks_lab.errors import ContentError, InputError
from eks_lab.locations import expanded

_SEPARATORS = re.compile(r"[\s,;]+")


def read_answer(variant: Variant, typed: str) -> Given:
    """Return the answer that a learner typed.

    Args:
        variant: the question as it was shown; its letters name things in that order.
        typed: a line; several for texts.

    Raises:
        InputError: it cannot be read as an answer to this kind of question; the hint says how to type one.
    """
    item = variant.item
    match item:
        case ChoiceItem():
            return _checked(variant, _places(variant, typed), "Type one letter.")
        case MultiItem():
            return _checked(variant, tuple(sorted(_places(variant, typed))), "Type letters, each once.")
        case OrderItem():
            return _checked(variant, _places(variant, typed), "Type every letter once, in the right order.")
        case MatchItem():
            hint = f"Type {len(item.pairs)} letters, one for each number, - for none."
            return _checked(variant, _places(variant, typed, allows_none=True), hint)
        case DiagramItem():
            places = _places(variant, typed)
            if len(places) != 1:
                raise InputError(f"{typed.strip()!r} is not one part.", hint="Type one letter.")
            return item.points[places[0]].part
        case NumberItem():
            return typed_number(variant, typed)
        case ManifestItem() if typed.startswith("@"):
            return _file(typed[1:].strip())
        case RecallItem() | CommandItem() | ManifestItem():
            return _checked(variant, typed, "Shorten it.")
        case _:
            assert_never(item)


def _places(variant: Variant, typed: str, *, allows_none: bool = False) -> tuple[int, ...]:
    """Return the indexes, as the file counts, of the letters that were typed."""
    shown = shown_sides(variant.item, variant.seed)
    letters = _SEPARATORS.sub("", typed.casefold())
    places = []
    for letter in letters:
        if letter == "-" and allows_none:
            places.append(NOTHING)
            continue
        at = LETTERS.find(letter)
        if not 0 <= at < len(shown):
            raise InputError(
                f"{letter!r} is none of the letters.",
                hint=f"Letters from a to {LETTERS[len(shown) - 1]}; with spaces or without.",
            )
        places.append(shown[at])
    return tuple(places)


def _checked(variant: Variant, given: Given, hint: str) -> Given:
    if not is_given(variant.item, given):
        raise InputError("This is no answer to the question.", hint=hint)
    return given


def _file(name: str) -> str:
    try:
        return read_text(expanded(name))
    except ContentError as error:
        raise InputError(error.message, hint=error.hint) from error
