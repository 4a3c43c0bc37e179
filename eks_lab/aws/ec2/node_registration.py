"""The Node of an instance, as its kubelet registers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instances import Instance
from eks_lab.aws.ec2.join import Plan, Verdict
from eks_lab.calc import pod_limit
from eks_lab.catalog import instance_types
from eks_lab.sim.api import Api
from eks_lab.sim.kubelet.nodes import node_object, register
from eks_lab.sim.objects import Key, Obj

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

AWS_NODE = Key("kube-system", "aws-node")
OF_MANAGED_GROUPS = (
    "eks.amazonaws.com/capacityType",
    "eks.amazonaws.com/nodegroup",
    "eks.amazonaws.com/nodegroup-image",
)
"""Labels that only managed node groups give; `node_object` always has them."""


def register_node(
    account: Account, ec2: Ec2Backend, instance: Instance, plan: Plan, verdict: Verdict
) -> Obj | None:
    """Create the Node of an instance that may register; one of the same name that is there stays.

    Args:
        account: with the cluster.
        ec2: backend of the instance's region.
        instance: what the node runs on.
        plan: what EKS wants of it.
        verdict: of `judge`; it allows the registration.

    Returns:
        The node as stored; None when the cluster is gone.
    """
    cluster = account.kubernetes.cluster(verdict.cluster)
    if cluster is None:
        return None
    node = node_of(cluster.api, account, ec2, instance, plan, verdict)
    stored = cluster.api.get("nodes", Key("", verdict.node_name))
    if stored is not None and stored["spec"].get("providerID") != node["spec"]["providerID"]:
        # The address of a gone instance went to this one before its node was taken away.
        cluster.api.delete("nodes", Key("", verdict.node_name))
    return register(cluster.api, account.clock, node)


def node_of(
    api: Api, account: Account, ec2: Ec2Backend, instance: Instance, plan: Plan, verdict: Verdict
) -> Obj:
    """Return the Node object of an instance."""
    zone = instance.availability_zone or ""
    zone_id = next((each.zone_id for each in ec2.describe_availability_zones() if each.name == zone), "")
    labels = {**plan.labels, **verdict.config.labels, "topology.k8s.aws/zone-id": zone_id}
    taints = [
        {name: value for name, value in taint.items() if value}
        for taint in (*plan.taints, *verdict.config.taints)
    ]
    node = node_object(
        verdict.node_name,
        instance.instance_type,
        zone,
        verdict.version,
        account.clock,
        node_group=plan.nodegroup or verdict.cluster,
        labels=labels,
        taints=taints,
        capacity_type=instance.capacity_type,
        instance_id=instance.id,
        max_pods=_max_pods(api, instance, plan, verdict),
    )
    if not plan.nodegroup:
        for name in OF_MANAGED_GROUPS:
            if name not in labels:
                node["metadata"]["labels"].pop(name, None)
    elif "eks.amazonaws.com/nodegroup-image" not in labels:
        node["metadata"]["labels"]["eks.amazonaws.com/nodegroup-image"] = str(instance.image_id)
    return node


def _max_pods(api: Api, instance: Instance, plan: Plan, verdict: Verdict) -> int:
    """Return what the kubelet is given: its NodeConfig's word, EKS's recommendation, or nodeadm's own formula.

    EKS computes the recommendation for managed groups with one of its AMIs from the VPC CNI's settings at that
    moment (EKS user guide, "Increase the available IP addresses for your node").
    """
    if verdict.config.max_pods is not None:
        return verdict.config.max_pods
    settings = _cni_settings(api) if plan.is_complete else {}
    question = pod_limit.Question(
        instance=instance_types.get(instance.instance_type),
        prefix_delegation=settings.get("ENABLE_PREFIX_DELEGATION", "").lower() == "true",
        custom_networking=settings.get("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "").lower() == "true",
    )
    limit = pod_limit.pod_limit(question)
    return limit.max_pods if plan.is_complete else limit.nodeadm_pods


def _cni_settings(api: Api) -> dict[str, str]:
    daemon_set = api.get("daemonsets.apps", AWS_NODE)
    if daemon_set is None:
        return {}
    return {
        str(variable["name"]): str(variable.get("value", ""))
        for container in daemon_set["spec"]["template"]["spec"].get("containers") or []
        for variable in container.get("env") or []
    }
