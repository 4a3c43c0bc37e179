"""The inputs of `hpa` as an autoscaler, its controller and its pods."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from eks_lab.calc.horizontal_scaling.autoscaler import (
    DEFAULT_BEHAVIOUR,
    Autoscaler,
    Behaviour,
    ControllerFlags,
    Metric,
    MetricKind,
    ScalingRules,
    TargetKind,
    check,
)
from eks_lab.calc.horizontal_scaling.load_curve import LoadCurve, Shape, Wave, read_points
from eks_lab.calc.horizontal_scaling.manifest import read_autoscaler
from eks_lab.calc.horizontal_scaling.pods import PerPodReading, PodGroup, Reading, TotalReading, Unreadable
from eks_lab.calc.horizontal_scaling.quantity import milli_units
from eks_lab.calc.horizontal_scaling.restraint import History
from eks_lab.calc.horizontal_scaling.rules_text import read_policies, read_steps, read_wishes
from eks_lab.calc.horizontal_scaling.timeline import Workload
from eks_lab.calc.hpa_inputs import DEFAULT_MAX_REPLICAS, DEFAULT_MIN_REPLICAS
from eks_lab.calc.model import Value
from eks_lab.catalog.horizontal_scaling import ControllerTier, controller_terms
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

_METRICS: dict[str, tuple[str, MetricKind, TargetKind]] = {
    "cpu-utilization": ("cpu", "Resource", "Utilization"),
    "cpu-average-value": ("cpu", "Resource", "AverageValue"),
    "memory-utilization": ("memory", "Resource", "Utilization"),
    "memory-average-value": ("memory", "Resource", "AverageValue"),
    "pods-average-value": ("requests_per_second", "Pods", "AverageValue"),
    "object-value": ("requests_per_second", "Object", "Value"),
    "object-average-value": ("requests_per_second", "Object", "AverageValue"),
    "external-value": ("queue_length", "External", "Value"),
    "external-average-value": ("queue_length", "External", "AverageValue"),
}
_SHAPES: tuple[Shape, ...] = ("constant", "step", "ramp", "spike", "sine")
_UNREADABLE = ("error", "unknown", "<unknown>")
_UNIT_REQUEST = 1000
_UNREADY_FOR_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about, free of text."""

    autoscaler: Autoscaler
    """With the inputs that override the manifest."""
    flags: ControllerFlags
    """Of the controller."""
    tier: ControllerTier
    """Of the control plane."""
    current_replicas: int
    """Now, or at the start."""
    values: tuple[Unreadable | int | None, ...]
    """What each metric shows: an error, tenths of a percent for a utilization, else milli-units; None where
    nothing was given."""
    today: date | None
    """The present day."""


def whole(inputs: Mapping[str, Value], name: str) -> int:
    """Return an input that is a whole number, 0 when it is not set."""
    value = inputs[name]
    return value if isinstance(value, int) else 0


def number(inputs: Mapping[str, Value], name: str) -> float:
    """Return an input that is a number, 0 when it is not set."""
    value = inputs[name]
    return float(value) if isinstance(value, int | float) else 0.0


def text(inputs: Mapping[str, Value], name: str) -> str:
    """Return an input that is text, empty when it is not set."""
    value = inputs[name]
    return value if isinstance(value, str) else ""


def question_of(inputs: Mapping[str, Value]) -> Question:
    """Return the question of checked inputs of the calculator hpa.

    Raises:
        InputError: a manifest, target, value or policy that cannot be used, or a sync period that the tier
            does not offer.
    """
    autoscaler = _autoscaler(inputs)
    tier = controller_terms().tiers[text(inputs, "tier")]
    period = number(inputs, "sync_period_seconds")
    if period < tier.least_sync_period_seconds:
        raise InputError(
            f"sync_period_seconds: {period:g} needs a provisioned tier; the {tier.name} tier looks every"
            f" {tier.least_sync_period_seconds} s",
            hint="Choose the tier xl or larger, or 15 s.",
        )
    today = text(inputs, "today")
    return Question(
        autoscaler=autoscaler,
        flags=ControllerFlags(
            sync_period_seconds=period, missing_as_target=inputs["missing_rule"] == "documentation"
        ),
        tier=tier,
        current_replicas=whole(inputs, "current_replicas"),
        values=_values(autoscaler, text(inputs, "values"), needs_all=inputs["question"] == "decision"),
        today=date.fromisoformat(today) if today else None,
    )


