"""The warm pool of a node: what the VPC CNI attaches for pods, in use and in advance.

Calculator and simulator share it. Sources: `CNI_TARGETS` and `BEST_PRACTICES` in `eks_lab.calc.eni`.
P is the number of IPv4 addresses of an ENI, its primary included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc import eni
from eks_lab.calc.eni import ADDRESSES_PER_PREFIX
from eks_lab.calc.model import Value
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.errors import InputError


@dataclass(frozen=True, slots=True)
class Pool:
    """What the VPC CNI holds on one node."""

    enis: int
    """ENIs that carry pod addresses."""
    prefixes: int
    """/28 prefixes on them; 0 with secondary addresses."""
    pod_ips: int
    """Addresses attached for pods, in use or warm."""
    subnet_ips: int
    """Addresses taken from the subnet of those ENIs, their primaries included."""


def _ceil_div(amount: int, by: int) -> int:
    return -(-amount // by)


def secondary_pool(
    pods: int,
    usable: int,
    ipv4_per_eni: int,
    *,
    warm_eni_target: int = 1,
    warm_ip_target: int = 0,
    minimum_ip_target: int = 0,
) -> Pool:
    """Return the pool in secondary-address mode.

    Args:
        pods: pods with VPC addresses; those beyond the capacity get none.
        usable: ENIs for pods, at least 1.
        ipv4_per_eni: P, at least 2.
        warm_eni_target: `WARM_ENI_TARGET`: so many free ENIs are kept.
        warm_ip_target: `WARM_IP_TARGET`; 0 is not set. With `minimum_ip_target` it overrides
            `warm_eni_target`.
        minimum_ip_target: `MINIMUM_IP_TARGET`; 0 is not set.

    Returns:
        A t3.medium (3 ENIs of 6) with 1 pod: 2 ENIs, 10 pod addresses, 12 from the subnet.
    """
    places = ipv4_per_eni - 1
    served = min(pods, usable * places)
    if warm_ip_target or minimum_ip_target:
        pod_ips = min(usable * places, max(minimum_ip_target, served + warm_ip_target))
        enis = max(1, _ceil_div(pod_ips, places))
        return Pool(enis=enis, prefixes=0, pod_ips=pod_ips, subnet_ips=pod_ips + enis)
    enis = min(usable, max(1, _ceil_div(served, places) + warm_eni_target))
    return Pool(enis=enis, prefixes=0, pod_ips=enis * places, subnet_ips=enis * ipv4_per_eni)


def prefix_pool(
    pods: int,
    usable: int,
    ipv4_per_eni: int,
    *,
    warm_prefix_target: int = 1,
    warm_ip_target: int = 0,
    minimum_ip_target: int = 0,
) -> Pool:
    """Return the pool with prefix delegation.

    Args:
        pods: pods with VPC addresses; those beyond the capacity get none.
        usable: ENIs for pods, at least 1.
        ipv4_per_eni: P, at least 2.
        warm_prefix_target: `WARM_PREFIX_TARGET`: so many free prefixes are kept.
        warm_ip_target: `WARM_IP_TARGET`; 0 is not set. With `minimum_ip_target` it overrides
            `warm_prefix_target`.
        minimum_ip_target: `MINIMUM_IP_TARGET`; 0 is not set.

    Returns:
        A t3.medium (3 ENIs of 6) with 17 pods: 3 prefixes on 1 ENI, 49 from the subnet.
    """
    places = ipv4_per_eni - 1
    served = min(pods, usable * places * ADDRESSES_PER_PREFIX)
    if warm_ip_target or minimum_ip_target:
        wanted = _ceil_div(max(minimum_ip_target, served + warm_ip_target), ADDRESSES_PER_PREFIX)
    else:
        wanted = _ceil_div(served, ADDRESSES_PER_PREFIX) + warm_prefix_target
    prefixes = min(usable * places, max(1, wanted))
    enis = max(1, _ceil_div(prefixes, places))
    pod_ips = prefixes * ADDRESSES_PER_PREFIX
    return Pool(enis=enis, prefixes=prefixes, pod_ips=pod_ips, subnet_ips=pod_ips + enis)


@dataclass(frozen=True, slots=True)
class Question:
    """How a node is set up, and how many pods it carries."""

    instance: InstanceType
    """Type of the node."""
    pods: int
    """Pods with an address of the VPC."""
    prefix_delegation: bool = False
    """`ENABLE_PREFIX_DELEGATION` of the VPC CNI."""
    custom_networking: bool = False
    """`AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG`: pods stay off the primary ENI."""
    warm_eni_target: int = 1
    """`WARM_ENI_TARGET`."""
    warm_ip_target: int = 0
    """`WARM_IP_TARGET`; 0 is not set."""
    minimum_ip_target: int = 0
    """`MINIMUM_IP_TARGET`; 0 is not set."""
    warm_prefix_target: int = 1
    """`WARM_PREFIX_TARGET`."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question of checked inputs of the calculator node-ips."""

        def whole(name: str) -> int:
            value = inputs[name]
            return value if isinstance(value, int) else 0

        return cls(
            instance=instance_types.get(str(inputs["instance"])),
            pods=whole("pods"),
            prefix_delegation=inputs["prefix_delegation"] is True,
            custom_networking=inputs["custom_networking"] is True,
            warm_eni_target=whole("warm_eni_target"),
            warm_ip_target=whole("warm_ip_target"),
            minimum_ip_target=whole("minimum_ip_target"),
            warm_prefix_target=whole("warm_prefix_target"),
        )

    @property
    def mode(self) -> eni.Mode:
        """How the VPC CNI gives addresses on this type."""
        return eni.address_mode(self.instance, prefix_delegation=self.prefix_delegation)

    @property
    def usable_enis(self) -> int:
        """ENIs whose addresses pods may take."""
        return eni.usable_enis(self.instance.default_card_enis, custom_networking=self.custom_networking)

    @property
    def capacity(self) -> int:
        """Pods the ENIs have addresses for."""
        return eni.pod_addresses(self.usable_enis, self.instance.ipv4_per_eni, self.mode)

    @property
    def served_pods(self) -> int:
        """Pods that get an address."""
        return min(self.pods, self.capacity)

    @property
    def has_ip_targets(self) -> bool:
        """Whether WARM_IP_TARGET or MINIMUM_IP_TARGET is set; ipamd reads 0 as not set."""
        return self.warm_ip_target > 0 or self.minimum_ip_target > 0


def pool_of(question: Question) -> Pool:
    """Return what the VPC CNI holds on such a node.

    Raises:
        InputError: custom networking leaves no ENI for pods.
    """
    if question.usable_enis == 0:
        raise InputError(
            f"custom_networking: the default network card of {question.instance.name} carries one ENI,"
            " so none is left for pods",
            hint="Switch custom networking off, or choose a type with more ENIs on the default card.",
        )
    if question.mode == "prefix":
        return prefix_pool(
            question.pods,
            question.usable_enis,
            question.instance.ipv4_per_eni,
            warm_prefix_target=question.warm_prefix_target,
            warm_ip_target=question.warm_ip_target,
            minimum_ip_target=question.minimum_ip_target,
        )
    return secondary_pool(
        question.pods,
        question.usable_enis,
        question.instance.ipv4_per_eni,
        warm_eni_target=question.warm_eni_target,
        warm_ip_target=question.warm_ip_target,
        minimum_ip_target=question.minimum_ip_target,
    )
