"""The world a sandbox starts with: who is there, the network, and the cluster `lab` with its nodes and add-ons.

Everything is put where a finished set-up would have left it, straight into the backends, because a learner
waits for it; from then on it is an account like any other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eks_lab.aws.account import STUDENT
from eks_lab.aws.ec2.base_vpc import make_base_vpc
from eks_lab.aws.eks.base import BaseCluster, put_base_cluster

if TYPE_CHECKING:
    from eks_lab.aws.account import Account
    from eks_lab.sim.cluster import ClusterOptions

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
    network = make_base_vpc(account.id, account.region)
    key, _ = account.student_key
    wanted = BaseCluster(
        name=cluster,
        version=options.version,
        role_arn=f"arn:aws:iam::{account.id}:role/{CLUSTER_ROLE}",
        node_role_arn=f"arn:aws:iam::{account.id}:role/{NODE_ROLE}",
        control_plane_subnets=network.control_plane_subnets,
        node_subnets=network.private_subnets,
        creator=account.iam.principal_of(key),
        nodegroup=NODE_GROUP,
        nodes=options.nodes,
        instance_type=options.instance,
    )
    put_base_cluster(account.eks, wanted)


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
    actions: list[str] | str = (
        ["sts:AssumeRole", "sts:TagSession"] if service.startswith("eks") else "sts:AssumeRole"
    )
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
