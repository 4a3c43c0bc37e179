"""Lets simulated time pass while something in the account takes its time, and only then.

A control plane takes eight minutes. Terraform asks every ten seconds of wall time whether it is there, so time has to go
faster for it, and to stand still again while the learner reads a plan.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

from eks_lab.errors import EksLabError

STEP = timedelta(seconds=30)
"""Simulated time at each look."""
_CHANGING = frozenset(
    {"CREATING", "UPDATING", "DELETING", "pending", "shutting-down", "stopping", "deleting"}
)
_QUESTIONS = (
    ("DescribeNatGateways", "NatGateways", "State"),
    ("DescribeVpcEndpoints", "VpcEndpoints", "State"),
)
"""What has states of its own and is not in the overview of the account."""


class Sandbox(Protocol):
    """What of the control API is needed; `eks_lab.sandbox.client.Client` has it."""

    def account(self) -> dict[str, Any]:
        """Return the account at a glance."""
        ...

    def lab(self, what: str, **body: Any) -> dict[str, Any]:
        """Make one of the calls that labs need."""
        ...

    def advance(self, by: timedelta) -> dict[str, Any]:
        """Play simulated time."""
        ...


def is_changing(sandbox: Sandbox) -> bool:
    """Return whether something in the account is on its way to another state."""
    account = sandbox.account()
    for kind, field in (
        ("clusters", "status"),
        ("nodegroups", "status"),
        ("addons", "status"),
        ("instances", "state"),
    ):
        if any(each.get(field) in _CHANGING for each in account.get(kind, ())):
            return True
    for operation, kind, field in _QUESTIONS:
        answer = sandbox.lab("call", service="ec2", operation=operation, params={}).get("answer", {})
        if any(each.get(field) in _CHANGING for each in answer.get(kind, ())):
            return True
    return False


def keep_pace(sandbox: Sandbox) -> bool:
    """Play a step of simulated time if something waits for it; returns whether it did."""
    try:
        if not is_changing(sandbox):
            return False
        sandbox.advance(STEP)
    except EksLabError:
        # Somebody else advances, or the sandbox has gone: terraform will say what matters.
        return False
    return True
