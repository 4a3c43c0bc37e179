"""What a kubelet that starts again finds out about pods that run: everything from their status."""

from __future__ import annotations

import re
from datetime import timedelta

from eks_lab.sim.kubelet import probes
from eks_lab.sim.kubelet.endings import FIRST_BACK_OFF, LONGEST_BACK_OFF
from eks_lab.sim.kubelet.images import parse_reference
from eks_lab.sim.kubelet.process_start import new_process
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord, Step, new_record
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj, is_condition_true, parse_time
from eks_lab.sim.pod_state import is_finished

_BACK_OFF = re.compile(r"back-off (?:(\d+)m)?(\d+)s ")
_LISTS = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


def adopted(around: Surroundings, pod: Obj, key: Key) -> PodRecord:
    """Return the record of a pod; one that a kubelet ran before goes on where it was.

    Args:
        around: the cluster.
        pod: bound to a node.
        key: its key.
    """
    record = new_record(pod, key)
    status = pod.get("status") or {}
    if not status.get("startTime"):
        return record
    record.started = parse_time(status["startTime"])
    record.phase = status.get("phase") or "Pending"
    record.reason, record.message = status.get("reason") or "", status.get("message") or ""
    record.address = status.get("podIP") or ""
    if is_finished(pod):
        record.stage, record.is_released = "ended", True
        record.is_initialized = is_condition_true(pod, "Initialized")
    elif record.address:
        record.stage, record.has_sandbox = "containers", True
        record.is_initialized = is_condition_true(pod, "Initialized")
        node = around.node(record.node)
        if node is not None and not pod["spec"].get("hostNetwork"):
            around.addresses.adopt(node, pod, record.address)
    else:
        record.stage = "volumes"
    known = {each["name"]: each for name in _LISTS for each in status.get(name) or ()}
    if is_finished(pod) and not known:
        record.stage = "rejected"
    for container in record.containers:
        if container.name in known:
            _take_over(around, record, container, known[container.name])
    return record


def _take_over(around: Surroundings, record: PodRecord, container: ContainerRecord, status: Obj) -> None:
    container.restarts = status.get("restartCount") or 0
    container.last = (status.get("lastState") or {}).get("terminated")
    container.container_id = status.get("containerID") or ""
    if status.get("imageID"):
        container.image, container.image_id = status["image"], status["imageID"]
        reference = parse_reference(container.spec.get("image", ""))
        if reference is not None and not around.images.holds(record.node, reference):
            pull = around.catalogue.pull(reference, "amd64", has_secret=True)
            around.images.add(record.node, reference, pull.size)
    state = status.get("state") or {}
    if state.get("running"):
        container.step = Step.RUNNING
        container.started_at = parse_time(state["running"]["startedAt"])
        container.process = new_process(around, record, container, container.started_at)
        probes.begin(around, record, container)
        container.started, container.ready = bool(status.get("started")), bool(status.get("ready"))
    elif state.get("terminated"):
        _take_over_end(around, record, container, state["terminated"])
        container.ready = bool(status.get("ready"))
    elif (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff" and record.stage == "containers":
        waiting = state["waiting"]
        container.reason, container.message = waiting["reason"], waiting.get("message") or ""
        found = _BACK_OFF.match(container.message)
        wait = (int(found[1] or 0) * 60 + int(found[2])) if found else FIRST_BACK_OFF
        container.back_off = min(wait * 2, LONGEST_BACK_OFF)
        container.step, container.due = Step.BACK_OFF, around.now() + timedelta(seconds=wait)


def _take_over_end(around: Surroundings, record: PodRecord, container: ContainerRecord, state: Obj) -> None:
    container.step = Step.ENDED
    container.exit_code = state.get("exitCode") or 0
    container.reason, container.message = state.get("reason") or "", state.get("message") or ""
    container.container_id = state.get("containerID") or container.container_id
    if state.get("finishedAt"):
        container.finished_at = parse_time(state["finishedAt"])
    if state.get("startedAt"):
        container.started_at = parse_time(state["startedAt"])
        container.process = new_process(around, record, container, container.started_at)
        if container.process is not None and container.finished_at is not None:
            container.process.stopped_at = (container.finished_at - container.started_at).total_seconds()
