"""Places pods. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.scheduler import preemption, words
from eks_lab.sim.controllers.scheduler.affinity import Affinity
from eks_lab.sim.controllers.scheduler.filters import plain_refusal
from eks_lab.sim.controllers.scheduler.hints import may_help
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo, Nodes
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.quick import QuickPlacement
from eks_lab.sim.controllers.scheduler.scores import Lots, Scorer, choose, nodes_to_find
from eks_lab.sim.controllers.scheduler.spread import Spread, default_selector
from eks_lab.sim.controllers.scheduler.volumes import VolumeRules
from eks_lab.sim.controllers.scheduler.waiting import Queue, Waiting
from eks_lab.sim.controllers.scheduler.words import Refusal
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, condition_of, evolve, key_of, timestamp
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent
from eks_lab.sim.volumes import are_bound

NAME = "default-scheduler"
MANAGER = "kube-scheduler"
CYCLE = Key("", "cycle")
"""The scheduler's only key: one reconcile places a handful of pods."""
PODS_PER_CYCLE = 64
BIND_TIMEOUT = timedelta(minutes=10)
"""How long claims may take to be bound (VolumeBinding's bindTimeoutSeconds)."""

_VOLUME_RESOURCES = (
    "persistentvolumeclaims",
    "persistentvolumes",
    "storageclasses.storage.k8s.io",
    "csinodes.storage.k8s.io",
)


@dataclass(slots=True)
class _Diagnosis:
    """Why a pod found no node."""

    refusals: dict[str, Refusal] = field(default_factory=dict)
    """Node -> why."""
    for_all: str = ""
    """A reason that stands for all nodes."""
    plugins: frozenset[str] = frozenset()


