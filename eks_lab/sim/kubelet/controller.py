"""The kubelets of all nodes in one controller. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.kube.exposition import CONTENT_TYPE
from eks_lab.sim.admission.webhook_backends import Door
from eks_lab.sim.api import Api
from eks_lab.sim.behaviours.catalogue import Catalogue
from eks_lab.sim.behaviours.world import Reply
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.kubelet import eviction, heartbeat, lifecycle, probes, termination
from eks_lab.sim.kubelet.addresses import Addresses, SubnetAddresses
from eks_lab.sim.kubelet.adoption import adopted
from eks_lab.sim.kubelet.nodes import has_kubelet
from eks_lab.sim.kubelet.pressure import is_pressed
from eks_lab.sim.kubelet.records import PodRecord
from eks_lab.sim.kubelet.static_pods import StaticPods
from eks_lab.sim.kubelet.status import status_of
from eks_lab.sim.kubelet.surroundings import (
    POD_BY_ADDRESS,
    POD_BY_NODE,
    Surroundings,
    address_index,
    node_of,
)
from eks_lab.sim.objects import ApiError, Key, Obj, is_deleting, key_of, share_parts
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
        api.store.add_index("pods", POD_BY_ADDRESS, address_index)
        self.around = Surroundings(
            clock, api, recorder, api.ids, addresses or SubnetAddresses(api), catalogue or Catalogue()
        )
        self.around.answering = self.answer
        self.static = StaticPods(self.around)
        """The manifest folders of the nodes."""
        self.watches: Sequence[Watch] = (Watch("pods", self._pod_keys), Watch("nodes", self._node_keys))
        self._records: dict[str, PodRecord] = {}
        self._uids: dict[Key, str] = {}
        self._writing = False
        self._growing: dict[str, dict[str, None]] = {}
        """Node -> uids of the pods whose memory, files or threads may change much."""
        self._stopped: set[str] = set()
        self._unpowered: set[str] = set()
        """Nodes whose machine was seen stopped."""

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
        return [
            Key("", node),
            *(key_of(pod) for pod in self.around.api.store.indexed("pods", POD_BY_NODE, node)),
        ]

    # --- what runs -------------------------------------------------------------------------------------------

    def record_of(self, pod: Obj) -> PodRecord | None:
        """Return what is known of a pod that a kubelet runs, or ran; None for every other pod."""
        return self._records.get(pod["metadata"]["uid"])

    def say(self, pod: Obj, container: str, text: str) -> None:
        """Add a line to the log of a running container: what a driver that another controller plays has to say."""
        record = self.record_of(pod)
        found = record.find(container) if record is not None else None
        if found is not None and found.process is not None:
            found.process.say(self.around.now(), text)

    def fail_probes(self, pod: Obj, container: str, kinds: frozenset[str]) -> None:
        """Let probes of a running container fail, as those of a driver do that another controller plays.

        Args:
            pod: as stored.
            container: its name.
            kinds: `readiness`, `liveness`; none lets all of them succeed again.
        """
        record = self.record_of(pod)
        found = record.find(container) if record is not None else None
        if record is None or found is None or found.process is None or found.process.failing_probes == kinds:
            return
        found.process.failing_probes = kinds
        probes.wake(self.around, found)
        if self.around.wake is not None:
            self.around.wake(record.key)

    def records(self) -> list[PodRecord]:
        """Return all records, in the order the pods came."""
        return list(self._records.values())

    def answer(self, pod: Obj, port: int, path: str) -> Reply:
        """Return what a pod answers to an HTTP request."""
        record = self.record_of(pod)
        for container in record.containers if record is not None else ():
            if container.process is None or container.started_at is None or not container.is_up:
                continue
            seconds = (self.around.now() - container.started_at).total_seconds()
            found = container.process.answer(port, path, seconds)
            if found is not None and found.page in self.around.pages:
                return Reply(found.status, self.around.pages[found.page](pod), content_type=CONTENT_TYPE)
            if found is not None:
                return Reply(found.status, found.body)
            if container.process.listens(port, seconds):
                return Reply(0, "")
        return Reply(error="refused")

    def knock(self, address: str, port: int) -> Door:
        """Return what a TLS client meets at an address of a pod: see `webhook_backends.Door`."""
        for pod in self.around.pods_with_address(address):
            reply = self.answer(pod, port, "/")
            if reply.error:
                return "refused"
            record = self.record_of(pod)
            ports = [
                known
                for each in (record.containers if record is not None else ())
                if each.process is not None
                for known in each.process.behaviour.ports
                if known.number == port
            ]
            if any(known.admits for known in ports):
                return "admits"
            return "plain" if reply.status and ports else "silent"
        return "refused"

    # --- working ---------------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Bring a pod to its next state, or give a node's sign of life."""
        if not key.namespace:
            return self._reconcile_node(key.name)
        pod = self.around.api.get("pods", key)
        if pod is not None and pod["metadata"]["uid"] not in self._records:
            self.static.note(pod)
        if self.static.owns(key):
            pod = self._mirrored(key, pod)
        record = self._record(key, pod)
        if record is None or pod is None:
            return DONE
        due = self._advance(record, pod)
        return DONE if due is None else Result(due)

    def _mirrored(self, key: Key, pod: Obj | None) -> Obj | None:
        """Return the mirror of a static pod as it should be, made anew when somebody deleted it.

        What runs goes on: the record of the mirror before, with its containers, becomes the new one's.
        """
        if pod is not None and self.static.is_current(pod):
            return pod
        is_same = pod is None or is_deleting(pod)
        if pod is not None:
            self.around.api.delete("pods", key, grace_seconds=0)
        fresh = self.static.mirror(key)
        known = self._uids.get(key)
        if fresh is None or known is None or not is_same:
            return fresh
        record = self._records.pop(known)
        record.uid, record.pod = fresh["metadata"]["uid"], fresh
        self._records[record.uid], self._uids[key] = record, record.uid
        growing = self._growing.get(record.node, {})
        if known in growing:
            del growing[known]
            growing[record.uid] = None
        return fresh

    def _has_power(self, name: str) -> bool:
        """Say whether the machine of a node runs, so that its kubelet can say anything.

        When it stops its pods stay as they are; when it runs again they are looked at.
        """
        around, node = self.around, self.around.node(name)
        if around.has_power is None or node is None:
            return True
        if not around.has_power(node):
            self._unpowered.add(name)
            self.stop_kubelet(name)
            return False
        if name in self._unpowered:
            self._unpowered.discard(name)
            for key in self.start_kubelet(name):
                if around.wake is not None:
                    around.wake(key)
        return True

    def _reconcile_node(self, name: str) -> Result:
        if self.around.node(name) is None:
            self.around.images.forget(name)
            return DONE
        if not self._has_power(name):
            return Result(heartbeat.EVERY)
        if name in self._stopped or not has_kubelet(self.around.api, name):
            return DONE
        wait = heartbeat.beat(self.around, name)
        self.static.sync(name)
        for pod in self.static.outdated(name):
            self._mirrored(key_of(pod), pod)
        self._judge(name)
        return Result(wait)

    def _judge(self, name: str) -> None:
        """Evict pods that outgrew their limits, and one when memory, disk or process IDs run out."""
        around = self.around
        node = around.node(name)
        if node is None or not (self._growing.get(name) or is_pressed(node)):
            return
        records = [
            record
            for pod in around.pods_on(name)
            if (record := self._records.get(pod["metadata"]["uid"])) is not None
        ]
        for victim in eviction.judge(around, node, records):
            # This write is meant to be seen: it wakes the pod's own key, which goes on with stopping it.
            self._write(victim, quiet=False)

    def _record(self, key: Key, pod: Obj | None) -> PodRecord | None:
        """Return the record of a pod that is ours to run; forgets the one of a pod that is gone."""
        known = self._uids.get(key)
        if known is not None and (pod is None or pod["metadata"]["uid"] != known):
            gone = self._records.pop(known, None)
            del self._uids[key]
            if gone is not None:
                self._growing.get(gone.node, {}).pop(known, None)
                termination.release(self.around, gone)
        if pod is None:
            return None
        node = pod["spec"].get("nodeName")
        if not node or node in self._stopped or not has_kubelet(self.around.api, node):
            return None
        uid = pod["metadata"]["uid"]
        record = self._records.get(uid)
        if record is None:
            record = self._records[uid] = adopted(self.around, pod, key)
            self._uids[key] = uid
        record.pod = pod
        return record

    def _advance(self, record: PodRecord, pod: Obj) -> timedelta | None:
        now = self.around.now()
        if is_deleting(pod) and record.stage not in ("ended", "rejected"):
            grace = pod["metadata"].get("deletionGracePeriodSeconds")
            termination.begin(self.around, record, 30 if grace is None else grace)
        due = lifecycle.advance(self.around, record)
        growing = self._growing.setdefault(record.node, {})
        if eviction.may_grow(record):
            growing[record.uid] = None
        else:
            growing.pop(record.uid, None)
        self._write(record)
        if is_deleting(pod) and record.stage in ("ended", "rejected"):
            self._delete(record)
            return None
        return None if due is None else max(due - now, timedelta(0))

    def _write(self, record: PodRecord, *, quiet: bool = True) -> None:
        pod = record.pod
        status = share_parts(status_of(record, self.around.node(record.node), self.around.now()))
        if status == pod.get("status"):
            return
        self._writing = quiet
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
