"""Logs, exec, cp, port-forward and top through real kubectl; skipped where there is none."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from eks_lab.sim.apiserver.container_runtime import Executed, LogLine
from eks_lab.sim.objects import Key, Obj, evolve
from tests.sim.apiserver.secure_server import KUBECTL, REAL, START, Kubectl, Secured, authority, served

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")


class FakeContainers:
    """One container that logs three lines, knows a few commands and keeps files."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"/etc/motd": b"hello\n"}

    def log(self, pod: Key, container: str, *, previous: bool) -> Iterable[LogLine]:
        word = "old" if previous else "line"
        return [LogLine(START + timedelta(seconds=number), f"{word} {number}") for number in range(3)]

    def execute(self, pod: Key, container: str, command: Sequence[str], stdin: bytes) -> Executed:
        if command[0] == "cat" and len(command) == 1:
            return Executed(stdin)
        if command[0] == "false":
            return Executed(b"", b"no\n", 3)
        if command[1:2] == ["-c"]:
            return Executed(f"ran {command[2]}\n".encode())
        return Executed(b" ".join(word.encode() for word in command[1:]) + b"\n")

    def waits_for_input(self, pod: Key, container: str) -> bool:
        return False

    def end_input(self, pod: Key, container: str, code: int) -> None:
        raise AssertionError("nothing waits")

    def read(self, pod: Key, container: str, path: str) -> bytes | None:
        return self.files.get(path)

    def write(self, pod: Key, container: str, path: str, content: bytes) -> None:
        self.files[path] = content

    def serve(self, pod: Key, port: int, request: bytes) -> bytes | None:
        if port != 80:
            return None
        body = request.split(b" ")[1] * 40_000
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def node_metrics(self, name: str) -> Obj | None:
        return None

    def pod_metrics(self, key: Key) -> Obj | None:
        usage = {"cpu": "12m", "memory": "34Mi"}
        return {
            "kind": "PodMetrics",
            "apiVersion": "metrics.k8s.io/v1beta1",
            "metadata": {"name": key.name, "namespace": key.namespace, "creationTimestamp": None},
            "timestamp": "2026-01-01T12:00:00Z",
            "window": "15s",
            "containers": [{"name": "web", "usage": usage}],
        }


def running_pod(secured: Secured, name: str = "web") -> None:
    """Store a pod whose container runs and has run before."""
    containers = [{"name": "web", "image": "nginx"}]
    made = secured.api.create(
        "pods", {"metadata": {"name": name, "namespace": "default"}, "spec": {"containers": containers}}
    )
    ran = {"exitCode": 1, "containerID": "containerd://0"}
    status = {
        "name": "web",
        "restartCount": 1,
        "state": {"running": {"startedAt": "2026-01-01T12:00:00Z"}},
        "lastState": {"terminated": ran},
        "ready": True,
    }
    pod = evolve(evolve(made, ("spec", "nodeName"), "node"), ("status", "containerStatuses"), [status])
    secured.api.store.put("pods", evolve(pod, ("status", "phase"), "Running"))


@pytest.fixture
def containers() -> FakeContainers:
    return FakeContainers()


@pytest.fixture
def kubectl(tmp_path: Path, containers: FakeContainers) -> Iterator[Kubectl]:
    secured = Secured(containers=containers, metrics=containers)
    running_pod(secured)
    with served(secured.app, tmp_path) as address:
        yield Kubectl(address, tmp_path, authority().client("ann", ("system:masters",), REAL))


def test_logs(kubectl: Kubectl) -> None:
    assert kubectl("logs", "web") == "line 0\nline 1\nline 2\n"
    assert kubectl("logs", "web", "--previous", "--tail=1") == "old 2\n"
    assert kubectl("logs", "web", "--timestamps", "--tail=1").startswith(
        "2026-01-01T12:00:02.000000000Z line 2"
    )
    refused = kubectl("logs", "web", "-c", "nope", code=1)
    assert "container nope is not valid for pod web" in refused


def test_exec_gives_output_errors_and_exit_code(kubectl: Kubectl) -> None:
    assert kubectl("exec", "web", "--", "echo", "a", "b") == "a b\n"
    failed = kubectl("exec", "web", "--", "false", code=3)
    assert "no\n" in failed
    assert "command terminated with exit code 3" in failed
    assert kubectl("exec", "-i", "web", "--", "cat", stdin="typed") == "typed"


def test_cp_both_ways(kubectl: Kubectl, containers: FakeContainers, tmp_path: Path) -> None:
    kubectl("cp", "web:/etc/motd", str(tmp_path / "motd"))
    assert (tmp_path / "motd").read_text() == "hello\n"
    (tmp_path / "up").write_text("from here")
    kubectl("cp", str(tmp_path / "up"), "web:/data/up")
    assert [path for path, content in containers.files.items() if content == b"from here"] == ["/data/up/up"]


def test_port_forward(kubectl: Kubectl) -> None:
    words = kubectl.command("port-forward", "pod/web", ":80")
    words.remove("--request-timeout=20s")
    with subprocess.Popen(
        words, env=kubectl.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        found = re.match(r"Forwarding from (127\.0\.0\.1:\d+) -> 80$", process.stdout.readline())
        assert found is not None
        opener = build_opener(ProxyHandler({}))
        for path in ("/one", "/two"):
            with opener.open(f"http://{found[1]}{path}", timeout=60) as answer:
                assert answer.read() == path.encode() * 40_000
        process.terminate()
        process.stdout.read()


def test_top(kubectl: Kubectl) -> None:
    assert kubectl("top", "pod", "--no-headers").split() == ["web", "12m", "34Mi"]
