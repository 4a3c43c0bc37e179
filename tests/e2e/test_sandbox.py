"""The sandbox as a learner uses it: the program, its process, and the real kubectl over TLS."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
]

BESIDE = Path(sys.executable).parent / "kubectl"
KUBECTL = str(BESIDE) if BESIDE.exists() else shutil.which("kubectl") or ""
needs_kubectl = pytest.mark.skipif(not KUBECTL, reason="needs kubectl (the extra `tools`)")
PATIENCE_SECONDS = 30.0


class Lab:
    """`eks-lab` and kubectl with a home of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.directory = home / "data" / "sandbox"

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `eks-lab sandbox …` and check its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "eks_lab", "sandbox", *arguments],
            env={**os.environ, "EKS_LAB_HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def status(self) -> dict[str, Any]:
        """Return what runs."""
        found: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return found

    def kubectl(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """Run kubectl and return what it prints."""
        done = subprocess.run(
            [KUBECTL, f"--kubeconfig={self.directory / 'kubeconfig'}", "--request-timeout=15s", *arguments],
            env={**os.environ, "HOME": str(self.home)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def processes(self) -> list[int]:
        """Return the numbers of living sandbox processes of this home."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline"]):
            line = process.info["cmdline"] or []
            if "eks_lab.sandbox" in line and str(self.directory) in line:
                found.append(process.info["pid"])
        return found


def until(is_true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.02)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path / "home")
    yield made
    try:
        made.run("down")
    finally:
        for pid in made.processes():
            os.kill(pid, signal.SIGKILL)


@needs_kubectl
def test_a_learners_first_minutes(lab: Lab) -> None:
    """Up, nodes Ready, a deployment rolled out, advance, down; nothing is left running."""
    said = lab.run("up", "--seed", "11").stdout
    assert "3 of 3 nodes ready" in said
    assert "eks-lab sandbox shell" in said
    nodes = lab.kubectl("get", "nodes").splitlines()[1:]
    assert len(nodes) == 3
    assert all(" Ready " in line for line in nodes)
    lab.kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    lab.run("advance", "1m")
    assert "successfully rolled out" in lab.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    happened = lab.run("advance", "30s").stdout
    assert "in the sandbox" in happened
    lab.run("speed", "pause")
    lab.kubectl("scale", "deployment/web", "--replicas=3")
    assert "Started" in lab.run("advance", "30s").stdout
    assert lab.status()["pods"]["all"] == 3
    assert "export KUBECONFIG=" in lab.run("env").stdout
    assert (lab.directory / "kubeconfig").stat().st_mode & 0o777 == 0o600
    lab.run("down")
    assert lab.processes() == []
    lab.run("status", code=3)


@needs_kubectl
def test_a_killed_sandbox_comes_back(lab: Lab) -> None:
    """What was acknowledged more than a second before kill -9 is there again, at the same address."""
    lab.run("up", "--nodes", "1")
    before = lab.status()
    lab.kubectl("create", "configmap", "kept", "--from-literal=a=b")
    uid = lab.kubectl("get", "configmap", "kept", "-o", "jsonpath={.metadata.uid}")
    journal = lab.directory / "cluster"
    until(lambda: any(b'"kept"' in path.read_bytes() for path in journal.glob("journal-*.jsonl")))
    os.kill(before["pid"], signal.SIGKILL)
    until(lambda: lab.processes() == [])
    lab.run("status", code=3)
    assert "as you left it" in lab.run("up").stdout
    after = lab.status()
    assert after["pid"] != before["pid"]
    assert after["server"] == before["server"]
    assert after["revision"] > before["revision"]
    assert lab.kubectl("get", "configmap", "kept", "-o", "jsonpath={.metadata.uid}") == uid
    assert " Ready " in lab.kubectl("get", "nodes")


def test_two_ups_at_once_start_one_process(lab: Lab) -> None:
    arguments = [sys.executable, "-m", "eks_lab", "sandbox", "up", "--nodes", "1"]
    environment = {**os.environ, "EKS_LAB_HOME": str(lab.home)}
    both = [
        subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
        lab.run("up", "--nodes", "0")
        first = lab.status()["ports"]["api"]
        lab.run("down")
        with socket.create_server(("127.0.0.1", first)):
            lab.run("up")
            assert lab.status()["ports"]["api"] != first


def test_reset_begins_anew(lab: Lab) -> None:
    """While it runs, and while it does not; names that follow from the seed are the same again."""
    lab.run("up", "--nodes", "1")
    first = lab.status()
    assert "2 of 2 nodes ready" in lab.run("reset", "--nodes", "2").stdout
    assert lab.status()["pid"] == first["pid"]
    lab.run("down")
    assert "kept already" in lab.run("up", "--nodes", "1", code=2).stderr
    lab.run("reset")
    assert "1 of 1 nodes ready" in lab.run("up", "--nodes", "1").stdout


def test_speed_and_bad_wishes(lab: Lab) -> None:
    lab.run("up", "--nodes", "0", "--speed", "pause")
    before = lab.status()
    assert before["speed"] == "pause"
    assert lab.status()["now"] == before["now"]
    assert "60x" in lab.run("speed", "60x").stdout
    assert "Write 1x" in lab.run("speed", "fast", code=2).stderr
    lab.run("down")
    assert lab.run("up", "--version", "1.9", "--instance", "m5.lrage", code=2).stderr.startswith("eks-lab: ")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """One clear message, whoever the user is."""
    home = tmp_path / "file"
    home.write_text("")
    error = Lab(home).run("up", code=4).stderr
    assert "cannot keep its state here" in error
    assert "Traceback" not in error
