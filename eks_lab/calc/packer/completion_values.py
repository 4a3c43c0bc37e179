"""What pods are worth when nodes are hardly larger than they are.

A linear price takes every node for full. Beside a pod of 7 vCPUs and 14 GiB a node of 8 vCPUs and 32 GiB
never is: what else fits has too little memory to use up what is left. Such a pod costs more than its price
says, and a filler that goes by price leaves it until only poor nodes are left for it. Here a pod is worth
the price of a node less the most that pods of the usual proportions can still be worth beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from eks_lab.calc.packer.dual_prices import Demand, Prices

_FEWEST = 100
"""With fewer kinds of pods their proportions say little."""
_UNUSUAL = 0.1
"""Part of the kinds at either end whose memory per CPU does not count as usual."""
_BELIEVED = 0.7
"""Part of the loss that is counted: a few pods out of the ordinary fill better than the usual ones."""


def completion_values(prices: Prices, demands: Sequence[Demand]) -> list[float]:
    """Return what one pod of each kind is worth, in USD an hour.

    Args:
        prices: of the resources, with the use of the offers.
        demands: kinds of pods, without rules between them.

    Returns:
        By demand at least its linear value. Not a bound of anything: only packing goes by it.
    """
    values = prices.values(demands)
    if len(demands) < _FEWEST:
        return values
    proportions = sorted([demand.vector[1] / max(1, demand.vector[0]) for demand in demands])
    least = max(1e-9, proportions[int(len(proportions) * _UNUSUAL)])
    most = proportions[int((len(proportions) - 1) * (1 - _UNUSUAL))]
    rows = []
    for number, use in enumerate(prices.use):
        usd = prices.offers[number].usd_per_hour
        cpu, memory = prices.offers[number].room[:2]
        if use > 0 and cpu and memory:
            of_cpu, of_memory, *_ = prices.shares(number)
            # What is left of CPU is worth itself and the memory that the usual pods use with it; and
            # the other way round. The rest of the price is the pod's: at least what it takes itself.
            by_cpu = of_cpu + of_memory * most * cpu / memory
            by_memory = of_memory + of_cpu * memory / cpu / least
            own = (usd * of_cpu / cpu, usd * of_memory / memory)
            rows.append(
                (
                    cpu,
                    memory,
                    *own,
                    usd * (1 - by_cpu),
                    usd * by_cpu / cpu,
                    usd * (1 - by_memory),
                    usd * by_memory / memory,
                )
            )
    found = []
    for demand, value in zip(demands, values, strict=True):
        wanted_cpu, wanted_memory = demand.vector[:2]
        best = math.inf
        for cpu, memory, a, b, c, d, e, f in rows:
            if wanted_cpu > cpu or wanted_memory > memory:
                continue
            cost = a * wanted_cpu + b * wanted_memory
            if cost >= best:
                continue
            if (by_cpu := c + d * wanted_cpu) > cost:
                cost = by_cpu
            if (by_memory := e + f * wanted_memory) > cost:
                cost = by_memory
            best = min(best, cost)
        found.append(value + _BELIEVED * (best - value) if value < best < math.inf else value)
    return found
