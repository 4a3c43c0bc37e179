"""What happens in a cluster, in a line each: events, phases of pods, states of nodes, rollouts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eks_lab.clock import Clock
from eks_lab.sim.objects import Obj, condition_of
from eks_lab.sim.store import StoreEvent

MOST_KEPT = 2_000
"""Happenings that are kept; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened."""

    at: datetime
    """Simulated moment."""
    kind: str
    """`Normal` or `Warning` for events, `Change` for anything else."""
    about: str
    """`pod/web-0`, with its namespace in front unless that is `default`."""
    reason: str
    """`Scheduled`, `phase`, `ready`, `replicas`, `deleted`, …"""
    message: str
    """One line."""


def happening_of(event: StoreEvent, at: datetime) -> Happening | None:
    """Return what a write means to somebody who looks on; None for bookkeeping.

    Args:
        event: the write.
        at: its simulated moment.
    """
    if event.resource == "events":
        return _event(event, at)
    if event.resource == "pods":
        return _pod(event, at)
    if event.resource == "nodes":
        return _node(event, at)
    return None


def _event(event: StoreEvent, at: datetime) -> Happening | None:
    if event.type == "DELETED":
        return None
    obj = event.obj
    if event.old is not None and _times(event.old) == _times(obj):
        return None
    about = obj.get("involvedObject") or {}
    count = _times(obj)
    message = str(obj.get("message", ""))
    return Happening(
        at,
        str(obj.get("type", "Normal")),
        _named(str(about.get("kind", "")), about),
        str(obj.get("reason", "")),
        f"{message} (x{count})" if count > 1 else message,
    )


def _times(event: Obj) -> int:
    count: int = (event.get("series") or {}).get("count") or event.get("count") or 1
    return count


def _pod(event: StoreEvent, at: datetime) -> Happening | None:
    about = _named("Pod", event.obj["metadata"])
    if event.type == "DELETED":
        return Happening(at, "Change", about, "deleted", "gone")
    new, old = (event.obj.get("status") or {}), ((event.old or {}).get("status") or {})
    before, after = old.get("phase", ""), new.get("phase", "")
    if event.old is not None and before != after:
        return Happening(at, "Change", about, "phase", f"{before or 'new'} -> {after}")
    return None


def _node(event: StoreEvent, at: datetime) -> Happening | None:
    about = _named("Node", event.obj["metadata"])
    if event.type != "MODIFIED" or event.old is None:
        return Happening(at, "Change", about, event.type.lower(), "joined" if event.old is None else "left")
    before, after = condition_of(event.old, "Ready"), condition_of(event.obj, "Ready")
    was, is_now = (before or {}).get("status"), (after or {}).get("status")
    if was != is_now:
        return Happening(at, "Change", about, "ready", f"Ready {was} -> {is_now}")
    return None


def _named(kind: str, metadata: Obj) -> str:
    name = f"{kind.lower()}/{metadata.get('name', '')}"
    namespace = metadata.get("namespace", "")
    return f"{namespace}/{name}" if namespace not in ("", "default") else name


class Happenings:
    """Collects what happens from now on."""

    def __init__(
        self, subscribe: Callable[[Callable[[StoreEvent], None]], Callable[[], None]], clock: Clock
    ) -> None:
        """Begin.

        Args:
            subscribe: of a store or of several, whose writes are looked at.
            clock: simulated time.
        """
        self.found: list[Happening] = []
        self.dropped = 0
        """How many came after the limit."""
        self._clock = clock
        self._unsubscribe = subscribe(self._see)

    def close(self) -> None:
        """End."""
        self._unsubscribe()

    def _see(self, event: StoreEvent) -> None:
        found = happening_of(event, self._clock.now())
        if found is None:
            return
        if len(self.found) >= MOST_KEPT:
            self.dropped += 1
        else:
            self.found.append(found)
