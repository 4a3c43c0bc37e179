"""What webhook configurations and admission policies share (pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from collections.abc import Collection

from eks_lab.sim.objects import FieldError, Obj, duplicate, invalid, not_supported, required, too_many
from eks_lab.sim.resources.expression_checks import condition_problem
from eks_lab.sim.resources.field_rules import name_errors, qualified_problems, selector_errors

FAILURE_POLICIES = ("Fail", "Ignore")
MATCH_POLICIES = ("Equivalent", "Exact")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_MOST_CONDITIONS = 64


def default_match(holder: Obj) -> None:
    """Fill in what a webhook or `matchConstraints` leaves out, in place.

    Args:
        holder: has `matchPolicy` and the two selectors.
    """
    if holder.get("matchPolicy") is None:
        holder["matchPolicy"] = "Equivalent"
    for selector in ("namespaceSelector", "objectSelector"):
        if holder.get(selector) is None:
            holder[selector] = {}


def default_rules(rules: list[Obj] | None) -> None:
    """Fill in the scope of rules, in place."""
    for rule in rules or ():
        if rule.get("scope") is None:
            rule["scope"] = "*"


def choice_errors(value: str | None, supported: tuple[str, ...], path: str) -> list[FieldError]:
    """Return the error of a word that is none of the supported ones; an absent one is fine."""
    return [] if value is None or value in supported else [not_supported(path, value, supported)]


def rule_errors(rule: Obj, path: str) -> list[FieldError]:
    """Return the errors of a rule with operations (validateRuleWithOperations)."""
    operations = rule.get("operations") or []
    here = f"{path}.operations"
    errors: list[FieldError] = []
    if not operations:
        errors.append(required(here))
    elif len(operations) > 1 and "*" in operations:
        errors.append(invalid(here, operations, "if '*' is present, must not specify other operations"))
    for number, operation in enumerate(operations):
        errors.extend(choice_errors(operation, _OPERATIONS, f"{here}[{number}]"))
    for field, what in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values, spot = rule.get(field) or [], f"{path}.{field}"
        if not values:
            errors.append(required(spot))
        elif len(values) > 1 and "*" in values:
            errors.append(invalid(spot, values, f"if '*' is present, must not specify other {what}"))
        if field == "apiVersions":
            errors.extend(required(f"{spot}[{number}]") for number, each in enumerate(values) if not each)
    errors.extend(_resource_errors(rule.get("resources") or [], f"{path}.resources"))
    return errors + choice_errors(rule.get("scope"), _SCOPES, f"{path}.scope")


def _resource_errors(resources: list[str], path: str) -> list[FieldError]:
    if not resources:
        return [required(path)]
    errors: list[FieldError] = []
    all_of: set[str] = set()
    of_all: set[str] = set()
    has_plain = False
    for number, text in enumerate(resources):
        here = f"{path}[{number}]"
        if not text:
            errors.append(required(here))
            continue
        resource, slash, part = text.partition("/")
        if not slash:
            has_plain = has_plain or text != "*"
            continue
        if resource in all_of:
            errors.append(invalid(here, text, f"if '{resource}/*' is present, must not specify {text}"))
        if part in of_all:
            errors.append(invalid(here, text, f"if '*/{part}' is present, must not specify {text}"))
        if part == "*":
            all_of.add(resource)
        if resource == "*":
            of_all.add(part)
    if len(resources) > 1 and "*/*" in resources:
        errors.append(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
    if "*" in resources and has_plain:
        detail = "if '*' is present, must not specify other resources without subresources"
        errors.append(invalid(path, resources, detail))
    return errors


def condition_errors(conditions: list[Obj] | None, declared: Collection[str], path: str) -> list[FieldError]:
    """Return the errors of match conditions.

    Args:
        conditions: names and expressions.
        declared: variables that expressions may use.
        path: of the list.
    """
    conditions = conditions or []
    errors: list[FieldError] = []
    if len(conditions) > _MOST_CONDITIONS:
        errors.append(too_many(path, len(conditions), _MOST_CONDITIONS))
    seen: set[str] = set()
    for number, condition in enumerate(conditions):
        here, name = f"{path}[{number}]", condition.get("name") or ""
        errors.extend(expression_errors(condition.get("expression"), declared, f"{here}.expression"))
        if not name:
            errors.append(required(f"{here}.name"))
        else:
            errors.extend(name_errors(qualified_problems, name, f"{here}.name"))
        if name and name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
    return errors


def expression_errors(
    text: str | None, declared: Collection[str], path: str, detail: str = ""
) -> list[FieldError]:
    """Return the error of an expression that must give a boolean.

    Args:
        text: CEL.
        declared: variables it may use.
        path: of the expression.
        detail: what the message adds when there is none.
    """
    if not (text or "").strip():
        return [required(path, detail)]
    problem = condition_problem((text or "").strip(), declared)
    return [invalid(path, text, problem)] if problem else []


def match_errors(match: Obj, path: str) -> list[FieldError]:
    """Return the errors of `matchConstraints` or `matchResources` (validateMatchResources)."""
    errors = choice_errors(match.get("matchPolicy"), MATCH_POLICIES, f"{path}.matchPolicy")
    for selector in ("namespaceSelector", "objectSelector"):
        errors.extend(selector_errors(match.get(selector), f"{path}.{selector}"))
    for field in ("resourceRules", "excludeResourceRules"):
        for number, rule in enumerate(match.get(field) or ()):
            errors.extend(rule_errors(rule, f"{path}.{field}[{number}]"))
    return errors
