"""Terms of log delivery."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.catalog.log_delivery import log_delivery, read_log_delivery
from eks_lab.errors import DataError


@pytest.mark.parametrize(
    ("days", "setting"),
    [(1, 1), (2, 3), (30, 30), (31, 60), (100, 120), (366, 400), (3653, 3653), (3654, None)],
)
def test_the_next_setting_of_a_log_group(days: int, setting: int | None) -> None:
    assert log_delivery().retention_setting(days) == setting


def test_terms() -> None:
    terms = log_delivery()
    assert terms.stored_bytes_per_event == 26
    assert terms.compressed_percent == 15
    assert len("2026-11-22T20:00:00.123456789Z stdout F ") + 1 == terms.line_prefix_bytes


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log_delivery.json"
    path.write_text(json.dumps({"format": 1, "source": {"title": "t", "date": "2026-01-01"}}))
    with pytest.raises(DataError, match=r"log_delivery\.json"):
        read_log_delivery(path)
