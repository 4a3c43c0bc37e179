"""Affinity, tolerations, topology spread and gates (validateAffinity, ValidateTolerations, …)."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resources.field_rules import (
    enum_errors,
    label_key_errors,
    label_problems,
    selector_errors,
    subdomain_problems,
    value_problems,
)

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_SPREAD_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")


# --- nodes --------------------------------------------------------------------------------------------------


def _node_requirement_errors(rule: Obj, path: str) -> list[FieldError]:
    operator, values = rule.get("operator") or "", rule.get("values") or ()
    errors: list[FieldError] = []
    if operator in ("In", "NotIn"):
        if not values:
            detail = "must be specified when `operator` is 'In' or 'NotIn'"
            errors.append(required(f"{path}.values", detail))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(forbidden_field(f"{path}.values", detail))
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            errors.append(required(f"{path}.values", detail))
    else:
        errors.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
    errors.extend(label_key_errors(rule.get("key") or "", f"{path}.key"))
    for position, value in enumerate(values):
        errors.extend(invalid(f"{path}.values[{position}]", value, said) for said in value_problems(value))
    return errors


def _node_field_errors(rule: Obj, path: str) -> list[FieldError]:
    operator, values = rule.get("operator") or "", rule.get("values") or ()
    errors: list[FieldError] = []
    if operator not in ("In", "NotIn"):
        errors.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(required(f"{path}.values", detail))
    key = rule.get("key") or ""
    if key != "metadata.name":
        errors.append(invalid(f"{path}.key", key, "not a valid field selector key"))
    else:
        for position, value in enumerate(values):
            here = f"{path}.values[{position}]"
            errors.extend(invalid(here, value, said) for said in subdomain_problems(value))
    return errors


def _node_term_errors(term: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, rule in enumerate(term.get("matchExpressions") or ()):
        errors.extend(_node_requirement_errors(rule, f"{path}.matchExpressions[{number}]"))
    for number, rule in enumerate(term.get("matchFields") or ()):
        errors.extend(_node_field_errors(rule, f"{path}.matchFields[{number}]"))
    return errors


def node_selector_errors(selector: Obj, path: str) -> list[FieldError]:
    """Return the errors of a NodeSelector, of a pod's affinity or of a volume's (ValidateNodeSelector)."""
    here = f"{path}.nodeSelectorTerms"
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        return [required(here, "must have at least one node selector term")]
    errors: list[FieldError] = []
    for number, term in enumerate(terms):
        errors.extend(_node_term_errors(term, f"{here}[{number}]"))
    return errors


def _weight_errors(term: Obj, path: str) -> list[FieldError]:
    weight = term.get("weight") or 0
    return [] if 1 <= weight <= 100 else [invalid(f"{path}.weight", weight, "must be in the range 1-100")]


# --- pods ---------------------------------------------------------------------------------------------------


def _pod_term_errors(term: Obj, path: str) -> list[FieldError]:
    errors = selector_errors(term.get("labelSelector"), f"{path}.labelSelector")
    errors.extend(selector_errors(term.get("namespaceSelector"), f"{path}.namespaceSelector"))
    for name in term.get("namespaces") or ():
        errors.extend(invalid(f"{path}.namespace", name, said) for said in label_problems(name))
    errors.extend(_label_keys_errors(term, path))
    key = term.get("topologyKey") or ""
    if not key:
        errors.append(required(f"{path}.topologyKey", "can not be empty"))
    return errors + label_key_errors(key, f"{path}.topologyKey")


def _label_keys_errors(term: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    keys = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    selector = term.get("labelSelector")
    for field, names in zip(("matchLabelKeys", "mismatchLabelKeys"), keys, strict=True):
        if names and selector is None:
            errors.append(
                forbidden_field(f"{path}.{field}", "must not be specified when labelSelector is not set")
            )
        for number, name in enumerate(names):
            errors.extend(label_key_errors(name, f"{path}.{field}[{number}]"))
    for number, name in enumerate(keys[0]):
        if name in keys[1]:
            here = f"{path}.matchLabelKeys[{number}]"
            errors.append(invalid(here, name, "exists in both matchLabelKeys and mismatchLabelKeys"))
    return errors


def affinity_errors(affinity: Obj | None, path: str) -> list[FieldError]:
    """Return the errors of a pod's affinity."""
    if not affinity:
        return []
    errors: list[FieldError] = []
    node = affinity.get("nodeAffinity")
    if node:
        here = f"{path}.nodeAffinity"
        if node.get(_REQUIRED) is not None:
            errors.extend(node_selector_errors(node[_REQUIRED], f"{here}.{_REQUIRED}"))
        for number, term in enumerate(node.get(_PREFERRED) or ()):
            place = f"{here}.{_PREFERRED}[{number}]"
            errors.extend(_weight_errors(term, place))
            errors.extend(_node_term_errors(term.get("preference") or {}, f"{place}.preference"))
    for kind in ("podAffinity", "podAntiAffinity"):
        terms = affinity.get(kind) or {}
        for number, term in enumerate(terms.get(_REQUIRED) or ()):
            errors.extend(_pod_term_errors(term, f"{path}.{kind}.{_REQUIRED}[{number}]"))
        for number, term in enumerate(terms.get(_PREFERRED) or ()):
            place = f"{path}.{kind}.{_PREFERRED}[{number}]"
            errors.extend(_weight_errors(term, place))
            errors.extend(_pod_term_errors(term.get("podAffinityTerm") or {}, f"{place}.podAffinityTerm"))
    return errors


