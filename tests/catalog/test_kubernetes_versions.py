"""The version calendar: every date on record, every phase, every refusal."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.catalog import kubernetes_versions
from eks_lab.catalog.kubernetes_versions import (
    DATA_FILE,
    Phase,
    calendar,
    read_calendar,
    rollback_deadline,
)
from eks_lab.catalog.source import packaged_file
from eks_lab.errors import DataError, InputError

CHECKED = date(2026, 11, 22)

# EKS user guide, release calendar, and endoflife.date: release, end of standard, end of extended
# support, phase on 22 November 2026, days left in it.
DATES: list[tuple[str, str, str, str, Phase, int | None]] = [
    ("1.36", "2026-06-02", "2027-08-02", "2028-08-02", "standard", 253),
    ("1.35", "2026-01-27", "2027-03-27", "2028-03-27", "standard", 125),
    ("1.34", "2025-10-02", "2026-12-02", "2027-12-02", "standard", 10),
    ("1.33", "2025-05-29", "2026-07-29", "2027-07-29", "extended", 249),
    ("1.32", "2025-01-23", "2026-03-23", "2027-03-23", "extended", 121),
    ("1.31", "2024-09-26", "2025-11-26", "2026-11-26", "extended", 4),
    ("1.30", "2024-05-23", "2025-07-23", "2026-07-23", "ended", None),
    ("1.29", "2024-01-23", "2025-03-23", "2026-03-23", "ended", None),
]


@pytest.mark.parametrize(("name", "released", "standard", "extended", "phase", "left"), DATES)
def test_dates_and_phases(
    name: str, released: str, standard: str, extended: str, phase: Phase, left: int | None
) -> None:
    found = kubernetes_versions.get(name)
    assert found.name == name
    assert found.released.isoformat() == released
    assert (found.end_of_standard.isoformat(), found.end_of_extended.isoformat()) == (standard, extended)
    assert found.phase(CHECKED) == phase
    end = found.phase_end(CHECKED)
    assert (None if end is None else (end - CHECKED).days) == left


def test_a_phase_is_over_at_the_beginning_of_its_last_day() -> None:
    """Extended support is billed from the beginning of the day standard support ends."""
    found = kubernetes_versions.get("1.33")
    day = timedelta(days=1)
    assert found.phase(found.released - day) == "not released"
    assert found.phase(found.released) == "standard"
    assert found.phase(found.end_of_standard - day) == "standard"
    assert found.phase(found.end_of_standard) == "extended"
    assert found.phase(found.end_of_extended - day) == "extended"
    assert found.phase(found.end_of_extended) == "ended"
    assert found.phase_end(found.released - day) == found.released


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-07-29", "2026-11-22", 116),
        ("2026-01-01", "2028-01-01", 365),
        ("2026-11-22", "2027-07-29", 249),
        ("2026-01-01", "2026-07-29", 0),
        ("2027-07-29", "2028-01-01", 0),
        ("2026-12-01", "2026-11-01", 0),
    ],
)
def test_days_of_extended_support(start: str, end: str, days: int) -> None:
    found = kubernetes_versions.get("1.33")
    assert found.extended_days(date.fromisoformat(start), date.fromisoformat(end)) == days


def test_every_version_has_12_months_of_extended_support_after_about_14_of_standard() -> None:
    for found in calendar().versions.values():
        assert 365 <= (found.end_of_extended - found.end_of_standard).days <= 366, found.name
        assert 13.5 <= (found.end_of_standard - found.released).days / 30.44 <= 14.7, found.name


def test_limits_of_an_upgrade() -> None:
    rules = calendar().rules
    assert (rules.kubelet_minors_behind, rules.rollback_days, rules.control_plane_addresses) == (3, 7, 5)
    assert (rules.surge_nodes_per_zone, rules.max_unavailable_nodes) == (2, 100)
    assert (rules.drain_limit_minutes, rules.wait_after_drain_minutes) == (15, 1)
    assert rules.add_ons[:3] == ("vpc-cni", "kube-proxy", "coredns")
    assert rollback_deadline(date(2026, 11, 22)) == date(2026, 11, 29)


def test_karpenter_and_notes() -> None:
    known = {found.name: found.karpenter_from for found in calendar().versions.values()}
    assert (known["1.34"], known["1.35"], known["1.36"], known["1.33"]) == ("1.6", "1.9", "1.13", "")
    assert "cgroup v1" in kubernetes_versions.get("1.35").note
    assert "27 or 28 January 2026" in kubernetes_versions.get("1.35").doubt


@pytest.mark.parametrize("text", ["1.36", "v1.36", " V1.36 "])
def test_spelling(text: str) -> None:
    assert kubernetes_versions.get(text).minor == 36


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "1.37",
            "to: whether EKS offers 1.37 was unknown on 2026-11-22: upstream planned",
            "describe-cluster",
        ),
        (
            "1.38",
            "to: Kubernetes 1.38 did not exist when the calendar was written",
            "On record: 1.23 to 1.36",
        ),
        ("1.9", "to: EKS never offered Kubernetes 1.9", "On record"),
        ("2.0", "to: EKS never offered Kubernetes 2.0", "On record"),
        ("0.36", "to: EKS never offered Kubernetes 0.36", "On record"),
        ("1.22", "to: 1.22 left EKS before the calendar on record begins", "No cluster"),
        ("1.33.4", "to: '1.33.4' names a patch", "Write 1.33."),
        ("latest", "to: 'latest' is no Kubernetes version", "Write 1.36."),
        ("1.३६", "is no Kubernetes version", "Write 1.36."),
        ("1." + "3" * 500, "is no Kubernetes version", "Write 1.36."),
    ],
)
def test_refusals(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        kubernetes_versions.get(text, field="to")
    assert message in caught.value.message
    assert len(caught.value.message) < 300
    assert hint in caught.value.hint


@given(st.text(max_size=30))
def test_any_text_is_a_version_or_refused(text: str) -> None:
    try:
        name = kubernetes_versions.get(text).name
    except InputError as error:
        name = error.hint[:0]
    assert name in text


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 4000))
def test_extended_days_add_up(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    middle = start + timedelta(days=length // 2)
    for found in calendar().versions.values():
        whole = found.extended_days(start, end)
        assert whole == found.extended_days(start, middle) + found.extended_days(middle, end)
        assert 0 <= whole <= min(length, 366)


@pytest.mark.parametrize(("age", "warns"), [(0, False), (180, False), (181, True)])
def test_an_old_calendar_warns(age: int, warns: bool) -> None:
    warning = calendar().staleness_warning(calendar().source.as_of + timedelta(days=age))
    assert bool(warning) is warns
    if warns:
        assert "181 days ago" in warning


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(packaged_file(DATA_FILE).read_bytes())
    return document


def _drop_a_minor(document: dict[str, Any]) -> None:
    del document["versions"][5]


def _swap_dates(document: dict[str, Any]) -> None:
    document["versions"][0]["end_of_standard"] = "2030-01-01"


def _guess(document: dict[str, Any]) -> None:
    document["versions"][0]["certainty"] = "guessed"


def _forget_rules(document: dict[str, Any]) -> None:
    document["rules"]["rollback_days"] = 0


def _no_version(document: dict[str, Any]) -> None:
    document["versions"][0]["version"] = "two"


def _wrong_border(document: dict[str, Any]) -> None:
    document["before_the_calendar"]["last"] = "1.20"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_drop_a_minor, "gap"),
        (_swap_dates, "not in order"),
        (_guess, "guessed"),
        (_forget_rules, "rollback_days 0"),
        (_no_version, "is no minor version"),
        (_wrong_border, "before_the_calendar"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, damage: Any, message: str) -> None:
    document = _document()
    damage(document)
    path = tmp_path / "versions.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DataError, match=message) as caught:
        read_calendar(path)
    assert "versions.json" in caught.value.message
