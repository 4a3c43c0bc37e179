"""Reconciles one StatefulSet. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim import revisions
from eks_lab.sim.api import Api
from eks_lab.sim.bursts import PAUSE, Bursts
from eks_lab.sim.claims import claim, index_orphans, owned, owner_keys
from eks_lab.sim.controllers.statefulset import decide
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, controller_of, evolve, is_deleting, key_of, labels_of
from eks_lab.sim.pod_state import is_finished, is_ready
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.store import StoreEvent

SETS = "statefulsets.apps"
CLAIMS = "persistentvolumeclaims"
MANAGER = "kube-controller-manager"


@dataclass(slots=True)
class _Work:
    """One reconcile."""

    owner: Obj
    current: Obj
    """Revision that ordinals below the partition have."""
    update: Obj
    """Revision of the present template."""
    pods: list[Obj]
    wait: timedelta | None = None

    def look_again(self, after: timedelta) -> None:
        self.wait = min(self.wait, after) if self.wait else after


class StatefulSetController:
    """Keeps ordinals filled, in order."""

    name: ClassVar[str] = "statefulset"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (Watch(SETS), Watch("pods", self._keys_of_pod))
        self._bursts = Bursts(clock)
        index_orphans(api, "pods")
        revisions.index(api)

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        keys = owner_keys(event.obj, "StatefulSet")
        if not keys and event.type != "DELETED" and controller_of(event.obj) is None:
            labels, namespace = labels_of(event.obj), event.obj["metadata"]["namespace"]
            keys = [
                key_of(each)
                for each in self._api.items(SETS, namespace)
                if matches(each["spec"].get("selector"), labels)
            ]
        return keys

    def reconcile(self, key: Key) -> Result:
        """Move one step on: create, replace or delete what may be touched now."""
        owner = self._api.get(SETS, key)
        if owner is None:
            self._bursts.forget(key)
            return DONE
        selector = owner["spec"].get("selector")
        history = revisions.history_of(self._api, owner)
        update, history, collisions = revisions.current_revision(
            self._api, owner, history, label=revisions.OWN_HASH_LABEL
        )
        name = (owner.get("status") or {}).get("currentRevision")
        current = next((each for each in history if each["metadata"]["name"] == name), update)
        pods = [
            pod
            for pod in claim(self._api, owner, "pods", selector, MANAGER)
            if decide.ordinal_of(owner, pod) >= 0
        ]
        work = _Work(owner, current, update, pods)
        failure: ApiError | None = None
        if not is_deleting(owner):
            try:
                self._act(work)
            except ApiError as error:
                failure = error
        self._write_status(work, collisions)
        used = {decide.revision_of(pod) for pod in owned(self._api, owner, "pods")}
        used |= {current["metadata"]["name"], update["metadata"]["name"]}
        revisions.truncate(self._api, owner, history, used)
        if failure is not None:
            raise failure
        return Result(work.wait) if work.wait else DONE

    # --- acting --------------------------------------------------------------------------------------------

    def _act(self, work: _Work) -> None:
        owner = work.owner
        start, end = decide.start_of(owner), decide.start_of(owner) + decide.replicas_of(owner)
        by_ordinal = {decide.ordinal_of(owner, pod): pod for pod in work.pods}
        is_ordered = owner["spec"].get("podManagementPolicy", "OrderedReady") == "OrderedReady"
        self._keep_claim_owners(work, by_ordinal, start, end)
        key = key_of(owner)
        missing = end - start - sum(start <= each < end for each in by_ordinal)
        allowed = 1 if is_ordered else self._bursts.allowance(key, missing)
        for ordinal in range(start, end):
            pod = by_ordinal.get(ordinal)
            if pod is None and not allowed:
                work.look_again(self._bursts.left(key) or PAUSE)
                return
            allowed -= pod is None
            if not self._keep(work, pod, ordinal) and is_ordered:
                return
        condemned = [by_ordinal[each] for each in sorted(by_ordinal, reverse=True) if not start <= each < end]
        unhealthy = [pod for pod in work.pods if not decide.is_healthy(pod)]
        first_unhealthy = min(unhealthy, key=lambda pod: decide.ordinal_of(owner, pod), default=None)
        for pod in condemned:
            if decide.is_terminating(pod):
                if is_ordered:
                    return
                continue
            if is_ordered and not decide.is_healthy(pod) and pod is not first_unhealthy:
                # The order is kept: the lowest unhealthy ordinal decides first.
                return
            self._delete(owner, pod)
            if is_ordered:
                return
        if (owner["spec"].get("updateStrategy") or {}).get("type") != "OnDelete":
            self._roll(work, by_ordinal, start, end)

    def _keep(self, work: _Work, pod: Obj | None, ordinal: int) -> bool:
        """Fill one ordinal; return whether the next one may be looked at."""
        owner = work.owner
        if pod is not None and is_finished(pod):
            if not decide.is_terminating(pod):
                reason = (
                    "RecreatingFailedPod" if pod["status"]["phase"] == "Failed" else "RecreatingTerminatedPod"
                )
                name, set_name = pod["metadata"]["name"], owner["metadata"]["name"]
                word = "failed" if reason == "RecreatingFailedPod" else "terminated"
                namespace = owner["metadata"]["namespace"]
                message = f"StatefulSet {namespace}/{set_name} is recreating {word} Pod {name}"
                self._recorder.warning(owner, reason, message)
                self._delete(owner, pod)
            return False
        if pod is None:
            self._create(work, ordinal)
            return False
        if decide.is_terminating(pod):
            return False
        self._ensure_claims(owner, ordinal)
        left = decide.available(owner, pod, self._clock.now())
        if left is None:
            return False
        if left:
            work.look_again(left)
            return False
        return True

    def _create(self, work: _Work, ordinal: int) -> None:
        owner = work.owner
        revision = self._revision_for(work, ordinal)
        name, set_name = f"{owner['metadata']['name']}-{ordinal}", owner["metadata"]["name"]
        pod = decide.pod_for(owner, revisions.template_of(revision), revision["metadata"]["name"], ordinal)
        try:
            self._ensure_claims(owner, ordinal)
            self._api.create("pods", pod, namespace=owner["metadata"]["namespace"], manager=MANAGER)
        except ApiError as error:
            message = f"create Pod {name} in StatefulSet {set_name} failed error: {error.message}"
            self._recorder.warning(owner, "FailedCreate", message)
            raise
        self._recorder.normal(
            owner, "SuccessfulCreate", f"create Pod {name} in StatefulSet {set_name} successful"
        )

    def _revision_for(self, work: _Work, ordinal: int) -> Obj:
        """Return the revision an ordinal is made from: below the partition, the former one."""
        strategy = work.owner["spec"].get("updateStrategy") or {}
        if strategy.get("type", "RollingUpdate") != "RollingUpdate":
            return work.update
        partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
        return work.current if ordinal < decide.start_of(work.owner) + partition else work.update

    def _ensure_claims(self, owner: Obj, ordinal: int) -> None:
        pod_name, set_name = f"{owner['metadata']['name']}-{ordinal}", owner["metadata"]["name"]
        for wanted in decide.claims_for(owner, ordinal):
            if self._api.get(CLAIMS, key_of(wanted)) is not None:
                continue
            name = wanted["metadata"]["name"]
            try:
                self._api.create(CLAIMS, wanted, namespace=wanted["metadata"]["namespace"], manager=MANAGER)
            except ApiError as error:
                message = f"create Claim {name} for Pod {pod_name} in StatefulSet {set_name} failed error: {error.message}"
                self._recorder.warning(owner, "FailedCreate", message)
                raise
            message = f"create Claim {name} Pod {pod_name} in StatefulSet {set_name} success"
            self._recorder.normal(owner, "SuccessfulCreate", message)

    def _keep_claim_owners(self, work: _Work, by_ordinal: Mapping[int, Obj], start: int, end: int) -> None:
        """Bring the owner references of claims to what the retention policy says."""
        policy = work.owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
        if set(policy.values()) <= {"Retain"} and not (work.owner.get("status") or {}).get("replicas"):
            return
        namespace = work.owner["metadata"]["namespace"]
        uids = {work.owner["metadata"]["uid"], *(pod["metadata"]["uid"] for pod in by_ordinal.values())}
        for ordinal, pod in by_ordinal.items():
            condemned = None if start <= ordinal < end else pod
            wanted = decide.claim_owners(work.owner, condemned)
            for name in decide.claim_names(work.owner, ordinal).values():
                stored = self._api.get(CLAIMS, Key(namespace, name))
                if stored is None:
                    continue
                present = stored["metadata"].get("ownerReferences") or []
                others = [each for each in present if each["uid"] not in uids]
                if present != [*others, *wanted]:
                    changed = evolve(stored, ("metadata", "ownerReferences"), [*others, *wanted] or None)
                    self._api.update(CLAIMS, changed, manager=MANAGER)

    def _delete(self, owner: Obj, pod: Obj) -> None:
        name, set_name = pod["metadata"]["name"], owner["metadata"]["name"]
        self._api.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        self._recorder.normal(
            owner, "SuccessfulDelete", f"delete Pod {name} in StatefulSet {set_name} successful"
        )

    def _roll(self, work: _Work, by_ordinal: Mapping[int, Obj], start: int, end: int) -> None:
        """Replace pods of a former revision, from the highest ordinal down to the partition."""
        owner = work.owner
        rolling = (owner["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
        lowest = start + rolling.get("partition", 0)
        allowed = max(self._unavailable_allowed(owner, rolling), 1)
        unavailable = sum(
            1
            for ordinal in range(start, end)
            if (pod := by_ordinal.get(ordinal)) is None
            or decide.available(owner, pod, self._clock.now()) != timedelta(0)
            or decide.is_terminating(pod)
        )
        for ordinal in range(end - 1, lowest - 1, -1):
            pod = by_ordinal.get(ordinal)
            if pod is None:
                return
            if decide.revision_of(pod) != work.update["metadata"]["name"] and not decide.is_terminating(pod):
                is_broken = not decide.is_healthy(pod)
                if unavailable >= allowed and not is_broken:
                    return
                self._delete(owner, pod)
                unavailable += not is_broken
                if unavailable >= allowed:
                    return
            elif not decide.is_healthy(pod) and allowed == 1:
                return

    def _unavailable_allowed(self, owner: Obj, rolling: Obj) -> int:
        value = rolling.get("maxUnavailable", 1)
        if isinstance(value, str):
            return -(-int(value.rstrip("%")) * decide.replicas_of(owner) // 100)
        return int(value)

    # --- status --------------------------------------------------------------------------------------------

    def _write_status(self, work: _Work, collisions: int | None) -> None:
        owner = self._api.get(SETS, key_of(work.owner))
        if owner is None:
            return
        now = self._clock.now()
        current, update = work.current["metadata"]["name"], work.update["metadata"]["name"]
        counts = dict.fromkeys(
            ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"), 0
        )
        for pod in owned(self._api, owner, "pods"):
            if decide.ordinal_of(owner, pod) < 0:
                continue
            counts["replicas"] += 1
            if decide.is_running_and_ready(pod) and is_ready(pod):
                counts["readyReplicas"] += 1
                left = decide.available(owner, pod, now)
                counts["availableReplicas"] += left == timedelta(0)
                if left:
                    work.look_again(left)
            if not decide.is_terminating(pod):
                counts["currentReplicas"] += decide.revision_of(pod) == current
                counts["updatedReplicas"] += decide.revision_of(pod) == update
        is_rolled = (owner["spec"].get("updateStrategy") or {}).get("type") != "OnDelete" and counts[
            "updatedReplicas"
        ] == counts["replicas"] == counts["readyReplicas"] == decide.replicas_of(owner)
        if is_rolled:
            counts["currentReplicas"], current = counts["updatedReplicas"], update
        old = owner.get("status") or {}
        status: Obj = {
            "observedGeneration": owner["metadata"].get("generation", 0),
            "replicas": counts.pop("replicas"),
            "availableReplicas": counts.pop("availableReplicas"),
            **{field: count for field, count in counts.items() if count},
            "currentRevision": current,
            "updateRevision": update,
            "collisionCount": collisions if collisions is not None else old.get("collisionCount", 0),
        }
        if old.get("conditions"):
            status["conditions"] = old["conditions"]
        if status != old:
            self._api.update_status(SETS, {**owner, "status": status}, manager=MANAGER)
