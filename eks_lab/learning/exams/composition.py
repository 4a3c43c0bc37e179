"""Puts an exam together: which questions, for which domain, for how many points, in which order.

Pure and seeded: the same track, offers, seed and history give the same exam. What the bank lacks is not papered over:
the domain then counts less, and the plan says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from eks_lab.content.tracks import OURS, Domain, TaskKind, Track
from eks_lab.errors import InputError
from eks_lab.learning.exams.matching import matched
from eks_lab.learning.exams.offers import PRACTICAL, Offer
from eks_lab.learning.exams.shares import TENTHS, apportioned
from eks_lab.learning.exams.spacing import spaced

SHORT_PART = 4
"""A short sitting is this part of a whole one."""
SHORTEST_MINUTES, LONGEST_MINUTES = 5, 600
_RECENT = (timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class Length:
    """How long a sitting is."""

    minutes: int
    questions: int
    """Labs among them."""
    labs: int


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One thing that will be asked."""

    number: int
    """From 1."""
    offer: Offer
    domain: str
    points: float
    """In tenths; those of all tasks make 100."""
    seed: int
    """Of its variant."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a domain has in an exam."""

    domain: str
    title: str
    weight: float | None
    """Percent, as published."""
    wanted: int
    """Questions it should have."""
    got: int
    """Questions it has."""
    points: float
    """Of 100; differs from the weight only where questions are lacking somewhere."""
    instead: int = 0
    """How many of them are of a kind that only stands in."""
    note: str = ""
    """What is lacking and why, a sentence; empty when all is there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An exam before it begins."""

    track_id: str
    seed: int
    minutes: int
    """Time allowed."""
    estimated_minutes: float
    """Time it takes by our estimate."""
    tasks: tuple[PlannedTask, ...]
    shares: tuple[Share, ...]
    notes: tuple[str, ...]
    """What the learner should know beforehand, a sentence each."""


def length_of(track: Track, *, minutes: int | None = None, short: bool = False) -> Length:
    """Return how long a sitting is.

    Args:
        track: the exam.
        minutes: another time than the whole; questions become fewer or more in proportion.
        short: a quarter of the whole.

    Raises:
        InputError: the time is out of range, or both are given.
    """
    if minutes is not None and short:
        raise InputError("--minutes and --short exclude each other", hint="Give one of them.")
    allowed = minutes if minutes is not None else track.minutes // SHORT_PART if short else track.minutes
    if not SHORTEST_MINUTES <= allowed <= LONGEST_MINUTES:
        raise InputError(
            f"a sitting of {allowed} minutes is not offered",
            hint=f"Choose {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes.",
        )
    part = allowed / track.minutes
    questions = max(len(track.domains), round(track.practice.questions * part))
    return Length(allowed, questions, min(questions, int(track.practice.labs * part + 0.5)))


def compose(
    track: Track,
    offers: Sequence[Offer],
    seed: int,
    length: Length,
    *,
    seen: Mapping[str, datetime] | None = None,
    now: datetime | None = None,
) -> Plan:
    """Return an exam.

    Args:
        track: whose domains and weights it follows.
        offers: all that can be asked; each id once.
        seed: what chance hangs on.
        length: see `length_of`.
        seen: when each offer was last asked; those of the last days come last.
        now: the present moment, with `seen`.

    Raises:
        InputError: nothing that is offered belongs to the track.
    """
    usable = _usable(track, offers)
    draw = _Draw(track, seed, seen or {}, now)
    weights = [each.weight if each.weight is not None else 1.0 for each in track.domains]
    wanted = apportioned(weights, length.questions, least=1)
    picked: dict[str, list[Offer]] = {domain.id: [] for domain in track.domains}
    _pick_labs(track, usable, draw, wanted, weights, length.labs, length.minutes, picked)
    asked = [each for each in usable if each.kind != "lab"]
    preferred = [each for each in asked if each.kind in track.practice.kinds]
    _fill(track, [preferred, asked], draw, wanted, picked)
    if not any(picked.values()):
        raise InputError(
            f"there is nothing to ask for {track.title}: no question has a skill of its domains",
            hint="Look at the bank: eks-lab quiz list",
        )
    shares = _shares(track, wanted, picked, weights)
    tasks = _tasks(track, seed, draw, picked, shares)
    estimated = sum(task.offer.minutes for task in tasks)
    return Plan(
        track.id,
        seed,
        length.minutes,
        estimated,
        tasks,
        shares,
        _notes(track, length, shares, tasks, estimated),
    )


