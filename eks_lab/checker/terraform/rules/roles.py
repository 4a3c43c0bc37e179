"""Roles of cluster, nodes and Fargate: what they trust and what is attached to them."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.iam.terraform_documents import trust_of
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.constant import OPEN
from eks_lab.checker.terraform.view import View

TRUST = Rule(
    "eks-role-trust", ERROR, "A role of EKS that trusts the wrong service: EKS or EC2 cannot assume it.",
    "Name the service that uses the role as its principal.", "terraform.keys-and-roles",
)  # fmt: skip
CNI_POLICY = Rule(
    "eks-cni-policy-on-nodes", WARNING,
    "AmazonEKS_CNI_Policy on the node role: every pod that reaches the node's credentials can change network interfaces.",
    "Attach it to a role of its own, bound to kube-system/aws-node with Pod Identity.", "identity.node-role",
)  # fmt: skip
REGISTRY = Rule(
    "eks-registry-policy", NOTE, "AmazonEC2ContainerRegistryReadOnly on nodes, which may read more than they need.",
    "Attach AmazonEC2ContainerRegistryPullOnly.", "identity.node-role",
)  # fmt: skip
RULES = (TRUST, CNI_POLICY, REGISTRY)
_USERS = (
    ("aws_eks_cluster", "role_arn", "eks.amazonaws.com"),
    ("aws_eks_node_group", "node_role_arn", "ec2.amazonaws.com"),
    ("aws_eks_fargate_profile", "pod_execution_role_arn", "eks-fargate-pods.amazonaws.com"),
)


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with roles."""
    for type_, argument, service in _USERS:
        for user in view.configuration.of_type(type_):
            for role in view.reached_by(user, argument, type="aws_iam_role"):
                yield from _trust(view, user, role, service)
    node_roles = {
        role.address
        for group in view.node_groups
        for role in view.reached_by(group, "node_role_arn", type="aws_iam_role")
    }
    for attachment in view.attachments:
        if any(role.address in node_roles for role in attachment.roles):
            entity = attachment.entity
            if attachment.policy == "AmazonEKS_CNI_Policy":
                says = f"{entity.address} gives the node role the rights of the CNI"
                yield view.finding(CNI_POLICY, entity, "policy_arn", says=says)
            elif attachment.policy == "AmazonEC2ContainerRegistryReadOnly":
                says = f"{entity.address} attaches {attachment.policy}"
                yield view.finding(REGISTRY, entity, "policy_arn", says=says)


def _trust(view: View, user: Entity, role: Entity, service: str) -> Iterator[Finding]:
    trust = trust_of(view, role)
    if trust is None:
        return
    trusted = [
        name
        for statement in trust.statements
        if statement.effect == "Allow"
        for kind, name in statement.principals
        if kind == "Service"
    ]
    if service not in trusted and not any(OPEN in name for name in trusted):
        shown = ", ".join(trusted) or "no service"
        says = f"{role.address}, the role of {user.address}, trusts {shown} and not {service}"
        fix = f'Write Principal = {{ Service = "{service}" }}.'
        yield view.finding(TRUST, role, "assume_role_policy", says=says, fix=fix)
