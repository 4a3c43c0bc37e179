"""What an autoscaler is told: bounds, metrics, behaviour, and the flags of its controller.

Field names, defaults and limits are those of the Kubernetes API `autoscaling/v2`; flags and their defaults
those of kube-controller-manager. Sources: `DOCUMENTATION` and `CONTROLLER`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eks_lab.calc.model import Reference
from eks_lab.errors import InputError

DOCUMENTATION = Reference(
    title="Kubernetes: Horizontal Pod Autoscaling (algorithm, behaviour, tolerance)",
    date="2026-11-22",
    url="https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
)
CONTROLLER = Reference(
    title="kubernetes/kubernetes, pkg/controller/podautoscaler: replica_calculator.go and horizontal.go",
    date="2026-11-22",
    url="https://github.com/kubernetes/kubernetes/tree/master/pkg/controller/podautoscaler",
)

MetricKind = Literal["Resource", "ContainerResource", "Pods", "Object", "External"]
TargetKind = Literal["Utilization", "AverageValue", "Value"]
PolicyKind = Literal["Pods", "Percent"]
SelectPolicy = Literal["Max", "Min", "Disabled"]

TARGET_KINDS: dict[MetricKind, tuple[TargetKind, ...]] = {
    "Resource": ("Utilization", "AverageValue"),
    "ContainerResource": ("Utilization", "AverageValue"),
    "Pods": ("AverageValue",),
    "Object": ("Value", "AverageValue"),
    "External": ("Value", "AverageValue"),
}
"""Targets that the API takes for each kind of metric."""
LONGEST_PERIOD_SECONDS = 1800
LONGEST_WINDOW_SECONDS = 3600
DEFAULT_UTILISATION_PERCENT = 80
"""Target for CPU that the API fills in when an autoscaler names no metric."""
UNRESTRAINED_FACTOR = 2
UNRESTRAINED_LEAST = 4
"""Without a `behavior` field a step up ends at twice the replicas, or at four."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry of `spec.metrics`."""

    name: str
    """`cpu`, `memory`, or the name of the metric."""
    kind: MetricKind
    """`type` of the entry."""
    target_kind: TargetKind
    """`target.type`."""
    target: int
    """Percent of the request for Utilization, otherwise milli-units."""
    container: str = ""
    """Name of the container, for ContainerResource."""

    @property
    def is_resource(self) -> bool:
        """Whether pods are measured against what they request."""
        return self.kind in ("Resource", "ContainerResource")

    @property
    def is_per_pod(self) -> bool:
        """Whether every pod has a value of its own."""
        return self.kind not in ("Object", "External")


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """How much may change within a period."""

    kind: PolicyKind
    """Pods, or percent of the replicas at the start of the period."""
    value: int
    """Number of pods, or percent; at least 1."""
    period_seconds: int
    """Length of the period that ends now; 1 to 1800."""


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """`behavior.scaleUp` or `behavior.scaleDown`."""

    policies: tuple[ScalingPolicy, ...]
    """At least one."""
    select: SelectPolicy = "Max"
    """Which policy counts: the one that allows most, the one that allows least, or no change at all."""
    window_seconds: int | None = None
    """`stabilizationWindowSeconds`; None, on the way down, takes the controller's own."""
    tolerance: float | None = None
    """Share of the target; None takes the controller's own."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The field `behavior`, with what the API fills in."""

    up: ScalingRules
    """`scaleUp`."""
    down: ScalingRules
    """`scaleDown`."""


