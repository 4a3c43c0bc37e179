"""Any sequence of writes agrees with a small model: versions, conflicts, and a watcher that misses nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from eks_lab.sim.objects import ApiError, Key, Obj, key_of
from eks_lab.sim.store import StoreEvent
from tests.sim.small_cluster import config_map, small_api

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from(["1", "2", "3"])


class Writes(RuleBasedStateMachine):
    """ConfigMaps come, change and go."""

    @initialize()
    def begin(self) -> None:
        self.api = small_api()
        self.data: dict[str, dict[str, str]] = {}
        self.held: set[str] = set()
        self.deleting: set[str] = set()
        self.stale: dict[str, Obj] = {}
        self.watched: dict[Key, Obj] = {}
        self.revision = self.api.store.revision
        self.api.store.subscribe(self._follow)

    def _follow(self, event: StoreEvent) -> None:
        assert event.revision == self.revision + 1
        self.revision = event.revision
        key = key_of(event.obj)
        if event.type == "DELETED":
            del self.watched[key]
        else:
            assert (event.type == "ADDED") == (key not in self.watched)
            self.watched[key] = event.obj

    def _try(self, action: Any) -> int:
        try:
            action()
        except ApiError as error:
            return error.code
        return 200

    @rule(name=NAMES, value=VALUES, holds=st.booleans())
    def create(self, name: str, value: str, holds: bool) -> None:
        obj = config_map(name, k=value)
        if holds:
            obj["metadata"]["finalizers"] = ["example.org/hold"]
        code = self._try(lambda: self.api.create("configmaps", obj, manager="m"))
        assert code == (409 if name in self.data else 200)
        if code == 200:
            self.data[name] = {"k": value}
            (self.held.add if holds else self.held.discard)(name)

    @rule(name=NAMES)
    def remember(self, name: str) -> None:
        obj = self.api.get("configmaps", Key("default", name))
        if obj is not None:
            self.stale[name] = obj

    @rule(name=NAMES, value=VALUES)
    def update_what_was_remembered(self, name: str, value: str) -> None:
        if name not in self.stale:
            return
        old, now = self.stale[name], self.api.get("configmaps", Key("default", name))
        code = self._try(lambda: self.api.update("configmaps", {**old, "data": {"k": value}}, manager="n"))
        if now is None:
            assert code == 404
        elif now["metadata"]["resourceVersion"] != old["metadata"]["resourceVersion"]:
            assert code == 409
        else:
            assert code == 200
            self.data[name] = {"k": value}

    @rule(name=NAMES, value=VALUES)
    def patch(self, name: str, value: str) -> None:
        before = self.revision
        patch = {"data": {"p": value}}
        code = self._try(
            lambda: self.api.patch("configmaps", Key("default", name), patch, type="merge", manager="p")
        )
        assert code == (200 if name in self.data else 404)
        if code == 200:
            has_changed = self.data[name].get("p") != value
            assert (self.revision > before) == has_changed
            self.data[name] = {**self.data[name], "p": value}

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        code = self._try(lambda: self.api.delete("configmaps", Key("default", name)))
        assert code == (200 if name in self.data else 404)
        if name in self.held:
            self.deleting.add(name)
        else:
            self.data.pop(name, None)

    @rule(name=NAMES)
    def let_go(self, name: str) -> None:
        code = self._try(lambda: self.api.finalize("configmaps", Key("default", name), "example.org/hold"))
        assert code == (200 if name in self.data else 404)
        self.held.discard(name)
        if name in self.deleting:
            self.deleting.discard(name)
            self.data.pop(name, None)

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "api"):
            return
        stored = self.api.items("configmaps", "default")
        assert {obj["metadata"]["name"]: obj["data"] for obj in stored} == self.data
        assert [self.watched[key] for key in sorted(self.watched)] == stored
        versions = [obj["metadata"]["resourceVersion"] for obj in stored]
        assert len(set(versions)) == len(versions)


TestWrites = Writes.TestCase
TestWrites.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
