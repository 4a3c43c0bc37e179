"""After a crash: what moto has and the account's records do not know of any more.

The two are written one after the other; the records may be the older ones. What only they know of, the controllers
miss and make again. What only moto knows of belongs to nobody: nobody would ever look at it, or pay attention to its
bill. Called once, when an account is read back, before anything else happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.exceptions import ServiceException

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instance_records import INSTANCES
from eks_lab.aws.ec2.instances import Instance, observers
from eks_lab.aws.eks.records import CLUSTERS, NODEGROUPS
from eks_lab.aws.surroundings import DESCRIPTION
from eks_lab.sim.objects import Key

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

CLUSTER_TAG = "aws:eks:cluster-name"
"""Of a cluster security group."""
NODEGROUP_TAG = "eks:nodegroup-name"
CLUSTER_OF_NODE_TAG = "eks:cluster-name"
"""Of an instance that a node group launched."""


def settle_leftovers(account: Account) -> None:
    """Give up what nobody knows of: instances of node groups, interfaces and security groups of control planes.

    Args:
        account: that was read back; its controllers have not run yet.
    """
    ec2 = mended.region(account.id, account.region)
    _instances(account, ec2)
    _interfaces(account, ec2)
    _security_groups(account, ec2)


def _instances(account: Account, ec2: Ec2Backend) -> None:
    known = {each["metadata"]["name"] for each in account.store.items(INSTANCES)}
    groups = {
        (each["spec"]["clusterName"], each["spec"]["nodegroupName"])
        for each in account.store.items(NODEGROUPS)
    }
    observer = observers[account.id]
    for instance in list(ec2.find_instances()):
        if not isinstance(instance, Instance) or instance.is_terminating:
            continue
        tags, is_known = ec2.tags_of(instance.id), instance.id in known
        if NODEGROUP_TAG in tags:
            # A group does not count what it does not know, and launches as many as it wants.
            if not is_known or (tags.get(CLUSTER_OF_NODE_TAG), tags[NODEGROUP_TAG]) not in groups:
                ec2.terminate_instances([instance.id])
        elif not is_known:
            observer.changed(instance)


def _interfaces(account: Account, ec2: Ec2Backend) -> None:
    # A record without its security group is older than the interfaces: both are made again.
    known = {
        DESCRIPTION.format(cluster=each["spec"]["name"])
        for each in account.store.items(CLUSTERS)
        if each["spec"]["resourcesVpcConfig"].get("clusterSecurityGroupId")
    }
    for interface in list(ec2.enis.values()):
        is_lent = getattr(interface, "requester_managed", False)
        prefix = DESCRIPTION.format(cluster="")
        if is_lent and interface.description.startswith(prefix) and interface.description not in known:
            ec2.drop_interface(interface)


def _security_groups(account: Account, ec2: Ec2Backend) -> None:
    wanted = {
        each["spec"]["resourcesVpcConfig"].get("clusterSecurityGroupId")
        for each in account.store.items(CLUSTERS)
    }
    tagged = [
        group.id
        for groups in ec2.groups.values()
        for group in groups.values()
        if CLUSTER_TAG in ec2.tags_of(group.id) and group.id not in wanted
    ]
    for group_id in tagged:
        try:
            ec2.delete_security_group(group_id=group_id)
        except ServiceException:
            # The learner has put something of their own into it.
            continue


def queue_control_planes(account: Account, names: list[str]) -> None:
    """Have EKS look at control planes that run; those whose record is gone end.

    Args:
        account: that was read back.
        names: of control planes that were read back, too.
    """
    for name in names:
        account.enqueue("eks-cluster", Key("", name))
