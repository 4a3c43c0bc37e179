"""The binding subresource: a scheduler's decision becomes the pod's (registry/core/pod/storage/storage.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eks_lab.sim.objects import ApiError, Key, Obj, conflict, forbidden_field, invalid_object, timestamp

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api

TOPOLOGY_LABELS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
"""What a bound pod takes over from its node (PodTopologyLabelsAdmission, on by default since 1.35)."""

NOMINATION_CLEARED_SINCE = "1.35"
"""Version whose API server clears `nominatedNodeName` on binding (ClearingNominatedNodeNameAfterBinding, KEP-5278)."""


def bind(api: Api, key: Key, node: str, *, uid: str, annotations: Mapping[str, str]) -> Obj:
    """Bind a pod to a node (see `Api.bind`)."""
    pod = api.read("pods", key)
    metadata, spec = pod["metadata"], pod["spec"]
    if uid and uid != metadata["uid"]:
        raise conflict(
            "pods/binding",
            "",
            key.name,
            f"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata['uid']}",
        )
    if metadata.get("deletionTimestamp"):
        raise conflict(
            "pods/binding", "", key.name, f"pod {key.name} is being deleted, cannot be assigned to a host"
        )
    if spec.get("nodeName"):
        raise conflict(
            "pods/binding", "", key.name, f'pod {key.name} is already assigned to node "{spec["nodeName"]}"'
        )
    if spec.get("schedulingGates"):
        error = forbidden_field("spec.nodeName", "cannot be set until all schedulingGates are cleared")
        raise invalid_object("Pod", "", key.name, [error])
    if not node:
        raise ApiError(422, "Invalid", f'Binding "{key.name}" is invalid: target.name: Required value')

    metadata = {**metadata}
    if annotations:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **annotations}
    labels = _topology(api, node)
    if labels:
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
    scheduled = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(api.clock.now()),
    }
    status = pod.get("status") or {}
    conditions = [each for each in status.get("conditions") or () if each["type"] != "PodScheduled"]
    if api.version >= NOMINATION_CLEARED_SINCE:
        status = {name: value for name, value in status.items() if name != "nominatedNodeName"}
    bound = {
        **pod,
        "metadata": metadata,
        "spec": {**spec, "nodeName": node},
        "status": {**status, "conditions": [*conditions, scheduled]},
    }
    return api.store.put("pods", bound)


def _topology(api: Api, node: str) -> dict[str, str]:
    found = api.store.get("nodes", Key("", node))
    if found is None:
        return {}
    labels = found["metadata"].get("labels") or {}
    return {name: labels[name] for name in TOPOLOGY_LABELS if name in labels}
