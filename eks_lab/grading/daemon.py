"""The running sandbox as the place of a lab: the control API for time and state, HTTPS for the cluster."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eks_lab.content.actions import WorldOptions
from eks_lab.errors import UnavailableError
from eks_lab.grading.command_line import with_files
from eks_lab.grading.kubernetes_client import KubernetesClient
from eks_lab.grading.patience import run_patiently
from eks_lab.grading.recording import Record
from eks_lab.grading.target import Done, RefusedError
from eks_lab.sandbox.backends.registry import ENTRIES
from eks_lab.sandbox.client import Client
from eks_lab.sandbox.environment import environment as shell_environment
from eks_lab.sandbox.state_directory import StateDirectory

PATIENCE_SECONDS = 0.7
"""Wall time after which a command of ours is taken to wait for simulated time."""


def found(program: str) -> str:
    """Return where a program is: beside this Python, or on PATH; empty when it is nowhere."""
    beside = shutil.which(program, path=str(Path(sys.executable).parent))
    return beside or shutil.which(program) or ""


class DaemonTarget:
    """A target that is there already and stays."""

    def __init__(self, directory: StateDirectory, client: Client, kubectl: str = "") -> None:
        """Take a running sandbox.

        Args:
            directory: of the sandbox.
            client: of its control API.
            kubectl: the program; empty when there is none.
        """
        self._directory = directory
        self._client = client
        self._kubectl = kubectl
        self._record = Record()
        self.kubernetes = KubernetesClient(directory.kubeconfig)
        programs = {
            "kubectl": bool(kubectl),
            "aws": bool(found("aws")),
            "terraform": bool(found("terraform")),
        }
        self.capabilities = frozenset(
            {*ENTRIES["embedded"].capabilities, *(name for name, is_there in programs.items() if is_there)}
        )

    def close(self) -> None:
        """Hang up; the sandbox goes on."""
        self.kubernetes.close()

    @property
    def kubeconfig(self) -> Path:
        """Return the file that KUBECONFIG names."""
        return self._directory.kubeconfig

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables of a learner's shell; one with an empty value is to be unset."""
        return shell_environment(self._directory, os.environ)

    def begin(self, world: WorldOptions, seed: int) -> None:
        """Put a new world in the place of what is there.

        Raises:
            InputError: the options cannot be had.
        """
        self._client.reset(nodes=world.nodes, instance=world.instance, version=world.version, seed=seed)
        self.kubernetes.forget()
        self._record = Record()

    def aws(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make an AWS call as the account itself; moments in the answer are ISO texts.

        Raises:
            RefusedError: AWS refuses.
        """
        found = self._client.lab("call", service=service, operation=operation, params=dict(params))
        if "refused" in found:
            raise RefusedError(found["refused"], found["message"])
        answer: dict[str, Any] = found["answer"]
        return answer

    def run_aws(self, arguments: Sequence[str], folder: Path) -> Done:
        """Run aws as the learner's user, in the sandbox."""
        found = self._client.lab("aws", words=with_files(arguments, folder))
        return Done(found["code"], found["out"], found["err"])

    def run_kubectl(self, arguments: Sequence[str], folder: Path, stdin: str = "") -> Done:
        """Run kubectl in a folder; simulated time runs faster while it waits for something.

        Raises:
            UnavailableError: there is no kubectl.
        """
        if not self._kubectl:
            raise UnavailableError(
                "kubectl is not installed",
                hint="Install it (https://kubernetes.io/docs/tasks/tools/), or: pip install 'eks-lab[tools]'",
            )
        variables = {**os.environ, **self.environment}
        return run_patiently(
            [self._kubectl, *arguments],
            folder,
            {name: value for name, value in variables.items() if value},
            stdin,
            is_waiting=lambda waited: waited > PATIENCE_SECONDS,
            advance=self.advance,
        )

    def arm_fault(self, fault: str, seed: int) -> None:
        """Bring one of the prepared faults about.

        Raises:
            EksLabError: there is no such fault, or it cannot be had here.
        """
        self._client.arm_fault(fault, seed)

    def advance(self, by: timedelta) -> None:
        """Play simulated time."""
        self._client.advance(by)

    def now(self) -> datetime:
        """Return the simulated moment."""
        return datetime.fromisoformat(self._client.status()["now"])

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name, on disk too."""
        self._client.lab("keep", name=name)

    def restore(self, name: str) -> None:
        """Go back to a kept state.

        Raises:
            DataError: none is kept under that name.
        """
        self._client.lab("restore", name=name)
        self.kubernetes.forget()
        self._record = Record()

    def forget(self, name: str) -> None:
        """Keep a state no more; one that is not there is fine."""
        self._client.lab("forget", name=name)

    def state_hash(self) -> str:
        """Return a fingerprint of the state: of revision and time, which no two different states of a run share."""
        status = self._client.status()
        return f"{status['now']}/{status['revision']}"

    def begin_record(self) -> None:
        """Record from now on, in place of what was recorded."""
        self._client.lab("begin")
        self._record = Record()

    def end_record(self) -> None:
        """Record no more."""
        self._client.lab("end")
        self._record = Record()

    def record(self) -> Record:
        """Return what has happened since the last `begin_record`; only what is new is asked for."""
        known = self._record
        document = self._client.lab("record", since=len(known.writes), since_change=len(known.changes))
        self._record = known.continued(document)
        return self._record

    def spent_usd(self) -> float:
        """Return what the account has cost since it was made, US dollars."""
        return float(self._client.costs()["so_far_usd"])
