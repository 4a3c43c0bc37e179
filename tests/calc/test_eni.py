"""The formulas that calculators and simulator share."""

from __future__ import annotations

import pytest

from eks_lab.calc import eni
from eks_lab.catalog import instance_types


@pytest.mark.parametrize(
    ("enis", "max_eni", "custom", "usable"),
    [
        (3, None, False, 3),
        (3, None, True, 2),
        (3, 2, False, 2),
        (3, 9, False, 3),
        (3, 2, True, 1),
        (3, 1, True, 0),
    ],
)
def test_usable_enis(enis: int, max_eni: int | None, custom: bool, usable: int) -> None:
    assert eni.usable_enis(enis, max_eni=max_eni, custom_networking=custom) == usable


def test_no_eni_is_not_minus_one() -> None:
    assert eni.usable_enis(0, custom_networking=True) == 0


@pytest.mark.parametrize(("mode", "addresses", "pods"), [("secondary", 27, 29), ("prefix", 432, 434)])
def test_formula(mode: eni.Mode, addresses: int, pods: int) -> None:
    assert eni.pod_addresses(3, 10, mode) == addresses
    assert eni.formula_pods(3, 10, mode) == pods


@pytest.mark.parametrize(("vcpus", "cap"), [(1, 110), (30, 110), (31, 250), (32, 250), (192, 250)])
def test_cap(vcpus: int, cap: int) -> None:
    assert eni.pod_cap(vcpus) == cap


@pytest.mark.parametrize(
    ("name", "wanted", "mode"),
    [
        ("m5.large", True, "prefix"),
        ("m5.large", False, "secondary"),
        ("m4.large", True, "secondary"),
        ("m5.metal", True, "prefix"),
    ],
)
def test_address_mode(name: str, wanted: bool, mode: eni.Mode) -> None:
    assert eni.address_mode(instance_types.get(name), prefix_delegation=wanted) == mode


def test_the_catalogue_is_a_source() -> None:
    assert eni.catalogue_reference().date == "2026-10-27"
