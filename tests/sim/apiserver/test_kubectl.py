"""Real kubectl against a served Api on loopback; skipped where there is no kubectl."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from eks_lab.sim.apiserver.app import ApiServer
from tests.sim.small_cluster import small_api

BESIDE = Path(sys.executable).with_name("kubectl")
KUBECTL = str(BESIDE) if BESIDE.exists() else shutil.which("kubectl")
Kubectl = Callable[..., str]

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Kubectl]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(ApiServer(small_api()), log_level="error", access_log=False, ws="none", loop="asyncio")
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {**os.environ, "HOME": str(tmp_path), "KUBECACHEDIR": str(tmp_path / "cache")}

    def run(*words: str, stdin: str = "", code: int = 0) -> str:
        command = [
            str(KUBECTL),
            "--server",
            address,
            "--kubeconfig",
            os.devnull,
            "--request-timeout=20s",
            *words,
        ]
        done = subprocess.run(
            command, input=stdin, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    yield run
    server.should_exit = True
    thread.join(10)
    listener.close()


MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {app: web}}
data: {k: "1"}
"""


def test_a_config_map_through_kubectl(kubectl: Kubectl) -> None:
    assert kubectl("create", "configmap", "made", "--from-literal=a=b") == "configmap/made created\n"
    assert kubectl("apply", "-f", "-", stdin=MANIFEST) == "configmap/a created\n"
    assert kubectl("apply", "-f", "-", stdin=MANIFEST) == "configmap/a unchanged\n"
    changed = MANIFEST.replace('"1"', '"2"')
    assert kubectl("apply", "-f", "-", stdin=changed) == "configmap/a configured\n"
    assert kubectl("get", "cm", "-l", "app=web", "-o", "jsonpath={.items[*].data.k}") == "2"
    assert "NAME" in kubectl("get", "configmaps")
    conflict = kubectl("apply", "--server-side", "--field-manager=me", "-f", "-", stdin=MANIFEST, code=1)
    assert 'conflict with "kubectl-client-side-apply" using v1: .data.k' in conflict
    assert "ConfigMap" in kubectl("explain", "configmap.data")
    broken = MANIFEST.replace("data:", "dota:")
    assert 'unknown field "dota"' in kubectl(
        "create", "-f", "-", stdin=broken.replace("name: a", "name: b"), code=1
    )
    assert kubectl("delete", "cm", "a", "made") == (
        'configmap "a" deleted from default namespace\nconfigmap "made" deleted from default namespace\n'
    )
    assert 'configmaps "a" not found' in kubectl("get", "cm", "a", code=1)
