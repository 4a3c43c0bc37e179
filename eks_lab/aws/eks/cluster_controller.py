"""Moves clusters through their statuses: CREATING to ACTIVE, UPDATING and back, DELETING to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from eks_lab.aws.eks import updates
from eks_lab.aws.eks.access_entries import add_creator, add_node_role
from eks_lab.aws.eks.addon_install import bootstrap_self_managed
from eks_lab.aws.eks.cluster_updates import end_of_support, upgrade_by_itself
from eks_lab.aws.eks.clusters import DELETION
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import CLUSTERS, NODEGROUPS, OF_A_CLUSTER, UPDATES, issue
from eks_lab.aws.eks.surroundings import Subnet
from eks_lab.aws.errors import AwsError
from eks_lab.sim.objects import Key, Obj, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

CONTROL_PLANES = "controlplanes.world"
"""Records of the control planes that run; one whose cluster is gone is ended."""
RETRY = timedelta(minutes=1)
"""Between two tries to make interfaces that EC2 refused."""
INTERFACES = 2
"""Cross-account interfaces of one cluster; EKS makes two to four."""


def cluster_of(event: StoreEvent) -> Iterable[Key]:
    """Map a record of a cluster to the cluster."""
    return (Key("", event.obj["metadata"]["namespace"]),)


class ClusterController:
    """Brings the account and the control planes to what the clusters' records say."""

    name = "eks-cluster"
    watches: Sequence[Watch] = (Watch(CLUSTERS), Watch(UPDATES, cluster_of), Watch(CONTROL_PLANES))

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks

    def reconcile(self, key: Key) -> Result:
        """Do what is due for one cluster."""
        eks = self._eks
        record = eks.find(CLUSTERS, "", key.name)
        if record is None:
            # A cluster's record goes last; what a crash left behind goes here.
            self._clear(key.name)
            return DONE
        status = record["spec"]["status"]
        if status == "CREATING":
            return self._create(record)
        if status == "UPDATING":
            return self._update(record)
        if status == "DELETING":
            return self._delete(record)
        return self._rest(record) if status == "ACTIVE" else DONE

    def _rest(self, record: Obj) -> Result:
        """Keep an ACTIVE cluster running until its version's support ends."""
        eks = self._eks
        if updates.in_progress(eks, record["spec"]["name"]) is not None:
            # A crash between the two writes of a request.
            return self._update(eks.change(CLUSTERS, record, status="UPDATING"))
        record = ensure_control_plane(eks, record)
        if not self._has_interfaces(record):
            return Result(RETRY)
        end = end_of_support(record)
        left = datetime(end.year, end.month, end.day, tzinfo=UTC) - eks.now()
        if left > timedelta(0):
            return Result(left)
        upgrade_by_itself(eks, record)
        return DONE

    def _has_interfaces(self, record: Obj) -> bool:
        """Bring an ACTIVE cluster's interfaces to their number; say whether that was possible."""
        eks, name = self._eks, record["spec"]["name"]
        present = eks.surroundings.control_plane_interfaces(name)
        if len(present) > INTERFACES:
            # An upgrade was cut off between the new ones and the old ones.
            eks.surroundings.delete_interfaces(present[:-INTERFACES])
        if present:
            return True
        try:
            _add_interfaces(eks, name, record["spec"]["resourcesVpcConfig"])
        except AwsError:
            return False
        return True

    # --- creation ---------------------------------------------------------------------------------------------

    def _create(self, record: Obj) -> Result:
        eks = self._eks
        try:
            record = ensure_network(eks, record)
        except AwsError as error:
            code = (
                "InsufficientFreeAddresses"
                if error.code == "InsufficientFreeAddressesInSubnet"
                else "AccessDenied"
                if error.code == "UnauthorizedOperation"
                else "InternalFailure"
            )
            subnets = record["spec"]["resourcesVpcConfig"]["subnetIds"]
            health = {"issues": [issue(code, error.message, subnets)]}
            eks.change(CLUSTERS, record, status="FAILED", health=health)
            return DONE
        left = parse_time(record["readyAt"]) - eks.now()
        if left > timedelta(0):
            return Result(left)
        activate(eks, record)
        return DONE

    # --- updates ----------------------------------------------------------------------------------------------

    def _update(self, record: Obj) -> Result:
        eks = self._eks
        name = record["spec"]["name"]
        ensure_control_plane(eks, record)
        update = updates.in_progress(eks, name)
        if update is None:
            eks.change(CLUSTERS, record, status="ACTIVE")
            return DONE
        left = updates.due_at(update) - eks.now()
        if left > timedelta(0):
            return Result(left)
        self._apply(record, update)
        return DONE

    def _apply(self, record: Obj, update: Obj) -> None:
        eks = self._eks
        spec, change = record["spec"], update["change"]
        try:
            if "resourcesVpcConfig" in change or "version" in change:
                vpc = change.get("resourcesVpcConfig") or spec["resourcesVpcConfig"]
                self._move_interfaces(record, vpc, is_upgrade="version" in change)
        except AwsError as error:
            eks.change(CLUSTERS, record, status="ACTIVE")
            code = "IpNotAvailable" if "FreeAddresses" in error.code else "Unknown"
            updates.finish(
                eks, update, (code, error.message, record["spec"]["resourcesVpcConfig"]["subnetIds"])
            )
            return
        if "version" in change and change["version"] != spec["version"]:
            eks.account.kubernetes.upgrade(spec["name"], change["version"])
        record = eks.change(CLUSTERS, record, **change, status="ACTIVE")
        updates.finish(eks, update)
        if change.get("accessConfig"):
            # The mode has entries now: EKS makes those of the creator and of the node groups itself.
            add_creator(eks, record)
            for group in eks.list(NODEGROUPS, spec["name"]):
                add_node_role(eks, spec["name"], group["spec"]["nodeRole"], "EC2_LINUX")

    def _move_interfaces(self, record: Obj, vpc: Obj, *, is_upgrade: bool) -> None:
        """Make new interfaces before the old ones go: a moment with both costs addresses."""
        eks, before = self._eks, record["spec"]["resourcesVpcConfig"]
        places = ("subnetIds", "securityGroupIds")
        if not is_upgrade and all(vpc[part] == before[part] for part in places):
            return
        name = record["spec"]["name"]
        old = eks.surroundings.control_plane_interfaces(name)
        _add_interfaces(eks, name, vpc)
        eks.surroundings.delete_interfaces(old)
        eks.account.kubernetes.move(name)

    # --- deletion ---------------------------------------------------------------------------------------------

    def _delete(self, record: Obj) -> Result:
        eks = self._eks
        due = parse_time(record["deletedAt"]) if record.get("deletedAt") else eks.now() + DELETION
        if due > eks.now():
            return Result(due - eks.now())
        self._clear(record["spec"]["name"])
        group = record["spec"]["resourcesVpcConfig"].get("clusterSecurityGroupId")
        if group:
            eks.surroundings.delete_security_group(group)
        eks.remove(CLUSTERS, record)
        return DONE

    def _clear(self, name: str) -> None:
        eks = self._eks
        eks.surroundings.delete_interfaces(eks.surroundings.control_plane_interfaces(name))
        eks.account.kubernetes.delete(name)
        eks.remove_all(OF_A_CLUSTER, name)


