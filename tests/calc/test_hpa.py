"""The calculator hpa: decisions and timelines as a learner asks for them."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.horizontal_scaling.autoscaler import (
    DEFAULT_DOWN,
    DEFAULT_UP,
    LONGEST_PERIOD_SECONDS,
    ControllerFlags,
    ScalingPolicy,
)
from eks_lab.calc.hpa import CALCULATOR
from eks_lab.calc.model import Answer
from eks_lab.catalog.horizontal_scaling import controller_terms, read_controller_terms
from eks_lab.errors import DataError, InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

BEHAVIOUR = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 40
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
    - type: External
      external: {metric: {name: queue_length}, target: {type: AverageValue, averageValue: "30"}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 600
      selectPolicy: Min
      policies:
        - {type: Percent, value: 20, periodSeconds: 60}
        - {type: Pods, value: 5, periodSeconds: 60}
"""


def decide(**inputs: object) -> Answer:
    return answer("hpa", question="decision", **inputs)


def refusal(**inputs: object) -> InputError:
    with pytest.raises(InputError) as caught:
        answer("hpa", **inputs)
    return caught.value


# Fact sheet B6 (Kubernetes docs, horizontal-pod-autoscale; tiers PCP-KR 2026-08-14), figure by figure.


@pytest.mark.parametrize(
    ("inputs", "recommended"),
    [
        pytest.param({"current_replicas": 3, "values": "92"}, 4, id="ceil(current x metric/target)"),
        pytest.param({"current_replicas": 4, "values": "138"}, 8, id="lesson scaling.hpa 09:00"),
        pytest.param({"current_replicas": 8, "values": "25"}, 3, id="lesson scaling.hpa 12:00"),
        pytest.param({"current_replicas": 10, "values": "77"}, 10, id="|ratio-1| <= 0.1"),
        pytest.param({"current_replicas": 10, "values": "78"}, 12, id="|ratio-1| > 0.1"),
        pytest.param(
            {"current_replicas": 10, "values": "75", "tolerance_up": 0.05}, 11, id="tolerance field up"
        ),
        pytest.param({"current_replicas": 10, "values": "105", "missing_pods": 2}, 12, id="missing: 0 % up"),
        pytest.param(
            {"current_replicas": 10, "values": "35", "missing_pods": 2, "missing_rule": "documentation"},
            6,
            id="missing: 100 % of the target down",
        ),
        pytest.param(
            {"current_replicas": 10, "values": "120", "unready_pods": 2}, 14, id="not ready: 0 % up"
        ),
        pytest.param(
            {"current_replicas": 10, "values": "80", "missing_pods": 6}, 10, id="flipped ratio: nothing"
        ),
        pytest.param(
            {"current_replicas": 10, "values": "90", "missing_pods": 2}, 10, id="inside after all: nothing"
        ),
    ],
)
def test_facts_of_the_algorithm(inputs: dict[str, object], recommended: int) -> None:
    assert decide(**inputs).result["recommended_replicas"] == recommended


def test_facts_of_defaults() -> None:
    flags = ControllerFlags()
    assert (flags.sync_period_seconds, flags.tolerance, flags.down_window_seconds) == (15, 0.1, 300)
    assert (flags.cpu_initialisation_seconds, flags.initial_readiness_seconds) == (300, 30)
    assert DEFAULT_UP.window_seconds == 0
    assert DEFAULT_UP.select == DEFAULT_DOWN.select == "Max"
    assert set(DEFAULT_UP.policies) == {ScalingPolicy("Percent", 100, 15), ScalingPolicy("Pods", 4, 15)}
    assert DEFAULT_DOWN.policies == (ScalingPolicy("Percent", 100, 15),)
    assert LONGEST_PERIOD_SECONDS == 1800


@pytest.mark.parametrize(("tier", "workers"), [("xl", 50), ("2xl", 100), ("4xl", 200), ("8xl", 200)])
def test_facts_of_the_tiers(tier: str, workers: int) -> None:
    found = answer("hpa", tier=tier, sync_period_seconds=10)
    assert any(f"{workers} autoscalers" in warning and "2026-08-14" in warning for warning in found.warnings)
    assert any(source.date == "2026-08-14" for source in found.sources)
    assert [point[0] for point in found.plots[0].series[1].points[:3]] == [0, 10 / 60, 20 / 60]