def _autoscaler(inputs: Mapping[str, Value]) -> Autoscaler:
    manifest = text(inputs, "manifest")
    if manifest:
        given = read_autoscaler(manifest)
    else:
        metric = _metric(text(inputs, "metric"), text(inputs, "target"))
        given = Autoscaler(DEFAULT_MIN_REPLICAS, DEFAULT_MAX_REPLICAS, (metric,))
    least, most = inputs["min_replicas"], inputs["max_replicas"]
    return check(
        replace(
            given,
            min_replicas=given.min_replicas if least is None else whole(inputs, "min_replicas"),
            max_replicas=given.max_replicas if most is None else whole(inputs, "max_replicas"),
            behaviour=_behaviour(inputs, given.behaviour),
        )
    )


def _metric(choice: str, target: str) -> Metric:
    name, kind, target_kind = _METRICS[choice]
    if target_kind == "Utilization":
        digits = target.removesuffix("%").strip()
        if not (digits.isascii() and digits.isdigit() and 1 <= len(digits) <= 9):
            raise InputError(
                f"target: {target!r} is no whole percentage", hint="Give 70 for 70 % of the request."
            )
        return Metric(name, kind, target_kind, int(digits))
    milli = milli_units(target)
    if not milli:
        raise InputError(f"target: {target!r} is no quantity above 0", hint="Give 100, 500m, 1k or 512Mi.")
    return Metric(name, kind, target_kind, milli)


def _behaviour(inputs: Mapping[str, Value], given: Behaviour | None) -> Behaviour | None:
    names = ("window_seconds", "policies")
    own = [f"{way}_{name}" for way in ("up", "down") for name in names] + ["tolerance_up", "tolerance_down"]
    if all(inputs[name] is None for name in own):
        return given
    base = given or DEFAULT_BEHAVIOUR
    return Behaviour(up=_rules(inputs, "up", base.up), down=_rules(inputs, "down", base.down))


def _rules(inputs: Mapping[str, Value], way: str, base: ScalingRules) -> ScalingRules:
    rules = base
    if inputs[f"{way}_window_seconds"] is not None:
        rules = replace(rules, window_seconds=whole(inputs, f"{way}_window_seconds"))
    if inputs[f"tolerance_{way}"] is not None:
        rules = replace(rules, tolerance=number(inputs, f"tolerance_{way}"))
    if inputs[f"{way}_policies"] is not None:
        select, policies = read_policies(f"{way}_policies", text(inputs, f"{way}_policies"))
        rules = replace(rules, select=select, policies=policies or base.policies)
    return rules


