"""Quotas are recounted when objects come, change and go."""

from __future__ import annotations

import pytest

from eks_lab.sim.controllers.resource_quota.controller import ResourceQuotaController
from eks_lab.sim.objects import Obj, evolve
from eks_lab.sim.quota import matches_scopes, usage_of
from tests.sim.world import World


@pytest.fixture
def world() -> World:
    return World(lambda world: [ResourceQuotaController(world.api)])


def pod(name: str, cpu: str = "250m", **spec: object) -> Obj:
    container = {
        "name": "c",
        "image": "nginx",
        "resources": {"requests": {"cpu": cpu}, "limits": {"memory": "1Gi"}},
    }
    return {"metadata": {"name": name}, "spec": {"containers": [container], **spec}}


def used(world: World) -> Obj:
    status: Obj = world.get("resourcequotas", "q")["status"]
    found: Obj = status["used"]
    return found


def test_pods_are_counted_when_they_come_end_and_go(world: World) -> None:
    hard = {"pods": "4", "requests.cpu": "1", "limits.memory": "4Gi", "count/configmaps": "10", "cpu": "2"}
    world.create("resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": hard}})
    assert used(world) == dict.fromkeys(hard, "0")
    world.create("pods", pod("a"))
    world.create("pods", pod("b"))
    world.create("configmaps", {"metadata": {"name": "c"}})
    assert used(world) == {
        "pods": "2",
        "requests.cpu": "500m",
        "limits.memory": "2Gi",
        "count/configmaps": "1",
        "cpu": "500m",
    }
    ended = evolve(world.get("pods", "a"), ("status", "phase"), "Succeeded")
    world.api.update_status("pods", ended)
    world.runtime.settle()
    assert used(world)["pods"] == "1"
    world.delete("pods", "b")
    assert used(world)["requests.cpu"] == "0"


def test_other_namespaces_do_not_count(world: World) -> None:
    world.create("namespaces", {"metadata": {"name": "other"}})
    world.create("resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "4"}}})
    world.create("pods", pod("a"), namespace="other")
    assert used(world) == {"pods": "0"}


def test_a_service_counts_its_node_ports() -> None:
    service = {"spec": {"type": "LoadBalancer", "ports": [{"port": 80}, {"port": 443}]}}
    found = {name: str(amount) for name, amount in usage_of("services", service).items()}
    assert found == {
        "count/services": "1",
        "services": "1",
        "services.loadbalancers": "1",
        "services.nodeports": "2",
    }


def test_a_claim_counts_for_its_class() -> None:
    spec = {"storageClassName": "gp3", "resources": {"requests": {"storage": "8Gi"}}}
    found = {
        name: str(amount)
        for name, amount in usage_of("persistentvolumeclaims", {"metadata": {}, "spec": spec}).items()
    }
    assert found["gp3.storageclass.storage.k8s.io/requests.storage"] == "8Gi"
    assert found["requests.storage"] == "8Gi"


@pytest.mark.parametrize(
    ("scope", "spec", "expected"),
    [
        ("Terminating", {"activeDeadlineSeconds": 5}, True),
        ("NotTerminating", {"activeDeadlineSeconds": 5}, False),
        ("BestEffort", {"containers": [{"name": "c"}]}, True),
        ("NotBestEffort", {"containers": [{"resources": {"requests": {"cpu": "1"}}}]}, True),
        ("BestEffort", {"containers": [{"resources": {"limits": {"memory": "1Mi"}}}]}, False),
    ],
)
def test_scopes_choose_pods(scope: str, spec: Obj, expected: bool) -> None:
    quota = {"spec": {"scopes": [scope]}}
    assert matches_scopes(quota, "pods", {"spec": spec}) is expected


def test_a_scope_by_priority_class() -> None:
    expression = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
    quota = {"spec": {"scopeSelector": {"matchExpressions": [expression]}}}
    assert matches_scopes(quota, "pods", {"spec": {"priorityClassName": "high"}})
    assert not matches_scopes(quota, "pods", {"spec": {"priorityClassName": "low"}})
    assert not matches_scopes(quota, "configmaps", {"spec": {}})
