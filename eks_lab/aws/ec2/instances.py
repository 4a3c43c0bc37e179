"""Instances: states in simulated time, and everything given back at the end."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any, Protocol

from moto.core.types import Base64EncodedString
from moto.ec2.models import instances as moto_instances

from eks_lab.aws.ec2.interfaces import NetworkInterface
from eks_lab.aws.ec2.moment import now
from eks_lab.aws.ec2.notices import touched
from eks_lab.aws.ec2.refusal import refuse
from eks_lab.aws.ec2.volumes import Volume

STARTING = timedelta(seconds=8)
"""How long a new or started instance is `pending`; EC2 takes some seconds."""
STOPPING = timedelta(seconds=20)
SHUTTING_DOWN = timedelta(seconds=15)
SHOWN_TERMINATED = timedelta(hours=1)
"""How long a terminated instance is still described (EC2 user guide, "Terminate instances")."""

_LASTING = {"running": ("pending", 0), "stopped": ("stopping", 64), "terminated": ("shutting-down", 32)}
"""State reached in the end -> what it is called, and its code, on the way."""
_CODES = {"running": 16, "stopped": 80, "terminated": 48}
_DELAYS = {"running": STARTING, "stopped": STOPPING, "terminated": SHUTTING_DOWN}


class Observer(Protocol):
    """What an account wants to know of its instances, and what it knows of them."""

    def changed(self, instance: Instance) -> None:
        """Take note that an instance was launched or ordered into another state."""
        ...

    def console(self, instance_id: str) -> str:
        """Return what an instance wrote on its console."""
        ...


observers: dict[str, Observer] = {}
"""Account id -> its observer. Here and not on the backend, whose own state is kept and restored."""


class Instance(moto_instances.Instance):
    """moto's instance, whose state follows from the time of the last order."""

    nics: dict[int, NetworkInterface]  # type: ignore[assignment]
    """Device index -> interface."""

    def __init__(
        self,
        ec2_backend: Any,
        image_id: str,
        user_data: Base64EncodedString | None,
        security_groups: list[Any],
        **kwargs: Any,
    ) -> None:
        """Launch; arguments are moto's."""
        self._towards = "running"
        self._since: datetime = now()
        self.last_private_address = ""
        self.launched_for = ""
        """Name of the cluster whose node group launched it; its record in the account is found by it."""
        self.capacity_type = "SPOT" if kwargs.get("instance_market_options") else "ON_DEMAND"
        super().__init__(ec2_backend, image_id, user_data, security_groups, **kwargs)
        self.launch_time = self._since
        self.virtualization_type = "hvm"
        self.terminated_at: datetime | None = None
        ec2_backend.instance_index[self.id] = self

    def __del__(self) -> None:
        """Leave addresses alone: moto gives back whatever the instance once had, long after somebody else has it."""

    @property
    def _state(self) -> moto_instances.InstanceState:
        if now() < self._since + _DELAYS[self._towards]:
            return moto_instances.InstanceState(*_LASTING[self._towards])
        return moto_instances.InstanceState(self._towards, _CODES[self._towards])

    @_state.setter
    def _state(self, value: moto_instances.InstanceState) -> None:
        """Ignore what moto sets: the state follows from `head_for`."""

    def head_for(self, state: str, since: datetime | None = None) -> None:
        """Begin to run, stop or terminate.

        Args:
            state: `running`, `stopped`, `terminated`.
            since: when the order came; None takes now.
        """
        self._towards = state
        self._since = since or now()

    @property
    def is_terminating(self) -> bool:
        """Say whether the instance was ordered to terminate."""
        return self._towards == "terminated"

    @property
    def running_since(self) -> datetime | None:
        """Return when it began, or will begin, to run; None when it is not to run."""
        return self._since + STARTING if self._towards == "running" else None

    @property
    def private_ip(self) -> str | None:
        """Return the primary address; a terminated instance has none."""
        return self.nics[0].private_ip_address if 0 in self.nics else None

    @property
    def private_ip_address(self) -> str | None:
        """Return the primary address; a terminated instance has none."""
        return self.private_ip

    @property
    def private_dns_name(self) -> str:
        """Return `ip-10-0-1-10.ec2.internal`; empty when it has no address any more."""
        return super().private_dns_name if self.private_ip else ""

    @property
    def public_ip(self) -> str | None:
        """Return the public address of the primary interface, or None."""
        return self.nics[0].public_ip if 0 in self.nics else None

    @property
    def public_ip_address(self) -> str | None:
        """Return the public address of the primary interface, or None."""
        return self.public_ip

    def setup_defaults(self) -> None:
        """Give it the root volume of its image: 8 GiB gp3, as AL2023 has it."""
        self.add_block_device(8, self.root_device_name, None, False, True, None, "gp3")

    def add_block_device(
        self,
        size: int,
        device_path: str,
        snapshot_id: str | None,
        encrypted: bool,
        delete_on_termination: bool,
        kms_key_id: str | None,
        volume_type: str | None,
    ) -> None:
        """Create and attach a volume of the launch, there from the start."""
        volume = self.ec2_backend.create_volume(
            size=size,
            zone_name=self._placement.zone,
            snapshot_id=snapshot_id,
            encrypted=encrypted,
            kms_key_id=kms_key_id,
            volume_type=volume_type,
        )
        self.ec2_backend.connect_volume(
            volume, self, device_path, delete_on_termination=delete_on_termination, is_done=True
        )

    def teardown_defaults(self) -> None:
        """Detach every volume and delete those that go with the instance."""
        for device, block in list(self.block_device_mapping.items()):
            volume = self.ec2_backend.volumes.get(block.volume_id)
            if not isinstance(volume, Volume):
                continue
            attachment = volume.attachment_to(self.id)
            if attachment is not None:
                self.ec2_backend.disconnect_volume(attachment)
            self.block_device_mapping.pop(device, None)
            if block.delete_on_termination and not volume.all_attachments:
                self.ec2_backend.delete_volume(volume.id)

    def prep_nics(
        self,
        nic_spec: list[dict[str, Any]],
        private_ip: str | None = None,
        associate_public_ip: bool | None = None,
        security_groups: list[Any] | None = None,
        ipv6_address_count: int | None = None,
    ) -> None:
        """Make the interfaces of the launch; those made here go with the instance unless told otherwise."""
        asked = {int(each.get("DeviceIndex") or 0): each for each in copy.deepcopy(nic_spec)}
        try:
            super().prep_nics(nic_spec, private_ip, associate_public_ip, security_groups, ipv6_address_count)
        except Exception:
            for interface in list(self.nics.values()):
                interface.delete()
            for address in self._private_ips:
                self.ec2_backend.get_subnet(self.subnet_id).del_subnet_ip(address)
            raise
        for index, interface in self.nics.items():
            wanted = asked.get(index, {})
            if not wanted.get("NetworkInterfaceId"):
                interface.delete_on_termination = wanted.get("DeleteOnTermination") is not False
                interface.description = wanted.get("Description") or ""
            count, prefixes = (
                int(wanted.get("SecondaryPrivateIpAddressCount") or 0),
                int(wanted.get("Ipv4PrefixCount") or 0),
            )
            if count or prefixes:
                self.ec2_backend.assign_private_ip_addresses(
                    interface.id, None, count, ipv4_prefix_count=prefixes
                )
        self.last_private_address = self.private_ip or ""

    def start(self) -> moto_instances.InstanceState:
        """Run again; one that runs goes on."""
        before = self._state
        if self.is_terminating:
            raise refuse(
                "IncorrectInstanceState",
                f"The instance '{self.id}' is not in a state from which it can be started.",
            )
        if self._towards != "running":
            super().start()
            self.head_for("running")
            tell(self)
        return before

    def stop(self) -> moto_instances.InstanceState:
        """Stop; one that is stopped stays so."""
        before = self._state
        if self.is_terminating:
            raise refuse(
                "IncorrectInstanceState",
                f"The instance '{self.id}' is not in a state from which it can be stopped.",
            )
        if self._towards != "stopped":
            super().stop()
            self.head_for("stopped")
            tell(self)
        return before

    def terminate(self) -> moto_instances.InstanceState:
        """Terminate: interfaces and volumes that go with it are gone, the others are free."""
        before = self._state
        if self.is_terminating:
            return before
        interfaces = list(self.nics.values())
        for interface in interfaces:
            interface.stop()
            if interface.delete_on_termination:
                interface.delete()
            else:
                self.detach_eni(interface)
        for address in self.ec2_backend.addresses:
            if address.instance is self:
                address.instance = address.eni = address.association_id = None
        super().terminate()
        self.head_for("terminated")
        self.terminated_at = now()
        tell(self)
        return before

    def reboot(self) -> None:
        """Reboot: the state does not change."""


def tell(instance: Instance) -> None:
    """Tell the account that an instance was launched or ordered into another state."""
    observer = observers.get(instance.owner_id)
    if observer is not None:
        observer.changed(instance)
    touched(instance.owner_id)
