"""The HPA's algorithm against cases worked out by hand from the documentation and the controller's source.

A case is data in `cases/hpa`; a new one needs no Python. Every case says why its result is what it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler, ControllerFlags, Metric
from eks_lab.calc.horizontal_scaling.decision import decide
from eks_lab.calc.horizontal_scaling.manifest import read_autoscaler
from eks_lab.calc.horizontal_scaling.pods import PerPodReading, PodGroup, Reading, TotalReading, Unreadable
from eks_lab.calc.horizontal_scaling.reason import reason
from eks_lab.calc.horizontal_scaling.restraint import Change, History

Case = dict[str, Any]
NOW = 100_000.0
REQUEST = 100
SOURCES = {"documentation", "controller", "facts", "api"}


def _load() -> list[tuple[str, Case]]:
    found = []
    for path in sorted((Path(__file__).parent / "cases" / "hpa").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            found.append((f"{path.stem}/{case['name']}", case))
    return found


CASES = _load()


def _metric(text: str) -> Case:
    """Return a metric of a manifest from `cpu 70%`, `container api cpu 70%`, `external queue value 10`."""
    words = text.split()
    if words[0] in ("pods", "object", "external"):
        field = "averageValue" if words[-2] == "average" else "value"
        kind = "AverageValue" if words[-2] == "average" or words[0] == "pods" else "Value"
        source: Case = {"metric": {"name": words[1]}, "target": {"type": kind, field: words[-1]}}
        if words[0] == "object":
            source["describedObject"] = {"apiVersion": "v1", "kind": "Service", "name": "web"}
        return {"type": words[0].capitalize(), words[0]: source}
    if words[-1].endswith("%"):
        target: Case = {"type": "Utilization", "averageUtilization": int(words[-1][:-1])}
    else:
        target = {"type": "AverageValue", "averageValue": words[-1]}
    if words[0] == "container":
        fields = {"name": words[2], "container": words[1], "target": target}
        return {"type": "ContainerResource", "containerResource": fields}
    return {"type": "Resource", "resource": {"name": words[0], "target": target}}


def _autoscaler(case: Case) -> Autoscaler:
    spec: Case = {"maxReplicas": case.get("max", 1000), "minReplicas": case.get("min", 1)}
    if spec["minReplicas"] is None:
        del spec["minReplicas"]
    spec["metrics"] = [_metric(text) for text in case["metrics"]]
    if "behavior" in case:
        spec["behavior"] = case["behavior"]
    manifest = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": spec}
    return read_autoscaler(yaml.safe_dump(manifest))


def _group(pods: Case) -> PodGroup:
    def at(name: str) -> float | None:
        ago = pods.get(name, float("inf"))
        return None if ago is None else NOW - ago

    return PodGroup(
        pods["n"],
        pods.get("phase", "Running"),
        is_ready=pods.get("ready", True),
        is_terminating=pods.get("terminating", False),
        started_at_seconds=at("started"),
        ready_changed_at_seconds=at("changed"),
    )


def _reading(case: Case, number: int, metric: Metric) -> Reading:
    if metric.name in case.get("errors", ()):
        return Unreadable("no answer")
    if not metric.is_per_pod:
        return TotalReading(1000 * case["totals"][number])
    usage = []
    for pods in case["pods"]:
        given = pods.get("usage")
        usage.append(given[number] if isinstance(given, list) else given)
    return PerPodReading(
        usage=tuple(usage),
        request=tuple(pods.get("request", REQUEST) for pods in case["pods"]),
        sampled_at_seconds=NOW - case["sampled"] if "sampled" in case else float("inf"),
        window_seconds=case.get("window", 0),
    )


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_case(case: Case) -> None:
    autoscaler = _autoscaler(case)
    pods = tuple(_group(group) for group in case["pods"])
    wishes = case.get("wishes", [])
    steps = case.get("steps", [])
    history = History(
        times_seconds=tuple(NOW - ago for ago, _ in wishes),
        recommendations=tuple(replicas for _, replicas in wishes),
        added=tuple(Change(NOW - ago, by) for ago, by in steps if by > 0),
        removed=tuple(Change(NOW - ago, -by) for ago, by in steps if by < 0),
    )
    decision, after = decide(
        autoscaler,
        ControllerFlags(missing_as_target=case.get("missing_as_target", False)),
        history,
        pods,
        [_reading(case, number, metric) for number, metric in enumerate(autoscaler.metrics)],
        case.get("current", sum(group.count for group in pods)),
        NOW,
    )
    seen = {
        "recommendation": decision.recommendation,
        "stabilised": decision.stabilised,
        "desired": decision.desired,
        "outcome": decision.outcome,
        "able": decision.able_to_scale,
        "active": decision.scaling_active,
        "limited": decision.scaling_limited,
    }
    assert {key: seen[key] for key in case["expect"]} == case["expect"], case["why"]
    assert reason(decision).endswith(".")
    assert decision.recommendation is None or after.recommendations[-1] == decision.recommendation


def test_cases_cover_what_the_issue_asks_for() -> None:
    assert len(CASES) >= 60
    assert len({name for name, _ in CASES}) == len(CASES)
    assert all(case["why"] and case["source"] in SOURCES for _, case in CASES)
    topics = {name.partition("/")[0] for name, _ in CASES}
    assert topics >= {"missing", "unready", "several", "tolerance", "windows", "policies", "totals", "bounds"}
    selects, kinds = set(), set()
    for _, case in CASES:
        for rules in (case.get("behavior") or {}).values():
            selects.add(rules.get("selectPolicy", "Max"))
            kinds |= {policy["type"] for policy in rules.get("policies", ())}
    assert selects == {"Max", "Min", "Disabled"}
    assert kinds == {"Pods", "Percent"}


def test_the_forty_pods_of_the_lesson() -> None:
    """Lesson scaling.hpa-behaviour: 20 % or 5 pods a minute, the smaller, from 40 to a wish for 6."""
    behaviour = {
        "scaleDown": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Min",
            "policies": [
                {"type": "Percent", "value": 20, "periodSeconds": 60},
                {"type": "Pods", "value": 5, "periodSeconds": 60},
            ],
        }
    }
    autoscaler = _autoscaler({"metrics": ["external queue average 10"], "behavior": behaviour})
    replicas, history, path = 40, History(), []
    for look in range(40):
        decision, history = decide(
            autoscaler, ControllerFlags(), history, (), [TotalReading(60_000)], replicas, 15.0 * look
        )
        if decision.change:
            path.append((15 * look, decision.desired))
        replicas = decision.desired
    assert path == [
        (0, 35),
        (60, 30),
        (120, 25),
        (180, 20),
        (240, 16),
        (300, 12),
        (360, 9),
        (420, 7),
        (480, 6),
    ]


def test_the_doubling_of_the_lesson() -> None:
    """Lesson scaling.hpa-behaviour: 100 % or 4 pods in 30 s take 4 to 40 in 90 s."""
    rules = [
        {"type": "Percent", "value": 100, "periodSeconds": 30},
        {"type": "Pods", "value": 4, "periodSeconds": 30},
    ]
    autoscaler = _autoscaler(
        {"metrics": ["external queue average 10"], "behavior": {"scaleUp": {"policies": rules}}}
    )
    replicas, history, path = 4, History(), []
    for look in range(10):
        decision, history = decide(
            autoscaler, ControllerFlags(), history, (), [TotalReading(400_000)], replicas, 15.0 * look
        )
        if decision.change:
            path.append((15 * look, decision.desired))
        replicas = decision.desired
    assert path == [(0, 8), (30, 16), (60, 32), (90, 40)]
