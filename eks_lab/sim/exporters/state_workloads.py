"""Series of kube-state-metrics about what makes pods (docs/metrics/workload, docs/metrics/policy)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eks_lab.sim.exporters.collection import Collection
from eks_lab.sim.objects import Obj

_REPLICAS = {
    "deployment": {
        "status_replicas": ("replicas", "[STABLE] The number of replicas per deployment."),
        "status_replicas_ready": ("readyReplicas", "[STABLE] The number of ready replicas per deployment."),
        "status_replicas_available": (
            "availableReplicas",
            "[STABLE] The number of available replicas per deployment.",
        ),
        "status_replicas_unavailable": (
            "unavailableReplicas",
            "[STABLE] The number of unavailable replicas per deployment.",
        ),
        "status_replicas_updated": (
            "updatedReplicas",
            "[STABLE] The number of updated replicas per deployment.",
        ),
    },
    "replicaset": {
        "status_replicas": ("replicas", "[STABLE] The number of replicas per ReplicaSet."),
        "status_fully_labeled_replicas": (
            "fullyLabeledReplicas",
            "[STABLE] The number of fully labeled replicas per ReplicaSet.",
        ),
        "status_ready_replicas": ("readyReplicas", "[STABLE] The number of ready replicas per ReplicaSet."),
    },
    "statefulset": {
        "status_replicas": ("replicas", "[STABLE] The number of replicas per StatefulSet."),
        "status_replicas_ready": ("readyReplicas", "[STABLE] The number of ready replicas per StatefulSet."),
        "status_replicas_available": (
            "availableReplicas",
            "The number of available replicas per StatefulSet.",
        ),
        "status_replicas_current": (
            "currentReplicas",
            "[STABLE] The number of current replicas per StatefulSet.",
        ),
        "status_replicas_updated": (
            "updatedReplicas",
            "[STABLE] The number of updated replicas per StatefulSet.",
        ),
    },
    "daemonset": {
        "status_current_number_scheduled": (
            "currentNumberScheduled",
            "[STABLE] The number of nodes running at least one daemon pod and are supposed to.",
        ),
        "status_desired_number_scheduled": (
            "desiredNumberScheduled",
            "[STABLE] The number of nodes that should be running the daemon pod.",
        ),
        "status_number_available": (
            "numberAvailable",
            (
                "[STABLE] The number of nodes that should be running the daemon pod and have one or more of the daemon "
                "pod running and available"
            ),
        ),
        "status_number_misscheduled": (
            "numberMisscheduled",
            "[STABLE] The number of nodes running a daemon pod but are not supposed to.",
        ),
        "status_number_ready": (
            "numberReady",
            (
                "[STABLE] The number of nodes that should be running the daemon pod and have one or more of the daemon "
                "pod running and ready."
            ),
        ),
        "status_number_unavailable": (
            "numberUnavailable",
            (
                "[STABLE] The number of nodes that should be running the daemon pod and have none of the daemon pod "
                "running and available"
            ),
        ),
        "status_updated_number_scheduled": (
            "updatedNumberScheduled",
            "[STABLE] The total number of nodes that are running updated daemon pod",
        ),
    },
}
"""Kind -> ending of the series -> field of the status, and help."""


def _created(found: Collection, kind: str, own: dict[str, str], obj: Obj) -> None:
    found.moment(
        f"kube_{kind}_created", "[STABLE] Unix creation timestamp", own, obj["metadata"]["creationTimestamp"]
    )
    status = obj.get("status") or {}
    if kind in ("deployment", "replicaset", "statefulset", "daemonset"):
        found.add(
            f"kube_{kind}_metadata_generation",
            "[STABLE] Sequence number representing a specific generation of the desired state.",
            own,
            obj["metadata"].get("generation"),
        )
        found.add(
            f"kube_{kind}_status_observed_generation",
            "[STABLE] The generation observed by the controller.",
            own,
            status.get("observedGeneration"),
        )
    for ending, (field, text) in _REPLICAS.get(kind, {}).items():
        found.add(f"kube_{kind}_{ending}", text, own, status.get(field, 0))


def _owner(found: Collection, kind: str, own: dict[str, str], obj: Obj) -> None:
    for each in obj["metadata"].get("ownerReferences") or ():
        labels = {
            "owner_kind": each["kind"],
            "owner_name": each["name"],
            "owner_is_controller": "true" if each.get("controller") else "false",
        }
        found.add(f"kube_{kind}_owner", f"[STABLE] Information about the {kind}'s owner.", {**own, **labels})


def _deployment(found: Collection, own: dict[str, str], obj: Obj) -> None:
    spec = obj["spec"]
    _created(found, "deployment", own, obj)
    found.add(
        "kube_deployment_spec_replicas",
        "[STABLE] Number of desired pods for a deployment.",
        own,
        spec.get("replicas", 1),
    )
    found.add(
        "kube_deployment_spec_paused",
        "[STABLE] Whether the deployment is paused and will not be processed by the deployment controller.",
        own,
        float(bool(spec.get("paused"))),
    )
    for condition in (obj.get("status") or {}).get("conditions") or ():
        found.condition(
            "kube_deployment_status_condition",
            "The current status conditions of a deployment.",
            {**own, "condition": condition["type"], "reason": condition.get("reason", "")},
            condition["status"],
        )


def _replicaset(found: Collection, own: dict[str, str], obj: Obj) -> None:
    _created(found, "replicaset", own, obj)
    _owner(found, "replicaset", own, obj)
    found.add(
        "kube_replicaset_spec_replicas",
        "[STABLE] Number of desired pods for a ReplicaSet.",
        own,
        obj["spec"].get("replicas", 1),
    )


def _statefulset(found: Collection, own: dict[str, str], obj: Obj) -> None:
    _created(found, "statefulset", own, obj)
    status = obj.get("status") or {}
    found.add(
        "kube_statefulset_replicas",
        "[STABLE] Number of desired pods for a StatefulSet.",
        own,
        obj["spec"].get("replicas", 1),
    )
    for kind in ("current", "update"):
        found.add(
            f"kube_statefulset_status_{kind}_revision",
            f"[STABLE] Indicates the version of the StatefulSet used to generate Pods in the {kind} sequence.",
            {**own, "revision": status.get(f"{kind}Revision", "")},
        )


def _daemonset(found: Collection, own: dict[str, str], obj: Obj) -> None:
    _created(found, "daemonset", own, obj)


def _job(found: Collection, own: dict[str, str], obj: Obj) -> None:
    own = {"namespace": own["namespace"], "job_name": obj["metadata"]["name"]}
    spec, status = obj["spec"], obj.get("status") or {}
    found.add("kube_job_info", "[STABLE] Information about job.", own)
    _created(found, "job", own, obj)
    _owner(found, "job", own, obj)
    for name, value, text in (
        ("spec_completions", spec.get("completions"), "[STABLE] The desired number of successfully finished pods the job should be run with."),
        ("spec_parallelism", spec.get("parallelism"), "[STABLE] The maximum desired number of pods the job should run at any given time."),
        ("spec_active_deadline_seconds", spec.get("activeDeadlineSeconds"), "[STABLE] The duration in seconds relative to the startTime that the job may be active before the system tries to terminate it."),
        ("status_active", status.get("active", 0), "[STABLE] The number of actively running pods."),
        ("status_succeeded", status.get("succeeded", 0), "[STABLE] The number of pods which reached Phase Succeeded."),
    ):  # fmt: skip
        found.add(f"kube_job_{name}", text, own, value)
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    failed = conditions.get("Failed")
    found.add(
        "kube_job_status_failed",
        "[STABLE] The number of pods which reached Phase Failed and the reason for failure.",
        {**own, "reason": failed.get("reason", "") if failed else ""},
        status.get("failed", 0),
    )
    for kind, name, text in (
        ("Complete", "kube_job_complete", "[STABLE] The job has completed its execution."),
        ("Failed", "kube_job_failed", "[STABLE] The job has failed its execution."),
    ):
        if kind in conditions:
            for each in ("true", "false", "unknown"):
                is_it = conditions[kind]["status"].lower() == each
                found.add(name, text, {**own, "condition": each}, float(is_it))
    found.moment("kube_job_status_start_time", "[STABLE] StartTime represents time when the job was acknowledged by the Job Manager.", own, status.get("startTime"))  # fmt: skip
    found.moment("kube_job_status_completion_time", "[STABLE] CompletionTime represents time when the job was completed.", own, status.get("completionTime"))  # fmt: skip


def _cronjob(found: Collection, own: dict[str, str], obj: Obj) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    found.add(
        "kube_cronjob_info",
        "[STABLE] Info about cronjob.",
        {**own, "schedule": spec["schedule"], "concurrency_policy": spec.get("concurrencyPolicy", "Allow"),
         "timezone": spec.get("timeZone") or "local"},
    )  # fmt: skip
    _created(found, "cronjob", own, obj)
    found.add(
        "kube_cronjob_status_active",
        "[STABLE] Active holds pointers to currently running jobs.",
        own,
        len(status.get("active") or ()),
    )
    found.add(
        "kube_cronjob_spec_suspend",
        "[STABLE] Suspend flag tells the controller to suspend subsequent executions.",
        own,
        float(bool(spec.get("suspend"))),
    )
    found.moment(
        "kube_cronjob_status_last_schedule_time",
        "[STABLE] LastScheduleTime keeps information of when was the last time the job was successfully scheduled.",
        own,
        status.get("lastScheduleTime"),
    )


def _autoscaler(found: Collection, own: dict[str, str], obj: Obj) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    target = spec["scaleTargetRef"]
    found.add(
        "kube_horizontalpodautoscaler_info",
        "Information about this autoscaler.",
        {**own, "scaletargetref_api_version": target.get("apiVersion", ""), "scaletargetref_kind": target["kind"],
         "scaletargetref_name": target["name"]},
    )  # fmt: skip
    for name, value, text in (
        ("spec_max_replicas", spec["maxReplicas"], "[STABLE] Upper limit for the number of pods that can be set by the autoscaler; cannot be smaller than MinReplicas."),
        ("spec_min_replicas", spec.get("minReplicas", 1), "[STABLE] Lower limit for the number of pods that can be set by the autoscaler, default 1."),
        ("status_current_replicas", status.get("currentReplicas", 0), "[STABLE] Current number of replicas of pods managed by this autoscaler."),
        ("status_desired_replicas", status.get("desiredReplicas", 0), "[STABLE] Desired number of replicas of pods managed by this autoscaler."),
    ):  # fmt: skip
        found.add(f"kube_horizontalpodautoscaler_{name}", text, own, value)
    for condition in status.get("conditions") or ():
        found.condition(
            "kube_horizontalpodautoscaler_status_condition",
            "[STABLE] The condition of this autoscaler.",
            {**own, "condition": condition["type"]},
            condition["status"],
        )


def _budget(found: Collection, own: dict[str, str], obj: Obj) -> None:
    status = obj.get("status") or {}
    _created(found, "poddisruptionbudget", own, obj)
    for name, field, text in (
        ("current_healthy", "currentHealthy", "[STABLE] Current number of healthy pods"),
        ("desired_healthy", "desiredHealthy", "[STABLE] Minimum desired number of healthy pods"),
        ("pod_disruptions_allowed", "disruptionsAllowed", "[STABLE] Number of pod disruptions that are currently allowed"),
        ("expected_pods", "expectedPods", "[STABLE] Total number of pods counted by this disruption budget"),
        ("observed_generation", "observedGeneration", "[STABLE] Most recent generation observed when updating this PDB status"),
    ):  # fmt: skip
        found.add(f"kube_poddisruptionbudget_status_{name}", text, own, status.get(field, 0))


COLLECTORS: Mapping[str, tuple[str, Callable[[Collection, dict[str, str], Obj], None]]] = {
    "deployments.apps": ("deployment", _deployment),
    "replicasets.apps": ("replicaset", _replicaset),
    "statefulsets.apps": ("statefulset", _statefulset),
    "daemonsets.apps": ("daemonset", _daemonset),
    "jobs.batch": ("job_name", _job),
    "cronjobs.batch": ("cronjob", _cronjob),
    "horizontalpodautoscalers.autoscaling": ("horizontalpodautoscaler", _autoscaler),
    "poddisruptionbudgets.policy": ("poddisruptionbudget", _budget),
}
"""Resource -> label that holds the object's name, and what adds its series."""
