"""Limits of volumes, file systems and attachments."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import catalogue
from eks_lab.catalog.volume_types import read_volume_types, volume_types
from eks_lab.errors import DataError


def test_gp3_of_the_fact_sheet() -> None:
    """B9: 3,000 IOPS and 125 MiB/s included; limits 80,000, 2,000 and 64 TiB (EC2 service model)."""
    gp3 = volume_types().block["gp3"]
    assert (gp3.included_iops, gp3.included_mibps) == (3000, 125)
    assert (gp3.most_iops, gp3.most_mibps, gp3.most_gib) == (80_000, 2000, 64 * 1024)


def test_io2_of_the_fact_sheet() -> None:
    """B9: up to 256,000 IOPS; A 6.3: Multi-Attach to 16 instances, which gp3 has not."""
    block = volume_types().block
    assert (block["io2"].most_iops, block["io2"].multi_attach) == (256_000, 16)
    assert block["gp3"].multi_attach == 1


# aws-ebs-csi-driver of 2026-08-19, GetVolumeLimits: type -> (limit, shared with ENIs).
DRIVER = [
    ("t3.medium", 27, True),
    ("m5.large", 27, True),
    ("m5d.large", 26, True),
    ("c5d.18xlarge", 25, True),
    ("g5.xlarge", 25, True),
    ("m7g.large", 27, True),
    ("m7i.large", 32, False),
    ("m7i.48xlarge", 128, False),
    ("c7a.16xlarge", 48, False),
    ("m5.metal", 31, True),
    ("m8a.metal-48xl", 79, False),
    ("i7i.metal-24xl", 39, False),
    ("c8gn.metal-24xl", 39, False),
    ("m4.large", 39, False),
    ("t2.micro", 39, False),
]


@pytest.mark.parametrize(("name", "limit", "shared"), DRIVER)
def test_limits_as_the_driver_counts_them(name: str, limit: int, shared: bool) -> None:
    assert volume_types().attachments.limit(instance_types.get(name)) == (limit, shared)


@pytest.mark.parametrize(
    ("name", "enis", "volumes"),
    [
        ("m5.large", 1, 26),
        ("m5.large", 3, 24),
        ("m7i.large", 1, 31),
        ("m7i.large", 3, 31),
        ("m4.large", 2, 38),
    ],
)
def test_volumes_on_a_node(name: str, enis: int, volumes: int) -> None:
    """The lesson storage.access-and-limits works m5.large and m7i.large through."""
    assert volume_types().attachments.volumes(instance_types.get(name), enis) == volumes


def test_never_below_one_because_zero_means_no_limit() -> None:
    instance = replace(instance_types.get("m5.large"), ebs_attachments=2)
    assert volume_types().attachments.volumes(instance, 3) == 1


def test_a_limit_that_is_not_on_record() -> None:
    instance = replace(instance_types.get("m5.large"), ebs_attachments=None)
    assert volume_types().attachments.limit(instance) is None
    assert volume_types().attachments.volumes(instance, 1) is None


def test_more_enis_never_leave_more_volumes() -> None:
    attachments = volume_types().attachments
    for instance in catalogue():
        counts = [attachments.volumes(instance, enis) for enis in range(1, instance.total_enis + 1)]
        known = [count for count in counts if count is not None]
        assert len(known) in (0, len(counts))
        assert known == sorted(known, reverse=True)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "volume_types.json"
    path.write_text(json.dumps({"format": 1, "source": {"title": "t", "date": "2026-01-01"}, "block": {}}))
    with pytest.raises(DataError, match=r"volume_types\.json"):
        read_volume_types(path)
