"""What a reconcile looks at again and again: the nodes a DaemonSet is meant for, and its pods by node.

A group of 200 nodes that joins makes hundreds of reconciles, each of which asks about every node. Objects
are never changed in place, so an answer holds as long as template, labels, taints and pods are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eks_lab.sim.api import Api
from eks_lab.sim.claims import owned
from eks_lab.sim.controllers.daemonset import decide
from eks_lab.sim.objects import Key, Obj, labels_of


class Place(NamedTuple):
    """A node as a DaemonSet sees it."""

    name: str
    should_run: bool
    """Whether it gets the pod."""
    may_stay: bool
    """Whether it keeps one that it has."""


class _Known(NamedTuple):
    labels: object
    spec: object
    place: Place


class Places:
    """The nodes of every DaemonSet, judged anew only where something that decides has changed."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[Key, tuple[Obj, dict[str, _Known]]] = {}

    def of(self, key: Key, owner: Obj, nodes: Sequence[Obj]) -> list[Place]:
        """Return every node, in the order given.

        Args:
            key: of the DaemonSet.
            owner: the DaemonSet.
            nodes: all of them.
        """
        template = owner["spec"]["template"]
        of_template, before = self._known.get(key, (None, {}))
        if not _same(of_template, template):
            before = {}
        now: dict[str, _Known] = {}
        for node in nodes:
            name = node["metadata"]["name"]
            labels, spec = labels_of(node), node["spec"]
            known = before.get(name)
            if known is None or not (_same(known.labels, labels) and _same(known.spec, spec)):
                known = _Known(labels, spec, Place(name, *decide.belongs(owner, node)))
            now[name] = known
        self._known[key] = (template, now)
        return [known.place for known in now.values()]

    def forget(self, key: Key) -> None:
        """Forget a DaemonSet that is gone."""
        self._known.pop(key, None)


class OwnedPods:
    """The pods of a DaemonSet, read again only after something was written."""

    def __init__(self, api: Api, owner: Obj) -> None:
        """Read nothing yet."""
        self._api = api
        self._owner = owner
        self._revision = -1
        self._pods: list[Obj] = []
        self._by_node: dict[str, list[Obj]] = {}

    def all(self) -> list[Obj]:
        """Return them by name."""
        self._read()
        return self._pods

    def by_node(self) -> dict[str, list[Obj]]:
        """Return them by the node they are on or pinned to; "" for none."""
        self._read()
        return self._by_node

    def _read(self) -> None:
        if self._revision != self._api.store.revision:
            self._revision = self._api.store.revision
            self._pods = owned(self._api, self._owner, "pods")
            self._by_node = by_node(self._pods)


def by_node(pods: Sequence[Obj]) -> dict[str, list[Obj]]:
    """Return pods by the node they are on or pinned to; "" for none."""
    found: dict[str, list[Obj]] = {}
    for pod in pods:
        found.setdefault(decide.target_of(pod), []).append(pod)
    return found


def _same(one: object, other: object) -> bool:
    # Unchanged parts of an object are shared, and equality of mappings looks at every key.
    return one is other or one == other
