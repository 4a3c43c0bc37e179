"""The IAM roles of control plane and nodes."""

from __future__ import annotations

import json
from typing import Any

from eks_lab.sandbox.backends.aws.site import Site, as_mapping

_MANAGED = "arn:aws:iam::aws:policy/"


class Role:
    """A role that a service of AWS takes."""

    kind = "role"

    def __init__(self, step: str, title: str, service: str, policies: tuple[str, ...]) -> None:
        """Describe it.

        Args:
            step: its place in the record.
            title: what making it is called.
            service: that may take it: `eks.amazonaws.com`.
            policies: names of AWS's managed policies.
        """
        self.step = step
        self.title = title
        self._service = service
        self._policies = policies

    def name(self, site: Site) -> str:
        """Return its name."""
        return site.name(self.step)

    def find(self, site: Site) -> str:
        """Return its name when this session made it; empty when there is none, or somebody else's."""
        name = self.name(site)
        found = site.found("iam", "GetRole", RoleName=name)
        if found is None:
            return ""
        tags = as_mapping(found["Role"].get("Tags"))
        return name if site.is_ours(tags) else ""

    def make(self, site: Site) -> str:
        """Make it, trusted by its service."""
        actions: Any = (
            ["sts:AssumeRole", "sts:TagSession"] if self._service.startswith("eks") else "sts:AssumeRole"
        )
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": self._service}, "Action": actions},
            ],
        }
        made = site.call(
            "iam",
            "CreateRole",
            RoleName=self.name(site),
            AssumeRolePolicyDocument=json.dumps(trust),
            Description="Made by eks-lab; goes with: eks-lab sandbox down",
            Tags=site.listed_tags,
        )
        return str(made["Role"]["RoleName"])

    def settle(self, site: Site) -> None:
        """Attach its policies; attaching again changes nothing."""
        for policy in self._policies:
            site.call("iam", "AttachRolePolicy", RoleName=self.name(site), PolicyArn=f"{_MANAGED}{policy}")

    def remove(self, site: Site, id: str) -> None:
        """Take its policies and instance profiles away, then delete it."""
        if site.found("iam", "GetRole", RoleName=id) is None:
            return
        for each in list(site.api.pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=id)):
            site.delete("iam", "DetachRolePolicy", RoleName=id, PolicyArn=each["PolicyArn"])
        for name in list(site.api.pages("iam", "ListRolePolicies", "PolicyNames", RoleName=id)):
            site.delete("iam", "DeleteRolePolicy", RoleName=id, PolicyName=name)
        profiles = site.api.pages("iam", "ListInstanceProfilesForRole", "InstanceProfiles", RoleName=id)
        for each in list(profiles):
            site.delete(
                "iam",
                "RemoveRoleFromInstanceProfile",
                RoleName=id,
                InstanceProfileName=each["InstanceProfileName"],
            )
        site.delete("iam", "DeleteRole", RoleName=id)


CLUSTER_ROLE = Role(
    "cluster-role", "Make the IAM role of the control plane", "eks.amazonaws.com", ("AmazonEKSClusterPolicy",)
)
NODE_ROLE = Role(
    "node-role",
    "Make the IAM role of the nodes",
    "ec2.amazonaws.com",
    ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"),
)
"""What an EKS node role needs: EKS user guide, "Amazon EKS node IAM role"."""


def arn(site: Site, role: Role) -> str:
    """Return the ARN of a role, as CreateCluster and CreateNodegroup take it."""
    return f"arn:aws:iam::{site.ledger.head.account}:role/{role.name(site)}"
