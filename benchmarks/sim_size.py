"""A cluster at the limit that Kubernetes itself states: 5,000 nodes and 150,000 pods, all running (issue 5).

The whole cluster as `eks-lab sandbox up` makes it, without HTTP: admission, every controller, the kubelet. The pods
are those of 300 Deployments of 500 replicas, so that scheduler, ReplicaSets, garbage collector, Endpoints and events
have their share. The figure is the largest memory that the process had up to then (`ru_maxrss`).
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import orjson

from eks_lab.sandbox.collection import COLLECT_AFTER
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.objects import Obj

NODES = 5_000
DEPLOYMENTS = 300
REPLICAS = 500
MOST_GIB = 4.0
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def deployment(name: str, replicas: int) -> Obj:
    """Return a Deployment of nginx."""
    requests = {"requests": {"cpu": "100m", "memory": "128Mi"}}
    container = {
        "name": "web",
        "image": "nginx:1.27",
        "ports": [{"containerPort": 80}],
        "resources": requests,
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def fill(nodes: int = NODES, deployments: int = DEPLOYMENTS, replicas: int = REPLICAS) -> dict[str, float]:
    """Build the cluster and return seconds and bytes."""
    gc.set_threshold(*COLLECT_AFTER)
    begin = time.perf_counter()
    cluster = Cluster(ClusterOptions(nodes=nodes, instance="m5.xlarge"), START)
    cluster.bootstrap()
    joined = time.perf_counter()
    for number in range(deployments):
        cluster.api.create("deployments.apps", deployment(f"web-{number}", replicas))
    pods = deployments * replicas
    running = 0
    for _ in range(20):
        cluster.advance(timedelta(seconds=30))
        found = cluster.store.items("pods", "default")
        running = sum(1 for pod in found if pod["status"].get("phase") == "Running")
        if running == pods:
            break
    ended = time.perf_counter()
    assert running == pods, f"{running} of {pods} pods run"
    return {
        "nodes_seconds": joined - begin,
        "pods_seconds": ended - joined,
        "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "minutes": (cluster.clock.now() - START) / timedelta(minutes=1),
    }


def run() -> list[tuple[str, float, float, str]]:
    """Return what was measured, what is promised, and how."""
    code = "import sys, orjson; from benchmarks.sim_size import fill; sys.stdout.buffer.write(orjson.dumps(fill()))"
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
    found = orjson.loads(done.stdout)
    took = f"nodes in {found['nodes_seconds']:.0f} s, pods in {found['pods_seconds']:.0f} s"
    return [("5,000 nodes and 150,000 pods, GiB", found["gib"], MOST_GIB, took)]
