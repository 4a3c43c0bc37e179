"""Reconciles one DaemonSet. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim import revisions
from eks_lab.sim.api import Api
from eks_lab.sim.claims import claim, index_orphans, owner_keys
from eks_lab.sim.controllers.daemonset import decide
from eks_lab.sim.controllers.daemonset.coverage import OwnedPods, Place, Places, by_node
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, controller_of, is_deleting, key_of, labels_of
from eks_lab.sim.pod_state import available_in, is_active, is_ready, phase_of
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.store import StoreEvent

SETS = "daemonsets.apps"
MANAGER = "kube-controller-manager"
FIRST_BACK_OFF = timedelta(seconds=1)
LONGEST_BACK_OFF = timedelta(minutes=15)
"""Between deletions of failed daemon pods of one node (daemon_controller.go, failedPodsBackoff)."""


class DaemonSetController:
    """Keeps nodes covered."""

    name: ClassVar[str] = "daemonset"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (
            Watch(SETS),
            Watch("pods", self._keys_of_pod),
            Watch("nodes", self._keys_of_node),
        )
        index_orphans(api, "pods")
        revisions.index(api)
        self._failures: dict[tuple[str, str], tuple[timedelta, datetime]] = {}
        self._places = Places()

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        keys = owner_keys(event.obj, "DaemonSet")
        if not keys and event.type != "DELETED" and controller_of(event.obj) is None:
            labels, namespace = labels_of(event.obj), event.obj["metadata"]["namespace"]
            keys = [
                key_of(each)
                for each in self._api.items(SETS, namespace)
                if matches(each["spec"].get("selector"), labels)
            ]
        return keys

    def _keys_of_node(self, event: StoreEvent) -> Iterable[Key]:
        """Only what decides placement matters: labels, taints, coming and going."""
        old, new = event.old, event.obj
        if event.type == "MODIFIED" and old is not None:
            is_same = labels_of(old) == labels_of(new) and old["spec"] == new["spec"]
            if is_same:
                return ()
        return [key_of(each) for each in self._api.items(SETS)]

    def reconcile(self, key: Key) -> Result:
        """Create and delete pods, roll out, and write the status."""
        owner = self._api.get(SETS, key)
        if owner is None:
            self._places.forget(key)
            return DONE
        selector = owner["spec"].get("selector")
        if selector == {}:
            message = "This daemon set is selecting all pods. A non-empty selector is required."
            self._recorder.warning(owner, "SelectingAll", message)
            return DONE
        history = revisions.history_of(self._api, owner)
        update, history, _ = revisions.current_revision(self._api, owner, history, label=revisions.HASH_LABEL)
        value = revisions.hash_of(update)
        wait: timedelta | None = None
        failure: ApiError | None = None
        pods = OwnedPods(self._api, owner)
        places = self._places.of(key, owner, self._api.items("nodes"))
        if not is_deleting(owner):
            claimed = by_node(claim(self._api, owner, "pods", selector, MANAGER))
            try:
                wait = self._cover(owner, places, claimed, value)
                if (owner["spec"].get("updateStrategy") or {}).get("type") != "OnDelete":
                    self._roll(owner, places, pods.by_node(), value)
            except ApiError as error:
                failure = error
        used = {labels_of(pod).get(revisions.HASH_LABEL, "") for pod in pods.all()} | {value}
        revisions.truncate(self._api, owner, history, used)
        young = self._write_status(owner, places, pods, value)
        if failure is not None:
            raise failure
        waits = [each for each in (wait, young) if each]
        return Result(min(waits)) if waits else DONE

    # --- covering nodes ------------------------------------------------------------------------------------

    def _cover(
        self, owner: Obj, places: Sequence[Place], pods: Mapping[str, Sequence[Obj]], value: str
    ) -> timedelta | None:
        wait: timedelta | None = None
        names = set()
        for name, should_run, may_stay in places:
            names.add(name)
            present = pods.get(name, ())
            if should_run and not present:
                self._create(owner, value, name)
            elif may_stay:
                left = self._tidy(owner, name, present, value)
                if left is not None:
                    wait = min(wait, left) if wait else left
            else:
                for pod in present:
                    self._delete(owner, pod)
        for name in sorted(pods.keys() - names):
            for pod in pods[name]:
                self._delete(owner, pod)
        return wait

    def _tidy(self, owner: Obj, node_name: str, pods: Sequence[Obj], value: str) -> timedelta | None:
        """Delete failed pods, slower each time, and pods beyond the first."""
        running, now = [], self._clock.now()
        for pod in pods:
            if "deletionTimestamp" in pod["metadata"]:
                continue
            phase = phase_of(pod)
            if phase == "Failed":
                pair = (owner["metadata"]["uid"], node_name)
                delay, since = self._failures.get(pair, (timedelta(0), now))
                if delay and now - since < delay:
                    return delay - (now - since)
                self._failures[pair] = (min(max(delay * 2, FIRST_BACK_OFF), LONGEST_BACK_OFF), now)
                place = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
                message = f"Found failed daemon pod {place} on node {node_name}, will try to kill it"
                self._recorder.warning(owner, "FailedDaemonPod", message)
                self._delete(owner, pod)
            elif phase == "Succeeded":
                place = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
                message = f"Found succeeded daemon pod {place} on node {node_name}, will try to delete it"
                self._recorder.normal(owner, "SucceededDaemonPod", message)
                self._delete(owner, pod)
            else:
                running.append(pod)
        if len(running) < 2:
            return None
        surge, _ = decide.limits(owner, 1)
        allowed = (
            2 if surge and len({labels_of(each).get(revisions.HASH_LABEL) for each in running}) == 2 else 1
        )
        for pod in decide.oldest(running)[allowed:]:
            self._delete(owner, pod)
        return None

    def _create(self, owner: Obj, value: str, node_name: str) -> None:
        pod = decide.pod_for(owner, value, node_name)
        try:
            made = self._api.create("pods", pod, namespace=owner["metadata"]["namespace"], manager=MANAGER)
        except ApiError as error:
            self._recorder.warning(owner, "FailedCreate", f"Error creating: {error.message}")
            raise
        self._recorder.normal(owner, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")

    def _delete(self, owner: Obj, pod: Obj) -> None:
        if "deletionTimestamp" in pod["metadata"]:
            return
        self._api.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        self._recorder.normal(owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")

    # --- rolling out ---------------------------------------------------------------------------------------

    def _roll(
        self, owner: Obj, places: Sequence[Place], pods: Mapping[str, Sequence[Obj]], value: str
    ) -> None:
        if all(
            labels_of(pod).get(revisions.HASH_LABEL) == value for present in pods.values() for pod in present
        ):
            return
        wanted = [place.name for place in places if place.should_run]
        surge, most_unavailable = decide.limits(owner, len(wanted))
        if surge:
            self._roll_with_surge(owner, pods, value, wanted, surge)
            return
        unavailable = 0
        old_broken, old_available = [], []
        for name in wanted:
            alive = [pod for pod in pods.get(name, ()) if is_active(pod)]
            new = [pod for pod in alive if labels_of(pod).get(revisions.HASH_LABEL) == value]
            old = [pod for pod in alive if labels_of(pod).get(revisions.HASH_LABEL) != value]
            if new:
                unavailable += not self._is_available(owner, new[0])
            elif old:
                if self._is_available(owner, old[0]):
                    old_available.append(old[0])
                else:
                    unavailable += 1
                    old_broken.append(old[0])
            else:
                unavailable += 1
        room = max(most_unavailable - unavailable, 0)
        for pod in [*old_broken, *old_available[:room]]:
            self._delete(owner, pod)

    def _roll_with_surge(
        self, owner: Obj, pods: Mapping[str, Sequence[Obj]], value: str, wanted: Sequence[str], surge: int
    ) -> None:
        surging = 0
        candidates = []
        for name in wanted:
            alive = [pod for pod in pods.get(name, ()) if is_active(pod)]
            new = [pod for pod in alive if labels_of(pod).get(revisions.HASH_LABEL) == value]
            old = [pod for pod in alive if labels_of(pod).get(revisions.HASH_LABEL) != value]
            if old and new:
                if self._is_available(owner, new[0]):
                    self._delete(owner, old[0])
                else:
                    surging += 1
            elif old:
                if self._is_available(owner, old[0]):
                    candidates.append(name)
                else:
                    self._create(owner, value, name)
        for name in candidates[: max(surge - surging, 0)]:
            self._create(owner, value, name)

    def _is_available(self, owner: Obj, pod: Obj) -> bool:
        left = available_in(pod, owner["spec"].get("minReadySeconds", 0), self._clock.now())
        return left == timedelta(0)

    # --- status --------------------------------------------------------------------------------------------

    def _write_status(
        self, owner: Obj, places: Sequence[Place], pods: OwnedPods, value: str
    ) -> timedelta | None:
        """Write the status; return how long until another pod becomes available."""
        current = self._api.get(SETS, key_of(owner))
        if current is None:
            return None
        present_on = pods.by_node()
        now, least_age = self._clock.now(), owner["spec"].get("minReadySeconds", 0)
        desired = scheduled = misplaced = ready = available = updated = 0
        wait: timedelta | None = None
        for name, should_run, _ in places:
            present = [pod for pod in present_on.get(name, ()) if "deletionTimestamp" not in pod["metadata"]]
            if not should_run:
                misplaced += bool(present)
                continue
            desired += 1
            if not present:
                continue
            scheduled += 1
            pod = present[0] if len(present) == 1 else decide.oldest(present)[-1]
            if is_ready(pod):
                ready += 1
                left = available_in(pod, least_age, now)
                available += left == timedelta(0)
                if left:
                    wait = min(wait, left) if wait else left
            updated += labels_of(pod).get(revisions.HASH_LABEL) == value
        status: Obj = {
            "currentNumberScheduled": scheduled,
            "numberMisscheduled": misplaced,
            "desiredNumberScheduled": desired,
            "numberReady": ready,
            "observedGeneration": current["metadata"].get("generation", 0),
        }
        optional = {
            "updatedNumberScheduled": updated,
            "numberAvailable": available,
            "numberUnavailable": desired - available,
        }
        status |= {field: count for field, count in optional.items() if count}
        if status != current.get("status"):
            self._api.update_status(SETS, {**current, "status": status}, manager=MANAGER)
        return wait
