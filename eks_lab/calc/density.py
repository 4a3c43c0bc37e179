"""Which instance types carry so many pods of one shape cheapest, and what limits each of them.

The figures come from `eks_lab.calc.node_density` and `eks_lab.calc.type_comparison`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.calc import eni, node_density, reservations
from eks_lab.calc.allocatable import DAEMONSET_CPU, DAEMONSET_MEMORY, MEMORY_OVERHEAD
from eks_lab.calc.density_working import HOURS_A_MONTH, decided_by, grids, plot, steps, warnings
from eks_lab.calc.inputs import CUSTOM_NETWORKING, PREFIX_DELEGATION
from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.calc.node_density import Fleet, fleet_addresses
from eks_lab.calc.price_overrides import PRICES, TODAY, PriceBook
from eks_lab.calc.type_comparison import ANY_ARCHITECTURE, ARCHITECTURES, Comparison, Question, compare


def _candidate(comparison: Comparison, nodes: Fleet) -> dict[str, Any]:
    name = nodes.fit.instance.name
    return {
        "instance": name,
        "usd_per_node_hour": comparison.usd_per_hour[name],
        "pods_per_node": nodes.fit.pods,
        "limits": dict(nodes.fit.limits),
        "binding": list(nodes.fit.binding),
        "nodes": nodes.nodes,
        "usd_per_hour": nodes.usd_per_hour,
        "usd_per_month": round(nodes.usd_per_hour * HOURS_A_MONTH, 2),
        "addresses": fleet_addresses(nodes, comparison.question.setup),
    }


def _headline(comparison: Comparison) -> str:
    best = comparison.fleets[0]
    nodes = "1 node" if best.nodes == 1 else f"{best.nodes} nodes"
    pods = "1 pod" if comparison.question.pods == 1 else f"{comparison.question.pods} pods"
    each = "1 pod" if best.fit.pods == 1 else f"{best.fit.pods} pods"
    return (
        f"{pods} run cheapest on {nodes} {best.fit.instance.name} for {best.usd_per_hour:.10g} USD an hour;"
        f" a node carries {each}, decided by {decided_by(best)}."
    )


def density(inputs: Mapping[str, Value]) -> Answer:
    """Answer which instance types carry the pods cheapest.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `candidates`: the cheapest types, each with `limits` (pods a node by each limit), `binding`
        (the limits that decide), `nodes`, `usd_per_hour` and `addresses` (taken of the subnets); the
        figures of the first are repeated beside it. `compared_types` could be compared,
        `too_small_types` carry not even one pod, `too_dear_types` and `too_many_addresses_types` fell
        to a filter, `not_comparable_types` have no price on record.

    Raises:
        InputError: an unknown family or price, or no type is left.
    """
    question = Question.of(inputs)
    prices = PriceBook.of(inputs)
    comparison = compare(question, prices)
    shown = inputs["show"] if isinstance(inputs["show"], int) else 10
    candidates = [_candidate(comparison, nodes) for nodes in comparison.fleets[:shown]]
    best = candidates[0]
    names = list(comparison.usd_per_hour)
    return Answer(
        calculator="density",
        headline=_headline(comparison),
        inputs=dict(inputs),
        result={
            "instance": best["instance"],
            "nodes": best["nodes"],
            "pods_per_node": best["pods_per_node"],
            "binding": best["binding"],
            "usd_per_hour": best["usd_per_hour"],
            "usd_per_month": best["usd_per_month"],
            "usd_per_pod_month": round(best["usd_per_month"] / question.pods, 4),
            "addresses": best["addresses"],
            "compared_types": len(comparison.fleets),
            "too_small_types": comparison.too_small,
            "too_dear_types": comparison.too_dear,
            "too_many_addresses_types": comparison.too_many_addresses,
            "not_comparable_types": len(comparison.without_price),
            "candidates": candidates,
        },
        steps=steps(comparison),
        sources=(
            *prices.references((), instances=names),
            reservations.NODEADM,
            reservations.KARPENTER,
            eni.FORMULA,
            eni.CNI_TARGETS,
            *((node_density.EBS_LIMITS,) if question.shape.volumes else ()),
            eni.catalogue_reference(),
        ),
        warnings=(*warnings(comparison), *prices.warnings((), instances=names)),
        grids=grids(comparison, shown),
        plots=(plot(comparison),),
    )


def _count(name: str, label: str, default: int | None, text: str, unit: str, least: int, most: int) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer",
        default=default,
        help=text,
        unit=unit,
        minimum=least,
        maximum=most,
        optional=default is None,
    )


CALCULATOR = Calculator(
    name="density",
    title="Density: the type that carries your pods cheapest",
    summary="For pods of one shape the cheapest instance types, with the limit that decides on each.",
    inputs=(
        _count("pods", "Pods", 100, "Pods of the shape below, in all.", "pods", 1, 150_000),
        _count("cpu_millicores", "CPU of a pod", 250, "CPU request of a pod.", "millicores", 0, 1_000_000),
        _count("memory_mib", "Memory of a pod", 512, "Memory request of a pod.", "MiB", 0, 30_000_000),
        _count("volumes", "Volumes of a pod", 0, "EBS volumes of each pod.", "volumes", 0, 100),
        _count("gpus", "GPUs of a pod", 0, "GPU request of a pod.", "GPUs", 0, 16),
        PREFIX_DELEGATION,
        CUSTOM_NETWORKING,
        Input(
            name="architecture",
            label="Architecture",
            kind="choice",
            default=ANY_ARCHITECTURE,
            help="What your images are built for.",
            choices=ARCHITECTURES,
        ),
        Input(
            name="families",
            label="Families",
            kind="text",
            default=None,
            help="Only these, for example m5, c6g; all that have a price when it is empty.",
            optional=True,
        ),
        Input(
            name="burstable",
            label="Burstable types",
            kind="flag",
            default=False,
            help="Whether t types take part; a t family named above takes part anyway.",
        ),
        Input(
            name="highest_usd_per_hour",
            label="Highest price of a node",
            kind="number",
            default=None,
            help="Types above it take no part.",
            unit="USD/h",
            minimum=0,
            maximum=1000,
            optional=True,
        ),
        _count(
            "least_nodes",
            "Nodes at least",
            2,
            "So that one may go; 3 for three zones.",
            "nodes",
            1,
            1000,
        ),
        _count(
            "free_addresses",
            "Free addresses",
            None,
            "In the subnets together; types whose nodes take more fall out. Not set: they do not matter.",
            "addresses",
            0,
            10_000_000,
        ),
        MEMORY_OVERHEAD,
        DAEMONSET_CPU,
        DAEMONSET_MEMORY,
        _count(
            "daemonset_pods",
            "DaemonSet pods",
            0,
            "DaemonSet pods with an address on each node, beside aws-node and kube-proxy.",
            "pods",
            0,
            100,
        ),
        _count("show", "Types shown", 10, "How many of the cheapest types to show.", "types", 1, 100),
        PRICES,
        TODAY,
    ),
    compute=density,
    lesson="compute.choosing",
    result_units={
        "nodes": "nodes",
        "pods_per_node": "pods",
        "usd_per_hour": "USD/h",
        "usd_per_month": "USD/month",
        "usd_per_pod_month": "USD/month",
        "addresses": "addresses",
        "compared_types": "types",
        "too_small_types": "types",
        "too_dear_types": "types",
        "too_many_addresses_types": "types",
        "not_comparable_types": "types",
    },
)