def test_the_standard_tier_keeps_fifteen_seconds() -> None:
    error = refusal(sync_period_seconds=12)
    assert error.message.startswith("sync_period_seconds: 12 needs a provisioned tier")
    assert "xl" in error.hint
    assert "below 10" in refusal(sync_period_seconds=9, tier="xl").message


def test_old_figures_of_the_tiers_warn() -> None:
    quiet = answer("hpa", tier="xl", today="2026-12-01").warnings
    loud = answer("hpa", tier="xl", today="2027-08-01").warnings
    assert not any("days ago" in warning for warning in quiet)
    assert any("days ago" in warning for warning in loud)
    assert controller_terms().staleness_warning(date(2026, 8, 15)) == ""


def test_a_broken_data_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "horizontal_scaling.json"
    broken.write_text('{"format": 1, "source": {"title": "t", "date": "2026-01-01"}, "tiers": {"xl": {}}}')
    with pytest.raises(DataError, match=r"horizontal_scaling\.json"):
        read_controller_terms(broken)


def test_a_decision_shows_its_working() -> None:
    found = decide(current_replicas=10, values="105", missing_pods=2)
    assert found.headline == "The HPA goes from 10 to 12 replicas."
    assert [(step.substitution, step.value) for step in found.steps] == [
        ("⌊100 × 8400 ÷ 8000⌋", 105),
        ("105 ÷ 70", 1.5),
        ("⌊100 × 8400 ÷ 10000⌋", 84),
        ("84 ÷ 70", 1.2),
        ("⌈84 ÷ 70 × 10⌉", 12),
        ("12", 12),
        ("max(2 × 10, 4)", 20),
        ("min(12, 20, 20)", 12),
    ]
    assert all(step.why for step in found.steps)
    assert found.grids[0].rows == (("cpu", "105 %", "70 %", "1.5", "1.2", 12, "by the ratio, pods assumed"),)


def test_a_window_holds_and_the_answer_says_what_follows() -> None:
    found = decide(current_replicas=10, values="35")
    assert found.result["desired_replicas"] == 10
    assert found.result["recommended_replicas"] == found.result["settled_replicas"] == 5
    assert found.result["able_to_scale"] == "ScaleDownStabilized"
    assert found.headline == ("The HPA stays at 10 replicas: 5 are wanted, and come when the windows let go.")


def test_sources_disagree_on_missing_pods() -> None:
    found = decide(current_replicas=10, values="35", missing_pods=2)
    assert found.result["recommended_replicas"] == 7
    assert any(
        "by the controller the recommendation is 7, by the documentation 6" in w for w in found.warnings
    )
    other = decide(current_replicas=10, values="35", missing_pods=2, missing_rule="documentation")
    assert any(
        "by the documentation the recommendation is 6, by the controller 7" in w for w in other.warnings
    )
    assert decide(current_replicas=10, values="105", missing_pods=2).warnings == ()


def test_no_behavior_is_not_the_default_behavior() -> None:
    found = decide(current_replicas=1, values="700", min_replicas=1)
    assert found.result["desired_replicas"] == 4
    assert any("max(2 × 1, 4)" in warning and "give 5" in warning for warning in found.warnings)
    written = decide(current_replicas=1, values="700", min_replicas=1, up_policies="100%/15s, 4/15s")
    assert written.result["desired_replicas"] == 5
    assert written.warnings == ()


def test_a_manifest_brings_bounds_metrics_and_behaviour() -> None:
    found = decide(manifest=BEHAVIOUR, values="cpu=30, queue_length=240", current_replicas=20)
    assert found.result["recommended_replicas"] == 10
    assert found.result["settled_replicas"] == 16
    assert found.headline == (
        "The HPA stays at 20 replicas: 10 are wanted, and 16 come when the windows let go."
    )
    wished = decide(
        manifest=BEHAVIOUR,
        values="cpu=30, queue_length=240",
        current_replicas=20,
        recent_wishes="590:12",
        recent_steps="30:-2",
    ).result
    # 22 at the start of the minute: 20 % are 4.4, rounded up 5, and 5 pods; 2 went already.
    assert (wished["stabilised_replicas"], wished["policy_limit"], wished["desired_replicas"]) == (12, 17, 17)


