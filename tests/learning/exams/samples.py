"""Tracks, offers and questions that the tests of exams share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from eks_lab.content.items.model import ChoiceItem, CommandItem, MultiItem, NumberItem
from eks_lab.content.model import Option
from eks_lab.content.tracks import Domain, PassLine, Practice, TaskKind, Track, TrackSource
from eks_lab.content.variables import Variable
from eks_lab.learning.exams.asked import variant_copy
from eks_lab.learning.exams.composition import Length, Plan, compose
from eks_lab.learning.exams.offers import MINUTES, Offer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


def track(weights: Sequence[float | None] = (20, 30, 50), questions: int = 10, labs: int = 0) -> Track:
    """Return a track whose domain number i asks for the skill `s<i>`."""
    return Track(
        id="sample",
        title="Sample exam",
        issuer="Somebody",
        version="1",
        form="mixed",
        minutes=60,
        pass_line=PassLine(value=66, scale="percent"),
        about="A sample.",
        practice=Practice(
            questions=questions,
            labs=labs,
            kinds=["choice", "multi", "number", "command", "lab"],
            instead=["diagram"],
        ),
        domains=[
            Domain(id=f"d{number}", title=f"Domain {number}", weight=weight, skills=[f"s{number}"])
            for number, weight in enumerate(weights)
        ],
        sources=[
            TrackSource(
                title="Outline", url="https://example.org/outline", checked=DAY, says=["weights", "pass line"]
            )
        ],
    )


def offer(name: str, skills: Sequence[str], kind: TaskKind = "choice", family: str = "") -> Offer:
    """Return something to ask."""
    minutes = MINUTES.get(kind, 20)
    return Offer(id=name, kind=kind, skills=tuple(skills), chapter="c", minutes=minutes, family=family)


def plenty(of: Track, each: int = 30) -> list[Offer]:
    """Return more than enough offers for every domain."""
    return [
        offer(f"q.{domain.id}.{number}", domain.skills) for domain in of.domains for number in range(each)
    ]


def choice(name: str) -> ChoiceItem:
    """Return a question whose first option is right."""
    options = [
        Option("right", "It is right.", True),
        Option("wrong", "It is wrong."),
        Option("other", "It is wrong, too."),
    ]
    return ChoiceItem(id=name, kind="choice", prompt=f"What is {name}?", source="Outline", options=options)


def multi(name: str) -> MultiItem:
    """Return a question whose first two options are right."""
    options = [Option("a", "Right.", True), Option("b", "Right.", True), Option("c", "Wrong.")]
    return MultiItem(id=name, kind="multi", prompt="Which?", source="Outline", options=options)


def number(name: str) -> NumberItem:
    """Return a question that asks for twice a drawn figure."""
    return NumberItem(
        id=name,
        kind="number",
        prompt="Twice {{ n }}?",
        source="Outline",
        vars={"n": Variable(range=[1, 1000])},
        answer="n * 2",
    )


def command(name: str) -> CommandItem:
    """Return a practical question."""
    return CommandItem(
        id=name,
        kind="command",
        prompt="Scale it.",
        source="Outline",
        answers=["kubectl a", "kubectl b"],
        wrong=[],
    )


Question = ChoiceItem | MultiItem | NumberItem | CommandItem


def exam(questions: Mapping[str, Question], of: Track, seed: int = 1) -> tuple[Plan, dict[str, Any]]:
    """Return a plan that asks all of the questions, and the copies to begin with.

    Args:
        questions: skill and name, as `s0/a`, -> question.
        of: the track.
        seed: of the plan.
    """
    offers = [
        replace(offer(question.id, [skill.split("/")[0]], question.kind), rev=question.rev)
        for skill, question in questions.items()
    ]
    plan = compose(of, offers, seed, Length(60, len(offers), 0))
    items = {question.id: question for question in questions.values()}
    copies = {task.offer.id: variant_copy(items[task.offer.id], task.seed) for task in plan.tasks}
    return plan, copies
