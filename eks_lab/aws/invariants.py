"""What must hold between the account and its clusters after every step, whatever happened.

Each check yields sentences that name what does not agree; an empty list is the only good answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.address_pool import PREFIX_SIZE
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instances import Instance
from eks_lab.aws.ec2.volumes import Volume
from eks_lab.catalog import instance_types
from eks_lab.sim.cluster import Cluster
from eks_lab.sim.objects import Obj

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

NODE_GRACE = timedelta(minutes=3)
"""How long a node may outlive its instance: until the cloud controller looks again."""
EBS_DRIVER = "ebs.csi.aws.com"
OVER = ("Succeeded", "Failed")


def violations(account: Account) -> list[str]:
    """Return everything that does not agree, in no particular order.

    Args:
        account: at rest: nothing is left to do at this moment.
    """
    ec2 = mended.region(account.id, account.region)
    found = [
        *_addresses(ec2),
        *_interfaces(ec2),
        *_volumes(ec2),
    ]
    for name in account.kubernetes.names():
        cluster = account.kubernetes.cluster(name)
        if cluster is not None and cluster.cloud is not None:
            for check in _OF_CLUSTERS:
                found.extend(f"{name}: {text}" for text in check(account, ec2, cluster))
    return found


# --- EC2 by itself ---------------------------------------------------------------------------------------


def _addresses(ec2: Ec2Backend) -> Iterator[str]:
    holders: dict[tuple[str, str], str] = {}
    used: dict[str, tuple[set[str], set[str]]] = {}
    for interface in ec2.enis.values():
        subnet = interface.subnet
        network = IPv4Network(str(subnet.cidr))
        singles, prefixes = used.setdefault(subnet.id, (set(), set()))
        for entry in interface.private_ip_addresses:
            address = entry["PrivateIpAddress"]
            if IPv4Address(address) not in network:
                yield f"{interface.id} has {address}, which is not in {subnet.id} ({network})"
            holder = holders.setdefault((interface.vpc_id, address), interface.id)
            if holder != interface.id or address in singles:
                yield f"{address} is on {holder} and on {interface.id}"
            singles.add(address)
        for prefix in interface.prefixes:
            block = IPv4Network(prefix)
            if not block.subnet_of(network) or prefix in prefixes:
                yield f"{interface.id} has {prefix}, which is not in {subnet.id} ({network}) or taken twice"
            prefixes.add(prefix)
    for subnet in ec2.find_subnets():
        singles, prefixes = used.get(subnet.id, (set(), set()))
        inside = {_block(address) for address in singles} & prefixes
        if inside:
            yield f"{subnet.id} has single addresses in the prefixes {', '.join(sorted(inside))}"
        taken, taken_prefixes = subnet.pool.taken()
        if taken != singles | subnet.promised or taken_prefixes != prefixes:
            yield f"{subnet.id} counts {len(taken)} addresses and {len(taken_prefixes)} prefixes, interfaces have"
            yield f" {len(singles)} and {len(prefixes)}"
        free = subnet.available_ip_address_count
        most = subnet.cidr.num_addresses - 5 - len(taken) - PREFIX_SIZE * len(taken_prefixes)
        if not 0 <= free <= most:
            yield f"{subnet.id} has {free} free addresses, {most} at most are left"


def _interfaces(ec2: Ec2Backend) -> Iterator[str]:
    catalogue = instance_types.catalogue()
    for interface in ec2.enis.values():
        holder = interface.instance
        if holder is None:
            if interface.attachment_id:
                yield f"{interface.id} has an attachment to nothing"
            continue
        if holder.id not in ec2.instance_index:
            yield f"{interface.id} is attached to {holder.id}, which does not exist"
        elif holder.nics.get(interface.device_index or 0) is not interface:
            yield f"{interface.id} is not at index {interface.device_index} of {holder.id}"
    for instance in ec2.find_instances():
        if instance.is_terminating:
            if instance.nics:
                yield f"{instance.id} is terminated and has interfaces"
            continue
        if 0 not in instance.nics:
            yield f"{instance.id} has no primary interface"
        for interface in instance.nics.values():
            if interface.id not in ec2.enis:
                yield f"{instance.id} has {interface.id}, which does not exist"
        if instance.instance_type not in catalogue:
            continue
        limits = catalogue.get(instance.instance_type)
        if len(instance.nics) > limits.total_enis:
            yield f"{instance.id} has {len(instance.nics)} interfaces, {limits.name} takes {limits.total_enis}"
        for interface in instance.nics.values():
            if interface.slots > limits.ipv4_per_eni:
                yield f"{interface.id} uses {interface.slots} address slots, {limits.name} has {limits.ipv4_per_eni}"


def _volumes(ec2: Ec2Backend) -> Iterator[str]:
    for volume in ec2.volumes.values():
        assert isinstance(volume, Volume)
        if len(volume.all_attachments) > 1 and not volume.multi_attach_enabled:
            yield f"{volume.id} is attached {len(volume.all_attachments)} times without Multi-Attach"
        for attachment in volume.all_attachments:
            holder = ec2.instance_index.get(attachment.instance_id)
            if holder is None or holder.is_terminating:
                yield f"{volume.id} is attached to {attachment.instance_id}, which is gone"
            elif holder.availability_zone != volume.availability_zone:
                yield f"{volume.id} in {volume.availability_zone} is attached to {holder.id} in another zone"
            elif attachment.device not in holder.block_device_mapping:
                yield f"{volume.id} is not among the block devices of {holder.id}"
    for instance in ec2.find_instances():
        for device, block in instance.block_device_mapping.items():
            if block.volume_id not in ec2.volumes:
                yield f"{instance.id} has {block.volume_id} at {device}, which does not exist"


# --- the account and a cluster ---------------------------------------------------------------------------


def _instances_of(ec2: Ec2Backend, cluster: Cluster) -> Mapping[str, Instance]:
    """Return the instance behind each node by the node's name, where there is one."""
    found = {}
    for node in cluster.store.items("nodes"):
        instance = ec2.instance_index.get(_instance_id(node))
        if instance is not None:
            found[node["metadata"]["name"]] = instance
    return found


