"""Faults in a sandbox of its own, seen and ended with the real kubectl and the real aws."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fresh_sandbox import FreshSandbox

BIN = Path(sys.executable).parent
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
    pytest.mark.skipif(not (BIN / "aws").exists(), reason="needs the aws CLI beside Python"),
]
INGRESS = "kubectl create ingress front --class=alb --rule=/=front:80"


class Shell:
    """A shell in which `eval "$(eks-lab sandbox env)"` was typed."""

    def __init__(self, home: Path) -> None:
        self._environment: Mapping[str, str] = {
            **os.environ,
            "EKS_LAB_HOME": str(home),
            "HOME": str(home),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        exported = self("eks-lab sandbox env").splitlines()
        pairs = [
            each.removeprefix("export ").partition("=") for each in exported if each.startswith("export ")
        ]
        self._environment = {**self._environment, **{name: shlex.split(value)[0] for name, _, value in pairs}}

    def __call__(self, line: str, *, code: int = 0, **more: str) -> str:
        """Run a command; return what it printed, standard error included."""
        done = subprocess.run(
            shlex.split(line),
            capture_output=True,
            text=True,
            env={**self._environment, **more},
            timeout=90,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


def test_faults_are_seen_and_ended_with_kubectl_and_aws(tmp_path: Path) -> None:
    """One sandbox for all of it: starting one takes longer than a fault."""
    with FreshSandbox.started(tmp_path / "home"):
        shell = Shell(tmp_path / "home")
        come_back_when_locked_out(shell, tmp_path)
        reach_a_webhook_again(shell)


def come_back_when_locked_out(shell: Shell, tmp_path: Path) -> None:
    own = str(tmp_path / "kubeconfig")
    shell("aws eks update-kubeconfig --name lab", KUBECONFIG=own)
    # Without what kubectl remembers of the kinds there are, its last line is another one.
    shell("kubectl get nodes", KUBECONFIG=own)
    armed = shell("eks-lab sandbox fault arm locked-out --solution")
    refused = shell("kubectl get nodes", code=1, KUBECONFIG=own)
    assert refused.splitlines()[-1] == "error: You must be logged in to the server (Unauthorized)"
    mend(shell, armed)
    assert "Ready" in shell("kubectl get nodes", KUBECONFIG=own)
    shell("eks-lab sandbox fault clear locked-out")


def reach_a_webhook_again(shell: Shell) -> None:
    armed = shell("eks-lab sandbox fault arm webhook-blocked --solution")
    refused = shell(INGRESS, code=1)
    assert 'Internal error occurred: failed calling webhook "vingress.elbv2.k8s.aws": ' in refused
    assert refused.rstrip().endswith("context deadline exceeded")
    assert re.search(r"webhook-blocked +visible", shell("eks-lab sandbox fault list"))
    mend(shell, armed)
    assert "created" in shell(INGRESS)
    assert shell("eks-lab sandbox fault clear --all") == "Taken back: webhook-blocked.\n"
    assert "pool=edge" not in shell("kubectl get nodes --show-labels")


def mend(shell: Shell, armed: str) -> None:
    """Type the commands of a solution."""
    commands = [line.removeprefix("  $ ") for line in armed.splitlines() if line.startswith("  $ ")]
    assert commands
    for each in commands:
        shell(each)
