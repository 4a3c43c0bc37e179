"""Node objects as a kubelet on EKS registers them, with their Lease and CSINode."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from eks_lab.calc import pod_limit, reservations
from eks_lab.catalog import instance_types
from eks_lab.clock import Clock
from eks_lab.kube.quantity import Quantity
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, micro_timestamp, timestamp

LEASES = "leases.coordination.k8s.io"
LEASE_NAMESPACE = "kube-node-lease"
LEASE_SECONDS = 40
"""nodeLeaseDurationSeconds of the kubelet's configuration."""
MANAGER = "kubelet"
REGION = "us-east-1"
ZONES = ("a", "b", "c")
NODES_AN_OCTET = 240
DISK_KI = 20_959_212
"""File system of the default 20 GiB root volume, as AL2023 nodes report it."""
MIB = 1024 * 1024
NODEFS_SHARE = 0.10000000149011612
"""evictionHard nodefs.available 10 %, which the kubelet keeps as a 32-bit float."""
STORAGE_RESERVED = 1024 * MIB
"""kube-reserved ephemeral-storage=1Gi (awslabs/amazon-eks-ami, nodeadm)."""

PATCH_RELEASES = {"1.34": "1.34.6", "1.35": "1.35.3", "1.36": "1.36.2"}
"""Kubernetes minor version -> the release the simulated AMI carries."""

_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def kubelet_version(version: str) -> str:
    """Return the kubelet's version of a minor version: `v1.36.2-eks-` and seven digits.

    Args:
        version: `1.36`.
    """
    release = PATCH_RELEASES.get(version, f"{version}.0")
    return f"v{release}-eks-{hashlib.sha256(release.encode()).hexdigest()[:7]}"


def node_name(index: int) -> str:
    """Return the name of the n-th node of a cluster over three zones, counted from 0.

    Nodes go round the zones; the first of each zone is host 10 of the second /24 of the zone's /18.
    """
    zone, number = index % len(ZONES), index // len(ZONES)
    octet = 64 * zone + 1 + number // NODES_AN_OCTET
    return f"ip-10-0-{octet}-{10 + number % NODES_AN_OCTET}.ec2.internal"


def zone_of_index(index: int) -> str:
    """Return the zone of the n-th node: `us-east-1a`, `b`, `c`, and again."""
    return f"{REGION}{ZONES[index % len(ZONES)]}"


def address_of_name(name: str) -> str:
    """Return the address in a name of the form `ip-10-0-1-10.ec2.internal`; empty when it has none."""
    host = name.partition(".")[0].removeprefix("ip-")
    parts = host.split("-")
    is_address = len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)
    return ".".join(parts) if is_address else ""


def node_object(
    index_or_name: int | str,
    instance_type: str,
    zone: str,
    version: str,
    clock: Clock,
    *,
    node_group: str = "workers",
    labels: Mapping[str, str] | None = None,
    taints: Sequence[Obj] = (),
    capacity_type: str = "ON_DEMAND",
    instance_id: str = "",
    max_pods: int | None = None,
) -> Obj:
    """Return a Node as the kubelet of an EKS managed node registers it, Ready.

    Args:
        index_or_name: number in the cluster, from 0, or the whole name.
        instance_type: of the catalogue.
        zone: `us-east-1a`; empty takes the zone of the index.
        version: Kubernetes minor version of the kubelet.
        clock: its time stands in the conditions.
        node_group: name of the managed node group.
        labels: added to, and winning over, EKS's own.
        taints: of the spec.
        capacity_type: ON_DEMAND or SPOT.
        instance_id: of EC2; empty derives one from the name.
        max_pods: what the kubelet is given; None takes what EKS recommends.

    Raises:
        InputError: the catalogue does not have the instance type.
    """
    name = node_name(index_or_name) if isinstance(index_or_name, int) else index_or_name
    if not zone:
        zone = zone_of_index(index_or_name if isinstance(index_or_name, int) else 0)
    digest = hashlib.sha256(name.encode()).hexdigest()
    instance_id = instance_id or f"i-0{digest[:16]}"
    instance = instance_types.get(instance_type)
    architecture = "arm64" if "arm64" in instance.architectures else "amd64"
    address = address_of_name(name) or "10.0.1.250"
    region = zone[:-1]
    own = {
        "beta.kubernetes.io/arch": architecture,
        "beta.kubernetes.io/instance-type": instance_type,
        "beta.kubernetes.io/os": "linux",
        "eks.amazonaws.com/capacityType": capacity_type,
        "eks.amazonaws.com/nodegroup": node_group,
        "eks.amazonaws.com/nodegroup-image": f"ami-0{hashlib.sha256(version.encode()).hexdigest()[:16]}",
        "failure-domain.beta.kubernetes.io/region": region,
        "failure-domain.beta.kubernetes.io/zone": zone,
        "k8s.io/cloud-provider-aws": hashlib.sha256(node_group.encode()).hexdigest()[:32],
        "kubernetes.io/arch": architecture,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": instance_type,
        "topology.k8s.aws/zone-id": f"use1-az{ord(zone[-1]) - ord('a') + 1}",
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
    }
    spec: Obj = {"providerID": f"aws:///{zone}/{instance_id}"}
    if taints:
        spec["taints"] = list(taints)
    capacity, allocatable = resources_of(instance_type, max_pods)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**own, **(labels or {})},
            "annotations": {
                "alpha.kubernetes.io/provided-node-ip": address,
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": {
            "capacity": capacity,
            "allocatable": allocatable,
            "conditions": node_conditions(timestamp(clock.now())),
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "InternalDNS", "address": name},
                {"type": "Hostname", "address": name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": f"ec2{digest[:29]}",
                "systemUUID": _uuid(f"ec2{digest[3:32]}"),
                "bootID": _uuid(digest[32:]),
                "kernelVersion": f"6.12.40-64.114.amzn2023.{'aarch64' if architecture == 'arm64' else 'x86_64'}",
                "osImage": "Amazon Linux 2023.8.20250818",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kubeletVersion": kubelet_version(version),
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": architecture,
                "swap": {},
            },
        },
    }


