"""One simulated hour of a busy cluster: 100 nodes, 3,000 pods, an HPA that follows a changing load (issue 5).

The whole cluster as `eks-lab sandbox up` makes it, without HTTP. 2,925 pods of 39 Deployments just run, with readiness
and liveness probes; five load generators call a Service through a Deployment that an HPA scales between 5 and 80 pods, and
every five minutes their number changes. The pods run before the clock of the benchmark starts: what is measured is the
hour, heartbeats of nodes, looks of the HPA, rollouts of its target and events included.
"""

from __future__ import annotations

import gc
import time
from datetime import UTC, datetime, timedelta

from eks_lab.sandbox.collection import COLLECT_AFTER
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.objects import Key, Obj, key_of

LIMIT_SECONDS = 20.0
NODES = 100
FILLERS = 39
FILLER_REPLICAS = 75
GENERATORS = (1, 3, 6, 4, 2, 5, 1, 6, 3, 1, 4, 2)
"""How many there are, five minutes each."""
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _deployment(name: str, replicas: int, container: Obj) -> Obj:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", **container}]},
    }
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def _filler(name: str) -> Obj:
    probe = {"httpGet": {"path": "/", "port": 80}}
    container = {
        "image": "nginx:1.27",
        "ports": [{"containerPort": 80}],
        "resources": {"requests": {"cpu": "25m", "memory": "32Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
    }
    return _deployment(name, FILLER_REPLICAS, container)


def _service(name: str) -> Obj:
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}]},
    }


def _autoscaled(cluster: Cluster) -> None:
    """Make the Deployment that the load reaches, its Service, its HPA and the generators."""
    api = cluster.api
    container = {
        "image": "registry.k8s.io/hpa-example",
        "ports": [{"containerPort": 80}],
        "resources": {"requests": {"cpu": "200m"}},
    }
    api.create("deployments.apps", _deployment("shop", 5, container))
    api.create("services", _service("shop"))
    utilization = {"type": "Utilization", "averageUtilization": 50}
    api.create(
        "horizontalpodautoscalers.autoscaling",
        {
            "metadata": {"name": "shop", "namespace": "default"},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
                "minReplicas": 5,
                "maxReplicas": 80,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}],
            },
        },
    )
    generator = {"image": "load-generator", "env": [{"name": "TARGET", "value": "http://shop"}]}
    api.create("deployments.apps", _deployment("load", GENERATORS[0], generator))


def busy_cluster() -> Cluster:
    """Return the cluster after ten simulated minutes, with everything running."""
    cluster = Cluster(ClusterOptions(nodes=NODES, instance="m5.xlarge"), START)
    cluster.bootstrap()
    for number in range(FILLERS):
        cluster.api.create("deployments.apps", _filler(f"web-{number}"))
        cluster.api.create("services", _service(f"web-{number}"))
    _autoscaled(cluster)
    cluster.advance(timedelta(minutes=10))
    return cluster


def play(cluster: Cluster) -> tuple[int, int, int]:
    """Play the hour; returns the fewest, the most pods of the target, and all pods at the end."""
    key, replicas = Key("default", "shop"), []
    for generators in GENERATORS:
        load = cluster.api.read("deployments.apps", Key("default", "load"))
        patch = {"spec": {"replicas": generators}}
        cluster.api.patch("deployments.apps", key_of(load), patch, type="merge")
        for _ in range(5):
            cluster.advance(timedelta(minutes=1))
            replicas.append(cluster.api.read("deployments.apps", key)["spec"]["replicas"])
    running = [pod for pod in cluster.store.items("pods") if pod["status"].get("phase") == "Running"]
    return min(replicas), max(replicas), len(running)


def run() -> list[tuple[str, float, float, str]]:
    """Return what was measured, what is promised, and how."""
    gc.set_threshold(*COLLECT_AFTER)
    cluster = busy_cluster()
    before = cluster.runtime.reconciles
    start = time.perf_counter()
    fewest, most, running = play(cluster)
    seconds = time.perf_counter() - start
    assert running >= FILLERS * FILLER_REPLICAS + fewest, f"{running} pods run"
    assert most > 2 * fewest, f"the HPA went from {fewest} to {most} replicas only"
    note = f"{running:,} pods, {cluster.runtime.reconciles - before:,} reconciles, HPA {fewest} to {most} replicas"
    return [("one hour of 100 nodes and 3,000 pods, s", seconds, LIMIT_SECONDS, note)]
