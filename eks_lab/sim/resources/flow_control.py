"""FlowSchemas and PriorityLevelConfigurations: who waits how long at a busy API server (API Priority and Fairness)."""

from __future__ import annotations

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    condition_of,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, NONE, field_of

_GROUP = "flowcontrol.apiserver.k8s.io"
_MOST_PRECEDENCE = 10_000


def _drop_status(obj: Obj, world: World) -> None:
    obj["status"] = {}


def _keep_status(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def _default_schema(schema: Obj, world: World) -> None:
    spec = schema.setdefault("spec", {})
    if not spec.get("matchingPrecedence"):
        spec["matchingPrecedence"] = 1000
    schema.setdefault("status", {})


def _schema_errors(schema: Obj, world: World) -> list[FieldError]:
    spec = schema["spec"]
    errors: list[FieldError] = []
    precedence = spec["matchingPrecedence"]
    if precedence <= 0:
        errors.append(invalid("spec.matchingPrecedence", precedence, "must be a positive value"))
    if precedence > _MOST_PRECEDENCE:
        detail = f"must not be greater than {_MOST_PRECEDENCE}"
        errors.append(invalid("spec.matchingPrecedence", precedence, detail))
    if precedence == 1 and schema["metadata"].get("name") != "exempt":
        detail = "only the schema named 'exempt' may have matchingPrecedence 1"
        errors.append(invalid("spec.matchingPrecedence", precedence, detail))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in ("ByNamespace", "ByUser"):
        here = "spec.distinguisherMethod"
        errors.append(not_supported(here, method, ("ByNamespace", "ByUser")))
    if not (spec.get("priorityLevelConfiguration") or {}).get("name"):
        here = "spec.priorityLevelConfiguration.name"
        errors.append(required(here, "must reference a priority level"))
    for number, rule in enumerate(spec.get("rules") or ()):
        here = f"spec.rules[{number}]"
        if not rule.get("subjects"):
            errors.append(required(f"{here}.subjects", "subjects must contain at least one value"))
        if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
            errors.append(
                required(here, "at least one of resourceRules and nonResourceRules has to be non-empty")
            )
    return errors


def _missing_level(schema: Obj) -> str:
    condition = condition_of(schema, "Dangling")
    return condition["status"] if condition else "?"


FLOW_SCHEMAS = Resource(
    plural="flowschemas",
    kind="FlowSchema",
    group=_GROUP,
    namespaced=False,
    has_status=True,
    columns=(
        NAME,
        Column("PriorityLevel", field_of("spec", "priorityLevelConfiguration", "name")),
        Column("MatchingPrecedence", field_of("spec", "matchingPrecedence"), type="integer"),
        Column("DistinguisherMethod", field_of("spec", "distinguisherMethod", "type", otherwise=NONE)),
        AGE,
        Column("MissingPL", lambda each, now: _missing_level(each)),
    ),
    default=_default_schema,
    prepare_create=_drop_status,
    prepare_update=_keep_status,
    validate=_schema_errors,
    validate_update=lambda new, old, world: _schema_errors(new, world),
    counts_generation=True,
)

_QUEUING = {"queues": 64, "handSize": 8, "queueLengthLimit": 50}


def _default_level(level: Obj, world: World) -> None:
    spec = level.setdefault("spec", {})
    if spec.get("type") == "Exempt":
        exempt = spec.get("exempt") or {}
        for field in ("nominalConcurrencyShares", "lendablePercent"):
            if exempt.get(field) is None:
                exempt[field] = 0
        spec["exempt"] = exempt
    limited = spec.get("limited")
    if limited is not None:
        if limited.get("nominalConcurrencyShares") is None:
            limited["nominalConcurrencyShares"] = 30
        if limited.get("lendablePercent") is None:
            limited["lendablePercent"] = 0
        queuing = (limited.get("limitResponse") or {}).get("queuing")
        if queuing is not None:
            for field, value in _QUEUING.items():
                if not queuing.get(field):
                    queuing[field] = value
    level.setdefault("status", {})


def _level_errors(level: Obj, world: World) -> list[FieldError]:
    spec = level["spec"]
    kind, limited = spec.get("type"), spec.get("limited")
    if kind not in ("Exempt", "Limited"):
        return [not_supported("spec.type", kind or "", ("Exempt", "Limited"))]
    if kind == "Exempt":
        if limited is not None:
            return [forbidden_field("spec.limited", "must be nil if the type is not Limited")]
        return []
    if limited is None:
        return [required("spec.limited", "must not be empty when type is Limited")]
    errors: list[FieldError] = []
    shares = limited["nominalConcurrencyShares"]
    if shares < 0:
        here = "spec.limited.nominalConcurrencyShares"
        errors.append(invalid(here, shares, "must be a non-negative integer"))
    response = limited.get("limitResponse") or {}
    here = "spec.limited.limitResponse"
    if response.get("type") not in ("Queue", "Reject"):
        errors.append(not_supported(f"{here}.type", response.get("type") or "", ("Queue", "Reject")))
    elif response["type"] == "Queue" and response.get("queuing") is None:
        errors.append(required(f"{here}.queuing", "must not be empty if limitResponse.type is Limited"))
    elif response["type"] == "Reject" and response.get("queuing") is not None:
        detail = "must be nil if limited.limitResponse.type is not Limited"
        errors.append(forbidden_field(f"{here}.queuing", detail))
    return errors


PRIORITY_LEVEL_CONFIGURATIONS = Resource(
    plural="prioritylevelconfigurations",
    kind="PriorityLevelConfiguration",
    group=_GROUP,
    namespaced=False,
    has_status=True,
    columns=(
        NAME,
        Column("Type", field_of("spec", "type")),
        Column(
            "NominalConcurrencyShares",
            field_of("spec", "limited", "nominalConcurrencyShares", otherwise=NONE),
        ),
        *(
            Column(title, field_of("spec", "limited", "limitResponse", "queuing", name, otherwise=NONE))
            for title, name in (
                ("Queues", "queues"),
                ("HandSize", "handSize"),
                ("QueueLengthLimit", "queueLengthLimit"),
            )
        ),
        AGE,
    ),
    default=_default_level,
    prepare_create=_drop_status,
    prepare_update=_keep_status,
    validate=_level_errors,
    validate_update=lambda new, old, world: _level_errors(new, world),
    counts_generation=True,
)

RESOURCES = (FLOW_SCHEMAS, PRIORITY_LEVEL_CONFIGURATIONS)
