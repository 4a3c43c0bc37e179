"""Reconciles the attachments of one PersistentVolume. See the README beside this file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.attach_detach import words
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import (
    Key,
    Obj,
    annotations_of,
    evolve,
    is_condition_true,
    is_deleting,
    key_of,
    parse_time,
    timestamp,
    uid_of,
)
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent
from eks_lab.sim.volumes import CLAIMS, VOLUMES, claim_names

ATTACHMENTS = "volumeattachments.storage.k8s.io"
CSI_NODES = "csinodes.storage.k8s.io"
DRIVER = "ebs.csi.aws.com"
FINALIZER = "external-attacher/ebs-csi-aws-com"
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
MANAGER = "kube-controller-manager"
BY_VOLUME = "volume"
"""Index: PersistentVolume -> attachments."""
ATTACHES_IN = timedelta(seconds=1.5)
MOUNTS_IN = timedelta(seconds=1)
"""From an attached device to a mounted file system."""
DETACHES_IN = timedelta(seconds=1)
"""From the last pod that is gone to the detach call: the kubelet has unmounted by then."""
FORCED_AFTER = timedelta(minutes=6)
"""maxWaitForUnmountDuration: how long a node that is not ready may keep a volume that no pod wants any more."""
ATTACH_PATIENCE = timedelta(minutes=2)
FIRST_RETRY, LONGEST_RETRY = 0.5, 122.0


class Driver(Protocol):
    """What this controller asks of the driver; each call raises an exception whose text is the driver's."""

    def leader(self) -> Obj | None:
        """Return the driver's pod that works, or None."""
        ...

    def attach(self, volume_id: str, instance_id: str) -> str:
        """Attach; return the device."""
        ...

    def detach(self, volume_id: str, instance_id: str) -> None:
        """Detach."""
        ...


