"""The store: revisions, order, indexes, what a watch can go back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim import store as store_module
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.store import Store, StoreEvent


def thing(name: str, namespace: str = "default", **rest: object) -> Obj:
    return {"metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}"}, **rest}


def test_each_write_takes_the_next_revision() -> None:
    store = Store()
    first = store.put("pods", thing("a"))
    second = store.put("pods", thing("a", spec=1))
    last = store.remove("pods", Key("default", "a"))
    assert [each["metadata"]["resourceVersion"] for each in (first, second, last)] == ["2", "3", "4"]
    assert store.revision == 4
    assert store.get("pods", Key("default", "a")) is None


def test_what_was_read_never_changes() -> None:
    store = Store()
    before = store.put("pods", thing("a", spec=1))
    store.put("pods", thing("a", spec=2))
    assert before["spec"] == 1


def test_json_follows_writes() -> None:
    store = Store()
    key = Key("default", "a")
    store.put("pods", thing("a", spec=1))
    assert b'"spec":1' in store.json("pods", key)
    store.put("pods", thing("a", spec=2))
    assert b'"spec":2' in store.json("pods", key)
    assert store.json_of("pods", [key]) == [store.json("pods", key)]
    store.remove("pods", key)
    with pytest.raises(KeyError):
        store.json("pods", key)


def test_since_replays_and_says_when_it_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEPT_EVENTS", 3)
    store = Store()
    for number in range(6):
        store.put("pods", thing(f"p{number}"))
    assert [event.revision for event in store.since(4)] == [5, 6, 7]
    assert store.since(7) == store.since(99) == []
    with pytest.raises(ApiError) as caught:
        store.since(3)
    assert caught.value.code == 410


def test_index_follows_writes() -> None:
    store = Store()
    store.put("pods", thing("a", node="n1"))
    store.add_index("pods", "node", lambda pod: [pod["node"]])
    store.put("pods", thing("b", node="n1"))
    store.put("pods", thing("a", node="n2"))
    assert [pod["metadata"]["name"] for pod in store.indexed("pods", "node", "n1")] == ["b"]
    store.remove("pods", Key("default", "b"))
    assert store.indexed("pods", "node", "n1") == []


def test_owners_are_found_by_uid() -> None:
    store = Store()
    child = thing("a")
    child["metadata"]["ownerReferences"] = [{"uid": "boss"}]
    store.put("pods", child)
    assert store.owned_by("boss") == [("pods", Key("default", "a"))]
    store.put("pods", thing("a"))
    assert store.owned_by("boss") == []


def test_load_restores_without_events() -> None:
    store = Store()
    seen: list[StoreEvent] = []
    store.subscribe(seen.append)
    store.load(40, [("pods", {**thing("a"), "x": 1})])
    assert store.count("pods") == 1
    assert seen == []
    assert store.put("pods", thing("b"))["metadata"]["resourceVersion"] == "41"
    with pytest.raises(ApiError):
        store.since(39)


def test_unsubscribing_ends_the_calls() -> None:
    store = Store()
    seen: list[StoreEvent] = []
    stop = store.subscribe(seen.append)
    store.put("pods", thing("a"))
    stop()
    store.put("pods", thing("b"))
    assert [event.obj["metadata"]["name"] for event in seen] == ["a"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "remove"]), st.sampled_from("abc"), st.sampled_from(["n1", "n2", "n-10"])
        ),
        max_size=40,
    )
)
def test_events_rebuild_the_store(steps: list[tuple[str, str, str]]) -> None:
    store = Store()
    seen: dict[Key, Obj] = {}

    def follow(event: StoreEvent) -> None:
        key = Key(event.obj["metadata"]["namespace"], event.obj["metadata"]["name"])
        assert (event.old is None) == (event.type == "ADDED") == (key not in seen)
        if event.type == "DELETED":
            del seen[key]
        else:
            seen[key] = event.obj

    store.subscribe(follow)
    for action, name, namespace in steps:
        key = Key(namespace, name)
        if action == "put":
            store.put("pods", thing(name, namespace))
        elif store.get("pods", key) is not None:
            store.remove("pods", key)
    assert store.items("pods") == [seen[key] for key in sorted(seen)]
    assert list(store.keys("pods", "n1")) == sorted(key for key in seen if key.namespace == "n1")
