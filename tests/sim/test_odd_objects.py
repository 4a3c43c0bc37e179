"""Objects that the API server takes and nobody expects: controllers go on, for them and for everybody else."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from eks_lab.sim.bursts import BURST, PAUSE
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.kubelet.metrics import Metrics
from eks_lab.sim.objects import NEVER, Key, Obj, duration, moment_of, parse_time

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
MOST = 2**31 - 1
LONGEST = 2**63 - 1
LABELS = {"app": "x"}
SELECTOR = {"matchLabels": LABELS}
TEMPLATE: Obj = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
ONCE: Obj = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx"}]}}


@pytest.fixture
def cluster(caplog: pytest.LogCaptureFixture) -> Cluster:
    caplog.set_level(logging.ERROR)
    made = Cluster(ClusterOptions(), START)
    made.bootstrap()
    return made


def create(cluster: Cluster, rid: str, spec: Obj, name: str = "x") -> Key:
    resource = cluster.api.resource(rid)
    head = {"apiVersion": resource.api_version, "kind": resource.kind}
    cluster.api.create(rid, {**head, "metadata": {"name": name, "namespace": "default"}, "spec": spec})
    return Key("default", name)


@pytest.mark.parametrize(
    ("rid", "spec"),
    [
        ("deployments.apps", {"replicas": MOST, "selector": SELECTOR, "template": TEMPLATE}),
        ("replicationcontrollers", {"replicas": MOST, "selector": LABELS, "template": TEMPLATE}),
        (
            "statefulsets.apps",
            {"replicas": MOST, "podManagementPolicy": "Parallel", "selector": SELECTOR, "template": TEMPLATE},
        ),
        ("jobs.batch", {"parallelism": MOST, "template": ONCE}),
        (
            "jobs.batch",
            {"parallelism": 100_000, "completions": MOST, "completionMode": "Indexed", "template": ONCE},
        ),
    ],
)
def test_time_goes_on_whatever_number_of_pods_is_asked_for(cluster: Cluster, rid: str, spec: Obj) -> None:
    create(cluster, rid, spec)
    cluster.runtime.settle()
    assert len(cluster.store.items("pods")) == BURST
    cluster.advance(PAUSE)
    assert BURST < len(cluster.store.items("pods")) <= 3 * BURST


def test_more_than_a_burst_gets_there(cluster: Cluster) -> None:
    key = create(
        cluster, "deployments.apps", {"replicas": BURST + 3, "selector": SELECTOR, "template": TEMPLATE}
    )
    cluster.advance(2 * PAUSE)
    assert len(cluster.store.items("pods")) == BURST + 3
    cluster.api.patch("deployments.apps", key, {"spec": {"replicas": 1}}, type="merge")
    cluster.advance(timedelta(minutes=2))
    assert len(cluster.store.items("pods")) == 1


def test_seconds_that_no_clock_holds(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """Fields are int64; Go's time.Duration ends after 292 years."""
    create(cluster, "jobs.batch", {"activeDeadlineSeconds": LONGEST, "template": ONCE}, "late")
    spec = {
        "schedule": "* * * * *",
        "startingDeadlineSeconds": LONGEST,
        "jobTemplate": {"spec": {"template": ONCE}},
    }
    create(cluster, "cronjobs.batch", spec)
    pod = create(cluster, "pods", {**TEMPLATE["spec"], "terminationGracePeriodSeconds": LONGEST}, "slow")
    cluster.advance(timedelta(minutes=3))
    cluster.api.delete("pods", pod)
    cluster.advance(timedelta(minutes=3))
    assert not caplog.records
    assert {"late", "x-29454485"} & {each["metadata"]["name"] for each in cluster.store.items("jobs.batch")}


