"""The base cluster straight into the store: a cluster, a node group and add-ons as a finished set-up leaves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from eks_lab.aws.eks import addon_catalogue, addon_install, addons, clusters, nodegroups
from eks_lab.aws.eks.access_entries import add_creator
from eks_lab.aws.eks.cluster_controller import ensure_control_plane, ensure_network
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.nodegroup_instances import launch_of
from eks_lab.aws.eks.records import ADDONS, CLUSTERS, NODEGROUPS, text_of
from eks_lab.aws.principal import Principal
from eks_lab.sim.kubelet.nodes import address_of_name, node_name
from eks_lab.sim.objects import Obj

BASE_ADDONS = ("vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "metrics-server")
"""What the base cluster has; the EBS CSI driver is for the learner to add."""
AGE = timedelta(days=1)
"""How long ago the base cluster was made."""
BIGGEST_EXTRA = 7
"""Nodes that the base node group may grow by."""


@dataclass(frozen=True, slots=True)
class BaseCluster:
    """What the base cluster is made of."""

    name: str
    version: str
    role_arn: str
    node_role_arn: str
    control_plane_subnets: tuple[str, ...]
    node_subnets: tuple[str, ...]
    """One a zone, in the order of the zones."""
    creator: Principal
    nodegroup: str = "workers"
    nodes: int = 3
    instance_type: str = "m5.large"
    service_cidr: str = "172.20.0.0/16"


def put_base_cluster(eks: Eks, wanted: BaseCluster, add_on_names: Sequence[str] = BASE_ADDONS) -> Obj:
    """Make the base cluster with its node group, add-ons and access entries, all ACTIVE.

    Nothing is validated and nothing waits: subnets and roles are the caller's. The pods of add-ons start when the
    cluster's own controllers run.

    Args:
        eks: EKS of an account whose network and roles are there.
        wanted: what to make.
        add_on_names: to be installed.

    Returns:
        The record of the cluster.

    Raises:
        AwsError: EC2 refuses interfaces or instances.
    """
    params = {
        "name": wanted.name,
        "roleArn": wanted.role_arn,
        "resourcesVpcConfig": {
            "subnetIds": list(wanted.control_plane_subnets),
            "endpointPublicAccess": True,
            "endpointPrivateAccess": True,
        },
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": wanted.service_cidr},
        "accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"},
    }
    made = text_of(eks.now() - AGE)
    spec = {**clusters.specification(eks, params, wanted.version), "createdAt": made, "status": "ACTIVE"}
    record = eks.add(
        CLUSTERS,
        "",
        wanted.name,
        spec=spec,
        creator={"arn": wanted.creator.iam_arn, "kind": wanted.creator.kind},
        bootstrapSelfManagedAddons=False,
        readyAt=made,
    )
    record = ensure_control_plane(eks, ensure_network(eks, record))
    add_creator(eks, record)
    _put_nodegroup(eks, record, wanted)
    _put_add_ons(eks, record, add_on_names, made)
    return record


def _put_nodegroup(eks: Eks, cluster: Obj, wanted: BaseCluster) -> None:
    params = {
        "clusterName": wanted.name,
        "nodegroupName": wanted.nodegroup,
        "subnets": list(wanted.node_subnets),
        "nodeRole": wanted.node_role_arn,
        "instanceTypes": [wanted.instance_type],
        "scalingConfig": {
            "minSize": min(1, wanted.nodes),
            "maxSize": max(1, wanted.nodes + BIGGEST_EXTRA),
            "desiredSize": wanted.nodes,
        },
    }
    made = text_of(eks.now() - AGE)
    # The base world may be as large as the simulator is: quotas hold for what is created later.
    spec, template = nodegroups.specification(eks, cluster, params, is_limited=False)
    spec = {**spec, "createdAt": made, "modifiedAt": made, "status": "ACTIVE"}
    record = nodegroups.add(eks, spec, template)
    eks.put(NODEGROUPS, {**record, "startedAt": made})
    common = launch_of(eks, record)
    addresses: dict[str, list[str]] = defaultdict(list)
    for number in range(wanted.nodes):
        subnet = wanted.node_subnets[number % len(wanted.node_subnets)]
        addresses[subnet].append(address_of_name(node_name(number)))
    for subnet, places in addresses.items():
        eks.fleet.place(replace(common, subnet_id=subnet), places)


def _put_add_ons(eks: Eks, cluster: Obj, names: Sequence[str], made: str) -> None:
    control_plane = eks.control_plane(cluster["spec"]["name"])
    assert control_plane is not None
    for name in names:
        addon = addon_catalogue.addons()[name]
        version = addon.default(cluster["spec"]["version"])
        record = addons.add(eks, {"clusterName": cluster["spec"]["name"]}, addon, version)
        objects = addon_install.objects_of(eks, cluster, addon, version, {})
        addon_install.apply(control_plane.api, objects, "OVERWRITE")
        record = eks.put(ADDONS, {**record, "startedAt": made, "installed": made})
        eks.change(ADDONS, record, status="ACTIVE", createdAt=made, modifiedAt=made)
