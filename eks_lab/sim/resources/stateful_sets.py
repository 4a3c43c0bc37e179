"""StatefulSets."""

from __future__ import annotations

from typing import Any

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    forbidden_field,
    invalid,
    not_supported,
    required,
    shown,
)
from eks_lab.sim.resource import Column, Resource, Scale, World
from eks_lab.sim.resources.claim_rules import claim_spec_errors
from eks_lab.sim.resources.columns import AGE, NAME, template_containers
from eks_lab.sim.resources.field_rules import label_problems, non_negative_errors, selector_errors
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.pod_defaults import default_template
from eks_lab.sim.resources.pod_spec_rules import always_restart_errors, template_errors
from eks_lab.sim.resources.quantities import canonicalise, quantity
from eks_lab.sim.resources.replica_sets import scale_selector, workload_warnings
from eks_lab.sim.selection import matches

_MANAGEMENT_POLICIES = ("OrderedReady", "Parallel")
_RETENTION_POLICIES = ("Retain", "Delete")
_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_FIXED = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_COUNTS = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")


def _default(obj: Obj, world: World) -> None:
    spec = obj.setdefault("spec", {})
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    strategy = spec.get("updateStrategy") or {}
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        if strategy.get("rollingUpdate") is None:
            strategy["rollingUpdate"] = {}
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] == "RollingUpdate" and rolling is not None and rolling.get("partition") is None:
        rolling["partition"] = 0
    spec["updateStrategy"] = strategy
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for field in ("whenDeleted", "whenScaled"):
        if not retention.get(field):
            retention[field] = "Retain"
    spec["persistentVolumeClaimRetentionPolicy"] = retention
    for field, value in (("replicas", 1), ("revisionHistoryLimit", 10)):
        if spec.get(field) is None:
            spec[field] = value
    default_template(spec.setdefault("template", {}))
    for claim in spec.get("volumeClaimTemplates") or ():
        _default_claim(claim)
    status = obj.setdefault("status", {})
    for field in ("replicas", "availableReplicas"):
        status.setdefault(field, 0)


def _default_claim(claim: Obj) -> None:
    # The conversion always names the kind (pkg/apis/apps/v1/conversion.go).
    claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
    claim.setdefault("metadata", {})
    spec = claim.setdefault("spec", {})
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    resources = spec.setdefault("resources", {})
    canonicalise(resources.get("requests"))
    canonicalise(resources.get("limits"))
    status = claim.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"


