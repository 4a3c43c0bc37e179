"""The status of a pod as the kubelet writes it (pkg/kubelet/kubelet_pods.go, status/generate.go)."""

from __future__ import annotations

from datetime import datetime

from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, Step
from eks_lab.sim.objects import Obj, timestamp

OURS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
_NOT_READY = "ContainersNotReady"


def status_of(record: PodRecord, node: Obj | None, now: datetime) -> Obj:
    """Return the whole status of a pod.

    Args:
        record: what the kubelet knows.
        node: its node; its address is the pod's hostIP.
        now: for conditions that changed.

    Returns:
        A new status; what others wrote into the old one is kept.
    """
    pod = record.pod
    old: Obj = pod.get("status") or {}
    generation = pod["metadata"].get("generation")
    status: Obj = {}
    if generation:
        status["observedGeneration"] = generation
    status["phase"] = record.phase
    for name, value in (("message", record.message), ("reason", record.reason)):
        if value:
            status[name] = value
    status["conditions"] = conditions_of(record, old, generation, now)
    for name in ("nominatedNodeName", "resize", "resourceClaimStatuses"):
        if old.get(name):
            status[name] = old[name]
    host = _host_address(node)
    if host:
        status["hostIP"] = host
        status["hostIPs"] = [{"ip": host}]
    if record.address:
        status["podIP"] = record.address
        status["podIPs"] = [{"ip": record.address}]
    if record.started is not None:
        status["startTime"] = timestamp(record.started)
    if record.stage != "rejected":
        for name, kinds in (
            ("initContainerStatuses", (Kind.INIT, Kind.SIDECAR)),
            ("containerStatuses", (Kind.MAIN,)),
            ("ephemeralContainerStatuses", (Kind.EPHEMERAL,)),
        ):
            found = [_container_status(each, record) for each in record.of(*kinds)]
            if found:
                status[name] = found
    if old.get("qosClass"):
        status["qosClass"] = old["qosClass"]
    return status


def _host_address(node: Obj | None) -> str:
    for each in ((node or {}).get("status") or {}).get("addresses") or ():
        if each.get("type") == "InternalIP":
            address: str = each["address"]
            return address
    return ""


# --- conditions ---------------------------------------------------------------------------------------------


def conditions_of(record: PodRecord, old: Obj, generation: int | None, now: datetime) -> list[Obj]:
    """Return the conditions: those of others as they are, then the kubelet's own."""
    before = {each["type"]: each for each in old.get("conditions") or ()}
    conditions = [each for kind, each in before.items() if kind not in OURS]
    wanted = _wanted(record, before)
    if "PodScheduled" not in before:
        # Who names the node itself goes past the scheduler.
        wanted = {"PodScheduled": (True, "", ""), **wanted}
    if record.disruption and "DisruptionTarget" not in before:
        wanted["DisruptionTarget"] = (True, "TerminationByKubelet", record.disruption)
    for kind, (is_true, reason, message) in wanted.items():
        condition: Obj = {"type": kind}
        if generation:
            condition["observedGeneration"] = generation
        value = "True" if is_true else "False"
        known = before.get(kind)
        is_same = known is not None and known.get("status") == value
        condition |= {
            "status": value,
            "lastProbeTime": None,
            "lastTransitionTime": (known and is_same and known.get("lastTransitionTime")) or timestamp(now),
        }
        if reason:
            condition["reason"] = reason
        if message:
            condition["message"] = message
        conditions.append(condition)
    return conditions


def _wanted(record: PodRecord, before: dict[str, Obj]) -> dict[str, tuple[bool, str, str]]:
    """Return condition -> status, reason and message."""
    if record.phase == "Succeeded":
        done = (False, "PodCompleted", "")
        containers, initialized = done, (True, "PodCompleted", "")
    elif record.phase == "Failed":
        containers = (False, "PodFailed", "")
        initialized = (record.is_initialized, "" if record.is_initialized else "PodFailed", "")
    else:
        unready = [each.name for each in record.of(Kind.SIDECAR, Kind.MAIN) if not each.ready]
        text = f"containers with unready status: [{' '.join(unready)}]"
        containers = (False, _NOT_READY, text) if unready else (True, "", "")
        initialized = _initialized(record)
    return {
        "PodReadyToStartContainers": (record.has_sandbox, "", ""),
        "Initialized": initialized,
        "Ready": _ready(record, containers, before),
        "ContainersReady": containers,
    }