class Scheduler:
    """kube-scheduler with its default profile."""

    name: ClassVar[str] = "scheduler"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder, ids: Ids) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: the API server.
            recorder: `default-scheduler`.
            ids: its seed decides between equal nodes.
        """
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._lots = Lots(ids)
        self._nodes = Nodes(api.store)
        self._queue = Queue()
        self._quick = QuickPlacement(self._nodes, self._lots, api.version)
        self._failed_shapes: dict[object, tuple[int, _Diagnosis]] = {}
        self._binding: dict[Key, tuple[str, datetime]] = {}
        """Pods whose node is chosen and whose claims are being bound."""
        self._nominated: dict[Key, tuple[str, PodInfo]] = {}
        self._start = 0
        """Where the last search over many nodes ended."""
        for pod in api.items("pods"):
            self._take_in(pod)
        api.store.subscribe(self._observe)
        resources = ("pods", "nodes", *_VOLUME_RESOURCES)
        self.watches: Sequence[Watch] = tuple(Watch(each, self._cycle_for) for each in resources)

    # --- the queue -----------------------------------------------------------------------------------------

    def _cycle_for(self, event: StoreEvent) -> Iterable[Key]:
        return (CYCLE,) if self._queue.pods or self._binding else ()

    def _observe(self, event: StoreEvent) -> None:
        if event.resource == "pods":
            self._observe_pod(event)
        elif event.resource == "nodes":
            if self._queue.pods and (event.old is None or _matters(event.old, event.obj)):
                self._queue.something_happened("node")
        elif event.resource in _VOLUME_RESOURCES:
            self._queue.something_happened("volume")

    def _observe_pod(self, event: StoreEvent) -> None:
        pod, key = event.obj, key_of(event.obj)
        if event.type == "DELETED" or is_finished(pod):
            self._queue.remove(key)
            self._nominated.pop(key, None)
            self._forget_binding(key)
            if pod["spec"].get("nodeName"):
                self._pod_happened("pod-gone", pod)
            return
        if pod["spec"].get("nodeName"):
            self._queue.remove(key)
            self._nominated.pop(key, None)
            if event.old is None or not event.old["spec"].get("nodeName"):
                self._pod_happened("pod", pod)
            return
        old = event.old
        is_known = key in self._queue.pods
        if is_known and old is not None and old["spec"] is pod["spec"]:
            return
        if is_known and old is not None and old["spec"] == pod["spec"] and _same_labels(old, pod):
            return
        self._take_in(pod)

    def _pod_happened(self, kind: str, pod: Obj) -> None:
        """Let those try again whom a pod that came to a node, or left one, may help."""

        def concerns(key: Key, plugin: str) -> bool:
            waiting = self._api.get("pods", key)
            return waiting is None or may_help(self._api, waiting, plugin, kind, pod)

        self._queue.something_happened(kind, concerns)

    def _take_in(self, pod: Obj) -> None:
        spec, key = pod["spec"], key_of(pod)
        if (
            spec.get("nodeName")
            or spec.get("schedulerName", NAME) != NAME
            or spec.get("schedulingGates")
            or "deletionTimestamp" in pod["metadata"]
            or is_finished(pod)
        ):
            self._queue.remove(key)
            return
        if key not in self._binding:
            self._queue.add(key, pod, self._clock.now())

    def _forget_binding(self, key: Key) -> None:
        place = self._binding.pop(key, None)
        if place is not None:
            self._nodes.forget(key)

    # --- one cycle -----------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Place a handful of pods."""
        now = self._clock.now()
        self._finish_bindings(now)
        for _ in range(PODS_PER_CYCLE):
            waiting = self._queue.pop(now)
            if waiting is None:
                break
            self._place(waiting, now)
        due = self._queue.next_due()
        if due is None:
            return DONE
        return Result(max(due - now, timedelta(0)))

    def _place(self, waiting: Waiting, now: datetime) -> None:
        stored = self._api.get("pods", waiting.key)
        if stored is None:
            self._queue.remove(waiting.key)
            return
        pod = PodInfo(stored)
        shape = self._shape(pod)
        if shape is not None:
            info = self._quick.pick(pod, shape)
            diagnosis = None if info is not None else self._diagnose_shape(pod, shape)
            volumes = None
        else:
            volumes = VolumeRules(self._api, pod)
            info, diagnosis = self._search(pod, volumes)
        if info is not None:
            self._commit(pod, info, volumes, now)
        elif diagnosis is not None:
            self._give_up(waiting, pod, diagnosis, volumes, now)

    def _shape(self, pod: PodInfo) -> object:
        """Return the shape of a pod that may take the quick way, else None."""
        if self._nominated:
            return None
        shape = pod.shape()
        if shape is None:
            return None
        nodes = self._nodes.all()
        few = len(nodes) <= QUICK_FROM
        if few or self._nodes.has_anti_affinity or self._nodes.has_soft_taints:
            return None
        return None if default_selector(self._api, pod) is not None and len(nodes) <= SPREAD_UP_TO else shape

    # --- searching -----------------------------------------------------------------------------------------

    def _search(self, pod: PodInfo, volumes: VolumeRules) -> tuple[NodeInfo | None, _Diagnosis | None]:
        nodes = self._nodes.all()
        if not nodes:
            return None, _Diagnosis(for_all=words.NO_NODES)
        if volumes.problem:
            return None, _Diagnosis(for_all=volumes.problem, plugins=frozenset({"VolumeBinding"}))
        check = _Checks(self._api, pod, nodes, volumes, self._nominated)
        diagnosis = _Diagnosis()
        candidates: Sequence[NodeInfo] = nodes
        pinned = pinned_nodes(pod.spec)
        if pinned is not None:
            candidates = self._nodes.named(sorted(pinned))
            refused = Refusal("NodeAffinity", (words.NOT_NAMED,), is_final=True)
            diagnosis.refusals = {info.name: refused for info in nodes if info.name not in pinned}
        wanted = nodes_to_find(len(nodes))
        feasible: list[NodeInfo] = []
        start = self._start % max(len(candidates), 1)
        looked = 0
        for looked in range(len(candidates)):
            info = candidates[(start + looked) % len(candidates)]
            refusal = check(info)
            if refusal is None:
                feasible.append(info)
                if len(feasible) >= wanted:
                    break
            else:
                diagnosis.refusals[info.name] = refusal
        if pinned is None:
            self._start = (start + looked + 1) % max(len(candidates), 1)
        if not feasible:
            diagnosis.plugins = frozenset(each.plugin for each in diagnosis.refusals.values())
            return None, diagnosis
        if len(feasible) == 1:
            return feasible[0], None
        nominated = (pod.pod.get("status") or {}).get("nominatedNodeName")
        for info in feasible:
            if info.name == nominated:
                return info, None
        scores = Scorer(self._api, pod, feasible, nodes).scores()
        return choose(scores, feasible, self._lots), None

    def _diagnose_shape(self, pod: PodInfo, shape: object) -> _Diagnosis:
        """Return why no node takes pods of a shape; looked up once while no node changes."""
        seen = len(self._nodes.changes)
        known = self._failed_shapes.get(shape)
        if known is not None and known[0] == seen:
            return known[1]
        nodes = self._nodes.all()
        diagnosis = _Diagnosis() if nodes else _Diagnosis(for_all=words.NO_NODES)
        for info in nodes:
            refusal = plain_refusal(pod, info, self._api.version)
            if refusal is not None:
                diagnosis.refusals[info.name] = refusal
        diagnosis.plugins = frozenset(each.plugin for each in diagnosis.refusals.values())
        if len(self._failed_shapes) >= 256:
            self._failed_shapes.clear()
        self._failed_shapes[shape] = (seen, diagnosis)
        return diagnosis

    # --- binding -------------------------------------------------------------------------------------------

    def _commit(self, pod: PodInfo, info: NodeInfo, volumes: VolumeRules | None, now: datetime) -> None:
        if volumes is not None and not volumes.reserve(info):
            self._queue.remove(pod.key)
            self._binding[pod.key] = (info.name, now + BIND_TIMEOUT)
            self._nodes.assume(info, pod)
            return
        self._bind(pod.pod, info.name)

    def _bind(self, pod: Obj, node_name: str) -> None:
        key = key_of(pod)
        try:
            self._api.bind(key, node_name, uid=pod["metadata"]["uid"])
        except ApiError:
            # It went away or was bound by hand: whatever happened was written, and seen.
            self._queue.remove(key)
            return
        self._queue.remove(key)
        message = f"Successfully assigned {key.namespace}/{key.name} to {node_name}"
        self._recorder.normal(pod, "Scheduled", message, action="Binding")

    def _finish_bindings(self, now: datetime) -> None:
        for key, (node_name, deadline) in list(self._binding.items()):
            pod = self._api.get("pods", key)
            if pod is None or pod["spec"].get("nodeName"):
                self._forget_binding(key)
            elif are_bound(self._api, pod):
                self._forget_binding(key)
                self._bind(pod, node_name)
            elif now >= deadline:
                self._forget_binding(key)
                message = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded'
                self._recorder.warning(pod, "FailedScheduling", message, action="Scheduling")
                self._queue.add(key, pod, now)

    # --- giving up -----------------------------------------------------------------------------------------

    def _give_up(
        self,
        waiting: Waiting,
        pod: PodInfo,
        diagnosis: _Diagnosis,
        volumes: VolumeRules | None,
        now: datetime,
    ) -> None:
        nodes = self._nodes.all()
        reasons = [reason for each in diagnosis.refusals.values() for reason in each.reasons]
        nominated = ""
        if not nodes:
            message = words.NO_NODES
        elif diagnosis.for_all:
            message = words.unfit(len(nodes), (), words.AFTER_VOLUMES, before=diagnosis.for_all)
        else:
            nominated, afterwards = self._preempt(pod, diagnosis, volumes)
            message = words.unfit(len(nodes), reasons, afterwards)
        self._recorder.warning(pod.pod, "FailedScheduling", message, action="Scheduling")
        self._note(pod.key, message, nominated, now)
        self._queue.put_back(waiting, diagnosis.plugins, now)

    def _note(self, key: Key, message: str, nominated: str, now: datetime) -> None:
        """Write the PodScheduled condition, when it says something new."""
        pod = self._api.get("pods", key)
        if pod is None:
            return
        old = condition_of(pod, "PodScheduled")
        is_same = old is not None and old["status"] == "False" and old.get("reason") == "Unschedulable"
        status = pod.get("status") or {}
        changed = pod
        if not is_same or old is None or old.get("message") != message:
            condition = {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": (is_same and old and old.get("lastTransitionTime")) or timestamp(now),
                "reason": "Unschedulable",
                "message": message,
            }
            if pod["metadata"].get("generation"):
                condition["observedGeneration"] = pod["metadata"]["generation"]
            others = [each for each in status.get("conditions") or () if each["type"] != "PodScheduled"]
            changed = evolve(changed, ("status", "conditions"), [*others, condition])
        if nominated and status.get("nominatedNodeName") != nominated:
            changed = evolve(changed, ("status", "nominatedNodeName"), nominated)
        if changed is not pod:
            self._api.update_status("pods", changed, manager=MANAGER)

    def _preempt(self, pod: PodInfo, diagnosis: _Diagnosis, volumes: VolumeRules | None) -> tuple[str, str]:
        """Make room on a node if that helps; return its name and what to say when it does not."""
        nodes = self._nodes.all()
        status = pod.pod.get("status") or {}
        by_name = {info.name: info for info in nodes}
        if pod.spec.get("preemptionPolicy") == "Never":
            return "", f"no new claims to deallocate, preemption: {words.NEVER_PREEMPTS}"
        if not preemption.may_preempt(pod, by_name, status.get("nominatedNodeName", "")):
            text = "not eligible due to a terminating pod on the nominated node."
            return "", f"no new claims to deallocate, preemption: {text}"
        refusals = diagnosis.refusals
        helpful = [info for info in nodes if (found := refusals.get(info.name)) and not found.is_final]
        candidates = []
        budgets: Sequence[Obj] | None = None
        for info in helpful:
            if not any(each.priority < pod.priority for each in info.pods.values()):
                continue
            if budgets is None:
                budgets = self._api.items("poddisruptionbudgets.policy")
            rules = volumes if volumes is not None else VolumeRules(self._api, pod)

            def check(info: NodeInfo = info, rules: VolumeRules = rules) -> Refusal | None:
                return _Checks(self._api, pod, nodes, rules, self._nominated)(info)

            candidate = preemption.victims_on(info, pod, budgets, check)
            if candidate is not None:
                candidates.append(candidate)
        if candidates:
            chosen = preemption.best(candidates)
            self._evict(pod, chosen)
            return chosen.info.name, ""
        reasons = [words.NO_VICTIMS] * len(helpful) + [words.NOT_HELPFUL] * (len(nodes) - len(helpful))
        return "", words.not_preempted(len(nodes), reasons)

    def _evict(self, pod: PodInfo, chosen: preemption.Candidate) -> None:
        uid, node_name = pod.pod["metadata"]["uid"], chosen.info.name
        self._nominated[pod.key] = (node_name, pod)
        for victim in chosen.victims:
            current = self._api.get("pods", victim.key)
            if current is None:
                continue
            condition = {
                "type": "DisruptionTarget",
                "status": "True",
                "lastProbeTime": None,
                "lastTransitionTime": timestamp(self._clock.now()),
                "reason": "PreemptionByScheduler",
                "message": f"{NAME}: preempting to accommodate a higher priority pod",
            }
            conditions = [*((current.get("status") or {}).get("conditions") or ()), condition]
            if "deletionTimestamp" not in current["metadata"]:
                self._api.update_status(
                    "pods", evolve(current, ("status", "conditions"), conditions), manager=MANAGER
                )
                self._api.delete("pods", victim.key, uid=current["metadata"]["uid"])
            message = f"Preempted by pod {uid} on node {node_name}"
            self._recorder.normal(current, "Preempted", message, action="Preempting")


