"""One concrete form of a question: its variables drawn, its texts filled, its number worked out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from eks_lab.calc.model import Step
from eks_lab.content.calculated import worked
from eks_lab.content.questions import shown_order
from eks_lab.content.template import fill, fill_value
from eks_lab.content.variables import drawn
from eks_lab.errors import ContentError

if TYPE_CHECKING:
    from eks_lab.content.items.model import Item, NumberItem

T = TypeVar("T")

MOST_DECIMALS = 6
"""Decimals of the answer that a text may show: `number_text` shows as many."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A question as one learner is asked it."""

    item: Item
    """The question as its file has it."""
    seed: int
    """What the variables and the shown order hang on."""
    prompt: str
    """Filled, Markdown."""
    unit: str = ""
    """Of a number."""
    values: dict[str, Any] = field(default_factory=dict)
    """The variables, by name; for numbers `answer` too."""
    answer: float | None = None
    """Of a number."""
    tolerance: float = 0.0
    """Of a number."""
    working: tuple[Step, ...] = ()
    """The calculator's steps; empty without one."""
    explain: str = ""
    """The closing remark, filled."""


def make_variant(item: Item, seed: int, facts: Mapping[str, Any] | None = None) -> Variant:
    """Return the form a question takes with a seed; the same on every machine and every Python.

    Args:
        item: the question.
        seed: any whole number.
        facts: for an interview question about the learner's own sandbox: what its `facts` are there.

    Raises:
        ContentError: a variable, a text or the calculator cannot do it; the message names the question.
    """
    values = drawn_values(item, seed)
    values.update(facts or {})
    if item.kind == "number":
        return _number(item, seed, values)
    return Variant(
        item,
        seed,
        _filled(item, item.prompt, values, "prompt"),
        values=values,
        explain=_filled(item, item.explain, values, "explain"),
    )


def has_variants(item: Item) -> bool:
    """Return whether another seed asks for something else, not only in another order."""
    return item.kind in ("number", "command", "manifest") and bool(item.vars)


def drawn_values(item: Item, seed: int) -> dict[str, Any]:
    """Return the variables of a question by name; empty for a kind that has none.

    Raises:
        ContentError: a variable cannot be drawn.
    """
    if item.kind in ("number", "command", "manifest"):
        return drawn(item.vars, item.id, seed, item.id)
    return {}


def in_all_texts(value: T, values: Mapping[str, Any], place: str) -> T:
    """Return a part of an item with the variables put into every text of it, however deep.

    Args:
        value: a dataclass of `items.model`, or lists, mappings and texts.
        values: the variables; with none, texts stay as they are (braces may mean something else there).
        place: for messages.

    Raises:
        ContentError: as in `template.fill`.
    """
    if not values:
        return value
    filled: Any = value
    if is_dataclass(value) and not isinstance(value, type):
        filled = replace(
            value,
            **{each.name: in_all_texts(getattr(value, each.name), values, place) for each in fields(value)},
        )
    elif isinstance(value, list):
        filled = [in_all_texts(each, values, place) for each in value]
    elif isinstance(value, dict):
        filled = {key: in_all_texts(each, values, place) for key, each in value.items()}
    elif isinstance(value, str):
        filled = fill_value(value, values, place)
    return filled  # type: ignore[no-any-return]


def shown_sides(item: Item, seed: int) -> tuple[int, ...]:
    """Return the order in which to show what a question offers: indexes as its file lists them.

    Options of choice and multi, steps of order, right sides of match (extras counted on behind the pairs), parts of
    diagram; nothing for what is typed. Steps and right sides are never shown in the order of the file, which would be
    the answer.

    Args:
        item: the question.
        seed: another seed gives another order; any UI and any machine shows the same one.
    """
    count, is_answer_order = _offered(item)
    for attempt in range(100):
        order = shown_order(item.id, count, str(seed) if not attempt else f"{seed}/{attempt}")
        if not is_answer_order or count < 2 or order != tuple(range(count)):
            return order
    return tuple(reversed(range(count)))


def _offered(item: Item) -> tuple[int, bool]:
    match item.kind:
        case "choice" | "multi":
            return len(item.options), False
        case "order":
            return len(item.steps), True
        case "match":
            return len(item.pairs) + len(item.extra), True
        case "diagram":
            return len(item.points), False
        case _:
            return 0, False


def _filled(item: Item, text: str, values: Mapping[str, Any], where: str) -> str:
    # Without variables a brace is a brace: Helm, GitHub Actions and Go templates use them too.
    return fill(text, values, f"{item.id}: {where}") if values else text


def _number(item: NumberItem, seed: int, values: dict[str, Any]) -> Variant:
    answer, working = _answer(item, values)
    tolerance = _figure(item, "tolerance", item.tolerance, {**values, "answer": answer})
    values["answer"] = int(answer) if answer.is_integer() else round(answer, MOST_DECIMALS)
    return Variant(
        item,
        seed,
        _filled(item, item.prompt, values, "prompt"),
        _filled(item, item.unit, values, "unit"),
        values,
        answer,
        tolerance,
        working,
        _filled(item, item.explain, values, "explain"),
    )


def _answer(item: NumberItem, values: Mapping[str, Any]) -> tuple[float, tuple[Step, ...]]:
    working: tuple[Step, ...] = ()
    computed: Any = None
    if item.computed_by is not None:
        wanted = item.computed_by
        inputs = fill_value(wanted.inputs, values, f"{item.id}: computed_by.inputs")
        try:
            computed, working = worked(wanted.calculator, inputs, wanted.result)
        except ContentError as error:
            raise ContentError(f"{item.id}: {error.message}", hint=error.hint) from error
    if item.answer is not None:
        return _figure(item, "answer", item.answer, values), working
    if item.computed_by is None:
        raise ContentError(
            f"{item.id}: a number question without an answer.", hint="Give computed_by, or answer."
        )
    return _finite(item, f"computed_by.result {item.computed_by.result!r}", computed), working


def _figure(item: NumberItem, where: str, given: float | str, values: Mapping[str, Any]) -> float:
    if not isinstance(given, str):
        return _finite(item, where, given)
    expression = given if "{{" in given else f"{{{{ {given} }}}}"
    return _finite(item, where, fill_value(expression, values, f"{item.id}: {where}"))


def _finite(item: NumberItem, where: str, found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ContentError(
            f"{item.id}: {where} comes to {found!r}, which is no number.",
            hint="Write a number, an expression over the variables, or a numeric field of the calculator.",
        )
    return float(found)
