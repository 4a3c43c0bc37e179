"""The quality-of-service class of a pod (pkg/apis/core/helper/qos ComputePodQOS)."""

from __future__ import annotations

from eks_lab.sim.objects import Obj
from eks_lab.sim.resources.quantities import quantity

_COMPUTE = ("cpu", "memory")


def qos_class(pod: Obj) -> str:
    """Return `Guaranteed`, `Burstable` or `BestEffort`.

    Args:
        pod: with its defaults, so that requests follow limits.
    """
    spec = pod["spec"]
    whole = spec.get("resources")
    parts = (
        [whole]
        if whole and (whole.get("requests") or whole.get("limits"))
        else [
            each.get("resources") or {}
            for kind in ("containers", "initContainers")
            for each in spec.get(kind) or ()
        ]
    )
    has_some = False
    guaranteed = True
    for resources in parts:
        requests, limits = resources.get("requests"), resources.get("limits")
        if not requests and not limits:
            guaranteed = False
            continue
        for name in _COMPUTE:
            asked, most = (requests or {}).get(name), (limits or {}).get(name)
            asks = asked is not None and quantity(asked).amount > 0
            bound = most is not None and quantity(most).amount > 0
            has_some = has_some or asks or bound
            if not bound or (asks and quantity(asked) != quantity(most)):
                guaranteed = False
    if not has_some:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"
