"""The one store: versioned objects, watches, indexes.

Single-threaded by design. Objects are shared, never copied on the way out; each write replaces a whole
object. A revision counts every write of the cluster, as etcd's does.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

import orjson

from eks_lab.sim.objects import ApiError, Key, Obj, exact_json, key_of

EventType = Literal["ADDED", "MODIFIED", "DELETED"]

KEPT_EVENTS = 50_000
"""Writes that a watch can go back; real clusters compact etcd every five minutes."""

PACKED = frozenset({"events"})
"""Resources with very many objects that hardly anybody reads: kept as JSON, a third of the memory."""

FEW_CHANGES = 32
"""So many keys are put in their places one by one."""

IndexFunction = Callable[[Obj], Iterable[str]]


class StoreEvent(NamedTuple):
    """One write."""

    revision: int
    type: EventType
    resource: str
    """`pods`, `deployments.apps`."""
    obj: Obj
    """After the write; for DELETED the last state with the revision of the deletion."""
    old: Obj | None
    """Before the write; None for ADDED."""


class _SortedKeys:
    """Keys of one namespace in order; what came and went is sorted in when somebody reads."""

    __slots__ = ("_gone", "_new", "_sorted")

    def __init__(self) -> None:
        self._sorted: list[Key] = []
        self._new: dict[Key, None] = {}
        self._gone: set[Key] = set()

    def __len__(self) -> int:
        return len(self._sorted) + len(self._new) - len(self._gone)

    def add(self, key: Key) -> None:
        if key in self._gone:
            self._gone.discard(key)
        else:
            self._new[key] = None

    def drop(self, key: Key) -> None:
        if key in self._new:
            del self._new[key]
        else:
            self._gone.add(key)

    def read(self) -> list[Key]:
        """Return the keys in order; the list changes with the next write."""
        keys = self._sorted
        if self._new or self._gone:
            if len(self._new) + len(self._gone) <= FEW_CHANGES:
                for key in self._gone:
                    del keys[bisect_left(keys, key)]
                for key in self._new:
                    insort(keys, key)
            else:
                # Sorting a sorted list with something at its end is quick.
                keys = [key for key in keys if key not in self._gone] if self._gone else keys
                keys += sorted(self._new)
                keys.sort()
                self._sorted = keys
            self._new.clear()
            self._gone.clear()
        return keys


class _Table:
    """The objects of one resource."""

    __slots__ = ("by_key", "indexes", "is_packed", "json", "names", "spaces")

    def __init__(self, *, is_packed: bool = False) -> None:
        self.is_packed = is_packed
        """Objects are kept as JSON only, and read anew each time."""
        self.by_key: dict[Key, Any] = {}
        """Objects, or their JSON."""
        self.names: dict[str, _SortedKeys] = {}
        """Namespace -> sorted keys."""
        self.spaces: list[str] = []
        """Sorted namespaces that have objects."""
        self.json: dict[Key, bytes] = {}
        """Serialised objects, made when first asked for; of packed ones all."""
        self.indexes: dict[str, tuple[IndexFunction, dict[str, dict[Key, None]]]] = {}
        if is_packed:
            self.json = self.by_key

    def get(self, key: Key) -> Obj | None:
        found = self.by_key.get(key)
        return orjson.loads(found) if found.__class__ is bytes else found

    def keep(self, key: Key, obj: Obj) -> None:
        if self.is_packed:
            self.by_key[key] = exact_json(obj)
        else:
            self.by_key[key] = obj
            self.json.pop(key, None)

    def objects(self, keys: Iterable[Key]) -> list[Obj]:
        by_key = self.by_key
        if self.is_packed:
            return [orjson.loads(by_key[key]) for key in keys]
        return [by_key[key] for key in keys]

    def add(self, key: Key) -> None:
        names = self.names.get(key.namespace)
        if names is None:
            names = self.names[key.namespace] = _SortedKeys()
            insort(self.spaces, key.namespace)
        names.add(key)

    def drop(self, key: Key) -> None:
        names = self.names[key.namespace]
        names.drop(key)
        if not len(names):
            del self.names[key.namespace]
            del self.spaces[bisect_left(self.spaces, key.namespace)]

    def index(self, key: Key, old: Obj | None, new: Obj | None) -> None:
        for values_of, entries in self.indexes.values():
            before = list(values_of(old)) if old is not None else []
            after = list(values_of(new)) if new is not None else []
            if before == after:
                continue
            for value in before:
                keys = entries[value]
                keys.pop(key, None)
                if not keys:
                    del entries[value]
            for value in after:
                entries.setdefault(value, {})[key] = None


class Store:
    """All objects of one cluster."""

    def __init__(self) -> None:
        """Start empty, at revision 1."""
        self.revision = 1
        self._tables: dict[str, _Table] = {}
        self._owned: dict[str, dict[tuple[str, Key], None]] = {}
        self._uids: dict[str, tuple[str, Key]] = {}
        self._events: deque[StoreEvent] = deque(maxlen=KEPT_EVENTS)
        self._oldest = 1
        """The revision before the first kept event."""
        self._subscribers: list[Callable[[StoreEvent], None]] = []

    # --- reading ---------------------------------------------------------------------------------------

    def get(self, resource: str, key: Key) -> Obj | None:
        """Return an object, or None."""
        table = self._tables.get(resource)
        if table is None:
            return None
        found = table.by_key.get(key)
        if found.__class__ is bytes:
            found = orjson.loads(found)
        return found

    def keys(self, resource: str, namespace: str = "") -> Iterator[Key]:
        """Yield keys by namespace and name; all namespaces when none is named."""
        table = self._tables.get(resource)
        if table is None:
            return
        spaces = [namespace] if namespace else list(table.spaces)
        for space in spaces:
            names = table.names.get(space)
            if names is not None:
                yield from list(names.read())

    def items(self, resource: str, namespace: str = "") -> list[Obj]:
        """Return objects by namespace and name; all namespaces when none is named."""
        table = self._tables.get(resource)
        if table is None:
            return []
        if namespace:
            names = table.names.get(namespace)
            return table.objects(names.read()) if names is not None else []
        return table.objects(self.keys(resource))

    def count(self, resource: str) -> int:
        """Return how many objects of a resource there are."""
        table = self._tables.get(resource)
        return len(table.by_key) if table else 0

    def resources(self) -> list[str]:
        """Return the resources that have, or had, objects."""
        return sorted(self._tables)

    def json(self, resource: str, key: Key) -> bytes:
        """Return a stored object as JSON, serialised once until the next write.

        Raises:
            KeyError: there is no such object.
        """
        table = self._tables[resource]
        text = table.json.get(key)
        if text is None:
            text = table.json[key] = exact_json(table.by_key[key])
        return text

    def json_of(self, resource: str, keys: Iterable[Key]) -> list[bytes]:
        """Return stored objects as JSON, as `json` does one by one.

        Raises:
            KeyError: there is no such object.
        """
        table = self._tables.get(resource)
        if table is None:
            return []
        kept, by_key = table.json, table.by_key
        wanted = list(keys)
        texts = list(map(kept.get, wanted))
        for number, text in enumerate(texts) if None in texts else ():
            if text is None:
                key = wanted[number]
                texts[number] = kept[key] = exact_json(by_key[key])
        return texts  # type: ignore[return-value]

    def owned_by(self, uid: str) -> list[tuple[str, Key]]:
        """Return resource and key of every object that names this uid as an owner."""
        return list(self._owned.get(uid, ()))

    def find_uid(self, uid: str) -> tuple[str, Key] | None:
        """Return resource and key of the object with a uid, or None; packed objects, which own nothing, are not found."""
        return self._uids.get(uid)

    def add_index(self, resource: str, name: str, values_of: IndexFunction) -> None:
        """Keep an index from values to objects.

        Args:
            resource: whose objects.
            name: of the index.
            values_of: object -> values it is found under; called again after every write.
        """
        table = self._table(resource)
        if name in table.indexes:
            return
        entries: dict[str, dict[Key, None]] = {}
        for key in self.keys(resource):
            for value in values_of(table.objects((key,))[0]):
                entries.setdefault(value, {})[key] = None
        table.indexes[name] = (values_of, entries)

    def indexed(self, resource: str, name: str, value: str) -> list[Obj]:
        """Return the objects an index has under a value, in the order they came there."""
        table = self._tables[resource]
        return table.objects(table.indexes[name][1].get(value, ()))

    def count_indexed(self, resource: str, name: str, value: str) -> int:
        """Return how many objects an index has under a value."""
        return len(self._tables[resource].indexes[name][1].get(value, ()))

    # --- writing ---------------------------------------------------------------------------------------

    def put(self, resource: str, obj: Obj) -> Obj:
        """Write an object, new or not, whatever its resourceVersion says.

        Returns:
            The object as stored, with its new resourceVersion.
        """
        self.revision += 1
        obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.revision)}}
        key = key_of(obj)
        table = self._table(resource)
        old = table.get(key)
        if old is None:
            table.add(key)
        table.keep(key, obj)
        table.index(key, old, obj)
        self._index_owners(resource, key, old, obj)
        self._emit(StoreEvent(self.revision, "ADDED" if old is None else "MODIFIED", resource, obj, old))
        return obj

    def remove(self, resource: str, key: Key) -> Obj:
        """Take an object away.

        Returns:
            Its last state, with the revision of the deletion.

        Raises:
            KeyError: there is no such object.
        """
        table = self._tables[resource]
        old = table.get(key)
        if old is None:
            raise KeyError(key)
        del table.by_key[key]
        self.revision += 1
        table.drop(key)
        table.json.pop(key, None)
        table.index(key, old, None)
        self._index_owners(resource, key, old, None)
        last = {**old, "metadata": {**old["metadata"], "resourceVersion": str(self.revision)}}
        self._emit(StoreEvent(self.revision, "DELETED", resource, last, old))
        return last

    def load(self, revision: int, objects: Iterable[tuple[str, Obj]]) -> None:
        """Fill an empty store from what was kept, without events.

        Args:
            revision: the store's revision when it was kept.
            objects: resource and object, with their own resourceVersions.
        """
        for resource, obj in objects:
            table = self._table(resource)
            key = key_of(obj)
            table.add(key)
            table.keep(key, obj)
            table.index(key, None, obj)
            self._index_owners(resource, key, None, obj)
        self.revision = self._oldest = revision

    # --- watching --------------------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[StoreEvent], None]) -> Callable[[], None]:
        """Call a function after every write, in order; return a function that ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def since(self, revision: int) -> list[StoreEvent]:
        """Return the writes after a revision.

        Raises:
            ApiError: 410, the revision is older than the kept writes.
        """
        if revision < self._oldest:
            message = f"too old resource version: {revision} ({self._oldest})"
            raise ApiError(410, "Expired", message)
        if revision >= self.revision:
            return []
        # Revisions of events are consecutive: the wanted ones are the last ones.
        wanted = min(self.revision - revision, len(self._events))
        found = [self._events[-number] for number in range(wanted, 0, -1)]
        return [event for event in found if event.revision > revision]

    def _table(self, resource: str) -> _Table:
        table = self._tables.get(resource)
        if table is None:
            table = self._tables[resource] = _Table(is_packed=resource in PACKED)
        return table

    def _emit(self, event: StoreEvent) -> None:
        if len(self._events) == self._events.maxlen:
            self._oldest = self._events[0].revision
        self._events.append(event)
        for callback in tuple(self._subscribers):
            callback(event)

    def _index_owners(self, resource: str, key: Key, old: Obj | None, new: Obj | None) -> None:
        before = (old["metadata"].get("ownerReferences") or ()) if old is not None else ()
        after = (new["metadata"].get("ownerReferences") or ()) if new is not None else ()
        if resource in PACKED:
            pass
        elif old is None and new is not None and "uid" in new["metadata"]:
            self._uids[new["metadata"]["uid"]] = (resource, key)
        elif new is None and old is not None:
            self._uids.pop(old["metadata"].get("uid", ""), None)
        if before is after or (not before and not after):
            return
        for reference in before:
            owned = self._owned.get(reference["uid"])
            if owned is not None:
                owned.pop((resource, key), None)
                if not owned:
                    del self._owned[reference["uid"]]
        for reference in after:
            self._owned.setdefault(reference["uid"], {})[(resource, key)] = None
