"""Brings a kind cluster back to what it was when it was made, without making it again where that can be told to suffice.

A baseline is taken when the cluster is complete: nodes with labels and taints, objects outside namespaces, and the
generations of what runs in kube-system. Namespaces of the learner go; what was changed in kube-system cannot be
taken back one by one, and then the answer is that the cluster has to be made anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from eks_lab.errors import DataError
from eks_lab.sandbox.backends.commands import Outcome
from eks_lab.sandbox.backends.docker.explanation import explained

SYSTEM_NAMESPACES = frozenset(
    {"default", "kube-node-lease", "kube-public", "kube-system", "local-path-storage"}
)
"""Of a fresh kind cluster."""
CLUSTER_SCOPED = (
    "validatingwebhookconfigurations", "mutatingwebhookconfigurations", "customresourcedefinitions",
    "clusterrolebindings", "clusterroles", "ingressclasses", "priorityclasses", "storageclasses",
    "persistentvolumes",
)  # fmt: skip
"""Kinds outside namespaces that labs make, webhooks first: one that answers nobody would refuse the rest."""
KEPT_IN_DEFAULT = frozenset(
    {"endpoints", "endpointslices.discovery.k8s.io", "events", "events.events.k8s.io"}
)
"""Follows from other objects; the service `kubernetes` and the account `default` come back by themselves."""
_DELETE_SECONDS = 180


class Kubectl(Protocol):
    """Runs kubectl on the cluster."""

    def __call__(self, *arguments: str, seconds: float = 30.0, stdin: str = "") -> Outcome:
        """Run it to its end."""
        ...


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a fresh cluster has."""

    nodes: Mapping[str, Mapping[str, Any]]
    """Name -> `labels` and `taints`."""
    cluster_scoped: frozenset[str]
    """As `kubectl get -o name` prints them."""
    system: Mapping[str, int]
    """`daemonset/kube-proxy` -> generation."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "nodes": {name: dict(node) for name, node in self.nodes.items()},
            "cluster_scoped": sorted(self.cluster_scoped),
            "system": dict(self.system),
        }


def baseline_of(document: Mapping[str, Any]) -> Baseline:
    """Return a baseline from its JSON values.

    Raises:
        DataError: it is none.
    """
    try:
        return Baseline(document["nodes"], frozenset(document["cluster_scoped"]), document["system"])
    except (KeyError, TypeError) as error:
        raise DataError("the record of the cluster has no baseline") from error


def observe(kubectl: Kubectl) -> Baseline:
    """Return what a cluster has now.

    Raises:
        EksLabError: the cluster does not answer.
    """
    nodes = {
        each["metadata"]["name"]: {
            "labels": each["metadata"].get("labels", {}),
            "taints": each["spec"].get("taints", []),
        }
        for each in _items(kubectl, "nodes")
    }
    system = {
        f"{each['kind'].lower()}/{each['metadata']['name']}": each["metadata"].get("generation", 0)
        for each in _items(kubectl, "deployments,daemonsets", "--namespace", "kube-system")
    }
    named = _said(kubectl, "get", ",".join(CLUSTER_SCOPED), "--output", "name").split()
    return Baseline(nodes, frozenset(named), system)


def is_beyond_reset(before: Baseline, now: Baseline) -> bool:
    """Say whether nodes are gone or new, or something in kube-system was changed: then only a new cluster helps."""
    return set(before.nodes) != set(now.nodes) or dict(before.system) != dict(now.system)


def reset(kubectl: Kubectl, before: Baseline, now: Baseline) -> None:
    """Take back what was made and changed since the baseline.

    Args:
        kubectl: of the cluster.
        before: when it was made.
        now: as it is.

    Raises:
        EksLabError: something cannot be taken back.
    """
    new = now.cluster_scoped - before.cluster_scoped
    hooks = sorted(each for each in new if "webhookconfiguration" in each)
    _delete(kubectl, hooks)
    namespaces = [each["metadata"]["name"] for each in _items(kubectl, "namespaces")]
    _delete(kubectl, [f"namespace/{each}" for each in sorted(set(namespaces) - SYSTEM_NAMESPACES)])
    _empty_default(kubectl)
    _delete(kubectl, sorted(new - set(hooks)))
    for name in sorted(before.nodes):
        patch = node_patch(before.nodes[name], now.nodes[name])
        if patch:
            _said(kubectl, "patch", "node", name, "--type", "merge", "--patch", json.dumps(patch))


def node_patch(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch that gives a node its labels and taints back; empty when nothing has changed."""
    labels: dict[str, str | None] = {name: None for name in now["labels"] if name not in before["labels"]}
    labels |= {name: value for name, value in before["labels"].items() if now["labels"].get(name) != value}
    patch: dict[str, Any] = {"metadata": {"labels": labels}} if labels else {}
    if _plain(before["taints"]) != _plain(now["taints"]):
        # A cordoned node has the field beside the taint.
        patch["spec"] = {"taints": before["taints"] or None, "unschedulable": None}
    return patch


def _plain(taints: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((each["key"], each.get("value", ""), each["effect"]) for each in taints)


def _empty_default(kubectl: Kubectl) -> None:
    kinds = _said(kubectl, "api-resources", "--namespaced", "--verbs=list,delete", "--output", "name").split()
    wanted = [each for each in kinds if each not in KEPT_IN_DEFAULT]
    _said(
        kubectl, "delete", ",".join(wanted), "--all", "--namespace", "default", "--ignore-not-found",
        f"--timeout={_DELETE_SECONDS}s", seconds=_DELETE_SECONDS + 30.0,
    )  # fmt: skip


def _delete(kubectl: Kubectl, names: Sequence[str]) -> None:
    if names:
        _said(
            kubectl, "delete", *names, "--ignore-not-found", f"--timeout={_DELETE_SECONDS}s",
            seconds=_DELETE_SECONDS + 30.0,
        )  # fmt: skip


def _items(kubectl: Kubectl, kinds: str, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_said(kubectl, "get", kinds, *arguments, "--output", "json"))[
        "items"
    ]
    return found


def _said(kubectl: Kubectl, *arguments: str, seconds: float = 30.0) -> str:
    outcome = kubectl(*arguments, seconds=seconds)
    if outcome.code != 0:
        raise explained(f"run kubectl {arguments[0]} on the cluster", outcome)
    return outcome.out