def test_conditions_without_times(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """A client may write a status by hand and leave out what it does not care for."""
    web = create(
        cluster, "deployments.apps", {"replicas": 1, "selector": SELECTOR, "template": TEMPLATE}, "web"
    )
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = create(
        cluster,
        "horizontalpodautoscalers.autoscaling",
        {"maxReplicas": 3, "scaleTargetRef": reference, "metrics": []},
    )
    budget = create(cluster, "poddisruptionbudgets.policy", {"selector": SELECTOR, "minAvailable": 1})
    for rid, key, kinds in (
        ("deployments.apps", web, ("Progressing", "Available", "ReplicaFailure")),
        ("horizontalpodautoscalers.autoscaling", scaler, ("AbleToScale", "ScalingActive", "ScalingLimited")),
        ("poddisruptionbudgets.policy", budget, ("DisruptionAllowed",)),
    ):
        for status in ("True", "False"):
            bare = [{"type": kind, "status": status} for kind in kinds]
            cluster.api.patch(rid, key, {"status": {"conditions": bare}}, type="merge", subresource="status")
            cluster.advance(timedelta(minutes=1))
    cluster.api.patch("deployments.apps", web, {"spec": {"replicas": 2}}, type="merge")
    cluster.advance(timedelta(minutes=15))
    assert not caplog.records
    assert cluster.api.read("deployments.apps", web)["status"]["readyReplicas"] == 2


def test_a_claim_template_without_a_name(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec = {
        "replicas": 1,
        "selector": SELECTOR,
        "template": TEMPLATE,
        "volumeClaimTemplates": [{"spec": claim}],
    }
    create(cluster, "statefulsets.apps", spec)
    cluster.advance(timedelta(minutes=1))
    assert not caplog.records
    assert "FailedCreate" in {each["reason"] for each in cluster.store.items("events")}


def test_events_of_the_last_year(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """They are stored as any; the cluster starts again with them."""
    about = {"kind": "Pod", "name": "x", "namespace": "default"}
    for name, moment in (("late", "9999-12-31T23:59:59Z"), ("early", "0001-01-01T00:00:00Z")):
        metadata = {"name": name, "namespace": "default"}
        cluster.api.create(
            "events",
            {"metadata": metadata, "involvedObject": about, "lastTimestamp": moment, "type": "Normal"},
        )
    cluster.advance(timedelta(minutes=1))
    assert cluster.get("events", "early", "default") is None
    again = Cluster(cluster.options, START, cluster.state())
    again.advance(timedelta(hours=2))
    assert again.get("events", "late", "default") is not None
    assert not caplog.records


def test_a_target_that_no_metric_is_compared_with(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    create(cluster, "deployments.apps", {"replicas": 1, "selector": SELECTOR, "template": TEMPLATE})
    target = {"type": "AverageValue", "averageValue": str(LONGEST)}
    metric = {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": target}}
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}
    create(
        cluster,
        "horizontalpodautoscalers.autoscaling",
        {"maxReplicas": 3, "scaleTargetRef": reference, "metrics": [metric]},
    )
    cluster.advance(timedelta(minutes=1))
    assert not caplog.records
    scaler = cluster.get("horizontalpodautoscalers.autoscaling", "x", "default") or {}
    conditions = {each["type"]: each for each in scaler["status"]["conditions"]}
    assert conditions["ScalingActive"]["reason"] == "InvalidMetricSourceType"
    assert str(LONGEST) in conditions["ScalingActive"]["message"]


def test_a_load_on_no_host_leaves_the_other_figures(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    for name, url in (("lost", "http://["), ("found", "http://web")):
        container = {"name": "c", "image": "load-generator", "env": [{"name": "TARGET", "value": url}]}
        create(cluster, "pods", {"containers": [container]}, name)
    cluster.advance(timedelta(minutes=1))
    assert Metrics(cluster.kubelet).pod(Key("default", "found")) is not None
    assert not caplog.records


def test_moments_and_spans() -> None:
    assert duration(90) == timedelta(seconds=90)
    assert duration(LONGEST) == -duration(-LONGEST) > timedelta(days=365 * 292)
    assert moment_of({}, "at") == moment_of({"at": None}, "at") == NEVER
    with pytest.raises(ValueError, match="names no time zone"):
        parse_time("2026-01-01")
