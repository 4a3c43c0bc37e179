"""Instances: launches that can fail, states in simulated time, and everything given back at the end."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import EC2ClientError, InvalidInstanceIdError
from moto.ec2.models import instances as moto_instances
from moto.ec2.utils import filter_reservations

from eks_lab.aws.ec2 import launch_limits
from eks_lab.aws.ec2.interfaces import NetworkInterface
from eks_lab.aws.ec2.launch_request import METADATA_DEFAULTS, check_image, completed
from eks_lab.aws.ec2.moment import now
from eks_lab.aws.ec2.notices import touched
from eks_lab.aws.ec2.refusal import refuse, subnet_is_full, too_many_addresses, unknown_type
from eks_lab.aws.ec2.volumes import Volume, VolumeBackend
from eks_lab.catalog import instance_types

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
            _tell(self)
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
            _tell(self)
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
        _tell(self)
        return before

    def reboot(self) -> None:
        """Reboot: the state does not change."""


def _tell(instance: Instance) -> None:
    observer = observers.get(instance.owner_id)
    if observer is not None:
        observer.changed(instance)
    touched(instance.owner_id)


class InstanceBackend(VolumeBackend):
    """What the mended EC2 does differently with instances."""

    instance_index: dict[str, Instance]
    """Id -> instance, those just terminated included."""
    capacity: launch_limits.Capacity
    """Quotas, and what EC2 has no machines for at the moment."""

    def find_instances(self) -> Iterator[Instance]:
        """Yield every instance, in the order of their launch."""
        yield from self.instance_index.values()

    def instance_of(self, instance_id: str) -> Instance:
        """Return an instance.

        Raises:
            EC2ClientError: InvalidInstanceID.NotFound.
        """
        instance = self.instance_index.get(instance_id)
        if instance is None:
            raise InvalidInstanceIdError(instance_id)
        return instance

    def get_instance(self, instance_id: str) -> moto_instances.Instance:
        """Return an instance without looking through all reservations."""
        return self.instance_of(instance_id)

    def get_instance_by_id(self, instance_id: str) -> moto_instances.Instance | None:
        """Return an instance, or None."""
        return self.instance_index.get(instance_id)

    def get_multi_instances_by_id(
        self, instance_ids: list[str], filters: Any = None
    ) -> list[moto_instances.Instance]:
        """Return instances in the order asked for.

        Raises:
            EC2ClientError: InvalidInstanceID.NotFound names those that are not there.
        """
        missing = [each for each in instance_ids if each not in self.instance_index]
        if missing:
            raise InvalidInstanceIdError(missing)
        found = [self.instance_index[each] for each in instance_ids]
        return [each for each in found if each.applies(filters)]

    def get_reservations_by_instance_ids(
        self, instance_ids: list[str], filters: Any = None
    ) -> list[moto_instances.Reservation]:
        """Return reservations with the instances asked for, and no others, in them."""
        missing = [each for each in instance_ids if each not in self.instance_index]
        if missing:
            raise InvalidInstanceIdError(missing)
        wanted, found = set(instance_ids), []
        for reservation in self.reservations.values():
            instances = [each for each in reservation.instances if each.id in wanted]
            if instances:
                part = copy.copy(reservation)
                part.instances = instances
                found.append(part)
        return found if filters is None else filter_reservations(found, filters)

    def run_instances(
        self,
        image_id: str,
        count: int,
        user_data: Base64EncodedString | None,
        security_group_names: list[str],
        **kwargs: Any,
    ) -> moto_instances.Reservation:
        """Launch instances: all of them or none.

        Args:
            image_id: an AMI; empty takes the launch template's.
            count: how many.
            user_data: in base64; None takes the launch template's.
            security_group_names: of the default VPC.
            kwargs: moto's own, completed from the launch template here.

        Raises:
            EC2ClientError: what EC2 refuses: an unknown type, a zone without it, a quota, no capacity, a full subnet,
                more interfaces or addresses than the type carries.
        """
        kwargs = completed(self, kwargs)
        image_id = image_id or str(kwargs.pop("template_image_id", ""))
        check_image(self, image_id)
        if not kwargs.get("metadata_options"):
            kwargs["metadata_options"] = dict(METADATA_DEFAULTS)
        instance_type = str(kwargs.get("instance_type") or "m1.small")
        if instance_type not in instance_types.catalogue():
            raise unknown_type(instance_type)
        subnet_id = kwargs.get("subnet_id") or next(
            (each["SubnetId"] for each in kwargs.get("nics") or [] if each.get("SubnetId")), ""
        )
        place = self.subnet_of(subnet_id) if subnet_id else None
        zone = place.availability_zone if place else str(kwargs.get("placement") or f"{self.region_name}a")
        self._check_launch(instance_type, zone, count, kwargs, place)
        profile = (kwargs.get("iam_instance_profile_name"), kwargs.get("iam_instance_profile_arn"))
        is_from_template = bool(kwargs.pop("is_profile_from_template", False))
        known = set(self.instance_index)
        reservations = set(self.reservations)
        try:
            reservation = super().run_instances(image_id, count, user_data, security_group_names, **kwargs)
            for number, instance in enumerate(reservation.instances):
                # moto's response gives the profile of the call itself to the first instance, and to it alone.
                if any(profile) and (is_from_template or number):
                    self.associate_iam_instance_profile(instance.id, *profile)
        except Exception:
            self._undo_launch(known, reservations)
            raise
        for instance in reservation.instances:
            assert isinstance(instance, Instance)
            _tell(instance)
        return reservation

    def modify_instance_security_groups(
        self, instance_id: str, new_group_id_list: list[str]
    ) -> moto_instances.Instance:
        """Give an instance's primary interface other security groups; moto changes the instance alone.

        Raises:
            EC2ClientError: InvalidGroup.NotFound.
        """
        instance = self.instance_of(instance_id)
        groups = []
        for group_id in new_group_id_list:
            group = self.get_security_group_from_id(group_id)
            if group is None:
                raise refuse("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
            groups.append(group)
        instance.security_groups = groups
        if 0 in instance.nics:
            instance.nics[0]._group_set = groups
        return instance

    def forget_terminated(self) -> None:
        """Describe no longer what was terminated an hour ago."""
        moment = now()
        old = {
            each.id
            for each in self.instance_index.values()
            if each.terminated_at is not None and each.terminated_at + SHOWN_TERMINATED <= moment
        }
        if not old:
            return
        for reservation in list(self.reservations.values()):
            reservation.instances = [each for each in reservation.instances if each.id not in old]
            if not reservation.instances:
                del self.reservations[reservation.id]
        for instance_id in old:
            del self.instance_index[instance_id]
            self.tags.pop(instance_id, None)

    def _check_launch(
        self, instance_type: str, zone: str, count: int, kwargs: Mapping[str, Any], place: Any
    ) -> None:
        launch_limits.check_offered(instance_type, zone)
        is_spot = bool(kwargs.get("instance_market_options"))
        self.capacity.check(instance_type, zone, count, is_spot, self.instance_index.values())
        limits = instance_types.catalogue().get(instance_type)
        interfaces = kwargs.get("nics") or [{}]
        if len(interfaces) > limits.total_enis:
            raise refuse(
                "AttachmentLimitExceeded",
                f"Interface count {len(interfaces)} exceeds the limit for {instance_type}",
            )
        needed = 0
        for each in interfaces:
            if each.get("NetworkInterfaceId"):
                continue
            more = int(each.get("SecondaryPrivateIpAddressCount") or 0)
            prefixes = int(each.get("Ipv4PrefixCount") or 0)
            if 1 + more + prefixes > limits.ipv4_per_eni:
                raise too_many_addresses()
            needed += 1 + more + 16 * prefixes
        if place is not None and needed * count > place.available_ip_address_count:
            raise subnet_is_full()

    def _undo_launch(self, known: set[str], reservations: set[str]) -> None:
        """Take away what a launch left behind that failed half way."""
        for instance_id in set(self.instance_index) - known:
            instance = self.instance_index[instance_id]
            for interface in list(instance.nics.values()):
                interface.delete()
            instance.teardown_defaults()
            del self.instance_index[instance_id]
        for reservation_id in set(self.reservations) - reservations:
            del self.reservations[reservation_id]


def is_refusal(error: Exception, code: str) -> bool:
    """Say whether an error is EC2's of this code."""
    return isinstance(error, EC2ClientError) and error.code == code
