"""Launches that can fail, instances that are found, and those that are forgotten."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models import instances as moto_instances
from moto.ec2.utils import filter_reservations

from eks_lab.aws.ec2 import launch_limits
from eks_lab.aws.ec2.instances import SHOWN_TERMINATED, Instance, tell
from eks_lab.aws.ec2.launch_request import METADATA_DEFAULTS, check_image, completed
from eks_lab.aws.ec2.moment import now
from eks_lab.aws.ec2.refusal import refuse, subnet_is_full, too_many_addresses, unknown_type
from eks_lab.aws.ec2.volumes import VolumeBackend
from eks_lab.catalog import instance_types


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
            tell(instance)
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
