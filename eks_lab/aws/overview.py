"""The account at a glance, as JSON values: what the Sandbox screen and `eks-lab sandbox account` show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eks_lab.aws.billing.costs import costs
from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.interfaces import NetworkInterface, slots_of
from eks_lab.aws.eks.records import ACCESS_ENTRIES, ADDONS, ASSOCIATIONS, CLUSTERS, NODEGROUPS
from eks_lab.catalog import instance_types
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.aws.account import Account


def overview(account: Account) -> dict[str, Any]:
    """Return clusters, node groups, subnets, interfaces, who may, and the running cost.

    Args:
        account: the account.

    Returns:
        `clusters`, `nodegroups`, `addons`, `subnets`, `instances`, `access`, `associations`, `cost`.
    """
    now = account.clock.now()
    spent = costs(account, now)
    return {
        "account": account.id,
        "region": account.region,
        "now": now.isoformat(),
        "clusters": [_cluster(each["spec"]) for each in account.store.items(CLUSTERS)],
        "nodegroups": [_nodegroup(each["spec"]) for each in account.store.items(NODEGROUPS)],
        "addons": [_addon(each["spec"]) for each in account.store.items(ADDONS)],
        "subnets": _subnets(account),
        "instances": _instances(account),
        "access": [_entry(each) for each in account.store.items(ACCESS_ENTRIES)],
        "associations": [_association(each["spec"]) for each in account.store.items(ASSOCIATIONS)],
        "cost": {
            "so_far_usd": spent.so_far_usd,
            "per_hour_usd": spent.usd_per_hour,
            "per_month_usd": spent.usd_per_month,
        },
    }


def _cluster(spec: dict[str, Any]) -> dict[str, Any]:
    return {"name": spec["name"], "version": spec["version"], "status": spec["status"]}


def _nodegroup(spec: dict[str, Any]) -> dict[str, Any]:
    issues = (spec.get("health") or {}).get("issues") or []
    return {
        "cluster": spec["clusterName"],
        "name": spec["nodegroupName"],
        "status": spec["status"],
        "desired": spec["scalingConfig"]["desiredSize"],
        "types": list(spec.get("instanceTypes") or []),
        "issues": [f"{each['code']}: {each.get('message', '')}" for each in issues],
    }


def _addon(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "cluster": spec["clusterName"],
        "name": spec["addonName"],
        "version": spec["addonVersion"],
        "status": spec["status"],
    }


def _subnets(account: Account) -> list[dict[str, Any]]:
    """Return the subnets of every VPC but the default one, which the course does not use."""
    ec2 = mended.region(account.id, account.region)
    found = []
    for subnet in ec2.find_subnets():
        if ec2.get_vpc(subnet.vpc_id).is_default:
            continue
        found.append(
            {
                "id": subnet.id,
                "name": ec2.tags_of(subnet.id).get("Name", ""),
                "zone": subnet.availability_zone,
                "cidr": subnet.cidr_block,
                "free": subnet.available_ip_address_count,
                "size": subnet.cidr.num_addresses - 5,
            }
        )
    return sorted(found, key=lambda each: (each["name"], each["id"]))


def _instances(account: Account) -> list[dict[str, Any]]:
    ec2 = mended.region(account.id, account.region)
    found = []
    for instance in ec2.instance_index.values():
        if instance.state == "terminated":
            continue
        interfaces = [instance.nics[index] for index in sorted(instance.nics)]
        found.append(
            {
                "id": instance.id,
                "type": instance.instance_type,
                "zone": instance.availability_zone,
                "state": instance.state,
                "name": instance.private_dns_name,
                "address": instance.private_ip,
                "most_interfaces": _most_interfaces(instance.instance_type),
                "interfaces": [
                    _interface(each, instance.instance_type)
                    for each in interfaces
                    if isinstance(each, NetworkInterface)
                ],
            }
        )
    return found


def _most_interfaces(instance_type: str) -> int:
    try:
        return instance_types.get(instance_type).default_card_enis
    except InputError:
        return 0


def _interface(interface: NetworkInterface, instance_type: str) -> dict[str, Any]:
    return {
        "id": interface.id,
        "subnet": interface.subnet.id,
        "address": interface.private_ip_address,
        "secondary": len(interface.secondary_addresses),
        "prefixes": len(interface.prefixes),
        "slots": slots_of(instance_type) - 1,
    }


def _entry(record: dict[str, Any]) -> dict[str, Any]:
    spec = record["spec"]
    return {
        "cluster": spec["clusterName"],
        "principal": spec["principalArn"],
        "type": spec["type"],
        "policies": [each["policyArn"].rpartition("/")[2] for each in record.get("policies") or []],
    }


def _association(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "cluster": spec["clusterName"],
        "namespace": spec["namespace"],
        "service_account": spec["serviceAccount"],
        "role": spec["roleArn"].rpartition("/")[2],
    }