DEFAULT_UP = ScalingRules(
    policies=(ScalingPolicy("Pods", 4, 15), ScalingPolicy("Percent", 100, 15)), window_seconds=0
)
DEFAULT_DOWN = ScalingRules(policies=(ScalingPolicy("Percent", 100, 15),))
DEFAULT_BEHAVIOUR = Behaviour(up=DEFAULT_UP, down=DEFAULT_DOWN)
"""What the API fills in for a `behavior` field that leaves everything open."""


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """A HorizontalPodAutoscaler."""

    min_replicas: int
    """Lower bound; 0 needs a feature gate and an Object or External metric."""
    max_replicas: int
    """Upper bound, at least 1."""
    metrics: tuple[Metric, ...]
    """At least one; the largest proposal counts."""
    behaviour: Behaviour | None = None
    """None when the field is absent: the controller then goes another, older way."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far the ratio may be off 1 without an action."""

    up: float = 0.1
    """Above 1."""
    down: float = 0.1
    """Below 1."""

    def hold(self, ratio: float) -> bool:
        """Return whether a ratio is near enough to 1; the ends belong to the band."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True, slots=True)
class ControllerFlags:
    """Flags of kube-controller-manager; on EKS only the sync period can be chosen, and only on some tiers."""

    sync_period_seconds: float = 15
    """`--horizontal-pod-autoscaler-sync-period`."""
    tolerance: float = 0.1
    """`--horizontal-pod-autoscaler-tolerance`."""
    down_window_seconds: int = 300
    """`--horizontal-pod-autoscaler-downscale-stabilization`."""
    cpu_initialisation_seconds: float = 300
    """`--horizontal-pod-autoscaler-cpu-initialization-period`."""
    initial_readiness_seconds: float = 30
    """`--horizontal-pod-autoscaler-initial-readiness-delay`."""
    missing_as_target: bool = False
    """For Utilization, on the way down: count a pod without a sample as exactly at the target, as the
    documentation words it. The controller counts it as using all it requests, or the target where that is
    more than 100 %."""


def tolerances(autoscaler: Autoscaler, flags: ControllerFlags) -> Tolerances:
    """Return the tolerance of each direction: the field's where it is set, else the controller's."""
    if autoscaler.behaviour is None:
        return Tolerances(flags.tolerance, flags.tolerance)
    up, down = autoscaler.behaviour.up.tolerance, autoscaler.behaviour.down.tolerance
    return Tolerances(
        up=flags.tolerance if up is None else up, down=flags.tolerance if down is None else down
    )


def window_seconds(autoscaler: Autoscaler, flags: ControllerFlags) -> tuple[int, int]:
    """Return the stabilisation windows up and down in seconds."""
    if autoscaler.behaviour is None:
        return 0, flags.down_window_seconds
    up, down = autoscaler.behaviour.up.window_seconds, autoscaler.behaviour.down.window_seconds
    return (0 if up is None else up), (flags.down_window_seconds if down is None else down)


def check(autoscaler: Autoscaler) -> Autoscaler:
    """Return the autoscaler when the API server would take its numbers.

    Raises:
        InputError: names the field and the value that the API server would refuse.
    """
    if autoscaler.max_replicas < 1:
        raise InputError(f"max_replicas: {autoscaler.max_replicas} is below 1", hint="Give 1 or more.")
    if autoscaler.min_replicas > autoscaler.max_replicas:
        raise InputError(
            f"min_replicas: {autoscaler.min_replicas} is above max_replicas {autoscaler.max_replicas}",
            hint="Give a minimum that is no larger than the maximum.",
        )
    if autoscaler.min_replicas == 0 and all(metric.is_per_pod for metric in autoscaler.metrics):
        raise InputError(
            "min_replicas: 0 needs an Object or External metric, since no pod is left to measure",
            hint="Give 1 or more, or add such a metric.",
        )
    for metric in autoscaler.metrics:
        if metric.target < 1:
            raise InputError(f"target of {metric.name} is not above 0", hint="Give a target above 0.")
    if autoscaler.behaviour is not None:
        _check_rules("up", autoscaler.behaviour.up)
        _check_rules("down", autoscaler.behaviour.down)
    return autoscaler


def _check_rules(direction: str, rules: ScalingRules) -> None:
    window = rules.window_seconds
    if window is not None and not 0 <= window <= LONGEST_WINDOW_SECONDS:
        raise InputError(
            f"{direction}_window_seconds: {window} is outside 0 to {LONGEST_WINDOW_SECONDS}",
            hint="Give seconds from 0 to 3600.",
        )
    for policy in rules.policies:
        if policy.value < 1:
            raise InputError(
                f"{direction}_policies: a value of {policy.value} is below 1",
                hint="To forbid a direction write disabled.",
            )
        if not 1 <= policy.period_seconds <= LONGEST_PERIOD_SECONDS:
            raise InputError(
                f"{direction}_policies: a period of {policy.period_seconds} s is outside 1 to"
                f" {LONGEST_PERIOD_SECONDS} s",
                hint="Give a period from 1 to 1800 seconds.",
            )
    if not rules.policies:
        raise InputError(f"{direction}_policies: there is none", hint="Give at least one policy.")
