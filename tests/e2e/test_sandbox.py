"""The sandbox as a learner uses it: the program, its process, and the real kubectl over TLS."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.sandbox_lab import KUBECTL, Lab, own_port

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
]
needs_kubectl = pytest.mark.skipif(not KUBECTL, reason="needs kubectl (the extra `tools`)")


@pytest.fixture
def lab(own_home: Path) -> Iterator[Lab]:
    made = Lab(own_home)
    yield made
    made.end()


@needs_kubectl
def test_a_learners_first_minutes(lab: Lab) -> None:
    """Up, nodes Ready, a deployment rolled out, advance, down; nothing is left running."""
    said = lab.run("up", "--seed", "11", as_process=True).stdout
    assert "3 of 3 nodes ready" in said
    assert "eks-lab sandbox shell" in said
    nodes = lab.kubectl("get", "nodes").splitlines()[1:]
    assert len(nodes) == 3
    assert all(" Ready " in line for line in nodes)
    lab.kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    lab.run("advance", "1m", as_process=True)
    assert "successfully rolled out" in lab.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    happened = lab.run("advance", "30s").stdout
    assert "in the sandbox" in happened
    lab.run("speed", "pause")
    lab.kubectl("scale", "deployment/web", "--replicas=3")
    assert "Started" in lab.run("advance", "30s").stdout
    assert len(lab.kubectl("get", "pods").splitlines()) == 4
    assert "export KUBECONFIG=" in lab.run("env").stdout
    assert lab.state.kubeconfig.stat().st_mode & 0o777 == 0o600
    assert '"resource":"deployments"' in lab.run("logs", "--audit", "-n", "100").stdout
    assert "apiserver_request_total{" in lab.kubectl("get", "--raw", "/metrics")
    lab.run("down", as_process=True)
    assert lab.processes() == []
    lab.run("status", code=3)


@pytest.mark.parametrize("before", ["nothing", "a process that was killed"])
def test_two_ups_at_once_start_one_process(lab: Lab, before: str) -> None:
    """What a killed process has left behind is not taken for the one that is starting."""
    if before != "nothing":
        lab.run("up", "--nodes", "1")
        lab.kill()
    arguments = [sys.executable, "-m", "eks_lab", "sandbox", "up", "--nodes", "1"]
    both = [
        subprocess.Popen(
            arguments, env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(lab.processes()) == 1
    assert "runs already" in lab.run("up").stdout
    assert "nodes 1" in lab.run("up", "--nodes", "4", code=2).stderr


def test_a_taken_port(lab: Lab) -> None:
    """A port that was asked for must be free; one that was not is passed over."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = lab.run("up", "--nodes", "0", "--port", str(port), code=3).stderr
        assert str(port) in error
        assert lab.processes() == []
        first = own_port()
        lab.run("up", "--nodes", "0", "--port", str(first))
        assert lab.status()["ports"]["api"] == first
        lab.run("down")
        with socket.create_server(("127.0.0.1", first)):
            lab.run("up")
            assert lab.status()["ports"]["api"] != first


def test_reset_begins_anew(lab: Lab) -> None:
    """While it runs, and while it does not; names that follow from the seed are the same again."""
    lab.run("up", "--nodes", "1", "--speed", "pause")
    first = lab.status()
    assert first["speed"] == "pause"
    assert lab.status()["now"] == first["now"]
    assert "60x" in lab.run("speed", "60x").stdout
    assert "Write 1x" in lab.run("speed", "fast", code=2).stderr
    assert "2 of 2 nodes ready" in lab.run("reset", "--nodes", "2").stdout
    assert lab.status()["pid"] == first["pid"]
    lab.run("down")
    assert "kept already" in lab.run("up", "--nodes", "1", code=2).stderr
    lab.run("reset")
    assert lab.run("up", "--version", "1.9", "--instance", "m5.lrage", code=2).stderr.startswith("eks-lab: ")
    assert "1 of 1 nodes ready" in lab.run("up", "--nodes", "1").stdout


def test_a_place_that_cannot_be_written(own_home: Path) -> None:
    """One clear message, whoever the user is."""
    own_home.write_text("")
    error = Lab(own_home).run("up", code=4).stderr
    assert "cannot keep its state here" in error
    assert "Traceback" not in error
