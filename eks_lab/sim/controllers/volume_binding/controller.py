"""Reconciles one claim, one volume, and their finalizers. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, annotations_of, evolve, is_deleting, key_of, timestamp
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent
from eks_lab.sim.volumes import (
    BIND_COMPLETED,
    BOUND_BY_CONTROLLER,
    CLAIMS,
    CLASSES,
    NO_PROVISIONER,
    SELECTED_NODE,
    VOLUMES,
    bind_volume,
    claim_names,
    class_of,
    is_match,
    storage_of,
    waits_for_consumer,
)

MANAGER = "kube-controller-manager"
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
MIGRATED = {"kubernetes.io/aws-ebs": "ebs.csi.aws.com"}
"""In-tree provisioner -> the CSI driver that does its work (staging/src/k8s.io/csi-translation-lib)."""
RESYNC = timedelta(seconds=15)
"""--pvclaimbinder-sync-period: unbound claims are looked at again, and say again what they wait for."""


class ClaimController:
    """Binds claims."""

    name: ClassVar[str] = "persistentvolume-binder"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (
            Watch(CLAIMS),
            Watch(VOLUMES, self._keys_of_volume),
            Watch(CLASSES, self._keys_of_class),
        )

    def _keys_of_volume(self, event: StoreEvent) -> Iterable[Key]:
        """The claim a volume names, and every claim that waits when a volume is free."""
        reference = event.obj["spec"].get("claimRef") or {}
        keys = [Key(reference["namespace"], reference["name"])] if reference.get("name") else []
        if event.type == "DELETED" or not reference:
            wanted = event.obj["metadata"]["name"]
            for claim in self._api.items(CLAIMS):
                name = claim["spec"].get("volumeName")
                if name == wanted or not name:
                    keys.append(key_of(claim))
        return keys

    def _keys_of_class(self, event: StoreEvent) -> Iterable[Key]:
        name = event.obj["metadata"]["name"]
        return [
            key_of(each) for each in self._api.items(CLAIMS) if each["spec"].get("storageClassName") == name
        ]

    def reconcile(self, key: Key) -> Result:
        """Bind the claim, or say what it waits for."""
        claim = self._api.get(CLAIMS, key)
        if claim is None or is_deleting(claim):
            return DONE
        if BIND_COMPLETED in annotations_of(claim):
            self._keep_bound(claim)
            return DONE
        name = claim["spec"].get("volumeName")
        volume = self._named(claim, name) if name else self._free(claim)
        if volume is not None:
            self._bind(claim, volume)
            return DONE
        # syncUnboundClaim leaves the phase of a claim alone that a class is to provision for.
        if name or not claim["spec"].get("storageClassName") or self._waits_for_consumer(claim):
            self._set_phase(claim, "Pending")
        if name:
            return Result(RESYNC)
        return self._wait(claim)

    # --- finding a volume ------------------------------------------------------------------------------------

    def _named(self, claim: Obj, name: str) -> Obj | None:
        volume = self._api.get(VOLUMES, Key("", name))
        if volume is None:
            return None
        reference = volume["spec"].get("claimRef")
        if reference is None:
            return volume if is_match(volume, claim) else None
        return volume if _is_for(reference, claim) else None

    def _free(self, claim: Obj) -> Obj | None:
        reserved = [each for each in self._api.items(VOLUMES) if _is_for(each["spec"].get("claimRef"), claim)]
        for volume in reserved:
            if is_match(volume, claim):
                return volume
        if waits_for_consumer(self._api, claim) and SELECTED_NODE not in annotations_of(claim):
            return None
        found = [
            (storage_of(volume["spec"].get("capacity")), volume["metadata"]["name"], volume)
            for volume in self._api.items(VOLUMES)
            if not volume["spec"].get("claimRef") and is_match(volume, claim)
        ]
        return min(found, key=lambda each: each[:2])[2] if found else None

    def _wait(self, claim: Obj) -> Result:
        wanted = claim["spec"].get("storageClassName")
        if not wanted:
            message = "no persistent volumes available for this claim and no storage class is set"
            self._recorder.normal(claim, "FailedBinding", message)
            return Result(RESYNC)
        found = class_of(self._api, claim)
        if found is None:
            message = f'storageclass.storage.k8s.io "{wanted}" not found'
            self._recorder.warning(claim, "ProvisioningFailed", message)
            return Result(RESYNC)
        if self._waits_for_consumer(claim):
            message = "waiting for first consumer to be created before binding"
            users = self._consumers(claim)
            if users:
                message = f"waiting for pod{'s' if len(users) > 1 else ''} {','.join(users)} to be scheduled"
            self._recorder.normal(claim, "WaitForPodScheduled" if users else "WaitForFirstConsumer", message)
            return Result(RESYNC)
        provisioner = MIGRATED.get(found["provisioner"], found["provisioner"])
        if provisioner == NO_PROVISIONER:
            # A class without a provisioner waits for a volume made by hand, and says nothing.
            return Result(RESYNC)
        if annotations_of(claim).get(PROVISIONER) != provisioner:
            notes = {**annotations_of(claim), PROVISIONER: provisioner, OLD_PROVISIONER: provisioner}
            claim = self._api.update(
                CLAIMS, evolve(claim, ("metadata", "annotations"), notes), manager=MANAGER
            )
        message = (
            f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
            "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
            "correctly registered."
        )
        self._recorder.normal(claim, "ExternalProvisioning", message)
        return Result(RESYNC)

    def _waits_for_consumer(self, claim: Obj) -> bool:
        return waits_for_consumer(self._api, claim) and SELECTED_NODE not in annotations_of(claim)

    def _consumers(self, claim: Obj) -> list[str]:
        """Return the names of the pods that use the claim and have no node yet."""
        namespace, name = key_of(claim)
        return [
            pod["metadata"]["name"]
            for pod in self._api.items("pods", namespace)
            if name in claim_names(pod) and not pod["spec"].get("nodeName") and not is_finished(pod)
        ]

    # --- binding ---------------------------------------------------------------------------------------------

    def _bind(self, claim: Obj, volume: Obj) -> None:
        if not _is_for(volume["spec"].get("claimRef"), claim) or not volume["spec"]["claimRef"].get("uid"):
            bind_volume(self._api, claim, volume, MANAGER)
            volume = self._api.read(VOLUMES, key_of(volume))
        _set_volume_phase(self._api, volume, "Bound", self._clock)
        notes = {**annotations_of(claim), BIND_COMPLETED: "yes"}
        if not claim["spec"].get("volumeName"):
            notes[BOUND_BY_CONTROLLER] = "yes"
        changed = evolve(claim, ("metadata", "annotations"), notes)
        changed = evolve(changed, ("spec", "volumeName"), volume["metadata"]["name"])
        claim = self._api.update(CLAIMS, changed, manager=MANAGER)
        self._set_phase(claim, "Bound", volume)

    def _keep_bound(self, claim: Obj) -> None:
        volume = self._api.get(VOLUMES, Key("", claim["spec"].get("volumeName", "")))
        if volume is not None and _is_for(volume["spec"].get("claimRef"), claim):
            self._set_phase(claim, "Bound", volume)
            return
        if (claim.get("status") or {}).get("phase") != "Lost":
            self._set_phase(claim, "Lost")
            what = "its" if volume is None else "reference to"
            message = f"Bound claim has lost {what} PersistentVolume. Data on the volume is lost!"
            self._recorder.warning(claim, "ClaimLost", message)

    def _set_phase(self, claim: Obj, phase: str, volume: Obj | None = None) -> None:
        status = {**(claim.get("status") or {}), "phase": phase}
        if volume is not None:
            status["accessModes"] = volume["spec"].get("accessModes")
            status.setdefault("capacity", volume["spec"].get("capacity"))
        if status != claim.get("status"):
            self._api.update_status(CLAIMS, {**claim, "status": status}, manager=MANAGER)


def _is_for(reference: Obj | None, claim: Obj) -> bool:
    """Say whether a claimRef means this claim: by uid when it has one."""
    if not reference:
        return False
    metadata = claim["metadata"]
    return (
        reference.get("namespace") == metadata["namespace"]
        and reference.get("name") == metadata["name"]
        and reference.get("uid") in (None, "", metadata["uid"])
    )


def _set_volume_phase(api: Api, volume: Obj, phase: str, clock: Clock, message: str = "") -> None:
    old = volume.get("status") or {}
    if old.get("phase") == phase and old.get("message", "") == message:
        return
    status = {**old, "phase": phase, "lastPhaseTransitionTime": timestamp(clock.now())}
    status.pop("message", None)
    if message:
        status["message"] = message
    api.update_status(VOLUMES, {**volume, "status": status}, manager=MANAGER)


class VolumeController:
    """Follows volumes: Available, Bound, Released."""

    name: ClassVar[str] = "persistentvolume"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (Watch(VOLUMES), Watch(CLAIMS, self._keys_of_claim))

    def _keys_of_claim(self, event: StoreEvent) -> Iterable[Key]:
        name = event.obj["spec"].get("volumeName")
        return (Key("", name),) if name and event.type == "DELETED" else ()

    def reconcile(self, key: Key) -> Result:
        """Bring the phase to what the claim says."""
        volume = self._api.get(VOLUMES, key)
        if volume is None:
            return DONE
        reference = volume["spec"].get("claimRef")
        if not reference or not reference.get("uid"):
            if not is_deleting(volume):
                _set_volume_phase(self._api, volume, "Available", self._clock)
            return DONE
        claim = self._api.get(CLAIMS, Key(reference.get("namespace", ""), reference.get("name", "")))
        if claim is not None and claim["metadata"]["uid"] == reference["uid"]:
            return DONE
        if (volume.get("status") or {}).get("phase") in ("Released", "Failed"):
            return DONE
        _set_volume_phase(self._api, volume, "Released", self._clock)
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete" and "hostPath" in volume["spec"]:
            volume = self._api.read(VOLUMES, key)
            message = 'error getting deleter volume plugin for volume "{}": no volume plugin matched'
            _set_volume_phase(self._api, volume, "Failed", self._clock, message.format(key.name))
            self._recorder.warning(volume, "VolumeFailedDelete", message.format(key.name))
        return DONE


class ProtectionController:
    """Takes protection finalizers off claims and volumes that nobody uses any more."""

    name: ClassVar[str] = "storage-protection"

    def __init__(self, api: Api) -> None:
        """Wire it up."""
        self._api = api
        self.watches: Sequence[Watch] = (
            Watch(CLAIMS, _going),
            Watch(VOLUMES, _going),
            Watch("pods", self._keys_of_pod),
        )

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        """A pod that ends or goes may have been the last user."""
        if event.type != "DELETED" and not is_finished(event.obj):
            return ()
        return [Key(event.obj["metadata"]["namespace"], name) for name in claim_names(event.obj)]

    def reconcile(self, key: Key) -> Result:
        """Look at one claim, or at one volume (its key has no namespace)."""
        if key.namespace:
            claim = self._api.get(CLAIMS, key)
            if claim is not None and self._is_free(claim, CLAIM_PROTECTION) and not self._is_used(key):
                self._let_go(CLAIMS, key, CLAIM_PROTECTION)
            return DONE
        volume = self._api.get(VOLUMES, key)
        if volume is not None and self._is_free(volume, VOLUME_PROTECTION):
            is_bound = (volume.get("status") or {}).get("phase") == "Bound"
            if not is_bound:
                self._let_go(VOLUMES, key, VOLUME_PROTECTION)
        return DONE

    def _is_free(self, obj: Obj, finalizer: str) -> bool:
        return is_deleting(obj) and finalizer in (obj["metadata"].get("finalizers") or ())

    def _is_used(self, key: Key) -> bool:
        """Say whether a pod that has a node and has not ended uses the claim."""
        return any(
            key.name in claim_names(pod) and pod["spec"].get("nodeName") and not is_finished(pod)
            for pod in self._api.items("pods", key.namespace)
        )

    def _let_go(self, resource: str, key: Key, finalizer: str) -> None:
        try:
            self._api.finalize(resource, key, finalizer)
        except ApiError as error:
            if error.code != 404:
                raise


def _going(event: StoreEvent) -> Iterable[Key]:
    return (key_of(event.obj),) if is_deleting(event.obj) and event.type != "DELETED" else ()
