"""EBS volumes: states in simulated time, several attachments, limits per instance type."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.ec2.models import elastic_block_store as moto_volumes
from moto.ec2.models.block_device import BlockDeviceType

from eks_lab.aws.ec2.interfaces import InterfaceBackend
from eks_lab.aws.ec2.moment import has_passed, now
from eks_lab.aws.ec2.notices import touched
from eks_lab.aws.ec2.refusal import refuse
from eks_lab.catalog import instance_types

CREATING = timedelta(seconds=3)
"""How long a new empty volume is `creating`: a few seconds on EC2."""
ATTACHING = timedelta(seconds=2)
MOST_MULTI_ATTACHMENTS = 16
"""Nitro instances one io1 or io2 volume may be attached to (EBS user guide, "Multi-Attach")."""
MOST_ON_XEN = 39
"""Volumes besides the root that AWS advises on Xen instances, whose limit the catalogue does not have."""


class VolumeAttachment(moto_volumes.VolumeAttachment):
    """moto's attachment, `attaching` for a moment."""

    def __init__(self, volume: Volume, instance: Any, device: str, *, is_done: bool = False) -> None:
        """Attach.

        Args:
            volume: what is attached.
            instance: moto's, to which.
            device: `/dev/xvdaa`.
            is_done: attached at once, as a root volume is.
        """
        super().__init__(volume, instance, device, "attached")
        self.attach_time = now() - ATTACHING if is_done else now()

    @property
    def status(self) -> str:
        """Return `attaching` or `attached`."""
        return "attached" if has_passed(self.attach_time, ATTACHING) else "attaching"

    @status.setter
    def status(self, value: str) -> None:
        """Ignore what moto sets: the state follows from the time."""


class Volume(moto_volumes.Volume):
    """moto's volume with more than one attachment and a time to be created in."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Create a volume; arguments are moto's."""
        self.all_attachments: list[VolumeAttachment] = []
        super().__init__(*arguments, **options)
        self.create_time = now()
        touched(self.ec2_backend.account_id)

    @property
    def attachment(self) -> moto_volumes.VolumeAttachment | None:
        """Return the first attachment, or None."""
        return self.all_attachments[0] if self.all_attachments else None

    @attachment.setter
    def attachment(self, value: moto_volumes.VolumeAttachment | None) -> None:
        """Take moto's `None` of the start; attachments are made by the backend."""

    @property
    def attachments(self) -> list[moto_volumes.VolumeAttachment]:
        """Return every attachment in the order they were made."""
        return list(self.all_attachments)

    @property
    def status(self) -> str:
        """Return `creating`, `available` or `in-use`."""
        if self.all_attachments:
            return "in-use"
        return "available" if has_passed(self.create_time, CREATING) else "creating"

    def attachment_to(self, instance_id: str) -> VolumeAttachment | None:
        """Return the attachment to one instance, or None."""
        for each in self.all_attachments:
            if each.instance_id == instance_id:
                return each
        return None


def room_for_volumes(instance_type: str, interfaces: int) -> int:
    """Return how many volumes, the root included, an instance may have.

    Args:
        instance_type: of the catalogue; an unknown one has the Xen limit.
        interfaces: attached ENIs; many types count those beside the primary one against the same limit, as the
            calculators do.
    """
    catalogue = instance_types.catalogue()
    if instance_type not in catalogue:
        return MOST_ON_XEN + 1
    limits = catalogue.get(instance_type)
    if limits.ebs_attachments is None:
        return MOST_ON_XEN + 1
    return limits.ebs_attachments - (max(0, interfaces - 1) if limits.ebs_limit == "shared" else 0)


