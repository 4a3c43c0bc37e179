"""Roles and bindings (pkg/apis/rbac)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME
from eks_lab.sim.resources.field_rules import name_errors, selector_errors, subdomain_problems

GROUP = "rbac.authorization.k8s.io"
_CREATED_AT = Column(
    "Created At", lambda each, now: each["metadata"].get("creationTimestamp", ""), type="date"
)


def _default_role(role: Obj, world: World) -> None:
    role.setdefault("rules", None)


def _rule_errors(rule: Obj, path: str, *, namespaced: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    if not rule.get("verbs"):
        errors.append(required(f"{path}.verbs", "verbs must contain at least one value"))
    urls = rule.get("nonResourceURLs") or []
    if urls:
        here = f"{path}.nonResourceURLs"
        if namespaced:
            errors.append(invalid(here, urls, "namespaced rules cannot apply to non-resource URLs"))
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            errors.append(invalid(here, urls, detail))
        return errors
    if not rule.get("apiGroups"):
        errors.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        errors.append(required(f"{path}.resources", "resource rules must supply at least one resource"))
    return errors


def _rules_errors(role: Obj, *, namespaced: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, rule in enumerate(role.get("rules") or ()):
        errors.extend(_rule_errors(rule, f"rules[{number}]", namespaced=namespaced))
    return errors


def _role_errors(role: Obj, world: World) -> list[FieldError]:
    return _rules_errors(role, namespaced=True)


def _cluster_role_errors(role: Obj, world: World) -> list[FieldError]:
    errors = _rules_errors(role, namespaced=False)
    aggregation = role.get("aggregationRule")
    if aggregation is None:
        return errors
    selectors = aggregation.get("clusterRoleSelectors") or []
    here = "aggregationRule.clusterRoleSelectors"
    if not selectors:
        detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        errors.append(required(here, detail))
    for number, selector in enumerate(selectors):
        found = selector_errors(selector, f"{here}[{number}]")
        errors.extend(found)
        if found:
            # The message shows the parsed selector, which is none.
            errors.append(invalid(f"{here}[{number}]", None, "invalid label selector."))
    return errors


def _default_binding(binding: Obj, world: World) -> None:
    reference = binding.setdefault("roleRef", {})
    if not reference.get("apiGroup"):
        reference["apiGroup"] = GROUP
    reference.setdefault("kind", "")
    reference.setdefault("name", "")
    for subject in binding.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP


def _subject_errors(subject: Obj, path: str, *, namespaced: bool) -> list[FieldError]:
    name, kind, group = subject.get("name") or "", subject.get("kind") or "", subject.get("apiGroup") or ""
    errors: list[FieldError] = []
    if not name:
        errors.append(required(f"{path}.name"))
    if kind == "ServiceAccount":
        if name:
            errors.extend(name_errors(subdomain_problems, name, f"{path}.name"))
        if group:
            errors.append(not_supported(f"{path}.apiGroup", group, ("",)))
        if not namespaced and not subject.get("namespace"):
            errors.append(required(f"{path}.namespace"))
    elif kind in ("User", "Group"):
        if group != GROUP:
            errors.append(not_supported(f"{path}.apiGroup", group, (GROUP,)))
    else:
        errors.append(not_supported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group")))
    return errors


def _binding_errors(binding: Obj, *, namespaced: bool) -> list[FieldError]:
    reference = binding["roleRef"]
    group, kind, name = (reference.get(field) or "" for field in ("apiGroup", "kind", "name"))
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    errors: list[FieldError] = []
    if group != GROUP:
        errors.append(not_supported("roleRef.apiGroup", group, (GROUP,)))
    if kind not in kinds:
        errors.append(not_supported("roleRef.kind", kind, kinds))
    if not name:
        errors.append(required("roleRef.name"))
    else:
        errors.extend(name_errors(names.path_segment, name, "roleRef.name"))
    for number, subject in enumerate(binding.get("subjects") or ()):
        errors.extend(_subject_errors(subject, f"subjects[{number}]", namespaced=namespaced))
    return errors


def _binding_update_errors(new: Obj, old: Obj, *, namespaced: bool) -> list[FieldError]:
    errors = _binding_errors(new, namespaced=namespaced)
    if new["roleRef"] != old["roleRef"]:
        reference = new["roleRef"]
        shown = {
            "APIGroup": reference.get("apiGroup", ""),
            "Kind": reference.get("kind", ""),
            "Name": reference.get("name", ""),
        }
        errors.append(invalid("roleRef", shown, "cannot change roleRef"))
    return errors


def _role_of(binding: Obj, now: datetime) -> Any:
    return f"{binding['roleRef']['kind']}/{binding['roleRef']['name']}"


def _subjects(kind: str) -> Column:
    def cell(binding: Obj, now: datetime) -> Any:
        found = []
        for subject in binding.get("subjects") or ():
            if subject.get("kind") == kind:
                name = subject["name"]
                found.append(f"{subject.get('namespace', '')}/{name}" if kind == "ServiceAccount" else name)
        return ", ".join(found)

    return Column(f"{kind}s", cell, wide=True)


_BINDING_COLUMNS = (
    NAME,
    Column("Role", _role_of),
    AGE,
    _subjects("User"),
    _subjects("Group"),
    _subjects("ServiceAccount"),
)

ROLES = Resource(
    plural="roles",
    kind="Role",
    group=GROUP,
    columns=(NAME, _CREATED_AT),
    default=_default_role,
    validate=_role_errors,
    validate_update=lambda new, old, world: _role_errors(new, world),
    name_problem=names.path_segment,
)
ROLE_BINDINGS = Resource(
    plural="rolebindings",
    kind="RoleBinding",
    group=GROUP,
    columns=_BINDING_COLUMNS,
    default=_default_binding,
    validate=lambda binding, world: _binding_errors(binding, namespaced=True),
    validate_update=lambda new, old, world: _binding_update_errors(new, old, namespaced=True),
    name_problem=names.path_segment,
)
CLUSTER_ROLES = Resource(
    plural="clusterroles",
    kind="ClusterRole",
    group=GROUP,
    namespaced=False,
    columns=(NAME, _CREATED_AT),
    default=_default_role,
    validate=_cluster_role_errors,
    validate_update=lambda new, old, world: _cluster_role_errors(new, world),
    name_problem=names.path_segment,
)
CLUSTER_ROLE_BINDINGS = Resource(
    plural="clusterrolebindings",
    kind="ClusterRoleBinding",
    group=GROUP,
    namespaced=False,
    columns=_BINDING_COLUMNS,
    default=_default_binding,
    validate=lambda binding, world: _binding_errors(binding, namespaced=False),
    validate_update=lambda new, old, world: _binding_update_errors(new, old, namespaced=False),
    name_problem=names.path_segment,
)

RESOURCES = (ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS)
