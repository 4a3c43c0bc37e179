"""ControllerRevisions of StatefulSets and DaemonSets."""

from __future__ import annotations

from eks_lab.sim import revisions
from eks_lab.sim.objects import Obj
from tests.sim.controllers.scenario import Cluster, template, workload


def _cluster() -> Cluster:
    cluster = Cluster()
    cluster.given(workload("StatefulSet", "db", replicas=0))
    revisions.index(cluster.api)
    return cluster


def _current(cluster: Cluster, image: str) -> tuple[Obj, list[Obj], int | None]:
    owner = cluster.read("statefulsets.apps", "db")
    owner = {**owner, "spec": {**owner["spec"], "template": template("db", image=image)}}
    history = revisions.history_of(cluster.api, owner)
    return revisions.current_revision(cluster.api, owner, history, label=revisions.OWN_HASH_LABEL)


def test_each_template_has_one_revision_and_a_former_one_is_renumbered() -> None:
    cluster = _cluster()
    first, _, _ = _current(cluster, "a")
    again, _, _ = _current(cluster, "a")
    second, history, _ = _current(cluster, "b")
    assert again["metadata"]["name"] == first["metadata"]["name"]
    assert [each["revision"] for each in history] == [1, 2]
    back, history, _ = _current(cluster, "a")
    assert back["metadata"]["name"] == first["metadata"]["name"]
    assert [each["revision"] for each in history] == [2, 3]
    assert revisions.template_of(second)["spec"]["containers"][0]["image"] == "b"


def test_a_name_that_is_taken_counts_as_a_collision() -> None:
    cluster = _cluster()
    first, _, _ = _current(cluster, "a")
    cluster.api.delete(revisions.REVISIONS, cluster.key(revisions.REVISIONS, first["metadata"]["name"]))
    foreign = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": 1, "data": {"x": 1}}
    cluster.given({**foreign, "metadata": {"name": first["metadata"]["name"]}})
    made, _, collisions = _current(cluster, "a")
    assert collisions == 1
    assert made["metadata"]["name"] != first["metadata"]["name"]


def test_the_oldest_that_nobody_uses_go_first() -> None:
    cluster = _cluster()
    for image in "abcd":
        _current(cluster, image)
    owner = cluster.read("statefulsets.apps", "db")
    owner = {**owner, "spec": {**owner["spec"], "revisionHistoryLimit": 1}}
    history = revisions.history_of(cluster.api, owner)
    used = {history[0]["metadata"]["name"], history[-1]["metadata"]["name"]}
    revisions.truncate(cluster.api, owner, history, used)
    left = [each["revision"] for each in revisions.history_of(cluster.api, owner)]
    assert left == [1, 3, 4]
