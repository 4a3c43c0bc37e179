"""Who wins among nodes that score the same."""

from __future__ import annotations

from eks_lab.ids import Ids
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.scores import Lots, choose

NODES = [NodeInfo(f"node-{number}", number) for number in range(12)]


def test_the_best_score_wins() -> None:
    assert choose([1, 3, 2], NODES[:3], Lots(Ids(7))) is NODES[1]


def test_a_tie_goes_the_same_way_whatever_was_drawn_before() -> None:
    busy = Ids(7)
    busy.uid()
    first = choose([5, 5, 5], NODES[:3], Lots(Ids(7)))
    assert choose([5, 5, 5], NODES[:3], Lots(busy)) is first
    assert choose([5, 5, 5], NODES[:3][::-1], Lots(busy)) is first


def test_another_seed_decides_otherwise() -> None:
    winners = {choose([0] * 12, NODES, Lots(Ids(seed))).name for seed in range(20)}
    assert len(winners) > 5