class AttachDetach:
    """Attaches and detaches; keys are PersistentVolumes."""

    name: ClassVar[str] = "attach-detach"

    def __init__(
        self,
        clock: Clock,
        api: Api,
        recorder: EventRecorder,
        driver: Driver,
        refusals: type[Exception],
        wake: Callable[[Key], None],
    ) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: where pods and volumes are.
            recorder: of the component attachdetach-controller.
            driver: the EBS CSI driver's controller.
            refusals: what it raises.
            wake: enqueues a pod's key with the kubelet: its volume is there.
        """
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._driver = driver
        self._refusals = refusals
        self._wake = wake
        self._unused: dict[Key, datetime] = {}
        """Attachment -> since when no pod wants it."""
        self._waits: dict[str, float] = {}
        self._reported: set[tuple[str, str]] = set()
        """Pod and attachment whose conflict was reported."""
        self._usable_from: dict[str, datetime] = {}
        """Attachment -> when its file system is mounted."""
        api.store.add_index(ATTACHMENTS, BY_VOLUME, _volume_of)
        self.watches: Sequence[Watch] = (
            Watch("pods", self._keys_of_pod),
            Watch(CLAIMS, _keys_of_claim),
            Watch(VOLUMES, _own_key_when_ours),
            Watch(ATTACHMENTS, _keys_of_attachment),
            Watch("nodes", self._keys_of_node),
        )

    # --- waking up -----------------------------------------------------------------------------------------------

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        pod = event.obj
        if pod["metadata"].get("namespace") == "kube-system" and "ebs-csi" in pod["metadata"]["name"]:
            return [Key("", name) for each in self._api.items(ATTACHMENTS) for name in _volume_of(each)]
        if not pod["spec"].get("nodeName") or not pod["spec"].get("volumes"):
            return ()
        claims = (self._api.get(CLAIMS, Key(pod["metadata"]["namespace"], name)) for name in claim_names(pod))
        return [
            Key("", claim["spec"]["volumeName"])
            for claim in claims
            if claim is not None and claim["spec"].get("volumeName")
        ]

    def _keys_of_node(self, event: StoreEvent) -> Iterable[Key]:
        """What is attached to a node that went, changed its taints, or its readiness."""
        node, old = event.obj, event.old
        if event.type == "ADDED":
            return ()
        if event.type == "MODIFIED" and old is not None:
            is_same = old["spec"].get("taints") == node["spec"].get("taints")
            if is_same and is_condition_true(old, "Ready") == is_condition_true(node, "Ready"):
                return ()
        name = node["metadata"]["name"]
        return [
            Key("", volume)
            for each in self._api.items(ATTACHMENTS)
            if each["spec"]["nodeName"] == name
            for volume in _volume_of(each)
        ]

    # --- for the kubelet -----------------------------------------------------------------------------------------

    def waiting_for(self, pod: Obj, claim: Obj) -> str | None:
        """Return why a claim's volume cannot be used on a pod's node; see `Surroundings.attaching`."""
        name = claim["spec"].get("volumeName") or ""
        volume = self._api.get(VOLUMES, Key("", name))
        if volume is None or not handle_of(volume):
            return None
        node = pod["spec"]["nodeName"]
        for each in self._api.store.indexed(ATTACHMENTS, BY_VOLUME, name):
            if each["spec"]["nodeName"] != node or not (each.get("status") or {}).get("attached"):
                continue
            if not self._has_driver(node):
                return words.not_registered(name)
            usable = self._usable_from.get(each["metadata"]["name"])
            return None if usable is None or usable <= self._clock.now() else ""
        return ""

    def _has_driver(self, node: str) -> bool:
        entry = self._api.get(CSI_NODES, Key("", node)) or {"spec": {}}
        return any(each["name"] == DRIVER for each in entry["spec"].get("drivers") or ())

    # --- one volume ----------------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Bring the attachments of a volume to what pods need."""
        volume = self._api.get(VOLUMES, key)
        attachments = self._api.store.indexed(ATTACHMENTS, BY_VOLUME, key.name)
        pods = self._users(volume) if volume is not None and handle_of(volume) else []
        wanted = list(dict.fromkeys(pod["spec"]["nodeName"] for pod in pods))
        waits = [self._detach(each) for each in attachments if each["spec"]["nodeName"] not in wanted]
        if volume is None:
            return _earliest(waits)
        attachments = self._api.store.indexed(ATTACHMENTS, BY_VOLUME, key.name)
        there = {each["spec"]["nodeName"]: each for each in attachments}
        for node in wanted:
            own = [pod for pod in pods if pod["spec"]["nodeName"] == node]
            others = [each for name, each in there.items() if name != node]
            if node not in there and others and not _is_shared(volume):
                self._report_conflict(volume, own, pods, others[0])
                continue
            waits.append(self._attach(volume, node, own, there.get(node)))
        return _earliest(waits)

    def _users(self, volume: Obj) -> list[Obj]:
        """Return the pods on nodes that use a volume's claim and have not ended, the oldest first."""
        reference = volume["spec"].get("claimRef") or {}
        claim = self._api.get(CLAIMS, Key(reference.get("namespace", ""), reference.get("name", "")))
        if claim is None or claim["spec"].get("volumeName") != volume["metadata"]["name"]:
            return []
        name = claim["metadata"]["name"]
        found = [
            pod
            for pod in self._api.items("pods", claim["metadata"]["namespace"])
            if pod["spec"].get("nodeName") and name in claim_names(pod) and not is_finished(pod)
        ]
        return sorted(found, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]))

    def _report_conflict(self, volume: Obj, own: list[Obj], pods: list[Obj], other: Obj) -> None:
        elsewhere = [
            pod["metadata"]["name"] for pod in pods if pod["spec"]["nodeName"] == other["spec"]["nodeName"]
        ]
        for pod in own:
            key = (uid_of(pod), uid_of(other))
            if key not in self._reported:
                self._reported.add(key)
                text = words.conflict(volume["metadata"]["name"], elsewhere)
                self._recorder.warning(pod, "FailedAttachVolume", text)

    # --- attaching -----------------------------------------------------------------------------------------------

    def _attach(self, volume: Obj, node: str, pods: list[Obj], attachment: Obj | None) -> timedelta | None:
        name = volume["metadata"]["name"]
        if attachment is None:
            return self._begin(volume, node, pods)
        self._unused.pop(key_of(attachment), None)
        if (attachment.get("status") or {}).get("attached") or is_deleting(attachment):
            return None
        now = self._clock.now()
        age = now - parse_time(attachment["metadata"]["creationTimestamp"])
        if age < ATTACHES_IN:
            return ATTACHES_IN - age
        if self._driver.leader() is None:
            if age >= ATTACH_PATIENCE:
                self._failed(pods, name, words.no_attacher(handle_of(volume)))
            return ATTACH_PATIENCE
        found = self._api.get("nodes", Key("", node))
        if found is None:
            return None
        try:
            device = self._driver.attach(handle_of(volume), _instance(found))
        except self._refusals as error:
            self._failed(pods, name, str(error))
            failure = {"time": timestamp(now), "message": str(error)}
            changed = evolve(attachment, ("status", "attachError"), failure)
            self._api.update_status(ATTACHMENTS, changed, manager="csi-attacher")
            wait = min(
                max(self._waits.get(attachment["metadata"]["name"], 0.0) * 2, FIRST_RETRY), LONGEST_RETRY
            )
            self._waits[attachment["metadata"]["name"]] = wait
            return timedelta(seconds=wait)
        self._waits.pop(attachment["metadata"]["name"], None)
        status = {"attached": True, "attachmentMetadata": {"devicePath": device}}
        self._api.update_status(ATTACHMENTS, {**attachment, "status": status}, manager="csi-attacher")
        self._usable_from[attachment["metadata"]["name"]] = now + MOUNTS_IN
        self._list_on_node(node, handle_of(volume), device)
        for pod in pods:
            text = f'AttachVolume.Attach succeeded for volume "{name}"'
            self._recorder.normal(pod, "SuccessfulAttachVolume", text)
            self._wake(key_of(pod))
        return None

    def _begin(self, volume: Obj, node: str, pods: list[Obj]) -> timedelta | None:
        name = volume["metadata"]["name"]
        if self._api.get("nodes", Key("", node)) is None:
            return None
        if not self._has_driver(node):
            self._failed(pods, name, f"CSINode {node} does not contain driver {DRIVER}")
            return timedelta(seconds=LONGEST_RETRY / 4)
        digest = hashlib.sha256(f"{handle_of(volume)}{DRIVER}{node}".encode()).hexdigest()
        attachment: Obj = {
            "metadata": {
                "name": f"csi-{digest}",
                "finalizers": [FINALIZER],
                "annotations": {
                    "csi.alpha.kubernetes.io/node-id": _instance(self._api.read("nodes", Key("", node)))
                },
            },
            "spec": {"attacher": DRIVER, "nodeName": node, "source": {"persistentVolumeName": name}},
        }
        self._api.create(ATTACHMENTS, attachment, manager=MANAGER)
        return ATTACHES_IN

    def _failed(self, pods: list[Obj], name: str, why: str) -> None:
        for pod in pods:
            self._recorder.warning(
                pod, "FailedAttachVolume", f'AttachVolume.Attach failed for volume "{name}" : {why}'
            )

    def _list_on_node(self, node: str, handle: str, device: str) -> None:
        """Keep `status.volumesAttached`; no device takes the volume off the list."""
        found = self._api.get("nodes", Key("", node))
        if found is None:
            return
        unique = f"kubernetes.io/csi/{DRIVER}^{handle}"
        status = found.get("status") or {}
        listed = [each for each in status.get("volumesAttached") or () if each["name"] != unique]
        used = [each for each in status.get("volumesInUse") or () if each != unique]
        if device:
            listed.append({"name": unique, "devicePath": ""})
            used.append(unique)
        changed = evolve(found, ("status", "volumesAttached"), listed or None)
        changed = evolve(changed, ("status", "volumesInUse"), used or None)
        self._api.update_status("nodes", changed, manager=MANAGER)

    # --- detaching -----------------------------------------------------------------------------------------------

    def _detach(self, attachment: Obj) -> timedelta | None:
        """Detach what no pod needs any more, when the node has let go of it."""
        key, now = key_of(attachment), self._clock.now()
        since = self._unused.setdefault(key, now)
        name = attachment["spec"]["nodeName"]
        node = self._api.get("nodes", Key("", name))
        left = timedelta(0) if node is None else _patience(node) - (now - since)
        if left > timedelta(0):
            return left
        handle = self._handle(attachment)
        instance = annotations_of(attachment).get("csi.alpha.kubernetes.io/node-id", "")
        if handle and instance:
            if self._driver.leader() is None:
                return ATTACH_PATIENCE
            try:
                self._driver.detach(handle, instance)
            except self._refusals as error:
                failure = {"time": timestamp(now), "message": str(error)}
                changed = evolve(attachment, ("status", "detachError"), failure)
                self._api.update_status(ATTACHMENTS, changed, manager="csi-attacher")
                return timedelta(seconds=15)
        self._unused.pop(key, None)
        self._usable_from.pop(key.name, None)
        if handle:
            self._list_on_node(name, handle, "")
        if not is_deleting(attachment):
            self._api.delete(ATTACHMENTS, key)
        if self._api.get(ATTACHMENTS, key) is not None:
            self._api.finalize(ATTACHMENTS, key, FINALIZER)
        return None

    def _handle(self, attachment: Obj) -> str:
        for name in _volume_of(attachment):
            volume = self._api.get(VOLUMES, Key("", name))
            return handle_of(volume) if volume is not None else ""
        return ""


