"""What a node keeps for itself, against the table of nodeadm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc.reservations import (
    allocatable,
    allocatable_storage_gib,
    expected_capacity_mib,
    kube_reserved_cpu_millicores,
)


@pytest.mark.parametrize(
    ("vcpus", "millicores"),
    [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (32, 150), (48, 190), (64, 230), (96, 310)],
)
def test_cpu_of_nodeadm(vcpus: int, millicores: int) -> None:
    """Facts B3: 6 % of core 1, 1 % of core 2, 0.5 % of cores 3-4, 0.25 % beyond."""
    assert kube_reserved_cpu_millicores(vcpus) == millicores


@pytest.mark.parametrize(("nominal", "capacity"), [(4096, 3788), (8192, 7577), (16384, 15155), (0, 0)])
def test_karpenters_first_guess(nominal: int, capacity: int) -> None:
    """Facts B3: nominal × (1 − 0.075)."""
    assert expected_capacity_mib(nominal) == capacity


def test_memory_is_what_reservation_and_eviction_leave() -> None:
    left = allocatable(2, 4000, 17)
    assert (left.kube_reserved_memory_mib, left.reserved_memory_mib, left.memory_mib) == (442, 542, 3458)
    assert (left.kube_reserved_cpu_millicores, left.cpu_millicores) == (70, 1930)


@pytest.mark.parametrize(("disk", "left"), [(20.0, 17.0), (80.0, 71.0), (1.0, 0.0)])
def test_storage(disk: float, left: float) -> None:
    """Facts B3: 1 GiB reserved, eviction below 10 %."""
    assert allocatable_storage_gib(disk) == pytest.approx(left)


@given(st.integers(1, 400), st.integers(0, 10_000_000), st.integers(0, 12_000), st.integers(0, 500))
def test_monotonic(vcpus: int, capacity: int, pods: int, more: int) -> None:
    base = allocatable(vcpus, capacity, pods)
    assert allocatable(vcpus, capacity, pods + more).memory_mib <= base.memory_mib
    assert allocatable(vcpus, capacity + more, pods).memory_mib >= base.memory_mib
    assert allocatable(vcpus + more, capacity, pods).cpu_millicores >= base.cpu_millicores
    assert 0 <= base.memory_mib <= capacity
    assert 0 < base.cpu_millicores < 1000 * vcpus


@given(st.integers(0, 10_000_000), st.floats(0, 50), st.floats(0, 50))
def test_more_overhead_never_leaves_more(nominal: int, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 0 <= expected_capacity_mib(nominal, high) <= expected_capacity_mib(nominal, low) <= nominal
