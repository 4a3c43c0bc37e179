"""What a kubelet that starts again finds out about pods that run: everything from their status."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from eks_lab.sim.behaviours.process import Process
from eks_lab.sim.kubelet import probes, termination
from eks_lab.sim.kubelet.endings import FIRST_BACK_OFF, FORGIVING, LONGEST_BACK_OFF
from eks_lab.sim.kubelet.images import parse_reference
from eks_lab.sim.kubelet.process_start import new_process
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord, Step, new_record
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj, duration, is_condition_true, is_deleting, moment_of, parse_time
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
    is_winding_up = is_finished(pod) and is_condition_true(pod, "PodReadyToStartContainers")
    if is_finished(pod) and not is_winding_up:
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
    if record.stage == "containers" and (is_winding_up or is_deleting(pod)):
        _go_on_stopping(around, record, pod)
    return record


def _go_on_stopping(around: Surroundings, record: PodRecord, pod: Obj) -> None:
    """Stop a pod whose end was begun before: without saying so again, and within the grace it was given then."""
    metadata = pod["metadata"]
    grace = metadata.get("deletionGracePeriodSeconds", pod["spec"].get("terminationGracePeriodSeconds"))
    if record.reason == "Evicted":
        grace = 0
    grace = 30 if grace is None else grace
    # Not the stage it is in already, or the events of a stop that begins would come once more.
    record.stage = "terminating"
    termination.begin(around, record, grace)
    if is_deleting(pod):
        now = around.now()
        gone = now - (parse_time(metadata["deletionTimestamp"]) - duration(grace))
        for container in record.containers:
            if container.step is Step.STOPPING and container.due is not None:
                container.due = max(now, container.due - gone)


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
        container.started_at = moment_of(state["running"], "startedAt")
        container.process = new_process(around, record, container, container.started_at)
        probes.begin(around, record, container)
        _shift_probes(container, container.started_at, around.now())
        container.back_off = _back_off(container, container.restarts)
        container.started, container.ready = bool(status.get("started")), bool(status.get("ready"))
        container.previous = _ended_run(around, record, container, container.last)
    elif state.get("terminated"):
        _take_over_end(around, record, container, state["terminated"])
        container.previous = _ended_run(around, record, container, container.last)
        container.ready = bool(status.get("ready"))
    elif (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff" and record.stage == "containers":
        waiting = state["waiting"]
        container.reason, container.message = waiting["reason"], waiting.get("message") or ""
        found = _BACK_OFF.match(container.message)
        wait = (int(found[1] or 0) * 60 + int(found[2])) if found else FIRST_BACK_OFF
        container.back_off = min(wait * 2, LONGEST_BACK_OFF)
        ended = (container.last or {}).get("finishedAt")
        since = parse_time(ended) if ended else around.now()
        container.step, container.due = Step.BACK_OFF, max(around.now(), since + timedelta(seconds=wait))
        container.process = _ended_run(around, record, container, container.last)
    elif container.last is not None:
        container.back_off = _back_off(container, container.restarts + 1)


def _shift_probes(container: ContainerRecord, started: datetime, now: datetime) -> None:
    """Count initial delays from the start of the run, not from now."""
    for probe in container.probes.values():
        if probe.due is not None:
            probe.due = max(now + timedelta(seconds=probes.FIRST), probe.due - (now - started))


def _back_off(container: ContainerRecord, restarts: int) -> float:
    """Return the seconds that the next restart waits after so many: as the kubelet that made them had it."""
    if not restarts or container.last is None:
        return 0.0
    began, finished = container.last.get("startedAt"), container.last.get("finishedAt")
    if began and finished and parse_time(finished) - parse_time(began) >= FORGIVING:
        return FIRST_BACK_OFF
    return float(min(FIRST_BACK_OFF * 2 ** min(restarts - 1, 10), LONGEST_BACK_OFF))


def _take_over_end(around: Surroundings, record: PodRecord, container: ContainerRecord, state: Obj) -> None:
    container.step = Step.ENDED
    container.exit_code = state.get("exitCode") or 0
    container.reason, container.message = state.get("reason") or "", state.get("message") or ""
    container.container_id = state.get("containerID") or container.container_id
    if state.get("finishedAt"):
        container.finished_at = parse_time(state["finishedAt"])
    if state.get("startedAt"):
        container.started_at = parse_time(state["startedAt"])
        container.process = _ended_run(around, record, container, state)


def _ended_run(
    around: Surroundings, record: PodRecord, container: ContainerRecord, state: Obj | None
) -> Process | None:
    """Return a run that is over, for its log; None when its terminated state does not say when it began."""
    if not state or not state.get("startedAt"):
        return None
    began = parse_time(state["startedAt"])
    process = new_process(around, record, container, began)
    if process is not None and state.get("finishedAt"):
        # A status has whole seconds: what was said in the last one must not be lost.
        process.stopped_at = (parse_time(state["finishedAt"]) - began).total_seconds() + 1
    return process