def _initialized(record: PodRecord) -> tuple[bool, str, str]:
    incomplete = [each.name for each in record.of(Kind.INIT, Kind.SIDECAR) if not _is_complete(each)]
    if record.is_initialized or not incomplete:
        return True, "", ""
    return False, "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(incomplete)}]"


def _is_complete(init: ContainerRecord) -> bool:
    if init.kind is Kind.SIDECAR:
        return init.started
    return init.step is Step.ENDED and init.exit_code == 0


def _ready(
    record: PodRecord, containers: tuple[bool, str, str], before: dict[str, Obj]
) -> tuple[bool, str, str]:
    if not containers[0]:
        return containers
    unmet = []
    for gate in record.pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        known = before.get(kind)
        if known is None:
            unmet.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif known.get("status") != "True":
            unmet.append(
                f'the status of pod readiness gate "{kind}" is not "True", but {known.get("status")}'
            )
    return (False, "ReadinessGatesNotReady", ", ".join(unmet)) if unmet else (True, "", "")


# --- containers ---------------------------------------------------------------------------------------------


def terminated_of(container: ContainerRecord) -> Obj:
    """Return the terminated state of a run that ended."""
    state: Obj = {"exitCode": container.exit_code}
    if container.reason:
        state["reason"] = container.reason
    if container.message:
        state["message"] = container.message
    state["startedAt"] = timestamp(container.started_at) if container.started_at else None
    state["finishedAt"] = timestamp(container.finished_at) if container.finished_at else None
    if container.container_id:
        state["containerID"] = container.container_id
    return state


def _state(container: ContainerRecord, record: PodRecord) -> Obj:
    if container.is_up and container.started_at is not None:
        return {"running": {"startedAt": timestamp(container.started_at)}}
    if container.step is Step.ENDED:
        return {"terminated": terminated_of(container)}
    reason = container.reason
    if not reason:
        waits = (
            container.kind is Kind.MAIN and record.of(Kind.INIT, Kind.SIDECAR) and not record.is_initialized
        )
        is_queued = container.kind in (Kind.INIT, Kind.SIDECAR) and container.step is Step.NEW
        is_first = is_queued and container is record.of(Kind.INIT, Kind.SIDECAR)[0]
        reason = "PodInitializing" if waits or (is_queued and not is_first) else "ContainerCreating"
        if is_first:
            reason = "PodInitializing"
    waiting = {"reason": reason}
    if container.message:
        waiting["message"] = container.message
    return {"waiting": waiting}


def _container_status(container: ContainerRecord, record: PodRecord) -> Obj:
    has_run = bool(container.container_id)
    status: Obj = {
        "name": container.name,
        "state": _state(container, record),
        "lastState": {"terminated": container.last} if container.last else {},
        "ready": container.ready,
        "restartCount": container.restarts,
        "image": container.image if has_run else container.spec.get("image", ""),
        "imageID": container.image_id if has_run else "",
    }
    if container.container_id:
        status["containerID"] = container.container_id
    status["started"] = container.started and container.is_up
    resources = container.spec.get("resources") or {}
    if container.is_up:
        if resources.get("requests"):
            status["allocatedResources"] = resources["requests"]
        status["resources"] = resources
    mounts = [_mount(each) for each in container.spec.get("volumeMounts") or ()]
    if mounts:
        status["volumeMounts"] = mounts
    return status


def _mount(mount: Obj) -> Obj:
    shown: Obj = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        shown["readOnly"] = True
        shown["recursiveReadOnly"] = mount.get("recursiveReadOnly") or "Disabled"
        if shown["recursiveReadOnly"] == "IfPossible":
            shown["recursiveReadOnly"] = "Enabled"
    return shown


def phase_of(record: PodRecord) -> str:
    """Return the phase that the containers' states give (getPhase)."""
    policy = record.policy
    for init in record.of(Kind.INIT):
        if init.step is Step.ENDED and init.exit_code != 0:
            if policy == "Never":
                return "Failed"
            return "Pending"
    if not record.is_initialized:
        return "Pending"
    mains = record.of(Kind.MAIN)
    running = sum(each.is_up for each in mains)
    ended = [each for each in mains if each.step is Step.ENDED]
    stopped = len(ended) + sum(
        not each.is_up and each.step is not Step.ENDED and bool(each.last) for each in mains
    )
    if len(mains) - running - stopped > 0:
        return "Pending"
    if running or policy == "Always" or len(ended) < len(mains):
        return "Running"
    codes = [each.exit_code for each in ended]
    if all(code == 0 for code in codes):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"
