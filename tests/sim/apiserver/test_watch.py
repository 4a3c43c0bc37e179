"""Watches: nothing lost, nothing twice, in the form that was asked for."""

from __future__ import annotations

import pytest

from eks_lab.sim import store as store_module
from eks_lab.sim.apiserver import watch as watch_module
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.objects import Key
from tests.sim.small_cluster import Client, config_map, small_api

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def client() -> Client:
    return Client(ApiServer(small_api()))


async def test_replay_then_what_happens(client: Client) -> None:
    api = client.app.api
    revision = api.store.revision
    api.create("configmaps", config_map("a", k="1"))
    watching = await client.watch(f"{MAPS}?watch=1&resourceVersion={revision}")
    api.update("configmaps", config_map("a", k="2"))
    api.create("configmaps", {"metadata": {"name": "x"}}, namespace="other")
    api.delete("configmaps", Key("default", "a"))
    events = await watching.events(3)
    assert [each["type"] for each in events] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [int(each["object"]["metadata"]["resourceVersion"]) for each in events]
    assert versions == [revision + 1, revision + 2, revision + 4]
    await watching.close()
    assert client.app.watches.count == 0


async def test_without_a_version_it_begins_with_what_is_there(client: Client) -> None:
    client.app.api.create("configmaps", config_map("a"))
    watching = await client.watch(f"{MAPS}?watch=true")
    assert (await watching.events(1))[0]["type"] == "ADDED"
    await watching.close()


async def test_initial_events_end_with_a_marked_bookmark(client: Client) -> None:
    client.app.api.create("configmaps", config_map("a"))
    query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    watching = await client.watch(f"{MAPS}?{query}")
    added, bookmark = await watching.events(2)
    assert (added["type"], bookmark["type"]) == ("ADDED", "BOOKMARK")
    assert bookmark["object"]["kind"] == "ConfigMap"
    metadata = bookmark["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert metadata["resourceVersion"] == str(client.app.api.store.revision)
    await watching.close()


async def test_selections_are_entered_and_left(client: Client) -> None:
    api = client.app.api
    watching = await client.watch(f"{MAPS}?watch=1&resourceVersion={api.store.revision}&labelSelector=l%3Dx")
    for label in ("y", "x", "x", "y", "z"):
        obj = config_map("a", k=label)
        obj["metadata"]["labels"] = {"l": label, "n": str(api.store.revision)}
        (api.update if api.get("configmaps", Key("default", "a")) else api.create)("configmaps", obj)
    events = await watching.events(3)
    assert [each["type"] for each in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert events[2]["object"]["metadata"]["labels"]["l"] == "x"
    assert int(events[2]["object"]["metadata"]["resourceVersion"]) == api.store.revision - 1
    assert watching.rest == b""
    await watching.close()


async def test_one_object_by_its_name(client: Client) -> None:
    api = client.app.api
    query = f"watch=1&resourceVersion={api.store.revision}&fieldSelector=metadata.name%3Db"
    watching = await client.watch(f"{MAPS}?{query}")
    for name in "abc":
        api.create("configmaps", config_map(name))
    assert [each["object"]["metadata"]["name"] for each in await watching.events(1)] == ["b"]
    await watching.close()
    assert watching.rest == b""


async def test_tables_name_their_columns_once(client: Client) -> None:
    accept = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    watching = await client.watch(f"{MAPS}?watch=1&resourceVersion={client.app.api.store.revision}", accept)
    for name in "ab":
        client.app.api.create("configmaps", config_map(name))
    first, second = await watching.events(2)
    assert [each["name"] for each in first["object"]["columnDefinitions"]] == ["Name", "Age"]
    assert second["object"]["columnDefinitions"] is None
    assert second["object"]["rows"][0]["cells"][0] == "b"
    await watching.close()


async def test_a_version_too_old_is_an_error_event(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEPT_EVENTS", 2)
    client = Client(ApiServer(small_api()))
    for name in "abc":
        client.app.api.create("configmaps", config_map(name))
    watching = await client.watch(f"{MAPS}?watch=1&resourceVersion=1")
    (event,) = await watching.events(1)
    assert (watching.status, event["type"]) == (200, "ERROR")
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    await watching.ended.wait()
    await watching.close()


async def test_it_ends_when_its_time_is_up(client: Client) -> None:
    answer = await client.ask("GET", f"{MAPS}?watch=1&timeoutSeconds=1&resourceVersion=0")
    assert (answer.status, answer.body) == (200, b"")


async def test_bookmarks_come_by_themselves(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "BOOKMARK_EVERY", 0.01)
    watching = await client.watch(f"{MAPS}?watch=1&allowWatchBookmarks=true&resourceVersion=1")
    (event,) = await watching.events(1)
    assert event["type"] == "BOOKMARK"
    assert event["object"]["metadata"]["resourceVersion"] == str(client.app.api.store.revision)
    await watching.close()


async def test_a_client_that_does_not_read_is_dropped(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "MOST_PENDING", 2_000)
    watching = await client.watch(f"{MAPS}?watch=1&resourceVersion={client.app.api.store.revision}")
    for number in range(20):
        client.app.api.create("configmaps", config_map(f"c{number}", k="x" * 200))
    await watching.ended.wait()
    await watching.close()
    assert client.app.watches.count == 0


async def test_everybody_gets_the_same_bytes(client: Client) -> None:
    path = f"{MAPS}?watch=1&resourceVersion={client.app.api.store.revision}"
    watchers = [await client.watch(path) for _ in range(5)]
    for number in range(50):
        client.app.api.create("configmaps", config_map(f"c{number:02}"))
    seen = [await watching.events(50) for watching in watchers]
    assert all(each == seen[0] for each in seen)
    assert [each["object"]["metadata"]["name"] for each in seen[0]] == [
        f"c{number:02}" for number in range(50)
    ]
    for watching in watchers:
        await watching.close()
