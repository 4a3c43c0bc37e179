"""Admission policies in CEL and their bindings (pkg/apis/admissionregistration)."""

from __future__ import annotations

import re

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, duplicate, forbidden_field, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.admission_rules import (
    FAILURE_POLICIES,
    condition_errors,
    default_match,
    default_rules,
    expression_errors,
    match_errors,
)
from eks_lab.sim.resources.columns import AGE, NAME, UNSET, field_of
from eks_lab.sim.resources.expression_checks import (
    constant_type,
    syntax_problem,
    undeclared_problem,
)
from eks_lab.sim.resources.field_rules import name_errors, selector_errors, subdomain_problems
from eks_lab.sim.resources.webhook_configurations import GROUP

_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_VARIABLES = ("object", "oldObject", "request", "namespaceObject", "authorizer")
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
_ACTIONS = ("Audit", "Deny", "Warn")
_PATCHES = ("ApplyConfiguration", "JSONPatch")
_REINVOCATIONS = ("IfNeeded", "Never")


def _default_validating(policy: Obj, world: World) -> None:
    spec = policy.setdefault("spec", {})
    if spec.get("failurePolicy") is None:
        spec["failurePolicy"] = "Fail"
    _default_constraints(spec.get("matchConstraints"))
    policy.setdefault("status", {})


def _default_mutating(policy: Obj, world: World) -> None:
    spec = policy.setdefault("spec", {})
    if spec.get("failurePolicy") is None:
        spec["failurePolicy"] = "Fail"
    if spec.get("reinvocationPolicy") is None:
        spec["reinvocationPolicy"] = "Never"
    _default_constraints(spec.get("matchConstraints"))


def _default_constraints(constraints: Obj | None) -> None:
    if constraints is not None:
        default_match(constraints)
        for field in ("resourceRules", "excludeResourceRules"):
            default_rules(constraints.get(field))


def _default_binding(binding: Obj, world: World) -> None:
    spec = binding.setdefault("spec", {})
    _default_constraints(spec.get("matchResources"))
    reference = spec.get("paramRef")
    if reference is not None and reference.get("parameterNotFoundAction") is None:
        reference["parameterNotFoundAction"] = "Deny"


def _drop_status(policy: Obj, world: World) -> None:
    policy["status"] = {}


