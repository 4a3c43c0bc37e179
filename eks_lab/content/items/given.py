"""What a learner gave as an answer, and whether it has the form that the question asks for.

| kind | form |
|---|---|
| choice, multi | indexes of the picked options, as the file lists them |
| order | indexes of the steps, in the order the learner put them: `(2, 0, 1)` puts the file's third step first |
| match | for each pair, in the file's order, the index of the chosen right side; `extra` sides are counted on \
behind the pairs, -1 is none |
| number | the number, in the question's unit |
| diagram | id of the part that was pointed at |
| recall | the text |
| command | the lines, as typed |
| manifest | the whole file |

Indexes are always those of the file, never those of the shuffled display.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeGuard

from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.content.items.model import Item

Given = tuple[int, ...] | float | str
"""An answer; the module says which form belongs to which kind."""

NOTHING = -1
"""In a match: no right side was chosen for this pair."""
LONGEST_TEXT = 64 * 1024
"""Characters of a typed text: more is a mistake of the clipboard."""

_WANTED = {
    "choice": "the index of one option",
    "multi": "indexes of options, each once",
    "order": "every step once",
    "match": "one right side (or -1) for each pair",
    "number": "a finite number",
    "diagram": "one of the parts to choose from",
    "recall": f"a text of at most {LONGEST_TEXT:,} characters",
    "command": f"a text of at most {LONGEST_TEXT:,} characters",
    "manifest": f"a text of at most {LONGEST_TEXT:,} characters",
}


def is_given(item: Item, given: object) -> bool:
    """Return whether an answer has the form this question asks for.

    A stored answer may no longer have it, when the question has changed since.

    Args:
        item: the question as the bank has it now.
        given: what was typed or stored; any object.
    """
    match item.kind:
        case "choice" | "multi":
            return is_picked(given, len(item.options), several=item.kind == "multi")
        case "order":
            return _is_indexes(given) and sorted(given) == list(range(len(item.steps)))
        case "match":
            sides = len(item.pairs) + len(item.extra)
            return (
                _is_indexes(given)
                and len(given) == len(item.pairs)
                and all(NOTHING <= side < sides for side in given)
            )
        case "number":
            return is_number(given)
        case "diagram":
            return isinstance(given, str) and given in {point.part for point in item.points}
        case "recall" | "command" | "manifest":
            return isinstance(given, str) and len(given) <= LONGEST_TEXT


def check_given(item: Item, given: object) -> None:
    """Refuse an answer that has another form than its question.

    Raises:
        InputError: the message names question and answer.
    """
    if not is_given(item, given):
        raise wrong_form(item.id, item.kind, given)


def wrong_form(question_id: str, kind: str, given: object) -> InputError:
    """Return the refusal of an answer that has another form than its question."""
    shown = repr(given)
    shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
    return InputError(
        f"{question_id}: the answer {shown} is not {_WANTED[kind]}.",
        hint="Answer the question again; it may have changed since.",
    )


def is_number(given: object) -> bool:
    """Return whether an answer is a finite number; True and False are none."""
    return isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)


def is_picked(given: object, options: int, *, several: bool) -> bool:
    """Return whether an answer picks options: at least one, none twice.

    Args:
        given: any object.
        options: how many there are.
        several: whether more than one may be picked.
    """
    if not _is_indexes(given) or not given or len(set(given)) != len(given):
        return False
    return all(0 <= index < options for index in given) and (several or len(given) == 1)


def _is_indexes(given: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(given, tuple) and all(
        isinstance(index, int) and not isinstance(index, bool) for index in given
    )
