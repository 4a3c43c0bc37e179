"""HorizontalPodAutoscalers: stored as autoscaling/v2, served as v1 too (pkg/apis/autoscaling)."""

from __future__ import annotations

from typing import Any

from eks_lab.sim.objects import FieldError, Obj
from eks_lab.sim.resource import Column, Conversion, Resource, World
from eks_lab.sim.resources.autoscaler_rules import SOURCES, autoscaler_errors
from eks_lab.sim.resources.autoscaler_v1 import from_v1, to_v1
from eks_lab.sim.resources.columns import AGE, NAME, NONE, UNKNOWN, UNSET, field_of
from eks_lab.sim.resources.quantities import canonicalise_fields

_SHOWN = 2
_UP = (
    {"type": "Pods", "value": 4, "periodSeconds": 15},
    {"type": "Percent", "value": 100, "periodSeconds": 15},
)
_DOWN = ({"type": "Percent", "value": 100, "periodSeconds": 15},)


def _default(autoscaler: Obj, world: World) -> None:
    spec = autoscaler.setdefault("spec", {})
    if spec.get("minReplicas") is None:
        spec["minReplicas"] = 1
    spec.setdefault("maxReplicas", 0)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    for metric in spec["metrics"]:
        for field in SOURCES.values():
            if metric.get(field) is not None:
                canonicalise_fields(metric[field].get("target") or {}, ("value", "averageValue"))
    if spec.get("behavior") is not None:
        _default_behavior(spec["behavior"])
    _default_status(autoscaler.setdefault("status", {}))


def _default_behavior(behavior: Obj) -> None:
    """Fill in both directions, once anything is said of either (GenerateHPAScaleUpRules and its twin)."""
    for direction, policies in (("scaleUp", _UP), ("scaleDown", _DOWN)):
        rules = behavior.get(direction) or {}
        if rules.get("policies") is None:
            rules["policies"] = [dict(policy) for policy in policies]
        if rules.get("selectPolicy") is None:
            rules["selectPolicy"] = "Max"
        if direction == "scaleUp" and rules.get("stabilizationWindowSeconds") is None:
            rules["stabilizationWindowSeconds"] = 0
        behavior[direction] = rules


def _default_status(status: Obj) -> None:
    # Fields without omitempty: there even when nothing was measured.
    status.setdefault("currentMetrics", None)
    status.setdefault("desiredReplicas", 0)


def _new_status() -> Obj:
    return {"currentMetrics": None, "desiredReplicas": 0}


def _prepare_create(autoscaler: Obj, world: World) -> None:
    autoscaler["status"] = _new_status()


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or _new_status()


def _validate(autoscaler: Obj, world: World) -> list[FieldError]:
    return autoscaler_errors(autoscaler["spec"])


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return autoscaler_errors(new["spec"])


def _amounts(target: Obj, current: Obj, kind: str) -> str:
    """Return `42%/80%`, `200m/500m (avg)`: what is, what is wished."""
    if kind in ("Resource", "ContainerResource") and target.get("averageValue") is None:
        wished = target.get("averageUtilization")
        used = current.get("averageUtilization")
        return f"{UNKNOWN if used is None else f'{used}%'}/{'<auto>' if wished is None else f'{wished}%'}"
    if target.get("averageValue") is not None:
        text = f"{current.get('averageValue', UNKNOWN)}/{target['averageValue']}"
        return f"{text} (avg)" if kind in ("External", "Object") else text
    return f"{current.get('value', UNKNOWN)}/{target.get('value')}"


def targets_text(autoscaler: Obj) -> str:
    """Return the cell TARGETS (formatHPAMetrics): `cpu: 42%/80%, 3/10 (avg) + 1 more...`."""
    metrics = autoscaler["spec"].get("metrics") or []
    statuses = (autoscaler.get("status") or {}).get("currentMetrics") or []
    if not metrics:
        return NONE
    found = []
    for number, metric in enumerate(metrics):
        kind = metric.get("type") or ""
        field = SOURCES.get(kind)
        if field is None:
            found.append("<unknown type>")
            continue
        source = metric.get(field) or {}
        status = statuses[number] if number < len(statuses) else {}
        current = (status.get(field) or {}).get("current") or {}
        text = _amounts(source.get("target") or {}, current, kind)
        found.append(f"{source.get('name', '')}: {text}" if kind.endswith("Resource") else text)
    shown = ", ".join(found[:_SHOWN])
    more = len(found) - _SHOWN
    return f"{shown} + {more} more..." if more > 0 else shown


def _reference(autoscaler: Obj) -> Any:
    reference = autoscaler["spec"].get("scaleTargetRef") or {}
    return f"{reference.get('kind', '')}/{reference.get('name', '')}"


HORIZONTAL_POD_AUTOSCALERS = Resource(
    plural="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    group="autoscaling",
    version="v2",
    short_names=("hpa",),
    categories=("all",),
    has_status=True,
    columns=(
        NAME,
        Column("Reference", lambda each, now: _reference(each)),
        Column("Targets", lambda each, now: targets_text(each)),
        Column("MinPods", lambda each, now: str(each["spec"].get("minReplicas", UNSET))),
        Column("MaxPods", field_of("spec", "maxReplicas", otherwise=0), type="integer"),
        Column("Replicas", field_of("status", "currentReplicas", otherwise=0), type="integer"),
        AGE,
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    other_versions={"v1": Conversion(decode=from_v1, encode=to_v1)},
)

RESOURCES = (HORIZONTAL_POD_AUTOSCALERS,)
