"""What a pod asks for: requests and limits over its containers (k8s.io/component-helpers/resource)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from eks_lab.kube.quantity import parse_quantity
from eks_lab.sim.objects import Obj

CPU = "cpu"
MEMORY = "memory"
EPHEMERAL = "ephemeral-storage"
PODS = "pods"

Amounts = dict[str, int]
"""Resource -> amount: CPU in thousandths of a core, everything else in whole units (bytes, devices)."""


@lru_cache(maxsize=16_384)
def amount(name: str, quantity: str) -> int:
    """Return a quantity as a whole number: CPU in millicores, everything else in units."""
    parsed = parse_quantity(quantity)
    return parsed.milli if name == CPU else parsed.value


def amounts(quantities: Mapping[str, object] | None) -> Amounts:
    """Return a map of quantities as whole numbers."""
    return {name: amount(name, str(quantity)) for name, quantity in (quantities or {}).items()}


def is_sidecar(container: Obj) -> bool:
    """Say whether an init container keeps running beside the others."""
    return container.get("restartPolicy") == "Always"


def pod_requests(spec: Obj) -> Amounts:
    """Return what a pod needs at its most demanding moment.

    Containers add up with sidecars; each plain init container needs its own with the sidecars before it;
    the larger counts. Overhead comes on top, and `spec.resources` of the pod itself goes before both.
    """
    return _total(spec, "requests")


def pod_limits(spec: Obj) -> Amounts:
    """Return the limits of a pod, the same way; a resource that some container does not limit is left out."""
    names = None
    for container in spec.get("containers") or ():
        limited = set((container.get("resources") or {}).get("limits") or ())
        names = limited if names is None else names & limited
    total = _total(spec, "limits")
    return {name: value for name, value in total.items() if name in (names or ())}


def _total(spec: Obj, field: str) -> Amounts:
    running: Amounts = {}
    for container in spec.get("containers") or ():
        _add(running, amounts((container.get("resources") or {}).get(field)))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers") or ():
        own = amounts((container.get("resources") or {}).get(field))
        if is_sidecar(container):
            _add(sidecars, own)
            _raise(peak, sidecars)
        else:
            _raise(peak, _sum(own, sidecars))
    if sidecars:
        _add(running, sidecars)
    _raise(running, peak)
    pod_level = amounts((spec.get("resources") or {}).get(field))
    running.update(pod_level)
    if spec.get("overhead") and (field == "requests" or running):
        _add(running, amounts(spec["overhead"]))
    return running


def _add(total: Amounts, more: Mapping[str, int]) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _raise(total: Amounts, other: Mapping[str, int]) -> None:
    for name, value in other.items():
        total[name] = max(total.get(name, 0), value)


def _sum(first: Mapping[str, int], second: Mapping[str, int]) -> Amounts:
    total = dict(first)
    _add(total, second)
    return total


def host_ports(spec: Obj) -> Iterable[tuple[str, str, int]]:
    """Yield protocol, address and number of every host port of a pod."""
    containers = [*(spec.get("containers") or ())]
    containers += [each for each in spec.get("initContainers") or () if is_sidecar(each)]
    for container in containers:
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                yield port.get("protocol", "TCP"), port.get("hostIP") or "0.0.0.0", port["hostPort"]
