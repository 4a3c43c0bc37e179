"""The driver's controller: whether it runs, whose credentials it has, and its calls to EC2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.cloud import Caller, Cloud, CloudError, Volume
from eks_lab.sim.controllers.ebs_csi.parameters import VolumeWish
from eks_lab.sim.objects import Key, Obj, is_condition_true, is_deleting, labels_of

NAME = "ebs.csi.aws.com"
CSI_DRIVERS = "csidrivers.storage.k8s.io"
CLUSTER_FLAG = "--k8s-tag-cluster-id="
CONTROLLER, PLUGIN = "ebs-csi-controller", "ebs-plugin"

Answer = TypeVar("Answer")


class DriverError(Exception):
    """The driver cannot do what a sidecar asks for."""

    def __init__(self, text: str, code: str = "Internal") -> None:
        """Refuse.

        Args:
            text: the driver's sentence.
            code: of gRPC.
        """
        super().__init__(f"rpc error: code = {code} desc = {text}")


class EbsDriver:
    """Calls EC2 with the credentials of the pod that leads the driver's controller."""

    def __init__(
        self,
        clock: Clock,
        api: Api,
        ids: Ids,
        cloud: Cloud,
        caller_of: Callable[[Obj, str], Caller],
        say: Callable[[Obj, str, str], None],
    ) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: where the driver's pods are.
            ids: for request identifiers.
            cloud: EC2.
            caller_of: pod and container -> whose credentials its calls carry; raises CloudError.
            say: writes into a container's log.
        """
        self._clock = clock
        self._api = api
        self._ids = ids
        self._cloud = cloud
        self._caller_of = caller_of
        self._say = say

    def leader(self) -> Obj | None:
        """Return the controller's pod that works: the first that is ready; None while the driver is not installed."""
        if self._api.get(CSI_DRIVERS, Key("", NAME)) is None:
            return None
        for pod in self._api.items("pods", "kube-system"):
            labels = labels_of(pod)
            is_ours = CONTROLLER in (labels.get("app"), labels.get("app.kubernetes.io/component"))
            if is_ours and is_condition_true(pod, "Ready") and not is_deleting(pod):
                return pod
        return None

    def cluster(self) -> str:
        """Return the cluster's name for tags, from the flag --k8s-tag-cluster-id; empty without it."""
        leader = self.leader()
        for container in leader["spec"]["containers"] if leader is not None else ():
            for word in container.get("args") or ():
                if container["name"] == PLUGIN and word.startswith(CLUSTER_FLAG):
                    return str(word.removeprefix(CLUSTER_FLAG))
        return ""

    def create(self, wish: VolumeWish, zone: str, name: str, tags: Mapping[str, str]) -> Volume:
        """Create a volume.

        Raises:
            DriverError: EC2 refuses.
        """
        what = f'Could not create volume "{name}": could not create volume in EC2'
        return self._call(
            what,
            lambda caller: self._cloud.create_volume(
                caller,
                zone,
                wish.size_gib,
                wish.type,
                iops=wish.iops,
                throughput=wish.throughput,
                is_encrypted=wish.is_encrypted,
                kms_key_id=wish.kms_key_id,
                tags={**wish.tags, **tags},
            ),
        )

    def volume(self, volume_id: str) -> Volume | None:
        """Return a volume, or None.

        Raises:
            DriverError: EC2 refuses.
        """
        return self._call(
            f'Could not get volume with ID "{volume_id}"',
            lambda caller: self._cloud.volume(caller, volume_id),
        )

    def delete(self, volume_id: str) -> None:
        """Delete a volume; one that is gone already is no error.

        Raises:
            DriverError: EC2 refuses.
        """
        if self.volume(volume_id) is not None:
            what = f'Could not delete volume ID "{volume_id}": DeleteDisk could not delete volume'
            self._call(what, lambda caller: self._cloud.delete_volume(caller, volume_id))

    def modify(self, volume_id: str, size_gib: int) -> None:
        """Make a volume larger.

        Raises:
            DriverError: EC2 refuses.
        """
        what = f'Could not resize volume "{volume_id}": unable to modify AWS volume "{volume_id}"'
        self._call(what, lambda caller: self._cloud.modify_volume(caller, volume_id, size_gib))

    def attach(self, volume_id: str, instance_id: str) -> str:
        """Attach a volume; return its device. One that is attached there already stays.

        Raises:
            DriverError: EC2 refuses.
        """
        known = self.volume(volume_id)
        for where, device in known.attachments if known is not None else ():
            if where == instance_id:
                return device
        what = f'Could not attach volume "{volume_id}" to node "{instance_id}": could not attach volume'
        what += f' "{volume_id}" to node "{instance_id}"'
        return self._call(what, lambda caller: self._cloud.attach_volume(caller, volume_id, instance_id))

    def detach(self, volume_id: str, instance_id: str) -> None:
        """Detach a volume; one that is not attached there is no error.

        Raises:
            DriverError: EC2 refuses.
        """
        known = self.volume(volume_id)
        if known is None or all(where != instance_id for where, _device in known.attachments):
            return
        what = f'Could not detach volume "{volume_id}" from node "{instance_id}"'
        self._call(what, lambda caller: self._cloud.detach_volume(caller, volume_id, instance_id))

    def _call(self, what: str, call: Callable[[Caller], Answer]) -> Answer:
        leader = self.leader()
        if leader is None:
            raise DriverError(f"{what}: the driver's controller does not run", "Unavailable")
        try:
            return call(self._caller_of(leader, PLUGIN))
        except CloudError as error:
            text = self._text(what, error)
            self._log(leader, f'"GRPC error" err="{DriverError(text)}"')
            raise DriverError(text) from error

    def _text(self, what: str, error: CloudError) -> str:
        operation = f"operation error EC2: {error.operation}" if error.operation else "operation error EC2"
        if error.code == "CredentialsError":
            return f"{what}: operation error EC2: {error.message}"
        status = f"https response error StatusCode: {error.status}, RequestID: {self._ids.uid()}"
        return f"{what}: {operation}, {status}, api error {error.code}: {error.message}"

    def _log(self, pod: Obj, text: str) -> None:
        self._say(pod, PLUGIN, f"E{_klog(self._clock.now())}       1 driver.go:108] {text}")


def _klog(moment: datetime) -> str:
    return moment.strftime("%m%d %H:%M:%S.%f")
