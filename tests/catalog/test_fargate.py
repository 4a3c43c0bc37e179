"""Fargate's sizes and terms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.catalog.fargate import fargate_terms, read_fargate_terms
from eks_lab.errors import DataError

# EKS user guide, Understand Fargate Pod configuration details (fact sheet B7): vCPU -> GB.
TABLE = {
    0.25: [0.5, 1, 2],
    0.5: [1, 2, 3, 4],
    1: list(range(2, 9)),
    2: list(range(4, 17)),
    4: list(range(8, 31)),
    8: list(range(16, 61, 4)),
    16: list(range(32, 121, 8)),
}


def test_the_table_of_the_user_guide() -> None:
    found: dict[float, list[float]] = {}
    for size in fargate_terms().sizes:
        found.setdefault(size.vcpu, []).append(size.memory_gb)
    assert found == TABLE


def test_terms() -> None:
    terms = fargate_terms()
    assert (terms.overhead_mib, terms.ephemeral_included_gib, terms.ephemeral_max_gib) == (256, 20, 175)
    assert terms.sizes[0].memory_mib == 512


@pytest.mark.parametrize("sizes", [[], [{"vcpu": 1}], [{"vcpu": "many", "memory_gb": [1]}], None])
def test_a_damaged_file_is_refused(tmp_path: Path, sizes: object) -> None:
    path = tmp_path / "fargate.json"
    document = {
        "format": 1,
        "source": {"title": "t", "date": "2026-01-01"},
        "sizes": sizes,
        "overhead_mib": 256,
        "ephemeral_included_gib": 20,
        "ephemeral_max_gib": 175,
    }
    path.write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"fargate\.json"):
        read_fargate_terms(path)
