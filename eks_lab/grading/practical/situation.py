"""A practical question as a lab: its start is the setup, its checks are the effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from eks_lab.content.actions import Start
from eks_lab.content.items.model import CommandItem, ManifestItem
from eks_lab.content.queries import ManifestQuery
from eks_lab.content.template import fill, fill_value
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.model import Check, LabFile
from eks_lab.grading.pack import Pack
from eks_lab.grading.query_kinds import QUERY_KINDS

PracticalItem = CommandItem | ManifestItem
"""The kinds of questions that need a world."""
Filled = TypeVar("Filled")


def filled(thing: Filled, values: Mapping[str, Any], place: str) -> Filled:
    """Return a question, or a part of one, with its variables put in.

    A text stays a text, also where a variable is a number; where the model takes any value, a text of one expression
    becomes that value. Without variables a brace is a brace, as in `-o go-template`.

    Args:
        thing: a dataclass of the bank.
        values: of the variables.
        place: for messages.

    Raises:
        ContentError: a template cannot be filled; the message names the field.
    """
    if not values:
        return thing
    assert is_dataclass(thing)
    assert not isinstance(thing, type)
    changes = {
        each.name: _filled(getattr(thing, each.name), values, f"{place}.{each.name}", "Any" in str(each.type))
        for each in fields(thing)
        if each.name != "vars"
    }
    return replace(thing, **changes)


def _filled(value: Any, values: Mapping[str, Any], place: str, takes_any: bool) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return filled(value, values, place)
    if takes_any:
        return fill_value(value, values, place)
    if isinstance(value, str):
        return fill(value, values, place)
    if isinstance(value, list):
        return [
            _filled(each, values, f"{place}.{number}", takes_any=False) for number, each in enumerate(value)
        ]
    if isinstance(value, dict):
        return {key: _filled(each, values, f"{place}.{key}", takes_any=False) for key, each in value.items()}
    return value


def lab_of(item: PracticalItem, seed: int, folder: Path) -> Lab:
    """Return the lab of one step that a question is.

    Args:
        item: with its variables put in.
        seed: of its variables; faults of the setup are drawn with it, too.
        folder: for messages about files that a question does not have.
    """
    checks = [_check(number, each) for number, each in enumerate(item.checks)]
    if isinstance(item, ManifestItem) and item.rules:
        rules = ManifestQuery(file=item.file, rules=item.rules)
        checks.insert(
            0,
            Check(id="rules", title="rules", weight=1, otherwise="The checker: {observed}", manifest=rules),
        )
    file = LabFile(
        id=item.id,
        title=item.id,
        chapter=0,
        skills=[],
        difficulty=item.difficulty,
        minutes=1,
        start=Start(world=item.world, steps=item.setup),
        steps=[],
        checks=checks,
        solutions=[],
    )
    return Lab(file, Pack(folder, ()), seed)


def _check(number: int, effect: Any) -> Check:
    query = {name: getattr(effect, name) for name in QUERY_KINDS}
    return Check(id=f"effect-{number}", title="", weight=1, otherwise=effect.otherwise, **query)
