"""A lower bound: what no packing of these pods can cost less than.

The best of three, rules between pods mostly left out: the linear dual (`dual_prices`), the fewest
dollars that buy enough of one resource in whole nodes, and the cheapest node for the most demanding pod.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from eks_lab.calc.packer.cutting_stock import Container, Kind
from eks_lab.calc.packer.dual_prices import Demand, Offer, Prices, ascend, offers_taking
from eks_lab.calc.packer.nodes import Problem
from eks_lab.calc.packer.pattern_search import proven_worth
from eks_lab.calc.packer.patterns import MOST_KINDS
from eks_lab.calc.packer.shapes import undominated
from eks_lab.calc.packer.units import UnitMaker

_GRID = 600
"""Steps the total of one resource is divided into when whole nodes are bought for it."""
_MOST_PODS_IN_WHOLE_NODES = 2_000
"""With more pods a node more or less does not show."""


def lower_bound_usd_per_hour(problem: Problem, counts: Mapping[int, int]) -> float:
    """Return the lower bound for some pods.

    Args:
        problem: pods and shapes; every NodePool, kind of capacity and zone that a pod may use counts,
            weights and limits do not.
        counts: class -> pods, those that have a node.
    """
    filters = problem.filters
    maker = UnitMaker(problem.classes, filters, problem.book)
    wanted = [(index, count) for index, count in counts.items() if count]
    places = {index: filters.places(problem.classes[index].spec) for index, _ in wanted}
    usable = undominated(filters.shapes, list({id(each): each for each in places.values()}.values()))
    offers = [Offer(filters.shapes[index].usd_per_hour, filters.shapes[index].room) for index in usable]
    known: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
    rooms_by_places: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    demands = []
    for index, count in wanted:
        vector = filters.vector(problem.classes[index].spec)
        key = (id(places[index]), vector)
        if key not in known:
            rooms = rooms_by_places.get(key[0])
            if rooms is None:
                mask = places[index]
                rooms = rooms_by_places[key[0]] = [
                    (number, filters.shapes[shape].room) for number, shape in enumerate(usable) if mask[shape]
                ]
            known[key] = offers_taking(vector, rooms)
        demands.append(Demand(vector, count, known[key], maker.per_node(index), index))
    if not demands:
        return 0.0
    prices = ascend(demands, offers, thorough=True)
    dual = sum(value * demand.count for value, demand in zip(prices.values(demands), demands, strict=True))
    single = max(
        min((offers[number].usd_per_hour for number in demand.offers), default=0.0) for demand in demands
    )
    whole = 0.0
    if sum(demand.count for demand in demands) <= _MOST_PODS_IN_WHOLE_NODES:
        whole = _in_whole_nodes(demands, offers)
    best = max(dual, single, whole)
    return max(best, _by_patterns(problem, demands, offers, prices, best))


def _by_patterns(
    problem: Problem, demands: Sequence[Demand], offers: Sequence[Offer], prices: Prices, known: float
) -> float:
    """Return the bound that column generation gives; 0 where it does not exceed the one that is known."""
    counts: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    guess: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}
    for demand, value in zip(demands, prices.values(demands), strict=True):
        key = (demand.vector, demand.offers)
        counts[key] = counts.get(key, 0) + demand.count
        guess[key] = value
    if len(counts) > MOST_KINDS or not all(offer.usd_per_hour for offer in offers):
        return 0.0
    order = sorted(counts)
    kinds = tuple(Kind(vector, counts[vector, numbers], frozenset(numbers)) for vector, numbers in order)
    containers = tuple(Container(offer.usd_per_hour, offer.room) for offer in offers)
    values = problem.filters.patterns.buy(kinds, containers, [guess[key] for key in order]).values
    worth = sum(value * kind.count for value, kind in zip(values, kinds, strict=True))
    return worth / proven_worth(kinds, containers, values, worth / known) if worth > known else 0.0


def _in_whole_nodes(demands: Sequence[Demand], offers: Sequence[Offer]) -> float:
    """Return the most that any one resource costs when it is bought in whole nodes."""
    best = 0.0
    for resource in range(len(offers[0].room)):
        total = sum(demand.vector[resource] * demand.count for demand in demands)
        if total:
            taking = [demand for demand in demands if demand.vector[resource]]
            numbers = {number for demand in taking for number in demand.offers}
            best = max(best, _cover(total, [offers[number] for number in numbers], resource))
    return best


def _cover(total: int, offers: Sequence[Offer], resource: int) -> float:
    """Return the least price of nodes whose rooms add up to a total.

    On a grid: rooms are rounded up to steps and the total down, so the price is never too high.
    """
    step = max(1, math.ceil(total / _GRID))
    wanted = total // step
    sizes = sorted(
        {
            (math.ceil(offer.room[resource] / step), offer.usd_per_hour)
            for offer in offers
            if offer.room[resource]
        }
    )
    cheapest: dict[int, float] = {}
    for size, usd in sizes:
        cheapest[size] = min(usd, cheapest.get(size, math.inf))
    choices = list(cheapest.items())
    costs = [0.0] * (wanted + 1)
    for amount in range(1, wanted + 1):
        costs[amount] = min([usd + costs[max(0, amount - size)] for size, usd in choices], default=0.0)
    return costs[wanted]
