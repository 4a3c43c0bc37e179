"""Manifests, NodePools and questions for tests of the calculator packing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer
from eks_lab.calc.packer.plan import Plan
from eks_lab.calc.packer.question import Question, Result, solve
from eks_lab.calc.packing import CALCULATOR

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
TYPE = "node.kubernetes.io/instance-type"
CAPACITY = "karpenter.sh/capacity-type"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

Manifest = dict[str, Any]


def requirement(key: str, operator: str, *values: str, **more: Any) -> Manifest:
    """Return one requirement of a NodePool."""
    return {"key": key, "operator": operator, "values": list(values), **more}


def pool(name: str, *requirements: Manifest, **spec: Any) -> Manifest:
    """Return a NodePool; `labels`, `taints` and `annotations` go into its template."""
    template: Manifest = {
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
            "requirements": list(requirements),
        }
    }
    for field in ("labels", "annotations"):
        if field in spec:
            template.setdefault("metadata", {})[field] = spec.pop(field)
    if "taints" in spec:
        template["spec"]["taints"] = spec.pop("taints")
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name},
        "spec": {"template": template, **spec},
    }


def of_types(name: str, *types: str, capacity: Sequence[str] = ("on-demand",), **spec: Any) -> Manifest:
    """Return a NodePool of some instance types."""
    return pool(name, requirement(TYPE, "In", *types), requirement(CAPACITY, "In", *capacity), **spec)


def pod_spec(cpu: str = "500m", memory: str = "512Mi", **spec: Any) -> Manifest:
    """Return a pod spec with one container; `requests` adds to CPU and memory."""
    requests = {"cpu": cpu, "memory": memory, **spec.pop("requests", {})}
    return {"containers": [{"name": "main", "image": "app", "resources": {"requests": requests}}], **spec}


def workload(
    name: str,
    replicas: int,
    spec: Manifest,
    *,
    kind: str = "Deployment",
    annotations: dict[str, str] | None = None,
    **more: Any,
) -> Manifest:
    """Return a workload whose pods carry the label `app: NAME`."""
    metadata: Manifest = {"labels": {"app": name}}
    if annotations:
        metadata["annotations"] = annotations
    template = {"metadata": metadata, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "template": template, **more},
    }


def selector(app: str) -> Manifest:
    """Return the label selector of a workload's pods."""
    return {"matchLabels": {"app": app}}


def spread(app: str, key: str, skew: int = 1, when: str = "DoNotSchedule", **more: Any) -> Manifest:
    """Return a topology spread constraint."""
    return {
        "topologyKey": key,
        "maxSkew": skew,
        "whenUnsatisfiable": when,
        "labelSelector": selector(app),
        **more,
    }


def pod_rule(kind: str, app: str, key: str) -> Manifest:
    """Return required podAffinity or podAntiAffinity to the pods of a workload."""
    term = {"topologyKey": key, "labelSelector": selector(app)}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def disruption_budget(app: str, **bound: int | str) -> Manifest:
    """Return a PodDisruptionBudget."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": app},
        "spec": {"selector": selector(app), **bound},
    }


def text(documents: Sequence[Manifest]) -> str:
    """Return documents as one YAML text."""
    return yaml.safe_dump_all(documents)


def _inputs(documents: Sequence[Manifest], pools: Sequence[Manifest], inputs: dict[str, object]) -> Any:
    return read_inputs(CALCULATOR, {"pods": text(documents), "nodepool": text(pools), **inputs})


def answer_for(documents: Sequence[Manifest], pools: Sequence[Manifest], **inputs: object) -> Answer:
    """Return the calculator's answer."""
    return CALCULATOR.compute(_inputs(documents, pools, inputs))


def result_of(documents: Sequence[Manifest], pools: Sequence[Manifest], **inputs: object) -> Result:
    """Return the whole result."""
    return solve(Question.of(_inputs(documents, pools, inputs)))


def nodes_of(plan: Plan) -> list[tuple[str, str, int]]:
    """Return type, zone and number of pods of each node, sorted."""
    filters = plan.problem.filters
    return sorted(
        (filters.shapes[node.shape].type_name, filters.zones[node.zone], sum(node.pods.values()))
        for node in plan.nodes
    )


def types_of(plan: Plan) -> list[str]:
    """Return the type of each node, sorted."""
    return [name for name, _, _ in nodes_of(plan)]
