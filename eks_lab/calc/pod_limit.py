"""The pod limit of a node: from a question about its set-up to the figures that decide.

Calculator and simulator share it. Sources: `SOURCES` in `eks_lab.calc.max_pods`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc import eni
from eks_lab.calc.model import Value
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.errors import InputError

KUBE_RESERVED_BASE_MIB = 255
KUBE_RESERVED_PER_POD_MIB = 11


def kube_reserved_memory_mib(max_pods: int) -> int:
    """Return the memory nodeadm sets aside for kubelet and runtime: 255 MiB + 11 MiB a pod.

    Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go (2026-07-23).
    """
    return KUBE_RESERVED_BASE_MIB + KUBE_RESERVED_PER_POD_MIB * max_pods


@dataclass(frozen=True, slots=True)
class Question:
    """How a node is set up."""

    instance: InstanceType
    """Type of the node."""
    prefix_delegation: bool = False
    """`ENABLE_PREFIX_DELEGATION` of the VPC CNI."""
    custom_networking: bool = False
    """`AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG`: pods stay off the primary ENI."""
    max_eni: int | None = None
    """`MAX_ENI`; None when it is not set."""
    ipv6: bool = False
    """IP family of the cluster."""
    node_management: str = "managed-node-group"
    """Who tells kubelet: `managed-node-group`, `nodeadm` or `auto-mode`."""
    security_groups: bool = False
    """`ENABLE_POD_ENI`: one ENI is the trunk of branch ENIs."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question of checked inputs of the calculator max-pods."""
        max_eni = inputs["max_eni"]
        return cls(
            instance=instance_types.get(str(inputs["instance"])),
            prefix_delegation=inputs["prefix_delegation"] is True,
            custom_networking=inputs["custom_networking"] is True,
            max_eni=int(max_eni) if isinstance(max_eni, int) else None,
            ipv6=inputs["ip_family"] == "ipv6",
            node_management=str(inputs["node_management"]),
            security_groups=inputs["security_groups_for_pods"] is True,
        )

    @property
    def is_nodeadm(self) -> bool:
        """Whether nodeadm alone decides."""
        return self.node_management == "nodeadm"

    @property
    def is_auto_mode(self) -> bool:
        """Whether EKS Auto Mode runs the node."""
        return self.node_management == "auto-mode"


@dataclass(frozen=True, slots=True)
class PodLimit:
    """The limit and the figures it comes from."""

    mode: eni.Mode
    """How the VPC CNI gives addresses."""
    formula_mode: eni.Mode
    """The formula that counts: nodeadm knows only secondary addresses."""
    usable_enis: int
    """ENIs whose addresses pods may take."""
    secondary_pods: int
    """The formula with secondary addresses."""
    prefix_pods: int | None
    """The formula with prefixes; None where they are impossible."""
    formula_pods: int | None
    """The formula that counts; None in an IPv6 cluster: one /80 prefix never runs out."""
    cap: int | None
    """The ceiling that is applied; None with bare nodeadm."""
    max_pods: int
    """What to give kubelet."""
    nodeadm_pods: int
    """What nodeadm tells kubelet when nobody tells nodeadm."""
    pods_without_branch_eni: int | None
    """Pods that can run without a security group of their own; None when none may have one."""


def refuse_impossible(question: Question) -> None:
    """Check that EKS offers the combination.

    Raises:
        InputError: it does not; the message names the input and the reason.
    """
    instance = question.instance
    if question.security_groups:
        if instance.family[:1] == "t" and instance.branch_enis == 0:
            raise InputError(
                f"security_groups_for_pods: no type of the t families has a trunk, {instance.name} neither",
                hint="Choose a type with branch ENIs, for example m5.large (9).",
            )
        if instance.branch_enis == 0:
            raise InputError(
                f"security_groups_for_pods: {instance.name} supports no trunk ENI",
                hint="Choose a type with branch ENIs, for example m5.large (9).",
            )
    if question.ipv6:
        if not instance.supports_prefixes:
            raise InputError(
                f"ip_family: an ipv6 cluster needs Nitro or bare metal, and {instance.name} is neither",
                hint="Choose a Nitro type, for example m5.large.",
            )
        if question.custom_networking:
            raise InputError(
                "custom_networking: the VPC CNI does not offer it in an ipv6 cluster",
                hint="Switch custom networking off: IPv6 has addresses enough.",
            )
    if question.is_auto_mode:
        for name, wanted in (
            ("security_groups_for_pods", question.security_groups),
            ("custom_networking", question.custom_networking),
            ("max_eni", question.max_eni is not None),
        ):
            if wanted:
                raise InputError(
                    f"{name}: EKS Auto Mode runs its own networking and has no such setting",
                    hint="Leave it out, or choose managed-node-group. In Auto Mode the NodeClass decides"
                    " on subnets and security groups of pods.",
                )


def pod_limit(question: Question) -> PodLimit:
    """Return the pod limit of a node.

    Raises:
        InputError: EKS does not offer the combination.
    """
    refuse_impossible(question)
    instance = question.instance
    places = instance.ipv4_per_eni
    usable = eni.usable_enis(
        instance.default_card_enis, max_eni=question.max_eni, custom_networking=question.custom_networking
    )
    mode = eni.address_mode(instance, prefix_delegation=question.prefix_delegation or question.ipv6)
    formula_mode: eni.Mode = "secondary" if question.is_nodeadm else mode
    unlimited = question.ipv6 and not question.is_nodeadm
    formula = None if unlimited else eni.formula_pods(usable, places, formula_mode)
    if question.is_nodeadm:
        cap = None
    elif question.is_auto_mode:
        cap = eni.POD_CAP
    else:
        cap = eni.pod_cap(instance.vcpus)
    limits = [limit for limit in (formula, cap) if limit is not None]
    shared = None
    if question.security_groups and not question.ipv6:
        shared = eni.formula_pods(max(0, usable - 1), places, mode)
    return PodLimit(
        mode=mode,
        formula_mode=formula_mode,
        usable_enis=usable,
        secondary_pods=eni.formula_pods(usable, places, "secondary"),
        prefix_pods=eni.formula_pods(usable, places, "prefix") if instance.supports_prefixes else None,
        formula_pods=formula,
        cap=cap,
        max_pods=min(limits),
        nodeadm_pods=eni.formula_pods(instance.default_card_enis, places, "secondary"),
        pods_without_branch_eni=shared,
    )
