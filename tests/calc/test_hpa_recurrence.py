"""A play that reuses its decisions comes to the same as one that makes every look anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

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
)
from eks_lab.calc.horizontal_scaling.load_curve import LoadCurve, Polyline, Wave
from eks_lab.calc.horizontal_scaling.pods import Reading, TotalReading, Unreadable
from eks_lab.calc.horizontal_scaling.recurrence import WishWindow
from eks_lab.calc.horizontal_scaling.timeline import Workload, simulate
from tests.calc.plain_timeline import simulate_plainly

POLICIES = st.builds(
    ScalingPolicy,
    kind=st.sampled_from(["Pods", "Percent"]),
    value=st.integers(1, 150),
    period_seconds=st.integers(1, 300),
)
RULES = st.builds(
    ScalingRules,
    policies=st.lists(POLICIES, min_size=1, max_size=2).map(tuple),
    select=st.sampled_from(["Max", "Min", "Disabled"]),
    window_seconds=st.none() | st.integers(0, 400),
    tolerance=st.none() | st.floats(0, 0.5),
)
METRICS: tuple[tuple[Metric, tuple[Reading | int | None, ...]], ...] = (
    (Metric("cpu", "Resource", "Utilization", 70), (None, 400)),
    (Metric("cpu", "Resource", "AverageValue", 150), (None, 90, Unreadable("gone"))),
    (Metric("cpu", "ContainerResource", "Utilization", 60, "api"), (None,)),
    (Metric("memory", "Resource", "Utilization", 80), (700, 1200, Unreadable("gone"))),
    (Metric("requests_per_second", "Pods", "AverageValue", 90_000), (None, 80_000)),
    (Metric("requests_per_second", "Object", "Value", 900_000), (None, TotalReading(10**6))),
    (Metric("queue_length", "External", "AverageValue", 70_000), (None, TotalReading(10**6))),
)
ASKED = st.sampled_from(METRICS).flatmap(lambda each: st.tuples(st.just(each[0]), st.sampled_from(each[1])))
SECONDS = st.integers(0, 120) | st.floats(0, 120)
LOADS = st.one_of(
    st.builds(
        Wave,
        shape=st.sampled_from(["constant", "step", "ramp", "spike", "sine"]),
        base=st.floats(0, 3000),
        peak=st.floats(0, 6000),
        change_at_seconds=st.floats(0, 600),
        change_seconds=st.floats(30, 3600),
    ),
    st.lists(st.tuples(st.integers(0, 3000), st.floats(0, 5000)), min_size=1, max_size=6).map(
        lambda points: Polyline(
            tuple(float(at) for at, _ in sorted(points)), tuple(load for _, load in sorted(points))
        )
    ),
)


@settings(deadline=None, max_examples=250)
@given(
    least=st.integers(0, 5),
    more=st.integers(1, 60),
    behaviour=st.none() | st.builds(Behaviour, RULES, RULES),
    asked=st.lists(ASKED, min_size=1, max_size=3),
    curve=LOADS,
    workload=st.builds(
        Workload,
        capacity_rps=st.floats(1, 500),
        cpu_ceiling_percent=st.none() | st.floats(50, 400),
        start_seconds=SECONDS,
        ready_delay_seconds=SECONDS,
        metric_delay_seconds=SECONDS,
    ),
    flags=st.builds(
        ControllerFlags,
        sync_period_seconds=st.sampled_from([15, 10, 5, 7.3, 0.1 * 3 + 15]),
        cpu_initialisation_seconds=st.sampled_from([300, 0, 45]),
        missing_as_target=st.booleans(),
    ),
    start=st.integers(0, 80),
)
def test_reused_decisions_are_those_made_anew(
    least: int,
    more: int,
    behaviour: Behaviour | None,
    asked: list[tuple[Metric, Reading | int | None]],
    curve: Wave | Polyline,
    workload: Workload,
    flags: ControllerFlags,
    start: int,
) -> None:
    scaler = Autoscaler(least, least + more, tuple(metric for metric, _ in asked), behaviour)
    fixed = [value for _, value in asked]
    load: LoadCurve = curve.at
    reused = simulate(scaler, flags, workload, load, 1800, start, fixed)
    assert reused == simulate_plainly(scaler, flags, workload, load, 1800, start, fixed)


WAY = Literal["sine", "step"]


@settings(deadline=None, max_examples=8)
@given(st.sampled_from(["sine", "step"]), st.sampled_from([600.0, 5400.0, 43_200.0]), st.booleans())
def test_a_long_play_is_the_same_too(shape: WAY, swing: float, is_default: bool) -> None:
    behaviour = (
        None
        if is_default
        else replace(DEFAULT_BEHAVIOUR, down=replace(DEFAULT_BEHAVIOUR.down, window_seconds=600))
    )
    scaler = Autoscaler(2, 40, (Metric("cpu", "Resource", "Utilization", 60),), behaviour)
    load = Wave(shape, 200, 2600, 7200, swing).at
    workload = Workload(capacity_rps=100)
    reused = simulate(scaler, ControllerFlags(), workload, load, 4 * 3600, 3)
    assert reused == simulate_plainly(scaler, ControllerFlags(), workload, load, 4 * 3600, 3)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=40), st.integers(0, 90), st.booleans()
)
def test_a_window_keeps_its_extreme(wishes: list[tuple[int, int]], seconds: int, lowest: bool) -> None:
    window, now, made = WishWindow(seconds, lowest=lowest), 0, [(0, 5)]
    for later, wish in wishes:
        now += later
        if wish != made[-1][1]:
            window.remember(*made[-1])
        made.append((now, wish))
        inside = [each for at, each in made if at > now - seconds] or [wish]
        assert window.extreme(now, wish) == (min(inside) if lowest else max(inside))
