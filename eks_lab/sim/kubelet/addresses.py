"""Where pods' addresses come from."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Protocol

from eks_lab.sim.api import Api
from eks_lab.sim.objects import Obj, labels_of

ZONE_LABEL = "topology.kubernetes.io/zone"
SUBNETS = {
    "a": IPv4Network("10.0.0.0/18"),
    "b": IPv4Network("10.0.64.0/18"),
    "c": IPv4Network("10.0.128.0/18"),
}
"""Last letter of a zone -> its subnet."""
OVERFLOW = IPv4Network("100.64.0.0/10")
"""The secondary range that EKS clusters take when a VPC runs out of addresses."""
STRIDE = 4967
"""Odd, so that steps of it visit every address: neighbours in time are not neighbours in the subnet."""
_INDEX = "address"


class Addresses(Protocol):
    """Gives pods their addresses."""

    def allocate(self, node: Obj, pod: Obj) -> str:
        """Return an address for a pod on a node; empty when none is left."""
        ...

    def refusal(self, node: Obj) -> tuple[str, str]:
        """Return why `allocate` gave nothing.

        Returns:
            Reason and text of the pod's event; with an empty reason the text is the CNI plugin's, and the event that of
            a sandbox that failed.
        """
        ...

    def adopt(self, node: Obj, pod: Obj, address: str) -> None:
        """Note an address that a pod has from before."""
        ...

    def release(self, node_name: str, address: str) -> None:
        """Take an address back."""
        ...


class SubnetAddresses:
    """Addresses of the zone's subnet, as if each pod had a secondary address of an interface there."""

    def __init__(self, api: Api) -> None:
        """Start with every address free.

        Args:
            api: its nodes' own addresses are never given to pods.
        """
        self._api = api
        self._used: set[str] = set()
        self._next: dict[IPv4Network, int] = {}
        self._full: set[IPv4Network] = set()
        api.store.add_index("nodes", _INDEX, _addresses)

    def allocate(self, node: Obj, pod: Obj) -> str:
        """Return a free address of the subnet of the node's zone, or of the overflow range when it is full."""
        subnet = SUBNETS.get(labels_of(node).get(ZONE_LABEL, "a")[-1:], SUBNETS["a"])
        return self._free(subnet) or self._free(OVERFLOW)

    def refusal(self, node: Obj) -> tuple[str, str]:
        """Return what the VPC CNI says when a node's interfaces have no free address."""
        return "", "add cmd: failed to assign an IP address to container"

    def adopt(self, node: Obj, pod: Obj, address: str) -> None:
        """Note an address that a pod has from before."""
        self._used.add(address)

    def release(self, node_name: str, address: str) -> None:
        """Take an address back."""
        self._used.discard(address)
        self._full.clear()

    def _free(self, subnet: IPv4Network) -> str:
        if subnet in self._full:
            return ""
        size, base = subnet.num_addresses, int(subnet.network_address)
        number = self._next.get(subnet, 0)
        for step in range(1, size + 1):
            offset = (number + step) * STRIDE % size
            # AWS keeps the first four addresses of a subnet and the last.
            if offset < 4 or offset == size - 1:
                continue
            value = base + offset
            address = f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"
            if address not in self._used and not self._api.store.indexed("nodes", _INDEX, address):
                self._next[subnet] = number + step
                self._used.add(address)
                return address
        self._full.add(subnet)
        return ""


def _addresses(node: Obj) -> Iterable[str]:
    for each in (node.get("status") or {}).get("addresses") or ():
        if each.get("type") == "InternalIP":
            yield each["address"]
