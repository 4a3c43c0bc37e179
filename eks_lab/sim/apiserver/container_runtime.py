"""What streams ask of whoever runs the containers, and the checks that come before (pkg/kubelet/kubelet_pods.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from eks_lab.sim.objects import ApiError, Key, Obj, bad_request

WHY_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a container's log."""

    at: datetime
    text: str
    """Without its line feed."""


@dataclass(frozen=True, slots=True)
class Executed:
    """What a command gave."""

    stdout: bytes = b""
    stderr: bytes = b""
    code: int = 0


class ContainerRuntime(Protocol):
    """The kubelet's side of logs, exec, cp and port-forward; never runs anything on the host."""

    def log(self, pod: Key, container: str, *, previous: bool) -> Iterable[LogLine]:
        """Return what the present run, or the one before, has logged up to now, oldest first."""
        ...

    def execute(self, pod: Key, container: str, command: Sequence[str], stdin: bytes) -> Executed:
        """Answer a command inside of a running container."""
        ...

    def waits_for_input(self, pod: Key, container: str) -> bool:
        """Say whether a container's program is a shell that sits at its prompt."""
        ...

    def end_input(self, pod: Key, container: str, code: int) -> None:
        """Close the stdin of such a shell: it ends with the code of its last command."""
        ...

    def read(self, pod: Key, container: str, path: str) -> bytes | None:
        """Return a file's content; None when there is none."""
        ...

    def write(self, pod: Key, container: str, path: str, content: bytes) -> None:
        """Put a file into a container."""
        ...

    def serve(self, pod: Key, port: int, request: bytes) -> bytes | None:
        """Answer an HTTP request to a port of a pod; None when nothing listens."""
        ...


class MetricsSource(Protocol):
    """What metrics-server knows."""

    def node_metrics(self, name: str) -> Obj | None:
        """Return the NodeMetrics of a node; None when it was not measured."""
        ...

    def pod_metrics(self, key: Key) -> Obj | None:
        """Return the PodMetrics of a pod; None when it was not measured."""
        ...


def chosen_container(pod: Obj, asked: str) -> str:
    """Return the container a request is for (pkg/registry/core/pod/strategy.go).

    Raises:
        ApiError: 400, none was named among several, or there is none of that name.
    """
    spec, name = pod["spec"], pod["metadata"]["name"]
    names = {
        kind: [each["name"] for each in spec.get(kind) or ()]
        for kind in ("containers", "initContainers", "ephemeralContainers")
    }
    if asked:
        if not any(asked in each for each in names.values()):
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(names["containers"]) == 1:
        only: str = names["containers"][0]
        return only
    text = (
        f"a container name must be specified for pod {name}, choose one of: [{' '.join(names['containers'])}]"
    )
    if names["initContainers"]:
        text += f" or one of the init containers: [{' '.join(names['initContainers'])}]"
    raise bad_request(text)


def container_status(pod: Obj, container: str) -> Obj | None:
    """Return the status of one container, whatever its kind."""
    status = pod.get("status") or {}
    for kind in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for each in status.get(kind) or ():
            if each["name"] == container:
                found: Obj = each
                return found
    return None


def check_has_log(pod: Obj, container: str, previous: bool) -> bool:
    """Check that there is a log; returns whether it is the one of the run before.

    Raises:
        ApiError: 400, the container has not run.
    """
    name = pod["metadata"]["name"]
    status = container_status(pod, container)
    where = f'container "{container}" in pod "{name}"'
    if status is None:
        raise bad_request(f"{where} is not available")
    state, last = status.get("state") or {}, (status.get("lastState") or {}).get("terminated")
    if previous:
        if not last:
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return True
    if state.get("running") or (state.get("terminated") or {}).get("containerID"):
        return False
    if last:
        return True
    reason = (state.get("waiting") or {}).get("reason") or ""
    if state.get("terminated"):
        raise bad_request(f"{where} is terminated")
    raise bad_request(
        f"{where} is waiting to start: {WHY_WAITING.get(reason, reason or 'ContainerCreating')}"
    )


def check_runs(pod: Obj, container: str) -> None:
    """Check that a container runs.

    Raises:
        ApiError: 400 the pod has no node, 500 it does not run.
    """
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    status = container_status(pod, container)
    if status is None or not (status.get("state") or {}).get("running"):
        raise ApiError(
            500,
            "InternalError",
            f'Internal error occurred: unable to upgrade connection: container not found ("{container}")',
        )