def test_inputs_override_the_manifest() -> None:
    inputs = {"manifest": BEHAVIOUR, "values": "cpu=120,queue_length=0", "current_replicas": 20}
    assert decide(**inputs).result["desired_replicas"] == 40
    assert decide(**inputs, max_replicas=25).result["desired_replicas"] == 25
    assert decide(**inputs, up_policies="3/60s").result["desired_replicas"] == 23
    assert decide(**inputs, up_policies="disabled").result["desired_replicas"] == 20
    assert decide(**inputs, up_window_seconds=60, recent_wishes="30:22").result["desired_replicas"] == 22
    assert decide(**inputs, tolerance_up=1).result["outcome"] == "tolerance"


@pytest.mark.parametrize(
    ("metric", "target", "values", "current", "recommended"),
    [
        ("cpu-average-value", "100m", "200m", 3, 6),
        ("memory-utilization", "60%", "90%", 4, 6),
        ("memory-average-value", "100Mi", "300Mi", 2, 6),
        ("pods-average-value", "100", "250", 2, 5),
        ("object-value", "100", "requests_per_second=600", 3, 18),
        ("object-average-value", "100", "1k", 3, 10),
        ("external-value", "30", "60", 3, 6),
        ("external-average-value", "30", "queue_length=100", 9, 4),
    ],
)
def test_every_kind_of_metric(metric: str, target: str, values: str, current: int, recommended: int) -> None:
    found = decide(metric=metric, target=target, values=values, current_replicas=current)
    assert found.result["recommended_replicas"] == recommended


def test_an_error_blocks_the_way_down_only() -> None:
    down = decide(manifest=BEHAVIOUR, values="cpu=error, queue_length=30", current_replicas=10)
    assert (down.result["outcome"], down.result["desired_replicas"]) == ("blocked", 10)
    assert down.result["scaling_active"] == "FailedGetResourceMetric"
    up = decide(manifest=BEHAVIOUR, values="cpu=unknown, queue_length=450", current_replicas=10)
    assert up.result["desired_replicas"] == 15
    nothing = decide(manifest=BEHAVIOUR, values="cpu=error;queue_length=error", current_replicas=10)
    assert nothing.result["outcome"] == "unreadable"
    assert nothing.steps[-1].why.startswith("No metric can be read")


def test_bounds_come_first() -> None:
    assert decide(current_replicas=30, values="error").result["desired_replicas"] == 20
    assert decide(current_replicas=1, values="error").result["desired_replicas"] == 2
    assert decide(current_replicas=0, values="error").result["outcome"] == "disabled"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"target": "seventy"}, "target: 'seventy' is no whole percentage"),
        ({"target": "0"}, "target of cpu is not above 0"),
        ({"metric": "pods-average-value", "target": "0"}, "target: '0' is no quantity above 0"),
        ({"metric": "pods-average-value", "target": "-3"}, "target: '-3' is no quantity above 0"),
        ({"min_replicas": 5, "max_replicas": 4}, "min_replicas: 5 is above max_replicas 4"),
        ({"min_replicas": 0}, "min_replicas: 0 needs an Object or External metric"),
        ({"min_replicas": -1}, "min_replicas: -1 is below 0"),
        ({"max_replicas": 0}, "max_replicas: 0 is below 1"),
        ({"tolerance_up": float("nan")}, "tolerance_up: nan is not a number"),
        ({"up_window_seconds": 3601}, "up_window_seconds: 3601 is above 3600"),
        ({"up_policies": "fast"}, "up_policies: 'fast' is no policy"),
        ({"up_policies": "min"}, "up_policies: 'min' holds no policy"),
        ({"down_policies": "0%/60s"}, "down_policies: a value of 0 is below 1"),
        ({"down_policies": "10%/31m"}, "down_policies: a period of 1860 s is outside 1 to 1800 s"),
        ({"question": "decision", "values": ""}, "values: cpu has no value"),
        ({"question": "decision", "values": "cpu=many"}, "values: 'many' is no percentage for cpu"),
        ({"question": "decision", "values": "cpuu=5"}, "values: there is no metric 'cpuu'"),
        ({"question": "decision", "values": "cpu=5,cpu=6"}, "values: cpu is given twice"),
        (
            {"question": "decision", "manifest": BEHAVIOUR, "values": "90"},
            "values: '90' belongs to none of cpu, queue_length",
        ),
        ({"question": "decision", "missing_pods": 3, "pending_pods": 2}, "are more than the 4 replicas"),
        ({"question": "decision", "recent_wishes": "soon:3"}, "recent_wishes: 'soon:3' is no number of"),
        ({"question": "decision", "recent_wishes": "30:-3"}, "recent_wishes: a wish below 0 replicas"),
        ({"question": "decision", "recent_steps": "30:4"}, "recent_steps: 4 has no direction"),
        ({"load_points": "now:5"}, "load_points: 'now:5' is no point of time and load"),
        ({"load_points": "60:5, 30:9"}, "load_points: 30:9 goes back in time"),
        ({"load_shape": "ramp", "change_seconds": 0}, "change_seconds: 0 is no length for a ramp"),
        ({"metric": "memory-utilization"}, "values: memory does not follow the load, and has no value"),
        ({"manifest": "kind: Pod"}, "manifest: no object of the kind HorizontalPodAutoscaler"),
        ({"today": "2026-13-01"}, "today: '2026-13-01' is no date"),
    ],
)
def test_nonsense_gets_a_sentence(inputs: dict[str, object], message: str) -> None:
    error = refusal(**inputs)
    assert message in error.message
    assert error.hint.endswith(".") or error.hint.endswith("?")
    assert "\n" not in error.message


