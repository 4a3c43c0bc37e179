"""A task as it was asked: a copy of its own, so that a sitting goes on although the bank or the labs change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from eks_lab.calc.model import Step
from eks_lab.content.items.variant import Variant, make_variant
from eks_lab.content.tracks import TaskKind
from eks_lab.errors import DataError

if TYPE_CHECKING:
    from eks_lab.content.items.model import Item


@dataclass(frozen=True, slots=True)
class AskedTask:
    """One task of a sitting."""

    number: int
    """From 1."""
    item_id: str
    """Of the question, or `lab:<id>`."""
    rev: int
    kind: TaskKind
    domain: str
    points: float
    """Of 100."""
    seed: int
    content: Mapping[str, Any]
    """The copy: `variant_copy` of a question, or what a lab needs."""

    @property
    def is_lab(self) -> bool:
        """Return whether it is done in the sandbox."""
        return self.kind == "lab"

    def variant(self) -> Variant:
        """Return the question as it was asked.

        Raises:
            DataError: the copy cannot be read by this version of the program.
        """
        return variant_of(self.content, self.item_id, self.seed)


def variant_copy(item: Item, seed: int) -> dict[str, Any]:
    """Return all of a question and of its variant, as JSON holds it.

    Args:
        item: the question.
        seed: of the variant.

    Raises:
        ContentError: the variant cannot be drawn.
    """
    from eks_lab.content.validate import adapter

    variant = make_variant(item, seed)
    drawn = {
        "prompt": variant.prompt,
        "unit": variant.unit,
        "values": variant.values,
        "answer": variant.answer,
        "tolerance": variant.tolerance,
        "working": [asdict(step) for step in variant.working],
        "explain": variant.explain,
    }
    copy: dict[str, Any] = json.loads(
        json.dumps({"item": adapter(type(item)).dump_python(item, mode="json"), "variant": drawn})
    )
    return copy


def variant_of(copy: Mapping[str, Any], item_id: str, seed: int) -> Variant:
    """Return the question that a copy holds; see `variant_copy`.

    Raises:
        DataError: this version of the program cannot read it.
    """
    from pydantic import ValidationError

    from eks_lab.content.items.model import model_of
    from eks_lab.content.validate import adapter

    try:
        item: Item = adapter(model_of(copy["item"]["kind"])).validate_python(copy["item"])
        drawn = copy["variant"]
        return Variant(
            item,
            seed,
            drawn["prompt"],
            drawn["unit"],
            dict(drawn["values"]),
            drawn["answer"],
            drawn["tolerance"],
            tuple(Step(**step) for step in drawn["working"]),
            drawn["explain"],
        )
    except (ValidationError, KeyError, TypeError) as error:
        raise DataError(
            f"the question {item_id} was kept by another version of eks-lab, which this one cannot read: {error}",
            hint="Leave it out: the rest of the sitting goes on.",
        ) from error
