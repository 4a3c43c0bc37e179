"""Which storage carries a workload, and for how much."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.storage_plan import io2_iops_by_step, provision
from eks_lab.catalog.instance_types import catalogue
from eks_lab.catalog.volume_types import volume_types
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

GP3, IO2 = volume_types().block["gp3"], volume_types().block["io2"]
RWX: dict[str, object] = {"access": "ReadWriteMany"}


def test_the_lessons_postgresql() -> None:
    """Lesson storage.access-and-limits: 16 + 15 + 5 = 36 USD a month (prices of fact sheet B9)."""
    found = answer("storage", gib=200, iops=6000, mib_per_s=250)
    assert (found.result["recommended"], found.result["usd_per_month"]) == ("gp3", 36.0)
    assert [step.value for step in found.steps[:4]] == [16.0, 15.0, 5.0, 36.0]
    assert found.headline == "gp3 carries it for 36.00 USD a month; one m5.large takes 24 such volumes."


# gib, iops, mib_per_s -> USD a month of gp3 and io2.
PRICED = [
    (100, 3000, 125, 8.00, 12.50 + 195.00),  # what is included
    (100, 0, 0, 8.00, 12.50 + 6.50),
    (500, 4000, 125, 45.00, 62.50 + 260.00),
    (500, 3000, 225, 44.00, 62.50 + 195.00),
    (1000, 16_000, 1000, 80 + 65 + 35, 125 + 1040),
    (1000, 80_000, 2000, 80 + 385 + 75, 125 + 2080 + 1472 + 512),
    (65_536, 3000, 125, 5242.88, 8192 + 195),
    (1000, 100_000, 1000, None, 125 + 2080 + 1472 + 1152),  # io2 in three price steps
    (1000, 256_000, 4000, None, 125 + 2080 + 1472 + 6144),
    (65_537, 3000, 125, None, None),
    (1000, 256_001, 125, None, None),
    (1000, 3000, 4001, None, None),
]


@pytest.mark.parametrize(("gib", "iops", "mibps", "gp3", "io2"), PRICED)
def test_prices(gib: int, iops: int, mibps: int, gp3: float | None, io2: float | None) -> None:
    result = answer("storage", gib=gib, iops=iops, mib_per_s=mibps).result
    assert result["gp3_usd_per_month"] == (gp3 if gp3 is None else pytest.approx(gp3))
    assert result["io2_usd_per_month"] == (io2 if io2 is None else pytest.approx(io2))


@pytest.mark.parametrize(
    ("wanted", "bought"),
    [
        ((1, 0, 0), (1, 3000, 125)),
        ((1, 3000, 125), (1, 3000, 125)),
        ((0.5, 3001, 10), (7, 3001, 125)),  # beyond the included IOPS: 500 for each GiB
        ((20, 20_000, 10), (40, 20_000, 125)),
        ((160, 80_000, 10), (160, 80_000, 125)),
        ((8, 3000, 1000), (8, 4000, 1000)),  # 0.25 MiB/s for each IOPS
        ((10, 3000, 2000), (16, 8000, 2000)),
        ((10.1, 3000, 125.5), (11, 3000, 126)),
    ],
)
def test_what_gp3_must_be_bought_as(wanted: tuple[float, ...], bought: tuple[int, ...]) -> None:
    assert provision(GP3, *wanted) == bought


@pytest.mark.parametrize(
    ("wanted", "bought"),
    [
        ((1, 0, 0), (4, 100, 0)),
        ((1, 5000, 0), (5, 5000, 0)),  # 1,000 IOPS for each GiB
        ((100, 100, 256), (100, 1000, 256)),  # 0.256 MiB/s for each IOPS
        ((10, 100, 4000), (16, 15_625, 4000)),
    ],
)
def test_what_io2_must_be_bought_as(wanted: tuple[float, ...], bought: tuple[int, ...]) -> None:
    assert provision(IO2, *wanted) == bought


@pytest.mark.parametrize(
    ("iops", "steps"),
    [
        (0, (0, 0, 0)),
        (32_000, (32_000, 0, 0)),
        (50_000, (32_000, 18_000, 0)),
        (100_000, (32_000, 32_000, 36_000)),
    ],
)
def test_io2_iops_cost_less_in_steps(iops: int, steps: tuple[int, ...]) -> None:
    assert io2_iops_by_step(iops) == steps


def test_efs_is_paid_by_what_moves() -> None:
    """B9: 0.30 USD a GB and month, 0.03 a GB read, 0.06 a GB written."""
    result = answer("storage", gib=100, mib_per_s=1024, busy_percent=0, zones=3, **RWX).result
    assert result["efs_usd_per_month"] == 30.0
    # 1 GiB/s for 1 % of 2,628,000 s are 26,280 GB, a quarter of them written.
    moved = answer(
        "storage", gib=100, mib_per_s=1024, busy_percent=1, write_percent=25, zones=3, **RWX
    ).result
    assert moved["efs_moved_gb_per_month"] == 26_280
    assert moved["efs_usd_per_month"] == pytest.approx(30 + 19_710 * 0.03 + 6570 * 0.06)


@pytest.mark.parametrize(
    ("inputs", "able"),
    [
        ({}, {"gp3", "io2", "efs", "efs_one_zone"}),
        ({"access": "ReadWriteOncePod"}, {"gp3", "io2", "efs", "efs_one_zone"}),
        ({"zones": 3}, {"efs"}),
        (RWX, {"efs", "efs_one_zone"}),
        ({**RWX, "zones": 2}, {"efs"}),
        ({**RWX, "volume_mode": "Block", "sharing_nodes": 16}, {"io2"}),
        ({**RWX, "volume_mode": "Block", "sharing_nodes": 17}, set()),
        ({**RWX, "volume_mode": "Block", "zones": 2}, set()),
        ({"volume_mode": "Block"}, {"gp3", "io2"}),
        ({"sharing_nodes": 2}, set()),
        ({"iops": 90_000, "write_percent": 50, "gib": 1000}, {"io2", "efs", "efs_one_zone"}),
        ({"iops": 102_000, "write_percent": 50, "gib": 1000}, {"io2"}),
        ({"mib_per_s": 3000}, {"io2", "efs", "efs_one_zone"}),
        ({"mib_per_s": 5200, "write_percent": 100}, set()),
    ],
)
def test_who_can_carry_what(inputs: dict[str, object], able: set[str]) -> None:
    """A 6.3, 6.5: EBS is in one zone, only io2 is shared, as a raw device, by 16 nodes; EFS spans zones."""
    found = answer("storage", **inputs)
    names = ("gp3", "io2", "efs", "efs_one_zone")
    assert {name for name in names if found.result[f"{name}_usd_per_month"] is not None} == able
    assert (found.result["recommended"] is None) is (not able)
    if not able:
        assert found.headline.startswith("Neither gp3 nor io2 nor EFS carries it")
        assert found.warnings[0].startswith("Split the data")


def test_reasons_are_in_the_grid() -> None:
    grid = answer("storage", zones=3, **RWX).grids[0]
    reasons = {row[0]: row[1] for row in grid.rows}
    assert reasons["gp3"] == "no: an EBS volume lives in one zone; gp3 attaches to one node"
    assert reasons["EFS"] == "yes"
    assert all(len(row) == len(grid.columns) for row in grid.rows)
    assert {row[0]: row[-1] for row in grid.rows}["EFS"] == "static volumes only"


@pytest.mark.parametrize(
    ("instance", "enis", "room", "fresh"),
    [
        ("m5.large", None, 24, 26),
        ("m5.large", 1, 26, 26),
        ("m5.large", 2, 25, 26),
        ("m7i.large", None, 31, 31),
        ("m5.24xlarge", None, 12, 26),
        ("m4.large", None, 38, 38),
    ],
)
def test_attachments(instance: str, enis: int | None, room: int, fresh: int) -> None:
    """aws-ebs-csi-driver, getVolumesLimit (2026-08-19): limit − root − (ENIs − 1) where they share."""
    found = answer("storage", instance=instance, enis=enis)
    assert (found.result["volumes_per_node"], found.result["volumes_per_fresh_node"]) == (room, fresh)
    assert found.steps[-1].value == room
    assert any(
        "A fresh" in warning and f"volumeAttachLimit to {room}" in warning for warning in found.warnings
    ) is (room < fresh)


def test_many_volumes_need_many_nodes() -> None:
    found = answer("storage", volumes=50, gib=10)
    assert found.result["nodes_for_volumes"] == 3
    assert found.result["usd_per_month"] == 40.0
    assert found.headline.startswith("50 × gp3 carry it for 40.00 USD a month")
    assert answer("storage", volumes=50, zones=3).result["nodes_for_volumes"] is None


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"enis": 4}, "enis: 4 are more than the 3 ENIs of m5.large"),
        ({"gib": -1}, "gib: -1 is below 0"),
        ({"gib": "NaN"}, "gib: nan is not a number"),
        ({"iops": 1.5}, "iops: 1.5 is not a whole number"),
        ({"access": "ReadOnlyMany"}, "access: 'ReadOnlyMany' is no choice"),
        ({"instance": "m5"}, "instance: 'm5' is no EC2 instance type"),
        ({"zones": 7}, "zones: 7 is above 6"),
        ({"prices": "gp3=1"}, "prices: no price named 'gp3'"),
    ],
)
def test_nonsense_is_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("storage", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({}, "EBS bandwidth"),
        ({"zones": 2}, "bad for a database"),
        ({"iops": 20_000, "gib": 10}, "40 GiB are paid for 10 GiB of data"),
        ({"iops": 20_000}, "Older pages and SDK texts end gp3 at 16,000 IOPS"),
        ({"mib_per_s": 1500}, "Older pages"),
        ({"gib": 20_000}, "Older pages"),
        ({"iops": 90_000, "gib": 1000, "mib_per_s": 2500}, "io2 IOPS above 64,000 0.032"),
        ({"zones": 2}, "EFS Elastic throughput, read 0.03 USD/GB"),
        ({"instance": "m4.large", "volume_mode": "Block", **RWX}, "not built on Nitro"),
        ({"instance": "hpc6a.48xlarge", "prices": "gp3_gib_month=0.1"}, "gp3 space 0.1 instead of 0.08"),
        ({"today": "2027-05-20"}, "Limits on record older than 180 days: EC2 and EFS service models"),
        ({"today": "2027-06-01"}, "Prices older than 180 days: gp3 space (2026-11-22)"),
    ],
)
def test_warnings(inputs: dict[str, object], warning: str) -> None:
    assert any(warning in found for found in answer("storage", **inputs).warnings)


def test_ordinary_volumes_need_no_word_on_old_limits() -> None:
    assert not any("Older pages" in warning for warning in answer("storage", iops=16_000).warnings)


def test_the_plot_compares_gp3_with_io2() -> None:
    (plot,) = answer("storage", gib=1000).plots
    gp3, io2 = plot.series
    assert (gp3.name, io2.name) == ("gp3", "io2")
    for cheap, dear in zip(gp3.points, io2.points, strict=True):
        assert cheap[1] < dear[1]
    assert answer("storage", zones=3).plots == ()


ANY_QUESTION = st.fixed_dictionaries(
    {
        "gib": st.floats(0, 100_000) | st.floats(0, 500),
        "iops": st.integers(0, 300_000),
        "mib_per_s": st.floats(0, 6000),
        "access": st.sampled_from(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]),
        "volume_mode": st.sampled_from(["Filesystem", "Block"]),
        "zones": st.integers(1, 6),
        "sharing_nodes": st.integers(1, 30),
        "volumes": st.integers(1, 1000),
        "write_percent": st.floats(0, 100),
        "busy_percent": st.floats(0, 100),
        "instance": st.sampled_from(catalogue().names),
        "enis": st.none() | st.integers(1, 20),
    }
)


@settings(deadline=None, max_examples=200)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("storage", **question)
    if found is None:
        assert question["enis"] > 1
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert found.steps
    priced = [result[f"{name}_usd_per_month"] for name in ("gp3", "io2", "efs", "efs_one_zone")]
    able = [usd for usd in priced if usd is not None]
    assert result["usd_per_month"] == (min(able) if able else None)
    assert result["gp3_gib"] >= question["gib"]
    assert result["gp3_iops"] >= question["iops"]
    if result["gp3_iops"] > 3000:
        assert result["gp3_iops"] <= 500 * result["gp3_gib"]
    assert result["gp3_mib_per_s"] <= max(125, 0.25 * result["gp3_iops"])
    assert result["io2_iops"] <= 1000 * result["io2_gib"]
    assert (result["volumes_per_node"] is None) or 1 <= result["volumes_per_node"] <= (
        result["volumes_per_fresh_node"]
    )


@settings(deadline=None, max_examples=100)
@given(ANY_QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("storage", **question)
    for step in found.steps if found else ():
        if step.value == "no":
            continue
        if step.unit == "volumes":
            assert max(1, value_of(step.substitution)) == step.value, step
        else:
            assert isinstance(step.value, float)
            assert value_of(step.substitution) == pytest.approx(step.value, rel=0.01, abs=0.05), step


@settings(deadline=None, max_examples=100)
@given(ANY_QUESTION, st.sampled_from(["gib", "iops", "mib_per_s", "volumes"]), st.integers(0, 1000))
def test_more_of_anything_never_costs_less(question: dict[str, Any], name: str, more: int) -> None:
    question["enis"] = None
    before = answer("storage", **question).result
    after = answer("storage", **{**question, name: question[name] + more}).result
    for kind in ("gp3", "io2", "efs", "efs_one_zone"):
        cost, later = before[f"{kind}_usd_per_month"], after[f"{kind}_usd_per_month"]
        if later is not None:
            assert cost is not None
            assert later >= cost - 0.01
