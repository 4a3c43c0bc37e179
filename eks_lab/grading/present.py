"""The place of labs on the backend that the learner has chosen."""

from __future__ import annotations

from eks_lab.clock import Clock
from eks_lab.errors import UnavailableError
from eks_lab.grading.cluster_target import ClusterTarget
from eks_lab.grading.daemon import DaemonTarget, found
from eks_lab.grading.looking import LookingTarget
from eks_lab.sandbox import client
from eks_lab.sandbox.backends import registry
from eks_lab.sandbox.backends.interface import BackendStatus, Cancel, Wishes, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory


def present_target(directory: StateDirectory, clock: Clock) -> DaemonTarget | ClusterTarget:
    """Return the running sandbox as the place of labs.

    Args:
        directory: of the sandbox.
        clock: wall time.

    Raises:
        UnavailableError: it does not run.
    """
    backend = registry.present(directory)
    if backend.name == "embedded":
        return DaemonTarget(directory, client.required(directory), found("kubectl"))
    status = _running(backend.status())
    if "writable" not in status.capabilities:
        return LookingTarget(backend, status, clock)
    return ClusterTarget(backend, status, clock)


def started(directory: StateDirectory) -> BackendStatus:
    """Return what runs; the embedded backend is started when it does not, another one is the learner's to start.

    Args:
        directory: of the sandbox.

    Raises:
        UnavailableError: another backend was chosen and does not run.
        EksLabError: the sandbox cannot start.
    """
    backend = registry.present(directory)
    if backend.name == "embedded":
        return backend.up(Wishes(), tell_nobody, Cancel())
    return _running(backend.status())


def _running(status: BackendStatus) -> BackendStatus:
    if not status.running:
        raise UnavailableError(
            f"the sandbox does not run on the backend {status.name}", hint="Start it with: eks-lab sandbox up"
        )
    return status
