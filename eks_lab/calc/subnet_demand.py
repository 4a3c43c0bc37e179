"""What a cluster asks of its subnets, today and after months of growth.

Sources: `eks_lab.calc.warm_pool` (a node's addresses), `CLUSTER_SUBNETS` and `NODE_UPDATES` below.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal, get_args

from eks_lab.calc import eni, pod_limit, warm_pool
from eks_lab.calc.address_space import read_vpc_ranges
from eks_lab.calc.model import Reference, Value
from eks_lab.calc.node_rollout import surge_nodes
from eks_lab.calc.prefix_blocks import Footprint
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.errors import InputError

PodAddresses = Literal["secondary", "prefix", "custom-networking", "custom-networking-prefix", "ipv6"]
Role = Literal["nodes", "pods", "public", "control-plane"]
MODES: tuple[PodAddresses, ...] = get_args(PodAddresses)
AS_NEEDED, LARGEST = "as-needed", "largest"

CLUSTER_ADDRESSES = 6
"""Free addresses EKS asks for in a cluster subnet; it takes 2 to 4 interfaces in all."""
CLUSTER_ADDRESSES_ADVISED = 16
"""Free addresses EKS advises in a cluster subnet."""
LOAD_BALANCER_ADDRESSES = 8
"""Free addresses an Application Load Balancer wants in each subnet."""
LOAD_BALANCER_PREFIXLEN = 27
"""Smallest subnet an Application Load Balancer takes."""
NAT_GATEWAY_ADDRESSES = 1
MONTHS_AHEAD = 240
"""How far ahead a shortage is looked for."""
_NOISE = 1e-9

CLUSTER_SUBNETS = Reference(
    title="EKS user guide: VPC and subnet requirements (cluster subnets, cross-account ENIs)",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
)
NODE_UPDATES = Reference(
    title="EKS user guide: each phase of a node update (surge)",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A cluster and the VPC it shall live in."""

    ranges: tuple[IPv4Network, ...]
    """IPv4 ranges of the VPC, the primary one first."""
    zones: int
    """Availability zones, 2 to 6."""
    instance: InstanceType
    """Type of all nodes."""
    nodes: int
    """Nodes today."""
    pods: int
    """Pods with an address of the VPC today."""
    growth_percent: float
    """Growth of nodes and pods a month."""
    horizon_months: int
    """How long the layout shall last."""
    mode: PodAddresses
    """How pods get their addresses."""
    max_unavailable: int = 1
    """`maxUnavailable` of the node group's update."""
    load_balancers: int = 0
    """Internet-facing Application Load Balancers."""
    internal_load_balancers: int = 0
    """Internal Application Load Balancers."""
    interface_endpoints: int = 0
    """Interface endpoints, each with an address in every zone."""
    public_subnets: bool = True
    """Whether there are subnets for NAT gateways and internet-facing load balancers."""
    control_plane_subnets: bool = True
    """Whether the interfaces of the control plane get subnets of their own."""
    as_large_as_possible: bool = False
    """Whether the growing subnets take all the room there is, not only what the horizon asks for."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question of checked inputs of the calculator vpc-plan.

        Raises:
            InputError: a range that cannot be used, two that overlap, or pods that do not fit on
                the nodes.
        """

        def whole(name: str) -> int:
            value = inputs[name]
            return value if isinstance(value, int) else 0

        growth = inputs["growth_percent"]
        mode = next(mode for mode in MODES if mode == inputs["mode"])
        question = cls(
            ranges=read_vpc_ranges("cidrs", str(inputs["cidrs"])),
            zones=whole("zones"),
            instance=instance_types.get(str(inputs["instance"])),
            nodes=whole("nodes"),
            pods=whole("pods"),
            growth_percent=float(growth) if isinstance(growth, int | float) else 0.0,
            horizon_months=whole("horizon_months"),
            mode=mode,
            max_unavailable=whole("max_unavailable"),
            load_balancers=whole("load_balancers"),
            internal_load_balancers=whole("internal_load_balancers"),
            interface_endpoints=whole("interface_endpoints"),
            public_subnets=inputs["public_subnets"] is True,
            control_plane_subnets=inputs["control_plane_subnets"] is True,
            as_large_as_possible=inputs["subnet_size"] == LARGEST,
        )
        if question.load_balancers and not question.public_subnets:
            raise InputError(
                f"load_balancers: {question.load_balancers} internet-facing load balancers need public subnets",
                hint="Switch public_subnets on, or count them as internal_load_balancers.",
            )
        question.refuse_crowded_nodes()
        return question

    def refuse_crowded_nodes(self) -> None:
        """Check that the nodes can carry the pods.

        Raises:
            InputError: they cannot; the hint tells how many nodes could.
        """
        most = self.most_pods_per_node
        if most < 1:
            raise InputError(
                f"mode: no pod on {self.instance.name} gets an address with {self.mode}",
                hint="Choose a type with more ENIs on the default card, or another mode.",
            )
        if self.pods_per_node > most:
            raise InputError(
                f"nodes: {self.nodes} {self.instance.name} run {self.nodes * most} pods with addresses"
                f" at most ({most} each), not {self.pods}",
                hint=f"Give {-(-self.pods // most)} nodes, fewer pods, or a mode with more pods a node.",
            )

    @property
    def is_custom(self) -> bool:
        """Whether pods have subnets of their own (custom networking)."""
        return self.mode in ("custom-networking", "custom-networking-prefix")

    @property
    def wants_prefixes(self) -> bool:
        """Whether nodes take /28 prefixes of the IPv4 ranges."""
        return self.address_mode == "prefix" and self.mode != "ipv6"

    @property
    def address_mode(self) -> eni.Mode:
        """How the VPC CNI gives addresses on this type."""
        return eni.address_mode(
            self.instance, prefix_delegation=self.mode in ("prefix", "custom-networking-prefix", "ipv6")
        )

    @property
    def most_pods_per_node(self) -> int:
        """Pods with an address that one node may run."""
        limit = pod_limit.pod_limit(
            pod_limit.Question(
                instance=self.instance,
                prefix_delegation=self.address_mode == "prefix",
                custom_networking=self.is_custom,
                ipv6=self.mode == "ipv6",
            )
        )
        return limit.max_pods - eni.HOST_NETWORK_PODS

    @property
    def pods_per_node(self) -> int:
        """Pods with an address on each node; nodes and pods grow alike, so it stays."""
        return -(-self.pods // self.nodes)

    @property
    def pool(self) -> warm_pool.Pool:
        """What the VPC CNI holds on each node with its default settings."""
        if self.mode == "ipv6":
            # The pods' /80 prefix is IPv6; of the IPv4 range a node takes its own address.
            return warm_pool.Pool(enis=1, prefixes=0, pod_ips=0, subnet_ips=1)
        return warm_pool.pool_of(
            warm_pool.Question(
                instance=self.instance,
                pods=self.pods_per_node,
                prefix_delegation=self.address_mode == "prefix",
                custom_networking=self.is_custom,
            )
        )

    @property
    def surge_per_zone(self) -> int:
        """Further nodes a zone while a managed node group is updated: max(2 × zones, maxUnavailable)."""
        return -(-surge_nodes(self.zones, self.max_unavailable) // self.zones)

    def nodes_after(self, months: int) -> int:
        """Return the nodes after months of growth."""
        return _grown(self.nodes, self.growth_percent, months)

    def pods_after(self, months: int) -> int:
        """Return the pods after months of growth."""
        return _grown(self.pods, self.growth_percent, months)

    def nodes_per_zone(self, months: int) -> int:
        """Return the nodes of a zone after months of growth, those of an update besides."""
        return -(-self.nodes_after(months) // self.zones) + self.surge_per_zone

    def month_beyond(self, nodes_per_zone: int) -> int | None:
        """Return the first month in which a zone has more nodes than given.

        Returns:
            0 when it has them today; None when it has not within 20 years.
        """
        if self.nodes_per_zone(MONTHS_AHEAD) <= nodes_per_zone:
            return None
        low, high = 0, MONTHS_AHEAD
        while low < high:
            middle = (low + high) // 2
            if self.nodes_per_zone(middle) > nodes_per_zone:
                high = middle
            else:
                low = middle + 1
        return low


def _grown(amount: int, percent: float, months: int) -> int:
    # A binary fraction's noise must not add a whole node.
    return math.ceil(amount * (1 + percent / 100) ** months - _NOISE)


@dataclass(frozen=True, slots=True)
class Demand:
    """What one subnet of a role has to hold."""

    role: Role
    """Kind of subnet."""
    each: Footprint
    """What a node takes of it; nothing where no node lives."""
    others: int
    """Addresses that something else takes."""
    longest_prefixlen: int
    """Smallest size a subnet of the role may have."""

    @property
    def has_nodes(self) -> bool:
        """Whether it grows with the nodes."""
        return self.each.addresses > 0


def demands(question: Question) -> tuple[Demand, ...]:
    """Return what each zone needs, one entry a role, the growing ones first."""
    pool = question.pool
    own = Footprint(
        singles=pool.subnet_ips - eni.ADDRESSES_PER_PREFIX * pool.prefixes, prefixes=pool.prefixes
    )
    others = LOAD_BALANCER_ADDRESSES * question.internal_load_balancers + question.interface_endpoints
    if not question.control_plane_subnets:
        others += CLUSTER_ADDRESSES_ADVISED
    found = []
    if question.is_custom:
        found.append(Demand(role="pods", each=own, others=0, longest_prefixlen=28))
    found.append(
        Demand(
            role="nodes",
            each=Footprint(singles=1) if question.is_custom else own,
            others=others,
            longest_prefixlen=LOAD_BALANCER_PREFIXLEN if question.internal_load_balancers else 28,
        )
    )
    if question.public_subnets:
        found.append(
            Demand(
                role="public",
                each=Footprint(singles=0),
                others=LOAD_BALANCER_ADDRESSES * question.load_balancers + NAT_GATEWAY_ADDRESSES,
                longest_prefixlen=LOAD_BALANCER_PREFIXLEN if question.load_balancers else 28,
            )
        )
    if question.control_plane_subnets:
        found.append(
            Demand(
                role="control-plane",
                each=Footprint(singles=0),
                others=CLUSTER_ADDRESSES,
                longest_prefixlen=28,
            )
        )
    return tuple(found)
