"""Keeps the meters in step with what is there: at every change it hears of, and now and then for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from eks_lab.aws.billing.census import CLUSTERS, census
from eks_lab.aws.billing.ledger import settle
from eks_lab.aws.billing.records import BOOK, load, save
from eks_lab.aws.ec2 import notices
from eks_lab.aws.ec2.instance_records import INSTANCES
from eks_lab.sim.objects import Key
from eks_lab.sim.runtime import Result, Watch
from eks_lab.sim.store import StoreEvent

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

NAME = "billing"
LOOK_EVERY = timedelta(minutes=10)
"""How often changes are looked for that nobody tells of: load balancers, keys, logs, the end of a support phase."""


def _coming_and_going(event: StoreEvent) -> Iterable[Key]:
    return (BOOK,) if event.type != "MODIFIED" else ()


def _always(event: StoreEvent) -> Iterable[Key]:
    return (BOOK,)


class BillingController:
    """Settles the ledger of an account."""

    name = NAME
    watches: Sequence[Watch] = (Watch(CLUSTERS, _always), Watch(INSTANCES, _coming_and_going))

    def __init__(self, account: Account) -> None:
        """Meter an account from now on, or go on with what its store keeps."""
        self._account = account
        notices.listeners[account.id] = self._wake

    def _wake(self) -> None:
        self._account.enqueue(NAME, BOOK)

    def reconcile(self, key: Key) -> Result:
        """Settle up to this moment."""
        account = self._account
        now = account.clock.now()
        before = load(account.store, now)
        save(account.store, before, settle(before, census(account), now))
        return Result(LOOK_EVERY)
