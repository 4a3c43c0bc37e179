"""Volumes whose claim is gone are deleted, in EC2 and in the cluster, when their policy says so (external-provisioner)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.sim.api import Api
from eks_lab.sim.controllers.ebs_csi.claims import FINALIZER, PROVISIONED_BY
from eks_lab.sim.controllers.ebs_csi.driver import NAME, DriverError, EbsDriver
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj, annotations_of, is_deleting
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent
from eks_lab.sim.volumes import VOLUMES

ATTACHMENTS = "volumeattachments.storage.k8s.io"
RETRY = timedelta(seconds=15)


class VolumeReclaiming:
    """Deletes volumes; keys are PersistentVolumes."""

    name: ClassVar[str] = "ebs-csi-volumes"

    def __init__(self, api: Api, recorder: EventRecorder, driver: EbsDriver) -> None:
        """Wire it up."""
        self._api = api
        self._recorder = recorder
        self._driver = driver
        self.watches: Sequence[Watch] = (Watch(VOLUMES), Watch(ATTACHMENTS, _keys_of_attachment))

    def reconcile(self, key: Key) -> Result:
        """Delete one volume that is released, or that somebody deletes, under the policy Delete."""
        volume = self._api.get(VOLUMES, key)
        if volume is None or annotations_of(volume).get(PROVISIONED_BY) != NAME:
            return DONE
        phase = (volume.get("status") or {}).get("phase")
        is_going = is_deleting(volume) and phase != "Bound"
        if phase not in ("Released", "Failed") and not is_going:
            return DONE
        if volume["spec"].get("persistentVolumeReclaimPolicy") != "Delete":
            self._let_go(volume)
            return DONE
        if self._driver.leader() is None:
            return Result(RETRY)
        node = self._attached_to(key.name)
        if node:
            text = f"persistentvolume {key.name} is still attached to node {node}"
            self._recorder.warning(volume, "VolumeFailedDelete", text)
            return Result(RETRY)
        try:
            self._driver.delete(volume["spec"]["csi"]["volumeHandle"])
        except DriverError as error:
            self._recorder.warning(volume, "VolumeFailedDelete", str(error))
            return Result(RETRY)
        if not is_deleting(volume):
            self._api.delete(VOLUMES, key)
        left = self._api.get(VOLUMES, key)
        if left is not None:
            self._let_go(left)
        return DONE

    def _let_go(self, volume: Obj) -> None:
        if is_deleting(volume) and FINALIZER in (volume["metadata"].get("finalizers") or ()):
            self._api.finalize(VOLUMES, Key("", volume["metadata"]["name"]), FINALIZER)

    def _attached_to(self, name: str) -> str:
        for each in self._api.items(ATTACHMENTS):
            if each["spec"]["source"].get("persistentVolumeName") == name:
                node: str = each["spec"]["nodeName"]
                return node
        return ""


def _keys_of_attachment(event: StoreEvent) -> Iterable[Key]:
    name = event.obj["spec"]["source"].get("persistentVolumeName")
    return (Key("", name),) if name and event.type == "DELETED" else ()
