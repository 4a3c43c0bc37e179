"""What the API server's streams get from the simulated kubelets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.container_access import ContainerAccess
from eks_lab.sim.objects import Key
from tests.sim.small_cluster import START

WEB = Key("default", "web")


@pytest.fixture
def access() -> ContainerAccess:
    cluster = Cluster(ClusterOptions(nodes=1), START)
    cluster.bootstrap()
    cluster.advance(timedelta(seconds=5))
    spec = {"containers": [{"name": "c", "image": "nginx"}]}
    cluster.api.create("pods", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    cluster.advance(timedelta(seconds=30))
    return ContainerAccess(cluster.api, cluster.kubelet)


def test_a_container_answers(access: ContainerAccess) -> None:
    lines = list(access.log(WEB, "c", previous=False))
    assert lines
    assert lines == sorted(lines, key=lambda each: each.at)
    assert list(access.log(WEB, "c", previous=True)) == []
    assert access.execute(WEB, "c", ["echo", "hi"], b"").stdout == b"hi\n"
    assert access.execute(WEB, "c", ["sh"], b"echo one\n").stdout == b"one\n"
    assert access.execute(WEB, "c", ["cat"], b"typed").stdout == b"typed"
    assert access.execute(WEB, "c", ["ls", "/nope"], b"").code != 0


def test_files_stay(access: ContainerAccess) -> None:
    access.write(WEB, "c", "/tmp/a file", b"it's\nhere\n")
    assert access.read(WEB, "c", "/tmp/a file") == b"it's\nhere\n"
    assert access.read(WEB, "c", "/tmp/other") is None


def test_ports_answer_http(access: ContainerAccess) -> None:
    answer = access.serve(WEB, 80, b"GET / HTTP/1.1\r\n\r\n")
    assert answer is not None
    assert answer.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: ")
    assert access.serve(WEB, 81, b"GET / HTTP/1.1\r\n\r\n") is None
    assert access.serve(Key("default", "ghost"), 80, b"GET / HTTP/1.1\r\n\r\n") is None


def test_measurements(access: ContainerAccess) -> None:
    metrics = access.pod_metrics(WEB)
    assert metrics is not None
    assert metrics["containers"][0]["name"] == "c"
    assert access.node_metrics("ghost") is None


@pytest.mark.parametrize(
    ("script", "seconds", "present", "last"),
    [
        ("echo run $(date +%M:%S); exit 1", 20, None, "run 00:11"),
        ("echo run; sleep 20; echo fatal; exit 1", 26, ["run"], "fatal"),
    ],
    ids=["waits for its next run", "runs again"],
)
@pytest.mark.parametrize("is_rebuilt", [False, True], ids=["goes on", "is built again"])
def test_the_log_of_the_run_before(
    script: str, seconds: int, present: list[str] | None, last: str, is_rebuilt: bool
) -> None:
    cluster = Cluster(ClusterOptions(nodes=1), START)
    cluster.bootstrap()
    container = {"name": "c", "image": "busybox:1.36", "command": ["sh", "-c", script]}
    spec = {"containers": [container]}
    cluster.api.create("pods", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    cluster.advance(timedelta(seconds=seconds))
    if is_rebuilt:
        state = cluster.state()
        cluster = Cluster(state.options, START, state)
        cluster.runtime.settle()
    access = ContainerAccess(cluster.api, cluster.kubelet)
    (*_, line) = access.log(WEB, "c", previous=True)
    assert line.text.startswith(last)
    if present is not None:
        assert [each.text for each in access.log(WEB, "c", previous=False)] == present
