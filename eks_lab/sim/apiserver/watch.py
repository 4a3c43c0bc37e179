"""Watches: every write is serialised once for everybody who sees it in the same form."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from eks_lab.sim.api import Api
from eks_lab.sim.api.lists import parse_revision
from eks_lab.sim.apiserver import tables
from eks_lab.sim.apiserver.answers import Receive, Send
from eks_lab.sim.apiserver.negotiation import OBJECT, Form
from eks_lab.sim.objects import ApiError, Obj, key_of
from eks_lab.sim.resource import Resource
from eks_lab.sim.store import StoreEvent

MOST_PENDING = 64 * 1024 * 1024
"""Bytes that may wait for a slow client before it is dropped."""
BOOKMARK_EVERY = 60.0
"""Seconds of real time between bookmarks (cacher: about a minute)."""
LONGEST = 3600.0
"""Seconds after which a watch without timeoutSeconds ends."""

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What a watch asks for."""

    resource: Resource
    version: str
    """API version name of the URL."""
    namespace: str = ""
    matches: Callable[[Obj], bool] | None = None
    """Selectors; None sees everything."""
    form: Form = OBJECT
    include: str = "Metadata"
    """`includeObject` of Tables."""
    wants_bookmarks: bool = False
    sends_initial: bool = False
    """`sendInitialEvents`: the present state, then a bookmark that closes it."""
    revision: str = ""
    """`resourceVersion`; empty or 0 begins with the present state."""
    timeout: float = LONGEST
    """Seconds of real time."""


class Watcher:
    """One client that watches."""

    __slots__ = ("_pending", "_size", "_wake", "options", "saw_columns", "was_dropped")

    def __init__(self, options: WatchOptions) -> None:
        """Start without events."""
        self.options = options
        self.saw_columns = False
        self.was_dropped = False
        self._pending: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()

    def push(self, frame: bytes) -> None:
        """Queue an event; a client that does not read is dropped."""
        self._pending.append(frame)
        self._size += len(frame)
        if self._size > MOST_PENDING:
            self.was_dropped = True
        self._wake.set()

    def take(self) -> bytes:
        """Return everything queued."""
        frames = b"".join(self._pending)
        self._pending.clear()
        self._size = 0
        self._wake.clear()
        return frames

    def stop(self) -> None:
        """End the watch."""
        self.was_dropped = True
        self._wake.set()

    async def wait(self, timeout: float) -> None:
        """Wait for an event, or for so many seconds."""
        try:
            await asyncio.wait_for(self._wake.wait(), timeout)
        except TimeoutError:
            return


