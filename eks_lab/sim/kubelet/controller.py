"""The kubelets of all nodes in one controller. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.behaviours.catalogue import Catalogue
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.kubelet import heartbeat, lifecycle, termination
from eks_lab.sim.kubelet.addresses import Addresses, SubnetAddresses
from eks_lab.sim.kubelet.nodes import has_kubelet
from eks_lab.sim.kubelet.records import PodRecord, new_record
from eks_lab.sim.kubelet.status import status_of
from eks_lab.sim.kubelet.surroundings import POD_BY_NODE, Surroundings, node_of
from eks_lab.sim.objects import ApiError, Key, Obj, is_deleting, key_of
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

MANAGER = "kubelet"


class KubeletController:
    """Runs the pods of every node that has a kubelet; keys without a namespace are nodes."""

    name: ClassVar[str] = "kubelet"

    def __init__(
        self,
        clock: Clock,
        api: Api,
        recorder: EventRecorder,
        *,
        addresses: Addresses | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: where pods and nodes are.
            recorder: of the component `kubelet`.
            addresses: where pods get theirs; None takes the zones' subnets.
            catalogue: behaviours of images; None takes those that come with the program.
        """
        api.store.add_index("pods", POD_BY_NODE, node_of)
        self.around = Surroundings(
            clock, api, recorder, api.ids, addresses or SubnetAddresses(api), catalogue or Catalogue()
        )
        self.watches: Sequence[Watch] = (Watch("pods", self._pod_keys), Watch("nodes", self._node_keys))
        self._records: dict[str, PodRecord] = {}
        self._uids: dict[Key, str] = {}
        self._writing = False
        self._stopped: set[str] = set()

    # --- waking up -------------------------------------------------------------------------------------------

    def _pod_keys(self, event: StoreEvent) -> Iterable[Key]:
        """A pod on a node, unless it was our own write that changed it."""
        if self._writing or not event.obj["spec"].get("nodeName"):
            return ()
        return (key_of(event.obj),)

    def _node_keys(self, event: StoreEvent) -> Iterable[Key]:
        return (key_of(event.obj),) if event.type != "MODIFIED" else ()

    def stop_kubelet(self, node: str) -> None:
        """Make a node's kubelet fall silent: no heartbeats, and its pods stay as they are."""
        self._stopped.add(node)

    def start_kubelet(self, node: str) -> list[Key]:
        """Let a silent kubelet speak again; returns the keys to enqueue."""
        self._stopped.discard(node)
        return [Key("", node), *(key_of(pod) for pod in self.around.api.store.indexed("pods", POD_BY_NODE, node))]

    # --- working ---------------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Bring a pod to its next state, or give a node's sign of life."""
        if not key.namespace:
            return self._reconcile_node(key.name)
        pod = self.around.api.get("pods", key)
        record = self._record(key, pod)
        if record is None or pod is None:
            return DONE
        due = self._advance(record, pod)
        return DONE if due is None else Result(due)

    def _reconcile_node(self, name: str) -> Result:
        if self.around.node(name) is None:
            self.around.images.forget(name)
            return DONE
        if name in self._stopped or not has_kubelet(self.around.api, name):
            return DONE
        return Result(heartbeat.beat(self.around, name))

    def _record(self, key: Key, pod: Obj | None) -> PodRecord | None:
        """Return the record of a pod that is ours to run; forgets the one of a pod that is gone."""
        known = self._uids.get(key)
        if known is not None and (pod is None or pod["metadata"]["uid"] != known):
            gone = self._records.pop(known, None)
            del self._uids[key]
            if gone is not None:
                termination.release(self.around, gone)
        if pod is None:
            return None
        node = pod["spec"].get("nodeName")
        if not node or node in self._stopped or not has_kubelet(self.around.api, node):
            return None
        uid = pod["metadata"]["uid"]
        record = self._records.get(uid)
        if record is None:
            if is_finished(pod) and not is_deleting(pod):
                return None
            record = self._records[uid] = new_record(pod, key)
            self._uids[key] = uid
        record.pod = pod
        return record

    def _advance(self, record: PodRecord, pod: Obj) -> timedelta | None:
        now = self.around.now()
        if is_deleting(pod) and record.stage not in ("ended", "rejected"):
            grace = pod["metadata"].get("deletionGracePeriodSeconds")
            termination.begin(self.around, record, 30 if grace is None else grace)
        due = lifecycle.advance(self.around, record)
        self._write(record)
        if is_deleting(pod) and record.stage in ("ended", "rejected"):
            self._delete(record)
            return None
        return None if due is None else max(due - now, timedelta(0))

    def _write(self, record: PodRecord) -> None:
        pod = record.pod
        status = status_of(record, self.around.node(record.node), self.around.now())
        if status == pod.get("status"):
            return
        self._writing = True
        try:
            record.pod = self.around.api.update_status("pods", {**pod, "status": status}, manager=MANAGER)
        finally:
            self._writing = False

    def _delete(self, record: PodRecord) -> None:
        """Delete for good what has stopped; finalizers may still hold it."""
        try:
            self.around.api.delete("pods", record.key, grace_seconds=0, uid=record.uid)
        except ApiError as error:
            if error.code not in (404, 409):
                raise
