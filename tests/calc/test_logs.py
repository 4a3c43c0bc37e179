"""What logs cost in CloudWatch and in S3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.log_bill import days_in_month
from eks_lab.calc.log_volume import log_volume, node_log_seconds, s3_puts, stored_gb
from eks_lab.errors import InputError
from tests.calc.answers import answer
from tests.calc.arithmetic import value_of

# 100 pods of 1 event a second and 1,024 bytes: 262.8 million events, 250.6 GB a month.
HUNDRED: dict[str, object] = {
    "pods": 100,
    "events_per_second": 1,
    "bytes_per_event": 524,
    "added_bytes": 500,
    "path": "free",
}
GB = 262_800_000 * 1024 / 1024**3


def test_volume() -> None:
    found = log_volume(100, 1, 524, 500)
    assert found.events == 262_800_000
    assert found.gb == pytest.approx(GB)
    assert answer("logs", **HUNDRED).result["events_per_month"] == 262_800_000
    assert answer("logs", **HUNDRED).result["gb_per_month"] == pytest.approx(GB, abs=0.001)


@pytest.mark.parametrize(
    ("inputs", "usd"),
    [
        ({}, GB * 0.50),  # CloudWatch Standard: 0.50 USD a GB
        ({"log_class": "infrequent-access"}, GB * 0.25),
        ({"path": "nat"}, GB * (0.50 + 0.045)),
        ({"path": "interface-endpoint"}, GB * (0.50 + 0.01) + 3 * 7.30),
        ({"query_gb": 1000}, GB * 0.50 + 5),
        ({"control_plane_gb": 20}, GB * 0.50 + 10),
    ],
)
def test_cloudwatch_without_storage(inputs: dict[str, object], usd: float) -> None:
    own = "cloudwatch_stored_gb_month=0,cloudwatch_ia_stored_gb_month=0"
    result = answer("logs", **{**HUNDRED, **inputs}, prices=own).result
    assert result["cloudwatch_usd_per_month"] == pytest.approx(usd, abs=0.01)


def test_cloudwatch_storage_is_compressed_and_counts_26_bytes_an_event() -> None:
    result = answer("logs", **HUNDRED, retention_days=365).result
    stored = (GB + 262_800_000 * 26 / 1024**3) * 12 * 0.15
    assert result["cloudwatch_stored_gb"] == pytest.approx(stored, abs=0.001)
    assert result["cloudwatch_usd_per_month"] == pytest.approx(GB * 0.5 + stored * 0.03, abs=0.01)


def test_s3_pays_storage_and_uploads() -> None:
    """0.023 USD a GB and month, 0.005 USD for 1,000 PUTs; 3 nodes upload every 10 minutes."""
    result = answer("logs", **HUNDRED, retention_days=365).result
    assert result["s3_stored_gb"] == pytest.approx(GB * 12 * 0.15, abs=0.001)
    assert result["s3_usd_per_month"] == pytest.approx(GB * 12 * 0.15 * 0.023 + 13.14 * 0.005, abs=0.01)
    plain = answer("logs", **HUNDRED, retention_days=365, s3_percent=100).result
    assert plain["s3_stored_gb"] == pytest.approx(GB * 12, abs=0.001)


def test_athena_scans_the_compressed_objects() -> None:
    with_queries = answer("logs", **HUNDRED, query_gb=10_240).result["s3_usd_per_month"]
    without = answer("logs", **HUNDRED).result["s3_usd_per_month"]
    assert with_queries - without == pytest.approx(10 * 0.15 * 5, abs=0.011)


def test_control_plane_logs_stay_in_cloudwatch() -> None:
    plain, more = answer("logs", **HUNDRED).result, answer("logs", **HUNDRED, control_plane_gb=100).result
    added = more["cloudwatch_usd_per_month"] - plain["cloudwatch_usd_per_month"]
    assert more["s3_usd_per_month"] - plain["s3_usd_per_month"] == pytest.approx(added, abs=0.011)
    assert added > 50


def test_ingestion_dominates() -> None:
    found = answer("logs", **HUNDRED, retention_days=365)
    assert found.result["dominant"] == "CloudWatch ingestion"
    assert answer("logs", pods=0, path="free").result["dominant"] is None
    assert answer("logs", pods=1, events_per_second=0.01, path="interface-endpoint").result["dominant"] == (
        "Interface endpoint"
    )


@pytest.mark.parametrize(
    ("gb", "days", "percent", "stored"),
    [(100, 730 / 24, 15, 15), (100, 365, 100, 1200), (0, 365, 15, 0), (100, 1, 100, 100 * 24 / 730)],
)
def test_stored(gb: float, days: float, percent: float, stored: float) -> None:
    assert stored_gb(gb, days, percent) == pytest.approx(stored)


@pytest.mark.parametrize(
    ("gb", "shippers", "puts"),
    [(0, 3, 0), (0.001, 3, 3 * 730 * 6), (1000, 1, 10_240), (1000, 3, 13_140)],
)
def test_uploads_by_size_or_by_time(gb: float, shippers: int, puts: float) -> None:
    assert s3_puts(gb, shippers, 100, 10) == pytest.approx(puts)


def test_how_far_kubectl_logs_reaches_back() -> None:
    """10 MiB a file and 41 bytes before each line (kubelet's and containerd's defaults)."""
    assert node_log_seconds(10, 1, 241) == pytest.approx(10 * 1024**2 / 241)
    assert node_log_seconds(10, 0, 241) is None
    assert answer("logs").result["kubectl_logs_hours"] == 12.09
    assert answer("logs", events_per_second=0).result["kubectl_logs_hours"] is None
    busy = answer("logs", events_per_second=100)
    assert any("reaches back 7 minutes only" in warning for warning in busy.warnings)


@pytest.mark.parametrize(("asked", "kept"), [(30, 30), (45, 60), (100, 120), (3653, 3653)])
def test_retention_is_one_of_cloudwatchs_settings(asked: int, kept: int) -> None:
    found = answer("logs", retention_days=asked)
    assert found.result["cloudwatch_retention_days"] == kept
    assert any(f"the next setting is {kept}" in warning for warning in found.warnings) is (asked != kept)


def test_logs_that_never_expire() -> None:
    found = answer("logs", retention_days=None)
    year = answer("logs", retention_days=365)
    assert found.result["cloudwatch_retention_days"] is None
    assert found.result["cloudwatch_usd_per_month"] == year.result["cloudwatch_usd_per_month"]
    assert found.warnings[0].startswith("A log group keeps everything for ever")
    assert "kept for ever" in found.headline
    (plot,) = found.plots
    costs = [usd for _, usd in plot.series[0].points]
    assert len(costs) == 36
    assert costs == sorted(costs)
    assert costs[-1] > costs[11]


def test_the_plot_levels_off_after_the_retention() -> None:
    (plot,) = answer("logs", **HUNDRED, retention_days=90).plots
    for series in plot.series:
        costs = [usd for _, usd in series.points]
        assert costs[0] < costs[2] < costs[3]
        assert len(set(costs[3:])) == 1


def test_the_first_year_is_the_sum_of_its_months() -> None:
    found = answer("logs", **HUNDRED, retention_days=365)
    for name, series in zip(("cloudwatch", "s3"), found.plots[0].series, strict=True):
        assert found.result[f"{name}_first_year_usd"] == pytest.approx(
            sum(usd for _, usd in series.points[:12]), abs=0.1
        )
    assert days_in_month(1) == pytest.approx(730 / 48)


def test_the_grid_compares_three_places() -> None:
    found = answer("logs", **HUNDRED, query_gb=10, control_plane_gb=5)
    (grid,) = found.grids
    assert [row[0] for row in grid.rows] == [
        "CloudWatch, Standard",
        "CloudWatch, Infrequent Access",
        "S3 Standard",
    ]
    for row in grid.rows:
        figures = [float(str(figure)) for figure in row[1:]]
        assert sum(figures[:-1]) == pytest.approx(figures[-1], abs=0.03)
    assert grid.rows[0][-1] == found.result["cloudwatch_usd_per_month"]
    assert grid.rows[2][-1] == found.result["s3_usd_per_month"]


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({}, "widely known, not read again (2026-11-22)"),
        ({}, "CloudWatch Logs ingestion, Standard class 0.5 USD/GB (2026-08-21)"),
        ({}, "one source names 0.05"),
        ({}, "In S3 an event can be read after up to 10 minutes"),
        ({"log_class": "infrequent-access"}, "lacks metric filters"),
        ({"events_per_second": 0.001}, "Uploads are most of the S3 bill"),
        ({"prices": "cloudwatch_ingest_gb=0.76"}, "0.76 instead of 0.5 USD/GB"),
        ({"today": "2027-06-01"}, "Limits on record older than 180 days: CloudWatch Logs"),
        ({"today": "2026-12-01"}, "Infrequent Access class (2026-06-01)"),
    ],
)
def test_warnings(inputs: dict[str, object], warning: str) -> None:
    assert any(warning in found for found in answer("logs", **inputs).warnings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"pods": -1}, "pods: -1 is below 0"),
        ({"events_per_second": "inf"}, "events_per_second: inf is not a number"),
        ({"bytes_per_event": 1_048_577}, "bytes_per_event: 1048577 is above 1048576"),
        ({"retention_days": 0}, "retention_days: 0 is below 1"),
        ({"log_class": "glacier"}, "log_class: 'glacier' is no choice"),
        ({"s3_percent": 101}, "s3_percent: 101 is above 100"),
        ({"prices": "s3=1"}, "prices: no price named 's3'"),
    ],
)
def test_nonsense_is_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("logs", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


ANY_QUESTION = st.fixed_dictionaries(
    {
        "pods": st.integers(0, 10_000),
        "events_per_second": st.floats(0, 1000),
        "bytes_per_event": st.floats(0, 100_000),
        "added_bytes": st.floats(0, 2000),
        "nodes": st.integers(1, 1000),
        "control_plane_gb": st.floats(0, 10_000),
        "retention_days": st.none() | st.integers(1, 3653),
        "log_class": st.sampled_from(["standard", "infrequent-access"]),
        "query_gb": st.floats(0, 100_000),
        "path": st.sampled_from(["nat", "interface-endpoint", "free"]),
        "zones": st.integers(1, 6),
        "s3_percent": st.floats(0, 100),
    }
)


@settings(deadline=None, max_examples=150)
@given(ANY_QUESTION)
def test_any_question_is_answered(question: dict[str, Any]) -> None:
    found = answer("logs", **question)
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert result["difference_usd_per_month"] == pytest.approx(
        result["s3_usd_per_month"] - result["cloudwatch_usd_per_month"], rel=1e-6, abs=0.02
    )
    if question["retention_days"] is not None:
        assert result["cloudwatch_retention_days"] >= question["retention_days"]
    assert result["cloudwatch_first_year_usd"] <= 12 * result["cloudwatch_usd_per_month"] + 0.1


@settings(deadline=None, max_examples=75)
@given(ANY_QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    for step in answer("logs", **question).steps:
        assert isinstance(step.value, int | float)
        # Inputs are shown with six digits, quantities with four after the point.
        assert value_of(step.substitution) == pytest.approx(step.value, rel=0.01, abs=0.5), step


@settings(deadline=None, max_examples=100)
@given(
    ANY_QUESTION,
    st.sampled_from(
        ["pods", "events_per_second", "bytes_per_event", "control_plane_gb", "query_gb", "retention_days"]
    ),
    st.integers(1, 500),
)
def test_more_logs_never_cost_less(question: dict[str, Any], name: str, more: int) -> None:
    if question[name] is None:
        question[name] = 1
    before = answer("logs", **question).result
    limit = {"events_per_second": 1e6, "bytes_per_event": 1_048_576, "retention_days": 3653}.get(name, 1e9)
    after = answer("logs", **{**question, name: min(limit, question[name] + more)}).result
    for place in ("cloudwatch", "s3"):
        assert after[f"{place}_usd_per_month"] >= before[f"{place}_usd_per_month"] - 0.01
