"""What the HPA reads: manifests, quantities, policies, load curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.horizontal_scaling.autoscaler import (
    DEFAULT_BEHAVIOUR,
    DEFAULT_DOWN,
    DEFAULT_UP,
    Autoscaler,
    Behaviour,
    Metric,
    ScalingPolicy,
    ScalingRules,
)
from eks_lab.calc.horizontal_scaling.load_curve import Polyline, Wave, read_points
from eks_lab.calc.horizontal_scaling.manifest import DEFAULT_METRIC, read_autoscaler
from eks_lab.calc.horizontal_scaling.quantity import milli_units, shown_quantity
from eks_lab.calc.horizontal_scaling.rules_text import read_policies
from eks_lab.errors import InputError

LESSONS = Path(__file__).parents[2] / "lessons" / "07-scaling"
SPEC: dict[str, Any] = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 10}


def manifest(**fields: Any) -> str:
    document = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": {**SPEC, **fields}}
    return yaml.safe_dump(document)


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_autoscaler(text)
    return caught.value


def read_or_refuse(text: str) -> Autoscaler | InputError:
    try:
        return read_autoscaler(text)
    except InputError as error:
        return error


def test_the_manifest_of_the_lesson() -> None:
    found = read_autoscaler((LESSONS / "20-hpa-behaviour" / "manifests" / "hpa.yaml").read_text())
    assert (found.min_replicas, found.max_replicas) == (3, 40)
    assert found.metrics == (Metric("cpu", "ContainerResource", "Utilization", 60, "api"),)
    assert found.behaviour == Behaviour(
        up=ScalingRules((ScalingPolicy("Percent", 100, 30), ScalingPolicy("Pods", 4, 30)), "Max", 0),
        down=ScalingRules((ScalingPolicy("Percent", 20, 60), ScalingPolicy("Pods", 5, 60)), "Min", 600),
    )


def test_the_manifest_of_the_guide_has_no_behaviour() -> None:
    found = read_autoscaler((LESSONS / "10-hpa" / "manifests" / "hpa.yaml").read_text())
    assert found.behaviour is None
    assert found.metrics == (Metric("cpu", "Resource", "Utilization", 70),)


def test_defaults_are_filled_in_field_by_field() -> None:
    assert read_autoscaler(manifest()).metrics == (DEFAULT_METRIC,)
    assert read_autoscaler(manifest()).min_replicas == 1
    assert read_autoscaler(manifest(behavior={})).behaviour == DEFAULT_BEHAVIOUR
    found = read_autoscaler(manifest(behavior={"scaleUp": {"selectPolicy": "Min"}})).behaviour
    assert found is not None
    assert (found.up.select, found.up.policies, found.up.window_seconds) == ("Min", DEFAULT_UP.policies, 0)
    assert found.down == DEFAULT_DOWN
    assert found.down.window_seconds is None


def test_every_kind_of_metric() -> None:
    metrics = [
        {
            "type": "Resource",
            "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
        },
        {
            "type": "Pods",
            "pods": {
                "metric": {"name": "rps", "selector": {"matchLabels": {"verb": "GET"}}},
                "target": {"type": "AverageValue", "averageValue": "1k"},
            },
        },
        {
            "type": "Object",
            "object": {
                "describedObject": {"kind": "Ingress", "name": "web"},
                "metric": {"name": "hits"},
                "target": {"type": "Value", "value": 250},
            },
        },
        {
            "type": "External",
            "external": {
                "metric": {"name": "queue"},
                "target": {"type": "AverageValue", "averageValue": "500m"},
            },
        },
    ]
    assert read_autoscaler(manifest(metrics=metrics)).metrics == (
        Metric("memory", "Resource", "AverageValue", 1024**3 * 1000),
        Metric("rps", "Pods", "AverageValue", 1_000_000),
        Metric("hits", "Object", "Value", 250_000),
        Metric("queue", "External", "AverageValue", 500),
    )


def test_other_objects_and_lists_are_passed_over() -> None:
    text = f"kind: Deployment\n---\n{manifest()}\n---\n# nothing\n"
    assert read_autoscaler(text).max_replicas == 10
    listed = yaml.safe_dump({"kind": "List", "items": [yaml.safe_load(manifest()), {"kind": "Service"}]})
    assert read_autoscaler(listed).max_replicas == 10


def test_version_one() -> None:
    text = manifest(targetCPUUtilizationPercentage=55).replace("autoscaling/v2", "autoscaling/v1")
    assert read_autoscaler(text).metrics == (Metric("cpu", "Resource", "Utilization", 55),)


def _metric(target: object, **fields: object) -> list[object]:
    return [{"type": "Resource", "resource": {"name": "cpu", "target": target, **fields}}]


def _policy(**fields: object) -> dict[str, Any]:
    policy = {"type": "Pods", "value": 4, "periodSeconds": 60, **fields}
    return {"behavior": {"scaleDown": {"policies": [policy]}}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: a: b", "manifest: this is no YAML in line 1"),
        ("when: 2026-99-99", "manifest: this YAML cannot be read"),
        ("", "manifest: no object of the kind HorizontalPodAutoscaler"),
        ("kind: Deployment", "manifest: no object of the kind HorizontalPodAutoscaler"),
        (f"{manifest()}\n---\n{manifest()}", "manifest: 2 objects of the kind HorizontalPodAutoscaler"),
        (
            manifest().replace("autoscaling/v2", "autoscaling/v2beta2"),
            "manifest: apiVersion autoscaling/v2beta2 was removed in Kubernetes 1.26",
        ),
        (manifest().replace("autoscaling/v2", "apps/v1"), "apiVersion 'apps/v1' serves no HorizontalPod"),
        (
            "kind: HorizontalPodAutoscaler\napiVersion: autoscaling/v2",
            "manifest: spec: nothing is no mapping",
        ),
        (manifest(maxReplicas=None), "spec.maxReplicas: nothing is no whole number"),
        (manifest(maxReplicas=0), "spec.maxReplicas: 0 is below 1"),
        (manifest(maxReplicas="ten"), "spec.maxReplicas: 'ten' is no whole number"),
        (
            manifest().replace("maxReplicas: 10", f"maxReplicas: 0x{'f' * 5000}"),
            "a number of more than 30 digits",
        ),
        (
            manifest().replace("maxReplicas: 10", "maxReplicas: 10\n  minReplicas: &loop [*loop]"),
            "spec.minReplicas: a list is no whole number",
        ),
        (manifest(maxReplicas=True), "spec.maxReplicas: True is no whole number"),
        (manifest(minReplicas=11), "spec.minReplicas: 11 is above maxReplicas 10"),
        (manifest(minReplicas=0), "spec.minReplicas: 0 needs an Object or External metric"),
        (manifest(minReplica=2), "spec: unknown field 'minReplica'"),
        (manifest(metrics={}), "spec.metrics: a mapping is no list"),
        (manifest(metrics=[{"type": "Disk"}]), "metrics[0].type: 'Disk' is none of Resource"),
        (manifest(metrics=[{"type": "Pods"}]), "metrics[0].pods: nothing is no mapping"),
        (
            manifest(metrics=[{"type": "Pods", "resource": {"name": "cpu"}}]),
            "metrics[0].resource: does not go with type Pods",
        ),
        (
            manifest(metrics=_metric({"type": "Value", "value": 3})),
            "target.type: 'Value' is none of Utilization",
        ),
        (
            manifest(metrics=_metric({"type": "Utilization", "averageValue": 3})),
            "type Utilization goes with averageUtilization, and averageValue is there",
        ),
        (
            manifest(metrics=_metric({"type": "Utilization", "averageUtilization": "70%"})),
            "averageUtilization: '70%' is no whole number",
        ),
        (
            manifest(metrics=_metric({"type": "AverageValue", "averageValue": "much"})),
            "averageValue: 'much' is no quantity above 0",
        ),
        (
            manifest(metrics=_metric({"type": "AverageValue", "averageValue": 0})),
            "averageValue: 0 is no quantity above 0",
        ),
        (
            manifest(metrics=_metric({"type": "Utilization", "averageUtilization": 70}, name=5)),
            "name: 5 is no name",
        ),
        (manifest(behavior={"scaledown": {}}), "spec.behavior: unknown field 'scaledown'"),
        (manifest(behavior={"scaleUp": {"policies": []}}), "scaleUp.policies: the list is empty"),
        (
            manifest(behavior={"scaleUp": {"stabilizationWindowSeconds": 3601}}),
            "stabilizationWindowSeconds: 3601 is above 3600",
        ),
        (
            manifest(behavior={"scaleUp": {"selectPolicy": "max"}}),
            "selectPolicy: 'max' is none of Max, Min, Disabled",
        ),
        (manifest(behavior={"scaleUp": {"tolerance": -0.1}}), "tolerance: -0.1 is no share from 0 up"),
        (manifest(**_policy(periodSeconds=1801)), "policies[0].periodSeconds: 1801 is above 1800"),
        (manifest(**_policy(periodSeconds=0)), "policies[0].periodSeconds: 0 is below 1"),
        (manifest(**_policy(value=0)), "policies[0].value: 0 is below 1"),
        (manifest(**_policy(type="Half")), "policies[0].type: 'Half' is none of Pods, Percent"),
    ],
)
def test_a_wrong_manifest_is_refused_by_field_and_value(text: str, message: str) -> None:
    error = refusal(text)
    assert message in error.message
    assert error.hint


def test_did_you_mean() -> None:
    text = manifest(behavior={"scaleDown": {"stabilisationWindowSeconds": 60}})
    assert refusal(text).hint == "Did you mean stabilizationWindowSeconds?"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = (
    ("maxReplicas",),
    ("minReplicas",),
    ("metrics",),
    ("metrics", 0),
    ("metrics", 0, "type"),
    ("metrics", 0, "resource"),
    ("metrics", 0, "resource", "target"),
    ("metrics", 0, "resource", "target", "averageUtilization"),
    ("behavior",),
    ("behavior", "scaleUp"),
    ("behavior", "scaleUp", "policies"),
    ("behavior", "scaleUp", "policies", 0),
    ("behavior", "scaleUp", "policies", 0, "value"),
    ("behavior", "scaleUp", "selectPolicy"),
    ("behavior", "scaleUp", "tolerance"),
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_a_damaged_manifest_is_read_or_refused(place: tuple[str | int, ...], value: object) -> None:
    document = yaml.safe_load(
        manifest(
            metrics=_metric({"type": "Utilization", "averageUtilization": 70}),
            behavior={
                "scaleUp": {
                    "selectPolicy": "Max",
                    "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}],
                }
            },
        )
    )
    at: Any = document["spec"]
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    found = read_or_refuse(yaml.safe_dump(document))
    if isinstance(found, InputError):
        assert len(found.message) < 200
    else:
        assert found.max_replicas >= max(1, found.min_replicas)
        assert found.metrics


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read_or_refuse(text)
    assert not isinstance(found, InputError) or found.message.startswith("manifest: ")


@pytest.mark.parametrize(
    ("text", "milli"),
    [
        ("1", 1000),
        ("250m", 250),
        ("0.5", 500),
        (".5", 500),
        ("2.", 2000),
        ("1k", 10**6),
        ("1Ki", 1024 * 1000),
        ("512Mi", 512 * 1024**2 * 1000),
        ("1.5G", 15 * 10**11),
        ("1e3", 10**6),
        ("1E3", 10**6),
        ("1E", 10**21 if 10**21 < 2**63 else None),
        ("100u", 1),
        ("1n", 1),
        ("0", 0),
        ("-1", None),
        ("", None),
        ("m", None),
        ("1 Gi", None),
        ("1KB", None),
        ("١", None),
        ("9" * 40, None),
    ],
)
def test_quantities(text: str, milli: int | None) -> None:
    assert milli_units(text) == milli


@pytest.mark.parametrize(
    ("milli", "text"),
    [
        (250, "250m"),
        (2000, "2"),
        (1500, "1.5"),
        (512 * 1024**2 * 1000, "512Mi"),
        (1024**3 * 1000, "1Gi"),
        (0, "0"),
    ],
)
def test_quantities_as_readers_write_them(milli: int, text: str) -> None:
    assert shown_quantity(milli) == text


@given(st.integers(0, 10**12))
def test_what_is_shown_reads_back(milli: int) -> None:
    shown = milli_units(shown_quantity(milli))
    assert shown is not None
    assert shown == pytest.approx(milli, rel=1e-9, abs=1)


@pytest.mark.parametrize(
    ("text", "select", "policies"),
    [
        ("100%/15s, 4/15s", "Max", (ScalingPolicy("Percent", 100, 15), ScalingPolicy("Pods", 4, 15))),
        ("min 10%/60s 5/60s", "Min", (ScalingPolicy("Percent", 10, 60), ScalingPolicy("Pods", 5, 60))),
        ("Max: 10 % / 2m", "Max", (ScalingPolicy("Percent", 10, 120),)),
        ("3 pods per 30", "Max", (ScalingPolicy("Pods", 3, 30),)),
        ("1pod/1min", "Max", (ScalingPolicy("Pods", 1, 60),)),
        ("Disabled", "Disabled", ()),
    ],
)
def test_policies(text: str, select: str, policies: tuple[ScalingPolicy, ...]) -> None:
    assert read_policies("up_policies", text) == (select, policies)


@pytest.mark.parametrize("text", ["", "fast", "4", "4/0x", "-4/15s", "100%", "4/15s; nonsense"])
def test_other_texts_are_no_policies(text: str) -> None:
    with pytest.raises(InputError, match="up_policies"):
        read_policies("up_policies", text)


@pytest.mark.parametrize(
    ("shape", "loads"),
    [
        ("constant", (10, 10, 10, 10, 10)),
        ("step", (10, 10, 50, 50, 50)),
        ("ramp", (10, 10, 10, 30, 50)),
        ("spike", (10, 10, 50, 50, 10)),
    ],
)
def test_shapes(shape: Any, loads: tuple[float, ...]) -> None:
    wave = Wave(shape, 10, 50, change_at_seconds=60, change_seconds=40)
    assert tuple(wave.at(seconds) for seconds in (0, 59, 60, 80, 100)) == loads


def test_a_sine_swings_from_base_to_peak_and_back() -> None:
    wave = Wave("sine", 10, 50, change_at_seconds=0, change_seconds=100)
    assert [round(wave.at(seconds), 6) for seconds in (0, 25, 50, 75, 100)] == [10, 30, 50, 30, 10]


def test_points_make_lines_and_jumps() -> None:
    curve = read_points("load_points", "10:100, 1m:200; 60:50 2min:0")
    assert curve == Polyline((10, 60, 60, 120), (100, 200, 50, 0))
    assert [curve.at(seconds) for seconds in (0, 10, 35, 59.999999, 60, 90, 120, 999)] == [
        100,
        100,
        150,
        pytest.approx(200),
        50,
        25,
        0,
        0,
    ]


@given(st.text(max_size=30))
def test_any_points_are_read_or_refused(text: str) -> None:
    try:
        curve = read_points("load_points", text)
    except InputError:
        return
    assert list(curve.times_seconds) == sorted(curve.times_seconds)
