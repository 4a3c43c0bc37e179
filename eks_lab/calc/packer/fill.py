"""Filling one node: from a first unit on, the best of what still fits, until nothing does.

Two ways of choosing, because neither is best for every mix:

* `DENSITY`: what is worth most for the room it takes, room being dearer the scarcer it has become;
* `DIRECTION`: what points where the remaining room points (the dot product of Panigrahy and others,
  2011), the larger the better.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.filters import Places
from eks_lab.calc.packer.units import HostLoad, HostRules

DENSITY, DIRECTION = "density", "direction"
STYLES = (DENSITY, DIRECTION)
_MEMORY_FINENESS = 3
"""Shelves per doubling of memory; of CPU there is one, because a shelf is searched by CPU."""
SIZE_BONUS = 0.15
"""Of two equally dense units the larger goes first: small ones fill gaps later."""
_LOOK_AHEAD = 150
"""Parcels of a shelf in a row that do not fit before the node is done with the shelf."""
_DISLIKED = 0.3
_NEVER_ZERO = 1e-12


@dataclass(slots=True)
class Parcel:
    """Units of one lot that wait for a node."""

    lot: int
    cpu: int
    memory: int
    pods: int
    extra: tuple[int, ...]
    """Of all further resources; empty when it takes none of them."""
    left: int
    """Units that wait."""
    value: float
    """Of one unit, USD an hour."""
    rules: HostRules | None
    taken: int = 0
    """Units the node being filled takes."""


@dataclass(slots=True)
class Shelf:
    """Parcels of similar size that may go to the same places, those with the most CPU first."""

    places: Places
    parcels: list[Parcel]
    order: list[int] = field(default_factory=list)
    """CPU of the parcels, negative, so that it rises."""
    least_cpu: int = 0
    least_memory: int = 0
    least_pods: int = 0

    def measure(self) -> None:
        """Note order and the least that any parcel takes."""
        self.order = [-parcel.cpu for parcel in self.parcels]
        self.least_cpu = min([parcel.cpu for parcel in self.parcels])
        self.least_memory = min([parcel.memory for parcel in self.parcels])
        self.least_pods = min([parcel.pods for parcel in self.parcels])


def shelve(parcels: Sequence[tuple[Parcel, Places]]) -> list[Shelf]:
    """Return parcels on shelves."""
    shelves: dict[object, Shelf] = {}
    for parcel, places in parcels:
        key = (
            id(places),
            parcel.cpu.bit_length(),
            round(math.log2(parcel.memory + 1) * _MEMORY_FINENESS),
            bool(parcel.extra),
        )
        shelf = shelves.get(key)
        if shelf is None:
            shelf = shelves[key] = Shelf(places, [])
        shelf.parcels.append(parcel)
    found = list(shelves.values())
    for shelf in found:
        shelf.parcels.sort(key=lambda parcel: (-parcel.cpu, -parcel.value))
        shelf.measure()
    return found


def tidy(shelves: list[Shelf]) -> list[Shelf]:
    """Return the shelves without parcels that have run out."""
    for shelf in shelves:
        shelf.parcels = [parcel for parcel in shelf.parcels if parcel.left]
        if shelf.parcels:
            shelf.measure()
    return [shelf for shelf in shelves if shelf.parcels]


Filling = list[tuple[Parcel, int]]

_Head = tuple[Parcel, int, int, int, float, float, bool, int, Shelf]
"""Parcel, CPU, memory and pods of one unit, value, bonus, whether only room counts, position, shelf."""
_NOTHING = Parcel(-1, 0, 0, 0, (), 0, 0.0, None)
_SPENT: _Head = (_NOTHING, 0, 0, 0, 0.0, 0.0, True, 0, Shelf((), []))
"""In the place of a shelf the node is done with."""


def fill(
    seed: Parcel,
    seed_places: Places,
    shelves: Sequence[Shelf],
    shape: int,
    room: Sequence[int],
    shares: Sequence[float],
    style: str,
    *,
    alike: bool,
    size_bonus: float = SIZE_BONUS,
) -> tuple[Filling, int]:
    """Fill a node of one shape.

    Args:
        seed: goes in first; it must fit.
        seed_places: where it may go.
        shelves: everything that waits.
        shape: index of the shape.
        room: of the shape.
        shares: part of the shape's price that each resource carries.
        style: `DENSITY` or `DIRECTION`.
        alike: take only units with the seed's places (for NodePools with minValues).
        size_bonus: exponent of a unit's size in its score, 0 when size does not matter.

    Returns:
        Parcels with the number of units of each, and the zones the node may be in.
    """
    zones = seed_places[shape]
    cpu_left, memory_left, pods_left = room[0] - seed.cpu, room[1] - seed.memory, room[2] - seed.pods
    more_left = list(room[3:])
    for index, amount in enumerate(seed.extra):
        more_left[index] -= amount
    seed.taken = 1
    taken = [seed]
    load = HostLoad()
    if seed.rules is not None:
        load.add(seed.rules)
    cpu_part, memory_part, pods_part = (
        part / size if size else 0.0 for part, size in zip(shares[:3], room[:3], strict=True)
    )
    by_density = style == DENSITY
    # What the innermost loop reads lies in tuples: attributes and powers would take it twice as long.
    active: list[_Head] = []
    for shelf in shelves:
        if (
            shelf.least_cpu <= cpu_left
            and shelf.least_memory <= memory_left
            and shelf.least_pods <= pods_left
            and shelf.places[shape] & zones
            and (not alike or shelf.places is seed_places)
        ):
            parcel = shelf.parcels[0]
            size = parcel.cpu * cpu_part + parcel.memory * memory_part + parcel.pods * pods_part
            bonus = (size + _NEVER_ZERO) ** size_bonus if by_density else 1.0
            active.append(_head(parcel, bonus, 0, shelf))
    squares = [1 / (size * size) if size else 0.0 for size in room]
    while active:
        best, chosen, chosen_zones = -1.0, None, zones
        if by_density:
            a = shares[0] / (cpu_left + _NEVER_ZERO)
            b = shares[1] / (memory_left + _NEVER_ZERO)
            c = shares[2] / (pods_left + _NEVER_ZERO)
        else:
            a, b, c = cpu_left * squares[0], memory_left * squares[1], pods_left * squares[2]
        spent = False
        for number, (parcel, cpu, memory, pods, value, bonus, is_plain, position, shelf) in enumerate(active):
            if (
                cpu > cpu_left
                or memory > memory_left
                or pods > pods_left
                or parcel.taken >= parcel.left
                or not (
                    is_plain
                    or (
                        (not parcel.extra or _fits(parcel.extra, more_left))
                        and (parcel.rules is None or load.admits(parcel.rules))
                    )
                )
            ):
                # Room only shrinks and rules only tighten: what does not fit now never will.
                parcels = shelf.parcels
                if cpu > cpu_left:
                    position = bisect_left(shelf.order, -cpu_left, position)
                else:
                    position += 1
                last = min(len(parcels), position + _LOOK_AHEAD)
                while position < last:
                    parcel = parcels[position]
                    if (
                        parcel.memory <= memory_left
                        and parcel.cpu <= cpu_left
                        and parcel.pods <= pods_left
                        and parcel.taken < parcel.left
                        and not (parcel.extra and not _fits(parcel.extra, more_left))
                        and (parcel.rules is None or load.admits(parcel.rules))
                    ):
                        break
                    position += 1
                else:
                    active[number] = _SPENT
                    spent = True
                    continue
                cpu, memory, pods, value = parcel.cpu, parcel.memory, parcel.pods, parcel.value
                if by_density:
                    size = cpu * cpu_part + memory * memory_part + pods * pods_part
                    bonus = (size + _NEVER_ZERO) ** size_bonus
                head = active[number] = _head(parcel, bonus, position, shelf)
                is_plain = head[6]
            score = cpu * a + memory * b + pods * c
            if not is_plain and parcel.extra:
                score += _extra_part(parcel.extra, more_left, shares, squares, by_density)
            if by_density:
                score = value / (score + _NEVER_ZERO) * bonus
            if (
                not is_plain
                and parcel.rules is not None
                and not parcel.rules.soft_conflicts.isdisjoint(load.classes)
            ):
                score *= _DISLIKED
            if score > best:
                best, chosen, chosen_zones = score, parcel, shelf.places[shape]
        if spent:
            active = [head for head in active if head is not _SPENT]
        if chosen is None:
            break
        if not chosen.taken:
            taken.append(chosen)
        chosen.taken += 1
        cpu_left -= chosen.cpu
        memory_left -= chosen.memory
        pods_left -= chosen.pods
        for index, amount in enumerate(chosen.extra):
            more_left[index] -= amount
        if chosen.rules is not None:
            load.add(chosen.rules)
        if zones & ~chosen_zones:
            zones &= chosen_zones
            active = [head for head in active if head[8].places[shape] & zones]
    filling = [(parcel, parcel.taken) for parcel in taken]
    for parcel in taken:
        parcel.taken = 0
    return filling, zones


def _head(parcel: Parcel, bonus: float, position: int, shelf: Shelf) -> _Head:
    is_plain = parcel.rules is None and not parcel.extra
    return (
        parcel,
        parcel.cpu,
        parcel.memory,
        parcel.pods,
        parcel.value,
        bonus,
        is_plain,
        position,
        shelf,
    )


def _fits(extra: Sequence[int], left: Sequence[int]) -> bool:
    return all(wanted <= there for wanted, there in zip(extra, left, strict=True))


def _extra_part(
    extra: Sequence[int],
    left: Sequence[int],
    shares: Sequence[float],
    squares: Sequence[float],
    by_density: bool,
) -> float:
    total = 0.0
    for index, amount in enumerate(extra):
        if amount:
            if by_density:
                total += amount * shares[index + 3] / (left[index] + _NEVER_ZERO)
            else:
                total += amount * left[index] * squares[index + 3]
    return total
