"""Packing: which nodes Karpenter would run for some manifests, beside fixed groups and a lower bound.

The model is in `eks_lab.calc.packer`; this is its form.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eks_lab.calc import reservations
from eks_lab.calc.model import Answer, Calculator, Input, Reference, Value
from eks_lab.calc.packer.pods import CPU, MEMORY
from eks_lab.calc.packer.question import Question, Result, solve
from eks_lab.calc.packer.tables import gap_percent, grids, plots, used_percent
from eks_lab.calc.packer.working import steps, warnings
from eks_lab.calc.price_overrides import PRICES, TODAY
from eks_lab.catalog.accelerators import accelerators
from eks_lab.catalog.instance_types import catalogue
from eks_lab.catalog.prices import price_list
from eks_lab.catalog.source import Source

KARPENTER = Reference(
    title="aws/karpenter-provider-aws @1d92708 and kubernetes-sigs/karpenter @2266468: scheduling, NodePools,"
    " disruption",
    date="2026-08-21",
    url="https://karpenter.sh/docs/concepts/disruption/",
)
SCHEDULER = Reference(
    title="Kubernetes 1.36, kube-scheduler: filters of the default plugins and their messages",
    date="2026-11-22",
    url="https://kubernetes.io/docs/reference/scheduling/config/",
)
AUTOSCALER = Reference(
    title="kubernetes/autoscaler, cluster-autoscaler/FAQ.md",
    date="2026-08-22",
    url="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md",
)


def packing(inputs: Mapping[str, Value]) -> Answer:
    """Answer which nodes some pods need.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `nodes` and `usd_per_hour` of the packing, `lower_bound_usd_per_hour` for the pods that were
        placed, `gap_percent` between the two (None without nodes), the same for the Cluster Autoscaler
        (`ca_…`), and after scaling down what consolidation leaves (None when nothing was scaled down).

    Raises:
        InputError: a document, zone, type, price or workload name cannot be used.
    """
    with _without_collections():
        return _answer(inputs)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep the collector of cycles from walking over hundreds of thousands of pods that form none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _answer(inputs: Mapping[str, Value]) -> Answer:
    question = Question.of(inputs)
    result = solve(question)
    plan, groups, outcome = result.plan, result.on_groups, result.outcome
    shapes = plan.problem.filters.shapes
    return Answer(
        calculator="packing",
        headline=_headline(question, result),
        inputs=dict(inputs),
        result={
            "pods": question.manifests.pods,
            "placed_pods": plan.placed,
            "unplaced_pods": question.manifests.pods - plan.placed,
            "nodes": len(plan.nodes),
            "spot_nodes": sum(shapes[node.shape].capacity_type == "spot" for node in plan.nodes),
            "usd_per_hour": round(plan.usd_per_hour, 4),
            "lower_bound_usd_per_hour": round(result.bound_usd_per_hour, 4),
            "gap_percent": gap_percent(plan.usd_per_hour, result.bound_usd_per_hour),
            "cpu_percent": used_percent(plan, CPU),
            "memory_percent": used_percent(plan, MEMORY),
            "ca_nodes": len(groups.nodes),
            "ca_usd_per_hour": round(groups.usd_per_hour, 4),
            "ca_unplaced_pods": question.manifests.pods - groups.placed,
            "consolidation_steps": None if outcome is None else len(outcome.steps),
            "consolidated_nodes": None if outcome is None else len(outcome.machines),
            "consolidated_usd_per_hour": None if outcome is None else round(outcome.usd_per_hour, 4),
        },
        steps=steps(question, result),
        sources=(
            KARPENTER,
            SCHEDULER,
            AUTOSCALER,
            reservations.NODEADM,
            *(_reference(source) for source in (price_list().source, catalogue().source)),
            _reference(accelerators().source),
        ),
        warnings=warnings(question, result),
        grids=grids(question, result),
        plots=plots(result),
    )


def _reference(source: Source) -> Reference:
    return Reference(title=source.title, date=source.as_of.isoformat(), url=source.url)


def _headline(question: Question, result: Result) -> str:
    plan = result.plan
    total = question.manifests.pods
    if not plan.nodes:
        return f"No node can be launched for any of the {total} pods."
    gap = gap_percent(plan.usd_per_hour, result.bound_usd_per_hour)
    nodes = "1 node" if len(plan.nodes) == 1 else f"{len(plan.nodes)} nodes"
    text = f"{plan.placed} pods on {nodes} for {plan.usd_per_hour:.4f} USD/h"
    if gap is not None:
        text += f", {gap:.1f} % above the lower bound"
    missing = total - plan.placed
    return f"{text}; {missing} of {total} pods have no node." if missing else f"{text}."


CALCULATOR = Calculator(
    name="packing",
    title="Pods onto nodes",
    summary="Which nodes Karpenter would run for your manifests, beside fixed groups and a lower bound.",
    inputs=(
        Input(
            name="pods",
            label="Manifests",
            kind="document",
            default=None,
            help="Pods, Deployments, StatefulSets, Jobs, ReplicaSets, with PDBs, claims and DaemonSets; empty"
            " takes an example.",
            optional=True,
        ),
        Input(
            name="nodepool",
            label="NodePools",
            kind="document",
            default=None,
            help="NodePools of karpenter.sh/v1; empty takes a general one: amd64, c, m and r, on demand.",
            optional=True,
        ),
        Input(
            name="zones",
            label="Zones",
            kind="text",
            default="us-east-1a,us-east-1b,us-east-1c",
            help="Availability Zones with subnets for nodes, between commas.",
        ),
        Input(
            name="max_pods_mode",
            label="Pod addresses",
            kind="choice",
            default="secondary",
            help="How the VPC CNI gives addresses, which decides max pods; at most 110, or 250 above 30 vCPUs.",
            choices=("secondary", "prefix"),
        ),
        Input(
            name="daemonset_cpu_millicores",
            label="DaemonSets, CPU",
            kind="integer",
            default=150,
            help="CPU that DaemonSet pods request on every node, beside DaemonSets among the manifests.",
            unit="millicores",
            maximum=100_000,
        ),
        Input(
            name="daemonset_memory_mib",
            label="DaemonSets, memory",
            kind="integer",
            default=0,
            help="Memory that DaemonSet pods request on every node, beside DaemonSets among the manifests.",
            unit="MiB",
            maximum=1_000_000,
        ),
        Input(
            name="daemonset_pods",
            label="DaemonSets, pods",
            kind="integer",
            default=2,
            help="DaemonSet pods on every node: aws-node and kube-proxy are two.",
            unit="pods",
            maximum=100,
        ),
        Input(
            name="node_disk_gib",
            label="Node disk",
            kind="integer",
            default=20,
            help="File system of a node; pods that request ephemeral storage share what it leaves.",
            unit="GiB",
            minimum=1,
            maximum=65_536,
        ),
        Input(
            name="spot_discount_percent",
            label="Spot discount",
            kind="number",
            default=60.0,
            help="What Spot costs less than on demand; it varies, 50 to 70 is a cautious plan.",
            unit="%",
            maximum=95,
        ),
        Input(
            name="node_groups",
            label="Fixed groups",
            kind="text",
            default="m7i.xlarge,c7i.2xlarge,r7i.xlarge",
            help="Instance types of the Cluster Autoscaler's node groups, one a group, between commas.",
        ),
        Input(
            name="consolidation",
            label="Consolidation",
            kind="flag",
            default=True,
            help="Show what Karpenter removes after scaling down.",
        ),
        Input(
            name="scale_down_percent",
            label="Scale down",
            kind="number",
            default=0.0,
            help="Share of the replicas of every Deployment, ReplicaSet and StatefulSet that goes.",
            unit="%",
            maximum=100,
        ),
        Input(
            name="remove",
            label="Remove",
            kind="text",
            default=None,
            help="Workloads that go altogether, between commas: web, deployment/web or shop/web.",
            optional=True,
        ),
        PRICES,
        TODAY,
    ),
    compute=packing,
    lesson="scaling.karpenter-nodepools",
    result_units={
        "pods": "pods",
        "placed_pods": "pods",
        "unplaced_pods": "pods",
        "nodes": "nodes",
        "spot_nodes": "nodes",
        "usd_per_hour": "USD/h",
        "lower_bound_usd_per_hour": "USD/h",
        "gap_percent": "%",
        "cpu_percent": "%",
        "memory_percent": "%",
        "ca_nodes": "nodes",
        "ca_usd_per_hour": "USD/h",
        "ca_unplaced_pods": "pods",
        "consolidation_steps": "commands",
        "consolidated_nodes": "nodes",
        "consolidated_usd_per_hour": "USD/h",
    },
)
