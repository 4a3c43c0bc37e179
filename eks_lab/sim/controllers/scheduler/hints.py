"""Whether a pod that came to a node, or left one, may lift a refusal (QueueingHints of framework/plugins/*)."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.api import Api
from eks_lab.sim.controllers.scheduler.affinity import term_selects
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.spread import selector_of
from eks_lab.sim.objects import Obj, labels_of
from eks_lab.sim.pod_resources import host_ports
from eks_lab.sim.selection import matches


def may_help(api: Api, waiting: Obj, plugin: str, kind: str, other: Obj) -> bool:
    """Say whether a waiting pod should be tried again.

    Args:
        api: for namespaces that affinity terms select by label.
        waiting: the pod without a node.
        plugin: that refused it.
        kind: `pod` when the other pod got a node, `pod-gone` when it left one.
        other: the other pod.
    """
    pod, moved = PodInfo(waiting), PodInfo(other)
    match plugin:
        case "NodePorts":
            freed_ports = {(protocol, number) for protocol, _, number in host_ports(other["spec"])}
            return any((protocol, number) in freed_ports for protocol, _, number in pod.ports)
        case "InterPodAffinity":
            mine = pod.affinity_terms("podAffinity" if kind == "pod" else "podAntiAffinity")
            theirs = moved.affinity_terms("podAntiAffinity") if kind == "pod-gone" else ()
            return _any_selects(api, mine, pod, moved) or _any_selects(api, theirs, moved, pod)
        case "PodTopologySpread":
            return moved.namespace == pod.namespace and any(
                matches(selector_of(each, pod), labels_of(other)) for each in pod.spread("DoNotSchedule")
            )
    return True


def _any_selects(api: Api, terms: Sequence[Obj], owner: PodInfo, pod: PodInfo) -> bool:
    return any(term_selects(api, term, owner, pod) for term in terms)
