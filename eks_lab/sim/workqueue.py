"""Work to do, when it is due: deduplicated, ordered by time and then by arrival."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import NamedTuple

from eks_lab.sim.objects import Key


class Work(NamedTuple):
    """One reconcile to run."""

    controller: int
    """Number of the controller in the cluster's list."""
    key: Key


class WorkQueue:
    """A delay queue. The same work is queued once, at the earliest time anybody asked for."""

    def __init__(self) -> None:
        """Start empty."""
        self._heap: list[tuple[datetime, int, Work]] = []
        self._due: dict[Work, tuple[datetime, int]] = {}
        self._sequence = 0

    def __len__(self) -> int:
        """Return how much work is queued, due or not."""
        return len(self._due)

    def add(self, work: Work, due: datetime) -> None:
        """Queue work; work that is queued already moves only to an earlier time."""
        queued = self._due.get(work)
        if queued is not None and queued[0] <= due:
            return
        self._sequence += 1
        self._due[work] = (due, self._sequence)
        heapq.heappush(self._heap, (due, self._sequence, work))

    def next_due(self) -> datetime | None:
        """Return when the first work is due, or None."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop(self, now: datetime) -> Work | None:
        """Take the first work that is due, or None."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        work = heapq.heappop(self._heap)[2]
        del self._due[work]
        return work

    def _drop_stale(self) -> None:
        """Forget entries that were replaced by an earlier time."""
        while self._heap:
            due, sequence, work = self._heap[0]
            if self._due.get(work) == (due, sequence):
                return
            heapq.heappop(self._heap)