def resources_of(instance_type: str, max_pods: int | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """Return capacity and allocatable of a node, as the EKS AMI reserves them.

    Args:
        instance_type: of the catalogue; m5.large offers 1930m and 7518Mi to pods.
        max_pods: what the kubelet is given; None takes what EKS recommends. Reservations do not follow it.

    Raises:
        InputError: the catalogue does not have the instance type.
    """
    instance = instance_types.get(instance_type)
    limit = pod_limit.pod_limit(pod_limit.Question(instance=instance))
    left = reservations.allocatable(instance.vcpus, instance.memory_mib, limit.nodeadm_pods)
    disk = DISK_KI * 1024
    pods = str(max_pods if max_pods is not None else limit.max_pods)
    capacity = {
        "cpu": str(instance.vcpus),
        "ephemeral-storage": f"{DISK_KI}Ki",
        "memory": _memory(instance.memory_mib),
        "pods": pods,
    }
    allocatable = {
        "cpu": f"{left.cpu_millicores}m",
        "ephemeral-storage": str(disk - int(disk * NODEFS_SHARE) - STORAGE_RESERVED),
        "memory": _memory(left.memory_mib),
        "pods": pods,
    }
    if instance.gpus:
        capacity["nvidia.com/gpu"] = allocatable["nvidia.com/gpu"] = str(instance.gpus)
    return capacity, allocatable


def _memory(mib: int) -> str:
    return str(Quantity(mib * MIB, Quantity.BINARY))


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def node_conditions(moment: str) -> list[Obj]:
    """Return the conditions of a healthy node that just came up.

    Args:
        moment: a `metav1.Time`.
    """
    times = {"lastHeartbeatTime": moment, "lastTransitionTime": moment}
    conditions: list[Obj] = [
        {"type": kind, "status": "False", **times, "reason": reason, "message": message}
        for kind, reason, message in _PRESSURES
    ]
    ready = {"reason": "KubeletReady", "message": "kubelet is posting ready status"}
    return [*conditions, {"type": "Ready", "status": "True", **times, **ready}]


def lease_object(node: Obj, clock: Clock) -> Obj:
    """Return the Lease that a node's kubelet renews."""
    name = node["metadata"]["name"]
    reference = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": LEASE_NAMESPACE, "ownerReferences": [reference]},
        "spec": {
            "holderIdentity": name,
            "leaseDurationSeconds": LEASE_SECONDS,
            "renewTime": micro_timestamp(clock.now()),
        },
    }


def register(api: Api, clock: Clock, node: Obj) -> Obj:
    """Create a node with its Lease and, where that kind is served, its CSINode.

    Args:
        api: of the cluster; the namespace kube-node-lease is created when it is missing.
        clock: the cluster's time.
        node: from `node_object`; one that is registered already stays.

    Returns:
        The node as stored.
    """
    name = node["metadata"]["name"]
    stored = api.get("nodes", Key("", name)) or api.create("nodes", node, manager=MANAGER)
    if api.get("namespaces", Key("", LEASE_NAMESPACE)) is None:
        api.create("namespaces", {"metadata": {"name": LEASE_NAMESPACE}})
    if api.get(LEASES, Key(LEASE_NAMESPACE, name)) is None:
        api.create(LEASES, lease_object(stored, clock), namespace=LEASE_NAMESPACE, manager=MANAGER)
    served = {resource.id for resource in api.resources()}
    if "csinodes.storage.k8s.io" in served and api.get("csinodes.storage.k8s.io", Key("", name)) is None:
        reference = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": stored["metadata"]["uid"]}
        driver = {
            "name": "ebs.csi.aws.com",
            "nodeID": stored["spec"].get("providerID", "").rpartition("/")[2],
            "topologyKeys": [
                "kubernetes.io/os",
                "topology.ebs.csi.aws.com/zone",
                "topology.kubernetes.io/zone",
            ],
            "allocatable": {"count": 25},
        }
        api.create(
            "csinodes.storage.k8s.io",
            {"metadata": {"name": name, "ownerReferences": [reference]}, "spec": {"drivers": [driver]}},
            manager=MANAGER,
        )
    return stored


def has_kubelet(api: Api, name: str) -> bool:
    """Say whether a kubelet looks after a node: whoever registered has a Lease."""
    return api.get(LEASES, Key(LEASE_NAMESPACE, name)) is not None