def test_did_you_mean() -> None:
    assert refusal(question="decision", values="cpus=5").hint == "Did you mean cpu?"


def test_a_timeline_of_a_step() -> None:
    found = answer("hpa")
    result = found.result
    assert result["peak_load_rps"] == 1200
    assert result["worst_utilisation_percent"] == 300
    # 1200 requests/s against 70 a pod: 18, reached in steps of max(2 x, 4) from 4: 8, 16, 18.
    assert (result["peak_replicas"], result["final_replicas"], result["scale_ups"]) == (18, 18, 3)
    # Seen 15 s late at 5:15, and pods need 30 s: 8 are ready at 5:45, 16 at 6:00.
    assert result["time_to_recover_seconds"] == result["seconds_above_target"] == 60
    # 4 × 315 s, 8 × 15 s, 16 × 15 s, 18 × 1455 s
    assert result["replica_minutes"] == round((4 * 315 + 8 * 15 + 16 * 15 + 18 * 1455) / 60, 1)
    # 800 requests/s too many for 45 s, 400 for 15 s.
    assert result["requests_beyond_capacity"] == 800 * 45 + 400 * 15
    assert found.headline == (
        "From 4 replicas to 18 at the peak and 18 at the end; the longest time above the target is 60 s."
    )
    assert found.warnings == ()
    changes = [(row[0], row[4]) for row in found.grids[0].rows if "→" in str(row[4])]
    assert changes == [("5:15", "4 → 8"), ("5:30", "8 → 16"), ("5:45", "16 → 18")]
    assert [series.name for series in found.plots[0].series] == [
        "load, in pods at target",
        "desired",
        "ready",
    ]
    assert all(len(series.points) == 121 for series in found.plots[0].series)
    ready = dict(found.plots[0].series[2].points)
    assert (ready[5.5], ready[5.75], ready[6.0]) == (4, 8, 16)


def test_the_way_down_waits_five_minutes() -> None:
    found = answer("hpa", load_points="0:1000, 600:1000, 600:100", current_replicas=15)
    rows = [(row[0], row[4]) for row in found.grids[0].rows if "→" in str(row[4])]
    # The last wish for 15 is of 10:00, since samples are 15 s old; it counts for 300 s.
    assert rows == [("15:00", "15 → 2")]
    quick = answer(
        "hpa", load_points="0:1000, 600:1000, 600:100", current_replicas=15, down_window_seconds=60
    )
    rows = [(row[0], row[4]) for row in quick.grids[0].rows if "→" in str(row[4])]
    assert rows == [("11:00", "15 → 2")]
    assert quick.result["replica_minutes"] < quick.result["replica_minutes_default"]
    assert quick.result["replica_minutes_default"] == found.result["replica_minutes"]
    grid = {row[0]: row[1:] for row in quick.grids[1].rows}
    assert grid["Replica-minutes"] == (quick.result["replica_minutes"], found.result["replica_minutes"])


