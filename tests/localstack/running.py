"""LocalStack as a process: no docker, loopback only, all of its files in one folder."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from eks_lab.sandbox.backends.docker.localstack import Health, health

PYTHON = "EKS_LAB_LOCALSTACK_PYTHON"
"""Names the Python of the environment that has localstack-core."""
HOST = "127.0.0.1"
PATIENCE_SECONDS = 90.0


class RealLocalStack:
    """Runs as long as a `with` block."""

    def __init__(self, folder: Path) -> None:
        """Choose a port.

        Args:
            folder: for its files.
        """
        self._folder = folder
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        """Return its endpoint."""
        return f"http://{HOST}:{self.port}"

    @property
    def health(self) -> Health:
        """Return what it says of itself."""
        found = health(self.port)
        assert found is not None
        return found

    def __enter__(self) -> Self:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            # Its usual server binds every interface, whatever it is told to listen on.
            "GATEWAY_SERVER": "hypercorn",
            "GATEWAY_LISTEN": f"{HOST}:{self.port}",
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(self._folder),
            "HOME": str(self._folder),
        }
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [os.environ[PYTHON], "-m", "localstack.runtime.main"],
                env=environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while health(self.port) is None:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        return self

    @property
    def log(self) -> str:
        """Return what it has printed."""
        return (self._folder / "log").read_text(errors="replace")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
