"""Two small controllers that delete by age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, duration, is_deleting, key_of, later, moment_of, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

JOBS = "jobs.batch"
EVENT_TTL = timedelta(hours=1)
SWEEP = Key("", "events")
"""The only key of the events: one reconcile deletes all that are due."""


class JobTtlController:
    """Deletes finished jobs that name a time to live."""

    name: ClassVar[str] = "ttl-after-finished"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self.watches: Sequence[Watch] = (Watch(JOBS, self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        has_ttl = event.obj["spec"].get("ttlSecondsAfterFinished") is not None
        return (key_of(event.obj),) if has_ttl and event.type != "DELETED" else ()

    def reconcile(self, key: Key) -> Result:
        """Delete the job when it is old enough."""
        job = self._api.get(JOBS, key)
        if job is None or is_deleting(job):
            return DONE
        seconds, ended = job["spec"].get("ttlSecondsAfterFinished"), _ended(job)
        if seconds is None or ended is None:
            return DONE
        left = duration(seconds) - (self._clock.now() - ended)
        if left > timedelta(0):
            return Result(left)
        self._api.delete(JOBS, key, propagation="Foreground", uid=job["metadata"]["uid"])
        return DONE


def _ended(job: Obj) -> datetime | None:
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return moment_of(condition, "lastTransitionTime")
    return None


class EventTtlController:
    """Deletes events an hour after their last occurrence was written.

    There may be a million of them: they wait in lists by the moment they are due, and one key sweeps.
    """

    name: ClassVar[str] = "event-ttl"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._due: dict[datetime, list[Key]] = {}
        self._moments: list[datetime] = []
        """A heap of the keys of `_due`."""
        self.watches: Sequence[Watch] = (Watch("events", self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        if event.type != "ADDED":
            return ()
        due = self._end_of(event.obj)
        self._wait_for(key_of(event.obj), due)
        return (SWEEP,) if due <= self._moments[0] else ()

    def _wait_for(self, key: Key, due: datetime) -> None:
        waiting = self._due.get(due)
        if waiting is None:
            waiting = self._due[due] = []
            heappush(self._moments, due)
        waiting.append(key)

    def reconcile(self, key: Key) -> Result:
        """Delete the events that are old enough."""
        now = self._clock.now()
        while self._moments and self._moments[0] <= now:
            for each in self._due.pop(heappop(self._moments)):
                event = self._api.get("events", each)
                if event is None:
                    continue
                due = self._end_of(event)
                if due > now:
                    # It happened again meanwhile.
                    self._wait_for(each, due)
                else:
                    self._api.delete("events", each, uid=event["metadata"]["uid"])
        return Result(self._moments[0] - now) if self._moments else DONE

    def _end_of(self, event: Obj) -> datetime:
        """Return when an event is old enough; one whose times nobody can read lives as long as a new one."""
        last = (event.get("series") or {}).get("lastObservedTime") or event.get("lastTimestamp")
        created = event["metadata"]["creationTimestamp"]
        try:
            moment = parse_time(last or event.get("eventTime") or created)
        except ValueError:
            moment = parse_time(created)
        return later(moment, EVENT_TTL)
