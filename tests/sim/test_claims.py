"""Adopting orphans and letting go."""

from __future__ import annotations

from eks_lab.sim.claims import claim, index_orphans, owned, owner_keys
from eks_lab.sim.objects import Key, controller_of, evolve
from tests.sim.controllers.scenario import Cluster, pod, workload


def _cluster() -> Cluster:
    cluster = Cluster(kubelet=False)
    index_orphans(cluster.api, "pods")
    cluster.given(workload("ReplicaSet", "web", replicas=0), pod("web"), pod("other"))
    return cluster


def _claim(cluster: Cluster) -> list[str]:
    owner = cluster.read("replicasets.apps", "web")
    found = claim(cluster.api, owner, "pods", owner["spec"]["selector"], "tester")
    return [each["metadata"]["name"] for each in found]


def test_orphans_that_match_are_adopted() -> None:
    cluster = _cluster()
    assert _claim(cluster) == ["web"]
    reference = controller_of(cluster.read("pods", "web"))
    assert reference is not None
    assert reference["kind"] == "ReplicaSet"
    assert reference["blockOwnerDeletion"] is True
    assert controller_of(cluster.read("pods", "other")) is None


def test_what_no_longer_matches_is_let_go() -> None:
    cluster = _cluster()
    _claim(cluster)
    cluster.patch("pods", "web", {"metadata": {"labels": {"app": "debug"}}})
    assert _claim(cluster) == []
    assert controller_of(cluster.read("pods", "web")) is None


def test_nothing_is_taken_from_another_controller() -> None:
    cluster = _cluster()
    _claim(cluster)
    cluster.given(workload("ReplicaSet", "thief", replicas=0, selector={"matchLabels": {"app": "web"}},
                           template=cluster.read("replicasets.apps", "web")["spec"]["template"]))  # fmt: skip
    thief = cluster.read("replicasets.apps", "thief")
    assert claim(cluster.api, thief, "pods", thief["spec"]["selector"], "tester") == []


def test_a_set_that_goes_adopts_nobody() -> None:
    cluster = _cluster()
    owner = evolve(
        cluster.read("replicasets.apps", "web"), ("metadata", "deletionTimestamp"), "2026-03-01T12:00:00Z"
    )
    assert claim(cluster.api, owner, "pods", owner["spec"]["selector"], "tester") == []


def test_owned_asks_for_the_uid_and_not_the_name() -> None:
    cluster = _cluster()
    _claim(cluster)
    owner = cluster.read("replicasets.apps", "web")
    assert [each["metadata"]["name"] for each in owned(cluster.api, owner, "pods")] == ["web"]
    again = evolve(owner, ("metadata", "uid"), "another")
    assert owned(cluster.api, again, "pods") == []


def test_owner_keys_ask_for_the_kind() -> None:
    cluster = _cluster()
    _claim(cluster)
    web = cluster.read("pods", "web")
    assert owner_keys(web, "ReplicaSet") == [Key("default", "web")]
    assert owner_keys(web, "Job") == []
