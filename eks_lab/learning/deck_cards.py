"""Questions of the course as cards to take away: what is shown in front, the answer with every explanation behind."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from eks_lab.content.items.explanation import LETTERS, Explained, explained
from eks_lab.content.items.model import (
    ChoiceItem,
    DiagramItem,
    ManifestItem,
    MatchItem,
    MultiItem,
    OrderItem,
    RecallItem,
)
from eks_lab.content.items.variant import Variant, in_all_texts, shown_sides
from eks_lab.content.questions import number_text
from eks_lab.learning.deck_file import DeckCard

_CODE_BLOCK = re.compile(r"```[a-z]*\n(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_STRONG = re.compile(r"\*\*([^*\n]+)\*\*")


def card_of_variant(variant: Variant, skills: Iterable[str], deck: str = "") -> DeckCard:
    """Return a question as a card in HTML.

    Args:
        variant: the question with its numbers drawn.
        skills: become tags, beside the kind.
        deck: name of its deck.
    """
    tags = dict.fromkeys(("eks-lab", variant.item.kind, *(skill.replace(" ", "-") for skill in skills)))
    return DeckCard("<br>".join(_front(variant)), "<br>".join(_back(variant)), tuple(tags), deck)


def _front(variant: Variant) -> Iterable[str]:
    item = variant.item
    yield _markup(variant.prompt) + (f" ({_escaped(variant.unit)})" if variant.unit else "")
    if isinstance(item, MatchItem):
        yield from (f"{number}. {_markup(pair.left)}" for number, pair in enumerate(item.pairs, start=1))
    offered = _offered(variant)
    for letter, index in zip(LETTERS, shown_sides(item, variant.seed), strict=False):
        yield f"{letter}) {_markup(offered[index])}"
    if isinstance(item, ManifestItem):
        yield _code(in_all_texts(item.given, variant.values, item.id))


def _offered(variant: Variant) -> Sequence[str]:
    match variant.item:
        case ChoiceItem() | MultiItem() as item:
            return [option.text for option in item.options]
        case OrderItem() as item:
            return [step.text for step in item.steps]
        case MatchItem() as item:
            return [*(pair.right for pair in item.pairs), *(option.text for option in item.extra)]
        case DiagramItem() as item:
            return [point.part for point in item.points]
        case _:
            return []


def _back(variant: Variant) -> Iterable[str]:
    if variant.answer is not None:
        yield f"<b>{_escaped(number_text(variant.answer, variant.unit))}</b>"
    if isinstance(variant.item, RecallItem):
        yield _markup(variant.item.model)
    parts = explained(variant)
    yield from (_part(part) for part in parts if part.is_right is not False)
    yield from (f"✗ {_part(part)}" for part in parts if part.is_right is False)
    if variant.explain:
        yield _markup(variant.explain)


def _part(part: Explained) -> str:
    shown = _code(part.text) if part.is_code else _markup(part.text)
    label = f"{part.label}) " if part.label else ""
    head = f"{label}<b>{shown}</b>" if part.is_right and not part.is_code else f"{label}{shown}"
    return f"{head}: {_markup(part.why)}" if part.why else head


def _markup(text: str) -> str:
    """Return a question's Markdown as HTML: code, strong words and line ends."""
    blocks: list[str] = []

    def keep(match: re.Match[str]) -> str:
        blocks.append(f"<pre>{match[1]}</pre>")
        return f"\0{len(blocks) - 1}\0"

    shown = _CODE_BLOCK.sub(keep, _escaped(text.strip()))
    shown = _STRONG.sub(r"<b>\1</b>", _CODE.sub(r"<code>\1</code>", shown)).replace("\n", "<br>")
    return re.sub(r"\0(\d+)\0", lambda match: blocks[int(match[1])], shown)


def _code(text: str) -> str:
    return f"<pre>{_escaped(text.strip(chr(10)))}</pre>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
