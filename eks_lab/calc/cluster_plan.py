"""A cluster to be priced: what is in it and who pays how. Its bill is in `eks_lab.calc.cluster_bill`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from eks_lab.calc.model import Value
from eks_lab.catalog.log_delivery import log_delivery
from eks_lab.errors import InputError


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """One scenario; the fields are the inputs of the calculator, in their units."""

    support: str
    """`standard` or `extended`."""
    tier: str
    """Control plane: `standard`, `xl`, `2xl`, `4xl`, `8xl`."""
    instance: str
    """Type of the nodes."""
    nodes: int
    """All nodes; those neither on Spot nor under a Savings Plan are on demand."""
    spot_nodes: int
    """Of the nodes."""
    savings_plan_nodes: int
    """Of the nodes."""
    spot_discount_percent: float | None
    """Off the on-demand price; None takes the planning value on record."""
    savings_plan_discount_percent: float | None
    """Off the on-demand price; None takes the planning value on record."""
    auto_mode: bool
    """EKS Auto Mode runs the nodes."""
    root_gib: float
    """gp3 disk of each node."""
    fargate_pods: int
    """Pods on Fargate."""
    fargate_cpu: float
    """Request of each, in vCPU."""
    fargate_memory: float
    """Request of each, in GiB."""
    hybrid_vcpus: int
    """vCPUs of Hybrid Nodes."""
    zones: int
    """Availability Zones in use."""
    nat: str
    """`none`, `single`, `per-zone` or `regional`."""
    nat_gb: float
    """Through NAT in a month."""
    cross_zone_gb: float
    """Between nodes and pods of different zones in a month."""
    internet_gb: float
    """Out to the Internet in a month."""
    load_balancer: str
    """`application` or `network`."""
    load_balancers: int
    """How many."""
    load_balancer_units: float
    """Capacity units of each, on average."""
    internet_facing: bool
    """Whether each holds a public address in every zone."""
    public_ipv4: int
    """Public addresses besides those of NAT gateways and load balancers."""
    interface_endpoints: int
    """Each in every zone."""
    endpoint_gb: float
    """Through them in a month."""
    ebs_gib: float
    """gp3 volumes of pods."""
    efs_gib: float
    """On EFS Standard."""
    efs_read_gb: float
    """Read from EFS in a month."""
    efs_write_gb: float
    """Written to EFS in a month."""
    kms_keys: int
    """Customer managed keys."""
    kms_requests: int
    """Requests in a month."""
    log_gb: float
    """To CloudWatch Logs in a month."""
    log_retention_days: int
    """How long they are kept."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> ClusterPlan:
        """Return the plan that checked inputs describe.

        Raises:
            InputError: more Spot and Savings Plan nodes than nodes.
        """
        values: dict[str, Any] = {found.name: inputs[found.name] for found in fields(cls)}
        plan = cls(**values)
        if plan.on_demand_nodes < 0:
            raise InputError(
                f"spot_nodes: {plan.spot_nodes} Spot and {plan.savings_plan_nodes} Savings Plan nodes are more"
                f" than the {plan.nodes} nodes",
                hint="nodes counts all of them; raise nodes or lower one of the two.",
            )
        return plan

    @property
    def on_demand_nodes(self) -> int:
        """Return the nodes that pay the full price."""
        return self.nodes - self.spot_nodes - self.savings_plan_nodes

    @property
    def nat_gateways(self) -> int:
        """Return the NAT gateways, a regional one counted in every zone."""
        return {"none": 0, "single": 1}.get(self.nat, self.zones)

    @property
    def public_addresses(self) -> int:
        """Return all public IPv4 addresses."""
        return self.nat_gateways + self.balancer_addresses + self.public_ipv4

    @property
    def balancer_addresses(self) -> int:
        """Return the public addresses of load balancers: one in every zone."""
        return self.load_balancers * self.zones if self.internet_facing else 0

    @property
    def kept_days(self) -> int:
        """Return how long CloudWatch keeps logs: the next setting it knows."""
        return log_delivery().retention_setting(self.log_retention_days) or self.log_retention_days
