"""Steps towards the warm pool: they end where the calculator says, and never beyond what the instance carries."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.eni import Mode
from eks_lab.sim.controllers.vpc_cni.decide import (
    Assign,
    Attach,
    Detach,
    Holding,
    Limits,
    Unassign,
    next_step,
    wanted,
)
from eks_lab.sim.controllers.vpc_cni.settings import Settings, settings_of

targets = st.builds(
    Settings,
    warm_eni_target=st.integers(1, 3),
    warm_ip_target=st.integers(0, 12),
    minimum_ip_target=st.integers(0, 30),
    warm_prefix_target=st.integers(1, 3),
)


class Node:
    """Interfaces that steps change; addresses are numbers."""

    def __init__(self, enis: int, places: int, mode: Mode) -> None:
        """Start with the primary interface."""
        self.enis, self.places, self.mode = enis, places, mode
        self.holdings = [Holding("eni-0", 0)]
        self._number = 0

    def limits(self) -> Limits:
        """Return what may be attached."""
        return Limits(self.enis, self.enis - len(self.holdings), self.places, self.mode)

    def fresh(self, count: int) -> tuple[str, ...]:
        """Return new addresses or prefixes."""
        self._number += count
        numbers = range(self._number - count, self._number)
        if self.mode == "prefix":
            return tuple(f"10.{each // 256}.{each % 256}.0/28" for each in numbers)
        return tuple(f"10.{each // 256}.{each % 256}.1" for each in numbers)

    def take(self, step: Assign | Attach | Unassign | Detach) -> None:
        """Do what a step says."""
        match step:
            case Attach(count):
                assert len(self.holdings) < self.enis
                index = max(each.device_index for each in self.holdings) + 1
                self.holdings.append(self._with(Holding(f"eni-{index}", index), self.fresh(count)))
            case Assign(interface, count):
                self._change(interface, lambda each: self._with(each, self.fresh(count)))
            case Unassign(interface, values):
                self._change(interface, lambda each: self._without(each, values))
            case Detach(interface):
                assert interface != "eni-0"
                self.holdings = [each for each in self.holdings if each.id != interface]
        assert all(len(each.addresses) + len(each.prefixes) <= self.places for each in self.holdings)

    def _change(self, interface: str, change: object) -> None:
        assert callable(change)
        self.holdings = [change(each) if each.id == interface else each for each in self.holdings]

    def _with(self, holding: Holding, values: tuple[str, ...]) -> Holding:
        if self.mode == "prefix":
            return Holding(holding.id, holding.device_index, (), (*holding.prefixes, *values))
        return Holding(holding.id, holding.device_index, (*holding.addresses, *values), ())

    def _without(self, holding: Holding, values: tuple[str, ...]) -> Holding:
        left = tuple(each for each in (*holding.addresses, *holding.prefixes) if each not in values)
        return self._with(Holding(holding.id, holding.device_index), left)

    def all(self) -> list[str]:
        """Return every address that pods may have."""
        return [
            address
            for each in self.holdings
            for address in (
                *each.addresses,
                *(f"{prefix[:-4]}{last}" for prefix in each.prefixes for last in range(16)),
            )
        ]

    def settle(self, wishes: Settings, busy: set[str]) -> int:
        """Take steps until none is left; return how many."""
        for number in range(500):
            step = next_step(wishes, self.limits(), self.holdings, busy)
            if step is None:
                return number
            if isinstance(step, Unassign):
                assert not busy & set(step.values)
            self.take(step)
        raise AssertionError("it never settles")


@settings(max_examples=60, deadline=None)
@given(
    wishes=targets,
    enis=st.integers(1, 4),
    places=st.integers(1, 14),
    mode=st.sampled_from(["secondary", "prefix"]),
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=4),
)
def test_pods_come_and_go_and_the_pool_follows(
    wishes: Settings, enis: int, places: int, mode: Mode, counts: list[int]
) -> None:
    node, busy = Node(enis, places, mode), set[str]()
    for count in counts:
        for _ in range(100):
            node.settle(wishes, busy)
            free = [each for each in node.all() if each not in busy]
            if len(busy) >= count or not free:
                break
            busy.add(free[0])
        # The last that came go first, so that nothing is scattered.
        order = [each for each in node.all() if each in busy]
        busy = set(order[:count])
        node.settle(wishes, busy)
        pool = wanted(wishes, node.limits(), node.holdings, busy)
        assert len(node.holdings) == pool.enis
        assert len(node.all()) == pool.pod_ips
        assert busy <= set(node.all())


def test_variables_that_make_no_sense_count_as_not_set() -> None:
    found = settings_of(
        {
            "WARM_IP_TARGET": "many",
            "ENABLE_PREFIX_DELEGATION": "TRUE",
            "MAX_ENI": "-1",
            "ADDITIONAL_ENI_TAGS": '{"team": "shop"}',
        }
    )
    assert (found.warm_ip_target, found.prefix_delegation, found.max_eni) == (0, True, None)
    assert found.tags == {"team": "shop"}
    assert settings_of({"ADDITIONAL_ENI_TAGS": "{"}).tags == {}
