"""VolumeBinding, VolumeZone, NodeVolumeLimits, VolumeRestrictions: where a pod's claims can be."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.sim.api import Api
from eks_lab.sim.controllers.scheduler import words
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.words import Refusal
from eks_lab.sim.objects import Key, Obj, annotations_of, evolve, is_deleting, key_of, labels_of
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.volumes import (
    BIND_COMPLETED,
    CLAIMS,
    NO_PROVISIONER,
    SELECTED_NODE,
    VOLUMES,
    best_volume,
    bind_volume,
    claim_names,
    class_of,
    fits_volume,
    may_provision,
    storage_of,
    waits_for_consumer,
)

CSI_NODES = "csinodes.storage.k8s.io"
ZONE_LABELS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
MANAGER = "kube-scheduler"


@dataclass(slots=True)
class Choice:
    """What binding a pod to a node does to its claims."""

    matched: list[tuple[Obj, Obj]]
    """Claim and the volume it gets."""
    provisioned: list[Obj]
    """Claims whose volume is to be made near the node."""


class VolumeRules:
    """The claims of one pod."""

    def __init__(self, api: Api, pod: PodInfo) -> None:
        """Look the claims up (PreFilter)."""
        self._api = api
        self._pod = pod
        self.problem = ""
        """Why no node will do, as long as the claims are as they are."""
        self._bound: list[Obj] = []
        """Volumes of bound claims."""
        self._waiting: list[Obj] = []
        """Claims that wait for a first consumer."""
        self._exclusive: set[str] = set()
        """Claims that one pod alone may use."""
        self._users: dict[Key, str] = {}
        """Pods that use these, and their nodes."""
        for name in claim_names(pod.pod):
            self._read(name)
            if self.problem:
                return
        if self._exclusive:
            self._users = {
                key_of(other): other["spec"]["nodeName"]
                for other in api.items("pods", pod.namespace)
                if other["spec"].get("nodeName")
                and not is_finished(other)
                and self._exclusive & set(claim_names(other))
            }
        if self._waiting:
            self._waiting.sort(
                key=lambda claim: storage_of(claim["spec"].get("resources", {}).get("requests"))
            )

    @property
    def is_idle(self) -> bool:
        """Say whether the pod has no claims."""
        return not (self._bound or self._waiting or self.problem)

    def _read(self, name: str) -> None:
        claim = self._api.get(CLAIMS, Key(self._pod.namespace, name))
        if claim is None:
            self.problem = words.claim_missing(name)
            return
        if is_deleting(claim):
            self.problem = words.claim_deleting(name)
            return
        if "ReadWriteOncePod" in (claim["spec"].get("accessModes") or ()):
            self._exclusive.add(name)
        volume_name = claim["spec"].get("volumeName")
        if volume_name and BIND_COMPLETED in annotations_of(claim):
            volume = self._api.get(VOLUMES, Key("", volume_name))
            if volume is None:
                self.problem = (
                    f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{volume_name}"'
                )
                return
            self._bound.append(volume)
        elif waits_for_consumer(self._api, claim) and not volume_name:
            self._waiting.append(claim)
        else:
            self.problem = words.UNBOUND_CLAIMS

    # --- filters -----------------------------------------------------------------------------------------

    def refusal(self, info: NodeInfo) -> Refusal | None:
        """Return why a node cannot have the volumes."""
        if self._exclusive and self._is_taken(info):
            return Refusal("VolumeRestrictions", (words.CLAIM_IN_USE,))
        if self._is_full(info):
            return Refusal("NodeVolumeLimits", (words.VOLUMES_FULL,))
        reasons = []
        if not all(fits_volume(volume, info.node) for volume in self._bound):
            reasons.append(words.VOLUME_ELSEWHERE)
        if self._waiting and self.choice(info) is None:
            reasons.append(words.NO_VOLUME)
        if reasons:
            return Refusal("VolumeBinding", tuple(reasons), is_final=True)
        for volume in self._bound:
            labels = labels_of(volume)
            for label in ZONE_LABELS:
                if label in labels and info.labels.get(label) not in labels[label].split("__"):
                    return Refusal("VolumeZone", (words.WRONG_ZONE,), is_final=True)
        return None

    def _is_taken(self, info: NodeInfo) -> bool:
        """Say whether a pod on any node uses a claim that only one pod may use.

        Of the node itself only the pods that are still taken for there count: a preemption tries without some.
        """
        return any(where != info.name or key in info.pods for key, where in self._users.items())

    def _is_full(self, info: NodeInfo) -> bool:
        """Say whether the node would have more volumes of a driver than its CSINode allows."""
        wanted: dict[str, set[str]] = {}
        for volume in self._bound:
            driver = (volume["spec"].get("csi") or {}).get("driver")
            if driver:
                wanted.setdefault(driver, set()).add(volume["metadata"]["name"])
        for claim in self._waiting:
            found = class_of(self._api, claim)
            if found is not None and found["provisioner"] != NO_PROVISIONER:
                wanted.setdefault(found["provisioner"], set()).add(str(key_of(claim)))
        if not wanted:
            return False
        node = self._api.get(CSI_NODES, Key("", info.name))
        limits = {
            each["name"]: (each.get("allocatable") or {}).get("count")
            for each in ((node or {}).get("spec") or {}).get("drivers") or ()
        }
        limited = {
            driver: limit for driver, limit in limits.items() if limit is not None and driver in wanted
        }
        if not limited:
            return False
        present = self._present(info)
        return any(
            wanted[driver] - present.get(driver, set())
            and len(present.get(driver, set()) | wanted[driver]) > limit
            for driver, limit in limited.items()
        )

    def _present(self, info: NodeInfo) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for other in info.pods.values():
            for name in claim_names(other.pod):
                claim = self._api.get(CLAIMS, Key(other.namespace, name))
                volume = self._api.get(VOLUMES, Key("", (claim or {}).get("spec", {}).get("volumeName", "")))
                driver = ((volume or {}).get("spec", {}).get("csi") or {}).get("driver")
                if volume is not None and driver:
                    found.setdefault(driver, set()).add(volume["metadata"]["name"])
        return found

    # --- binding -----------------------------------------------------------------------------------------

    def choice(self, info: NodeInfo) -> Choice | None:
        """Return how the waiting claims would be met on a node, or None when they cannot."""
        choice = Choice([], [])
        used: set[str] = set()
        for claim in self._waiting:
            volume = best_volume(self._api, claim, info.node, used)
            if volume is not None:
                used.add(volume["metadata"]["name"])
                choice.matched.append((claim, volume))
            elif may_provision(self._api, claim, info.node):
                choice.provisioned.append(claim)
            else:
                return None
        return choice

    def reserve(self, info: NodeInfo) -> bool:
        """Bind or ask for volumes on the chosen node; return whether all claims are bound already."""
        choice = self.choice(info)
        if choice is None or not (choice.matched or choice.provisioned):
            return True
        for claim, volume in choice.matched:
            bind_volume(self._api, claim, volume, MANAGER)
        for claim in choice.provisioned:
            changed = evolve(claim, ("metadata", "annotations", SELECTED_NODE), info.name)
            self._api.update(CLAIMS, changed, manager=MANAGER)
        return False
