"""Worker nodes as an EKS managed node group registers them: labels, capacity, allocatable, addresses.

Facts: the EKS AMI's reservations (`eks_lab.calc.reservations`), the labels that EKS and its cloud provider put
on nodes (AWS documentation, "Simplify node lifecycle with managed node groups"; cloud-provider-aws), kubelet's
disk arithmetic (pkg/kubelet/cm/node_container_manager: 10 % of the file system is the eviction threshold).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eks_lab.calc import pod_limit, reservations
from eks_lab.catalog import instance_types
from eks_lab.ids import Ids
from eks_lab.sim.objects import Obj, timestamp

REGION = "us-east-1"
ZONES = (("us-east-1a", "use1-az1", 0), ("us-east-1b", "use1-az2", 64), ("us-east-1c", "use1-az4", 128))
"""Zone, its id, and the third octet where its subnet begins (10.0.0.0/18, 10.0.64.0/18, 10.0.128.0/18)."""
FIRST_HOST = 10
HOSTS_A_BLOCK = 240
MOST_NODES_A_ZONE = 63 * HOSTS_A_BLOCK
NODE_GROUP = "default"
ROOT_VOLUME_KIB = 20_959_212
"""Usable size of the 20 GiB root volume that managed node groups get."""
EVICTION_SHARE = 0.10000000149011612
"""10 % as kubelet has it: a float32."""
STORAGE_RESERVED_BYTES = 1 << 30
"""kubeReserved ephemeral-storage of the EKS AMI: 1Gi."""
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands."""

    zone: str
    zone_id: str
    address: str

    @property
    def name(self) -> str:
        """Return the node's name: the private DNS name of its instance."""
        return f"ip-{self.address.replace('.', '-')}.ec2.internal"


def place_of(number: int) -> Place:
    """Return where the node with a number goes: the zones take turns.

    Args:
        number: 0 for the first node.

    Raises:
        ValueError: the subnets have no room for it.
    """
    zone, zone_id, octet = ZONES[number % len(ZONES)]
    rank = number // len(ZONES)
    if rank >= MOST_NODES_A_ZONE:
        raise ValueError(f"node {number}: a zone's subnet has room for {MOST_NODES_A_ZONE} nodes")
    block, host = divmod(rank, HOSTS_A_BLOCK)
    return Place(zone, zone_id, f"10.0.{octet + 1 + block}.{FIRST_HOST + host}")


def architecture_of(instance: instance_types.InstanceType) -> str:
    """Return `amd64` or `arm64`."""
    return next((_ARCHITECTURES[each] for each in instance.architectures if each in _ARCHITECTURES), "amd64")


def node_object(place: Place, instance: instance_types.InstanceType, version: str, ids: Ids) -> Obj:
    """Return a node as kubelet registers it, without conditions.

    Args:
        place: zone and address.
        instance: its type.
        version: Kubernetes minor version of its kubelet: `1.36`.
        ids: for the instance's and the machine's ids.
    """
    architecture = architecture_of(instance)
    limit = pod_limit.pod_limit(pod_limit.Question(instance=instance)).max_pods
    room = reservations.allocatable(instance.vcpus, instance.memory_mib, limit)
    disk = ROOT_VOLUME_KIB * 1024
    instance_id = f"i-{ids.hex(17)}"
    labels = {
        "beta.kubernetes.io/arch": architecture,
        "beta.kubernetes.io/instance-type": instance.name,
        "beta.kubernetes.io/os": "linux",
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "eks.amazonaws.com/nodegroup": NODE_GROUP,
        "eks.amazonaws.com/nodegroup-image": f"ami-{ids.hex(17)}",
        "failure-domain.beta.kubernetes.io/region": REGION,
        "failure-domain.beta.kubernetes.io/zone": place.zone,
        "kubernetes.io/arch": architecture,
        "kubernetes.io/hostname": place.name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": instance.name,
        "topology.k8s.aws/zone-id": place.zone_id,
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": place.zone,
    }
    system_uuid = f"ec2{ids.uid()[3:]}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": place.name,
            "labels": labels,
            "annotations": {
                "alpha.kubernetes.io/provided-node-ip": place.address,
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {"providerID": f"aws:///{place.zone}/{instance_id}"},
        "status": {
            "capacity": {
                "cpu": str(instance.vcpus),
                "ephemeral-storage": f"{ROOT_VOLUME_KIB}Ki",
                "hugepages-1Gi": "0",
                "hugepages-2Mi": "0",
                "memory": f"{instance.memory_mib * 1024}Ki",
                "pods": str(limit),
            },
            "allocatable": {
                "cpu": f"{room.cpu_millicores}m",
                "ephemeral-storage": str(disk - int(disk * EVICTION_SHARE) - STORAGE_RESERVED_BYTES),
                "hugepages-1Gi": "0",
                "hugepages-2Mi": "0",
                "memory": f"{room.memory_mib * 1024}Ki",
                "pods": str(limit),
            },
            "addresses": [
                {"type": "InternalIP", "address": place.address},
                {"type": "InternalDNS", "address": place.name},
                {"type": "Hostname", "address": place.name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": system_uuid.replace("-", ""),
                "systemUUID": system_uuid,
                "bootID": ids.uid(),
                "kernelVersion": f"6.12.46-66.121.amzn2023.{'x86_64' if architecture == 'amd64' else 'aarch64'}",
                "osImage": "Amazon Linux 2023.9.20250929",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kubeletVersion": f"v{version}.0-eks-lab",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": architecture,
            },
        },
    }


def healthy_conditions(now: datetime) -> list[Obj]:
    """Return the conditions of a node whose kubelet is well.

    Args:
        now: both heartbeat and transition.
    """
    moment = timestamp(now)
    times = {"lastHeartbeatTime": moment, "lastTransitionTime": moment}
    return [
        {"type": kind, "status": status, **times, "reason": reason, "message": message}
        for kind, status, reason, message in (
            (
                "MemoryPressure",
                "False",
                "KubeletHasSufficientMemory",
                "kubelet has sufficient memory available",
            ),
            ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        )
    ]
