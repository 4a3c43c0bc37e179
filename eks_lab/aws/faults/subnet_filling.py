"""Other workloads in a subnet: interfaces that take its addresses, as load balancers, functions and databases do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.address_pool import FIRST_RESERVED, LAST_RESERVED, PREFIX_SIZE
from eks_lab.aws.ec2.interfaces import MOST_ADDRESSES
from eks_lab.aws.faults.stage import Stage, StepError

DESCRIPTION = "Interface of a workload outside the cluster"


def fill(stage: Stage, subnet_id: str, leave: int, *, is_scattered: bool) -> list[str]:
    """Put interfaces into a subnet.

    Args:
        stage: the world.
        subnet_id: which subnet.
        leave: free addresses afterwards; of no account when scattered.
        is_scattered: take one address of every /28 that is whole, and leave the rest.

    Returns:
        Ids of the new interfaces.

    Raises:
        StepError: fewer addresses than that are free already.
    """
    account = stage.world.account
    ec2 = mended.region(account.id, account.region)
    subnet = ec2.subnet_of(subnet_id)
    network = IPv4Network(str(subnet.cidr))
    singles, prefixes = subnet.pool.taken()
    taken = {int(IPv4Address(each)) for each in (*singles, *subnet.promised)}
    first, last = int(network.network_address), int(network.broadcast_address)
    taken |= {*range(first, first + FIRST_RESERVED), *range(last - LAST_RESERVED + 1, last + 1)}
    blocks = {int(IPv4Network(each).network_address) for each in prefixes}
    starts = [each for each in range(first, last + 1, PREFIX_SIZE) if each not in blocks]
    whole = [
        each for each in starts if not any(number in taken for number in range(each, each + PREFIX_SIZE))
    ]
    if is_scattered:
        return [_interface(stage, subnet_id, batch, ()) for batch in _batches(whole, MOST_ADDRESSES)]
    wanted = subnet.available_ip_address_count - leave
    if wanted < 0:
        raise StepError(f"{subnet_id} has {leave + wanted} free addresses, not {leave}")
    found: list[str] = []
    # Each interface has one address of its own beside its prefixes.
    loose = [
        number
        for start in starts
        if start not in set(whole)
        for number in range(start, start + PREFIX_SIZE)
        if number not in taken
    ]
    blocks_left = list(whole)
    while wanted > 0:
        count = min(MOST_ADDRESSES - 1, len(blocks_left), (wanted - 1) // PREFIX_SIZE)
        if not loose:
            start = blocks_left.pop()
            loose = list(range(start, start + PREFIX_SIZE))
            continue
        if count:
            chosen, blocks_left = blocks_left[:count], blocks_left[count:]
            found.append(_interface(stage, subnet_id, [loose.pop()], chosen))
            wanted -= 1 + count * PREFIX_SIZE
        else:
            batch = [loose.pop() for _ in range(min(wanted, len(loose), MOST_ADDRESSES))]
            found.append(_interface(stage, subnet_id, batch, ()))
            wanted -= len(batch)
    return found


def _batches(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for at in range(0, len(numbers), size):
        yield numbers[at : at + size]


def _interface(stage: Stage, subnet_id: str, numbers: Sequence[int], blocks: Sequence[int]) -> str:
    """Make an interface on the backend itself: dozens of them over the API would take seconds."""
    account = stage.world.account
    addresses = [str(IPv4Address(number)) for number in numbers]
    made = mended.region(account.id, account.region).create_network_interface(
        subnet_id,
        addresses[0],
        [{"PrivateIpAddress": each, "Primary": each == addresses[0]} for each in addresses],
        description=DESCRIPTION,
        tags={},
        ipv4_prefixes=[f"{IPv4Address(start)}/28" for start in blocks],
    )
    return str(made.id)
