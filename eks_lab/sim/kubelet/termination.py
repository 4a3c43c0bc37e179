"""How pods end: grace, SIGTERM, deadlines, the final deletion (pkg/kubelet/pod_workers.go, killPod)."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.kubelet.endings import end
from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, Step
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import duration

KILLED = 137
"""128 + SIGKILL."""
CLEAN_UP = timedelta(seconds=0.2)
"""From the last container's end to an unmounted, deleted pod."""

SETTLE = timedelta(seconds=2)
"""From the last container's end of a finished pod to its sandbox being gone."""


def begin(around: Surroundings, record: PodRecord, grace: int) -> None:
    """Start to stop a pod: hooks and SIGTERM now, SIGKILL when the grace is over.

    Args:
        around: the cluster.
        record: of the pod; a shorter grace than the one under way shortens it.
        grace: seconds.
    """
    if record.stage == "terminating" and record.grace is not None and record.grace <= grace:
        return
    is_first = record.stage != "terminating"
    record.stage, record.grace, record.due = "terminating", grace, None
    for container in record.containers:
        if container.is_up and container.kind is not Kind.SIDECAR:
            if is_first:
                around.normal(record, "Killing", f"Stopping container {container.name}", container)
            stop(around, record, container, grace)


def stop(around: Surroundings, record: PodRecord, container: ContainerRecord, grace: int | None) -> None:
    """Send SIGTERM to a running container and plan its end.

    Args:
        around: the cluster.
        record: its pod.
        container: which runs.
        grace: seconds until SIGKILL; None means 30.
    """
    now = around.now()
    seconds = 30.0 if grace is None else float(grace)
    hook = _hook_seconds(container, around)
    process = container.process
    after = process.stop_after if process is not None else 0.0
    container.probes.clear()
    if after is None or hook + after > seconds:
        # The kubelet gives a hook that used up the grace two more seconds.
        container.stop_exit, container.stop_reason = KILLED, ""
        wait = max(seconds, min(hook, seconds) + 2 if hook >= seconds and hook else seconds)
    else:
        container.stop_exit, container.stop_reason = process.stop_code if process else 0, ""
        wait = hook + after
    due = now + duration(wait)
    if container.step is Step.STOPPING and container.due is not None:
        due = min(due, container.due)
    container.step, container.due = Step.STOPPING, due


def _hook_seconds(container: ContainerRecord, around: Surroundings) -> float:
    hook = (container.spec.get("lifecycle") or {}).get("preStop") or {}
    if "sleep" in hook:
        return float(hook["sleep"].get("seconds") or 0)
    if "exec" in hook and container.process is not None:
        return container.process.exec_seconds(hook["exec"].get("command") or [])
    return 0.0


def advance(around: Surroundings, record: PodRecord) -> datetime | None:
    """Go on with stopping a pod; returns the next moment."""
    now = around.now()
    if record.due is not None:
        if record.due > now:
            return record.due
        return _gone(around, record)
    for container in record.containers:
        if container.step is Step.STOPPING and container.due is not None and container.due <= now:
            end(around, record, container, container.stop_exit, container.stop_reason)
    up = [each for each in record.containers if each.is_up]
    if up and all(each.kind is Kind.SIDECAR and each.step is Step.RUNNING for each in up):
        # Sidecars go after the others, the last one first.
        last = up[-1]
        around.normal(record, "Killing", f"Stopping container {last.name}", last)
        stop(around, record, last, record.grace)
    moments = [each.due for each in record.containers if each.step is Step.STOPPING and each.due is not None]
    if moments:
        return min(moments)
    for container in record.containers:
        if container.step is not Step.ENDED:
            _never_ran(container)
    if record.phase not in ("Failed", "Succeeded"):
        failed = any(each.exit_code for each in record.of(Kind.MAIN))
        record.phase = "Failed" if failed else "Succeeded"
    record.due = now + (CLEAN_UP if record.pod["metadata"].get("deletionTimestamp") else SETTLE)
    return record.due


def _never_ran(container: ContainerRecord) -> None:
    """A container that was not running when its pod ended counts as ended with the status unknown."""
    if container.last is not None:
        container.exit_code = int(container.last.get("exitCode", KILLED))
        container.reason = container.last.get("reason", "")
        container.message = container.last.get("message", "")
    else:
        container.exit_code, container.reason = KILLED, "ContainerStatusUnknown"
        container.message = "The container could not be located when the pod was terminated"
    container.step, container.due = Step.ENDED, None
    container.ready = container.started = False


def _gone(around: Surroundings, record: PodRecord) -> datetime | None:
    record.has_sandbox = False
    record.stage, record.due = "ended", None
    release(around, record)
    return None


def release(around: Surroundings, record: PodRecord) -> None:
    """Give back the pod's address."""
    if record.address and not record.is_released and not record.pod["spec"].get("hostNetwork"):
        record.is_released = True
        around.addresses.release(record.node, record.address)


def finish_sidecars(around: Surroundings, record: PodRecord) -> None:
    """Wind up a pod whose containers all ended: sidecars stop, the sandbox goes."""
    phase = record.phase
    record.stage, record.grace, record.due = (
        "terminating",
        record.pod["spec"].get("terminationGracePeriodSeconds"),
        None,
    )
    record.phase = phase


def deadline_of(record: PodRecord) -> datetime | None:
    """Return when `activeDeadlineSeconds` is over; None without one."""
    seconds = record.pod["spec"].get("activeDeadlineSeconds")
    if seconds is None or record.started is None:
        return None
    return record.started + duration(seconds)


def is_past_deadline(around: Surroundings, record: PodRecord) -> bool:
    """Fail a pod whose deadline is over; say whether it is."""
    deadline = deadline_of(record)
    if deadline is None or deadline > around.now():
        return False
    text = "Pod was active on the node longer than the specified deadline"
    around.normal(record, "DeadlineExceeded", text)
    fail(around, record, "DeadlineExceeded", text)
    return True


def fail(
    around: Surroundings, record: PodRecord, reason: str, message: str, grace: int | None = None
) -> None:
    """Stop a pod for good: it becomes Failed with a reason."""
    record.phase, record.reason, record.message = "Failed", reason, message
    seconds = record.pod["spec"].get("terminationGracePeriodSeconds", 30) if grace is None else grace
    begin(around, record, seconds)
