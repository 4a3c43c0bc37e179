"""`eks-lab sandbox cost` and `journal` with a sandbox that answers from a list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from eks_lab.cli import root
from eks_lab.sandbox import client

LINE = {"so_far_usd": 0.3, "usd_per_hour": 0.1, "usd_per_month": 73.0}
COSTS = {
    "since": "2026-11-22T10:00:00+00:00",
    "now": "2026-11-22T13:00:00+00:00",
    "so_far_usd": 1.1742,
    "usd_per_hour": 0.3914,
    "usd_per_month": 285.72,
    "lines": [
        {"group": "control plane", "what": "Control plane", "running": 1, **LINE},
        {"group": "nodes", "what": "m5.large on demand", "running": 3, **LINE},
        {"group": "nodes", "what": "t3.small on demand", "running": 0, **LINE},
    ],
    "left_running": [
        {
            "id": "nat-1",
            "what": "NAT gateway",
            "since": "2026-11-22T10:00:00",
            "usd_per_hour": 0.045,
            "idle": "no route leads to it",
        },
        {"id": "i-1", "what": "m5.large", "since": "2026-11-22T10:00:00", "usd_per_hour": 0.096, "idle": ""},
    ],
    "unknown": ["u7i.metal"],
    "not_metered": ["requests"],
}


class FakeClient:
    """A sandbox with three nodes."""

    def costs(self) -> dict[str, Any]:
        return COSTS

    def journal(self, instance_id: str) -> list[str]:
        return [f"{instance_id} kubelet: Successfully registered node"] if instance_id == "i-1" else []


@pytest.fixture(autouse=True)
def sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "required", lambda directory: FakeClient())


def test_cost_says_so_far_and_from_now_on() -> None:
    done = CliRunner().invoke(root, ["sandbox", "cost"])
    assert done.exit_code == 0, done.output
    assert "Since 2026-11-22 10:00 UTC: $1.1742. Now $0.3914 an hour, $285.72 a month" in done.output
    assert [line.split()[0] for line in done.output.splitlines() if "on demand" in line] == [
        "nodes",
        "t3.small",
    ]
    assert "nat-1  NAT gateway: no route leads to it ($0.0450 an hour)" in done.output
    assert "i-1" not in done.output
    assert "Without a price on record, and counted nowhere: u7i.metal." in done.output


def test_cost_as_json_is_the_whole_document() -> None:
    done = CliRunner().invoke(root, ["sandbox", "cost", "--json"])
    assert json.loads(done.output) == COSTS


def test_a_journal_is_printed_or_said_to_be_empty() -> None:
    done = CliRunner().invoke(root, ["sandbox", "journal", "i-1"])
    assert done.output == "i-1 kubelet: Successfully registered node\n"
    assert "has not started yet" in CliRunner().invoke(root, ["sandbox", "journal", "i-2"]).output
