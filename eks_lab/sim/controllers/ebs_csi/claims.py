"""Provisioning and growing: what external-provisioner and external-resizer do for one claim. See the README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.ebs_csi.driver import NAME, DriverError, EbsDriver
from eks_lab.sim.controllers.ebs_csi.parameters import GIB, VolumeWish, wish_of
from eks_lab.sim.controllers.ebs_csi.registration import CSI_NODES, ZONE
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj, annotations_of, evolve, is_deleting, key_of, labels_of, timestamp
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent
from eks_lab.sim.volumes import (
    BIND_COMPLETED,
    CLAIMS,
    SELECTED_NODE,
    VOLUMES,
    claim_names,
    class_of,
    storage_of,
    waits_for_consumer,
)

PROVISIONER = "volume.kubernetes.io/storage-provisioner"
IN_TREE = "kubernetes.io/aws-ebs"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
FINALIZER = "external-provisioner.volume.kubernetes.io/finalizer"
CREATES_IN = timedelta(seconds=2)
"""From CreateVolume until the volume is available."""
FIRST_RETRY, LONGEST_RETRY = 1.0, 300.0
"""--retry-interval-start and --retry-interval-max of external-provisioner, in seconds."""
RESIZES_IN = timedelta(seconds=5)
"""From ModifyVolume until the new size counts (EC2: state optimizing)."""
MANAGER = "csi-provisioner"


class ClaimProvisioning:
    """Makes volumes for claims, and larger ones."""

    name: ClassVar[str] = "ebs-csi-claims"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder, driver: EbsDriver) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: where claims are.
            recorder: of the driver's sidecars.
            driver: makes volumes.
        """
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._driver = driver
        self._waits: dict[Key, float] = {}
        """Claim -> seconds of its last back-off."""
        self._made: dict[str, str] = {}
        """Name of a volume to be -> its id, so that a retry finds it."""
        self.watches: Sequence[Watch] = (
            Watch(CLAIMS),
            Watch("pods", self._keys_of_pod),
            Watch(CSI_NODES, self._keys_of_node),
        )

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        """Claims of a pod that began to run; all that wait when the driver's own pods change."""
        pod = event.obj
        if pod["metadata"].get("namespace") == "kube-system" and "ebs-csi" in pod["metadata"]["name"]:
            return [key_of(each) for each in self._api.items(CLAIMS)]
        old = (event.old or {}).get("status") or {}
        if (pod.get("status") or {}).get("phase") == "Running" != old.get("phase"):
            return [Key(pod["metadata"]["namespace"], name) for name in claim_names(pod)]
        return ()

    def _keys_of_node(self, event: StoreEvent) -> Iterable[Key]:
        return [key_of(each) for each in self._api.items(CLAIMS) if not each["spec"].get("volumeName")]

    def reconcile(self, key: Key) -> Result:
        """Make a volume for a claim that waits for ours, or a larger one for a claim that grew."""
        claim = self._api.get(CLAIMS, key)
        if claim is None or is_deleting(claim):
            self._waits.pop(key, None)
            return DONE
        if self._driver.leader() is None:
            return DONE
        if claim["spec"].get("volumeName"):
            self._waits.pop(key, None)
            return self._grow(claim)
        if annotations_of(claim).get(PROVISIONER) != NAME:
            return DONE
        if waits_for_consumer(self._api, claim) and SELECTED_NODE not in annotations_of(claim):
            return DONE
        found = class_of(self._api, claim)
        if found is None or found["provisioner"] not in (NAME, IN_TREE):
            return DONE
        if self._waits.get(key, 0.0) == 0.0:
            text = f'External provisioner is provisioning volume for claim "{key.namespace}/{key.name}"'
            self._recorder.normal(claim, "Provisioning", text)
        try:
            return self._provision(claim, found)
        except (DriverError, ValueError) as error:
            text = str(error)
            if isinstance(error, ValueError):
                text = f"rpc error: code = InvalidArgument desc = {error}"
        what = f'failed to provision volume with StorageClass "{found["metadata"]["name"]}": {text}'
        self._recorder.warning(claim, "ProvisioningFailed", what)
        wait = self._waits[key] = min(max(self._waits.get(key, 0.0) * 2, FIRST_RETRY), LONGEST_RETRY)
        return Result(timedelta(seconds=wait))

    # --- making --------------------------------------------------------------------------------------------------

    def _provision(self, claim: Obj, found: Obj) -> Result:
        key, name = key_of(claim), f"pvc-{claim['metadata']['uid']}"
        if self._api.get(VOLUMES, Key("", name)) is not None:
            return DONE
        wish = wish_of(found.get("parameters") or {}, storage_of(claim["spec"]["resources"].get("requests")))
        modes = set(claim["spec"].get("accessModes") or ())
        if "ReadWriteMany" in modes and claim["spec"].get("volumeMode", "Filesystem") == "Filesystem":
            raise ValueError(
                "Volume capabilities MULTI_NODE_MULTI_WRITER not supported. Only AccessModes[ReadWriteOnce] supported."
            )
        known = self._made.get(name)
        if known is None:
            made = self._driver.create(wish, self._zone(claim, found), name, self._tags(key, name))
            self._made[name] = made.id
            # Not a failure: the next look finds the volume made.
            self._waits[key] = max(self._waits.get(key, 0.0), 0.5)
            return Result(CREATES_IN)
        volume = self._driver.volume(known)
        if volume is None:
            del self._made[name]
            raise DriverError(f'Could not create volume "{name}": volume {known} is gone', "Aborted")
        if volume.state == "creating":
            return Result(CREATES_IN)
        self._api.create(
            VOLUMES, _volume_object(claim, found, wish, known, volume.zone, name), manager=MANAGER
        )
        self._recorder.normal(claim, "ProvisioningSucceeded", f"Successfully provisioned volume {name}")
        self._made.pop(name, None)
        self._waits.pop(key, None)
        return DONE

    def _zone(self, claim: Obj, found: Obj) -> str:
        """Return the zone that topology asks for: the selected node's, or one with the driver."""
        node = annotations_of(claim).get(SELECTED_NODE, "")
        if node:
            entry = self._api.get(CSI_NODES, Key("", node)) or {"spec": {}}
            if all(each["name"] != NAME for each in entry["spec"].get("drivers") or ()):
                text = f"error generating accessibility requirements: no topology key found on CSINode {node}"
                raise _UnplacedError(text)
            return labels_of(self._api.read("nodes", Key("", node))).get(ZONE, "")
        zones = {labels_of(each).get(ZONE, "") for each in self._api.items("nodes")} - {""}
        for term in found.get("allowedTopologies") or ():
            for each in term.get("matchLabelExpressions") or ():
                if each["key"].endswith("/zone"):
                    zones &= set(each["values"])
        if not zones:
            raise _UnplacedError("error generating accessibility requirements: no available topology found")
        number = sum(claim["metadata"]["name"].encode())
        chosen: str = sorted(zones)[number % len(zones)]
        return chosen

    def _tags(self, key: Key, name: str) -> dict[str, str]:
        tags = {
            "CSIVolumeName": name,
            "ebs.csi.aws.com/cluster": "true",
            "kubernetes.io/created-for/pvc/name": key.name,
            "kubernetes.io/created-for/pvc/namespace": key.namespace,
            "kubernetes.io/created-for/pv/name": name,
        }
        cluster = self._driver.cluster()
        if cluster:
            tags |= {
                f"kubernetes.io/cluster/{cluster}": "owned",
                "KubernetesCluster": cluster,
                "Name": f"{cluster}-dynamic-{name}",
            }
        return tags

    # --- growing -------------------------------------------------------------------------------------------------

    def _grow(self, claim: Obj) -> Result:
        """Make the volume of a bound claim larger; the file system follows when a pod uses it."""
        if BIND_COMPLETED not in annotations_of(claim):
            return DONE
        volume = self._api.get(VOLUMES, Key("", claim["spec"]["volumeName"]))
        handle = ((volume or {}).get("spec", {}).get("csi") or {}).get("volumeHandle")
        if volume is None or volume["spec"].get("csi", {}).get("driver") != NAME or not handle:
            return DONE
        wanted = storage_of(claim["spec"]["resources"].get("requests"))
        if wanted <= storage_of((claim.get("status") or {}).get("capacity")):
            return DONE
        size = max(1, -(-wanted // GIB))
        if storage_of(volume["spec"]["capacity"]) < wanted:
            return self._modify(claim, volume, handle, size)
        if not _has_condition(claim, "FileSystemResizePending"):
            text = "Waiting for user to (re-)start a pod to finish file system resize of volume on node."
            self._conditions(claim, "FileSystemResizePending", text)
            self._recorder.normal(
                claim, "FileSystemResizeRequired", "Require file system resize of volume on node"
            )
            return Result(timedelta(seconds=1))
        return self._grow_file_system(claim, volume, size)

    def _modify(self, claim: Obj, volume: Obj, handle: str, size: int) -> Result:
        name = volume["metadata"]["name"]
        try:
            if not _has_condition(claim, "Resizing"):
                self._conditions(claim, "Resizing", "")
                self._recorder.normal(claim, "Resizing", f"External resizer is resizing volume {name}")
                self._driver.modify(handle, size)
                return Result(RESIZES_IN)
            known = self._driver.volume(handle)
            if known is None or known.size_gib < size:
                self._driver.modify(handle, size)
                return Result(RESIZES_IN)
        except DriverError as error:
            text = f'resize volume "{name}" by resizer "{NAME}" failed: {error}'
            self._recorder.warning(claim, "VolumeResizeFailed", text)
            return Result(timedelta(seconds=60))
        changed = evolve(volume, ("spec", "capacity", "storage"), f"{size}Gi")
        self._api.update(VOLUMES, changed, manager="csi-resizer")
        return Result(timedelta(milliseconds=100))

    def _grow_file_system(self, claim: Obj, volume: Obj, size: int) -> Result:
        """Finish where a pod runs with the claim (pkg/kubelet, MountVolume.NodeExpandVolume)."""
        namespace, name = key_of(claim)
        users = [
            pod
            for pod in self._api.items("pods", namespace)
            if name in claim_names(pod)
            and (pod.get("status") or {}).get("phase") == "Running"
            and not is_finished(pod)
        ]
        if not users:
            return DONE
        text = f'MountVolume.NodeExpandVolume succeeded for volume "{volume["metadata"]["name"]}"'
        for pod in users:
            self._recorder.normal(pod, "FileSystemResizeSuccessful", f"{text} {pod['spec']['nodeName']}")
        status = {**claim["status"], "capacity": {"storage": f"{size}Gi"}}
        status.pop("conditions", None)
        self._api.update_status(CLAIMS, {**claim, "status": status}, manager="kubelet")
        self._recorder.normal(claim, "FileSystemResizeSuccessful", f"{text} {users[0]['spec']['nodeName']}")
        return DONE

    def _conditions(self, claim: Obj, kind: str, message: str) -> None:
        condition = {
            "type": kind,
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._clock.now()),
            "message": message,
        }
        changed = evolve(claim, ("status", "conditions"), [condition])
        self._api.update_status(CLAIMS, changed, manager="csi-resizer")


class _UnplacedError(DriverError):
    """No place for a volume: said by the provisioner itself, not by the driver."""

    def __init__(self, text: str) -> None:
        """Refuse."""
        Exception.__init__(self, text)


def _has_condition(claim: Obj, kind: str) -> bool:
    return any(each["type"] == kind for each in (claim.get("status") or {}).get("conditions") or ())


def _volume_object(claim: Obj, found: Obj, wish: VolumeWish, handle: str, zone: str, name: str) -> Obj:
    metadata = claim["metadata"]
    expression = {"key": ZONE, "operator": "In", "values": [zone]}
    spec: Obj = {
        "capacity": {"storage": f"{wish.size_gib}Gi"},
        "accessModes": claim["spec"]["accessModes"],
        "claimRef": {
            "kind": "PersistentVolumeClaim",
            "apiVersion": "v1",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
        "csi": {
            "driver": NAME,
            "fsType": wish.file_system,
            "volumeHandle": handle,
            "volumeAttributes": {
                "storage.kubernetes.io/csiProvisionerIdentity": f"1763900000000-8081-{NAME}"
            },
        },
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}},
        "persistentVolumeReclaimPolicy": found.get("reclaimPolicy") or "Delete",
        "storageClassName": found["metadata"]["name"],
        "volumeMode": claim["spec"].get("volumeMode") or "Filesystem",
    }
    if found.get("mountOptions"):
        spec["mountOptions"] = found["mountOptions"]
    if spec["volumeMode"] == "Block":
        del spec["csi"]["fsType"]
    return {
        "metadata": {
            "name": name,
            "annotations": {
                PROVISIONED_BY: NAME,
                "volume.kubernetes.io/provisioner-deletion-secret-name": "",
                "volume.kubernetes.io/provisioner-deletion-secret-namespace": "",
            },
            "finalizers": [FINALIZER],
        },
        "spec": spec,
    }