QUICK_FROM = 20
"""Up to this many nodes every pod gets the full search: it is quick enough, and spreads better."""
SPREAD_UP_TO = 200
"""Up to this many nodes pods of a Service or a ReplicaSet are spread by the cluster's default constraints."""


class _Checks:
    """All filters for one pod."""

    def __init__(
        self,
        api: Api,
        pod: PodInfo,
        nodes: Sequence[NodeInfo],
        volumes: VolumeRules,
        nominated: dict[Key, tuple[str, PodInfo]],
    ) -> None:
        self._version = api.version
        self._pod = pod
        self._volumes = volumes
        self._spread = Spread(pod, nodes)
        self._affinity = Affinity(api, pod, nodes)
        self._guests: dict[str, list[PodInfo]] = {}
        for key, (node_name, guest) in nominated.items():
            if key != pod.key and guest.priority >= pod.priority:
                self._guests.setdefault(node_name, []).append(guest)

    def __call__(self, info: NodeInfo) -> Refusal | None:
        """Return why the node is not allowed; pods nominated to it count as if they were there."""
        guests = [each for each in self._guests.get(info.name, ()) if each.key not in info.pods]
        version = info.version
        for guest in guests:
            info.add(guest)
        try:
            refusal = plain_refusal(self._pod, info, self._version)
            if refusal is None and not self._volumes.is_idle:
                refusal = self._volumes.refusal(info)
            if refusal is None and not self._spread.is_idle:
                refusal = self._spread.refusal(info)
            if refusal is None and not self._affinity.is_idle:
                refusal = self._affinity.refusal(info)
            return refusal
        finally:
            for guest in guests:
                info.remove(guest.key)
            info.version = version


def pinned_nodes(spec: Obj) -> set[str] | None:
    """Return the nodes that required affinity names by metadata.name, or None when it does not pin the pod."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get(
        "nodeSelectorTerms"
    ) or ()
    names: set[str] = set()
    for term in terms:
        named = [
            set(each["values"])
            for each in term.get("matchFields") or ()
            if each["key"] == "metadata.name" and each["operator"] == "In"
        ]
        if not named:
            return None
        names |= set.intersection(*named)
    return names if terms else None


def _matters(old: Obj, new: Obj) -> bool:
    """Say whether a node changed in a way that scheduling looks at."""
    return (
        old["spec"] != new["spec"]
        or old["metadata"].get("labels") != new["metadata"].get("labels")
        or (old.get("status") or {}).get("allocatable") != (new.get("status") or {}).get("allocatable")
    )


def _same_labels(old: Obj, new: Obj) -> bool:
    return bool(old["metadata"].get("labels") == new["metadata"].get("labels"))
