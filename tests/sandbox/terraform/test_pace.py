"""Simulated time passes while something changes, and stands still while nothing does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eks_lab.errors import InputError
from eks_lab.sandbox.terraform.pace import STEP, keep_pace


class Sandbox:
    """An account at a glance, and what was played."""

    def __init__(self, account: dict[str, Any], gateways: list[dict[str, str]]) -> None:
        """Say what there is."""
        self._account = account
        self._gateways = gateways
        self.played = timedelta(0)
        self.is_busy = False

    def account(self) -> dict[str, Any]:
        """Return the account."""
        return self._account

    def lab(self, what: str, **body: Any) -> dict[str, Any]:
        """Answer a call to EC2."""
        assert what == "call"
        answers = {"DescribeNatGateways": {"NatGateways": self._gateways}, "DescribeVpcEndpoints": {}}
        return {"answer": answers[body["operation"]]}

    def advance(self, by: timedelta) -> dict[str, Any]:
        """Play."""
        if self.is_busy:
            raise InputError("another advance is under way")
        self.played += by
        return {}


@pytest.mark.parametrize(
    ("account", "gateways", "passes"),
    [
        ({"clusters": [{"status": "ACTIVE"}]}, [{"State": "available"}], False),
        ({"clusters": [{"status": "ACTIVE"}, {"status": "CREATING"}]}, [], True),
        ({"nodegroups": [{"status": "DELETING"}]}, [], True),
        ({"addons": [{"status": "DEGRADED"}]}, [], False),
        ({"instances": [{"state": "shutting-down"}]}, [], True),
        ({}, [{"State": "deleting"}], True),
    ],
)
def test_when_time_passes(account: dict[str, Any], gateways: list[dict[str, str]], passes: bool) -> None:
    sandbox = Sandbox(account, gateways)
    assert keep_pace(sandbox) is passes
    assert sandbox.played == (STEP if passes else timedelta(0))


def test_somebody_elses_advance_is_no_fault() -> None:
    sandbox = Sandbox({"clusters": [{"status": "CREATING"}]}, [])
    sandbox.is_busy = True
    assert keep_pace(sandbox) is False
