"""The API server of a whole sandbox over TLS: client certificates, RBAC, every admission plugin, audit log, journal.

The same questions as in `sim_api`, put to the process that `eks-lab sandbox up` starts. The pods stand behind a
scheduling gate and simulated time stands still, so that scheduler and kubelet do not work on them meanwhile; the other
controllers see every pod.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks._sim_server import Connection, cpu_seconds
from benchmarks.sim_api import Figure, measure


def run() -> list[Figure]:
    """Return name, measured, limit and note of each figure."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "EKS_LAB_HOME": home, "HOME": home}
        program = [sys.executable, "-m", "eks_lab", "sandbox"]
        subprocess.run(
            [*program, "up", "--speed", "pause"], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        try:
            told = subprocess.run(
                [*program, "status", "--json"], env=environment, check=True, capture_output=True, text=True
            )
            status = json.loads(told.stdout)
            context, port = _client_of(Path(status["kubeconfig"]), Path(home))
            return measure(lambda: Connection(port, context), lambda: cpu_seconds(status["pid"]))
        finally:
            subprocess.run([*program, "down"], env=environment, check=True, stdout=subprocess.DEVNULL)


def _client_of(path: Path, folder: Path) -> tuple[ssl.SSLContext, int]:
    """Return the TLS context and the port of a kubeconfig."""
    config = yaml.safe_load(path.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode("ascii")
    context = ssl.create_default_context(cadata=authority)
    files = []
    for name in ("client-certificate-data", "client-key-data"):
        file = folder / name
        file.write_bytes(base64.b64decode(user[name]))
        files.append(str(file))
    context.load_cert_chain(*files)
    return context, int(cluster["server"].rpartition(":")[2])
