"""What holds for every autoscaler, whatever it sees."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.horizontal_scaling.autoscaler import (
    DEFAULT_BEHAVIOUR,
    Autoscaler,
    Behaviour,
    ControllerFlags,
    Metric,
    ScalingPolicy,
    ScalingRules,
    check,
    tolerances,
    window_seconds,
)
from eks_lab.calc.horizontal_scaling.decision import Decision, decide
from eks_lab.calc.horizontal_scaling.figures import figures
from eks_lab.calc.horizontal_scaling.load_curve import Polyline, Wave
from eks_lab.calc.horizontal_scaling.pods import PerPodReading, PodGroup, Reading, TotalReading, Unreadable
from eks_lab.calc.horizontal_scaling.proposal import propose
from eks_lab.calc.horizontal_scaling.reason import reason
from eks_lab.calc.horizontal_scaling.restraint import History
from eks_lab.calc.horizontal_scaling.timeline import Workload, simulate

FLAGS = ControllerFlags()
QUEUE = Metric("queue", "External", "AverageValue", 10_000)
POLICIES = st.builds(
    ScalingPolicy,
    kind=st.sampled_from(["Pods", "Percent"]),
    value=st.integers(1, 200),
    period_seconds=st.sampled_from([10, 15, 30, 60, 90, 600]),
)


def rules(select: list[str] | None = None) -> st.SearchStrategy[ScalingRules]:
    return st.builds(
        ScalingRules,
        policies=st.lists(POLICIES, min_size=1, max_size=3).map(tuple),
        select=st.sampled_from(select or ["Max", "Min", "Disabled"]),
        window_seconds=st.none() | st.sampled_from([0, 15, 60, 300]),
        tolerance=st.none() | st.sampled_from([0.0, 0.05, 0.3]),
    )


BEHAVIOURS = st.none() | st.builds(Behaviour, up=rules(), down=rules())
BOUNDS = st.tuples(st.integers(1, 60), st.integers(1, 60)).map(sorted)
TOTALS = st.lists(st.integers(0, 900_000), min_size=1, max_size=60)


def autoscaler(bounds: list[int], behaviour: Behaviour | None, *metrics: Metric) -> Autoscaler:
    return check(Autoscaler(bounds[0], bounds[1], metrics or (QUEUE,), behaviour))


def play(
    scaler: Autoscaler, totals: list[int], replicas: int, period: float = 15
) -> list[tuple[float, Decision]]:
    """Return the decisions on one total after the other."""
    found, history = [], History()
    for look, total in enumerate(totals):
        now = period * look
        decision, history = decide(scaler, FLAGS, history, (), [TotalReading(total)], replicas, now)
        found.append((now, decision))
        replicas = decision.desired
    return found


@settings(deadline=None, max_examples=200)
@given(BOUNDS, BEHAVIOURS, TOTALS, st.integers(1, 80))
def test_never_outside_the_bounds(
    bounds: list[int], behaviour: Behaviour | None, totals: list[int], start: int
) -> None:
    for _, decision in play(autoscaler(bounds, behaviour), totals, start):
        assert bounds[0] <= decision.desired <= bounds[1]
        assert reason(decision).endswith(".")


def _replicas_at(path: list[tuple[float, Decision]], at: float) -> int:
    """Return the replicas just after a time, from the decisions alone."""
    replicas = path[0][1].current
    for now, decision in path:
        if now <= at:
            replicas = decision.desired
    return replicas


@settings(deadline=None, max_examples=300)
@given(rules(), rules(), TOTALS, st.integers(1, 60), st.sampled_from([10, 15]))
def test_never_faster_than_the_policies_allow(
    up: ScalingRules, down: ScalingRules, totals: list[int], start: int, period: float
) -> None:
    scaler = autoscaler([1, 100], Behaviour(up, down))
    path = play(scaler, totals, start, period)
    for index, (now, decision) in enumerate(path):
        if not decision.change:
            continue
        before = path[:index]
        way = up if decision.change > 0 else down
        assert way.select != "Disabled"
        sign = 1 if decision.change > 0 else -1
        allowed = []
        for policy in way.policies:
            begin = _replicas_at(before, now - policy.period_seconds) if before else start
            if policy.kind == "Pods":
                allowed.append(begin + sign * policy.value)
            elif sign > 0:
                allowed.append(math.ceil(begin * (1 + policy.value / 100)))
            else:
                allowed.append(int(begin * (1 - policy.value / 100)))
        farthest = (max if (way.select == "Max") == (sign > 0) else min)(allowed)
        assert sign * decision.desired <= sign * farthest


def test_binary_fractions_are_the_controllers_own() -> None:
    """20 × (1 − 0.9) is 1.9999999999999996 in binary, cut to 1: 19 pods may go where 90 % are 18."""
    down = ScalingRules((ScalingPolicy("Percent", 90, 60),), window_seconds=0)
    scaler = autoscaler([1, 60], Behaviour(DEFAULT_BEHAVIOUR.up, down))
    assert play(scaler, [1000], 20)[0][1].desired == 1


@settings(deadline=None, max_examples=200)
@given(BEHAVIOURS, TOTALS, st.integers(1, 60))
def test_never_below_what_the_window_down_remembers(
    behaviour: Behaviour | None, totals: list[int], start: int
) -> None:
    scaler = autoscaler([1, 60], behaviour)
    _, down = window_seconds(scaler, FLAGS)
    path = play(scaler, totals, start)
    for index, (now, decision) in enumerate(path):
        wishes = [d.recommendation or 0 for then, d in path[: index + 1] if then > now - down]
        if decision.change < 0 and index:
            assert decision.desired >= min(60, max(wishes, default=0))


@settings(deadline=None, max_examples=200)
@given(rules(["Max", "Min"]), TOTALS, st.integers(1, 60))
def test_never_above_the_lowest_wish_of_the_window_up(
    up: ScalingRules, totals: list[int], start: int
) -> None:
    scaler = autoscaler([1, 60], Behaviour(up, DEFAULT_BEHAVIOUR.down))
    window, _ = window_seconds(scaler, FLAGS)
    path = play(scaler, totals, start)
    for index, (now, decision) in enumerate(path):
        wishes = [d.recommendation or 0 for then, d in path[: index + 1] if then > now - window]
        if decision.change > 0 and wishes:
            assert decision.desired <= min(wishes)


@settings(deadline=None)
@given(BEHAVIOURS, st.integers(2, 60), st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_no_flapping_inside_the_tolerance(
    behaviour: Behaviour | None, replicas: int, noise: list[float]
) -> None:
    scaler = autoscaler([1, 60], behaviour)
    band = tolerances(scaler, FLAGS)
    # 0.999 keeps clear of the edge, where a whole number of milli-units may lie just outside.
    totals = [
        round(10_000 * replicas * (1 + 0.999 * (share * band.up if share > 0 else share * band.down)))
        for share in noise
    ]
    steady = [total for total in totals if band.hold(total / (10_000 * replicas))]
    assert all(decision.change == 0 for _, decision in play(scaler, steady, replicas))


GROUPS = st.tuples(st.integers(1, 20), st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))


def _scene(counts: tuple[int, int, int, int], usage: int) -> tuple[tuple[PodGroup, ...], PerPodReading]:
    measured, missing, unready, pending = counts
    pods = (
        PodGroup(measured),
        PodGroup(missing),
        PodGroup(unready, is_ready=False, started_at_seconds=-60, ready_changed_at_seconds=-60),
        PodGroup(pending, "Pending", is_ready=False, started_at_seconds=None),
    )
    return pods, PerPodReading((usage, None, usage, None), (1000,) * 4)


@settings(deadline=None, max_examples=300)
@given(
    GROUPS,
    st.integers(0, 5000),
    st.integers(0, 2000),
    st.integers(1, 300),
    st.sampled_from(["Utilization", "AverageValue"]),
    st.booleans(),
)
def test_more_usage_never_asks_for_fewer_replicas(
    counts: tuple[int, int, int, int],
    usage: int,
    more: int,
    target: int,
    kind: Any,
    as_target: bool,
) -> None:
    metric = Metric("cpu", "Resource", kind, target if kind == "Utilization" else 10 * target)
    flags = replace(FLAGS, missing_as_target=as_target)
    band = tolerances(autoscaler([1, 60], None), flags)

    def asked(amount: int) -> int:
        pods, reading = _scene(counts, amount)
        return propose(metric, reading, pods, sum(counts), band, flags, 0).replicas or 0

    assert asked(usage) <= asked(usage + more)


@settings(deadline=None, max_examples=300)
@given(GROUPS, st.integers(0, 5000), st.integers(1, 300))
def test_pods_set_aside_never_enlarge_the_step(
    counts: tuple[int, int, int, int], usage: int, target: int
) -> None:
    """Missing and unready pods dampen: as far as the measured pods alone would have gone, or less."""
    metric = Metric("cpu", "Resource", "Utilization", target)
    band = tolerances(autoscaler([1, 60], None), FLAGS)
    pods, reading = _scene(counts, usage)
    current = sum(counts)
    found = propose(metric, reading, pods, current, band, FLAGS, 0)
    assert found.ratio is not None
    plain = found.ratio * current
    replicas = found.replicas or 0
    if found.ratio > 1:
        assert current <= replicas <= math.ceil(plain + 1e-9)
    elif found.ratio < 1:
        # The controller multiplies with the measured and missing pods only, hence the second bound.
        assert min(plain, found.ratio * counts[0]) - 1e-9 <= replicas <= current
    else:
        assert replicas == current


@settings(deadline=None)
@given(BEHAVIOURS, st.lists(st.integers(0, 900_000), min_size=2, max_size=4), st.integers(1, 60))
def test_the_largest_proposal_counts_and_an_error_never_shrinks(
    behaviour: Behaviour | None, totals: list[int], current: int
) -> None:
    metrics = tuple(replace(QUEUE, name=f"queue-{number}") for number in range(len(totals)))
    scaler = autoscaler([1, 60], behaviour, *metrics)
    readings: list[Reading] = [TotalReading(total) for total in totals]
    decision, _ = decide(scaler, FLAGS, History(), (), readings, current, 0)
    assert decision.recommendation == max(found.replicas or 0 for found in decision.proposals)
    broken, _ = decide(scaler, FLAGS, History(), (), [*readings[:-1], Unreadable("gone")], current, 0)
    assert broken.desired >= current
    assert broken.recommendation is None or broken.recommendation >= current


@settings(deadline=None, max_examples=40)
@given(BOUNDS, BEHAVIOURS, TOTALS, st.integers(1, 80))
def test_the_same_state_gives_the_same_decision(
    bounds: list[int], behaviour: Behaviour | None, totals: list[int], start: int
) -> None:
    scaler = autoscaler(bounds, behaviour)
    assert play(scaler, totals, start) == play(scaler, totals, start)


@pytest.mark.parametrize("looks", [400])
def test_the_memory_stays_small(looks: int) -> None:
    behaviour = Behaviour(
        DEFAULT_BEHAVIOUR.up, replace(DEFAULT_BEHAVIOUR.down, window_seconds=0, tolerance=0.0)
    )
    scaler, history, replicas = autoscaler([1, 60], behaviour), History(), 5
    for look in range(looks):
        reading = TotalReading(100_000 if look % 2 else 400_000)
        decision, history = decide(scaler, FLAGS, history, (), [reading], replicas, 15.0 * look)
        replicas = decision.desired
    assert len(history.times_seconds) <= 2
    assert len(history.added) + len(history.removed) <= 4


def test_new_pods_are_pending_then_without_a_sample_then_measured() -> None:
    """Four pods decided on at 5:15 run at 5:35; a sample covers 15 s and is seen 15 s later, so from 6:05 on."""
    scaler = autoscaler([4, 8], None, Metric("cpu", "Resource", "Utilization", 70))
    load = Polyline((0, 300, 300), (250, 250, 1200))
    seen = {}
    for tick in simulate(scaler, FLAGS, Workload(capacity_rps=100), load.at, 420, 4):
        winner = tick.decision.winner
        assert winner is not None
        seen[tick.seconds] = (winner.unready_pods, winner.missing_pods, winner.counted_pods)
    assert [seen[at] for at in (315, 330, 345, 360, 375)] == [
        (0, 0, 4),
        (4, 0, 8),
        (0, 4, 8),
        (0, 4, 8),
        (0, 0, 8),
    ]


def test_a_sample_counts_only_when_the_pod_was_ready_all_the_time_it_covers() -> None:
    """Ready at 6:35, so that the first sample of 15 s that counts is of 6:50, seen from 7:05 on."""
    scaler = autoscaler([4, 8], None, Metric("cpu", "Resource", "Utilization", 70))
    load = Polyline((0, 300, 300), (250, 250, 1200))
    workload = Workload(capacity_rps=100, ready_delay_seconds=60)
    unready = {
        tick.seconds: tick.decision.winner.unready_pods
        for tick in simulate(scaler, FLAGS, workload, load.at, 450, 4)
        if tick.decision.winner is not None
    }
    assert [unready[at] for at in (375, 405, 420, 435)] == [4, 4, 4, 0]


def test_before_the_start_the_load_is_the_first_one() -> None:
    wave = Wave("sine", 250, 4000, change_at_seconds=0, change_seconds=120)
    scaler = autoscaler([4, 80], None, Metric("cpu", "Resource", "Utilization", 70))
    first = simulate(scaler, FLAGS, Workload(capacity_rps=100), wave.at, 15, 4)[0].decision.winner
    assert first is not None
    assert first.measured == 62


POINTS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5000)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=120)
@given(
    BOUNDS,
    BEHAVIOURS,
    POINTS,
    st.builds(
        Workload,
        capacity_rps=st.floats(1, 500),
        cpu_ceiling_percent=st.none() | st.floats(50, 400),
        start_seconds=st.integers(0, 120),
        ready_delay_seconds=st.integers(0, 60),
        metric_delay_seconds=st.integers(0, 90),
    ),
    st.integers(1, 60),
)
def test_a_timeline_adds_up(
    bounds: list[int],
    behaviour: Behaviour | None,
    points: list[tuple[int, int]],
    workload: Workload,
    start: int,
) -> None:
    points.sort()
    curve = Polyline(tuple(float(at) for at, _ in points), tuple(float(load) for _, load in points))
    scaler = autoscaler(bounds, behaviour, Metric("cpu", "Resource", "Utilization", 70))
    ticks = simulate(scaler, FLAGS, workload, curve.at, 900, start)
    assert [tick.seconds for tick in ticks] == [15.0 * look for look in range(61)]
    replicas = start
    for tick in ticks:
        assert tick.decision.current == replicas
        assert 0 <= tick.ready <= replicas
        assert bounds[0] <= tick.decision.desired <= bounds[1]
        replicas = tick.decision.desired
    found = figures(ticks, scaler, FLAGS, workload)
    assert found.replica_minutes == pytest.approx(sum(tick.decision.desired for tick in ticks[:-1]) / 4)
    assert found.scale_events == sum(tick.decision.change != 0 for tick in ticks)
    assert 0 <= found.seconds_above_target <= 900
    assert (
        found.time_to_recover_seconds is None or found.time_to_recover_seconds <= found.seconds_above_target
    )
    assert found.peak_ready_replicas <= max(start, found.peak_replicas)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 5000), st.integers(1, 300), st.integers(1, 60))
def test_a_constant_load_comes_to_rest_at_its_target(load: int, capacity: int, start: int) -> None:
    """Without bounds in the way the end is inside the tolerance, or a rounding away from it."""
    scaler = autoscaler([1, 100_000], DEFAULT_BEHAVIOUR, Metric("cpu", "Resource", "Utilization", 50))
    workload = Workload(capacity_rps=capacity)
    ticks = simulate(scaler, FLAGS, workload, lambda _: float(load), 3600, start)
    end = ticks[-1].decision.desired
    needed = load / (0.5 * capacity)
    assert all(tick.decision.desired == end for tick in ticks[-20:])
    # Whole percent and whole milli-units are cut off, a percent of the target at most each.
    assert end >= needed / 1.1 * 0.98 - 1
    assert end <= max(math.ceil(needed / 0.9 * 1.02) + 1, 1)
