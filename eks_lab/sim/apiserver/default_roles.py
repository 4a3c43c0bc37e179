"""The roles and bindings of a new cluster, read from `default_roles.yaml`; aggregation fills the joint ones.

Facts: kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy (policy.go, controller_policy.go,
namespace_policy.go) for 1.36 with its default feature gates.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.rbac import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, GROUP, ROLE_BINDINGS, ROLES
from eks_lab.sim.objects import Key, Obj

MANAGER = "kube-apiserver"
LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
CONTROLLER = "system:controller:"

JOINT = {"admin": "", "edit": "admin", "view": "edit"}
"""Aggregated role -> the wider role that takes it in."""


def bootstrap_access(api: Api) -> None:
    """Create the default roles and bindings; what is there already stays.

    Args:
        api: serves the resources of rbac.authorization.k8s.io.
    """
    for role in cluster_roles():
        _ensure(api, CLUSTER_ROLES, role)
    for binding in cluster_role_bindings():
        _ensure(api, CLUSTER_ROLE_BINDINGS, binding)
    for rid, obj in namespaced():
        if api.get("namespaces", Key("", obj["metadata"]["namespace"])) is not None:
            _ensure(api, rid, obj)


def _ensure(api: Api, rid: str, obj: Obj) -> None:
    namespace = obj["metadata"].get("namespace", "")
    if api.get(rid, Key(namespace, obj["metadata"]["name"])) is None:
        api.create(rid, obj, namespace=namespace, manager=MANAGER)


@cache
def _table() -> dict[str, Any]:
    text = files("eks_lab.sim.apiserver").joinpath("default_roles.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


def _metadata(name: str, **labels: str) -> Obj:
    return {"name": name, "labels": {**LABELS, **labels}, "annotations": dict(ANNOTATIONS)}


def rule_of(text: str) -> Obj:
    """Return a rule written `groups: resources [names]: verbs`, or `paths: verbs` where the paths begin with a slash.

    Lists are separated by commas; a dash stands for the core group.
    """
    verbs = text.rpartition(": ")[2].split(",")
    head = text.rpartition(": ")[0]
    if head.startswith("/") or head == "urls":
        return {"nonResourceURLs": head.split(",") if head != "urls" else ["*"], "verbs": verbs}
    groups, _, resources = head.partition(": ")
    resources, _, names = resources.partition(" ")
    rule: Obj = {
        "apiGroups": ["" if each == "-" else each for each in groups.split(",")],
        "resources": resources.split(","),
    }
    if names:
        rule["resourceNames"] = names.strip("[]").split(",")
    return {**rule, "verbs": verbs}


def cluster_roles() -> list[Obj]:
    """Return the default ClusterRoles by name; aggregated ones with their rules already in."""
    roles: dict[str, Obj] = {}
    for name, rules in _table()["clusterRoles"].items():
        part_of = name.removeprefix("system:aggregate-to-") if name.startswith("system:aggregate-to-") else ""
        labels = {f"{AGGREGATE}{part_of}": "true"} if part_of else {}
        roles[name] = {"metadata": _metadata(name, **labels), "rules": [rule_of(each) for each in rules]}
    for name, rules in _table()["controllerRoles"].items():
        whole = CONTROLLER + name
        roles[whole] = {"metadata": _metadata(whole), "rules": [rule_of(each) for each in rules]}
    for name, wider in reversed(JOINT.items()):
        labels = {f"{AGGREGATE}{wider}": "true"} if wider else {}
        rule = {"clusterRoleSelectors": [{"matchLabels": {f"{AGGREGATE}{name}": "true"}}]}
        role: Obj = {"metadata": _metadata(name, **labels), "aggregationRule": rule}
        roles[name] = {**role, "rules": _collected(name, roles)}
    return [roles[name] for name in sorted(roles)]


def _collected(name: str, roles: dict[str, Obj]) -> list[Obj]:
    """Return the rules an aggregated role begins with; its controller keeps them in step later."""
    label = f"{AGGREGATE}{name}"
    rules: list[Obj] = []
    for other in sorted(roles):
        if label in roles[other]["metadata"]["labels"]:
            rules += [rule for rule in roles[other]["rules"] if rule not in rules]
    return rules


def _subject(text: str) -> Obj:
    kind, _, name = text.partition(" ")
    if kind == "ServiceAccount":
        namespace, _, name = name.partition("/")
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"kind": kind, "apiGroup": GROUP, "name": name}


def _binding(metadata: Obj, kind: str, role: str, subjects: list[str]) -> Obj:
    return {
        "metadata": metadata,
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role},
        "subjects": [_subject(each) for each in subjects],
    }


def cluster_role_bindings() -> list[Obj]:
    """Return the default ClusterRoleBindings by name."""
    bindings = [
        _binding(_metadata(name), "ClusterRole", name, subjects)
        for name, subjects in _table()["clusterRoleBindings"].items()
    ]
    for name in _table()["controllerRoles"]:
        whole = CONTROLLER + name
        subjects = [f"ServiceAccount kube-system/{name}"]
        bindings.append(_binding(_metadata(whole), "ClusterRole", whole, subjects))
    return sorted(bindings, key=lambda each: str(each["metadata"]["name"]))


def namespaced() -> Iterator[tuple[str, Obj]]:
    """Yield resource and object of the default Roles and RoleBindings."""
    for namespace, roles in _table()["roles"].items():
        for name, rules in roles.items():
            metadata = {**_metadata(name), "namespace": namespace}
            yield ROLES, {"metadata": metadata, "rules": [rule_of(each) for each in rules]}
    for namespace, bindings in _table()["roleBindings"].items():
        for name, (role, *subjects) in bindings.items():
            metadata = {**_metadata(name), "namespace": namespace}
            yield ROLE_BINDINGS, _binding(metadata, "Role", role, subjects)
