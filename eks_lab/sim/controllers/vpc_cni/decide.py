"""The next step towards the warm pool that the settings ask for: pure, one step at a time.

How much is wanted comes from `eks_lab.calc.warm_pool`, the function that the calculator uses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network

from eks_lab.calc.eni import Mode
from eks_lab.calc.warm_pool import Pool, prefix_pool, secondary_pool
from eks_lab.sim.controllers.vpc_cni.settings import Settings


@dataclass(frozen=True, slots=True)
class Holding:
    """An interface whose addresses pods may take."""

    id: str
    device_index: int
    addresses: tuple[str, ...] = ()
    """Secondary ones."""
    prefixes: tuple[str, ...] = ()

    @property
    def is_primary(self) -> bool:
        """Say whether the node's own address is on it: it stays for ever."""
        return self.device_index == 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the instance type and the settings allow."""

    usable: int
    """Interfaces for pods."""
    attachable: int
    """Interfaces that may still be attached."""
    places: int
    """Secondary addresses or prefixes that an interface holds."""
    mode: Mode


@dataclass(frozen=True, slots=True)
class Assign:
    """Give an interface more addresses, or prefixes."""

    interface: str
    count: int


@dataclass(frozen=True, slots=True)
class Attach:
    """Create an interface with addresses, or prefixes."""

    count: int


@dataclass(frozen=True, slots=True)
class Unassign:
    """Take free addresses, or prefixes, from an interface."""

    interface: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detach:
    """Delete an interface that no pod uses."""

    interface: str


Step = Assign | Attach | Unassign | Detach


@lru_cache(maxsize=4096)
def members(prefix: str) -> tuple[str, ...]:
    """Return the 16 addresses of a /28; pods may have all of them."""
    return tuple(str(each) for each in IPv4Network(prefix))


def wanted(settings: Settings, limits: Limits, holdings: Sequence[Holding], busy: Collection[str]) -> Pool:
    """Return the pool that the settings ask for.

    Args:
        settings: of the node's ipamd.
        limits: of the instance.
        holdings: interfaces for pods.
        busy: addresses that pods have, or that cool down.
    """
    warm_ip, minimum = settings.warm_ip_target, settings.minimum_ip_target
    if limits.mode == "prefix":
        used = sum(any(each in busy for each in members(prefix)) for prefix in _prefixes(holdings))
        taken = sum(each in busy for prefix in _prefixes(holdings) for each in members(prefix))
        # WARM_PREFIX_TARGET counts prefixes that nobody uses, however few pods the others carry.
        pods = taken if settings.has_ip_targets else used * 16
        return prefix_pool(
            pods,
            limits.usable,
            limits.places + 1,
            warm_prefix_target=settings.warm_prefix_target,
            warm_ip_target=warm_ip,
            minimum_ip_target=minimum,
        )
    taken = sum(address in busy for each in holdings for address in each.addresses)
    return secondary_pool(
        taken,
        limits.usable,
        limits.places + 1,
        warm_eni_target=settings.warm_eni_target,
        warm_ip_target=warm_ip,
        minimum_ip_target=minimum,
    )


def next_step(
    settings: Settings, limits: Limits, holdings: Sequence[Holding], busy: Collection[str]
) -> Step | None:
    """Return what ipamd does next; None when the pool is as it should be.

    Arguments as of `wanted`; holdings in the order of their device index.
    """
    pool = wanted(settings, limits, holdings, busy)
    if limits.mode == "prefix":
        have, need = len(_prefixes(holdings)), pool.prefixes
    elif settings.has_ip_targets:
        have, need = sum(len(each.addresses) for each in holdings), pool.pod_ips
    else:
        return _whole_interfaces(limits, holdings, busy, pool)
    if have < need:
        return _grow(limits, holdings, need - have)
    return _shrink(limits, holdings, busy, have - need, pool.enis)


def _prefixes(holdings: Sequence[Holding]) -> list[str]:
    return [prefix for each in holdings for prefix in each.prefixes]


def _room(limits: Limits, holding: Holding) -> int:
    """Addresses and prefixes share the places of an interface, whatever the mode it was filled in."""
    return limits.places - len(holding.addresses) - len(holding.prefixes)


def _grow(limits: Limits, holdings: Sequence[Holding], missing: int) -> Step | None:
    for each in holdings:
        if (room := _room(limits, each)) > 0:
            return Assign(each.id, min(room, missing))
    if len(holdings) < limits.usable and limits.attachable > 0:
        return Attach(min(limits.places, missing))
    return None


def _whole_interfaces(
    limits: Limits, holdings: Sequence[Holding], busy: Collection[str], pool: Pool
) -> Step | None:
    for each in holdings:
        if (room := _room(limits, each)) > 0 and not each.prefixes:
            return Assign(each.id, room)
    # Without a warm interface the next one is attached when no address is free (ipamd: WARM_ENI_TARGET 0).
    is_dry = len(holdings) < limits.usable and not _has_free(holdings, busy)
    if (len(holdings) < pool.enis or is_dry) and limits.attachable > 0:
        return Attach(limits.places)
    if len(holdings) > pool.enis:
        return _free_interface(holdings, busy)
    return None


def _shrink(
    limits: Limits, holdings: Sequence[Holding], busy: Collection[str], surplus: int, enis: int
) -> Step | None:
    for each in reversed(holdings):
        own = each.prefixes if limits.mode == "prefix" else each.addresses
        free = [value for value in own if not _is_busy(value, busy)]
        if not each.is_primary and len(free) == len(own) <= surplus and _is_free(each, busy):
            if len(own) or len(holdings) > enis:
                return Detach(each.id)
        elif surplus and free:
            return Unassign(each.id, tuple(free[-surplus:]))
    return None


def _free_interface(holdings: Sequence[Holding], busy: Collection[str]) -> Step | None:
    for each in reversed(holdings):
        others = [other for other in holdings if other is not each]
        if not each.is_primary and _is_free(each, busy) and _has_free(others, busy):
            return Detach(each.id)
    return None


def _has_free(holdings: Sequence[Holding], busy: Collection[str]) -> bool:
    return any(address not in busy for each in holdings for address in each.addresses)


def _is_busy(value: str, busy: Collection[str]) -> bool:
    return any(each in busy for each in members(value)) if "/" in value else value in busy


def _is_free(holding: Holding, busy: Collection[str]) -> bool:
    return not any(_is_busy(each, busy) for each in (*holding.addresses, *holding.prefixes))