def _prepare_create(obj: Obj, world: World) -> None:
    obj["status"] = {"replicas": 0, "availableReplicas": 0}
    _drop_max_unavailable(obj["spec"])


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"replicas": 0, "availableReplicas": 0}
    rolling = (old["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    if rolling.get("maxUnavailable") is None:
        _drop_max_unavailable(new["spec"])


def _drop_max_unavailable(spec: Obj) -> None:
    """Forget maxUnavailable: its feature gate is off in 1.36 (and in 1.35 from 1.35.4 on, see KEP-961)."""
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate")
    if rolling:
        rolling.pop("maxUnavailable", None)


def _policy_errors(spec: Obj) -> list[FieldError]:
    policy = spec.get("podManagementPolicy")
    if policy in _MANAGEMENT_POLICIES:
        return []
    return [invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")]


def _strategy_errors(strategy: Obj) -> list[FieldError]:
    path, rolling = "spec.updateStrategy", strategy.get("rollingUpdate")
    match strategy.get("type"):
        case "OnDelete":
            if rolling is None:
                return []
            value = go_value("StatefulSetRolling", rolling)
            return [
                invalid(f"{path}.rollingUpdate", value, "only allowed for updateStrategy 'RollingUpdate'")
            ]
        case "RollingUpdate":
            partition = (rolling or {}).get("partition")
            return non_negative_errors(partition, f"{path}.rollingUpdate.partition")
    value = go_value("StatefulSetStrategy", strategy)
    return [invalid(path, value, "must be 'RollingUpdate' or 'OnDelete'")]


def _retention_errors(policy: Obj) -> list[FieldError]:
    path = "spec.persistentVolumeClaimRetentionPolicy"
    return [
        not_supported(f"{path}.{field}", policy.get(field), _RETENTION_POLICIES)
        for field in ("whenDeleted", "whenScaled")
        if policy.get(field) not in _RETENTION_POLICIES
    ]


def _with_claims(spec: Obj) -> Obj:
    """Return the template with the volumes that the claims will be, so that containers may mount them."""
    template = spec.get("template") or {}
    claims = {
        (each.get("metadata") or {}).get("name"): each for each in spec.get("volumeClaimTemplates") or ()
    }
    if not claims:
        return template
    pod = template.get("spec") or {}
    volumes: list[Any] = [each for each in pod.get("volumes") or () if each.get("name") not in claims]
    volumes.extend(
        {"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims if name is not None
    )
    return {**template, "spec": {**pod, "volumes": volumes}}


def _selected_template_errors(spec: Obj) -> list[FieldError]:
    selector = spec.get("selector")
    errors: list[FieldError] = []
    found: list[FieldError] = []
    if selector is None:
        errors.append(required("spec.selector"))
    else:
        found = selector_errors(selector, "spec.selector")
        errors.extend(found)
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            errors.append(invalid("spec.selector", selector, "empty selector is invalid for statefulset"))
    if found:
        # Said once more, without a reason.
        return [*errors, FieldError("Invalid", "spec.selector", f"Invalid value: {shown(selector)}")]
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if not matches(selector, labels or {}):
        detail = "`selector` does not match template `labels`"
        errors.append(invalid("spec.template.metadata.labels", labels, detail))
    return errors + template_errors(_with_claims(spec), "spec.template")


def _spec_errors(spec: Obj) -> list[FieldError]:
    errors = _policy_errors(spec) + _strategy_errors(spec.get("updateStrategy") or {})
    errors.extend(_retention_errors(spec.get("persistentVolumeClaimRetentionPolicy") or {}))
    for number, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        errors.extend(claim_spec_errors(claim["spec"], f"spec.volumeClaimTemplates[{number}].spec"))
    errors.extend(non_negative_errors(spec.get("replicas"), "spec.replicas"))
    errors.extend(non_negative_errors(spec.get("minReadySeconds"), "spec.minReadySeconds"))
    errors.extend(non_negative_errors((spec.get("ordinals") or {}).get("start"), "spec.ordinals.start"))
    service = spec.get("serviceName")
    if service:
        errors.extend(invalid("spec.serviceName", service, said) for said in label_problems(service))
    errors.extend(_selected_template_errors(spec))
    return errors + always_restart_errors(spec.get("template") or {}, "StatefulSet", "spec.template")


def _validate(obj: Obj, world: World) -> list[FieldError]:
    return _spec_errors(obj["spec"])


def _fixed_part(spec: Obj) -> Obj:
    return {key: value for key, value in spec.items() if key not in _MUTABLE and value not in (None, "", [])}


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _spec_errors(new["spec"])
    if _fixed_part(new["spec"]) != _fixed_part(old["spec"]):
        errors.append(forbidden_field("spec", _FIXED))
    return errors


def _validate_status_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    status, before = new.get("status") or {}, old.get("status") or {}
    errors: list[FieldError] = []
    for field in (*_COUNTS, "observedGeneration", "collisionCount"):
        errors.extend(non_negative_errors(status.get(field), f"status.{field}"))
    total, ready = status.get("replicas") or 0, status.get("readyReplicas") or 0
    for field in _COUNTS[1:]:
        count = status.get(field) or 0
        if count > total:
            errors.append(invalid(f"status.{field}", count, "cannot be greater than status.replicas"))
    available = status.get("availableReplicas") or 0
    if available > ready:
        detail = "cannot be greater than status.readyReplicas"
        errors.append(invalid("status.availableReplicas", available, detail))
    collisions = status.get("collisionCount") or 0
    if before.get("collisionCount") is not None and collisions < before["collisionCount"]:
        errors.append(invalid("status.collisionCount", collisions, "cannot be decremented"))
    return errors


def _warnings(obj: Obj, old: Obj | None, world: World) -> list[str]:
    found = workload_warnings(obj, old, world)
    for number, claim in enumerate(obj["spec"].get("volumeClaimTemplates") or ()):
        amount = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage")
        if amount and quantity(amount).amount.denominator != 1:
            found.append(
                f"spec.volumeClaimTemplates[{number}].Spec.resources.requests[storage]: fractional byte value "
                f'"{amount}" is invalid, must be an integer'
            )
    if (obj["spec"].get("revisionHistoryLimit") or 0) < 0:
        found.append(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; "
            "a value >= 0 is recommended"
        )
    return found


def _ready(obj: Obj) -> str:
    return f"{(obj.get('status') or {}).get('readyReplicas', 0)}/{obj['spec'].get('replicas', 0)}"


STATEFUL_SETS = Resource(
    plural="statefulsets",
    kind="StatefulSet",
    group="apps",
    short_names=("sts",),
    categories=("all",),
    has_status=True,
    scale=Scale(selector=scale_selector),
    columns=(
        NAME,
        Column("Ready", lambda each, now: _ready(each)),
        AGE,
        *template_containers("spec", "template"),
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    validate_status_update=_validate_status_update,
    warnings=_warnings,
    counts_generation=True,
    name_problem=names.dns1123_label,
)

RESOURCES = (STATEFUL_SETS,)