def _keep_status(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def _param_kind_errors(kind: Obj, path: str) -> list[FieldError]:
    version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    errors: list[FieldError] = []
    if not version:
        errors.append(required(f"{path}.apiVersion"))
    elif version.count("/") > 1:
        errors.append(invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}"))
    if not name:
        errors.append(required(f"{path}.kind"))
    else:
        said = names.dns1035_label(name.lower())
        if said:
            detail = f"may have mixed case, but should otherwise match: {','.join(said)}"
            errors.append(invalid(f"{path}.kind", name, detail))
    return errors


def _base_errors(spec: Obj) -> list[FieldError]:
    """Return the errors of what both kinds of policies have, in the real server's order."""
    policy, constraints = spec.get("failurePolicy"), spec.get("matchConstraints")
    errors: list[FieldError] = []
    if policy not in FAILURE_POLICIES:
        errors.append(not_supported("spec.failurePolicy", policy, FAILURE_POLICIES))
    if spec.get("paramKind") is not None:
        errors.extend(_param_kind_errors(spec["paramKind"], "spec.paramKind"))
    if constraints is None:
        errors.append(required("spec.matchConstraints"))
    else:
        errors.extend(match_errors(constraints, "spec.matchConstraints"))
        if not constraints.get("resourceRules"):
            errors.append(required("spec.matchConstraints.resourceRules"))
    errors.extend(condition_errors(spec.get("matchConditions"), _declared(spec), "spec.matchConditions"))
    seen: set[str] = set()
    for number, variable in enumerate(spec.get("variables") or ()):
        here, name = f"spec.variables[{number}]", variable.get("name") or ""
        if not name:
            errors.append(required(f"{here}.name", "name is not specified"))
        elif not _IDENTIFIER.fullmatch(name):
            errors.append(invalid(f"{here}.name", name, "name is not a valid CEL identifier"))
        elif name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
        errors.extend(_free_errors(variable.get("expression"), spec, f"{here}.expression"))
    return errors


def _declared(spec: Obj) -> tuple[str, ...]:
    return (*_VARIABLES, "variables", *(("params",) if spec.get("paramKind") is not None else ()))


def _free_errors(text: str | None, spec: Obj, path: str, wanted: str = "") -> list[FieldError]:
    """Return the error of an expression that gives a value of some other type than a boolean."""
    text = (text or "").strip()
    if not text:
        return [required(path, "expression is not specified")]
    problem = syntax_problem(text) or undeclared_problem(text, _declared(spec))
    kind = "" if problem else constant_type(text)
    if wanted and kind not in ("", wanted):
        problem = f"must evaluate to {wanted} but got {kind}"
    return [invalid(path, text, problem)] if problem else []


def _validation_errors(validation: Obj, spec: Obj, path: str) -> list[FieldError]:
    text, message = validation.get("expression") or "", validation.get("message") or ""
    errors = expression_errors(text, _declared(spec), f"{path}.expression", "expression is not specified")
    if message and not message.strip():
        errors.append(invalid(f"{path}.message", message, "message must be non-empty if specified"))
    elif "\n" in message.strip():
        errors.append(invalid(f"{path}.message", message, "message must not contain line breaks"))
    elif "\n" in text.strip() and not message:
        detail = "message must be specified if expression contains line breaks"
        errors.append(required(f"{path}.message", detail))
    if validation.get("messageExpression"):
        here = f"{path}.messageExpression"
        errors.extend(_free_errors(validation["messageExpression"], spec, here, "string"))
    reason = validation.get("reason")
    if reason is not None and reason not in _REASONS:
        errors.append(not_supported(f"{path}.reason", reason, _REASONS))
    return errors


def _validating_errors(policy: Obj, world: World) -> list[FieldError]:
    spec = policy["spec"]
    errors = _base_errors(spec)
    validations, annotations = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not validations and not annotations:
        detail = "validations or auditAnnotations must contain at least one item"
        return [*errors, required("spec.validations", detail), required("spec.auditAnnotations", detail)]
    for number, validation in enumerate(validations):
        errors.extend(_validation_errors(validation, spec, f"spec.validations[{number}]"))
    seen: set[str] = set()
    for number, annotation in enumerate(annotations):
        here, key = f"spec.auditAnnotations[{number}]", annotation.get("key") or ""
        if not key:
            errors.append(required(f"{here}.key"))
        else:
            whole = f"{policy['metadata'].get('name') or ''}/{key}"
            errors.extend(invalid(f"{here}.key", key, said) for said in names.qualified_name(whole))
        if key and key in seen:
            errors.append(duplicate(f"{here}.key", key))
        seen.add(key)
        errors.extend(_free_errors(annotation.get("valueExpression"), spec, f"{here}.valueExpression"))
    return errors


def _mutating_errors(policy: Obj, world: World) -> list[FieldError]:
    spec = policy["spec"]
    errors = _base_errors(spec)
    mutations = spec.get("mutations") or []
    if not mutations:
        errors.append(required("spec.mutations", "mutations must contain at least one item"))
    for number, mutation in enumerate(mutations):
        here, kind = f"spec.mutations[{number}]", mutation.get("patchType") or ""
        if kind not in _PATCHES:
            errors.append(not_supported(f"{here}.patchType", kind, _PATCHES))
            continue
        field = "applyConfiguration" if kind == "ApplyConfiguration" else "jsonPatch"
        if mutation.get(field) is None:
            detail = f"must be specified when patchType is {kind}"
            errors.append(required(f"{here}.{field}", detail))
        elif not (mutation[field].get("expression") or "").strip():
            errors.append(required(f"{here}.{field}.expression", "expression is not specified"))
        else:
            problem = syntax_problem(mutation[field]["expression"].strip())
            if problem:
                spot = f"{here}.{field}.expression"
                errors.append(invalid(spot, mutation[field]["expression"], problem))
    again = spec.get("reinvocationPolicy")
    if again not in _REINVOCATIONS:
        errors.append(not_supported("spec.reinvocationPolicy", again, _REINVOCATIONS))
    return errors


def _reference_errors(reference: Obj, path: str) -> list[FieldError]:
    name, selector = reference.get("name") or "", reference.get("selector")
    errors: list[FieldError] = []
    if name:
        errors.extend(name_errors(subdomain_problems, name, f"{path}.name"))
        if selector is not None:
            detail = "name and selector are mutually exclusive"
            errors.append(forbidden_field(f"{path}.name", detail))
    if selector is not None:
        errors.extend(selector_errors(selector, f"{path}.selector"))
    elif not name:
        errors.append(required(path, "one of name or selector must be specified"))
    action = reference.get("parameterNotFoundAction")
    if action not in ("Allow", "Deny"):
        here = f"{path}.parameterNotFoundAction"
        errors.append(not_supported(here, action, ("Deny", "Allow")))
    return errors


def _binding_errors(spec: Obj) -> list[FieldError]:
    name = spec.get("policyName") or ""
    errors: list[FieldError] = []
    if not name:
        errors.append(required("spec.policyName"))
    else:
        errors.extend(name_errors(subdomain_problems, name, "spec.policyName"))
    if spec.get("paramRef") is not None:
        errors.extend(_reference_errors(spec["paramRef"], "spec.paramRef"))
    if spec.get("matchResources") is not None:
        errors.extend(match_errors(spec["matchResources"], "spec.matchResouces"))
    return errors


def _action_errors(actions: list[str]) -> list[FieldError]:
    here = "spec.validationActions"
    if not actions:
        return [required(here)]
    errors: list[FieldError] = []
    for number, action in enumerate(actions):
        if action not in _ACTIONS:
            errors.append(not_supported(f"{here}[{number}]", action, _ACTIONS))
        if action in actions[:number]:
            errors.append(duplicate(f"{here}[{number}]", action))
    if "Deny" in actions and "Warn" in actions:
        detail = (
            "must not contain both Deny and Warn (repeating the same validation failure information in the "
            "API response and headers serves no purpose)"
        )
        errors.append(invalid(here, actions, detail))
    return errors


def _validating_binding_errors(binding: Obj, world: World) -> list[FieldError]:
    spec = binding["spec"]
    return _binding_errors(spec) + _action_errors(spec.get("validationActions") or [])


def _param_kind(policy: Obj) -> str:
    kind = policy["spec"].get("paramKind")
    return f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET


def _param_reference(binding: Obj) -> str:
    reference = binding["spec"].get("paramRef")
    if not reference:
        return UNSET
    name, namespace = reference.get("name"), reference.get("namespace")
    if not name:
        return "*" if not namespace else f"{namespace}/*"
    return f"{namespace}/{name}" if namespace else str(name)


def _counted(title: str, field: str) -> Column:
    return Column(title, lambda each, now: len(each["spec"].get(field) or ()), type="integer")


_PARAM_KIND = Column("ParamKind", lambda each, now: _param_kind(each))
_BINDING_COLUMNS = (
    NAME,
    Column("PolicyName", field_of("spec", "policyName")),
    Column("ParamRef", lambda each, now: _param_reference(each)),
    AGE,
)

VALIDATING_ADMISSION_POLICIES = Resource(
    plural="validatingadmissionpolicies",
    kind="ValidatingAdmissionPolicy",
    group=GROUP,
    namespaced=False,
    categories=("api-extensions",),
    has_status=True,
    columns=(NAME, _counted("Validations", "validations"), _PARAM_KIND, AGE),
    default=_default_validating,
    prepare_create=_drop_status,
    prepare_update=_keep_status,
    validate=_validating_errors,
    validate_update=lambda new, old, world: _validating_errors(new, world),
    counts_generation=True,
)
VALIDATING_ADMISSION_POLICY_BINDINGS = Resource(
    plural="validatingadmissionpolicybindings",
    kind="ValidatingAdmissionPolicyBinding",
    group=GROUP,
    namespaced=False,
    categories=("api-extensions",),
    columns=_BINDING_COLUMNS,
    default=_default_binding,
    validate=_validating_binding_errors,
    validate_update=lambda new, old, world: _validating_binding_errors(new, world),
    counts_generation=True,
)
MUTATING_ADMISSION_POLICIES = Resource(
    plural="mutatingadmissionpolicies",
    kind="MutatingAdmissionPolicy",
    group=GROUP,
    namespaced=False,
    categories=("api-extensions",),
    columns=(NAME, _counted("Mutations", "mutations"), _PARAM_KIND, AGE),
    default=_default_mutating,
    validate=_mutating_errors,
    validate_update=lambda new, old, world: _mutating_errors(new, world),
    counts_generation=True,
)
MUTATING_ADMISSION_POLICY_BINDINGS = Resource(
    plural="mutatingadmissionpolicybindings",
    kind="MutatingAdmissionPolicyBinding",
    group=GROUP,
    namespaced=False,
    categories=("api-extensions",),
    columns=_BINDING_COLUMNS,
    default=_default_binding,
    validate=lambda binding, world: _binding_errors(binding["spec"]),
    validate_update=lambda new, old, world: _binding_errors(new["spec"]),
    counts_generation=True,
)

RESOURCES = (
    VALIDATING_ADMISSION_POLICIES,
    VALIDATING_ADMISSION_POLICY_BINDINGS,
    MUTATING_ADMISSION_POLICIES,
    MUTATING_ADMISSION_POLICY_BINDINGS,
)
