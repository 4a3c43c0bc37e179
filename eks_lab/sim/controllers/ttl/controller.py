"""Two small controllers that delete by age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, is_deleting, key_of, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

JOBS = "jobs.batch"
EVENT_TTL = timedelta(hours=1)


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
        left = parse_time(ended) + timedelta(seconds=seconds) - self._clock.now()
        if left > timedelta(0):
            return Result(left)
        self._api.delete(JOBS, key, propagation="Foreground", uid=job["metadata"]["uid"])
        return DONE


def _ended(job: Obj) -> str | None:
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            moment: str = condition["lastTransitionTime"]
            return moment
    return None


class EventTtlController:
    """Deletes events an hour after their last occurrence was written."""

    name: ClassVar[str] = "event-ttl"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self.watches: Sequence[Watch] = (Watch("events", self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        return (key_of(event.obj),) if event.type == "ADDED" else ()

    def reconcile(self, key: Key) -> Result:
        """Delete the event when it is old enough."""
        event = self._api.get("events", key)
        if event is None:
            return DONE
        last = (event.get("series") or {}).get("lastObservedTime") or event.get("lastTimestamp")
        moment = last or event.get("eventTime") or event["metadata"]["creationTimestamp"]
        left = parse_time(moment) + EVENT_TTL - self._clock.now()
        if left > timedelta(0):
            return Result(left)
        self._api.delete("events", key, uid=event["metadata"]["uid"])
        return DONE
