"""Which of its forms a query or an action has, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from eks_lab.content.actions import Action
from eks_lab.content.queries import Query
from eks_lab.grading.model import LabFile

Place = tuple[str | int, ...]
QUERY_KINDS = tuple(each.name for each in fields(Query))
"""`resource`, `absent`, … `invariant`, `all`, `any`, `none`."""
COMBINING = ("all", "any", "none")
ACTION_KINDS = tuple(each.name for each in fields(Action) if each.name not in ("fails", "remember"))
START_ONLY = frozenset({"fault"})
LEARNER_ONLY = frozenset({"answer"})
COMMANDS = frozenset({"kubectl", "aws", "eks_lab", "apply"})
"""Actions that end with an exit code."""


def given_kinds(thing: Query | Action) -> list[str]:
    """Return the forms that are given; a sound query or action has exactly one."""
    kinds = ACTION_KINDS if isinstance(thing, Action) else QUERY_KINDS
    return [name for name in kinds if getattr(thing, name) is not None]


def kind_of(thing: Query | Action) -> str:
    """Return the one form of a sound query or action."""
    return given_kinds(thing)[0]


def parts(query: Query) -> Iterator[tuple[Place, Query]]:
    """Yield a query and every query within it, with its place."""
    yield (), query
    for name in COMBINING:
        for number, each in enumerate(getattr(query, name) or ()):
            for place, part in parts(each):
                yield (name, number, *place), part
    if query.invariant is not None:
        for place, part in parts(query.invariant):
            yield ("invariant", *place), part


def queries_of(lab: LabFile) -> Iterator[tuple[Place, Query]]:
    """Yield every query of a lab, those within queries included, with its place in the file."""
    tops: list[tuple[Place, Query]] = []
    tops += [(("start_asserts", number), each) for number, each in enumerate(lab.start_asserts)]
    tops += [(("checks", number), each) for number, each in enumerate(lab.checks)]
    tops += [(("hints", number, "when"), each.when) for number, each in enumerate(lab.hints) if each.when]
    tops += [
        ((*place, "wait", "until"), action.wait.until) for place, action in actions_of(lab) if action.wait
    ]
    for place, query in tops:
        for below, part in parts(query):
            yield (*place, *below), part


def actions_of(lab: LabFile) -> Iterator[tuple[Place, Action]]:
    """Yield every action of a lab with its place in the file."""
    for number, action in enumerate(lab.start.steps):
        yield ("start", "steps", number), action
    ways: dict[str, list[list[Action]]] = {
        "solutions": [each.steps for each in lab.solutions],
        "wrong": [each.steps for each in lab.wrong],
    }
    for name, lists in ways.items():
        for number, steps in enumerate(lists):
            for step, action in enumerate(steps):
                yield (name, number, "steps", step), action
