"""attach against the simulated kubelets: output as it comes, and shells that wait for input."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from eks_lab.sim.apiserver.attaching import follow, serve_prompt
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.container_access import ContainerAccess
from eks_lab.sim.objects import Key, Obj
from tests.sim.small_cluster import PATIENCE_SECONDS, START

POD = Key("default", "box")


class Typist:
    """A client that types lines, then goes or stays."""

    def __init__(self, *typed: bytes, stays: bool = False) -> None:
        self.typed = list(typed)
        self.stays = stays
        self.is_gone = False
        self.seen = b""

    async def read(self) -> bytes | None:
        if self.typed:
            return self.typed.pop(0)
        if self.stays:
            await asyncio.Event().wait()
        self.is_gone = True
        return None

    async def read_all(self) -> bytes:
        return b"".join(iter(self._next, b""))

    def _next(self) -> bytes:
        return self.typed.pop(0) if self.typed else b""

    async def write(self, channel: int, data: bytes) -> None:
        self.seen += data


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(ClusterOptions(nodes=1), START)
    made.bootstrap()
    made.advance(timedelta(seconds=5))
    return made


def _access(cluster: Cluster) -> ContainerAccess:
    def wake(key: Key) -> None:
        cluster.runtime.enqueue("kubelet", key)

    return ContainerAccess(cluster.api, cluster.kubelet, wake)


def _start(cluster: Cluster, *command: str, policy: str = "Never", **container: Any) -> Obj:
    body = {"name": "c", "image": "busybox:1.36", "args": list(command), **container}
    spec = {"containers": [body], "restartPolicy": policy}
    cluster.api.create("pods", {"metadata": {"name": "box", "namespace": "default"}, "spec": spec})
    cluster.advance(timedelta(seconds=10))
    return cluster.api.read("pods", POD)


async def test_a_shell_waits_until_it_is_left(cluster: Cluster) -> None:
    pod = _start(cluster, "sh", stdin=True, stdinOnce=True, tty=True)
    access = _access(cluster)
    assert access.waits_for_input(POD, "c")
    client = Typist(b"echo hi\r", b"exit 3\r")
    await serve_prompt(client, access, pod, POD, "c", has_tty=True)
    assert b"hi\r\n" in client.seen
    cluster.advance(timedelta(seconds=5))
    status = cluster.api.read("pods", POD)["status"]
    assert status["phase"] == "Failed"
    assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3
    assert not access.waits_for_input(POD, "c")


async def test_a_script_on_stdin_is_run_and_ends_the_shell(cluster: Cluster) -> None:
    pod = _start(cluster, stdin=True, stdinOnce=True)
    access = _access(cluster)
    client = Typist(b"echo one; ", b"echo two")
    await serve_prompt(client, access, pod, POD, "c", has_tty=False)
    assert client.seen == b"one\ntwo\n"
    cluster.advance(timedelta(seconds=5))
    assert cluster.api.read("pods", POD)["status"]["phase"] == "Succeeded"


async def test_without_stdin_a_shell_ends_at_once(cluster: Cluster) -> None:
    pod = _start(cluster, "sh")
    assert pod["status"]["phase"] == "Succeeded"
    assert not _access(cluster).waits_for_input(POD, "c")


async def test_output_is_followed_from_the_moment_of_attaching_to_the_end(cluster: Cluster) -> None:
    _start(cluster, "sh", "-c", "for i in 1 2 3 4; do echo tick $i; sleep 5; done")
    access, client = _access(cluster), Typist(stays=True)
    task = asyncio.create_task(follow(client, cluster.api, access, POD, "c", has_tty=False))
    await asyncio.sleep(0)
    assert client.seen == b""
    cluster.advance(timedelta(seconds=30))
    await asyncio.wait_for(task, PATIENCE_SECONDS)
    assert client.seen == b"tick 3\ntick 4\n"


async def test_a_client_that_goes_ends_it(cluster: Cluster) -> None:
    _start(cluster, "sleep", "3600", tty=True)
    await asyncio.wait_for(
        follow(Typist(), cluster.api, _access(cluster), POD, "c", has_tty=True),
        PATIENCE_SECONDS,
    )
