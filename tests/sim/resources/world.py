"""A world of a few objects for judging kinds without an API server."""

from __future__ import annotations

from datetime import UTC, datetime

from eks_lab.ids import Ids
from eks_lab.sim.objects import Key, Obj, key_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeWorld:
    """Objects by resource; the time stands still."""

    version = "1.36"

    def __init__(self, **objects: list[Obj]) -> None:
        """Hold objects: `FakeWorld(services=[…])`."""
        self.ids = Ids(7)
        self._objects = objects

    def now(self) -> datetime:
        """Return the moment of all tests."""
        return NOW

    def get(self, resource: str, key: Key) -> Obj | None:
        """Return one of the objects."""
        return next((each for each in self.items(resource) if key_of(each) == key), None)

    def items(self, resource: str, namespace: str = "") -> list[Obj]:
        """Return the objects of a resource."""
        return [
            each
            for each in self._objects.get(resource, [])
            if not namespace or each["metadata"].get("namespace") == namespace
        ]