class WatchHub:
    """Passes the store's writes on to everybody who watches."""

    def __init__(self, api: Api) -> None:
        """Subscribe to a store.

        Args:
            api: whose store.
        """
        self._api = api
        self._watchers: dict[str, list[Watcher]] = {}
        api.store.subscribe(self._on_write)

    @property
    def count(self) -> int:
        """Return how many watch."""
        return sum(map(len, self._watchers.values()))

    @property
    def counts(self) -> dict[str, int]:
        """Return resource -> how many watch it; those that nobody watches are left out."""
        return {rid: len(found) for rid, found in sorted(self._watchers.items()) if found}

    def close(self) -> None:
        """End every watch, as when the server stops."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.stop()

    def close_resource(self, rid: str) -> None:
        """End the watches of a resource that is no longer served."""
        for watcher in self._watchers.get(rid, ()):
            watcher.stop()

    async def serve(self, options: WatchOptions, receive: Receive, send: Send) -> None:
        """Answer a watch until it times out or the client goes.

        Raises:
            ApiError: 400, the resourceVersion is none.
        """
        watcher = Watcher(options)
        rid = options.resource.id
        # From here to the registration nothing else runs: no event is lost and none comes twice.
        self._begin(watcher)
        self._watchers.setdefault(rid, []).append(watcher)
        loop = asyncio.get_running_loop()
        gone = loop.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: watcher.stop())
        try:
            headers = [
                (b"content-type", options.form.content_type.encode()),
                (b"cache-control", b"no-cache, private"),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            # The head goes out at once: clients wait for it before they read events.
            await send({"type": "http.response.body", "body": watcher.take(), "more_body": True})
            end = loop.time() + options.timeout
            next_bookmark = loop.time() + BOOKMARK_EVERY
            while not watcher.was_dropped and (left := end - loop.time()) > 0:
                await watcher.wait(min(left, max(next_bookmark - loop.time(), 0.0)))
                if options.wants_bookmarks and loop.time() >= next_bookmark:
                    watcher.push(self._bookmark(options, False))
                if loop.time() >= next_bookmark:
                    next_bookmark = loop.time() + BOOKMARK_EVERY
                frames = watcher.take()
                if frames:
                    await send({"type": "http.response.body", "body": frames, "more_body": True})
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._watchers[rid].remove(watcher)
            gone.cancel()

    def _begin(self, watcher: Watcher) -> None:
        """Queue what a new watch sees first."""
        options, store = watcher.options, self._api.store
        revision = options.revision
        since = parse_revision(revision) if revision else 0
        if options.sends_initial or revision in ("", "0"):
            for obj in store.items(options.resource.id, options.namespace):
                if options.matches is None or options.matches(obj):
                    watcher.push(self._frame(watcher, "ADDED", obj, None))
            if options.sends_initial and options.wants_bookmarks:
                watcher.push(self._bookmark(options, True))
            return
        try:
            events = store.since(since)
        except ApiError as error:
            watcher.push(orjson.dumps({"type": "ERROR", "object": error.status()}) + b"\n")
            watcher.stop()
            return
        for event in events:
            if event.resource == options.resource.id:
                self._offer(watcher, event, None)

    def _on_write(self, event: StoreEvent) -> None:
        watchers = self._watchers.get(event.resource)
        if watchers:
            kept: dict[Any, bytes] = {}
            for watcher in watchers:
                self._offer(watcher, event, kept)

    def _offer(self, watcher: Watcher, event: StoreEvent, kept: dict[Any, bytes] | None) -> None:
        """Queue an event for a watcher that is to see it."""
        options = watcher.options
        obj = event.obj
        if options.namespace and obj["metadata"].get("namespace") != options.namespace:
            return
        kind: str = event.type
        if options.matches is not None:
            matched = event.old is not None and options.matches(event.old)
            matches = event.type != "DELETED" and options.matches(obj)
            if not matched and not matches:
                return
            if matches:
                kind = "MODIFIED" if matched else "ADDED"
            else:
                if event.type != "DELETED" and event.old is not None:
                    # It left the selection: what is sent is how it was seen last, at this revision.
                    revision = obj["metadata"]["resourceVersion"]
                    obj = {**event.old, "metadata": {**event.old["metadata"], "resourceVersion": revision}}
                kind = "DELETED"
        watcher.push(self._frame(watcher, kind, obj, kept))

    def _frame(self, watcher: Watcher, kind: str, obj: Obj, kept: dict[Any, bytes] | None) -> bytes:
        """Return an event's line, the same bytes for everybody who wants the same form."""
        options = watcher.options
        with_columns = options.form.kind == "Table" and not watcher.saw_columns
        watcher.saw_columns = True
        slot = (kind, id(obj), options.form, options.version, options.include, with_columns)
        frame = kept.get(slot) if kept is not None else None
        if frame is None:
            frame = b'{"type":"%b","object":%b}\n' % (kind.encode(), self._body(options, obj, with_columns))
            if kept is not None:
                kept[slot] = frame
        return frame

    def _body(self, options: WatchOptions, obj: Obj, with_columns: bool) -> bytes:
        resource = options.resource
        if options.form.kind == "Table":
            columns = tables.columns_of(resource)
            found = tables.rows(columns, [obj], self._api.now(), options.include, options.form.version)
            metadata = {"resourceVersion": obj["metadata"]["resourceVersion"]}
            shown = columns if with_columns else None
            return orjson.dumps(tables.table(shown, found, metadata, options.form.version))
        if options.form.kind:
            return orjson.dumps(tables.partial(obj, options.form.version))
        if options.version != resource.version:
            return orjson.dumps(resource.other_versions[options.version].encode(obj))
        key = key_of(obj)
        if self._api.store.get(resource.id, key) is obj:
            return self._api.store.json(resource.id, key)
        return orjson.dumps(obj)

    def _bookmark(self, options: WatchOptions, closes_initial: bool) -> bytes:
        resource = options.resource
        metadata: Obj = {"resourceVersion": str(self._api.store.revision), "creationTimestamp": None}
        if closes_initial:
            metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
        api_version = "/".join(each for each in resource.group_version(options.version) if each)
        obj: Obj = {"kind": resource.kind, "apiVersion": api_version, "metadata": metadata}
        if options.form.kind == "Table":
            row = {"cells": [], "object": tables.partial(obj, options.form.version)}
            obj = tables.table(
                None, [row], {"resourceVersion": metadata["resourceVersion"]}, options.form.version
            )
        elif options.form.kind:
            obj = tables.partial(obj, options.form.version)
        return orjson.dumps({"type": "BOOKMARK", "object": obj}) + b"\n"


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
