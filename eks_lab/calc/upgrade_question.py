"""What somebody wants to know about an upgrade: the inputs of the calculator upgrade-plan, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from eks_lab.calc.model import Input, Value
from eks_lab.calc.node_rollout import STRATEGIES, NodeGroup, Strategy, TightBudget
from eks_lab.calc.price_overrides import PRICES
from eks_lab.calc.upgrade_path import NODE_MOVES, POLICIES, NodeMoves, Policy
from eks_lab.catalog import kubernetes_versions
from eks_lab.catalog.kubernetes_versions import KubernetesVersion
from eks_lab.errors import InputError


@dataclass(frozen=True, slots=True)
class Question:
    """A cluster, where it should go, and how its nodes are updated."""

    start: KubernetesVersion
    """Version of the control plane."""
    target: KubernetesVersion
    """Where it should go."""
    kubelet: KubernetesVersion
    """Version of the nodes."""
    today: date
    """Day of the first move."""
    upgraded_on: date | None
    """Day on which the control plane came to its present version; for a rollback."""
    policy: Policy
    """Upgrade policy of the clusters."""
    clusters: int
    """Clusters that are alike."""
    pause_days: int
    """Days from one upgrade of the control plane to the next."""
    node_moves: NodeMoves
    """When the nodes follow."""
    group: NodeGroup
    """The largest node group; others may be updated side by side."""
    budget: TightBudget
    """The tightest budget on it."""
    control_plane_minutes: float
    """One upgrade of the control plane."""
    add_on_minutes: float
    """Add-ons and clients after it."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question of checked inputs of the calculator upgrade-plan.

        Raises:
            InputError: today is not set, or a version is not usable.
        """
        today = inputs["today"]
        if not isinstance(today, str):
            raise InputError("today is not set", hint="Give the day of the plan, for example 2026-11-22.")
        upgraded = inputs["upgraded_on"]
        start = kubernetes_versions.get(str(inputs["from_version"]), field="from_version")
        nodes_version = inputs["nodes_version"]

        def number(name: str) -> float:
            value = inputs[name]
            return value if isinstance(value, int | float) else 0.0

        def whole(name: str) -> int:
            return int(number(name))

        return cls(
            start=start,
            target=kubernetes_versions.get(str(inputs["to_version"]), field="to_version"),
            kubelet=start
            if nodes_version is None
            else kubernetes_versions.get(str(nodes_version), field="nodes_version"),
            today=date.fromisoformat(today),
            upgraded_on=date.fromisoformat(upgraded) if isinstance(upgraded, str) else None,
            policy=_policy(inputs["upgrade_policy"]),
            clusters=whole("clusters"),
            pause_days=whole("pause_days"),
            node_moves=_node_moves(inputs["node_moves"]),
            group=NodeGroup(
                nodes=whole("nodes"),
                zones=whole("zones"),
                max_unavailable=whole("max_unavailable"),
                strategy=_strategy(inputs["update_strategy"]),
                start_minutes=number("node_start_minutes"),
                drain_minutes=number("drain_minutes"),
                terminate_minutes=number("terminate_minutes"),
                force=inputs["force"] is True,
            ),
            budget=TightBudget(
                pods_per_node=whole("budget_pods_per_node"),
                allowed_disruptions=whole("allowed_disruptions"),
                ready_minutes=number("pod_ready_minutes"),
            ),
            control_plane_minutes=number("control_plane_minutes"),
            add_on_minutes=number("add_on_minutes"),
        )

    @property
    def is_rollback(self) -> bool:
        """Whether the target is older than the present version."""
        return self.target.minor < self.start.minor


def _policy(value: Value) -> Policy:
    return next(policy for policy in POLICIES if policy == value)


def _node_moves(value: Value) -> NodeMoves:
    return next(choice for choice in NODE_MOVES if choice == value)


def _strategy(value: Value) -> Strategy:
    return next(strategy for strategy in STRATEGIES if strategy == value)


def _count(name: str, label: str, default: int, span: tuple[int, int], about: str, unit: str) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer",
        default=default,
        help=about,
        unit=unit,
        minimum=span[0],
        maximum=span[1],
    )


def _minutes(name: str, label: str, default: float, about: str) -> Input:
    return Input(
        name=name, label=label, kind="number", default=default, help=about, unit="minutes", maximum=1440
    )


INPUTS = (
    Input(
        name="from_version",
        label="From version",
        kind="text",
        default="1.33",
        help="Kubernetes version of the control plane.",
    ),
    Input(
        name="to_version",
        label="To version",
        kind="text",
        default="1.36",
        help="Version it should reach; the one before the present version plans a rollback.",
    ),
    Input(
        name="today",
        label="Today",
        kind="date",
        default=None,
        help="Day of the first move; support phases and the bill count from it.",
        optional=True,
    ),
    Input(
        name="nodes_version",
        label="Nodes' version",
        kind="text",
        default=None,
        help="Version of kubelet on the nodes; that of the control plane when it is not set.",
        optional=True,
    ),
    Input(
        name="upgraded_on",
        label="Upgraded on",
        kind="date",
        default=None,
        help="Day on which the control plane came to its present version: a rollback has seven days.",
        optional=True,
    ),
    Input(
        name="upgrade_policy",
        label="Upgrade policy",
        kind="choice",
        default="extended",
        help="With standard, EKS upgrades the control plane when standard support ends.",
        choices=POLICIES,
    ),
    _count("clusters", "Clusters", 1, (1, 10_000), "Clusters that are alike, for the bill.", "clusters"),
    _count(
        "pause_days",
        "Pause",
        7,
        (0, 365),
        "Days from one upgrade of the control plane to the next; 7 keep each one reversible until then.",
        "days",
    ),
    Input(
        name="node_moves",
        label="Nodes follow",
        kind="choice",
        default="every-minor",
        help="every-minor is what EKS asks for; when-forced waits until kubelet would be too old.",
        choices=NODE_MOVES,
    ),
    _count("nodes", "Nodes", 9, (0, 100_000), "Nodes of the largest managed node group.", "nodes"),
    _count("zones", "Zones", 3, (1, 6), "Availability zones of that group.", "zones"),
    _count(
        "max_unavailable",
        "maxUnavailable",
        1,
        (1, 100),
        "Nodes replaced at a time: maxUnavailable of the group's update config.",
        "nodes",
    ),
    Input(
        name="update_strategy",
        label="Update strategy",
        kind="choice",
        default="default",
        help="default starts new nodes first; minimal drains first and needs no more nodes.",
        choices=STRATEGIES,
    ),
    _minutes("node_start_minutes", "Node start", 5, "From launch to Ready; measure it."),
    _minutes("drain_minutes", "Drain", 4, "Draining a node when no budget holds it up; measure it."),
    _minutes("terminate_minutes", "Terminate", 1, "Terminating a node; measure it."),
    _count(
        "budget_pods_per_node",
        "Pods under the budget",
        0,
        (0, 10_000),
        "Pods of the tightest PodDisruptionBudget on each node; 0 when no budget matters.",
        "pods",
    ),
    _count(
        "allowed_disruptions",
        "Allowed disruptions",
        1,
        (0, 10_000),
        "ALLOWED DISRUPTIONS of that budget, as kubectl get pdb shows it.",
        "pods",
    ),
    _minutes("pod_ready_minutes", "Pod ready", 1, "From an eviction until the replacement is Ready."),
    Input(
        name="force",
        label="Force",
        kind="flag",
        default=False,
        help="--force of update-nodegroup-version: after 15 minutes pods are deleted, whatever their budget.",
    ),
    _minutes(
        "control_plane_minutes",
        "Control plane",
        10,
        "One upgrade of the control plane; AWS promises no time.",
    ),
    _minutes("add_on_minutes", "Add-ons", 10, "Add-ons, controllers and clients after each upgrade."),
    PRICES,
)
"""Of the calculator upgrade-plan, in the order of its form."""
