"""The sentences of conditions and events (pkg/controller/podautoscaler/horizontal.go)."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.calc.horizontal_scaling.autoscaler import Metric
from eks_lab.calc.horizontal_scaling.decision import Decision
from eks_lab.calc.horizontal_scaling.proposal import Proposal
from eks_lab.sim.controllers.horizontal_pod_autoscaler.measure import missing_request
from eks_lab.sim.objects import Obj

GOT_SCALE = "the HPA controller was able to get the target's current scale"
NO_SELECTOR = "the HPA target's scale is missing a selector"
ZERO_TARGET = "scaling is disabled since the replica count of the target is zero"
UP_STABILISED = (
    "recent recommendations were lower than current one, applying the lowest recent recommendation"
)
DOWN_STABILISED = (
    "recent recommendations were higher than current one, applying the highest recent recommendation"
)
READY = "recommended size matches current size"
ABOVE_MAXIMUM = "Current number of replicas above Spec.MaxReplicas"
BELOW_MINIMUM = "Current number of replicas below Spec.MinReplicas"

LIMITED = {
    "DesiredWithinRange": "the desired count is within the acceptable range",
    "ScaleUpLimit": "the desired replica count is increasing faster than the maximum scale rate",
    "TooManyReplicas": "the desired replica count is more than the maximum replica count",
    "ScaleDownLimit": "the desired replica count is decreasing faster than the maximum scale rate",
    "TooFewReplicas": "the desired replica count is less than the minimum replica count",
}
"""Reason of ScalingLimited -> message."""


def metric_name(metric: Metric, spec: Obj) -> str:
    """Return how the controller names a metric: `cpu resource utilization (percentage of request)`.

    Args:
        metric: as the algorithm has it.
        spec: its entry of `spec.metrics`.
    """
    share = " utilization (percentage of request)" if metric.target_kind == "Utilization" else ""
    if metric.kind == "Resource":
        return f"{metric.name} resource{share}"
    if metric.kind == "ContainerResource":
        return f"{metric.name} container resource{share}"
    if metric.kind == "Pods":
        return f"pods metric {metric.name}"
    if metric.kind == "Object":
        return f"{spec['object']['describedObject']['kind']} metric {metric.name}"
    return f"external metric {metric.name}(nil)"


def failure(proposal: Proposal, pods: Sequence[Obj]) -> str:
    """Return why a metric could not be read, as the condition says it after `compute the replica count: `."""
    metric, error = proposal.metric, proposal.error
    if metric.kind == "Pods":
        return f"failed to get pods metric value: {error}"
    if not metric.is_resource:
        return f"failed to get {metric.kind.lower()} metric: {error}"
    what = "utilization" if metric.target_kind == "Utilization" else "usage"
    return f"failed to get {metric.name} {what}: {_cause(metric, error, pods)}"


def _cause(metric: Metric, error: str, pods: Sequence[Obj]) -> str:
    """Return an error of the algorithm in the controller's words."""
    if error.startswith("missing request"):
        for pod in pods:
            container = missing_request(metric, pod)
            if container:
                name = pod["metadata"]["name"]
                return f"missing request for {metric.name} in container {container} of Pod {name}"
    if error.startswith("no pod that is ready"):
        return "did not receive metrics for targeted pods (pods might be unready)"
    if error.startswith("the pods request no"):
        return "no metrics returned matched known pods"
    return error


def value_failure(metric: Metric, cause: str) -> str:
    """Return the same with what the sum of failures puts before it."""
    if metric.kind == "Resource":
        return f"failed to get {metric.name} resource metric value: {cause}"
    if metric.kind == "ContainerResource":
        return f"failed to get {metric.name} container metric value: {cause}"
    if metric.kind == "Pods":
        return cause
    return f"failed to get {metric.kind.lower()} metric value: {cause}"


def unable(cause: str) -> str:
    """Return the message of ScalingActive when a metric could not be read."""
    return f"the HPA was unable to compute the replica count: {cause}"


def invalid_metrics(failed: int, total: int, first: str) -> str:
    """Return the message of the event that sums up failures."""
    return f"invalid metrics ({failed} invalid out of {total}), first error is: {first}"


def rescale_reason(decision: Decision, name: str) -> str:
    """Return why the size changes.

    Args:
        decision: what was decided.
        name: of the metric that asked for most.
    """
    if decision.outcome == "above-maximum":
        return ABOVE_MAXIMUM
    if decision.outcome == "below-minimum":
        return BELOW_MINIMUM
    if decision.desired > decision.current:
        return f"{name} above target"
    return "All metrics below target"
