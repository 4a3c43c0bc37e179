"""Deletion: grace, finalizers, propagation, preconditions, eviction."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj
from tests.sim.small_cluster import config_map, pod, small_api

KEY = Key("default", "a")


def running_pod(api: Api) -> Obj:
    api.create("pods", pod("a", nodeName="n1"))
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    return api.update_status("pods", {**api.read("pods", KEY), "status": ready})


def test_an_object_without_grace_goes_at_once() -> None:
    api = small_api()
    api.create("configmaps", config_map("a"))
    last = api.delete("configmaps", KEY)
    assert api.get("configmaps", KEY) is None
    assert int(last["metadata"]["resourceVersion"]) == api.store.revision
    with pytest.raises(ApiError, match='configmaps "a" not found'):
        api.delete("configmaps", KEY)


def test_a_pod_gets_its_grace_and_it_only_gets_shorter() -> None:
    api = small_api()
    running_pod(api)
    going = api.delete("pods", KEY)
    assert going["metadata"]["deletionGracePeriodSeconds"] == 30
    assert going["metadata"]["deletionTimestamp"] == "2026-01-01T12:00:30Z"
    assert going["metadata"]["generation"] == 2
    assert api.delete("pods", KEY, grace_seconds=60) is going
    api.clock.advance(timedelta(seconds=5))
    sooner = api.delete("pods", KEY, grace_seconds=10)
    assert sooner["metadata"]["deletionTimestamp"] == "2026-01-01T12:00:10Z"
    api.delete("pods", KEY, grace_seconds=0)
    assert api.get("pods", KEY) is None


def test_a_pod_that_runs_nowhere_goes_at_once() -> None:
    api = small_api()
    api.create("pods", pod("a"))
    api.delete("pods", KEY)
    assert api.get("pods", KEY) is None


def test_finalizers_hold_and_letting_go_deletes() -> None:
    api = small_api()
    held = config_map("a")
    held["metadata"]["finalizers"] = ["example.org/one", "example.org/two"]
    api.create("configmaps", held)
    marked = api.delete("configmaps", KEY)
    assert marked["metadata"]["deletionGracePeriodSeconds"] == 0
    assert (
        api.delete("configmaps", KEY)["metadata"]["resourceVersion"] == marked["metadata"]["resourceVersion"]
    )
    patch = [{"op": "add", "path": "/metadata/finalizers/-", "value": "example.org/three"}]
    with pytest.raises(ApiError, match="no new finalizers can be added if the object is being deleted"):
        api.patch("configmaps", KEY, patch, type="json")
    assert api.patch("configmaps", KEY, {"data": {"k": "v"}}, type="merge")["data"] == {"k": "v"}
    api.finalize("configmaps", KEY, "example.org/one")
    assert api.get("configmaps", KEY) is not None
    api.finalize("configmaps", KEY, "example.org/two")
    assert api.get("configmaps", KEY) is None


@pytest.mark.parametrize(
    ("propagation", "finalizers"),
    [("Foreground", ["foregroundDeletion"]), ("Orphan", ["orphan"]), ("Background", None), (None, None)],
)
def test_propagation_leaves_work_to_the_garbage_collector(
    propagation: str | None, finalizers: list[str] | None
) -> None:
    api = small_api()
    api.create("configmaps", config_map("a"))
    api.delete("configmaps", KEY, propagation=propagation)
    left = api.get("configmaps", KEY)
    assert (left["metadata"]["finalizers"] if left else None) == finalizers


def test_preconditions_are_checked() -> None:
    api = small_api()
    api.create("configmaps", config_map("a"))
    with pytest.raises(ApiError, match="The object might have been deleted and then recreated"):
        api.delete("configmaps", KEY, uid="x")
    with pytest.raises(ApiError, match="The object might have been modified"):
        api.delete("configmaps", KEY, resource_version="1")
    assert api.get("configmaps", KEY) is not None


def test_some_namespaces_stay() -> None:
    with pytest.raises(
        ApiError, match='namespaces "default" is forbidden: this namespace may not be deleted'
    ):
        small_api().delete("namespaces", Key("", "default"))


def budget(api: Api, allowed: int) -> None:
    selector = {"matchLabels": {"app": "web"}}
    metadata = {"name": "b", "namespace": "default"}
    obj = api.create("poddisruptionbudgets.policy", {"metadata": metadata, "spec": {"selector": selector}})
    status = {
        "disruptionsAllowed": allowed,
        "desiredHealthy": 1,
        "currentHealthy": 1,
        "observedGeneration": 1,
    }
    api.update_status("poddisruptionbudgets.policy", {**obj, "status": status})


def test_eviction_uses_up_a_budget() -> None:
    api = small_api()
    running_pod(api)
    budget(api, 1)
    api.evict(KEY)
    assert api.read("pods", KEY)["metadata"]["deletionTimestamp"]
    conditions = {each["type"]: each for each in api.read("pods", KEY)["status"]["conditions"]}
    assert conditions["DisruptionTarget"]["reason"] == "EvictionByEvictionAPI"
    status = api.read("poddisruptionbudgets.policy", Key("default", "b"))["status"]
    assert status["disruptionsAllowed"] == 0
    assert list(status["disruptedPods"]) == ["a"]


def test_eviction_stops_at_a_spent_budget() -> None:
    api = small_api()
    running_pod(api)
    budget(api, 0)
    with pytest.raises(
        ApiError, match="Cannot evict pod as it would violate the pod's disruption budget"
    ) as caught:
        api.evict(KEY)
    assert caught.value.code == 429
    cause = "The disruption budget b needs 1 healthy pods and has 1 currently"
    assert caught.value.details["causes"][0]["message"] == cause
    assert "deletionTimestamp" not in api.read("pods", KEY)["metadata"]
