"""What the interfaces of a node give to pods: the formulas that calculators and simulator share.

E is the number of ENIs the VPC CNI may use, P the IPv4 addresses of an ENI, its primary included.
Sources of the formulas: the references below.
"""

from __future__ import annotations

from typing import Literal

from eks_lab.calc.model import Reference
from eks_lab.catalog.instance_types import InstanceType, catalogue

Mode = Literal["secondary", "prefix"]

HOST_NETWORK_PODS = 2
"""aws-node and kube-proxy run on every node with the node's own address."""
ADDRESSES_PER_PREFIX = 16
"""A /28 prefix takes the place of one secondary address and holds 16."""
POD_CAP = 110
"""Pods a node at most with up to 30 vCPUs: the scale Kubernetes is tested at."""
LARGE_POD_CAP = 250
"""Pods a node at most with more than 30 vCPUs: the result of EKS's own tests."""
LARGE_FROM_VCPUS = 30
"""The larger cap needs more vCPUs than this."""

FORMULA = Reference(
    title="awslabs/amazon-eks-ami, max-pods-calculator.sh before its removal in b2289030",
    date="2026-07-23",
    url="https://github.com/awslabs/amazon-eks-ami/commit/b2289030",
)
CNI_TARGETS = Reference(
    title="aws/amazon-vpc-cni-k8s v1.23.0, eni-and-ip-target.md, prefix-and-ip-target.md, ipamd",
    date="2026-08-20",
    url="https://github.com/aws/amazon-vpc-cni-k8s/tree/v1.23.0/docs",
)
BEST_PRACTICES = Reference(
    title="EKS best practices, networking: VPC CNI, prefix mode, custom networking",
    date="2026-05-04",
    url="https://docs.aws.amazon.com/eks/latest/best-practices/networking.html",
)


def catalogue_reference() -> Reference:
    """Return the source of ENI and address limits."""
    source = catalogue().source
    return Reference(title=source.title, date=source.as_of.isoformat(), url=source.url)


def usable_enis(enis: int, *, max_eni: int | None = None, custom_networking: bool = False) -> int:
    """Return the ENIs whose addresses pods may take.

    Args:
        enis: ENIs of the default network card; the other cards do not count.
        max_eni: `MAX_ENI` of the VPC CNI, None when it is not set.
        custom_networking: pods stay off the primary ENI.

    Returns:
        `min(enis, max_eni)`, one less with custom networking, never below 0.
    """
    allowed = enis if max_eni is None else min(enis, max_eni)
    return max(0, allowed - custom_networking)


def pod_addresses(usable: int, ipv4_per_eni: int, mode: Mode) -> int:
    """Return the addresses pods can have at most: `usable × (P − 1)`, × 16 with prefixes.

    Args:
        usable: ENIs for pods, see `usable_enis`.
        ipv4_per_eni: P.
        mode: secondary addresses or /28 prefixes in their places.
    """
    places = usable * (ipv4_per_eni - 1)
    return places * ADDRESSES_PER_PREFIX if mode == "prefix" else places


def formula_pods(usable: int, ipv4_per_eni: int, mode: Mode) -> int:
    """Return max pods by the formula: addresses for pods, and the two host-network pods.

    Args:
        usable: ENIs for pods, see `usable_enis`.
        ipv4_per_eni: P.
        mode: 3 ENIs of 10 give 29 with secondary addresses, 434 with prefixes.
    """
    return pod_addresses(usable, ipv4_per_eni, mode) + HOST_NETWORK_PODS


def pod_cap(vcpus: int) -> int:
    """Return the recommended ceiling: 110 pods up to 30 vCPUs, 250 above."""
    return LARGE_POD_CAP if vcpus > LARGE_FROM_VCPUS else POD_CAP


def address_mode(instance: InstanceType, *, prefix_delegation: bool) -> Mode:
    """Return how the VPC CNI gives addresses on this type.

    `ENABLE_PREFIX_DELEGATION` falls back to secondary addresses where the hypervisor is not Nitro.
    """
    return "prefix" if prefix_delegation and instance.supports_prefixes else "secondary"
