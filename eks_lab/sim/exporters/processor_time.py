"""Seconds of CPU that containers and nodes have used: rates, summed up over simulated time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eks_lab.clock import Clock
from eks_lab.sim.kubelet.usage import Usage, Use
from eks_lab.sim.objects import Obj, parse_time, uid_of


@dataclass(slots=True)
class _Meter:
    """One counter."""

    at: datetime
    """When it was read last."""
    millicores: float
    """The rate then."""
    seconds: float
    """The sum up to then."""


class ProcessorTime:
    """Counters that only rise.

    Nobody adds up while nobody looks: a counter that is read for the first time takes the present rate for the past,
    and from then on the mean of the rates at two readings for the time between them.
    """

    def __init__(self, usage: Usage, clock: Clock) -> None:
        """Start without counters.

        Args:
            usage: the present rates.
            clock: simulated time.
        """
        self.usage = usage
        self._clock = clock
        self._meters: dict[tuple[str, str, str], _Meter] = {}

    def containers(self, pod: Obj) -> dict[str, tuple[float, Use]]:
        """Return container -> seconds used by its present run, and what it uses now; only those that run.

        Args:
            pod: as stored.
        """
        found: dict[str, tuple[float, Use]] = {}
        starts = started_containers(pod)
        for name, use in self.usage.of_pod(pod).items():
            began = starts.get(name)
            if began is not None:
                found[name] = (self._read((uid_of(pod), name, began), parse_time(began), use.millicores), use)
        return found

    def node(self, node: Obj) -> tuple[float, Use]:
        """Return the seconds a node has used since it is there, and what it uses now."""
        began = node["metadata"]["creationTimestamp"]
        use = self.usage.of_node(node["metadata"]["name"])
        return self._read((uid_of(node), "", began), parse_time(began), use.millicores), use

    def __len__(self) -> int:
        """Return how many counters there are."""
        return len(self._meters)

    def forget(self, uids: set[str]) -> None:
        """Drop the counters of everything but these."""
        self._meters = {key: meter for key, meter in self._meters.items() if key[0] in uids}

    def _read(self, key: tuple[str, str, str], began: datetime, millicores: float) -> float:
        now = self._clock.now()
        meter = self._meters.get(key)
        if meter is None:
            age = max(0.0, (now - began).total_seconds())
            meter = self._meters[key] = _Meter(now, millicores, age * millicores / 1000)
        elif now > meter.at:
            mean = (meter.millicores + millicores) / 2
            meter.seconds += (now - meter.at).total_seconds() * mean / 1000
            meter.at, meter.millicores = now, millicores
        return meter.seconds


def started_containers(pod: Obj) -> dict[str, str]:
    """Return container -> start of its present run, as the status has it; only those that run."""
    status = pod.get("status") or {}
    return {
        each["name"]: running.get("startedAt") or ""
        for name in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
        for each in status.get(name) or ()
        if (running := (each.get("state") or {}).get("running"))
    }
