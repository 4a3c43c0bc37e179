"""Events: written once, counted, folded, rationed."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.ids import Ids
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj
from tests.sim.controllers.scenario import START, Cluster, pod

_ABOUT: Obj = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "default", "uid": "u1"},
}


def _recorder(cluster: Cluster, component: str = "tester") -> EventRecorder:
    return EventRecorder(cluster.clock, cluster.api, Ids(1), component, host="n1")


def test_an_event_says_who_what_and_when() -> None:
    cluster = Cluster()
    _recorder(cluster).normal(_ABOUT, "Started", "Container started", field_path="spec.containers{c}")
    (event,) = cluster.api.items("events")
    assert event["involvedObject"] == {
        "kind": "Pod",
        "name": "web",
        "namespace": "default",
        "apiVersion": "v1",
        "uid": "u1",
        "fieldPath": "spec.containers{c}",
    }
    assert event["source"] == {"component": "tester", "host": "n1"}
    assert event["count"] == 1
    assert event["firstTimestamp"] == event["lastTimestamp"] == "2026-03-01T12:00:00Z"
    assert event["metadata"]["name"].startswith("web.")


def test_the_same_again_is_counted() -> None:
    cluster = Cluster()
    recorder = _recorder(cluster)
    for _ in range(3):
        recorder.warning(_ABOUT, "BackOff", "Back-off restarting failed container")
        cluster.clock.advance(timedelta(seconds=10))
    (event,) = cluster.api.items("events")
    assert event["count"] == 3
    assert event["firstTimestamp"] == "2026-03-01T12:00:00Z"
    assert event["lastTimestamp"] == "2026-03-01T12:00:20Z"


def test_many_similar_ones_are_folded_into_one() -> None:
    cluster = Cluster()
    recorder = _recorder(cluster)
    for number in range(14):
        recorder.normal(_ABOUT, "Created", f"Created pod: web-{number}")
    messages = [each["message"] for each in cluster.api.items("events")]
    assert len(messages) == 10
    assert sum(each.startswith("(combined from similar events): ") for each in messages) == 1


def test_one_object_gets_25_and_then_one_in_five_minutes() -> None:
    cluster = Cluster()
    recorder = _recorder(cluster)
    for number in range(40):
        recorder.normal(_ABOUT, f"Reason{number}", "words")
    assert cluster.store.count("events") == 25
    cluster.clock.advance(timedelta(minutes=5))
    recorder.normal(_ABOUT, "Later", "words")
    recorder.normal(_ABOUT, "Last", "words")
    assert cluster.store.count("events") == 26


def test_the_newer_api_has_a_series_and_no_ration() -> None:
    cluster = Cluster()
    recorder = _recorder(cluster, "default-scheduler")
    for _ in range(2):
        recorder.warning(_ABOUT, "FailedScheduling", "0/3 nodes", action="Scheduling")
        cluster.clock.advance(timedelta(seconds=5))
    (event,) = cluster.api.items("events")
    assert event["action"] == "Scheduling"
    assert event["eventTime"] == "2026-03-01T12:00:00.000000Z"
    assert event["series"] == {"count": 2, "lastObservedTime": "2026-03-01T12:00:05.000000Z"}


def test_long_messages_are_cut() -> None:
    cluster = Cluster()
    _recorder(cluster).normal(_ABOUT, "Long", "x" * 3000)
    (event,) = cluster.api.items("events")
    assert len(event["message"]) == 1024


def test_events_of_cluster_wide_objects_are_in_default() -> None:
    cluster = Cluster()
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "n1"}}
    _recorder(cluster).normal(node, "NodeReady", "Node n1 status is now: NodeReady")
    assert [each["metadata"]["namespace"] for each in cluster.api.items("events")] == ["default"]


def test_a_namespace_that_goes_takes_no_events() -> None:
    cluster = Cluster(kubelet=False)
    cluster.given({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}})
    cluster.given({**pod("web"), "metadata": {"name": "web", "namespace": "going", "finalizers": ["a.b/c"]}})
    cluster.delete("namespaces", "going")
    about = cluster.api.read("pods", Key("going", "web"))
    _recorder(cluster).normal(about, "Late", "words")
    assert cluster.clock.now() == START
    assert cluster.api.items("events", "going") == []
