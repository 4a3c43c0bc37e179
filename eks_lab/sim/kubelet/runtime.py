"""Logs and exec of containers, as the API server asks a kubelet for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from eks_lab.sim.behaviours.process import Printed, Process
from eks_lab.sim.kubelet import probes
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord, Step
from eks_lab.sim.objects import ApiError, Key, Obj, bad_request


class ContainerRuntime:
    """What runs in the containers of all nodes."""

    def __init__(self, kubelet: KubeletController, wake: Callable[[Key], None] = lambda key: None) -> None:
        """Look into the kubelets.

        Args:
            kubelet: the controller.
            wake: enqueues a pod's key with the controller: exec may have changed what its probes see.
        """
        self._kubelet = kubelet
        self._wake = wake

    def logs(
        self,
        pod: Obj,
        container: str = "",
        *,
        previous: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        tail: int | None = None,
        timestamps: bool = False,
        limit_bytes: int | None = None,
    ) -> Iterator[str]:
        """Yield lines of a container's log, without line ends.

        Args:
            pod: as stored.
            container: its name; empty means the default one.
            previous: of the run before.
            since: from this moment on; None from the beginning.
            until: up to, not including, this moment; None up to now. Whoever follows a log asks from the `until`
                of the last time.
            tail: only so many of the last lines.
            timestamps: put the moment before each line.
            limit_bytes: stop after so many bytes.

        Raises:
            ApiError: 400 with the kubelet's text: no such container, or it has not started.
        """
        lines = self._printed(pod, container, previous, since, until)
        if tail is not None:
            lines = lines[-tail:] if tail > 0 else []
        left = limit_bytes
        for line in lines:
            text = f"{_nanoseconds(line.moment)} {line.text}" if timestamps else line.text
            if left is not None:
                left -= len(text.encode()) + 1
                if left < 0:
                    return
            yield text

    def is_running(self, pod: Obj, container: str = "") -> bool:
        """Say whether a container's log may go on: it runs, or will again."""
        record = self._kubelet.record_of(pod)
        if record is None or record.stage in ("ended", "rejected"):
            return False
        found = self._container(pod, container, record)
        return found.is_up

    def exec(self, pod: Obj, container: str, command: list[str]) -> tuple[str, str, int]:
        """Return stdout, stderr and exit code of a command in a running container.

        Raises:
            ApiError: 400 no such container, 500 it does not run.
        """
        record = self._kubelet.record_of(pod)
        if record is None:
            raise _not_there(pod, container or default_container(pod))
        found = self._container(pod, container, record)
        if found.process is None or found.started_at is None or not found.is_up:
            raise ApiError(500, "InternalError", f'container not found ("{found.name}")')
        seconds = (self._kubelet.around.now() - found.started_at).total_seconds()
        answer = found.process.run(list(command), seconds)
        probes.wake(self._kubelet.around, found)
        self._wake(record.key)
        return answer

    def waits_for_input(self, pod: Obj, container: str) -> bool:
        """Say whether a container's program is a shell that sits at its prompt (`kubectl run -it … -- sh`)."""
        record = self._kubelet.record_of(pod)
        found = record.find(container) if record is not None else None
        return (
            found is not None and found.is_up and found.process is not None and found.process.waits_for_input
        )

    def end_input(self, pod: Obj, container: str, code: int) -> None:
        """Close the stdin of such a shell: it ends with the code of its last command."""
        record = self._kubelet.record_of(pod)
        found = record.find(container) if record is not None else None
        if record is None or found is None or found.process is None or found.started_at is None:
            return
        now = self._kubelet.around.now()
        found.process.end_input(code, (now - found.started_at).total_seconds())
        if found.is_up and found.step is Step.RUNNING:
            found.due = now
        self._wake(record.key)

    # --- finding ---------------------------------------------------------------------------------------------

    def _printed(
        self, pod: Obj, container: str, previous: bool, since: datetime | None, until: datetime | None
    ) -> list[Printed]:
        record = self._kubelet.record_of(pod)
        name = container or default_container(pod)
        if record is None:
            raise _waiting(pod, name)
        found = self._container(pod, name, record)
        process = found.previous if previous else found.process
        if previous and process is None:
            raise bad_request(
                f'previous terminated container "{name}" in pod "{pod["metadata"]["name"]}" not found'
            )
        if process is None:
            raise _waiting(pod, name, found.reason)
        return self.lines_of(process, since, until)

    def lines_of(self, process: Process, since: datetime | None, until: datetime | None) -> list[Printed]:
        """Return what a process printed between two moments."""
        began = process.started
        now = self._kubelet.around.now()
        start = max(0.0, (since - began).total_seconds()) if since is not None else 0.0
        end_moment = min(until, now) if until is not None else now + timedelta(microseconds=1)
        return list(process.lines(start, (end_moment - began).total_seconds()))

    def _container(self, pod: Obj, name: str, record: PodRecord) -> ContainerRecord:
        name = name or default_container(pod)
        found = record.find(name)
        if found is None:
            raise bad_request(f"container {name} is not valid for pod {pod['metadata']['name']}")
        return found


def default_container(pod: Obj) -> str:
    """Return the container that is meant when none is named."""
    wanted = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    names: list[str] = [each["name"] for each in pod["spec"].get("containers") or ()]
    return str(wanted) if wanted in names else (names[0] if names else "")


def _waiting(pod: Obj, name: str, reason: str = "") -> ApiError:
    reason = reason or "ContainerCreating"
    what = {
        "ErrImagePull": "image can't be pulled",
        "ImagePullBackOff": "trying and failing to pull image",
    }.get(reason, reason)
    return bad_request(f'container "{name}" in pod "{pod["metadata"]["name"]}" is waiting to start: {what}')


def _not_there(pod: Obj, name: str) -> ApiError:
    return ApiError(500, "InternalError", f'container not found ("{name}")')


def _nanoseconds(moment: datetime) -> str:
    """Return a moment as container logs have it: RFC 3339 with nine digits."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
