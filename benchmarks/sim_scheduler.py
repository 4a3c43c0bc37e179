"""The simulator's scheduler on 1,000 nodes, and a rollout of 500 pods over 100 nodes (issue 5)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.deployment.controller import DeploymentController
from eks_lab.sim.controllers.garbage_collector.controller import GarbageCollector
from eks_lab.sim.controllers.replicaset.controller import ReplicaSetController
from eks_lab.sim.controllers.scheduler.controller import Scheduler
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj, key_of, timestamp
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.runtime import DONE, Controller, Result, Runtime, Watch
from eks_lab.sim.store import Store

PODS_PER_SECOND = 2_000
NODES = 1_000
PODS = 5_000
ROLLOUT_NODES = 100
ROLLOUT_PODS = 500
ROLLOUT_SECONDS = 10.0
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class _Kubelet:
    """Makes bound pods ready after two seconds, and lets deleted ones go."""

    name = "kubelet"
    watches: Sequence[Watch] = (Watch("pods"),)

    def __init__(self, api: Api) -> None:
        self._api = api

    def reconcile(self, key: Key) -> Result:
        pod = self._api.get("pods", key)
        if pod is None or not pod["spec"].get("nodeName"):
            return DONE
        if "deletionTimestamp" in pod["metadata"]:
            self._api.delete("pods", key, grace_seconds=0)
            return DONE
        status = pod.get("status") or {}
        if status.get("phase") == "Running":
            return DONE
        if "startTime" not in status:
            self._write(pod, {**status, "startTime": timestamp(self._api.now())})
            return Result(timedelta(seconds=2))
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": timestamp(self._api.now())}
        conditions = [*(status.get("conditions") or ()), ready]
        self._write(pod, {**status, "phase": "Running", "conditions": conditions})
        return DONE

    def _write(self, pod: Obj, status: Obj) -> None:
        self._api.update_status("pods", {**pod, "status": status}, manager="kubelet")


def _cluster(nodes: int, *, workloads: bool) -> tuple[Api, Runtime]:
    clock, store, ids = SimClock(START), Store(), Ids(7)
    api = Api(store, clock, ids, "1.36", builtin_resources("1.36"))

    def recorder(component: str) -> EventRecorder:
        return EventRecorder(clock, api, ids, component)

    controllers: list[Controller] = [Scheduler(clock, api, recorder("default-scheduler"), ids)]
    if workloads:
        controllers = [
            DeploymentController(clock, api, recorder("deployment-controller")),
            ReplicaSetController(clock, api, recorder("replicaset-controller")),
            GarbageCollector(api),
            *controllers,
            _Kubelet(api),
        ]
    runtime = Runtime(clock, store, controllers)
    api.create("namespaces", {"metadata": {"name": "default"}})
    for number in range(nodes):
        api.create("nodes", _node(number))
    return api, runtime


def _node(number: int) -> Obj:
    name = f"ip-10-0-{number // 250}-{number % 250}.ec2.internal"
    zone = f"us-east-1{'abc'[number % 3]}"
    amounts = {"cpu": "15890m", "memory": "57Gi", "pods": "234"}
    labels = {
        "kubernetes.io/hostname": name,
        "topology.kubernetes.io/zone": zone,
        "topology.kubernetes.io/region": "us-east-1",
    }
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": timestamp(START)}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {},
        "status": {"allocatable": amounts, "capacity": amounts, "conditions": [ready]},
    }


def _spec(image: str) -> Obj:
    requests = {"requests": {"cpu": "100m", "memory": "128Mi"}}
    return {"containers": [{"name": "web", "image": image, "resources": requests}]}


def _scheduling() -> float:
    """Return pods per second."""
    api, runtime = _cluster(NODES, workloads=False)
    runtime.settle()
    for number in range(PODS):
        metadata = {"name": f"web-{number}", "namespace": "default", "labels": {"app": "web"}}
        api.create("pods", {"metadata": metadata, "spec": _spec("nginx:1.27")})
    start = time.perf_counter()
    runtime.settle()
    taken = time.perf_counter() - start
    bound = sum(1 for pod in api.items("pods") if pod["spec"].get("nodeName"))
    assert bound == PODS, f"{bound} of {PODS} pods have a node"
    return PODS / taken


def _rollout() -> float:
    """Return the seconds that a Deployment's rollout takes the machine."""
    api, runtime = _cluster(ROLLOUT_NODES, workloads=True)
    template = {"metadata": {"labels": {"app": "web"}}, "spec": _spec("nginx:1.27")}
    deployment = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": ROLLOUT_PODS, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }
    made = api.create("deployments.apps", deployment)
    runtime.advance(timedelta(minutes=1))
    image = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:1.28"}]
    start = time.perf_counter()
    api.patch("deployments.apps", key_of(made), image, type="json")
    runtime.advance(timedelta(minutes=5))
    taken = time.perf_counter() - start
    status = api.read("deployments.apps", key_of(made))["status"]
    assert status.get("updatedReplicas") == status.get("availableReplicas") == ROLLOUT_PODS, status
    return taken


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure; rates as microseconds apiece."""
    rate, rollout = _scheduling(), _rollout()
    return [
        ("place a pod on 1,000 nodes, µs", 1e6 / rate, 1e6 / PODS_PER_SECOND, f"{rate:,.0f}/s"),
        ("roll out 500 pods over 100 nodes, s", rollout, ROLLOUT_SECONDS, ""),
    ]