def _usable(track: Track, offers: Sequence[Offer]) -> list[Offer]:
    kinds = {*track.practice.kinds, *track.practice.instead}
    found: dict[str, Offer] = {}
    for offer in offers:
        if offer.kind in kinds and any(offer.belongs_to(domain) for domain in track.domains):
            found.setdefault(offer.id, offer)
    return list(found.values())


@dataclass(frozen=True)
class _Draw:
    """Chance, and what was seen lately."""

    track: Track
    seed: int
    seen: Mapping[str, datetime]
    now: datetime | None

    def lot(self, name: str) -> bytes:
        return hashlib.sha256(f"{self.track.id}/{self.seed}/{name}".encode()).digest()

    def freshness(self, offer: Offer) -> int:
        """Return 0 for what was not asked lately, 2 for what was asked in the last week."""
        last = self.seen.get(offer.id)
        if last is None or self.now is None:
            return 0
        return sum(self.now - last < limit for limit in _RECENT)

    def in_order(self, domain: Domain, offers: Sequence[Offer]) -> list[Offer]:
        """Return what may be asked in a domain, the best first; of one family only the first stands in front."""
        fitting = sorted(
            (each for each in offers if each.belongs_to(domain)),
            key=lambda each: (self.freshness(each), not each.is_mostly(domain), self.lot(each.id)),
        )
        met: dict[str, int] = {}
        turn: dict[str, int] = {}
        for each in fitting:
            turn[each.id] = met.get(each.family, 0) if each.family else 0
            met[each.family] = met.get(each.family, 0) + 1
        return sorted(fitting, key=lambda each: (self.freshness(each), turn[each.id]))


def _pick_labs(
    track: Track,
    usable: Sequence[Offer],
    draw: _Draw,
    wanted: Sequence[int],
    weights: Sequence[float],
    labs: int,
    minutes: int,
    picked: dict[str, list[Offer]],
) -> None:
    every = [each for each in usable if each.kind == "lab"]
    # Half of the time is for labs: one that takes all of it is for another day, if there are others.
    left = [each for each in every if each.minutes * labs <= minutes / 2] or every
    for _ in range(labs):
        places = [
            (weights[index] * labs / sum(weights) - len(picked[domain.id]), -index)
            for index, domain in enumerate(track.domains)
            if len(picked[domain.id]) < wanted[index] and any(each.belongs_to(domain) for each in left)
        ]
        if not places:
            return
        domain = track.domains[-max(places)[1]]
        lab = draw.in_order(domain, left)[0]
        picked[domain.id].append(lab)
        left.remove(lab)


def _fill(
    track: Track,
    tiers: Sequence[Sequence[Offer]],
    draw: _Draw,
    wanted: Sequence[int],
    picked: dict[str, list[Offer]],
) -> None:
    """Give each domain its questions so that as few places as possible stay empty."""
    slots = [
        index
        for index, domain in enumerate(track.domains)
        for _ in range(wanted[index] - len(picked[domain.id]))
    ]
    taken: dict[str, int] = {}
    for offers in tiers:
        orders = [[each.id for each in draw.in_order(domain, offers)] for domain in track.domains]
        supply = [len(order) / max(1, slots.count(index)) for index, order in enumerate(orders)]
        scarce_first = sorted(range(len(slots)), key=lambda slot: (supply[slots[slot]], slot))
        taken = matched([orders[index] for index in slots], scarce_first, taken)
    by_id = {each.id: each for each in tiers[-1]}
    for offer_id, slot in sorted(taken.items(), key=lambda each: each[1]):
        picked[track.domains[slots[slot]].id].append(by_id[offer_id])


