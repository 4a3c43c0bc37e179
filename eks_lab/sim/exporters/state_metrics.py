"""kube-state-metrics: the stored objects as series (kubernetes/kube-state-metrics, docs/metrics)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eks_lab.kube.exposition import page
from eks_lab.sim.api import Api
from eks_lab.sim.exporters import state_pods
from eks_lab.sim.exporters.collection import Collection
from eks_lab.sim.exporters.state_pods import resource_labels
from eks_lab.sim.exporters.state_workloads import COLLECTORS
from eks_lab.sim.objects import Obj
from eks_lab.sim.pod_resources import amount, amounts


def state_page(api: Api) -> str:
    """Return everything as text.

    Args:
        api: of the cluster.
    """
    return page(collected(api).families)


def collected(api: Api) -> Collection:
    """Return everything as families."""
    found = Collection()
    for node in api.items("nodes"):
        _node(found, node)
    for pod in api.items("pods"):
        state_pods.collect(found, pod)
    for rid, (label, collect) in {**COLLECTORS, **_OTHERS}.items():
        if rid not in {each.id for each in api.resources()}:
            continue
        for obj in api.items(rid):
            metadata = obj["metadata"]
            own = {"namespace": metadata["namespace"]} if metadata.get("namespace") else {}
            collect(found, {**own, label: metadata["name"]}, obj)
    return found


def _node(found: Collection, node: Obj) -> None:
    metadata, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    own = {"node": metadata["name"]}
    info = status.get("nodeInfo") or {}
    addresses = {each["type"]: each["address"] for each in status.get("addresses") or ()}
    found.add(
        "kube_node_info",
        "[STABLE] Information about a cluster node.",
        {
            **own,
            "kernel_version": info.get("kernelVersion", ""),
            "os_image": info.get("osImage", ""),
            "container_runtime_version": info.get("containerRuntimeVersion", ""),
            "kubelet_version": info.get("kubeletVersion", ""),
            "provider_id": spec.get("providerID", ""),
            "pod_cidr": spec.get("podCIDR", ""),
            "system_uuid": info.get("systemUUID", ""),
            "internal_ip": addresses.get("InternalIP", ""),
        },
    )
    found.moment("kube_node_created", "[STABLE] Unix creation timestamp", own, metadata["creationTimestamp"])
    found.add(
        "kube_node_spec_unschedulable",
        "[STABLE] Whether a node can schedule new pods.",
        own,
        float(bool(spec.get("unschedulable"))),
    )
    for taint in spec.get("taints") or ():
        found.add(
            "kube_node_spec_taint",
            "[STABLE] The taint of a cluster node.",
            {**own, "key": taint["key"], "value": taint.get("value", ""), "effect": taint["effect"]},
        )
    for field, text in (
        ("capacity", "[STABLE] The total amount of resources available for a node."),
        ("allocatable", "[STABLE] The amount of resources allocatable for pods (after reserving some for system daemons)."),
    ):  # fmt: skip
        for name, value in sorted(amounts(status.get(field)).items()):
            found.add(
                f"kube_node_status_{field}",
                text,
                {**own, **resource_labels(name)},
                value / 1000 if name == "cpu" else value,
            )
    for condition in status.get("conditions") or ():
        found.condition(
            "kube_node_status_condition",
            "[STABLE] The condition of a cluster node.",
            {**own, "condition": condition["type"]},
            condition["status"],
        )


def _namespace(found: Collection, own: dict[str, str], obj: Obj) -> None:
    found.moment(
        "kube_namespace_created",
        "[STABLE] Unix creation timestamp",
        own,
        obj["metadata"]["creationTimestamp"],
    )
    phase = (obj.get("status") or {}).get("phase", "Active")
    for each in ("Active", "Terminating"):
        found.add(
            "kube_namespace_status_phase",
            "[STABLE] kubernetes namespace status phase.",
            {**own, "phase": each},
            float(phase == each),
        )


def _service(found: Collection, own: dict[str, str], obj: Obj) -> None:
    spec = obj["spec"]
    own = {**own, "uid": obj["metadata"]["uid"]}
    found.add(
        "kube_service_info",
        "[STABLE] Information about service.",
        {
            **own,
            "cluster_ip": spec.get("clusterIP", ""),
            "external_name": spec.get("externalName", ""),
            "external_traffic_policy": spec.get("externalTrafficPolicy", ""),
            "load_balancer_ip": spec.get("loadBalancerIP", ""),
        },
    )
    found.moment(
        "kube_service_created", "[STABLE] Unix creation timestamp", own, obj["metadata"]["creationTimestamp"]
    )
    found.add(
        "kube_service_spec_type",
        "[STABLE] Type about service.",
        {**own, "type": spec.get("type", "ClusterIP")},
    )


def _claim(found: Collection, own: dict[str, str], obj: Obj) -> None:
    spec, phase = obj["spec"], (obj.get("status") or {}).get("phase", "Pending")
    found.add(
        "kube_persistentvolumeclaim_info",
        "[STABLE] Information about persistent volume claim.",
        {
            **own,
            "storageclass": spec.get("storageClassName") or "",
            "volumename": spec.get("volumeName", ""),
            "volumemode": spec.get("volumeMode", ""),
        },
    )
    for each in ("Lost", "Bound", "Pending"):
        found.add(
            "kube_persistentvolumeclaim_status_phase",
            "[STABLE] The phase the persistent volume claim is currently in.",
            {**own, "phase": each},
            float(phase == each),
        )
    wanted = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    found.add(
        "kube_persistentvolumeclaim_resource_requests_storage_bytes",
        "[STABLE] The capacity of storage requested by the persistent volume claim.",
        own,
        amount("storage", wanted) if wanted else None,
    )


def _volume(found: Collection, own: dict[str, str], obj: Obj) -> None:
    spec, phase = obj["spec"], (obj.get("status") or {}).get("phase", "Pending")
    for each in ("Pending", "Available", "Bound", "Released", "Failed"):
        found.add(
            "kube_persistentvolume_status_phase",
            "[STABLE] The phase indicates if a volume is available, bound to a claim, or released by a claim.",
            {**own, "phase": each},
            float(phase == each),
        )
    size = (spec.get("capacity") or {}).get("storage")
    found.add(
        "kube_persistentvolume_capacity_bytes",
        "[STABLE] Persistentvolume capacity in bytes.",
        own,
        amount("storage", size) if size else None,
    )


def _quota(found: Collection, own: dict[str, str], obj: Obj) -> None:
    status = obj.get("status") or {}
    for kind in ("hard", "used"):
        for name, quantity in sorted((status.get(kind) or {}).items()):
            is_cpu = name in ("cpu", "requests.cpu", "limits.cpu")
            value = amount("cpu" if is_cpu else name, str(quantity))
            found.add(
                "kube_resourcequota",
                "[STABLE] Information about resource quota.",
                {**own, "resource": name, "type": kind},
                value / 1000 if is_cpu else value,
            )


def _config_map(found: Collection, own: dict[str, str], obj: Obj) -> None:
    found.add("kube_configmap_info", "[STABLE] Information about configmap.", own)


def _secret(found: Collection, own: dict[str, str], obj: Obj) -> None:
    found.add("kube_secret_info", "[STABLE] Information about secret.", own)
    found.add("kube_secret_type", "[STABLE] Type about secret.", {**own, "type": obj.get("type", "Opaque")})


_OTHERS: Mapping[str, tuple[str, Callable[[Collection, dict[str, str], Obj], None]]] = {
    "namespaces": ("namespace", _namespace),
    "services": ("service", _service),
    "persistentvolumeclaims": ("persistentvolumeclaim", _claim),
    "persistentvolumes": ("persistentvolume", _volume),
    "resourcequotas": ("resourcequota", _quota),
    "configmaps": ("configmap", _config_map),
    "secrets": ("secret", _secret),
}
