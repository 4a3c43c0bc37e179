"""The FlowSchemas and PriorityLevelConfigurations that every API server makes for itself.

Source: the mandatory and suggested objects of staging/src/k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap/default.go.
EKS adds a few of its own (`eks-exempt` and others), which are not public as manifests and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eks_lab.sim.objects import Obj

MANAGER = "api-priority-and-fairness-config-producer-v1"
_UPDATED = {"annotations": {"apf.kubernetes.io/autoupdate-spec": "true"}}
_ALL_RULES = {
    "resourceRules": [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    ],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
}
_LEVELS = (
    # name, shares, percent that may be lent, queues, hand size
    ("system", 30, 33, 64, 6),
    ("node-high", 40, 25, 64, 6),
    ("leader-election", 10, 0, 16, 4),
    ("workload-high", 40, 50, 128, 6),
    ("workload-low", 100, 90, 128, 6),
    ("global-default", 20, 50, 128, 6),
)
_QUEUE_LENGTH = 50


def priority_levels() -> list[Obj]:
    """Return the levels as they are created."""
    found: list[Obj] = [
        {"metadata": {"name": "exempt", **_UPDATED}, "spec": {"type": "Exempt"}},
        _limited("catch-all", 5, 0, {"type": "Reject"}),
    ]
    for name, shares, lent, queues, hand in _LEVELS:
        queuing = {"queues": queues, "handSize": hand, "queueLengthLimit": _QUEUE_LENGTH}
        found.append(_limited(name, shares, lent, {"type": "Queue", "queuing": queuing}))
    return found


def _limited(name: str, shares: int, lent: int, response: Obj) -> Obj:
    limited = {"nominalConcurrencyShares": shares, "lendablePercent": lent, "limitResponse": response}
    return {"metadata": {"name": name, **_UPDATED}, "spec": {"type": "Limited", "limited": limited}}


def flow_schemas() -> list[Obj]:
    """Return the schemas as they are created, by precedence."""
    manager, scheduler = _user("system:kube-controller-manager"), _user("system:kube-scheduler")
    accounts = _account("*")
    everybody = [_group("system:unauthenticated"), _group("system:authenticated")]
    probes = {"nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]}]}
    uses = ["get", "create", "update"]
    leases = _rule(uses, "coordination.k8s.io", ["leases"], ["*"])
    endpoints = _rule(uses, "", ["endpoints"], ["*"])
    slices = _rule(uses, "discovery.k8s.io", ["endpointslices"], ["*"])
    node_events = {**_rule(["*"], "", ["nodes", "nodes/status"], ["*"]), "clusterScope": True}
    nodes = [_group("system:nodes")]
    return [
        _schema("exempt", "exempt", 1, "", [_group("system:masters")]),
        _schema("probes", "exempt", 2, "", everybody, probes),
        _schema(
            "system-leader-election",
            "leader-election",
            100,
            "ByUser",
            [manager, scheduler, accounts],
            {"resourceRules": [leases]},
        ),
        _schema(
            "endpoint-controller",
            "workload-high",
            150,
            "ByUser",
            [manager, _account("endpoint-controller"), _account("endpointslicemirroring-controller")],
            {"resourceRules": [endpoints, slices]},
        ),
        _schema(
            "workload-leader-election",
            "leader-election",
            200,
            "ByUser",
            [accounts],
            {"resourceRules": [leases]},
        ),
        _schema(
            "system-node-high",
            "node-high",
            400,
            "ByUser",
            nodes,
            {"resourceRules": [node_events, _rule(["*"], "coordination.k8s.io", ["leases"], ["*"])]},
        ),
        _schema("system-nodes", "system", 500, "ByUser", nodes),
        _schema("kube-controller-manager", "workload-high", 800, "ByNamespace", [manager]),
        _schema("kube-scheduler", "workload-high", 800, "ByNamespace", [scheduler]),
        _schema("kube-system-service-accounts", "workload-high", 900, "ByNamespace", [accounts]),
        _schema("service-accounts", "workload-low", 9000, "ByUser", [_group("system:serviceaccounts")]),
        _schema("global-default", "global-default", 9900, "ByUser", everybody),
        _schema("catch-all", "catch-all", 10_000, "ByUser", everybody),
    ]


def _schema(
    name: str, level: str, precedence: int, method: str, subjects: Sequence[Obj], rules: Obj | None = None
) -> Obj:
    spec: dict[str, Any] = {
        "priorityLevelConfiguration": {"name": level},
        "matchingPrecedence": precedence,
        "rules": [{"subjects": list(subjects), **(rules or _ALL_RULES)}],
    }
    if method:
        spec["distinguisherMethod"] = {"type": method}
    return {"metadata": {"name": name, **_UPDATED}, "spec": spec}


def _rule(verbs: list[str], group: str, resources: list[str], namespaces: list[str]) -> Obj:
    return {"verbs": verbs, "apiGroups": [group], "resources": resources, "namespaces": namespaces}


def _user(name: str) -> Obj:
    return {"kind": "User", "user": {"name": name}}


def _group(name: str) -> Obj:
    return {"kind": "Group", "group": {"name": name}}


def _account(name: str) -> Obj:
    return {"kind": "ServiceAccount", "serviceAccount": {"name": name, "namespace": "kube-system"}}
