"""The world a sandbox starts with: who is there, the network, and the cluster `lab` with its nodes and add-ons.

Everything is put where a finished set-up would have left it, straight into the backends, because a learner
waits for it; from then on it is an account like any other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eks_lab.aws.account import Account
    from eks_lab.sim.cluster import ClusterOptions

STUDENT = "student"
"""The user whose access key the sandbox hands out; made the base cluster."""
CLUSTER_ROLE = "eks-lab-cluster"
NODE_ROLE = "eks-lab-node"
NODE_GROUP = "workers"
_MANAGED = "arn:aws:iam::aws:policy/"
CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly")
"""What an EKS node role needs (EKS user guide, "Amazon EKS node IAM role")."""


def make_base_world(account: Account, cluster: str, options: ClusterOptions) -> None:
    """Fill an empty account.

    Args:
        account: the account.
        cluster: name of its cluster.
        options: nodes, instance type, version.
    """
    _make_identities(account)
    network = make_base_network(account)
    make_base_cluster(account, cluster, options, network, creator=f"arn:aws:iam::{account.id}:user/{STUDENT}")


def _make_identities(account: Account) -> None:
    iam = account.moto.backend("iam")
    iam.create_user(account.region, STUDENT)
    iam.attach_user_policy(f"{_MANAGED}AdministratorAccess", STUDENT)
    iam.create_access_key(STUDENT)
    for name, service, policies, description in (
        (CLUSTER_ROLE, "eks.amazonaws.com", CLUSTER_POLICIES, "Control plane of the cluster lab"),
        (NODE_ROLE, "ec2.amazonaws.com", NODE_POLICIES, "Worker nodes of the cluster lab"),
    ):
        iam.create_role(name, _trust(service), "/", None, description, [], "3600")
        for policy in policies:
            iam.attach_role_policy(f"{_MANAGED}{policy}", name)
    iam.create_instance_profile(NODE_ROLE, "/", [])
    iam.add_role_to_instance_profile(NODE_ROLE, NODE_ROLE)


def _trust(service: str) -> str:
    actions: list[str] | str = ["sts:AssumeRole", "sts:TagSession"] if service.startswith("eks") else "sts:AssumeRole"
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
