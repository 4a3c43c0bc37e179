"""Creates and updates: what the server fills in, and what it refuses in which words."""

from __future__ import annotations

import pytest

from eks_lab.sim.objects import ApiError, Key, Obj, forbidden
from eks_lab.sim.resource import Attributes, World
from tests.sim.small_cluster import config_map, deployment, pod, small_api

KEY = Key("default", "a")


def refusal(action: object) -> ApiError:
    with pytest.raises(ApiError) as caught:
        action()  # type: ignore[operator]
    return caught.value


def test_create_fills_in_metadata() -> None:
    api = small_api()
    obj = api.create("configmaps", config_map("a", k="v"))
    assert obj["kind"] == "ConfigMap"
    assert obj["apiVersion"] == "v1"
    assert obj["metadata"]["creationTimestamp"] == "2026-01-01T12:00:00Z"
    assert len(obj["metadata"]["uid"]) == 36
    assert api.read("configmaps", KEY) is obj


def test_generated_names_keep_their_prefix() -> None:
    api = small_api()
    obj = api.create("configmaps", {"metadata": {"generateName": "x" * 70}}, namespace="default")
    assert len(obj["metadata"]["name"]) == 63
    assert obj["metadata"]["name"].startswith("x" * 58)


@pytest.mark.parametrize(
    ("obj", "namespace", "code", "text"),
    [
        (config_map("a"), "other", 400, "the namespace of the provided object does not match the namespace sent on the request"),
        ({"metadata": {"name": "a"}}, "nowhere", 404, 'namespaces "nowhere" not found'),
        ({"metadata": {}}, "default", 422, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'),
        ({"metadata": {"name": "a", "resourceVersion": "5"}}, "default", 500, "resourceVersion should not be set on objects to be created"),
    ],
)  # fmt: skip
def test_creates_that_are_refused(obj: Obj, namespace: str, code: int, text: str) -> None:
    error = refusal(lambda: small_api().create("configmaps", obj, namespace=namespace))
    assert (error.code, error.message) == (code, text)


def test_bad_names_labels_owners_and_finalizers_are_named() -> None:
    metadata = {
        "name": "A_b",
        "labels": {"-x": "ok", "y": "a b"},
        "annotations": {"bad key": "1"},
        "ownerReferences": [
            {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "1", "controller": True},
            {"apiVersion": "v1", "kind": "Pod", "name": "b", "uid": "2", "controller": True},
        ],
        "finalizers": ["plain"],
    }
    error = refusal(lambda: small_api().create("configmaps", {"metadata": metadata}, namespace="default"))
    for part in (
        'metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of',
        'metadata.labels: Invalid value: "-x": name part must consist of',
        'metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of',
        'metadata.annotations: Invalid value: "bad key"',
        'Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b',
        'metadata.finalizers: Invalid value: "plain": name is neither a standard finalizer name nor is it fully',
    ):
        assert part in error.message
    assert {cause["field"] for cause in error.details["causes"]} >= {"metadata.name", "metadata.labels"}


def test_a_second_create_is_refused_also_while_the_first_is_deleted() -> None:
    api = small_api()
    held = config_map("a")
    held["metadata"]["finalizers"] = ["example.org/hold"]
    api.create("configmaps", held)
    assert refusal(lambda: api.create("configmaps", held)).message == 'configmaps "a" already exists'
    api.delete("configmaps", KEY)
    message = 'object is being deleted: configmaps "a" already exists'
    assert refusal(lambda: api.create("configmaps", held)).message == message


def test_nothing_is_created_in_a_terminating_namespace() -> None:
    api = small_api()
    other = api.read("namespaces", Key("", "other"))
    api.store.put("namespaces", {**other, "spec": {"finalizers": ["kubernetes"]}})
    api.delete("namespaces", Key("", "other"))
    assert api.read("namespaces", Key("", "other"))["status"]["phase"] == "Terminating"
    error = refusal(lambda: api.create("configmaps", {"metadata": {"name": "a"}}, namespace="other"))
    assert error.message == (
        'configmaps "a" is forbidden: unable to create new content in namespace other because it is being terminated'
    )
    assert error.details["causes"][0]["reason"] == "NamespaceTerminating"


def test_updates_honour_the_version() -> None:
    api = small_api()
    first = api.create("configmaps", config_map("a", k="1"))
    second = api.update("configmaps", {**first, "data": {"k": "2"}})
    assert int(second["metadata"]["resourceVersion"]) > int(first["metadata"]["resourceVersion"])
    error = refusal(lambda: api.update("configmaps", {**first, "data": {"k": "3"}}))
    assert error.code == 409
    assert error.message == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    assert api.update("configmaps", config_map("a", k="4"))["data"] == {"k": "4"}


def test_a_write_without_a_change_keeps_the_version() -> None:
    api = small_api()
    first = api.create("configmaps", config_map("a", k="1"), manager="m")
    revision = api.store.revision
    assert api.update("configmaps", config_map("a", k="1"), manager="other") is first
    assert api.store.revision == revision


def test_some_resources_demand_a_version() -> None:
    api = small_api()
    budget = {"metadata": {"name": "a", "namespace": "default"}, "spec": {"minAvailable": 1}}
    api.create("poddisruptionbudgets.policy", budget)
    error = refusal(lambda: api.update("poddisruptionbudgets.policy", {**budget, "spec": {}}))
    assert error.message.endswith(
        "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"
    )


def test_another_uid_is_a_conflict_for_an_update_and_invalid_for_a_patch() -> None:
    api = small_api()
    uid = api.create("configmaps", config_map("a"))["metadata"]["uid"]
    stranger = config_map("a")
    stranger["metadata"]["uid"] = "x"
    error = refusal(lambda: api.update("configmaps", stranger))
    assert error.code == 409
    assert f"Precondition failed: UID in precondition: x, UID in object meta: {uid}" in error.message
    error = refusal(lambda: api.patch("configmaps", KEY, {"metadata": {"uid": "x"}}, type="merge"))
    assert error.message == 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable'


def test_generation_counts_the_spec_and_the_status_is_apart() -> None:
    api = small_api()
    rid = "deployments.apps"
    first = api.create(rid, {**deployment(), "status": {"replicas": 9}})
    assert first["metadata"]["generation"] == 1
    assert "status" not in first
    assert first["spec"]["replicas"] == 1
    labelled = api.patch(rid, Key("default", "web"), {"metadata": {"labels": {"a": "b"}}}, type="merge")
    assert labelled["metadata"]["generation"] == 1
    scaled = api.patch(rid, Key("default", "web"), {"spec": {"replicas": 3}}, type="merge")
    assert scaled["metadata"]["generation"] == 2
    reported = api.update_status(rid, {**scaled, "spec": {}, "status": {"replicas": 3}})
    assert reported["metadata"]["generation"] == 2
    assert reported["spec"] == scaled["spec"]
    assert reported["status"] == {"replicas": 3}
    kept = api.update(rid, {**reported, "status": {}})
    assert kept["status"] == {"replicas": 3}


def test_immutable_fields_of_the_kind_are_judged_after_metadata() -> None:
    api = small_api()
    api.create("deployments.apps", deployment())
    patch = {"spec": {"selector": {"matchLabels": {"app": "x"}}}}
    error = refusal(lambda: api.patch("deployments.apps", Key("default", "web"), patch, type="merge"))
    assert error.message == (
        'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable'
    )


def test_a_dry_run_stores_nothing() -> None:
    api = small_api()
    revision = api.store.revision
    assert api.create("configmaps", config_map("a"), dry_run=True)["metadata"]["uid"]
    assert api.store.revision == revision
    api.create("configmaps", config_map("a"))
    revision = api.store.revision
    assert api.patch("configmaps", KEY, {"data": {"x": "y"}}, type="merge", dry_run=True)["data"] == {
        "x": "y"
    }
    api.delete("configmaps", KEY, dry_run=True)
    assert api.store.revision == revision


class Labeller:
    """Puts a label on everything and refuses what says so."""

    name = "Labeller"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        if obj is not None and not request.subresource:
            obj["metadata"].setdefault("labels", {})["admitted"] = request.operation

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        if obj is not None and (obj.get("data") or {}).get("refuse"):
            raise forbidden("configmaps", "", request.key.name, "it asks for it")
        return ["looked at"]


def test_admission_changes_then_judges() -> None:
    api = small_api((Labeller(),))
    warnings: list[str] = []
    obj = api.create("configmaps", config_map("a"), warnings=warnings)
    assert obj["metadata"]["labels"] == {"admitted": "CREATE"}
    assert warnings == ["looked at"]
    error = refusal(lambda: api.update("configmaps", config_map("a", refuse="yes")))
    assert error.message == 'configmaps "a" is forbidden: it asks for it'


def test_the_callers_object_stays_as_it_was() -> None:
    api = small_api((Labeller(),))
    mine = config_map("a", k="v")
    api.create("configmaps", mine)
    assert mine == config_map("a", k="v")


def test_binding_takes_the_topology_of_the_node() -> None:
    api = small_api()
    labels = {"topology.kubernetes.io/zone": "us-east-1a", "other": "x"}
    api.create("nodes", {"metadata": {"name": "n1", "labels": labels}})
    api.create("pods", pod("a"))
    bound = api.bind(KEY, "n1")
    assert bound["spec"]["nodeName"] == "n1"
    assert bound["metadata"]["labels"] == {"app": "web", "topology.kubernetes.io/zone": "us-east-1a"}
    assert bound["status"]["conditions"][0]["type"] == "PodScheduled"
    error = refusal(lambda: api.bind(KEY, "n2"))
    assert error.message.endswith('pod a is already assigned to node "n1"')


def test_a_scale_that_changes_nothing_still_moves_ownership() -> None:
    api, key = small_api(), Key("default", "web")
    made = api.create("deployments.apps", deployment(replicas=2), manager="kubectl-create")
    scale = api.scale("deployments.apps", key)
    api.set_scale("deployments.apps", scale, manager="kubectl-patch")
    stored = api.read("deployments.apps", key)
    assert stored["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]
    first, second = stored["metadata"]["managedFields"]
    assert (first["manager"], second["manager"]) == ("kubectl-create", "kubectl-create")
    assert "f:replicas" not in first["fieldsV1"]["f:spec"]
    assert second["fieldsV1"] == {"f:spec": {"f:replicas": {}}}


def test_scale_reads_and_writes_one_number() -> None:
    api = small_api()
    api.create("deployments.apps", deployment(replicas=2))
    key = Key("default", "web")
    scale = api.scale("deployments.apps", key)
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 0, "selector": "app=web"})
    api.set_scale("deployments.apps", {**scale, "spec": {"replicas": 5}}, manager="scaler")
    stored = api.read("deployments.apps", key)
    assert stored["spec"]["replicas"] == 5
    assert stored["metadata"]["generation"] == 2
    assert stored["metadata"]["managedFields"][-1]["subresource"] == "scale"
    error = refusal(
        lambda: api.set_scale("deployments.apps", {"metadata": scale["metadata"], "spec": {"replicas": -1}})
    )
    assert error.code == 409
    fresh = api.scale("deployments.apps", key)
    error = refusal(lambda: api.set_scale("deployments.apps", {**fresh, "spec": {"replicas": -1}}))
    assert error.message == (
        'Scale "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    )
    assert refusal(lambda: api.scale("configmaps", key)).code == 404