def handle_of(volume: Obj) -> str:
    """Return the EBS volume of a PersistentVolume, in-tree ones included; empty when it is none of EBS's."""
    csi, old = volume["spec"].get("csi") or {}, volume["spec"].get("awsElasticBlockStore") or {}
    if csi.get("driver") == DRIVER:
        return str(csi.get("volumeHandle") or "")
    return str(old.get("volumeID") or "").rpartition("/")[2]


def _patience(node: Obj) -> timedelta:
    """Return how long a volume that no pod needs stays on a node."""
    taints = {each["key"] for each in node["spec"].get("taints") or ()}
    if is_condition_true(node, "Ready"):
        return DETACHES_IN
    return timedelta(0) if OUT_OF_SERVICE in taints else FORCED_AFTER


def _is_shared(volume: Obj) -> bool:
    return bool({"ReadWriteMany", "ReadOnlyMany"} & set(volume["spec"].get("accessModes") or ()))


def _instance(node: Obj) -> str:
    return str(node["spec"].get("providerID") or "").rpartition("/")[2]


def _earliest(waits: Iterable[timedelta | None]) -> Result:
    found = [each for each in waits if each is not None]
    return Result(min(found)) if found else DONE


def _volume_of(attachment: Obj) -> Iterable[str]:
    name = attachment["spec"]["source"].get("persistentVolumeName")
    return (name,) if name else ()


def _keys_of_claim(event: StoreEvent) -> Iterable[Key]:
    name = event.obj["spec"].get("volumeName")
    old = (event.old or {"spec": {}})["spec"].get("volumeName")
    return (Key("", name),) if name and (event.type != "MODIFIED" or name != old) else ()


def _own_key_when_ours(event: StoreEvent) -> Iterable[Key]:
    return (key_of(event.obj),) if handle_of(event.obj) else ()


def _keys_of_attachment(event: StoreEvent) -> Iterable[Key]:
    return [Key("", name) for name in _volume_of(event.obj)] if event.type != "MODIFIED" else ()
