"""What the ipamd of one node remembers: who has which address, what cools down, what was tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from eks_lab.sim.cloud import Instance, Interface
from eks_lab.sim.controllers.vpc_cni.decide import Holding, members
from eks_lab.sim.controllers.vpc_cni.settings import Settings

NOT_MANAGED = "node.k8s.amazonaws.com/no_manage"
"""Tag of an interface that ipamd leaves alone."""


@dataclass(slots=True)
class Ipamd:
    """One node's ipamd; everything in it could be found out again from pods and interfaces."""

    node: str
    instance: Instance
    settings: Settings = field(default_factory=Settings)
    pod: str = ""
    """Uid of the aws-node pod it runs in; empty while there is none."""
    assigned: dict[str, str] = field(default_factory=dict)
    """Address -> uid of the pod."""
    cooling: dict[str, datetime] = field(default_factory=dict)
    """Freed address -> when others may have it."""
    usable_from: dict[str, datetime] = field(default_factory=dict)
    """Address or prefix that was just assigned -> when the instance knows it."""
    attached_at: dict[str, datetime] = field(default_factory=dict)
    """Interface -> when it came; those from before are not here."""
    look_at: datetime | None = None
    """When the pool is looked at next."""
    quiet_until: datetime | None = None
    """No growth until then: the subnet had nothing left."""
    is_initialised: bool = False
    """The CNI's configuration was written once: the kubelet finds it."""
    problem: str = ""
    """Why it cannot start; empty when it can."""
    refusal: str = ""
    """What EC2 said to its last call when that was no matter of addresses; empty when it went well."""
    starts_at: datetime | None = None
    """When it answers; None while it does not run."""

    def holdings(self, interfaces: Iterable[Interface]) -> list[Holding]:
        """Return the interfaces whose addresses pods may take, by device index."""
        found = [
            Holding(each.id, each.device_index, each.addresses, each.prefixes)
            for each in interfaces
            if each.tags.get(NOT_MANAGED) != "true"
            and not (self.settings.custom_networking and each.device_index == 0)
        ]
        return sorted(found, key=lambda each: each.device_index)

    def busy(self, now: datetime) -> set[str]:
        """Return the addresses that pods have, or that cool down."""
        for address in [each for each, until in self.cooling.items() if until <= now]:
            del self.cooling[address]
        return {*self.assigned, *self.cooling}

    def free_address(self, interfaces: Iterable[Interface], now: datetime) -> str:
        """Return the first address that a new pod may have; empty when there is none."""
        busy = self.busy(now)
        for holding in self.holdings(interfaces):
            for address in holding.addresses:
                if address not in busy and self.usable_from.get(address, now) <= now:
                    return address
            for prefix in holding.prefixes:
                if self.usable_from.get(prefix, now) > now:
                    continue
                for address in members(prefix):
                    if address not in busy:
                        return address
        return ""

    def note_new(self, values: Iterable[str], moment: datetime) -> None:
        """Keep new addresses and prefixes from pods until the instance knows them."""
        for value in values:
            self.usable_from[value] = moment

    def age_of(self, interface: str, now: datetime) -> timedelta:
        """Return how long an interface has been there; a day for those of before a restart."""
        return now - self.attached_at.get(interface, now - timedelta(days=1))

    def next_moment(self, now: datetime) -> timedelta | None:
        """Return how long until something changes by itself."""
        moments = [*self.cooling.values(), *(each for each in self.usable_from.values() if each > now)]
        moments += [each for each in (self.look_at, self.quiet_until, self.starts_at) if each is not None]
        later = [each for each in moments if each > now]
        return min(later) - now if later else None
