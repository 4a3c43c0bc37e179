"""A sandbox of its own for a test that plays real kubectl: three m5.large on Kubernetes 1.36, with nothing in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BIN = Path(sys.executable).parent
PACKAGED_KUBECTL = _BIN / "kubectl"
"""Of the extra `tools`: the newest one published."""


@dataclass(frozen=True)
class FreshSandbox:
    """A running sandbox, and the kubectl that talks to it."""

    home: Path
    """Of the sandbox, and what kubectl takes for the user's home."""
    kubeconfig: Path
    client: str
    """Path of kubectl."""

    def kubectl(
        self,
        words: Sequence[str],
        folder: Path,
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl in a folder.

        Args:
            words: its arguments.
            folder: where relative file names start.
            stdin: what it reads.
            environment: variables to add.
        """
        return subprocess.run(
            [self.client, f"--kubeconfig={self.kubeconfig}", "--request-timeout=20s", *words],
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            # It ends before its garbage is worth collecting: a fifth of its time went there.
            env={**os.environ, "HOME": str(self.home), "GOGC": "off", **(environment or {})},
            check=False,
        )

    @classmethod
    @contextmanager
    def started(
        cls, home: Path, client: str = str(PACKAGED_KUBECTL), speed: str = "1x"
    ) -> Iterator[FreshSandbox]:
        """Run a sandbox for the length of a `with` block.

        Args:
            home: a directory for it, made when it is missing.
            client: path of the kubectl to use.
            speed: of simulated time.
        """
        home.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "EKS_LAB_HOME": str(home), "HOME": str(home)}
        program = [sys.executable, "-m", "eks_lab", "sandbox"]
        up = [*program, "up", "--nodes", "3", "--instance", "m5.large", "--version", "1.36", "--speed", speed]
        done = subprocess.run(up, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        try:
            yield cls(home, next(home.rglob("kubeconfig")), client)
        finally:
            subprocess.run([*program, "down"], env=environment, check=False, capture_output=True, timeout=60)
