"""The same seed gives the same trace, whatever the hash seed of the interpreter."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.sim.controllers.scenario import Cluster, deployment, job, pod, workload

ROOT = Path(__file__).parents[3]


def trace(seed: int) -> str:
    """Return a digest of everything that was written in a busy scenario, uids and times included."""
    cluster = Cluster(seed, fates={"bad-*": "exit 1 2s"})
    written = hashlib.sha256()
    cluster.store.subscribe(
        lambda event: written.update(repr((event.type, event.resource, event.obj)).encode())
    )
    cluster.nodes(25)
    labels = {"app": "spread", "tier": "a"}
    cluster.given(deployment("web", replicas=6), deployment("api", replicas=4, cpu="500m"))
    cluster.given(workload("StatefulSet", "db", replicas=3), workload("DaemonSet", "agent"))
    cluster.given(job("bad", backoffLimit=1), job("many", completions=6, parallelism=3))
    cluster.given(*(pod(f"p-{number}", labels=labels, cpu="200m") for number in range(20)))
    cluster.given(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
    )
    cluster.advance("30s")
    containers = [{"name": "main", "image": "ok:2"}]
    change = {"spec": {"template": {"spec": {"containers": containers}}}}
    for resource, name in (("deployments.apps", "web"), ("daemonsets.apps", "agent")):
        cluster.patch(resource, name, change, type="strategic")
    cluster.delete("deployments.apps", "api", propagation="Foreground")
    cluster.advance("2m")
    return written.hexdigest() + "\n" + "\n".join(cluster.trace)


def _in_process(hash_seed: str) -> str:
    code = "from tests.sim.controllers.test_determinism import trace; print(trace(7))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_the_trace_does_not_depend_on_the_hash_seed() -> None:
    traces = {_in_process(seed) for seed in ("0", "1", "4242")}
    assert len(traces) == 1
    assert len(traces.pop().splitlines()) > 50


def test_another_seed_gives_other_names() -> None:
    assert trace(7).splitlines()[0] != trace(8).splitlines()[0]
