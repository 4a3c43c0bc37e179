"""A pod's way through a node: admission, volumes, sandbox, init containers, containers (pkg/kubelet, SyncPod)."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.kubelet import admission, containers, termination, volumes
from eks_lab.sim.kubelet.containers import next_due
from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, Step, containers_of
from eks_lab.sim.kubelet.status import phase_of
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj

SANDBOX = timedelta(seconds=0.3)
"""From mounted volumes to a sandbox with an address."""
FIRST_MOUNT_RETRY, LONGEST_MOUNT_RETRY = 0.5, 122.0
"""Back-off of mounting: 500 ms doubling to 2 min 2 s (pkg/util/goroutinemap/exponentialbackoff)."""
MOUNT_PATIENCE = timedelta(seconds=123)
"""podAttachAndMountTimeout 2 min 3 s."""
DEVICE_POLL = 1.0
"""Seconds between two looks at a volume that is being attached."""
SANDBOX_RETRY = timedelta(seconds=12)
MOST_STEPS = 10_000


def advance(around: Surroundings, record: PodRecord) -> datetime | None:
    """Do everything that is due for a pod.

    Args:
        around: the cluster.
        record: of the pod; changed in place.

    Returns:
        When something happens next by itself; None when only a write of the pod can wake it.
    """
    now = around.now()
    for _ in range(MOST_STEPS):
        due = _step(around, record)
        if due is None or due > now:
            return due
    return now + timedelta(seconds=1)


def _step(around: Surroundings, record: PodRecord) -> datetime | None:
    now = around.now()
    if record.stage == "terminating":
        return termination.advance(around, record)
    if record.stage in ("ended", "rejected"):
        return None
    if record.due is not None and record.due > now:
        return record.due
    match record.stage:
        case "admission":
            return _admit(around, record)
        case "volumes":
            return _mount(around, record)
        case "sandbox":
            return _make_sandbox(around, record)
    return _run(around, record)


def _admit(around: Surroundings, record: PodRecord) -> datetime | None:
    now = around.now()
    node = around.node(record.node)
    if node is None:
        return None
    record.started = record.started or now
    others = [pod for pod in around.pods_on(record.node) if pod["metadata"]["uid"] != record.uid]
    refusal = admission.refusal_of(record.pod, node, others)
    if refusal is None:
        record.stage, record.due = "volumes", None
        return now
    around.warning(record, refusal.reason, refusal.message)
    reject(record, refusal.reason, f"Pod was rejected: {refusal.message}")
    return None


def reject(record: PodRecord, reason: str, message: str) -> None:
    """Fail a pod that never got a container."""
    record.stage, record.due = "rejected", None
    record.phase, record.reason, record.message = "Failed", reason, message


def _mount(around: Surroundings, record: PodRecord) -> datetime | None:
    now = around.now()
    record.mount_since = record.mount_since or now
    problem = volumes.problem_of(around.api, record.pod)
    if problem is None and (missing := volumes.missing_device(around, record.pod)) is not None:
        return _wait_for_device(around, record, *missing)
    if problem is None:
        record.stage, record.due, record.wait = "sandbox", now + SANDBOX, 0.0
        return record.due
    volume, error = problem
    if error.startswith(("PVC ", "persistentvolumeclaim ")):
        text = (
            f"Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached volumes=[], "
            f"failed to process volumes=[{volume}]: error processing PVC "
            f"{record.key.namespace}/{_claim(record.pod, volume)}: {error}"
        )
        record.wait = FIRST_MOUNT_RETRY * 20
    else:
        text = f'MountVolume.SetUp failed for volume "{volume}" : {error}'
        record.wait = min(record.wait * 2, LONGEST_MOUNT_RETRY) or FIRST_MOUNT_RETRY
    around.warning(record, "FailedMount", text)
    if now - record.mount_since >= MOUNT_PATIENCE:
        record.mount_since = now
        around.warning(
            record,
            "FailedMount",
            f"Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached volumes=[], "
            "failed to process volumes=[]: context deadline exceeded",
        )
    record.due = now + timedelta(seconds=record.wait)
    return record.due


def _wait_for_device(around: Surroundings, record: PodRecord, volume: str, error: str) -> datetime | None:
    """Look again soon for a volume that is on its way to the node; say so when it takes long, or cannot be mounted."""
    now = around.now()
    if error:
        around.warning(record, "FailedMount", error)
        record.wait = min(record.wait * 2, LONGEST_MOUNT_RETRY) or FIRST_MOUNT_RETRY
    else:
        record.wait = DEVICE_POLL
    if record.mount_since is not None and now - record.mount_since >= MOUNT_PATIENCE:
        record.mount_since = now
        around.warning(
            record,
            "FailedMount",
            f"Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached volumes=[], "
            "failed to process volumes=[]: context deadline exceeded",
        )
    record.due = now + timedelta(seconds=record.wait)
    return record.due


def _claim(pod: Obj, volume: str) -> str:
    for each in pod["spec"].get("volumes") or ():
        if each["name"] == volume and each.get("persistentVolumeClaim"):
            name: str = each["persistentVolumeClaim"]["claimName"]
            return name
    return f"{pod['metadata']['name']}-{volume}"


def _make_sandbox(around: Surroundings, record: PodRecord) -> datetime | None:
    now = around.now()
    node = around.node(record.node)
    if node is None:
        return None
    if record.pod["spec"].get("hostNetwork"):
        record.address = around.host_address(node)
    else:
        record.address = around.addresses.allocate(node, record.pod)
    if not record.address:
        reason, text = around.addresses.refusal(node)
        if not reason:
            reason, text = (
                "FailedCreatePodSandBox",
                (
                    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "
                    f'"{around.ids.hex(64)}": plugin type="aws-cni" name="aws-cni" failed (add): {text}'
                ),
            )
        around.warning(record, reason, text)
        record.due = now + SANDBOX_RETRY
        return record.due
    record.has_sandbox = True
    record.stage, record.due = "containers", None
    return now


# --- containers ---------------------------------------------------------------------------------------------


def _run(around: Surroundings, record: PodRecord) -> datetime | None:
    """Bring every container that may run to its next state."""
    now = around.now()
    if termination.is_past_deadline(around, record):
        return now
    _follow_spec(around, record)
    active = _active(record)
    for container in active:
        containers.advance(around, record, container)
        if record.stage != "containers":
            return now
    record.phase = phase_of(record)
    if record.phase in ("Succeeded", "Failed"):
        termination.finish_sidecars(around, record)
        return now
    moments = [due for container in _active(record) if (due := next_due(container, now)) is not None]
    deadline = termination.deadline_of(record)
    if deadline is not None:
        moments.append(deadline)
    return min(moments, default=None)


def _active(record: PodRecord) -> list[ContainerRecord]:
    """Return the containers that may make progress now, in order."""
    active = []
    inits = record.of(Kind.INIT, Kind.SIDECAR)
    if not record.is_initialized:
        for init in inits:
            active.append(init)
            if init.kind is Kind.SIDECAR and init.is_up and init.started:
                continue
            if init.kind is Kind.INIT and init.step is Step.ENDED and init.exit_code == 0:
                active.pop()
                continue
            return active
        record.is_initialized = True
        active = []
    active += [each for each in inits if each.kind is Kind.SIDECAR]
    is_starting = False
    for each in record.of(Kind.MAIN):
        # One after the other: SyncPod starts a container when the one before has been started or has failed to.
        fresh = each.step in (Step.NEW, Step.PULLING, Step.CREATING)
        if fresh and is_starting:
            continue
        is_starting = is_starting or fresh
        active.append(each)
    return active + record.of(Kind.EPHEMERAL)


def _follow_spec(around: Surroundings, record: PodRecord) -> None:
    """Take over what may change in a running pod: images, resources, ephemeral containers."""
    for fresh in containers_of(record.pod["spec"]):
        known = record.find(fresh.name)
        if known is None:
            record.containers.append(fresh)
        elif known.spec is not fresh.spec:
            is_other = known.spec.get("image") != fresh.spec.get("image")
            known.spec = fresh.spec
            if is_other and known.kind in (Kind.MAIN, Kind.SIDECAR):
                if known.step is Step.RUNNING:
                    around.normal(
                        record,
                        "Killing",
                        f"Container {known.name} definition changed, will be restarted",
                        known,
                    )
                    termination.stop(
                        around, record, known, record.pod["spec"].get("terminationGracePeriodSeconds")
                    )
                elif known.step in (Step.PULL_FAILED, Step.PULL_BACK_OFF, Step.PULLING, Step.CREATING):
                    known.step, known.due, known.reason, known.message = Step.NEW, None, "", ""
