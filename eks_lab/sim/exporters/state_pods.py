"""kube_pod_* of kube-state-metrics (docs/metrics/workload/pod-metrics.md)."""

from __future__ import annotations

from eks_lab.sim.exporters.collection import Collection
from eks_lab.sim.objects import Obj, condition_of
from eks_lab.sim.pod_resources import amounts
from eks_lab.sim.pod_state import phase_of

PHASES = ("Pending", "Succeeded", "Failed", "Running", "Unknown")
REASONS = ("Evicted", "NodeAffinity", "NodeLost", "Shutdown", "UnexpectedAdmissionError")
"""Reasons of a pod for which there always is a sample."""
_KINDS = (
    ("initContainers", "initContainerStatuses", "init_container"),
    ("containers", "containerStatuses", "container"),
)


def collect(found: Collection, pod: Obj) -> None:
    """Add everything about a pod."""
    metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    own = {"namespace": metadata["namespace"], "pod": metadata["name"], "uid": metadata["uid"]}
    owners = metadata.get("ownerReferences") or ()
    controller = next((each for each in owners if each.get("controller")), None)
    found.add(
        "kube_pod_info",
        "[STABLE] Information about pod.",
        {
            **own,
            "host_ip": status.get("hostIP", ""),
            "pod_ip": status.get("podIP", ""),
            "node": spec.get("nodeName", ""),
            "created_by_kind": controller["kind"] if controller else "",
            "created_by_name": controller["name"] if controller else "",
            "priority_class": spec.get("priorityClassName", ""),
            "host_network": "true" if spec.get("hostNetwork") else "false",
        },
    )
    found.moment("kube_pod_created", "[STABLE] Unix creation timestamp", own, metadata["creationTimestamp"])
    found.moment(
        "kube_pod_deletion_timestamp", "Unix deletion timestamp", own, metadata.get("deletionTimestamp")
    )
    found.moment(
        "kube_pod_start_time",
        "[STABLE] Start time in unix timestamp for a pod.",
        own,
        status.get("startTime"),
    )
    text = "[STABLE] Information about the Pod's owner."
    for each in owners:
        is_controller = "true" if each.get("controller") else "false"
        labels = {
            "owner_kind": each["kind"],
            "owner_name": each["name"],
            "owner_is_controller": is_controller,
        }
        found.add("kube_pod_owner", text, {**own, **labels})
    if not owners:
        found.add(
            "kube_pod_owner", text, {**own, "owner_kind": "", "owner_name": "", "owner_is_controller": ""}
        )
    found.add(
        "kube_pod_restart_policy",
        "[STABLE] Describes the restart policy in use by this pod.",
        {**own, "type": spec.get("restartPolicy", "Always")},
    )
    _states(found, own, pod)
    for specs, statuses, kind in _KINDS:
        by_name = {each["name"]: each for each in status.get(statuses) or ()}
        for each in spec.get(specs) or ():
            labels = {**own, "container": each["name"]}
            _resources(found, kind, {**labels, "node": spec.get("nodeName", "")}, each)
            if each["name"] in by_name:
                _container(found, kind, labels, each, by_name[each["name"]])


def _states(found: Collection, own: dict[str, str], pod: Obj) -> None:
    phase, reason = phase_of(pod), (pod.get("status") or {}).get("reason", "")
    for each in PHASES:
        found.add(
            "kube_pod_status_phase",
            "[STABLE] The pods current phase.",
            {**own, "phase": each},
            float(phase == each),
        )
    for each in REASONS:
        found.add(
            "kube_pod_status_reason", "The pod status reasons", {**own, "reason": each}, float(reason == each)
        )
    for kind, name, text in (
        ("Ready", "kube_pod_status_ready", "[STABLE] Describes whether the pod is ready to serve requests."),
        ("PodScheduled", "kube_pod_status_scheduled", "[STABLE] Describes the status of the scheduling process for the pod."),
    ):  # fmt: skip
        condition = condition_of(pod, kind)
        if condition is None:
            continue
        for each in ("true", "false", "unknown"):
            is_it = condition["status"].lower() == each
            found.add(name, text, {**own, "condition": each}, float(is_it))
        if kind == "PodScheduled" and condition["status"] == "False":
            found.add(
                "kube_pod_status_unschedulable",
                "[STABLE] Describes the unschedulable status for the pod.",
                own,
                1 if condition.get("reason") == "Unschedulable" else None,
            )


def _resources(found: Collection, kind: str, labels: dict[str, str], spec: Obj) -> None:
    of_what = "an init container" if kind == "init_container" else "a container"
    resources = spec.get("resources") or {}
    for field, text in (
        ("requests", f"The number of requested request resource by {of_what}."),
        ("limits", f"The number of requested limit resource by {of_what}."),
    ):
        for name, value in sorted(amounts(resources.get(field)).items()):
            found.add(
                f"kube_pod_{kind}_resource_{field}",
                text,
                {**labels, **resource_labels(name)},
                value / 1000 if name == "cpu" else value,
            )


def resource_labels(name: str) -> dict[str, str]:
    """Return the labels `resource` and `unit` of a resource: `cpu` is counted in cores, memory in bytes."""
    units = {"cpu": "core", "memory": "byte", "ephemeral-storage": "byte"}
    clean = "".join(letter if letter.isalnum() else "_" for letter in name)
    return {
        "resource": clean,
        "unit": units.get(name, "byte" if name.startswith("hugepages-") else "integer"),
    }


def _container(found: Collection, kind: str, labels: dict[str, str], spec: Obj, status: Obj) -> None:
    what = "the init container" if kind == "init_container" else "the container"
    prefix = f"kube_pod_{kind}"
    found.add(
        f"{prefix}_info",
        "[STABLE] Information about a container in a pod.",
        {
            **labels,
            "image_spec": spec.get("image", ""),
            "image": status.get("image", ""),
            "image_id": status.get("imageID", ""),
            "container_id": status.get("containerID", ""),
        },
    )
    state, last = status.get("state") or {}, status.get("lastState") or {}
    for each in ("waiting", "running", "terminated"):
        found.add(
            f"{prefix}_status_{each}",
            f"[STABLE] Describes whether {what} is currently in {each} state.",
            labels,
            float(each in state),
        )
    for each, text in (
        ("waiting", f"[STABLE] Describes the reason {what} is currently in waiting state."),
        ("terminated", f"Describes the reason {what} is currently in terminated state."),
    ):
        reason = (state.get(each) or {}).get("reason")
        if reason:
            found.add(f"{prefix}_status_{each}_reason", text, {**labels, "reason": reason})
    ended = last.get("terminated") or {}
    if ended and kind == "container":
        found.add(
            "kube_pod_container_status_last_terminated_reason",
            "Describes the last reason the container was in terminated state.",
            {**labels, "reason": ended.get("reason", "")},
        )
        found.add(
            "kube_pod_container_status_last_terminated_exitcode",
            "Describes the exit code for the last container in terminated state.",
            labels,
            ended.get("exitCode", 0),
        )
    found.add(
        f"{prefix}_status_ready",
        f"[STABLE] Describes whether {what}'s readiness check succeeded.",
        labels,
        float(bool(status.get("ready"))),
    )
    found.add(
        f"{prefix}_status_restarts_total",
        f"[STABLE] The number of restarts for {what}.",
        labels,
        status.get("restartCount", 0),
        "counter",
    )
    running = state.get("running") or {}
    if kind == "container":
        found.moment(
            "kube_pod_container_state_started",
            "[STABLE] Start time in unix timestamp for a pod container.",
            labels,
            running.get("startedAt") or (state.get("terminated") or {}).get("startedAt"),
        )