def _shares(
    track: Track, wanted: Sequence[int], picked: Mapping[str, Sequence[Offer]], weights: Sequence[float]
) -> tuple[Share, ...]:
    got = [len(picked[domain.id]) for domain in track.domains]
    parts = [weight * has / wants for weight, has, wants in zip(weights, got, wanted, strict=True)]
    tenths = apportioned(parts, TENTHS)
    instead = set(track.practice.instead)
    return tuple(
        Share(
            domain.id,
            domain.title,
            domain.weight,
            wanted[index],
            got[index],
            tenths[index] / 10,
            sum(each.kind in instead for each in picked[domain.id]),
            _lacking(domain, wanted[index], got[index]),
        )
        for index, domain in enumerate(track.domains)
    )


def _lacking(domain: Domain, wanted: int, got: int) -> str:
    if got == wanted:
        return ""
    why = (
        f"EKS practice does not cover {', '.join(domain.not_covered)}"
        if domain.not_covered
        else "the bank has no more"
    )
    return f"{domain.title}: {got} of {wanted} questions; {why}."


def _tasks(
    track: Track, seed: int, draw: _Draw, picked: Mapping[str, Sequence[Offer]], shares: Sequence[Share]
) -> tuple[PlannedTask, ...]:
    found = []
    for share in shares:
        offers = picked[share.domain]
        if not offers:
            continue
        # With few points for many questions each still has to be worth something.
        tenths = apportioned([each.size for each in offers], round(share.points * 10), least=1)
        found += [
            PlannedTask(0, offer, share.domain, points / 10, _task_seed(seed, offer.id))
            for offer, points in zip(offers, tenths, strict=True)
        ]
    found.sort(key=lambda task: draw.lot(f"place/{task.offer.id}"))
    rooms = (
        [task for task in found if task.offer.kind not in PRACTICAL and task.offer.kind != "lab"],
        [task for task in found if task.offer.kind in PRACTICAL],
        [task for task in found if task.offer.kind == "lab"],
    )
    ordered = [task for room in rooms for task in spaced(room, lambda task: task.offer.family)]
    return tuple(replace(task, number=number) for number, task in enumerate(ordered, 1))


def _task_seed(seed: int, offer_id: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{offer_id}".encode()).digest()[:4], "big") >> 1


def _notes(
    track: Track, length: Length, shares: Sequence[Share], tasks: Sequence[PlannedTask], estimated: float
) -> tuple[str, ...]:
    notes = []
    if not track.has_weights:
        notes.append("The issuer's weights are not known: every domain counts the same here.")
    elif not track.is_first_hand("weights") and track.issuer != OURS:
        notes.append(
            "The weights are what others report of the issuer's guide; we could not read it ourselves."
        )
    notes += [share.note for share in shares if share.note]
    if any(share.note for share in shares):
        notes.append("Domains that lack questions count less here, and the others more, as the shares show.")
    stand_ins = sum(share.instead for share in shares)
    if stand_ins:
        kinds: set[TaskKind] = {task.offer.kind for task in tasks} & set(track.practice.instead)
        are = "is" if stand_ins == 1 else "are"
        notes.append(
            f"{stand_ins} of {len(tasks)} {are} {', '.join(sorted(kinds))}: the bank has no more of the kinds "
            "that this exam asks."
        )
    labs = sum(task.offer.kind == "lab" for task in tasks)
    if labs < length.labs:
        notes.append(f"{labs} of {length.labs} labs: no more fit, or none can be started here.")
    if estimated > length.minutes * 1.1:
        notes.append(
            f"By our estimate all of it takes {round(estimated)} minutes; {length.minutes} are allowed, "
            "so choose what to do first."
        )
    return tuple(notes)