def test_a_short_window_flaps_and_is_warned_about() -> None:
    wave = {"load_shape": "sine", "change_seconds": 240, "duration_minutes": 60, "peak_load_rps": 1500}
    calm = answer("hpa", **wave)
    nervous = answer("hpa", **wave, down_window_seconds=0)
    assert nervous.result["turns"] > calm.result["turns"]
    assert nervous.result["scale_downs"] > calm.result["scale_downs"]
    assert any("it flaps" in warning for warning in nervous.warnings)
    assert not any("it flaps" in warning for warning in calm.warnings)
    assert nervous.result["seconds_above_target"] > nervous.result["seconds_above_target_default"]


def test_slow_pods_take_longer_to_recover() -> None:
    figures = [answer("hpa", start_seconds=start).result["time_to_recover_seconds"] for start in (5, 60, 180)]
    assert figures == sorted(figures)
    assert figures[0] < figures[-1]


def test_a_cpu_limit_hides_how_much_is_missing() -> None:
    free, held = answer("hpa").result, answer("hpa", cpu_ceiling_percent=100).result
    assert held["time_to_recover_seconds"] > free["time_to_recover_seconds"]
    assert held["scale_ups"] > free["scale_ups"]


def test_the_maximum_in_the_way() -> None:
    found = answer("hpa", max_replicas=8)
    assert found.result["time_to_recover_seconds"] is None
    assert "do not carry the load at its target yet" in found.headline
    assert any(warning.startswith("The maximum of 8 replicas") for warning in found.warnings)


def test_nobody_serves_at_first() -> None:
    found = answer("hpa", current_replicas=1, min_replicas=3, load_shape="constant", base_load_rps=10)
    assert found.grids[0].rows[0][4] == "1 → 3"
    dark = answer("hpa", current_replicas=0, load_shape="constant")
    assert dark.result["worst_utilisation_percent"] is None
    assert dark.result["final_replicas"] == 0
    assert "switches its autoscaler off" in str(dark.grids[0].rows[0][-1])


def test_metrics_that_the_load_does_not_move() -> None:
    steady = answer(
        "hpa", manifest=BEHAVIOUR, values="queue_length=600", base_load_rps=100, load_shape="constant"
    )
    assert steady.result["final_replicas"] == 20
    stuck = answer(
        "hpa", manifest=BEHAVIOUR, values="queue_length=error", load_points="0:1000,300:1000,300:0"
    )
    assert stuck.result["scale_downs"] == 0
    memory = answer("hpa", metric="memory-utilization", target="60", values="memory=90", current_replicas=4)
    assert memory.result["final_replicas"] == 20
    assert any("No metric says what one pod carries" in warning for warning in memory.warnings)
    blind = answer("hpa", values="cpu=error")
    assert blind.result["scale_events"] == 0
    assert any("no metric can be read" in warning for warning in blind.warnings)


@pytest.mark.parametrize("metric", ["object-value", "external-value"])
def test_a_value_target_runs_away(metric: str) -> None:
    found = answer("hpa", metric=metric, target="100", load_shape="constant", base_load_rps=250)
    assert found.result["final_replicas"] == 20
    assert any("Value target" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("metric", "target"),
    [("pods-average-value", "70"), ("object-average-value", "70"), ("cpu-average-value", "175m")],
)
def test_the_same_target_in_other_words(metric: str, target: str) -> None:
    assert answer("hpa", metric=metric, target=target).result["final_replicas"] == 18


def test_a_spike_between_two_looks() -> None:
    found = answer("hpa", load_shape="spike", change_at_seconds=301, change_seconds=5)
    assert found.result["scale_events"] == 0
    assert any("shorter than the sync period" in warning for warning in found.warnings)


def test_a_tolerance_field_names_its_versions() -> None:
    found = answer("hpa", tolerance_down=0.2)
    assert any("1.33" in warning and "1.35" in warning for warning in found.warnings)
    assert any("HPAConfigurableTolerance" in source.title for source in found.sources)


def test_a_minimum_of_zero_warns() -> None:
    found = decide(
        metric="external-average-value", target="10", values="0", min_replicas=0, current_replicas=2
    )
    assert found.result["settled_replicas"] == 0
    assert any("HPAScaleToZero" in warning for warning in found.warnings)


