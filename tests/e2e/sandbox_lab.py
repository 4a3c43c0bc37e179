"""`eks-lab sandbox`, kubectl and plain HTTPS with a home of their own, for tests of the whole."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from eks_lab.cli import run as run_program
from eks_lab.sandbox.client import Client, required
from eks_lab.sandbox.state_directory import StateDirectory

BESIDE = Path(sys.executable).parent / "kubectl"
KUBECTL = str(BESIDE) if BESIDE.exists() else shutil.which("kubectl") or ""
PATIENCE_SECONDS = 60.0
_OWN_PORTS = range(20_000, 30_000)
"""Below those that systems hand out by themselves (from 32768 on Linux, from 49152 on macOS and Windows)."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command gave."""

    returncode: int
    stdout: str
    stderr: str


class Lab:
    """The program and kubectl; the program runs inside of the test unless its process matters."""

    def __init__(self, home: Path) -> None:
        """Use a home; EKS_LAB_HOME names it already."""
        self.home = home
        self.state = StateDirectory(home / "data" / "sandbox")
        self.directory = self.state.root
        self._clients: list[KubeClient] = []

    def run(self, *arguments: str, code: int = 0, as_process: bool = False) -> Done:
        """Run `eks-lab sandbox …` and check its exit code."""
        if as_process:
            done = self._process(*arguments)
        else:
            out, error = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
                given = run_program(["sandbox", *arguments])
            done = Done(given, out.getvalue(), error.getvalue())
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def _process(self, *arguments: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "eks_lab", "sandbox", *arguments],
            env={**os.environ, "EKS_LAB_HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def status(self) -> dict[str, Any]:
        """Return what runs."""
        found: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return found

    @property
    def control(self) -> Client:
        """Return the control API's client."""
        return required(self.state)

    def kubectl(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """Run kubectl and return what it prints."""
        done = subprocess.run(
            [KUBECTL, f"--kubeconfig={self.state.kubeconfig}", "--request-timeout=15s", *arguments],
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

    def kill(self) -> None:
        """End the process as a power cut does."""
        os.kill(self.status()["pid"], signal.SIGKILL)
        until(lambda: self.processes() == [])

    def end(self) -> None:
        """Leave nothing running and nothing open."""
        for client in self._clients:
            client.close()
        try:
            self.run("down")
        finally:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)

    def api(self) -> KubeClient:
        """Return a connection to the API server, with the kubeconfig's certificate."""
        self._clients.append(KubeClient(self.state.kubeconfig))
        return self._clients[-1]


class KubeClient:
    """One HTTPS connection."""

    def __init__(self, kubeconfig: Path, *, is_anonymous: bool = False) -> None:
        """Read the kubeconfig and connect with the first request."""
        document = json.loads(kubeconfig.read_bytes())
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        context = ssl.create_default_context(cadata=authority)
        if not is_anonymous:
            pair = kubeconfig.with_name("test-client.pem")
            names = ("client-certificate-data", "client-key-data")
            pair.write_bytes(b"".join(base64.b64decode(user[name]) for name in names))
            context.load_cert_chain(pair)
        address = urlsplit(cluster["server"])
        self._connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=15, context=context
        )

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send a request; returns status and decoded answer, which is text when it is no JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        self._connection.request(
            method, path, content, {"Content-Type": "application/json", **(headers or {})}
        )
        response = self._connection.getresponse()
        raw = response.read()
        with contextlib.suppress(ValueError):
            return response.status, json.loads(raw)
        return response.status, raw.decode(errors="replace")

    def watch(self, path: str) -> http.client.HTTPResponse:
        """Open a watch; read its lines."""
        self._connection.request("GET", path)
        return self._connection.getresponse()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def own_port() -> int:
    """Return a free port that nobody else takes by chance, so that it can be left and taken again.

    A sandbox of which no port is asked takes 6443, and so does the next one as soon as that is free; a port that the
    system has handed out once is handed out again.
    """
    start = os.getpid() * 7
    for number in range(len(_OWN_PORTS)):
        port = _OWN_PORTS[(start + number) % len(_OWN_PORTS)]
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


def until(is_true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.02)
