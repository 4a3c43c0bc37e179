"""Texts of attaching (pkg/controller/volume/attachdetach, pkg/volume/csi)."""

from __future__ import annotations

from collections.abc import Sequence

DRIVER = "ebs.csi.aws.com"


def conflict(volume: str, pods: Sequence[str]) -> str:
    """Return the Multi-Attach error of a volume that other pods use on another node."""
    what = f'Multi-Attach error for volume "{volume}" Volume is already '
    if pods:
        return f"{what}used by pod(s) {', '.join(pods)}"
    return f"{what}exclusively attached to one node and can't be attached to another"


def no_attacher(handle: str) -> str:
    """Return why nothing was attached: nobody looked at the VolumeAttachment."""
    return f"timed out waiting for external-attacher of {DRIVER} CSI driver to attach volume {handle}"


def not_registered(volume: str) -> str:
    """Return why a volume cannot be mounted on a node where the driver's plugin does not run."""
    return (
        f'MountVolume.MountDevice failed for volume "{volume}" : kubernetes.io/csi: attacher.MountDevice failed to create '
        f"newCsiDriverClient: driver name {DRIVER} not found in the list of registered CSI drivers"
    )