TEXTS = st.text("0123456789.,:;/%-+ =mscpuabdieo[]{}\n", max_size=30)
ANY_QUESTION = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            (
                "target",
                "up_policies",
                "down_policies",
                "values",
                "recent_wishes",
                "recent_steps",
                "load_points",
                "manifest",
            ),
            TEXTS,
        ),
        "question": st.sampled_from(["decision", "timeline"]),
        "metric": st.sampled_from(next(f.choices for f in CALCULATOR.inputs if f.name == "metric")),
        "min_replicas": st.integers(0, 100_000),
        "max_replicas": st.integers(1, 100_000),
        "current_replicas": st.integers(0, 100_000),
        "missing_pods": st.integers(0, 50),
        "unready_pods": st.integers(0, 50),
        "pending_pods": st.integers(0, 50),
        "tolerance_up": st.floats(0, 100),
        "tolerance_down": st.floats(0, 100),
        "up_window_seconds": st.integers(0, 3600),
        "down_window_seconds": st.integers(0, 3600),
        "load_shape": st.sampled_from(["constant", "step", "ramp", "spike", "sine"]),
        "base_load_rps": st.floats(0, 1e9),
        "peak_load_rps": st.floats(0, 1e9),
        "change_seconds": st.floats(0, 86_400),
        "capacity_rps": st.floats(0.001, 1e9),
        "cpu_request_millicores": st.integers(1, 1_000_000),
        "cpu_ceiling_percent": st.floats(1, 100_000),
        "start_seconds": st.floats(0, 3600),
        "ready_delay_seconds": st.floats(0, 3600),
        "metric_delay_seconds": st.floats(0, 600),
        "duration_minutes": st.floats(1, 10),
        "sync_period_seconds": st.floats(10, 15),
        "tier": st.sampled_from(["standard", "xl"]),
    },
)


@settings(deadline=None, max_examples=300)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("hpa", **question)
    if found is not None:
        assert json.loads(json.dumps(found.result, allow_nan=False)) == found.result
        assert found.headline.endswith(".")
        assert found.steps
        assert all(len(row) == len(grid.columns) for grid in found.grids for row in grid.rows)
        numbers = [y for plot in found.plots for line in plot.series for _, y in line.points]
        assert all(math.isfinite(number) for number in numbers)


@settings(deadline=None, max_examples=200)
@given(
    st.fixed_dictionaries(
        {
            "metric": st.sampled_from(next(f.choices for f in CALCULATOR.inputs if f.name == "metric")),
            "target": st.integers(1, 300).map(str),
            "values": st.integers(0, 900).map(str),
            "current_replicas": st.integers(8, 20),
            "missing_pods": st.integers(0, 3),
            "unready_pods": st.integers(0, 3),
            "up_policies": st.sampled_from(["", "20%/60s, 3/30s", "min 50%/15s, 2/15s", "disabled"]),
            "down_policies": st.sampled_from(["", "20%/60s, 3/30s", "min 50%/15s, 2/15s", "disabled"]),
            "recent_wishes": st.sampled_from(["", "200:9", "100:15, 20:4"]),
            "recent_steps": st.sampled_from(["", "20:+3", "20:-3, 10:+1"]),
        }
    )
)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    for step in decide(**question).steps:
        if isinstance(step.value, int | float):
            assert value_of(step.substitution) == pytest.approx(step.value, abs=1e-6), step


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["step", "ramp", "spike", "sine"]), st.integers(10, 4000), st.integers(1, 300))
def test_the_working_of_a_timeline_works_out(shape: str, peak: int, capacity: int) -> None:
    found = answer("hpa", load_shape=shape, peak_load_rps=peak, capacity_rps=capacity, max_replicas=500)
    for step in found.steps:
        if isinstance(step.value, int | float):
            worked = value_of(step.substitution.strip("⌈⌉"))
            if step.substitution.startswith("⌈"):
                worked = math.ceil(round(worked, 6))  # 2723 ÷ 0.7 is 3890.0000000000005 in binary
            # Loads are shown with ten digits, values with one decimal.
            assert worked == pytest.approx(step.value, abs=0.051, rel=1e-6), step
