"""Cordons and drains nodes as EKS does: through the eviction API, so that budgets are heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from eks_lab.sim.api import Api
from eks_lab.sim.objects import (
    ApiError,
    Key,
    Obj,
    User,
    condition_of,
    controller_of,
    is_deleting,
    key_of,
    parse_time,
)

NODE_MANAGER = User("eks:node-manager", ("system:masters",))
"""As whom EKS acts on the nodes of managed node groups."""
MIRROR = "kubernetes.io/config.mirror"


@dataclass(frozen=True, slots=True)
class Drain:
    """How far a node is."""

    left: tuple[str, ...] = ()
    """Pods that have to go and are still there, `namespace/name`."""
    refusals: tuple[str, ...] = ()
    """What the eviction API said of those it would not take."""

    @property
    def is_done(self) -> bool:
        """Say whether nothing has to go any more."""
        return not self.left


def cordon(api: Api, name: str, *, unschedulable: bool = True) -> None:
    """Mark a node as unschedulable, or as schedulable again; a node that is gone is passed over."""
    node = api.get("nodes", Key("", name))
    if node is None or bool(node["spec"].get("unschedulable")) == unschedulable:
        return
    spec = {**node["spec"], "unschedulable": True}
    if not unschedulable:
        del spec["unschedulable"]
    api.update("nodes", {**node, "spec": spec}, user=NODE_MANAGER)


def pods_on(api: Api, node: str) -> list[Obj]:
    """Return the pods that a drain of a node has to move: neither DaemonSets' nor finished nor static ones."""
    return [
        pod
        for pod in api.items("pods")
        if pod["spec"].get("nodeName") == node
        and (controller_of(pod) or {}).get("kind") != "DaemonSet"
        and MIRROR not in (pod["metadata"].get("annotations") or {})
        and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    ]


def drain(api: Api, node: str, *, force: bool = False) -> Drain:
    """Evict what is on a node.

    Args:
        api: of the cluster.
        node: its name.
        force: delete what a budget protects instead of leaving it.

    Returns:
        What is left; call again later.
    """
    left, refusals = [], []
    for pod in pods_on(api, node):
        key = key_of(pod)
        left.append(f"{key.namespace}/{key.name}")
        if is_deleting(pod):
            continue
        try:
            if force:
                api.delete("pods", key, user=NODE_MANAGER)
            else:
                api.evict(key, user=NODE_MANAGER)
        except ApiError as error:
            if error.code != 404:
                refusals.append(error.message)
    return Drain(tuple(left), tuple(refusals))


def is_ready(api: Api, name: str) -> bool:
    """Say whether a node is there and its kubelet is Ready."""
    node = api.get("nodes", Key("", name))
    conditions = ((node or {}).get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def unready_for(api: Api, name: str, now: datetime) -> timedelta:
    """Return for how long a node has not been Ready; nothing when it is, or is not there."""
    node = api.get("nodes", Key("", name))
    condition = condition_of(node, "Ready") if node is not None else None
    if condition is None or condition["status"] == "True":
        return timedelta(0)
    return now - parse_time(condition["lastTransitionTime"])
