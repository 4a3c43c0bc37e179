"""Pods: strategy, field selectors, subresources (pkg/registry/core/pod/strategy.go)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, timestamp
from eks_lab.sim.resource import Resource, World
from eks_lab.sim.resources import pod_columns, pod_update_rules
from eks_lab.sim.resources.field_rules import subdomain_problems
from eks_lab.sim.resources.pod_defaults import default_pod
from eks_lab.sim.resources.pod_spec_rules import pod_spec_errors
from eks_lab.sim.resources.pod_warnings import pod_warnings
from eks_lab.sim.resources.qos import qos_class
from eks_lab.sim.resources.scheduling_labels import add_label_key_requirements

_GATED = "Scheduling is blocked due to non-empty scheduling gates"


def _default(pod: Obj, world: World) -> None:
    default_pod(pod)


def _prepare_create(pod: Obj, world: World) -> None:
    status: Obj = {"phase": "Pending", "qosClass": qos_class(pod)}
    pod["status"] = status
    spec = pod["spec"]
    if spec.get("schedulingGates"):
        status["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": timestamp(world.now()),
                "reason": "SchedulingGated",
                "message": _GATED,
            }
        ]
    add_label_key_requirements(pod)


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    if "status" in old:
        new["status"] = old["status"]
    else:
        new.pop("status", None)


def _validate(pod: Obj, world: World) -> list[FieldError]:
    spec = pod["spec"]
    errors = pod_spec_errors(spec, "spec", is_pod=True)
    if spec.get("ephemeralContainers"):
        errors.append(forbidden_field("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        errors.append(forbidden_field("spec.nodeName", detail))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return pod_update_rules.update_errors(new, old)


def _validate_status(new: Obj, old: Obj, world: World) -> list[FieldError]:
    """Refuse a status that restarts what must not restart, and a nominated node that is no name."""
    status, before = new.get("status") or {}, old.get("status") or {}
    errors: list[FieldError] = []
    nominated = status.get("nominatedNodeName")
    if nominated and nominated != before.get("nominatedNodeName"):
        errors.extend(
            invalid("status.nominatedNodeName", nominated, said) for said in subdomain_problems(nominated)
        )
    if (old["spec"].get("restartPolicy") or "Always") != "Always":
        errors.extend(_restart_errors(status, before, old["spec"]["restartPolicy"]))
    return errors


def _restart_errors(status: Obj, before: Obj, policy: str) -> list[FieldError]:
    had = {each.get("name"): each for each in before.get("containerStatuses") or ()}
    errors: list[FieldError] = []
    for number, each in enumerate(status.get("containerStatuses") or ()):
        old = ((had.get(each.get("name")) or {}).get("state") or {}).get("terminated")
        if old is None or (each.get("state") or {}).get("terminated") is not None:
            continue
        if policy == "OnFailure" and old.get("exitCode"):
            continue
        here = f"status.containerStatuses[{number}].state"
        errors.append(forbidden_field(here, "may not be transitioned to non-terminated state"))
    return errors


# --- subresources -------------------------------------------------------------------------------------------


def _validate_ephemeral(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return pod_update_rules.ephemeral_errors(new, old)


def _validate_resize(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return pod_update_rules.resize_errors(new, old)


# --- reading ------------------------------------------------------------------------------------------------


def _grace_seconds(pod: Obj, asked: int | None) -> int:
    """Return how long a deletion may take (podStrategy.CheckGracefulDelete)."""
    spec = pod["spec"]
    seconds = asked
    if seconds is None:
        seconds = spec.get("terminationGracePeriodSeconds")
        seconds = 30 if seconds is None else seconds
    if seconds < 0:
        seconds = 1
    # What was never bound to a node, and what has ended, goes at once.
    if not spec.get("nodeName") or (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
        seconds = 0
    return int(seconds)


PODS = Resource(
    plural="pods",
    kind="Pod",
    short_names=("po",),
    categories=("all",),
    has_status=True,
    subresources={
        "attach": "PodAttachOptions",
        "binding": "Binding",
        "ephemeralcontainers": "Pod",
        "eviction": "Eviction",
        "exec": "PodExecOptions",
        "log": "Pod",
        "portforward": "PodPortForwardOptions",
        "proxy": "PodProxyOptions",
        "resize": "Pod",
    },
    subresource_validation={"ephemeralcontainers": _validate_ephemeral, "resize": _validate_resize},
    columns=pod_columns.COLUMNS,
    field_labels={
        "spec.nodeName": lambda pod: pod["spec"].get("nodeName") or "",
        "spec.restartPolicy": lambda pod: pod["spec"].get("restartPolicy") or "",
        "spec.schedulerName": lambda pod: pod["spec"].get("schedulerName") or "",
        "spec.serviceAccountName": lambda pod: pod["spec"].get("serviceAccountName") or "",
        "spec.hostNetwork": lambda pod: "true" if pod["spec"].get("hostNetwork") else "false",
        "status.phase": lambda pod: (pod.get("status") or {}).get("phase") or "",
        "status.podIP": lambda pod: (pod.get("status") or {}).get("podIP") or "",
        "status.podIPs": lambda pod: (pod.get("status") or {}).get("podIP") or "",
        "status.nominatedNodeName": lambda pod: (pod.get("status") or {}).get("nominatedNodeName") or "",
    },
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    validate_status_update=_validate_status,
    warnings=pod_warnings,
    counts_generation=True,
    grace_seconds=_grace_seconds,
)

RESOURCES = (PODS,)
