"""Inputs that several calculators ask for in the same words."""

from __future__ import annotations

from eks_lab.calc.model import Input

INSTANCE = Input(
    name="instance",
    label="Instance type",
    kind="instance",
    default="m5.large",
    help="EC2 instance type of the node.",
)
PREFIX_DELEGATION = Input(
    name="prefix_delegation",
    label="Prefix delegation",
    kind="flag",
    default=False,
    help="ENABLE_PREFIX_DELEGATION of the VPC CNI: /28 prefixes instead of single addresses.",
)
CUSTOM_NETWORKING = Input(
    name="custom_networking",
    label="Custom networking",
    kind="flag",
    default=False,
    help="Pods take addresses from the subnet of an ENIConfig and stay off the primary ENI.",
)