def metric_keys(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """Return how the values of metrics are told apart: by name, with `/container` or `/2` where names repeat."""
    names = Counter(metric.name for metric in metrics)
    keys: list[str] = []
    for number, metric in enumerate(metrics, start=1):
        key = metric.name
        if names[key] > 1 and metric.container:
            key = f"{key}/{metric.container}"
        keys.append(key if key not in keys else f"{metric.name}/{number}")
    return tuple(keys)


def _values(autoscaler: Autoscaler, given: str, *, needs_all: bool) -> tuple[Unreadable | int | None, ...]:
    metrics = dict(zip(metric_keys(autoscaler.metrics), autoscaler.metrics, strict=True))
    found: dict[str, Unreadable | int] = {}
    for part in (part.strip() for part in re.split(r"[,;]", given)):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not part or not (equals or needs_all):
            # One bare number is the default of the form; a timeline needs none.
            continue
        if not equals:
            if len(metrics) > 1:
                raise InputError(
                    f"values: {part!r} belongs to none of {', '.join(metrics)}",
                    hint="Write " + ", ".join(f"{name}=…" for name in metrics) + ".",
                )
            name, value = next(iter(metrics)), part
        if name not in metrics:
            raise InputError(
                f"values: there is no metric {name!r}",
                hint=did_you_mean(name, metrics) or f"Metrics: {', '.join(metrics)}.",
            )
        if name in found:
            raise InputError(f"values: {name} is given twice", hint="Give it once.")
        found[name] = _value(metrics[name], value)
    lacking = [name for name in metrics if name not in found]
    if needs_all and lacking:
        raise InputError(
            f"values: {', '.join(lacking)} has no value",
            hint=f"Write {lacking[0]}=…, or {lacking[0]}=error when it cannot be read.",
        )
    return tuple(found.get(name) for name in metrics)


def _value(metric: Metric, value: str) -> Unreadable | int:
    if value.lower() in _UNREADABLE:
        return Unreadable("given as an error")
    is_share = metric.target_kind == "Utilization"
    milli = milli_units(value.removesuffix("%").strip() if is_share else value)
    if milli is None:
        what = "percentage" if is_share else "quantity"
        raise InputError(
            f"values: {value!r} is no {what} for {metric.name}",
            hint="Give 105 for a percentage, else 500m, 100 or 1k.",
        )
    return milli // 100 if is_share else milli


@dataclass(frozen=True, slots=True)
class Scene:
    """What the controller sees at a single decision, at the time 0."""

    pods: tuple[PodGroup, ...]
    """Measured, without a sample, not ready yet, pending."""
    readings: tuple[Reading, ...]
    """One for each metric."""
    history: History
    """Wishes and steps before."""


def scene_of(inputs: Mapping[str, Value], question: Question) -> Scene:
    """Return what a single decision is made on.

    Raises:
        InputError: more pods are set aside than there are, or the past cannot be read.
    """
    names = ("missing_pods", "unready_pods", "pending_pods")
    missing, unready, pending = (whole(inputs, name) for name in names)
    measured = question.current_replicas - missing - unready - pending
    if measured < 0:
        raise InputError(
            f"missing_pods, unready_pods and pending_pods: {missing} + {unready} + {pending} are more than the"
            f" {question.current_replicas} replicas",
            hint="Count every pod once, and all of them in current_replicas.",
        )
    since = -_UNREADY_FOR_SECONDS
    pods = (
        PodGroup(measured),
        PodGroup(missing),
        PodGroup(unready, is_ready=False, started_at_seconds=since, ready_changed_at_seconds=since),
        PodGroup(pending, "Pending", is_ready=False, started_at_seconds=None),
    )
    wishes = read_wishes("recent_wishes", text(inputs, "recent_wishes"))
    added, removed = read_steps("recent_steps", text(inputs, "recent_steps"), now=0.0)
    history = History(
        times_seconds=tuple(-ago for ago, _ in wishes),
        recommendations=tuple(replicas for _, replicas in wishes),
        added=added,
        removed=removed,
    )
    readings = tuple(
        _reading(metric, value)
        for metric, value in zip(question.autoscaler.metrics, question.values, strict=True)
    )
    return Scene(pods, readings, history)


def _reading(metric: Metric, value: Unreadable | int | None) -> Reading:
    if value is None:
        return Unreadable("no value was given")
    if isinstance(value, Unreadable):
        return value
    if not metric.is_per_pod:
        return TotalReading(value)
    return PerPodReading((value, None, value, None), (_UNIT_REQUEST,) * 4)


def workload_of(inputs: Mapping[str, Value]) -> Workload:
    """Return how the pods of a timeline behave."""
    ceiling = inputs["cpu_ceiling_percent"]
    return Workload(
        capacity_rps=number(inputs, "capacity_rps"),
        cpu_request_milli=whole(inputs, "cpu_request_millicores"),
        cpu_ceiling_percent=None if ceiling is None else number(inputs, "cpu_ceiling_percent"),
        start_seconds=number(inputs, "start_seconds"),
        ready_delay_seconds=number(inputs, "ready_delay_seconds"),
        metric_delay_seconds=number(inputs, "metric_delay_seconds"),
    )


def load_of(inputs: Mapping[str, Value]) -> LoadCurve:
    """Return the load curve of a timeline.

    Raises:
        InputError: its points cannot be read, or its change takes no time.
    """
    points = text(inputs, "load_points")
    if points:
        return read_points("load_points", points).at
    shape = next(shape for shape in _SHAPES if shape == inputs["load_shape"])
    lasts = number(inputs, "change_seconds")
    if shape in ("ramp", "spike", "sine") and lasts <= 0:
        raise InputError(f"change_seconds: 0 is no length for a {shape}", hint="Give a time above 0 seconds.")
    return Wave(
        shape=shape,
        base=number(inputs, "base_load_rps"),
        peak=number(inputs, "peak_load_rps"),
        change_at_seconds=number(inputs, "change_at_seconds"),
        change_seconds=lasts,
    ).at


def fixed_of(question: Question) -> tuple[Reading | int | None, ...]:
    """Return, metric by metric, what the load of a timeline does not move; None where it does.

    Raises:
        InputError: a metric has nothing to do with the load and no value.
    """
    fixed: list[Reading | int | None] = []
    for metric, value in zip(question.autoscaler.metrics, question.values, strict=True):
        if value is None and metric.is_resource and metric.name != "cpu":
            raise InputError(
                f"values: {metric.name} does not follow the load, and has no value",
                hint=f"Write {metric.name}=60, or {metric.name}=error when it cannot be read.",
            )
        is_total = isinstance(value, int) and not metric.is_per_pod
        fixed.append(TotalReading(value) if is_total and isinstance(value, int) else value)
    return tuple(fixed)
