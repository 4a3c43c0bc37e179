"""How runs end, and when the next one begins: restart policy and back-off."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, Step
from eks_lab.sim.kubelet.status import terminated_of
from eks_lab.sim.kubelet.surroundings import Surroundings

FIRST_BACK_OFF, LONGEST_BACK_OFF = 10.0, 300.0
"""Restart back-off of the kubelet: 10 s doubling to 5 min."""
FORGIVING = timedelta(seconds=2 * LONGEST_BACK_OFF)
"""A run this long makes the back-off start anew."""


def end(
    around: Surroundings,
    record: PodRecord,
    container: ContainerRecord,
    code: int,
    reason: str = "",
    message: str = "",
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
    if container.process is not None and container.started_at is not None:
        container.process.stopped_at = (now - container.started_at).total_seconds()
    container.reason = reason or ("Completed" if code == 0 else "Error")
    container.message = message
    container.started = False
    container.ready = container.kind is Kind.INIT and code == 0
    container.probes.clear()
    if record.stage == "containers" and wants_restart(record, container):
        restart(around, record, container)


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


def restart(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Start a container again, at once the first time, else after the back-off."""
    if not wants_restart(record, container):
        container.due = None
        return
    now = around.now()
    began, finished = container.started_at or now, container.finished_at or now
    if finished - began >= FORGIVING:
        container.back_off = 0.0
    wait, container.back_off = (
        container.back_off,
        min(container.back_off * 2, LONGEST_BACK_OFF) or FIRST_BACK_OFF,
    )
    container.last = terminated_of(container)
    container.reason = container.message = ""
    if not wait:
        container.step, container.due = Step.NEW, None
        return
    metadata = record.pod["metadata"]
    where = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    container.step, container.due = Step.BACK_OFF, finished + timedelta(seconds=wait)
    container.reason = "CrashLoopBackOff"
    container.message = f"back-off {_duration(wait)} restarting failed container={container.name} pod={where}"
    around.warning(
        record, "BackOff", f"Back-off restarting failed container {container.name} in pod {where}", container
    )


def _duration(seconds: float) -> str:
    """Return seconds as Go prints a time.Duration: `10s`, `1m20s`, `5m0s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
