"""Reconciling the same key twice writes once, whatever the controller."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.sim.controllers.scheduler.controller import CYCLE
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.runtime import EVERYTHING, Controller
from eks_lab.sim.store import StoreEvent
from tests.sim.controllers.scenario import Cluster, deployment, job, pod, template, workload

NAMES = [each.name for each in Cluster().controllers if each.name != "fake-kubelet"]


def _service() -> Obj:
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}


def _autoscaler() -> Obj:
    target = {"type": "Utilization", "averageUtilization": 50}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 1,
            "maxReplicas": 9,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


def _budget() -> Obj:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": spec,
    }


def _cron_job() -> Obj:
    body = {"containers": [{"name": "main", "image": "done-5s:1"}], "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "tick"},
        "spec": {
            "schedule": "* * * * *",
            "jobTemplate": {"spec": {"template": {"spec": body}}},
        },
    }


def _replication_controller() -> Obj:
    spec = {"replicas": 1, "selector": {"app": "rc"}, "template": template("rc")}
    return {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "rc"}, "spec": spec}


def _disturbed() -> Cluster:
    """Return a cluster that ran for a while and in which every controller has something to do."""
    cluster = Cluster()
    cluster.nodes(3)
    cluster.given({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}})
    cluster.given(deployment("web", replicas=2, cpu="100m"), workload("ReplicaSet", "alone", replicas=1))
    cluster.given(workload("StatefulSet", "db", replicas=2), workload("DaemonSet", "agent"))
    cluster.given(job("once", ttlSecondsAfterFinished=10), job("long", image="ok:1"))
    cluster.given(_autoscaler(), _replication_controller())
    cluster.advance("14s")
    cluster.usage.load["web"] = 900
    cluster.given(_service(), _budget(), _cron_job(), pod("waits"), job("new"))
    cluster.given({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "lost", "ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "11111111-2222-4333-8444-555555555555"}
    ]}})  # fmt: skip
    for resource, name in (
        ("deployments.apps", "web"),
        ("replicasets.apps", "alone"),
        ("statefulsets.apps", "db"),
        ("replicationcontrollers", "rc"),
    ):
        cluster.patch(resource, name, {"spec": {"replicas": 3}})
    node_names = [each["metadata"]["name"] for each in cluster.api.items("nodes")]
    taint = {"key": "away", "effect": "NoExecute"}
    cluster.patch("nodes", node_names[0], {"spec": {"taints": [taint]}})
    cluster.patch("nodes", node_names[1], {"spec": {"unschedulable": True}})
    cluster.delete("pods", cluster.items("pods", app="agent")[0]["metadata"]["name"], grace_seconds=0)
    cluster.delete("namespaces", "going")
    return cluster


def _keys(cluster: Cluster, controller: Controller) -> list[Key]:
    if controller.name == "scheduler":
        return [CYCLE]
    found: dict[Key, None] = {}
    for watch in controller.watches:
        every = cluster.store.resources() if watch.resource == EVERYTHING else [watch.resource]
        for resource in every:
            for obj in cluster.api.items(resource):
                event = StoreEvent(cluster.store.revision, "ADDED", resource, obj, None)
                found.update(dict.fromkeys(watch.keys(event)))
    return list(found)


@pytest.mark.parametrize("name", NAMES)
def test_the_second_reconcile_writes_nothing(name: str) -> None:
    cluster = _disturbed()
    controller = next(each for each in cluster.controllers if each.name == name)
    if name in ("cronjob", "event-ttl", "ttl-after-finished", "horizontal-pod-autoscaler"):
        # These act when their time has come.
        for key in _keys(cluster, controller):
            controller.reconcile(key)
        cluster.clock.advance(timedelta(hours=2) if name == "event-ttl" else timedelta(minutes=1))
    before = cluster.store.revision
    wrote = 0
    for key in _keys(cluster, controller):
        _reconcile(controller, key)
        after = cluster.store.revision
        wrote += after - before
        _reconcile(controller, key)
        assert cluster.store.revision == after, f"{key} was written again: {cluster.trace[-2:]}"
        before = after
    assert wrote > 0, "the scenario gives this controller nothing to do"


def _reconcile(controller: Controller, key: Key) -> None:
    try:
        controller.reconcile(key)
    except ApiError as error:
        assert error.code in (404, 409), error  # noqa: PT017 - other refusals are no part of this scenario
