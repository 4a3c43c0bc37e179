"""A whole cluster, kubelets and all: the same seed gives the same writes, whatever the interpreter's hash seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.objects import Obj
from tests.sim.small_cluster import START

ROOT = Path(__file__).parents[3]
SCRIPT = "dd if=/dev/zero of=/cache/f bs=1M count=200; while true; do wget -qO- http://web; sleep 1; done"


def _deployment(name: str, image: str, replicas: int, **container: object) -> Obj:
    body = {"name": "c", "image": image, "resources": {"requests": {"cpu": "50m"}}, **container}
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "containers": [body],
                    "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "100Mi"}}],
                },
            },
        },
    }


def digest(seed: int) -> str:
    """Return a digest of everything that a busy quarter of an hour wrote."""
    cluster = Cluster(ClusterOptions(nodes=4, seed=seed), START)
    written = hashlib.sha256()
    cluster.store.subscribe(
        lambda event: written.update(repr((event.type, event.resource, event.obj)).encode())
    )
    cluster.bootstrap()
    mounts = [{"name": "cache", "mountPath": "/cache"}]
    for each in (
        _deployment("web", "hpa-example", 3),
        _deployment("load", "busybox", 2, command=["sh", "-c", SCRIPT], volumeMounts=mounts),
        _deployment("crash", "example.com/crash:1", 2),
        _deployment("fill", "example.com/disk-filler:1", 2),
        _deployment("bad", "example.com/bad:1", 1),
    ):
        cluster.api.create("deployments.apps", each, namespace="default")
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    cluster.api.create("services", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    node = cluster.api.items("nodes")[0]["metadata"]["name"]
    manifest = {
        "kind": "Pod",
        "metadata": {"name": "static"},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    }
    cluster.kubelet.static.put(node, manifest)
    cluster.advance(timedelta(minutes=5))
    cluster.kubelet.stop_kubelet(node)
    cluster.advance(timedelta(minutes=10))
    return f"{written.hexdigest()} {cluster.store.revision}"


def _in_process(hash_seed: str) -> str:
    code = "from tests.sim.kubelet.test_determinism import digest; print(digest(7))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def test_a_cluster_does_not_depend_on_the_hash_seed() -> None:
    found = {_in_process(seed) for seed in ("0", "4242")}
    assert len(found) == 1
    assert int(found.pop().split()[1]) > 1000


def test_another_seed_is_another_cluster() -> None:
    assert digest(7) != digest(8)
