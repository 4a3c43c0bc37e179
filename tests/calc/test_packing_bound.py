"""Cost against the lower bound: hand-made cases, column generation against brute force, and fleets."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.packer.cutting_stock import Container, Kind, Pattern, times_fitting, worth_of
from eks_lab.calc.packer.linear_program import LinearProgram
from eks_lab.calc.packer.pattern_search import Search, proven_worth
from eks_lab.calc.packer.patterns import PatternBook
from tests.calc.packing_builders import (
    CAPACITY,
    Manifest,
    of_types,
    pod_spec,
    pool,
    requirement,
    result_of,
    workload,
)

CATEGORY = "karpenter.k8s.aws/instance-category"
GENERAL = pool(
    "general", requirement(CAPACITY, "In", "on-demand"), requirement(CATEGORY, "In", "c", "m", "r")
)
GAP_PERCENT = 5.0


def fleet(pods: int, kinds: int, seed: int) -> list[Manifest]:
    """Return Deployments of the sizes people write."""
    chance = random.Random(seed)
    return [
        workload(
            f"app-{number}",
            pods // kinds,
            pod_spec(
                chance.choice(["100m", "250m", "500m", "1", "2", "4"]),
                chance.choice(["128Mi", "256Mi", "512Mi", "1Gi", "2Gi", "4Gi", "8Gi"]),
            ),
        )
        for number in range(kinds)
    ]


@pytest.mark.parametrize(
    ("pods", "kinds", "seed"), [(100, 10, 1), (1000, 20, 1), (1000, 50, 2), (3000, 30, 3)]
)
def test_cost_is_near_the_bound_without_rules(pods: int, kinds: int, seed: int) -> None:
    result = result_of(fleet(pods, kinds, seed), [GENERAL])
    assert result.plan.placed == pods
    gap = 100 * (result.plan.usd_per_hour / result.bound_usd_per_hour - 1)
    assert 0 <= gap <= GAP_PERCENT


@pytest.mark.parametrize(
    ("replicas", "cpu", "types", "usd"),
    [
        (1, "1", ("m5.large",), 0.096),
        (3, "900m", ("m5.large",), 3 * 0.096),
        (2, "900m", ("m5.large", "m5.xlarge"), 2 * 0.096),
        (4, "900m", ("m5.xlarge",), 0.192),
        (40, "3500m", ("m5.xlarge",), 40 * 0.192),
    ],
)
def test_bounds_that_are_reached(replicas: int, cpu: str, types: tuple[str, ...], usd: float) -> None:
    """m5.large leaves 1780, m5.xlarge 3770 millicores beside DaemonSets."""
    result = result_of([workload("web", replicas, pod_spec(cpu))], [of_types("main", *types)])
    assert result.plan.usd_per_hour == pytest.approx(usd)
    assert result.bound_usd_per_hour == pytest.approx(usd, rel=0.005)


def test_one_pod_a_node_counts_in_the_bound() -> None:
    """Host ports leave one pod a node: the bound knows, though the pods are tiny."""
    spec = pod_spec("10m", "16Mi")
    spec["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 80}]
    result = result_of([workload("web", 7, spec)], [of_types("main", "m5.large")])
    assert result.plan.usd_per_hour == pytest.approx(7 * 0.096)
    assert 0.096 <= result.bound_usd_per_hour <= 7 * 0.096 + 1e-9


SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def problems(draw: st.DrawFn) -> tuple[tuple[Kind, ...], tuple[Container, ...]]:
    """Draw a few kinds of units and a few containers, each unit fitting into the largest."""
    containers = tuple(
        Container(draw(st.integers(2, 20)) / 10, (draw(st.integers(3, 12)), draw(st.integers(3, 12)), 4))
        for _ in range(draw(st.integers(1, 3)))
    )
    containers += (Container(2.5, (12, 12, 4)),)
    kinds = []
    for _ in range(draw(st.integers(1, 4))):
        vector = (*draw(SIZES), 1)
        shapes = frozenset(
            number
            for number, each in enumerate(containers)
            if all(wanted <= there for wanted, there in zip(vector, each.room, strict=True))
        )
        kinds.append(Kind(vector, draw(st.integers(1, 6)), shapes))
    return tuple(kinds), containers


def contents_of(
    kinds: tuple[Kind, ...], container: Container, number: int
) -> list[tuple[tuple[int, int], ...]]:
    """Return every content of a container, by brute force."""
    found = []
    ranges = [range(min(kind.count, 4) + 1) if number in kind.shapes else range(1) for kind in kinds]
    for counts in itertools.product(*ranges):
        if all(
            sum(count * kind.vector[each] for count, kind in zip(counts, kinds, strict=True)) <= room
            for each, room in enumerate(container.room)
        ):
            found.append(tuple((index, count) for index, count in enumerate(counts) if count))
    return found


@settings(deadline=None, max_examples=60)
@given(problems(), st.lists(st.integers(1, 12), min_size=4, max_size=4))
def test_the_search_agrees_with_brute_force(
    problem: tuple[tuple[Kind, ...], tuple[Container, ...]], tenths: list[int]
) -> None:
    kinds, containers = problem
    values = [each / 10 for each in tenths[: len(kinds)]]
    largest = 1.0
    for number, container in enumerate(containers):
        best = max(worth_of(each, values) for each in contents_of(kinds, container, number))
        ratio = best / container.usd_per_hour
        largest = max(largest, ratio)
        found = Search(number, container, kinds, values).better(1.0)
        assert bool(found) == (ratio > 1 + 1e-6)
        if found:
            assert found in contents_of(kinds, container, number)
            assert worth_of(found, values) > container.usd_per_hour
    assert proven_worth(kinds, containers, values, 1000.0) >= largest - 1e-6


@settings(deadline=None, max_examples=40)
@given(problems())
def test_patterns_are_real_and_their_values_bound_every_packing(
    problem: tuple[tuple[Kind, ...], tuple[Container, ...]],
) -> None:
    kinds, containers = problem
    bought = PatternBook().buy(kinds, containers, [0.0] * len(kinds))
    taken = [0] * len(kinds)
    for pattern, count in bought.whole:
        assert pattern.contents in contents_of(kinds, containers[pattern.shape], pattern.shape)
        for index, units in pattern.contents:
            taken[index] += units * count
    assert all(have <= kind.count for have, kind in zip(taken, kinds, strict=True))
    worth = sum(value * kind.count for value, kind in zip(bought.values, kinds, strict=True))
    bound = worth / proven_worth(kinds, containers, bought.values, 1000.0)
    # One unit a node is a packing, and so dearer than the bound.
    alone = sum(kind.count * min(containers[each].usd_per_hour for each in kind.shapes) for kind in kinds)
    assert bound <= alone + 1e-6
    program = LinearProgram(kinds, containers)
    for number, container in enumerate(containers):
        patterns = [Pattern(number, each) for each in contents_of(kinds, container, number) if each]
        program.add(patterns, [1e6] * len(kinds), 0.0)
    assert program.solve()
    exact = sum(dual * kind.count for dual, kind in zip(program.duals, kinds, strict=True))
    assert bound <= exact * (1 + 1e-6) + 1e-6
    assert worth >= exact * (1 - 0.01) - 1e-6


def test_times_fitting() -> None:
    assert times_fitting((500, 0, 1), (1780, 10, 27)) == 3
    assert times_fitting((2000, 1, 1), (1780, 10, 27)) == 0