class VolumeBackend(InterfaceBackend):
    """What the mended EC2 does differently with volumes."""

    def volume_of(self, volume_id: str) -> Volume:
        """Return a volume.

        Raises:
            EC2ClientError: InvalidVolume.NotFound.
        """
        volume = self.get_volume(volume_id)
        assert isinstance(volume, Volume)
        return volume

    def attach_volume(
        self, volume_id: str, instance_id: str, device_path: str, delete_on_termination: bool = False
    ) -> moto_volumes.VolumeAttachment | None:
        """Attach a volume to an instance of its zone that has room for it.

        Raises:
            EC2ClientError: IncorrectState, VolumeInUse, InvalidVolume.ZoneMismatch, AttachmentLimitExceeded.
        """
        volume, instance = self.volume_of(volume_id), self.get_instance(instance_id)
        if volume.status == "creating":
            raise refuse("IncorrectState", f"{volume_id} is not 'available'.")
        if volume.attachment_to(instance_id) is not None:
            raise refuse("VolumeInUse", f"{volume_id} is already attached to an instance")
        if volume.all_attachments and not volume.multi_attach_enabled:
            raise refuse("VolumeInUse", f"{volume_id} is already attached to an instance")
        if len(volume.all_attachments) >= MOST_MULTI_ATTACHMENTS:
            raise refuse(
                "AttachmentLimitExceeded",
                f"Volume {volume_id} has reached its limit of {MOST_MULTI_ATTACHMENTS} attachments",
            )
        if instance.state not in ("running", "stopped"):
            raise refuse("IncorrectState", f"Instance '{instance_id}' is not 'running'.")
        if volume.availability_zone != instance.availability_zone:
            raise refuse(
                "InvalidVolume.ZoneMismatch",
                f"The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'",
            )
        if device_path in instance.block_device_mapping:
            raise refuse(
                "InvalidParameterValue",
                f"Invalid value '{device_path}' for unixDevice. Attachment point {device_path} is already in use",
            )
        room = room_for_volumes(instance.instance_type, len(instance.nics))
        if len(instance.block_device_mapping) >= room:
            raise refuse(
                "AttachmentLimitExceeded",
                f"Instance '{instance_id}' of type {instance.instance_type} cannot have more than {room} volumes"
                " attached",
            )
        return self.connect_volume(volume, instance, device_path, delete_on_termination=delete_on_termination)

    def connect_volume(
        self,
        volume: Volume,
        instance: Any,
        device: str,
        *,
        delete_on_termination: bool = False,
        is_done: bool = False,
    ) -> VolumeAttachment:
        """Record an attachment on both ends, without asking whether it may be."""
        touched(self.account_id)
        attachment = VolumeAttachment(volume, instance, device, is_done=is_done)  # type: ignore[abstract]
        volume.all_attachments.append(attachment)
        instance.block_device_mapping[device] = BlockDeviceType(
            volume_id=volume.id,
            status="in-use",
            size=volume.size,
            attach_time=attachment.attach_time,
            delete_on_termination=delete_on_termination,
        )
        return attachment

    def detach_volume(
        self, volume_id: str, instance_id: str, device_path: str
    ) -> moto_volumes.VolumeAttachment:
        """Detach a volume; it is free at once.

        Raises:
            EC2ClientError: IncorrectState, InvalidAttachment.NotFound, OperationNotPermitted for a root volume.
        """
        volume = self.volume_of(volume_id)
        if not volume.all_attachments:
            raise refuse("IncorrectState", f"Volume '{volume_id}' is in the 'available' state.")
        attachment = volume.attachment_to(instance_id) if instance_id else volume.all_attachments[0]
        if attachment is None or (device_path and attachment.device != device_path):
            raise refuse(
                "InvalidAttachment.NotFound",
                f"Volume '{volume_id}' is not attached to instance '{instance_id}'.",
            )
        instance = attachment.instance
        if attachment.device == instance.root_device_name and instance.state in ("pending", "running"):
            raise refuse(
                "OperationNotPermitted",
                f"Unable to detach root volume '{attachment.device}' from instance '{instance.id}'",
            )
        self.disconnect_volume(attachment)
        return attachment

    def disconnect_volume(self, attachment: moto_volumes.VolumeAttachment) -> None:
        """Take an attachment away on both ends, without asking whether it may be."""
        touched(self.account_id)
        volume = attachment.volume
        assert isinstance(volume, Volume)
        volume.all_attachments = [each for each in volume.all_attachments if each is not attachment]
        attachment.instance.block_device_mapping.pop(attachment.device, None)

    def delete_volume(self, volume_id: str) -> moto_volumes.Volume:
        """Delete a volume that is attached nowhere.

        Raises:
            EC2ClientError: InvalidVolume.NotFound, VolumeInUse.
        """
        volume = self.volume_of(volume_id)
        if volume.all_attachments:
            holder = volume.all_attachments[0].instance_id
            raise refuse("VolumeInUse", f"Volume {volume_id} is currently attached to {holder}")
        touched(self.account_id)
        del self.volumes[volume_id]
        self.tags.pop(volume_id, None)
        return volume

    def modify_volume(
        self,
        volume_id: str,
        target_size: int | None = None,
        target_volume_type: str | None = None,
        target_iops: int | None = None,
        target_throughput: int | None = None,
        target_multi_attach_enabled: bool | None = None,
    ) -> moto_volumes.Volume:
        """Change a volume; it never gets smaller.

        Raises:
            EC2ClientError: InvalidParameterValue, IncorrectState.
        """
        volume = self.volume_of(volume_id)
        if volume.status == "creating":
            raise refuse("IncorrectState", f"{volume_id} is not 'available'.")
        if target_size is not None and int(target_size) < int(volume.size):
            raise refuse(
                "InvalidParameterValue",
                f"New size cannot be smaller than existing size. Requested size: {target_size} GiB, existing"
                f" size: {volume.size} GiB.",
            )
        touched(self.account_id)
        return super().modify_volume(
            volume_id,
            target_size,
            target_volume_type,
            target_iops,
            target_throughput,
            target_multi_attach_enabled,
        )
