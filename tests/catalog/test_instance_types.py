"""The catalogue of instance types."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import Catalogue, catalogue
from eks_lab.errors import DataError, InputError

# name, vCPU, E (default card), P: figures of the EKS documentation and of Karpenter's VPC limits.
KNOWN = [
    ("t3.small", 2, 3, 4),
    ("t3.medium", 2, 3, 6),
    ("t3.large", 2, 3, 12),
    ("m5.large", 2, 3, 10),
    ("m6i.large", 2, 3, 10),
    ("m7i.large", 2, 3, 10),
    ("m7g.large", 2, 3, 10),
    ("m8g.large", 2, 3, 10),
    ("c5.large", 2, 3, 10),
    ("m7g.medium", 1, 2, 4),
    ("c7g.medium", 1, 2, 4),
    ("m5.xlarge", 4, 4, 15),
    ("m5.2xlarge", 8, 4, 15),
    ("m5.4xlarge", 16, 8, 30),
    ("m5.8xlarge", 32, 8, 30),
    ("m5.12xlarge", 48, 8, 30),
    ("m5.24xlarge", 96, 15, 50),
    ("p5.48xlarge", 192, 2, 50),
]


@pytest.mark.parametrize(("name", "vcpus", "enis", "ipv4"), KNOWN)
def test_known_types(name: str, vcpus: int, enis: int, ipv4: int) -> None:
    found = instance_types.get(name)
    assert (found.vcpus, found.default_card_enis, found.ipv4_per_eni) == (vcpus, enis, ipv4)


def test_every_type_is_plausible() -> None:
    everything = list(catalogue())
    assert len(everything) == len(catalogue()) == 1395
    for found in everything:
        assert found.vcpus >= 1
        assert found.memory_mib >= 512
        assert found.architectures
        assert 1 <= found.default_card_enis <= found.total_enis
        assert found.ipv4_per_eni >= 2
        assert found.network_cards >= 1
        assert found.gpus >= 0
        assert found.is_bare_metal == (found.hypervisor == "")
        assert found.name == f"{found.family}.{found.size}"


def test_only_the_default_network_card_counts() -> None:
    p5 = instance_types.get("p5.48xlarge")
    assert (p5.default_card_enis, p5.total_enis, p5.network_cards, p5.gpus) == (2, 64, 32, 8)


@pytest.mark.parametrize(
    ("name", "hypervisor", "bare_metal", "prefixes"),
    [
        ("m5.large", "nitro", False, True),
        ("t2.micro", "xen", False, False),
        ("m4.large", "xen", False, False),
        ("m5.metal", "", True, True),
    ],
)
def test_prefixes_need_nitro_or_bare_metal(
    name: str, hypervisor: str, bare_metal: bool, prefixes: bool
) -> None:
    found = instance_types.get(name)
    assert (found.hypervisor, found.is_bare_metal) == (hypervisor, bare_metal)
    assert found.supports_prefixes is prefixes


def test_other_properties() -> None:
    m5, t3, m7g = (instance_types.get(name) for name in ("m5.large", "t3.medium", "m7g.large"))
    assert (m5.ebs_attachments, m5.ebs_limit) == (27, "shared")
    assert m7g.architectures == ("arm64",)
    assert (t3.is_burstable, m5.is_burstable) == (True, False)
    assert (t3.supports_trunking, m5.supports_trunking) == (False, True)
    assert instance_types.get("r9g.large").supports_trunking is None
    assert instance_types.get("m7i.large").ebs_limit == "dedicated"


def test_source_is_recorded() -> None:
    source = catalogue().source
    assert source.as_of == date(2026, 10, 27)
    assert source.licence == "Apache-2.0"
    assert "DescribeInstanceTypes" in source.title


def test_case_and_blanks_do_not_matter() -> None:
    assert instance_types.get(" M5.Large ").name == "m5.large"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("t3.medum", "Did you mean t3.medium"),
        ("m5", "m5 is a family: choose a size, for example m5.large, m5.xlarge, m5.2xlarge."),
        ("", "for example m5.large"),
        ("kubernetes", "for example m5.large"),
    ],
)
def test_unknown_type(typed: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        instance_types.get(typed)
    assert repr(typed) in caught.value.message
    assert "2026-10-27" in caught.value.message
    assert hint in caught.value.hint


def test_search_goes_by_family_then_size() -> None:
    assert instance_types.search("m5.")[:4] == ("m5.large", "m5.xlarge", "m5.2xlarge", "m5.4xlarge")
    families = [name.partition(".")[0] for name in instance_types.search("m5")]
    assert families == sorted(families)
    assert {"m5", "m5a", "m5zn"} <= set(families)
    assert instance_types.search("M5.LARGE") == ("m5.large",)
    assert instance_types.search("nothing") == ()
    assert len(instance_types.search("")) == len(catalogue())


def test_membership() -> None:
    assert "m5.large" in catalogue()
    assert "m5.huge" not in catalogue()


def _write(path: Path, **changes: object) -> Path:
    document = json.loads(Path(instance_types.__file__).with_name("instance_types.json").read_text())
    document.update(changes)
    path.write_text(json.dumps(document))
    return path


def test_columns_of_different_lengths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"types\.json: columns of .* values for 1 names"):
        Catalogue(_write(tmp_path / "types.json", names=["m5.large"]))


def test_missing_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "types.json"
    path.write_text(json.dumps({"format": 1, "source": {"title": "t", "date": "2026-01-01"}, "names": []}))
    with pytest.raises(DataError, match="vcpus"):
        Catalogue(path)


@pytest.mark.parametrize(
    "content", ["", "[1]", "{}", '{"format": 1, "source": {"title": "t", "date": "soon"}}']
)
def test_unreadable_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "types.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"types\.json"):
        Catalogue(path)


def test_other_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="format 2"):
        Catalogue(_write(tmp_path / "types.json", format=2))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.json"):
        Catalogue(tmp_path / "nowhere.json")
