"""A small world for tests of single controllers: the real kinds, an Api, a runtime, recorders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.runtime import Controller, Runtime
from eks_lab.sim.store import Store

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class World:
    """One cluster with the controllers that a test names."""

    def __init__(self, make: Callable[[World], Sequence[Controller]]) -> None:
        """Build it, with the namespace `default`."""
        self.clock = SimClock(START)
        self.ids = Ids(7)
        self.store = Store()
        self.api = Api(self.store, self.clock, self.ids, "1.36", builtin_resources("1.36"))
        self.runtime = Runtime(self.clock, self.store, make(self))
        self.create("namespaces", {"metadata": {"name": "default"}})

    def recorder(self, component: str) -> EventRecorder:
        """Return a recorder of events."""
        return EventRecorder(self.clock, self.api, self.ids, component)

    def create(self, rid: str, obj: Obj, namespace: str = "") -> Obj:
        """Create an object; kind and version are filled in."""
        resource = self.api.resource(rid)
        whole = {"apiVersion": resource.api_version, "kind": resource.kind, **obj}
        if resource.namespaced:
            namespace = namespace or "default"
            whole["metadata"] = {"namespace": namespace, **whole["metadata"]}
        made = self.api.create(rid, whole, namespace=namespace)
        self.runtime.settle()
        return made

    def get(self, rid: str, name: str, namespace: str = "default") -> Obj:
        """Return an object that must be there."""
        resource = self.api.resource(rid)
        return self.api.read(rid, Key(namespace if resource.namespaced else "", name))

    def find(self, rid: str, name: str, namespace: str = "default") -> Obj | None:
        """Return an object, or None."""
        return self.api.get(rid, Key(namespace if self.api.resource(rid).namespaced else "", name))

    def delete(self, rid: str, name: str, namespace: str = "default") -> None:
        """Delete an object and let controllers act."""
        self.api.delete(rid, Key(namespace if self.api.resource(rid).namespaced else "", name))
        self.runtime.settle()

    def advance(self, seconds: float) -> None:
        """Play simulated time."""
        self.runtime.advance(timedelta(seconds=seconds))

    def reasons(self, name: str) -> list[str]:
        """Return the reasons of events about an object."""
        found = [each for each in self.api.items("events") if each["involvedObject"]["name"] == name]
        return [each["reason"] for each in found]
