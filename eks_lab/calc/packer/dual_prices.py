"""What room is worth: prices of resources by shape, and from them a value for every pod.

Packing is a covering problem: nodes of shape t cost p_t and offer room. Its linear dual gives each
shape weights on its resources that add up to one; a pod's *value* is then the least that any shape
asks for it, and the values of all pods together are a lower bound of every packing. Weights are found
by exponentiated gradient ascent (Kivinen and Warmuth 1997): a shape that the pods at present choose
makes the resource dearer that they use up there, until nothing moves.

Two sharpenings keep the bound honest where nodes hold few pods:

* of a pod of which n at most may share a node, each takes 1/n of an own "resource";
* with few kinds of pods, CPU and memory count a second time through the dual feasible functions of
  Fekete and Schepers (2001): u(x) = ⌊(k+1)x⌋ / k. No set of pods that fits has a larger sum than 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.filters import fits

_FEW = 64
"""Up to so many kinds of pods are taken as they are, with the second sharpening."""
_MOST_CLUSTERS = 120
_MOST_WARM_CLUSTERS = 60
"""When going on from prices of a similar question."""
_FINENESS = (3.0, 2.5, 2.0, 1.5, 1.0, 0.7, 0.5)
"""Steps per doubling that sizes are told apart by, tried until there are few enough clusters."""
_MOST_LIMITS = 40
"""Demands whose limit per node counts: those that ask for the most nodes."""
_HOT = 12
"""Offers a kind of pods still looks at when the weights have found their way."""
_ROUNDINGS = (1, 2, 3, 4)
"""k of the dual feasible functions."""
_ROUNDED = (0, 1)
"""Resources they are applied to: CPU and memory."""
_STEP, _DECAY = 2.0, 3.0
_LEAST_WEIGHT = 1e-6
_NEGLIGIBLE = 0.004
_WORK = 600_000
"""Evaluations of a pod on a shape that one ascent may take."""
_ALMOST = 1e-9


@dataclass(frozen=True, slots=True)
class Offer:
    """A shape as the ascent sees it."""

    usd_per_hour: float
    room: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """Equal pods."""

    vector: tuple[int, ...]
    """What one takes."""
    count: int
    offers: tuple[int, ...]
    """Indexes of the offers that take it, room counted."""
    per_node: int = 0
    """So many of them at most on one node; 0 for no limit."""
    name: int = -1
    """Tells demands with a limit apart."""


@dataclass(slots=True)
class Prices:
    """Weights by offer, and what they say."""

    offers: Sequence[Offer]
    weights: list[list[float]]
    """By offer: resources, then roundings, then limits per node."""
    roundings: int
    """Features of the second sharpening."""
    limits: dict[int, int] = field(default_factory=dict)
    """Name of a demand with a limit per node -> its own resource."""
    use: list[float] = field(default_factory=list)
    """Nodes of each offer that the pods choose, roughly."""

    def values(self, demands: Sequence[Demand]) -> list[float]:
        """Return the values of many kinds of pods."""
        if not self.roundings and not self.limits:
            return self._linear_values(demands)
        tariffs = [self._tariff(offer) for offer in range(len(self.offers))]
        last = -1
        found = []
        for demand in demands:
            vector = demand.vector
            limit = self.limits.get(demand.name, -1) if demand.per_node else -1
            best, chosen = math.inf, -1
            # Similar pods choose alike: with a good offer first most others are given up early.
            for offer in (last, *demand.offers) if last in demand.offers else demand.offers:
                linear, steps = tariffs[offer]
                cost = 0.0
                for price, wanted in zip(linear, vector, strict=True):
                    cost += price * wanted
                if cost < best and limit >= 0:
                    cost += self.offers[offer].usd_per_hour * self.weights[offer][limit] / demand.per_node
                if cost >= best:
                    continue
                for resource, k, price, room in steps:
                    cost += price * _rounded(vector[resource] / room, k)
                    if cost >= best:
                        break
                else:
                    best, chosen = cost, offer
            last = chosen
            found.append(best if chosen >= 0 else 0.0)
        return found

    def _linear_values(self, demands: Sequence[Demand]) -> list[float]:
        """Return values where every resource has one price."""
        by_offers: dict[tuple[int, ...], list[list[float]]] = {}
        found = []
        for demand in demands:
            unit_prices = by_offers.get(demand.offers)
            if unit_prices is None:
                unit_prices = by_offers[demand.offers] = [self._tariff(offer)[0] for offer in demand.offers]
            vector = demand.vector
            if len(vector) == 3:
                cpu, memory, pods = vector
                found.append(min([a * cpu + b * memory + c * pods for a, b, c in unit_prices], default=0.0))
            else:
                costs = [sum([a * b for a, b in zip(each, vector, strict=True)]) for each in unit_prices]
                found.append(min(costs, default=0.0))
        return found

    def _tariff(self, offer: int) -> tuple[list[float], list[tuple[int, int, float, int]]]:
        """Return the price of a piece of each resource, and what roundings ask: resource, k, price, room."""
        room, usd, weights = self.offers[offer].room, self.offers[offer].usd_per_hour, self.weights[offer]
        linear = [usd * weights[index] / left if left else 0.0 for index, left in enumerate(room)]
        steps = []
        for index in range(self.roundings):
            weight = weights[len(room) + index]
            resource = _ROUNDED[index // len(_ROUNDINGS)]
            if weight and room[resource]:
                steps.append((resource, _ROUNDINGS[index % len(_ROUNDINGS)], usd * weight, room[resource]))
        return linear, steps

    def shares(self, offer: int) -> list[float]:
        """Return how much of an offer's price each resource carries; roundings count with theirs."""
        weights = self.weights[offer]
        size = len(self.offers[offer].room)
        shares = weights[:size]
        for index in range(self.roundings):
            shares[_ROUNDED[index // len(_ROUNDINGS)]] += weights[size + index]
        total = sum(shares)
        return [share / total for share in shares] if total else [1 / size] * size


def ascend(
    demands: Sequence[Demand],
    offers: Sequence[Offer],
    start: Prices | None = None,
    *,
    rounds: int = 0,
    thorough: bool = False,
) -> Prices:
    """Find weights under which the pods are worth as much as possible.

    Args:
        demands: kinds of pods; those without offers do not count.
        offers: shapes.
        start: prices of a similar question, over the same offers, to go on from.
        rounds: steps to climb from there.
        thorough: take several times the effort.

    Returns:
        The best weights met. `sum(count × value)` over any demands is a lower bound of the cost of
        every packing of those demands on these offers.
    """
    demands = [demand for demand in demands if demand.offers]
    if len(demands) <= _FEW:
        return _ascend(demands, offers, start, rounds, thorough=thorough, rounded=True, cuts=False)
    clusters = _clusters(demands, offers, _MOST_CLUSTERS if start is None else _MOST_WARM_CLUSTERS)
    return _ascend(clusters, offers, start, rounds, thorough=thorough, rounded=False, cuts=not thorough)


def _ascend(
    demands: Sequence[Demand],
    offers: Sequence[Offer],
    start: Prices | None,
    rounds: int,
    *,
    thorough: bool,
    rounded: bool,
    cuts: bool,
) -> Prices:
    size = len(offers[0].room) if offers else 0
    roundings = len(_ROUNDINGS) * len(_ROUNDED) if rounded else 0
    limits = {demand.name: size + roundings + number for number, demand in enumerate(_most_limited(demands))}
    width = size + roundings + len(limits)
    problem = [
        (
            demand.count,
            [
                (
                    offer,
                    [
                        (index, offers[offer].usd_per_hour * part)
                        for index, part in _features(demand, offers[offer].room, roundings, limits)
                        if part
                    ],
                )
                for offer in demand.offers
            ],
        )
        for demand in demands
    ]
    weights = _first_weights(start, len(offers), size, width)
    prices = Prices(offers, weights, roundings, limits)
    if start is None:
        effort = sum(len(choices) for _, choices in problem) * (1 + roundings / 4)
        work = _WORK * (3 if thorough else 1)
        rounds = int(max(40, min(3000 if thorough else 1000, work / max(1.0, effort))))
    usd = [offer.usd_per_hour for offer in offers]
    prices.weights, prices.use = _climb(problem, weights, usd, rounds, rounds // 3 if cuts else rounds)
    return prices


Problem = list[tuple[int, list[tuple[int, list[tuple[int, float]]]]]]


def _first_weights(start: Prices | None, offers: int, size: int, width: int) -> list[list[float]]:
    if start is None or len(start.weights) != offers:
        return [[1 / width] * width for _ in range(offers)]
    found = []
    for offer in range(offers):
        shares = start.shares(offer)
        even = 0.2 / width
        found.append([0.8 * (shares[index] if index < size else 0.0) + even for index in range(width)])
    return found


def _climb(
    problem: Problem, weights: list[list[float]], usd: list[float], rounds: int, cut_at: int
) -> tuple[list[list[float]], list[float]]:
    best, best_weights = -1.0, weights
    use = [0.0] * len(weights)
    rows = _rows(problem, weights)
    for turn in range(rounds):
        if turn == cut_at:
            # From here on offers that ask too much are not looked at any more.
            problem = [(count, _hot(choices, weights)) for count, choices in problem]
            rows = _rows(problem, weights)
            best = -1.0
        worth = 0.0
        loads: dict[int, list[float]] = {}
        for number, (count, choices) in enumerate(problem):
            least, place = math.inf, 0
            if rows:
                # The usual three resources without more: the same sum, three times as fast.
                for position, (offer, a, b, c) in enumerate(rows[number]):
                    x, y, z = weights[offer]
                    cost = x * a + y * b + z * c
                    if cost < least:
                        least, place = cost, position
            else:
                for position, (offer, features) in enumerate(choices):
                    of_offer = weights[offer]
                    cost = 0.0
                    for index, part in features:
                        cost += of_offer[index] * part
                    if cost < least:
                        least, place = cost, position
            chosen, parts = choices[place]
            worth += count * least
            load = loads.get(chosen)
            if load is None:
                load = loads[chosen] = [0.0] * len(weights[chosen])
            for index, part in parts:
                load[index] += count * part
        if worth > best:
            best, best_weights = worth, list(weights)
        step = _STEP * math.exp(-_DECAY * turn / rounds)
        weights = list(weights)
        for offer, load in loads.items():
            largest = max(load)
            if largest <= 0:
                continue
            if 2 * turn >= rounds:
                use[offer] += largest / usd[offer] if usd[offer] else 0.0
            old = weights[offer]
            mean = sum([a * b for a, b in zip(old, load, strict=True)])
            pull = step / largest
            new = [a * math.exp(pull * (b - mean)) for a, b in zip(old, load, strict=True)]
            total = sum(new)
            weights[offer] = [max(weight / total, _LEAST_WEIGHT) for weight in new]
    return [_tidied(each) for each in best_weights], [each / max(1, rounds / 2) for each in use]


def _rows(problem: Problem, weights: list[list[float]]) -> list[list[tuple[int, float, float, float]]]:
    """Return offer and what each of three resources takes, by demand; empty when there are more than three."""
    if not weights or len(weights[0]) != 3:
        return []
    rows = []
    for _, choices in problem:
        row = []
        for offer, features in choices:
            parts = dict(features)
            row.append((offer, parts.get(0, 0.0), parts.get(1, 0.0), parts.get(2, 0.0)))
        rows.append(row)
    return rows


def _hot(
    choices: list[tuple[int, list[tuple[int, float]]]], weights: list[list[float]]
) -> list[tuple[int, list[tuple[int, float]]]]:
    """Return the offers that ask least; the others will hardly be chosen any more."""
    if len(choices) <= _HOT:
        return choices
    return sorted(
        choices, key=lambda choice: sum([weights[choice[0]][index] * part for index, part in choice[1]])
    )[:_HOT]


def _tidied(weights: list[float]) -> list[float]:
    """Return weights that add up to one, without the negligible ones."""
    kept = [weight if weight >= _NEGLIGIBLE else 0.0 for weight in weights]
    total = sum(kept)
    return [weight / total for weight in kept] if total else [1 / len(weights)] * len(weights)


def _features(
    demand: Demand, room: tuple[int, ...], roundings: int, limits: dict[int, int]
) -> list[tuple[int, float]]:
    """Return what a pod takes of a node: index of the resource -> share, none ever too large."""
    shares = [wanted / left if left else 0.0 for wanted, left in zip(demand.vector, room, strict=True)]
    found = list(enumerate(shares))
    if roundings:
        at = len(shares)
        for resource in _ROUNDED:
            share = shares[resource]
            for k in _ROUNDINGS:
                found.append((at, _rounded(share, k)))
                at += 1
    if demand.per_node:
        index = limits.get(demand.name)
        if index is not None:
            found.append((index, 1 / demand.per_node))
    return found


def _rounded(share: float, k: int) -> float:
    stretched = (k + 1) * share
    nearest = round(stretched)
    # Exactly on a step the function is the identity; just below must not be taken for it.
    return share if abs(stretched - nearest) < _ALMOST else math.floor(stretched) / k


def _most_limited(demands: Sequence[Demand]) -> list[Demand]:
    """Return the demands whose limit per node asks for the most nodes."""
    limited = [demand for demand in demands if demand.per_node and demand.count > 1]
    return sorted(limited, key=lambda demand: (-demand.count / demand.per_node, demand.name))[:_MOST_LIMITS]


def _clusters(demands: Sequence[Demand], offers: Sequence[Offer], most: int) -> list[Demand]:
    """Return fewer kinds, each standing for similar ones; those with a limit per node stay apart."""
    limited = {demand.name for demand in _most_limited(demands)}
    # Logarithms once for all tries.
    sized = [
        (
            math.log2(demand.vector[0] + 1),
            math.log2(demand.vector[1] + 1),
            tuple([round(math.log2(each + 1)) for each in demand.vector[3:]])
            if any(demand.vector[3:])
            else 0,
            demand.name if demand.name in limited else -1,
            demand,
        )
        for demand in demands
    ]
    for fineness in _FINENESS:
        groups: dict[object, list[Demand]] = {}
        by_offers = fineness > 1 and len(offers) <= _FEW
        enough = len(demands) if fineness == _FINENESS[-1] else most
        for cpu, memory, rest, name, demand in sized:
            count = len(demand.offers) if by_offers else 0
            key = (round(cpu * fineness), round(memory * fineness), rest, name, count)
            groups.setdefault(key, []).append(demand)
            if len(groups) > enough:
                break
        else:
            break
    return [_mean(group) for group in groups.values()]


def _mean(group: list[Demand]) -> Demand:
    count = sum(demand.count for demand in group)
    size = len(group[0].vector)
    vector = tuple(
        max(1, round(sum([demand.vector[index] * demand.count for demand in group]) / count))
        if any(demand.vector[index] for demand in group)
        else 0
        for index in range(size)
    )
    middle = sorted(group, key=lambda demand: len(demand.offers))[len(group) // 2]
    return Demand(vector, count, middle.offers, group[0].per_node, group[0].name)


def offers_taking(vector: tuple[int, ...], rooms: Sequence[tuple[int, tuple[int, ...]]]) -> tuple[int, ...]:
    """Return the numbers of the rooms a vector fits into.

    Args:
        vector: what a pod takes.
        rooms: number and room of the offers that may be used.
    """
    if len(vector) == 3:
        a, b, c = vector
        return tuple([number for number, (x, y, z) in rooms if a <= x and b <= y and c <= z])
    return tuple([number for number, room in rooms if fits(vector, room)])
