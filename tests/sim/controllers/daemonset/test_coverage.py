"""What is remembered about nodes and pods is what asking anew would say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.controllers.daemonset import coverage, decide
from eks_lab.sim.controllers.daemonset.coverage import OwnedPods, Place, Places
from eks_lab.sim.objects import Key

KEY = Key("kube-system", "agent")


def owner(**selector: str) -> dict[str, Any]:
    """Return a DaemonSet with a node selector."""
    return {"spec": {"template": {"spec": {"nodeSelector": selector, "containers": []}}}}


def node(name: str, effect: str = "", **labels: str) -> dict[str, Any]:
    """Return a node with labels and, maybe, a taint."""
    taints = [{"key": "k", "effect": effect}] if effect else []
    return {"metadata": {"name": name, "labels": labels}, "spec": {"taints": taints}}


nodes = st.lists(
    st.builds(
        node,
        st.sampled_from("abcd"),
        st.sampled_from(["", "NoSchedule", "NoExecute", "PreferNoSchedule"]),
        disk=st.sampled_from(["ssd", "hdd"]),
    ),
    unique_by=lambda each: each["metadata"]["name"],
)


@given(
    st.lists(
        st.tuples(st.sampled_from([owner(), owner(disk="ssd"), owner(disk="hdd")]), nodes),
        min_size=2,
        max_size=6,
    )
)
def test_places_are_those_of_now(turns: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    places = Places()
    for wanted, present in turns:
        assert places.of(KEY, wanted, present) == [
            Place(each["metadata"]["name"], *decide.belongs(wanted, each)) for each in present
        ]


def test_only_a_node_that_changed_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    real = decide.belongs

    def belongs(of: dict[str, Any], each: dict[str, Any]) -> tuple[bool, bool]:
        judged.append(each["metadata"]["name"])
        return real(of, each)

    monkeypatch.setattr(decide, "belongs", belongs)
    places, wanted = Places(), owner()
    first, second = node("a"), node("b")
    places.of(KEY, wanted, [first, second])
    places.of(KEY, wanted, [{**first, "status": {"conditions": []}}, node("b", "NoSchedule"), node("c")])
    assert judged == ["a", "b", "b", "c"]
    places.forget(KEY)
    places.of(KEY, wanted, [first])
    assert judged[4:] == ["a"]


def test_pods_are_read_again_only_after_a_write(monkeypatch: pytest.MonkeyPatch) -> None:
    class Store:
        revision = 1

    class Api:
        store = Store()

    reads: list[int] = []

    def owned(api: Any, owner: Any, resource: str) -> list[dict[str, Any]]:
        reads.append(api.store.revision)
        return [{"spec": {"nodeName": f"node-{api.store.revision}"}}]

    monkeypatch.setattr(coverage, "owned", owned)
    api: Any = Api()
    pods = OwnedPods(api, {})
    assert list(pods.by_node()) == ["node-1"]
    assert len(pods.all()) == 1
    api.store.revision = 2
    assert list(pods.by_node()) == ["node-2"]
    assert reads == [1, 2]