def _instance_id(node: Obj) -> str:
    return str(node["spec"].get("providerID", "")).rpartition("/")[2]


def _nodes(account: Account, ec2: Ec2Backend, cluster: Cluster) -> Iterator[str]:
    now = account.clock.now()
    seen: dict[str, str] = {}
    for node in cluster.store.items("nodes"):
        name, instance_id = node["metadata"]["name"], _instance_id(node)
        if not instance_id.startswith("i-"):
            continue
        if instance_id in seen:
            yield f"nodes {seen[instance_id]} and {name} are both {instance_id}"
        seen[instance_id] = name
        instance = ec2.instance_index.get(instance_id)
        if instance is None:
            yield f"node {name} is {instance_id}, which does not exist"
            continue
        if instance.terminated_at is not None:
            if now > instance.terminated_at.replace(tzinfo=UTC) + NODE_GRACE:
                yield f"node {name} is still there, {instance_id} was terminated at {instance.terminated_at}"
            continue
        addresses = {
            each["address"] for each in node["status"].get("addresses", ()) if each["type"] == "InternalIP"
        }
        if addresses and instance.private_ip not in addresses:
            yield f"node {name} has {', '.join(sorted(addresses))}, {instance_id} has {instance.private_ip}"


def _pods(account: Account, ec2: Ec2Backend, cluster: Cluster) -> Iterator[str]:
    nodes = _instances_of(ec2, cluster)
    slots = {
        name: (
            {address for each in instance.nics.values() for address in each.secondary_addresses},
            {prefix for each in instance.nics.values() for prefix in each.prefixes},
        )
        for name, instance in nodes.items()
    }
    holders: dict[str, str] = {}
    for pod in cluster.store.items("pods"):
        status, metadata = pod.get("status") or {}, pod["metadata"]
        address, node = status.get("podIP"), pod["spec"].get("nodeName", "")
        if not address or status.get("phase") in OVER or metadata.get("deletionTimestamp"):
            continue
        name = f"pod {metadata['namespace']}/{metadata['name']}"
        if node not in slots or nodes[node].is_terminating:
            continue
        if pod["spec"].get("hostNetwork"):
            if address != nodes[node].private_ip:
                yield f"{name} uses the host's network and has {address}, {node} has {nodes[node].private_ip}"
            continue
        if address in holders:
            yield f"{name} and {holders[address]} both have {address}"
        holders[address] = name
        singles, prefixes = slots[node]
        if address not in singles and _block(address) not in prefixes:
            yield f"{name} has {address}, which no interface of {node} ({nodes[node].id}) holds"


def _claims(account: Account, ec2: Ec2Backend, cluster: Cluster) -> Iterator[str]:
    handles: dict[str, str] = {}
    for volume in cluster.store.items("persistentvolumes"):
        source: Mapping[str, Any] = volume["spec"].get("csi") or {}
        if source.get("driver") != EBS_DRIVER or volume["metadata"].get("deletionTimestamp"):
            continue
        name, handle = volume["metadata"]["name"], str(source.get("volumeHandle"))
        handles[name] = handle
        is_bound = (volume.get("status") or {}).get("phase") == "Bound"
        if is_bound and handle not in ec2.volumes:
            yield f"PersistentVolume {name} is {handle}, which does not exist"
    nodes = _instances_of(ec2, cluster)
    for attachment in cluster.store.items("volumeattachments.storage.k8s.io"):
        spec, status = attachment["spec"], attachment.get("status") or {}
        name = (spec.get("source") or {}).get("persistentVolumeName", "")
        instance = nodes.get(spec.get("nodeName", ""))
        found = ec2.volumes.get(handles.get(name, ""))
        if not status.get("attached") or attachment["metadata"].get("deletionTimestamp"):
            continue
        if not isinstance(found, Volume) or instance is None or instance.is_terminating:
            continue
        if found.attachment_to(instance.id) is None:
            yield f"VolumeAttachment of {name} says attached, {found.id} is not attached to {instance.id}"


def _block(address: str) -> str:
    number = int(IPv4Address(address))
    return f"{IPv4Address(number - number % PREFIX_SIZE)}/28"


_OF_CLUSTERS: tuple[Callable[[Account, Ec2Backend, Cluster], Iterator[str]], ...] = (_nodes, _pods, _claims)
