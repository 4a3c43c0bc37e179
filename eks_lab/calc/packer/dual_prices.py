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
from operator import itemgetter, le

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
                unit_prices = [self._tariff(offer)[0] for offer in demand.offers]
                unit_prices = by_offers[demand.offers] = _undominated(unit_prices)
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


def _undominated(prices: list[list[float]]) -> list[list[float]]:
    """Return the prices of resources without those that another one of them nowhere exceeds."""
    kept: list[list[float]] = []
    for each in sorted(prices):
        if not any(all(map(le, other, each)) for other in kept):
            kept.append(each)
    return kept


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
    problem = []
    for demand in demands:
        parts = [_parts(demand, offers[offer], roundings, limits) for offer in demand.offers]
        problem.append(_Choices(demand.count, demand.offers, parts))
    weights = _first_weights(start, len(offers), size, width)
    prices = Prices(offers, weights, roundings, limits)
    if start is None:
        effort = sum(len(choices.offers) for choices in problem) * (1 + roundings / 4)
        work = _WORK * (3 if thorough else 1)
        rounds = int(max(40, min(3000 if thorough else 1000, work / max(1.0, effort))))
    usd = [offer.usd_per_hour for offer in offers]
    prices.weights, prices.use = _climb(problem, weights, usd, rounds, rounds // 3 if cuts else rounds)
    return prices


Part = tuple[float, float, float, tuple[tuple[int, float], ...]]
"""What a pod takes of a node, in USD an hour: of CPU, memory and pods, then of further features by index."""


class _Choices:
    """The offers one kind of pods chooses among."""

    __slots__ = ("bases", "count", "first_weights", "more", "offers", "parts")

    def __init__(self, count: int, offers: Sequence[int], parts: Sequence[Part]) -> None:
        self.count = count
        self.offers = offers
        self.parts = parts
        self.bases = [(a, b, c) for a, b, c, _ in parts]
        self.more = [more for _, _, _, more in parts]
        if not any(self.more):
            self.more = []
        # Of one index an itemgetter returns the item itself.
        self.first_weights = itemgetter(*offers) if len(offers) > 1 else None

    def cheapest(
        self, firsts: list[tuple[float, float, float]], weights: list[list[float]]
    ) -> tuple[float, int]:
        """Return what the cheapest offer asks, and its position.

        Args:
            firsts: the first three weights of every offer.
            weights: all weights of every offer.
        """
        here = self.first_weights(firsts) if self.first_weights else [firsts[self.offers[0]]]
        costs = [x * a + y * b + z * c for (x, y, z), (a, b, c) in zip(here, self.bases, strict=True)]
        if not self.more:
            least = min(costs)
            return least, costs.index(least)
        least, place = math.inf, 0
        for position, cost in enumerate(costs):
            # What else it takes only adds: most offers are out of question already.
            if cost < least:
                of_offer = weights[self.offers[position]]
                for index, part in self.more[position]:
                    cost += of_offer[index] * part
                if cost < least:
                    least, place = cost, position
        return least, place

    def hot(self, weights: list[list[float]]) -> _Choices:
        """Return the offers that ask least; the others will hardly be chosen any more."""
        if len(self.offers) <= _HOT:
            return self

        def asks(position: int) -> float:
            of_offer = weights[self.offers[position]]
            a, b, c, more = self.parts[position]
            cost = of_offer[0] * a + of_offer[1] * b + of_offer[2] * c
            for index, part in more:
                cost += of_offer[index] * part
            return cost

        chosen = sorted(range(len(self.offers)), key=asks)[:_HOT]
        return _Choices(
            self.count, [self.offers[each] for each in chosen], [self.parts[each] for each in chosen]
        )


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
    problem: list[_Choices], weights: list[list[float]], usd: list[float], rounds: int, cut_at: int
) -> tuple[list[list[float]], list[float]]:
    best, best_weights = -1.0, weights
    use = [0.0] * len(weights)
    firsts = [(each[0], each[1], each[2]) for each in weights]
    for turn in range(rounds):
        if turn == cut_at:
            # From here on offers that ask too much are not looked at any more.
            problem = [choices.hot(weights) for choices in problem]
            best = -1.0
        worth = 0.0
        loads: dict[int, list[float]] = {}
        for choices in problem:
            least, place = choices.cheapest(firsts, weights)
            chosen = choices.offers[place]
            count = choices.count
            worth += count * least
            load = loads.get(chosen)
            if load is None:
                load = loads[chosen] = [0.0] * len(weights[chosen])
            a, b, c, more = choices.parts[place]
            load[0] += count * a
            load[1] += count * b
            load[2] += count * c
            for index, part in more:
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
            new = weights[offer] = [max(weight / total, _LEAST_WEIGHT) for weight in new]
            firsts[offer] = (new[0], new[1], new[2])
    return [_tidied(each) for each in best_weights], [each / max(1, rounds / 2) for each in use]


def _tidied(weights: list[float]) -> list[float]:
    """Return weights that add up to one, without the negligible ones."""
    kept = [weight if weight >= _NEGLIGIBLE else 0.0 for weight in weights]
    total = sum(kept)
    return [weight / total for weight in kept] if total else [1 / len(weights)] * len(weights)


def _parts(demand: Demand, offer: Offer, roundings: int, limits: dict[int, int]) -> Part:
    """Return what a pod takes of a node in USD an hour, nothing ever too large."""
    usd = offer.usd_per_hour
    shares = [wanted / left if left else 0.0 for wanted, left in zip(demand.vector, offer.room, strict=True)]
    more = [(index, usd * share) for index, share in enumerate(shares[3:], start=3) if share]
    if roundings:
        at = len(shares)
        for resource in _ROUNDED:
            share = shares[resource]
            for k in _ROUNDINGS:
                rounded = _rounded(share, k)
                if rounded:
                    more.append((at, usd * rounded))
                at += 1
    if demand.per_node:
        index = limits.get(demand.name, -1)
        if index >= 0:
            more.append((index, usd * (1 / demand.per_node)))
    return usd * shares[0], usd * shares[1], usd * shares[2], tuple(more)


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
