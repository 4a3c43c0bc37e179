"""How many pods a controller makes at once: a burst, a pause, the next burst.

The client of the real controllers is limited, so that bursts take time. Without a pause between them two thousand
million replicas would be made in one moment, which would never end for anybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.clock import Clock
from eks_lab.sim.objects import Key

BURST = 500
"""Most pods created or deleted in one reconcile (BurstReplicas, MaxPodCreateDeletePerSync)."""
PAUSE = timedelta(seconds=BURST / 20)
"""Between two bursts: at 20 requests a second, kube-controller-manager's default (--kube-api-qps)."""


class Bursts:
    """Remembers who has to wait before making more."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nobody waiting."""
        self._clock = clock
        self._due: dict[Key, datetime] = {}

    def allowance(self, key: Key, missing: int) -> int:
        """Return how many of the missing pods an owner may make now."""
        if self.left(key) is not None:
            return 0
        self._due.pop(key, None)
        if missing > BURST:
            self._due[key] = self._clock.now() + PAUSE
        return max(min(missing, BURST), 0)

    def left(self, key: Key) -> timedelta | None:
        """Return how long an owner has to wait; None when it may go on."""
        due, now = self._due.get(key), self._clock.now()
        return due - now if due is not None and due > now else None

    def forget(self, key: Key) -> None:
        """Forget an owner that is gone."""
        self._due.pop(key, None)
