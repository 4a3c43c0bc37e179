"""One container's next step: image, configuration, start, end, back-off (pkg/kubelet/kuberuntime)."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.kubelet import environment, probes, pulling
from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, Step
from eks_lab.sim.kubelet.status import terminated_of
from eks_lab.sim.kubelet.surroundings import Surroundings

START_SECONDS = 0.2
"""From an image on the node to a running process: containerd makes the snapshot and the task."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 10.0, 300.0
"""Restart back-off of the kubelet: 10 s doubling to 5 min."""
FORGIVING = timedelta(seconds=2 * LONGEST_BACK_OFF)
"""A run this long makes the back-off start anew."""
CONFIG_RETRY = timedelta(seconds=12)
"""A pod whose container cannot be made is synced again after about this long."""


def advance(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Do what is due for a container that should run; sets its `due` to the next moment."""
    now = around.now()
    if container.due is not None and container.due > now:
        return
    match container.step:
        case Step.NEW | Step.CONFIG_ERROR:
            pulling.begin(around, record, container)
        case Step.PULLING:
            pulling.finish(around, record, container)
        case Step.PULL_FAILED:
            pulling.back_off(around, record, container)
        case Step.PULL_BACK_OFF:
            pulling.begin(around, record, container)
        case Step.CREATING:
            _start(around, record, container)
        case Step.RUNNING:
            _look(around, record, container)
        case Step.STOPPING:
            end(around, record, container, container.stop_exit, container.stop_reason)
        case Step.BACK_OFF:
            container.step, container.due = Step.NEW, None
        case Step.ENDED:
            _restart(around, record, container)


def _start(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Make the container and start it, or say what its configuration lacks."""
    now = around.now()
    problem = environment.problem_of(around.api, record.pod, container.spec)
    if problem:
        container.step, container.due = Step.CONFIG_ERROR, now + CONFIG_RETRY
        container.reason, container.message = problem.reason, problem.message
        around.warning(record, "Failed", f"Error: {problem.message}", container)
        return
    container.container_id = f"containerd://{around.ids.hex(64)}"
    container.step, container.due = Step.RUNNING, None
    container.reason = container.message = ""
    container.started_at, container.finished_at = now, None
    container.exit_code = 0
    container.process = around.catalogue.start(container.spec, record.pod, container.restarts)
    is_new = around.api.version not in ("1.33", "1.34")
    around.normal(record, "Created", "Container created" if is_new else f"Created container: {container.name}", container)
    around.normal(
        record, "Started", "Container started" if is_new else f"Started container {container.name}", container
    )
    note = container.process.note
    if note:
        around.normal(record, "Simulated", note, container)
    probes.begin(around, record, container)
    _look(around, record, container)


def _look(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """See whether the run ended, ask the probes that are due, and plan the next look."""
    now = around.now()
    process, began = container.process, container.started_at
    if process is None or began is None:
        return
    seconds = (now - began).total_seconds()
    ending = process.ending(seconds)
    if ending is not None and ending.after <= seconds + 1e-6:
        end(around, record, container, ending.code, ending.reason)
        return
    probes.ask(around, record, container)
    if container.step is not Step.RUNNING:
        return
    moments = [each.due for each in container.probes.values() if each.due is not None]
    if ending is not None:
        moments.append(began + timedelta(seconds=ending.after))
    else:
        again = process.look_again(seconds)
        if again is not None:
            moments.append(max(began + timedelta(seconds=again), now + timedelta(milliseconds=10)))
    container.due = min(moments, default=None)


def end(
    around: Surroundings, record: PodRecord, container: ContainerRecord, code: int, reason: str = "", message: str = ""
) -> None:
    """Note that a run ended, and decide about the next one.

    Args:
        around: the cluster.
        record: its pod.
        container: which runs or stops.
        code: exit code.
        reason: `OOMKilled`, or empty.
        message: termination message.
    """
    now = around.now()
    container.step, container.due = Step.ENDED, None
    container.exit_code, container.finished_at = code, now
    container.reason = reason or ("Completed" if code == 0 else "Error")
    container.message = message
    container.started = container.kind is Kind.INIT and code == 0 and False
    container.ready = container.kind is Kind.INIT and code == 0
    container.probes.clear()
    if record.stage == "containers" and wants_restart(record, container):
        _restart(around, record, container)


def wants_restart(record: PodRecord, container: ContainerRecord) -> bool:
    """Say whether a container that ended is to run again (ShouldContainerBeRestarted)."""
    policy = container.spec.get("restartPolicy") or record.policy
    for rule in container.spec.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes") or {}
        is_listed = container.exit_code in (codes.get("values") or ())
        if rule.get("action") == "Restart" and is_listed == (codes.get("operator") == "In"):
            return True
    if container.kind is Kind.EPHEMERAL:
        return False
    if container.kind is Kind.SIDECAR:
        return True
    if container.kind is Kind.INIT:
        return container.exit_code != 0 and policy != "Never"
    return policy == "Always" or (policy == "OnFailure" and container.exit_code != 0)


def _restart(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Start a container again, at once the first time, else after the back-off."""
    if not wants_restart(record, container):
        container.due = None
        return
    now = around.now()
    began, finished = container.started_at or now, container.finished_at or now
    if finished - began >= FORGIVING:
        container.back_off = 0.0
    wait, container.back_off = container.back_off, min(container.back_off * 2, LONGEST_BACK_OFF) or FIRST_BACK_OFF
    container.last = terminated_of(container)
    container.restarts += 1
    container.reason = container.message = ""
    if not wait:
        container.step, container.due = Step.NEW, None
        return
    metadata = record.pod["metadata"]
    where = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    container.step, container.due = Step.BACK_OFF, finished + timedelta(seconds=wait)
    container.reason = "CrashLoopBackOff"
    container.message = (
        f"back-off {_duration(wait)} restarting failed container={container.name} pod={where}"
    )
    around.warning(
        record, "BackOff", f"Back-off restarting failed container {container.name} in pod {where}", container
    )


def _duration(seconds: float) -> str:
    """Return seconds as Go prints a time.Duration: `10s`, `1m20s`, `5m0s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def next_due(container: ContainerRecord, now: datetime) -> datetime | None:
    """Return when a container goes on by itself; the present moment when it is to be advanced at once."""
    if container.step in (Step.NEW,) and container.due is None:
        return now
    return container.due
