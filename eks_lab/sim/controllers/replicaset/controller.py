"""Reconciles one ReplicaSet or ReplicationController. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.bursts import BURST, Bursts
from eks_lab.sim.claims import claim, index_orphans, owned, owner_keys
from eks_lab.sim.controllers.replicaset.decide import batches, doomed, status_of
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, controller_of, is_deleting, key_of, labels_of
from eks_lab.sim.pod_state import is_active, is_finished
from eks_lab.sim.pod_template import pod_from_template
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.store import StoreEvent

MANAGER = "kube-controller-manager"

Kind = Literal["ReplicaSet", "ReplicationController"]
_RESOURCES: dict[Kind, str] = {
    "ReplicaSet": "replicasets.apps",
    "ReplicationController": "replicationcontrollers",
}


class ReplicaSetController:
    """Keeps the number of pods."""

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder, kind: Kind = "ReplicaSet") -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: the API server.
            recorder: `replicaset-controller` or `replication-controller`.
            kind: which of the two kinds it serves.
        """
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._kind = kind
        self._resource = _RESOURCES[kind]
        self._bursts = Bursts(clock)
        self.name = kind.lower()
        self.watches: Sequence[Watch] = (Watch(self._resource), Watch("pods", self._keys_of_pod))
        index_orphans(api, "pods")

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        keys = owner_keys(event.obj, self._kind)
        if event.old is not None and event.old["metadata"].get("ownerReferences") is not event.obj[
            "metadata"
        ].get("ownerReferences"):
            keys += owner_keys(event.old, self._kind)
        if not keys and event.type != "DELETED" and controller_of(event.obj) is None:
            # An orphan: whoever selects it may adopt it.
            labels = labels_of(event.obj)
            keys = [
                key_of(owner)
                for owner in self._api.items(self._resource, event.obj["metadata"]["namespace"])
                if matches(self._selector(owner), labels)
            ]
        return keys

    def _selector(self, owner: Obj) -> Obj | None:
        selector = owner["spec"].get("selector")
        if self._kind == "ReplicationController":
            return {"matchLabels": selector} if selector else None
        return selector if isinstance(selector, dict) else None

    def reconcile(self, key: Key) -> Result:
        """Create or delete pods, and write the status."""
        owner = self._api.get(self._resource, key)
        if owner is None:
            self._bursts.forget(key)
            return DONE
        pods = claim(self._api, owner, "pods", self._selector(owner), MANAGER)
        failure = ""
        if not is_deleting(owner):
            failure = self._bring_to_size(owner, pods)
            pods = owned(self._api, owner, "pods")
        status, wait = status_of(
            owner,
            pods,
            failure,
            self._clock.now(),
            counts_terminating=self._kind == "ReplicaSet" and self._api.version >= "1.35",
        )
        current = self._api.get(self._resource, key)
        if current is not None and current.get("status") != status:
            self._api.update_status(self._resource, {**current, "status": status}, manager=MANAGER)
        if failure:
            raise ApiError(500, "InternalError", failure)
        waits = [each for each in (wait, self._bursts.left(key)) if each]
        return Result(min(waits)) if waits else DONE

    def _bring_to_size(self, owner: Obj, pods: Sequence[Obj]) -> str:
        active = [pod for pod in pods if is_active(pod)]
        wanted = owner["spec"].get("replicas", 1)
        if len(active) < wanted:
            key = key_of(owner)
            failure = self._create(owner, self._bursts.allowance(key, wanted - len(active)))
            if failure:
                # The queue's back-off says when to try again.
                self._bursts.forget(key)
            return failure
        if len(active) > wanted:
            return self._delete(owner, active, min(len(active) - wanted, BURST))
        return ""

    def _create(self, owner: Obj, count: int) -> str:
        namespace = owner["metadata"]["namespace"]
        for size in batches(count):
            failure = ""
            for _ in range(size):
                pod = pod_from_template(owner["spec"]["template"], owner)
                try:
                    made = self._api.create("pods", pod, namespace=namespace, manager=MANAGER)
                except ApiError as error:
                    failure = error.message
                    if is_namespace_ending(error):
                        return ""
                    self._recorder.warning(owner, "FailedCreate", f"Error creating: {error.message}")
                else:
                    self._recorder.normal(
                        owner, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}"
                    )
            if failure:
                return failure
        return ""

    def _delete(self, owner: Obj, active: Sequence[Obj], count: int) -> str:
        failure = ""
        for pod in doomed(active, self._related(owner), count, self._clock.now()):
            name = pod["metadata"]["name"]
            try:
                self._api.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
            except ApiError as error:
                if error.code == 404:
                    continue
                failure = error.message
                self._recorder.warning(owner, "FailedDelete", f"Error deleting: {error.message}")
            else:
                self._recorder.normal(owner, "SuccessfulDelete", f"Deleted pod: {name}")
        return failure

    def _related(self, owner: Obj) -> list[Obj]:
        """Return the active pods of all sets that share this set's controller, or of the set alone."""
        reference = controller_of(owner)
        uids = [owner["metadata"]["uid"]]
        if reference is not None:
            uids = [
                sibling["metadata"]["uid"]
                for resource, key in self._api.store.owned_by(reference["uid"])
                if resource == self._resource and (sibling := self._api.get(resource, key)) is not None
            ]
        keys = [key for uid in uids for resource, key in self._api.store.owned_by(uid) if resource == "pods"]
        pods = [pod for key in keys if (pod := self._api.get("pods", key)) is not None]
        return [pod for pod in pods if not is_finished(pod) and is_active(pod)]


def is_namespace_ending(error: ApiError) -> bool:
    """Say whether a creation was refused because its namespace is being deleted."""
    causes = (error.details or {}).get("causes") or ()
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)