def ensure_network(eks: Eks, record: Obj) -> Obj:
    """Make the security group and the interfaces of a control plane where they are missing.

    Returns:
        The record with its security group.

    Raises:
        AwsError: EC2 refuses.
    """
    spec = record["spec"]
    name, vpc = spec["name"], spec["resourcesVpcConfig"]
    group = vpc.get("clusterSecurityGroupId", "")
    if not group or eks.surroundings.security_group_vpc(group) is None:
        tags = {f"kubernetes.io/cluster/{name}": "owned", "aws:eks:cluster-name": name}
        group = eks.surroundings.create_cluster_security_group(name, vpc["vpcId"], tags)
        vpc = {**vpc, "clusterSecurityGroupId": group}
        record = eks.change(CLUSTERS, record, resourcesVpcConfig=vpc)
    if not eks.surroundings.control_plane_interfaces(name):
        _add_interfaces(eks, name, vpc)
    return record


def _add_interfaces(eks: Eks, name: str, vpc: Obj) -> None:
    groups = [vpc["clusterSecurityGroupId"], *vpc["securityGroupIds"]]
    found = [eks.surroundings.subnet(each) for each in vpc["subnetIds"]]
    places = _places([subnet for subnet in found if subnet is not None])
    eks.surroundings.create_control_plane_interfaces(name, places, groups)


def _places(subnets: list[Subnet]) -> list[str]:
    """Return the subnets for the interfaces: in different zones, the one with most addresses of each."""
    best: dict[str, Subnet] = {}
    for subnet in subnets:
        if subnet.zone not in best or subnet.free_addresses > best[subnet.zone].free_addresses:
            best[subnet.zone] = subnet
    wanted = sorted(best.values(), key=lambda each: (-each.free_addresses, each.zone))[:INTERFACES]
    return [subnet.id for subnet in sorted(wanted, key=lambda each: each.zone)]


def activate(eks: Eks, record: Obj) -> Obj:
    """Start the control plane of a cluster whose network is there, and describe it as ACTIVE."""
    record = ensure_control_plane(eks, record)
    if record.get("bootstrapSelfManagedAddons"):
        bootstrap_self_managed(eks, record)
    add_creator(eks, record)
    return eks.change(CLUSTERS, record, status="ACTIVE")


def ensure_control_plane(eks: Eks, record: Obj) -> Obj:
    """Start a control plane that does not run; describe its endpoint, authority and issuer."""
    spec = record["spec"]
    name, kubernetes = spec["name"], eks.account.kubernetes
    if kubernetes.cluster(name) is None:
        kubernetes.create(
            name,
            spec["version"],
            service_cidr=spec["kubernetesNetworkConfig"]["serviceIpv4Cidr"],
            creator=record["creator"]["arn"],
        )
    facts: dict[str, Any] = {
        "endpoint": kubernetes.endpoint(name),
        "certificateAuthority": {"data": kubernetes.certificate_authority(name)},
        "identity": {"oidc": {"issuer": kubernetes.issuer(name)}},
    }
    return eks.change(CLUSTERS, record, **facts)
