"""What the templates need to know beyond the choices themselves."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

from eks_lab.calc.address_space import usable_addresses
from eks_lab.generate.terraform.choices import REFUSED_ZONE_IDS, Choices
from eks_lab.generate.terraform.node_groups import NodeGroup


def asks_access(choices: Choices) -> bool:
    """Whether the entries of people are a variable without default."""
    return not choices.caller_is_admin and not choices.access


def asks_public_access_cidrs(choices: Choices) -> bool:
    """Whether the networks at the public endpoint are a variable without default."""
    return choices.is_public and not choices.public_access_cidrs


@dataclass(frozen=True, slots=True)
class _PodRole:
    """A service account of an add-on that calls AWS."""

    name: str
    """Of the add-on."""
    namespace: str
    """Of the service account."""
    service_account: str
    """Its name."""
    policy: str
    """Behind `policy/`."""


def _pod_roles(choices: Choices) -> list[_PodRole]:
    found = [
        _PodRole(addon.name, addon.namespace, addon.service_account, addon.policy)
        for addon in choices.addons
        if addon.service_account
    ]
    if choices.needs_pod_identity_agent:
        found.insert(0, _PodRole("vpc-cni", "kube-system", "aws-node", "AmazonEKS_CNI_Policy"))
    return found


def _addon_values(choices: Choices) -> dict[str, Any]:
    on_fargate = not choices.has_nodes
    before: list[str] = []
    after = [addon.name for addon in choices.addons]
    if not choices.auto_mode:
        after.insert(0, "coredns")
        # On Fargate AWS brings network plugin and proxy; the DaemonSets would find no node.
        if choices.node_groups:
            before = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]
    compute = [
        f"aws_eks_fargate_profile.{profile.name.replace('-', '_')}" for profile in choices.fargate_profiles
    ]
    if choices.node_groups:
        compute = ["aws_eks_node_group.main", *compute]
    if choices.auto_mode:
        compute = ["aws_iam_role_policy_attachment.node", *compute]
    return {
        "before_nodes": before,
        "after_nodes": after,
        "pod_roles": _pod_roles(choices),
        "compute": compute,
        "configures_cni": bool(before),
        "coredns_on_fargate": on_fargate,
        "configured": bool(before) or on_fargate,
    }


def _max_pods_reason(choices: Choices, group: NodeGroup) -> str:
    smallest = min(
        group.instances, key=lambda instance: choices.max_pods(replace(group, instances=(instance,)))
    )
    how = "prefixes" if choices.prefix_delegation else "single addresses"
    less = ", less the first interface, which pods do not use here" if choices.custom_networking else ""
    return (
        f"{smallest.default_card_enis} interfaces of {smallest.ipv4_per_eni} {how}{less} ({smallest.name}), and"
        " never more than EKS advises. eks-lab calc max-pods shows the working."
    )


def template_values(choices: Choices) -> dict[str, Any]:
    """Return what the templates use, by name.

    Args:
        choices: that fit together.
    """
    return {
        "c": choices,
        "refused_zone_ids": list(REFUSED_ZONE_IDS),
        "usable": lambda network: f"{usable_addresses(network.prefixlen):,}",
        "max_pods_reason": functools.partial(_max_pods_reason, choices),
        "device_names": sorted({group.device_name for group in choices.node_groups}),
        "families": sorted({group.family for group in choices.node_groups}),
        "uses_account_id": bool(
            choices.flow_logs
            or choices.kms_key
            or choices.log_key
            or choices.fargate_profiles
            or choices.caller_is_admin
            or choices.karpenter
        ),
        "asks_access": asks_access(choices),
        "asks_public_access_cidrs": asks_public_access_cidrs(choices),
        **_addon_values(choices),
    }
