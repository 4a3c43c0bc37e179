"""Kubernetes Events: recorded, deduplicated and aggregated as client-go's recorder does.

Facts: k8s.io/client-go/tools/record/events_cache.go (more than 10 similar events within 10 minutes are
folded into one) and tools/events (the newer API that the scheduler uses: eventTime and series).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj, micro_timestamp, timestamp

SIMILAR_BEFORE_FOLDING = 10
SIMILAR_WITHIN = timedelta(minutes=10)
BURST_PER_OBJECT = 25
"""Events one component may write about one object before it is slowed to one in five minutes."""
REFILL = timedelta(minutes=5)
LONGEST_MESSAGE = 1024
MOST_REMEMBERED = 4096
"""Entries of client-go's caches."""


@dataclass(slots=True)
class _Recorded:
    key: Key
    count: int
    first: datetime


@dataclass(slots=True)
class _Similar:
    since: datetime
    messages: dict[str, None]


@dataclass(slots=True)
class _Allowance:
    left: float
    at: datetime


class EventRecorder:
    """Writes the events of one component."""

    def __init__(self, clock: Clock, api: Api, ids: Ids, component: str, *, host: str = "") -> None:
        """Name who reports.

        Args:
            clock: the cluster's time.
            api: where events are written.
            ids: for their names.
            component: `replicaset-controller`, `kubelet`.
            host: node of a kubelet.
        """
        self._clock = clock
        self._api = api
        self._ids = ids
        self._component = component
        self._host = host
        self._recorded: dict[tuple[str, ...], _Recorded] = {}
        self._similar: dict[tuple[str, ...], _Similar] = {}
        self._allowances: dict[str, _Allowance] = {}

    def normal(self, obj: Obj, reason: str, message: str, **more: str) -> None:
        """Record that something happened as it should; `more` as in `record`."""
        self.record(obj, "Normal", reason, message, **more)

    def warning(self, obj: Obj, reason: str, message: str, **more: str) -> None:
        """Record that something went wrong; `more` as in `record`."""
        self.record(obj, "Warning", reason, message, **more)

    def record(
        self,
        obj: Obj,
        kind: str,
        reason: str,
        message: str,
        *,
        field_path: str = "",
        action: str = "",
        host: str = "",
    ) -> None:
        """Record an event.

        Args:
            obj: what it is about; it may be gone by now.
            kind: Normal or Warning.
            reason: `FailedCreate`.
            message: the sentence.
            field_path: `spec.containers{web}`.
            action: set by components of the newer events API: `Binding`, `Scheduling`.
            host: node, when it is not the recorder's own.
        """
        now = self._clock.now()
        message = message[:LONGEST_MESSAGE]
        metadata = obj["metadata"]
        about = (
            obj["kind"],
            metadata.get("namespace", ""),
            metadata["name"],
            metadata.get("uid", ""),
            field_path,
        )
        if not action and not self._allowed(f"{host or self._host}/{'/'.join(about)}", now):
            return
        same: tuple[str, ...] = (*about, kind, reason, message)
        if not action:
            message, same = self._folded((*about, kind, reason), message, same, now)
        known = self._recorded.get(same)
        if known is not None and self._repeat(known, message, bool(action), now):
            return
        self._write_new(obj, kind, reason, message, field_path, action, host, same, now)

    def _write_new(
        self,
        obj: Obj,
        kind: str,
        reason: str,
        message: str,
        field_path: str,
        action: str,
        host: str,
        same: tuple[str, ...],
        now: datetime,
    ) -> None:
        metadata = obj["metadata"]
        namespace = metadata.get("namespace") or "default"
        involved: Obj = {
            "kind": obj["kind"],
            "name": metadata["name"],
            "apiVersion": obj.get("apiVersion", "v1"),
        }
        for field in ("namespace", "uid", "resourceVersion"):
            if metadata.get(field):
                involved[field] = metadata[field]
        if field_path:
            involved["fieldPath"] = field_path
        # The real name ends in the nanosecond, so that names sort by time; here the sequence makes it unique.
        name = f"{metadata['name'][:236]}.{self._ids.sequence_of(now):016x}"
        event: Obj = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "type": kind,
            "reportingComponent": self._component,
        }
        if action:
            event |= {
                "source": {},
                "firstTimestamp": None,
                "lastTimestamp": None,
                "eventTime": micro_timestamp(now),
                "action": action,
                "reportingInstance": f"{self._component}-{self._host or 'ip-10-0-0-1'}",
            }
        else:
            source = {"component": self._component}
            if host or self._host:
                source["host"] = host or self._host
            event |= {
                "source": source,
                "firstTimestamp": timestamp(now),
                "lastTimestamp": timestamp(now),
                "count": 1,
                "eventTime": None,
                "reportingInstance": host or self._host,
            }
        try:
            self._api.create("events", event, namespace=namespace, manager=self._component)
        except ApiError:
            # A namespace that is being deleted takes no new events; nobody would read them.
            return
        if len(self._recorded) >= MOST_REMEMBERED:
            del self._recorded[next(iter(self._recorded))]
        self._recorded[same] = _Recorded(Key(namespace, name), 1, now)

    def _repeat(self, known: _Recorded, message: str, is_series: bool, now: datetime) -> bool:
        stored = self._api.get("events", known.key)
        if stored is None:
            return False
        known.count += 1
        if is_series:
            series = {"count": known.count, "lastObservedTime": micro_timestamp(now)}
            event = {**stored, "series": series}
        else:
            event = {**stored, "message": message, "count": known.count, "lastTimestamp": timestamp(now)}
        try:
            self._api.update("events", event, manager=self._component)
        except ApiError:
            return False
        return True

    def _folded(
        self, similar: tuple[str, ...], message: str, same: tuple[str, ...], now: datetime
    ) -> tuple[str, tuple[str, ...]]:
        group = self._similar.get(similar)
        if group is None or now - group.since > SIMILAR_WITHIN:
            if len(self._similar) >= MOST_REMEMBERED:
                del self._similar[next(iter(self._similar))]
            group = self._similar[similar] = _Similar(now, {})
        group.since = now
        group.messages[message] = None
        if len(group.messages) < SIMILAR_BEFORE_FOLDING:
            return message, same
        # The set is kept at its limit by forgetting an old message.
        del group.messages[next(iter(group.messages))]
        return f"(combined from similar events): {message}", similar

    def _allowed(self, about: str, now: datetime) -> bool:
        allowance = self._allowances.get(about)
        if allowance is None:
            if len(self._allowances) >= MOST_REMEMBERED:
                del self._allowances[next(iter(self._allowances))]
            self._allowances[about] = _Allowance(BURST_PER_OBJECT - 1, now)
            return True
        gained = (now - allowance.at) / REFILL
        allowance.left = min(float(BURST_PER_OBJECT), allowance.left + gained)
        allowance.at = now
        if allowance.left < 1:
            return False
        allowance.left -= 1
        return True
