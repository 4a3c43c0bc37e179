"""KMS keys and encryption at rest."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import WARNING, Rule
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.keys-and-roles"
ROTATION = Rule(
    "kms-rotation", WARNING, "A KMS key that is never rotated.", "Set enable_key_rotation = true.", _LESSON
)
WINDOW = Rule(
    "kms-deletion-window", WARNING,
    "A cluster's key that can be gone in less than thirty days: without it the cluster cannot be repaired.",
    "Set deletion_window_in_days = 30.", _LESSON,
)  # fmt: skip
DISK = Rule(
    "eks-disk-encryption", WARNING, "A disk, volume or file system of the cluster that is not encrypted.",
    "Set encrypted = true.", "terraform.nodes",
)  # fmt: skip
RULES = (ROTATION, WINDOW, DISK)
_LONGEST_DAYS = 30


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with keys and disks."""
    of_clusters = {
        key.address
        for cluster in view.clusters
        for key in view.reached_by(cluster, "encryption_config", "provider", "key_arn", type="aws_kms_key")
    }
    for key in view.configuration.of_type("aws_kms_key"):
        rotates = view.value(key, "enable_key_rotation")
        is_plain = view.value(key, "customer_master_key_spec") in (None, "SYMMETRIC_DEFAULT")
        if rotates in (None, False) and is_plain:
            yield view.finding(ROTATION, key, "enable_key_rotation", says=f"{key.address} is never rotated")
        days = view.value(key, "deletion_window_in_days")
        if key.address in of_clusters and isinstance(days, int) and days < _LONGEST_DAYS:
            says = f"{key.address} encrypts a cluster and can be gone after {days} days"
            yield view.finding(WINDOW, key, "deletion_window_in_days", says=says)
    for template in view.configuration.of_type("aws_launch_template"):
        place = ("block_device_mappings", "ebs", "encrypted")
        found = view.value(template, *place)
        if found not in (True, "true", UNKNOWN) and template.blocks("block_device_mappings"):
            yield view.finding(
                DISK, template, *place, says=f"the disk of {template.address} is not encrypted"
            )
    for volume in view.configuration.of_type("aws_ebs_volume", "aws_efs_file_system"):
        if view.value(volume, "encrypted") in (None, False):
            yield view.finding(DISK, volume, "encrypted", says=f"{volume.address} is not encrypted")
