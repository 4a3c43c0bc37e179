"""What a lab runs against: a cluster, an account, and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from eks_lab.content.actions import WorldOptions
from eks_lab.grading.recording import Record


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Kubernetes(Protocol):
    """Reads of the Kubernetes API."""

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        """Return an object, or None."""
        ...

    def list(self, kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """Return objects; namespace `*` means all."""
        ...

    def resource_id(self, kind: str) -> str:
        """Return `deployments.apps` for `Deployment`, `deploy` or `deployments`."""
        ...

    def log(self, pod: str, namespace: str, container: str, *, previous: bool) -> str:
        """Return what a container has printed; empty when it printed nothing or is not there."""
        ...

    def may(self, review: Mapping[str, Any]) -> tuple[bool, str]:
        """Ask a SubjectAccessReview with this spec; returns the decision and its reason."""
        ...


class Target(Protocol):
    """A world in which a lab is played."""

    capabilities: frozenset[str]
    """What there is; see `eks_lab.sandbox.backends.interface.CAPABILITIES`."""

    @property
    def kubeconfig(self) -> Path:
        """Return the file that KUBECONFIG names."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables of a learner's shell."""
        ...

    @property
    def kubernetes(self) -> Kubernetes:
        """Return the base cluster, to be read as its administrator."""
        ...

    def begin(self, world: WorldOptions, seed: int) -> None:
        """Put a new world in the place of what is there."""
        ...

    def aws(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make an AWS call as the account itself; returns what boto3 returns.

        Raises:
            RefusedError: AWS refuses.
        """
        ...

    def run_kubectl(self, arguments: Sequence[str], folder: Path, stdin: str = "") -> Done:
        """Run kubectl as the learner does, in a folder."""
        ...

    def run_aws(self, arguments: Sequence[str], folder: Path) -> Done:
        """Run aws as the learner does, in a folder."""
        ...

    def arm_fault(self, fault: str, seed: int) -> None:
        """Bring one of the prepared faults about; simulated time passes until its symptom shows.

        Raises:
            EksLabError: there is no such fault, or it cannot be had here.
        """
        ...

    def advance(self, by: timedelta) -> None:
        """Play simulated time."""
        ...

    def now(self) -> datetime:
        """Return the simulated moment."""
        ...

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name, in place of one of that name."""
        ...

    def restore(self, name: str) -> None:
        """Go back to a kept state.

        Raises:
            DataError: none is kept under that name.
        """
        ...

    def state_hash(self) -> str:
        """Return a fingerprint of the whole state; equal states have equal ones."""
        ...

    def record(self) -> Record:
        """Return what has happened since the last `begin_record`."""
        ...

    def begin_record(self) -> None:
        """Record from now on, in place of what was recorded."""
        ...

    def spent_usd(self) -> float:
        """Return what the account has cost since it was made, US dollars."""
        ...


class RefusedError(Exception):
    """AWS refuses a call."""

    def __init__(self, code: str, message: str) -> None:
        """Carry AWS's words.

        Args:
            code: `AccessDenied`.
            message: the sentence.
        """
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
