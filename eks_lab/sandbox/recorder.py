"""Remembers what happened since a moment: writes to the clusters' objects, and who asked for changes.

A lab's history and invariants are judged from it, so nothing may be missed while nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eks_lab.aws.world import BASE_CLUSTER, World
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.objects import Key, Obj, User
from eks_lab.sim.store import PACKED, StoreEvent

MOST_WRITES = 10_000
"""Further ones are counted; a reader can then no longer be sure."""
LEFT_OUT = frozenset({"leases.coordination.k8s.io"}) | PACKED
"""Written very often, and nobody's work."""
CHANGING = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_ASKING = ("authorization.k8s.io", "authentication.k8s.io")
"""Groups whose `create` only asks."""


@dataclass(slots=True)
class _State:
    began: str = ""
    start: list[list[Any]] = field(default_factory=list)
    writes: list[list[Any]] = field(default_factory=list)
    changes: list[list[str]] = field(default_factory=list)
    dropped: int = 0


class Recorder:
    """Looks on while a world is played; one at a time."""

    def __init__(self) -> None:
        """Start with nobody to look at."""
        self._world: World | None = None
        self._end: Callable[[], None] | None = None
        self._state = _State()

    def follow(self, world: World) -> None:
        """Look at a world from now on, in place of the one before; what was recorded stays."""
        if self._end is not None:
            self._end()
        self._world = world
        self._end = world.subscribe(self._see)

    def begin(self) -> None:
        """Record from now on, in place of what was recorded."""
        world = self._world
        assert world is not None
        self._state = _State(world.clock.now().isoformat())
        cluster = world.cluster(BASE_CLUSTER)
        if cluster is not None:
            self._state.start = [
                [resource, _trimmed(obj)]
                for resource in cluster.store.resources()
                if resource not in LEFT_OUT
                for obj in cluster.store.items(resource)
            ]

    def end(self) -> None:
        """Record no more, and forget what was recorded."""
        self._state = _State()

    @property
    def is_recording(self) -> bool:
        """Return whether anything is recorded at present."""
        return bool(self._state.began)

    @property
    def size(self) -> int:
        """Return a number that grows with everything that is recorded."""
        return len(self._state.writes) + len(self._state.changes) + self._state.dropped

    def document(self, since: int = 0, since_change: int = 0) -> dict[str, Any]:
        """Return what was recorded, as JSON values.

        Args:
            since: how many writes the reader has already; with 0 the start is there, too.
            since_change: how many changes the reader has.

        Returns:
            `began`, `start` (resource, object), `writes` (moment, resource, is gone, object), `changes` (verb,
            resource, namespace, name), `dropped`.
        """
        state = self._state
        return {
            "began": state.began,
            "start": state.start if not since else [],
            "writes": state.writes[since:],
            "changes": state.changes[since_change:],
            "dropped": state.dropped,
        }

    def state(self) -> dict[str, Any]:
        """Return everything, to be given to `load` later; later recording does not change it."""
        found = self.document()
        return {**found, "writes": list(found["writes"]), "changes": list(found["changes"])}

    def load(self, document: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._state = _State(
            str(document["began"]),
            list(document["start"]),
            list(document["writes"]),
            list(document["changes"]),
            int(document["dropped"]),
        )

    def changed(
        self, user: User | None, access: AccessRequest, status: int, is_dry_run: bool = False
    ) -> None:
        """Note a request to an API server, if it changed something on behalf of a person.

        Args:
            user: who asked.
            access: for what.
            status: of the answer.
            is_dry_run: True when it was only tried out.
        """
        if not self._state.began or user is None or status >= 300 or access.verb not in CHANGING:
            return
        if user.name.startswith("system:") or access.group in _ASKING or is_dry_run:
            return
        resource = f"{access.resource}.{access.group}" if access.group else access.resource
        self._state.changes.append([access.verb, resource, access.namespace, access.name])

    def _see(self, event: StoreEvent) -> None:
        state = self._state
        if not state.began or event.resource in LEFT_OUT:
            return
        world = self._world
        cluster = world.cluster(BASE_CLUSTER) if world is not None else None
        if world is None or cluster is None:
            return
        is_gone = event.type == "DELETED"
        metadata = event.obj["metadata"]
        key = Key(metadata.get("namespace") or "", metadata["name"])
        there = cluster.store.get(event.resource, key)
        # Other clusters and the account write to stores of their own.
        if (there is not None) if is_gone else (there is not event.obj):
            return
        if len(state.writes) >= MOST_WRITES:
            state.dropped += 1
            return
        state.writes.append([world.clock.now().isoformat(), event.resource, is_gone, _trimmed(event.obj)])


def _trimmed(obj: Obj) -> Obj:
    if "managedFields" not in obj["metadata"]:
        return obj
    metadata = {name: value for name, value in obj["metadata"].items() if name != "managedFields"}
    return {**obj, "metadata": metadata}
