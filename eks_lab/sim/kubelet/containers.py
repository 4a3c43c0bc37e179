"""One container's next step: image, configuration, start, end, back-off (pkg/kubelet/kuberuntime)."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.kubelet import environment, probes, pulling, termination
from eks_lab.sim.kubelet.endings import end, restart
from eks_lab.sim.kubelet.images import parse_reference
from eks_lab.sim.kubelet.process_start import new_process
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord, Step
from eks_lab.sim.kubelet.surroundings import Surroundings

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
            restart(around, record, container)


def _start(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Make the container and start it, or say what its configuration lacks."""
    now = around.now()
    problem = environment.problem_of(around, record.pod, container.spec)
    if problem:
        container.step, container.due = Step.CONFIG_ERROR, now + CONFIG_RETRY
        container.reason, container.message = problem.reason, problem.message
        around.warning(record, "Failed", f"Error: {problem.message}", container)
        return
    if _cannot_run(around, record, container):
        return
    container.container_id = f"containerd://{around.ids.hex(64)}"
    container.step, container.due = Step.RUNNING, None
    container.reason = container.message = ""
    container.started_at, container.finished_at = now, None
    container.exit_code = 0
    if container.last is not None:
        container.restarts += 1
    container.previous = container.process
    container.process = new_process(around, record, container, now)
    is_new = around.api.version not in ("1.33", "1.34")
    around.normal(
        record,
        "Created",
        "Container created" if is_new else f"Created container: {container.name}",
        container,
    )
    around.normal(
        record, "Started", "Container started" if is_new else f"Started container {container.name}", container
    )
    if container.process is not None and container.process.note:
        around.normal(record, "Simulated", container.process.note, container)
    probes.begin(around, record, container)
    if _post_start_failed(container):
        around.warning(record, "FailedPostStartHook", "PostStartHook failed", container)
        around.normal(record, "Killing", "FailedPostStartHook", container)
        termination.stop(around, record, container, record.pod["spec"].get("terminationGracePeriodSeconds"))
        return
    _look(around, record, container)


def _post_start_failed(container: ContainerRecord) -> bool:
    """Run a postStart command inside; say whether it failed. Other kinds of hooks succeed."""
    command = (((container.spec.get("lifecycle") or {}).get("postStart") or {}).get("exec") or {}).get(
        "command"
    )
    if not command or container.process is None:
        return False
    _out, _errors, code = container.process.run(list(command), 0.0)
    return code != 0


def _cannot_run(around: Surroundings, record: PodRecord, container: ContainerRecord) -> bool:
    """End a container whose command its image does not have (runc's StartError, exit code 128); say whether it did."""
    reference = parse_reference(container.spec.get("image", ""))
    command = container.spec.get("command") or container.spec.get("args") or ()
    if reference is None or not command or not around.catalogue.lacks(reference, command[0], container.spec):
        return False
    now = around.now()
    text = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
        "failed: unable to start container process: error during container init: "
        f'exec: "{command[0]}": executable file not found in $PATH'
    )
    if container.last is not None:
        container.restarts += 1
    container.container_id = f"containerd://{around.ids.hex(64)}"
    container.started_at, container.process = now, None
    around.normal(record, "Created", "Container created", container)
    around.warning(record, "Failed", f"Error: {text}", container)
    end(around, record, container, 128, "StartError", text)
    return True


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


def next_due(container: ContainerRecord, now: datetime) -> datetime | None:
    """Return when a container goes on by itself; the present moment when it is to be advanced at once."""
    if container.step in (Step.NEW,) and container.due is None:
        return now
    return container.due