# --- tolerations, spread, gates -----------------------------------------------------------------------------


def toleration_errors(tolerations: Sequence[Obj], path: str) -> list[FieldError]:
    """Return the errors of tolerations; two of them quote the whole field under `operator`, as upstream."""
    errors: list[FieldError] = []
    for number, each in enumerate(tolerations):
        here = f"{path}[{number}]"
        key, operator, value = each.get("key") or "", each.get("operator") or "", each.get("value") or ""
        effect = each.get("effect") or ""
        if key:
            errors.extend(label_key_errors(key, f"{here}.key"))
        elif operator != "Exists":
            detail = (
                'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            )
            errors.append(invalid(f"{here}.operator", operator, detail))
        if each.get("tolerationSeconds") is not None and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(invalid(f"{here}.effect", effect, detail))
        if operator in ("Equal", ""):
            said = value_problems(value)
            if said:
                errors.append(invalid(f"{here}.operator", value, ";".join(said)))
        elif operator == "Exists":
            if value:
                detail = "value must be empty when `operator` is 'Exists'"
                errors.append(invalid(f"{here}.operator", value, detail))
        else:
            errors.append(not_supported(f"{here}.operator", operator, ("Equal", "Exists")))
        if effect and effect not in TAINT_EFFECTS:
            errors.append(not_supported(f"{here}.effect", effect, TAINT_EFFECTS))
    return errors


def spread_errors(constraints: Sequence[Obj], path: str) -> list[FieldError]:
    """Return the errors of topologySpreadConstraints."""
    errors: list[FieldError] = []
    kinds = [(each.get("topologyKey") or "", each.get("whenUnsatisfiable") or "") for each in constraints]
    for number, each in enumerate(constraints):
        here = f"{path}[{number}]"
        key, action = kinds[number]
        skew = each.get("maxSkew") or 0
        if skew <= 0:
            errors.append(invalid(f"{here}.maxSkew", skew, "must be greater than zero"))
        if not key:
            errors.append(required(f"{here}.topologyKey", "can not be empty"))
        if action not in _SPREAD_ACTIONS:
            errors.append(not_supported(f"{here}.whenUnsatisfiable", action, _SPREAD_ACTIONS))
        if kinds[number] in kinds[number + 1 :]:
            where = f"{here}.{{topologyKey, whenUnsatisfiable}}"
            errors.append(duplicate(where, f"{{{key}, {action}}}"))
        least = each.get("minDomains")
        if least is not None:
            if least <= 0:
                errors.append(invalid(f"{here}.minDomains", least, "must be greater than zero"))
            if action != "DoNotSchedule":
                detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
                errors.append(invalid(f"{here}.minDomains", least, detail))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if each.get(name) is not None:
                errors.extend(enum_errors(each[name], ("Honor", "Ignore"), f"{here}.{name}"))
        errors.extend(_label_keys_errors(each, here))
        errors.extend(selector_errors(each.get("labelSelector"), f"{here}.labelSelector"))
    return errors


def gate_errors(gates: Sequence[Obj], path: str) -> list[FieldError]:
    """Return the errors of schedulingGates."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, gate in enumerate(gates):
        name = gate.get("name") or ""
        errors.extend(label_key_errors(name, f"{path}[{number}]"))
        if name in seen:
            errors.append(duplicate(f"{path}[{number}]", name))
        seen.add(name)
    return errors
