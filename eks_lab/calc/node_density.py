"""How many pods of one shape a node of a type carries, which limit decides, and what they cost.

Packing and simulator can share it. Sources: `eks_lab.calc.reservations` (CPU, memory),
`eks_lab.calc.pod_limit` (max pods), `eks_lab.calc.eni` (addresses), `EBS_LIMITS` below.
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc import eni, pod_limit, reservations, warm_pool
from eks_lab.calc.model import Reference
from eks_lab.catalog.instance_types import InstanceType

ROOT_VOLUMES = 1
"""The disk of the node itself takes an attachment."""
WITHOUT_AL2023 = frozenset({"a1"})
"""Families that AL2023 does not run on: Graviton2 or newer, x86-64-v2."""

EBS_LIMITS = Reference(
    title="EBS CSI driver v1.64.0: volume attachments, shared with ENIs or dedicated",
    date="2026-11-22",
    url="https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/faq.md",
)


@dataclass(frozen=True, slots=True)
class PodShape:
    """What one pod asks for; 0 asks for nothing."""

    cpu_millicores: int
    memory_mib: int
    volumes: int = 0
    """EBS volumes."""
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class NodeSetup:
    """What every node carries and how it is set up."""

    prefix_delegation: bool = False
    """`ENABLE_PREFIX_DELEGATION` of the VPC CNI."""
    custom_networking: bool = False
    """Pods stay off the primary ENI."""
    memory_overhead_percent: float = reservations.KARPENTER_OVERHEAD_PERCENT
    """Share of the nominal memory a node does not see."""
    daemonset_cpu_millicores: int = 0
    """Requests of all DaemonSet pods of a node."""
    daemonset_memory_mib: int = 0
    """Requests of all DaemonSet pods of a node."""
    daemonset_pods: int = 0
    """DaemonSet pods with an address of the VPC, beside aws-node and kube-proxy."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How many pods of a shape a node of a type carries."""

    instance: InstanceType
    """The type."""
    pods: int
    """Pods of the shape; 0 when not even one fits."""
    limits: dict[str, int]
    """Limit -> pods it allows: cpu, memory, max pods, addresses, and volumes and gpus if asked for."""
    left: reservations.Allocatable
    """What the node offers."""

    @property
    def binding(self) -> tuple[str, ...]:
        """The limits that allow no more."""
        return tuple(name for name, pods in self.limits.items() if pods == self.pods)


def can_join(instance: InstanceType) -> bool:
    """Whether there is an EKS node image (AL2023) for a type: no Macs, no first Graviton."""
    return instance.family not in WITHOUT_AL2023 and not any(
        architecture.endswith("_mac") for architecture in instance.architectures
    )


def fit(instance: InstanceType, shape: PodShape, setup: NodeSetup) -> Fit:
    """Return how many pods of a shape a node carries.

    Args:
        instance: type of the node.
        shape: what one pod asks for.
        setup: how the node is set up, and its DaemonSets.
    """
    limit = pod_limit.pod_limit(
        pod_limit.Question(
            instance=instance,
            prefix_delegation=setup.prefix_delegation,
            custom_networking=setup.custom_networking,
        )
    )
    capacity_mib = reservations.expected_capacity_mib(instance.memory_mib, setup.memory_overhead_percent)
    left = reservations.allocatable(instance.vcpus, capacity_mib, limit.max_pods)
    limits: dict[str, int] = {}
    if shape.cpu_millicores:
        limits["cpu"] = max(0, left.cpu_millicores - setup.daemonset_cpu_millicores) // shape.cpu_millicores
    if shape.memory_mib:
        limits["memory"] = max(0, left.memory_mib - setup.daemonset_memory_mib) // shape.memory_mib
    cap = limit.max_pods if limit.cap is None else limit.cap
    limits["max pods"] = max(0, cap - eni.HOST_NETWORK_PODS - setup.daemonset_pods)
    addresses = eni.pod_addresses(limit.usable_enis, instance.ipv4_per_eni, limit.mode)
    limits["addresses"] = max(0, addresses - setup.daemonset_pods)
    if shape.gpus:
        limits["gpus"] = instance.gpus // shape.gpus
    pods = min(limits.values())
    if shape.volumes and instance.ebs_attachments is not None:
        limits["volumes"] = _volume_pods(instance, shape, setup, pods)
        pods = min(pods, limits["volumes"])
    return Fit(instance=instance, pods=pods, limits=limits, left=left)


def attached_enis(instance: InstanceType, pods: int, setup: NodeSetup) -> int:
    """Return the ENIs on a node with so many pods that have an address, its primary included.

    Args:
        instance: type of the node; at least one ENI has to be left for pods.
        pods: pods with an address, those of DaemonSets included.
        setup: how the node is set up.
    """
    return _pool(instance, pods, setup).enis + setup.custom_networking


def subnet_addresses(instance: InstanceType, pods: int, setup: NodeSetup) -> int:
    """Return the addresses a node with so many pods takes of its subnets; see `attached_enis`."""
    return _pool(instance, pods, setup).subnet_ips + setup.custom_networking


def _pool(instance: InstanceType, pods: int, setup: NodeSetup) -> warm_pool.Pool:
    return warm_pool.pool_of(
        warm_pool.Question(
            instance=instance,
            pods=pods,
            prefix_delegation=setup.prefix_delegation,
            custom_networking=setup.custom_networking,
        )
    )


def _volume_pods(instance: InstanceType, shape: PodShape, setup: NodeSetup, most: int) -> int:
    """Return the pods whose volumes can be attached, looked for up to one above `most`.

    On a type with shared attachments each further ENI takes one away, and more pods need more ENIs.
    """
    slots = (instance.ebs_attachments or 0) - ROOT_VOLUMES
    if instance.ebs_limit != "shared" or not most:
        return max(0, slots) // shape.volumes

    # ENIs take few attachments, so the answer is at most that many below what volumes alone allow.
    pods = min(most + 1, max(0, slots) // shape.volumes)
    while pods:
        further = attached_enis(instance, pods + setup.daemonset_pods, setup) - 1
        if pods * shape.volumes + further <= slots:
            break
        pods -= 1
    return pods


@dataclass(frozen=True, slots=True)
class Fleet:
    """Nodes of one type that carry all the pods."""

    fit: Fit
    """What one node carries."""
    pods: int
    """How many pods there are in all."""
    nodes: int
    """How many nodes it takes."""
    usd_per_hour: float
    """What they cost together."""


def fleet(found: Fit, pods: int, usd_per_hour: float, *, least_nodes: int = 1) -> Fleet:
    """Return the nodes of one type that carry all pods.

    Args:
        found: what one node carries, at least one pod.
        pods: how many pods in all.
        usd_per_hour: price of one node.
        least_nodes: nodes there have to be at least.
    """
    nodes = max(least_nodes, -(-pods // found.pods))
    # Prices have up to six decimals; rounding there removes the noise of binary fractions.
    return Fleet(fit=found, pods=pods, nodes=nodes, usd_per_hour=round(nodes * usd_per_hour, 6))


def fleet_addresses(nodes: Fleet, setup: NodeSetup) -> int:
    """Return the addresses nodes take of their subnets, when the pods are spread evenly.

    Args:
        nodes: the nodes and their pods.
        setup: how the nodes are set up.
    """
    instance = nodes.fit.instance
    fewer, more = divmod(nodes.pods, nodes.nodes)
    addresses = (nodes.nodes - more) * subnet_addresses(instance, fewer + setup.daemonset_pods, setup)
    if more:
        addresses += more * subnet_addresses(instance, fewer + 1 + setup.daemonset_pods, setup)
    return addresses
