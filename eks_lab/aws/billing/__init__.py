"""What the account would have cost: meters over simulated time, with the calculators' prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.aws.account import Account
    from eks_lab.sim.runtime import Controller


def CONTROLLERS(account: Account) -> tuple[Controller, ...]:  # noqa: N802 - the name every package of the account exports
    """Return what keeps the meters of an account."""
    from eks_lab.aws.billing.controller import BillingController

    return (BillingController(account),)
