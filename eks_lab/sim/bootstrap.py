"""What a new EKS cluster holds before anybody uses it, nodes and access rules apart.

Facts: kube-apiserver's system namespaces and `kubernetes` service controllers (pkg/controlplane/controller),
the system priority classes (pkg/apis/scheduling/types.go), and the gp2 StorageClass that EKS puts into new
clusters; since Kubernetes 1.30 it is no longer the default class.
"""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, timestamp
from eks_lab.sim.resources.api_services import initial_services, passed_checks
from eks_lab.sim.resources.flow_control_defaults import MANAGER as FLOW_MANAGER
from eks_lab.sim.resources.flow_control_defaults import flow_schemas, priority_levels

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
SERVICE_RANGE = "172.20.0.0/16"
"""Where cluster IPs come from."""
KUBERNETES_IP = "172.20.0.1"
"""First address of the service range."""
CONTROL_PLANE_ADDRESSES = ("10.0.10.5", "10.0.75.5")
"""Of the network interfaces that EKS puts into two of the cluster's subnets, where there is no account to ask."""
MANAGER = "kube-apiserver"

_CRITICAL = "Used for system critical pods that must"
_PRIORITY_CLASSES = (
    (
        "system-cluster-critical",
        2_000_000_000,
        f"{_CRITICAL} run in the cluster, but can be moved to another node if necessary.",
    ),
    ("system-node-critical", 2_000_001_000, f"{_CRITICAL} not be moved from their current node."),
)
_HTTPS = {"name": "https", "port": 443, "protocol": "TCP"}


def bootstrap(api: Api, addresses: Sequence[str] = CONTROL_PLANE_ADDRESSES) -> None:
    """Create the namespaces, the `kubernetes` service, the priority classes and the gp2 StorageClass.

    What is there already stays, so that it may run on every start.

    Args:
        api: of a new cluster.
        addresses: of the control plane in the VPC.
    """
    for name in NAMESPACES:
        _ensure(api, "namespaces", {"metadata": {"name": name}})
    for name, value, description in _PRIORITY_CLASSES:
        priority_class: Obj = {"metadata": {"name": name}, "value": value, "description": description}
        _ensure(api, "priorityclasses.scheduling.k8s.io", priority_class)
    _api_services(api)
    _flow_control(api)
    _service_range(api)
    _kubernetes_service(api, addresses)
    _ensure(
        api,
        "storageclasses.storage.k8s.io",
        {
            "metadata": {"name": "gp2"},
            "provisioner": "kubernetes.io/aws-ebs",
            "parameters": {"fsType": "ext4", "type": "gp2"},
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
    )


def _api_services(api: Api) -> None:
    """Create an APIService for each version that is served (kube-aggregator, autoregister controller)."""
    rid = "apiservices.apiregistration.k8s.io"
    for service in initial_services(api.resources()):
        _ensure(api, rid, service)
        stored = api.get(rid, Key("", service["metadata"]["name"]))
        if stored is not None and not (stored.get("status") or {}).get("conditions"):
            status = {"conditions": [passed_checks(api.now())]}
            api.update_status(rid, {**stored, "status": status}, manager=MANAGER)


def _flow_control(api: Api) -> None:
    """Create the levels and schemas of API Priority and Fairness (registry/flowcontrol/rest)."""
    ids = api.ids
    # Of a sequence of their own, so that no other name depends on how many there are.
    api.ids = ids.branch("flow-control")
    try:
        for level in priority_levels():
            _ensure(api, "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", level, FLOW_MANAGER)
        rid = "flowschemas.flowcontrol.apiserver.k8s.io"
        for schema in flow_schemas():
            _ensure(api, rid, schema, FLOW_MANAGER)
            stored = api.get(rid, Key("", schema["metadata"]["name"]))
            if stored is not None and not (stored.get("status") or {}).get("conditions"):
                found = {
                    "type": "Dangling",
                    "status": "False",
                    "lastTransitionTime": timestamp(api.now()),
                    "reason": "Found",
                    "message": "This FlowSchema references the PriorityLevelConfiguration object named"
                    f' "{schema["spec"]["priorityLevelConfiguration"]["name"]}" and it exists',
                }
                api.update_status(rid, {**stored, "status": {"conditions": [found]}}, manager=FLOW_MANAGER)
    finally:
        api.ids = ids


def _service_range(api: Api) -> None:
    """Create the ServiceCIDR `kubernetes` (pkg/controlplane/controller/defaultservicecidr)."""
    rid, name = "servicecidrs.networking.k8s.io", "kubernetes"
    _ensure(api, rid, {"metadata": {"name": name}, "spec": {"cidrs": [SERVICE_RANGE]}})
    stored = api.get(rid, Key("", name))
    if stored is None or (stored.get("status") or {}).get("conditions"):
        return
    ready = {
        "type": "Ready",
        "status": "True",
        "lastTransitionTime": timestamp(api.now()),
        "reason": "",
        "message": "Kubernetes default Service CIDR is ready",
    }
    api.update_status(rid, {**stored, "status": {"conditions": [ready]}}, manager=MANAGER)


def publish_addresses(api: Api, addresses: Sequence[str]) -> None:
    """Write other addresses of the control plane behind the `kubernetes` service (pkg/controlplane/reconcilers).

    Args:
        api: of a cluster that has been bootstrapped.
        addresses: at least one.
    """
    for rid, part, wanted in (
        ("endpoints", "subsets", _subsets(addresses)),
        ("endpointslices.discovery.k8s.io", "endpoints", _endpoints(addresses)),
    ):
        stored = api.get(rid, Key("default", "kubernetes"))
        if stored is not None and stored.get(part) != wanted:
            api.update(rid, {**stored, part: wanted}, manager=MANAGER)


def _subsets(addresses: Sequence[str]) -> list[Obj]:
    return [{"addresses": [{"ip": each} for each in addresses], "ports": [_HTTPS]}]


def _endpoints(addresses: Sequence[str]) -> list[Obj]:
    return [{"addresses": [each], "conditions": {"ready": True}} for each in addresses]


def _kubernetes_service(api: Api, addresses: Sequence[str]) -> None:
    labels = {"component": "apiserver", "provider": "kubernetes"}
    _ensure(
        api,
        "services",
        {
            "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
            "spec": {
                "clusterIP": KUBERNETES_IP,
                "clusterIPs": [KUBERNETES_IP],
                "ports": [{**_HTTPS, "targetPort": 443}],
                "sessionAffinity": "None",
                "type": "ClusterIP",
            },
        },
    )
    _ensure(
        api,
        "endpoints",
        {
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
            },
            "subsets": _subsets(addresses),
        },
    )
    _ensure(
        api,
        "endpointslices.discovery.k8s.io",
        {
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "kubernetes"},
            },
            "addressType": "IPv4",
            "endpoints": _endpoints(addresses),
            "ports": [_HTTPS],
        },
    )


def _ensure(api: Api, rid: str, obj: Obj, manager: str = MANAGER) -> None:
    """Create an object unless it is there."""
    namespace = obj["metadata"].get("namespace", "")
    if all(each.id != rid for each in api.resources()):
        return
    if api.get(rid, Key(namespace, obj["metadata"]["name"])) is None:
        api.create(rid, obj, namespace=namespace, manager=manager)
