"""Which pods a Service reaches, and on which ports (pkg/controller/endpoint, k8s.io/endpointslice)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, key_of, labels_of
from eks_lab.sim.pod_state import is_finished, is_ready
from eks_lab.sim.selection import matches, matches_map
from eks_lab.sim.store import StoreEvent

POD_BY_LABEL = "label"
"""Index of pods by namespace and one label."""


def _labels_index(pod: Obj) -> list[str]:
    metadata = pod["metadata"]
    namespace = metadata["namespace"]
    return [f"{namespace} {key}={value}" for key, value in (metadata.get("labels") or {}).items()]


def labelled_pods(api: Api, namespace: str, labels: Mapping[str, str]) -> list[Obj]:
    """Return the pods of a namespace that have all of some labels, by name, without looking at the others.

    Args:
        api: where they are.
        namespace: of the pods.
        labels: at least one.
    """
    api.store.add_index("pods", POD_BY_LABEL, _labels_index)
    values = [f"{namespace} {key}={value}" for key, value in labels.items()]
    fewest = min(values, key=lambda value: api.store.count_indexed("pods", POD_BY_LABEL, value))
    found = api.store.indexed("pods", POD_BY_LABEL, fewest)
    if len(values) > 1:
        found = [pod for pod in found if matches_map(labels, labels_of(pod))]
    return sorted(found, key=key_of)


def pods_of_selector(api: Api, namespace: str, selector: Obj | None) -> list[Obj]:
    """Return the pods of a namespace that a `metav1.LabelSelector` matches, by name."""
    labels = (selector or {}).get("matchLabels")
    candidates = labelled_pods(api, namespace, labels) if labels else api.items("pods", namespace)
    return [pod for pod in candidates if matches(selector, labels_of(pod))]


def selected_pods(api: Api, service: Obj) -> list[Obj]:
    """Return the pods that a Service selects and that have an address, by name."""
    selector = service["spec"].get("selector")
    if not selector:
        return []
    return [
        pod
        for pod in labelled_pods(api, service["metadata"]["namespace"], selector)
        if address_of(pod) and not is_finished(pod)
    ]


def address_of(pod: Obj) -> str:
    """Return the address of a pod, empty before it has one."""
    address: str = (pod.get("status") or {}).get("podIP", "")
    return address


def is_serving(pod: Obj, service: Obj) -> bool:
    """Say whether a Service sends traffic to a pod: it is ready, or the Service does not care."""
    return is_ready(pod) or bool(service["spec"].get("publishNotReadyAddresses"))


def ports_for(pod: Obj, service: Obj) -> list[Obj]:
    """Return the ports a pod has for a Service; a name that the pod does not have is left out."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = target_port(pod, port)
        if number is None:
            continue
        entry: dict[str, Any] = {
            "name": port.get("name", ""),
            "port": number,
            "protocol": port.get("protocol", "TCP"),
        }
        if port.get("appProtocol"):
            entry["appProtocol"] = port["appProtocol"]
        found.append(entry)
    return found


def target_port(pod: Obj, port: Obj) -> int | None:
    """Return the number that a Service's port leads to on a pod."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    spec = pod["spec"]
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    for container in [*(spec.get("containers") or ()), *sidecars]:
        for each in container.get("ports") or ():
            if each.get("name") == target and each.get("protocol", "TCP") == port.get("protocol", "TCP"):
                number: int = each["containerPort"]
                return number
    return None


def target_of(pod: Obj) -> Obj:
    """Return the reference that an endpoint has to its pod."""
    metadata = pod["metadata"]
    return {
        "kind": "Pod",
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "uid": metadata["uid"],
    }


def services_of(api: Api, event: StoreEvent) -> Iterable[Key]:
    """Return the keys of Services that a write of a pod concerns."""
    pod, old = event.obj, event.old
    if event.type == "MODIFIED" and old is not None and _looks_the_same(old, pod):
        return ()
    found = []
    for service in api.items("services", pod["metadata"]["namespace"]):
        selector = service["spec"].get("selector")
        if selector and (
            matches_map(selector, labels_of(pod))
            or (old is not None and matches_map(selector, labels_of(old)))
        ):
            found.append(key_of(service))
    return found


def _looks_the_same(old: Obj, new: Obj) -> bool:
    return (
        address_of(old) == address_of(new)
        and is_ready(old) == is_ready(new)
        and is_finished(old) == is_finished(new)
        and labels_of(old) == labels_of(new)
        and old["metadata"].get("deletionTimestamp") == new["metadata"].get("deletionTimestamp")
        and old["spec"].get("nodeName") == new["spec"].get("nodeName")
    )
