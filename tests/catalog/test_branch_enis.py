"""Branch ENIs: the rule, the exceptions, and what is not on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.catalog import branch_enis, instance_types
from eks_lab.catalog.branch_enis import read_record, record
from eks_lab.catalog.instance_types import catalogue
from eks_lab.errors import DataError

# Read from AWS's published VPC limits; each line a different reason.
KNOWN = [
    ("t3.small", 0),
    ("t3.medium", 0),
    ("t3.large", 0),
    ("t4g.2xlarge", 0),
    ("t8i.medium", 0),
    ("m4.large", 0),
    ("m5.large", 9),
    ("m6i.large", 9),
    ("m7i.large", 9),
    ("m7g.large", 9),
    ("m8g.large", 9),
    ("c5.large", 9),
    ("m7g.medium", 4),
    ("c7g.medium", 4),
    ("m5.xlarge", 18),
    ("m5.2xlarge", 38),
    ("m5.4xlarge", 54),
    ("m5.8xlarge", 54),
    ("m5.12xlarge", 54),
    ("m5.24xlarge", 107),
    ("m6i.8xlarge", 84),  # newer x86 families have larger budgets from 32 vCPUs on
    ("m6i.12xlarge", 114),
    ("m7i-flex.large", 3),  # flex types have the budget of half as many vCPUs
    ("m7i-flex.4xlarge", 34),
    ("p5.48xlarge", 120),  # exceptions
    ("m5.metal", 120),
    ("g5.xlarge", 4),
    ("i4i.xlarge", 6),
]


@pytest.mark.parametrize(("name", "expected"), KNOWN)
def test_known_types(name: str, expected: int) -> None:
    assert instance_types.get(name).branch_enis == expected


def test_what_is_not_on_record_stays_unknown() -> None:
    unknown = {found.family for found in catalogue() if found.branch_enis is None}
    assert unknown == {"hpc6a", "hpc6id", "hpc7a", "hpc8a", "r9g", "r9gd", "trn2", "trn2u"}
    assert record().branch_enis("m99z.large", vcpus=2, total_enis=3) is None


def test_no_t_family_can_trunk() -> None:
    burstable = [found for found in catalogue() if found.family[0] == "t" and found.family[1].isdigit()]
    assert len(burstable) > 25
    assert {found.branch_enis for found in burstable} == {0}


def test_the_record_is_tidy() -> None:
    found = record()
    families = {instance.family for instance in catalogue()}
    assert not found.without_trunk & set(found.curve_of)
    assert set(found.exceptions) <= set(catalogue().names)
    assert set(found.curve_of) <= families
    for name, branches in found.exceptions.items():
        instance = instance_types.get(name)
        by_rule = branch_enis.BranchEnis(
            source=found.source,
            budgets=found.budgets,
            curve_of=found.curve_of,
            without_trunk=found.without_trunk,
            exceptions={},
        ).branch_enis(name, vcpus=instance.vcpus, total_enis=instance.total_enis)
        assert branches != by_rule, f"{name} is no exception"


def test_branches_never_go_below_zero() -> None:
    assert record().branch_enis("m5.odd", vcpus=1, total_enis=99) == 0


def _document() -> dict[str, object]:
    return {
        "format": 1,
        "source": {"title": "t", "date": "2026-01-01"},
        "budgets": {"standard": [[2, 12], [None, 22]]},
        "families": {"standard": "m5 c5"},
        "without_trunk": "t3",
        "exceptions": {},
    }


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "branches.json"
    path.write_text(json.dumps(_document()))
    found = read_record(path)
    assert found.branch_enis("c5.large", vcpus=2, total_enis=3) == 9
    assert found.branch_enis("c5.xlarge", vcpus=4, total_enis=4) == 18


@pytest.mark.parametrize(
    "changes",
    [
        {"budgets": {"standard": [[2, 12]]}},
        {"families": {"elsewhere": "m5"}},
        {"families": None},
        {"without_trunk": 3},
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "branches.json"
    path.write_text(json.dumps(_document() | changes))
    with pytest.raises(DataError, match=r"branches\.json"):
        read_record(path)
