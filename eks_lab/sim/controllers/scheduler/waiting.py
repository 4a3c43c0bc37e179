"""Pods that wait for a node: ready to be tried, backing off, or waiting for something to happen."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from eks_lab.sim.objects import Key, Obj

FIRST_BACK_OFF = timedelta(seconds=1)
LONGEST_BACK_OFF = timedelta(seconds=10)
FLUSH_AFTER = timedelta(minutes=5)
"""Tried again after this long even when nothing happened (podMaxInUnschedulablePodsDuration)."""

HELPED_BY = {
    "NodeResourcesFit": frozenset({"node", "pod-gone"}),
    "NodePorts": frozenset({"node", "pod-gone"}),
    "NodeAffinity": frozenset({"node"}),
    "NodeName": frozenset({"node"}),
    "NodeUnschedulable": frozenset({"node"}),
    "TaintToleration": frozenset({"node"}),
    "PodTopologySpread": frozenset({"node", "pod", "pod-gone"}),
    "InterPodAffinity": frozenset({"node", "pod", "pod-gone"}),
    "VolumeRestrictions": frozenset({"node", "pod-gone", "volume"}),
    "NodeVolumeLimits": frozenset({"node", "pod-gone", "volume"}),
    "VolumeBinding": frozenset({"node", "volume"}),
    "VolumeZone": frozenset({"node", "volume"}),
}
"""Plugin that refused -> what may change its mind."""


@dataclass(slots=True)
class Waiting:
    """One pod without a node."""

    key: Key
    order: tuple[int, str, int]
    """Negative priority, creation, arrival."""
    attempts: int = 0
    tried: datetime | None = None
    due: datetime | None = None
    """When it may be tried; None while it waits for an event."""
    plugins: frozenset[str] = frozenset()
    """Who refused it."""


@dataclass(slots=True)
class Queue:
    """All pods without a node, the most important and oldest first."""

    pods: dict[Key, Waiting] = field(default_factory=dict)
    _parked: dict[Key, Waiting] = field(default_factory=dict)
    """Those of them that wait for something to happen."""
    _ready: list[tuple[tuple[int, str, int], Key]] = field(default_factory=list)
    _later: list[tuple[datetime, int, Key]] = field(default_factory=list)
    _arrivals: int = 0

    def add(self, key: Key, pod: Obj, now: datetime) -> None:
        """Take in a pod, or try a known one again because it changed."""
        waiting = self.pods.get(key)
        if waiting is None:
            self._arrivals += 1
            priority = pod["spec"].get("priority") or 0
            order = (-priority, pod["metadata"].get("creationTimestamp", ""), self._arrivals)
            waiting = self.pods[key] = Waiting(key, order)
        waiting.due = now
        self._parked.pop(key, None)
        heapq.heappush(self._ready, (waiting.order, key))

    def remove(self, key: Key) -> None:
        """Forget a pod."""
        self.pods.pop(key, None)
        self._parked.pop(key, None)

    def put_back(self, waiting: Waiting, plugins: frozenset[str], now: datetime) -> None:
        """Keep a pod that found no node."""
        waiting.attempts += 1
        waiting.tried = now
        waiting.plugins = plugins
        waiting.due = None
        if waiting.key in self.pods:
            self._parked[waiting.key] = waiting
        self._schedule(waiting, now + FLUSH_AFTER)

    def something_happened(self, kind: str, concerns: Callable[[Key, str], bool] | None = None) -> None:
        """Let pods try again, after their back-off, whose refusal the event may lift.

        Args:
            kind: `node`, `pod`, `pod-gone` or `volume`.
            concerns: waiting pod and plugin that refused it -> whether just this event may help.
        """
        for waiting in list(self._parked.values()):
            if waiting.tried is None:
                continue
            if waiting.plugins and not any(
                kind in HELPED_BY.get(each, frozenset({kind}))
                and (concerns is None or concerns(waiting.key, each))
                for each in waiting.plugins
            ):
                continue
            delay = min(FIRST_BACK_OFF * 2 ** min(waiting.attempts - 1, 10), LONGEST_BACK_OFF)
            waiting.due = waiting.tried + delay
            del self._parked[waiting.key]
            self._schedule(waiting, waiting.due)

    def _schedule(self, waiting: Waiting, due: datetime) -> None:
        self._arrivals += 1
        heapq.heappush(self._later, (due, self._arrivals, waiting.key))

    def pop(self, now: datetime) -> Waiting | None:
        """Take the next pod to try; it stays known until it is removed."""
        while self._later and self._later[0][0] <= now:
            due, _, key = heapq.heappop(self._later)
            waiting = self.pods.get(key)
            if waiting is None or waiting.tried is None:
                continue
            is_flush = waiting.due is None and waiting.tried + FLUSH_AFTER <= now
            if waiting.due == due or is_flush:
                waiting.due = now
                self._parked.pop(key, None)
                heapq.heappush(self._ready, (waiting.order, key))
        while self._ready:
            _, key = heapq.heappop(self._ready)
            waiting = self.pods.get(key)
            if waiting is not None and waiting.due is not None and waiting.due <= now:
                waiting.due = None
                return waiting
        return None

    def next_due(self) -> datetime | None:
        """Return when a pod may be tried next; a moment in the past means now."""
        if self._ready:
            return _PAST
        return self._later[0][0] if self._later else None


_PAST = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
