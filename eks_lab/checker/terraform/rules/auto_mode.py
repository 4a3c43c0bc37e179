"""EKS Auto Mode: its three switches and its role."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.iam.terraform_documents import trust_of
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.view import View

_LESSON = "compute.auto-mode"
SWITCHES = Rule(
    "eks-auto-mode-switches", ERROR, "Auto Mode switched on in part: compute, block storage and load balancing go together.",
    "Set all three to true, or all three to false.", _LESSON,
)  # fmt: skip
ROLE = Rule(
    "eks-auto-mode-role", ERROR, "A cluster role that lacks what Auto Mode needs: four policies, and sts:TagSession in its trust.",
    "Attach the policies and add sts:TagSession to the role's trust policy.", _LESSON,
)  # fmt: skip
RULES = (SWITCHES, ROLE)
_PARTS = {
    "compute_config": ("compute_config", "enabled"),
    "storage_config.block_storage": ("storage_config", "block_storage", "enabled"),
    "elastic_load_balancing": ("kubernetes_network_config", "elastic_load_balancing", "enabled"),
}
_POLICIES = (
    "AmazonEKSComputePolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy",
)  # fmt: skip


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with each cluster in Auto Mode."""
    for cluster in view.clusters:
        found = {name: view.value(cluster, *place) for name, place in _PARTS.items()}
        if UNKNOWN in found.values():
            continue
        on = [name for name, value in found.items() if value is True]
        off = [name for name, value in found.items() if value is not True]
        if on and off:
            says = f"{cluster.address} switches on {' and '.join(on)} but not {' and '.join(off)}"
            yield view.finding(SWITCHES, cluster, "compute_config", says=says)
        elif on:
            yield from _role(view, cluster)


def _role(view: View, cluster: Entity) -> Iterator[Finding]:
    for role in view.reached_by(cluster, "role_arn", type="aws_iam_role"):
        attached, may_be_more = view.policies_of(role)
        missing = [name for name in _POLICIES if name not in attached]
        if missing and not may_be_more and view.is_whole:
            says = f"{role.address} lacks {', '.join(missing)}, which Auto Mode needs"
            yield view.finding(ROLE, role, says=says)
        trust = trust_of(view, role)
        if trust is not None and not any(each.covers("sts:TagSession") for each in trust.statements):
            says = f"the trust policy of {role.address} lacks sts:TagSession, which Auto Mode needs"
            yield view.finding(ROLE, role, "assume_role_policy", says=says)
