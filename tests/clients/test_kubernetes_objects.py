"""The official Python client reads and writes: lists, watches, patches, ownership, refusals, custom resources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.manifests import config_map, definition, deployment
from tests.clients.packages import ApiException, client, dynamic, utils, watch

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


def _reason(error: ApiException) -> tuple[int, str]:
    return error.status, json.loads(error.body)["reason"]


def test_a_list_comes_in_pages_that_agree(core: Any, namespace: str) -> None:
    for number in range(5):
        core.create_namespaced_config_map(namespace, config_map(f"c{number}", {"even": str(number % 2 == 0)}))
    names: list[str] = []
    token: str | None = None
    while token != "":
        page = core.list_namespaced_config_map(namespace, limit=2, _continue=token)
        names += [each.metadata.name for each in page.items]
        token = page.metadata._continue or ""
        if len(names) == 2:
            core.create_namespaced_config_map(namespace, config_map("c9"))
    # What came after the first page belongs to another revision.
    assert names == ["c0", "c1", "c2", "c3", "c4", "kube-root-ca.crt"]
    even = core.list_namespaced_config_map(namespace, label_selector="even in (True),even")
    assert [each.metadata.name for each in even.items] == ["c0", "c2", "c4"]
    one = core.list_namespaced_config_map(namespace, field_selector="metadata.name=c3")
    assert [each.metadata.name for each in one.items] == ["c3"]


def test_a_watch_misses_nothing_after_its_list(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config_map("before"))
    start = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, config_map("a", n="1"))
    core.patch_namespaced_config_map("a", namespace, {"data": {"n": "2"}})
    core.delete_namespaced_config_map("a", namespace)
    seen = []
    watching = watch.Watch()
    for event in watching.stream(core.list_namespaced_config_map, namespace, resource_version=start):
        seen.append((event["type"], event["object"].metadata.name, (event["object"].data or {}).get("n")))
        if event["type"] == "DELETED":
            watching.stop()
    assert seen == [("ADDED", "a", "1"), ("MODIFIED", "a", "2"), ("DELETED", "a", "2")]


def test_the_three_kinds_of_patches(apps: Any, namespace: str) -> None:
    apps.create_namespaced_deployment(namespace, deployment("web", replicas=0))
    sidecar = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    made = apps.patch_namespaced_deployment("web", namespace, sidecar)
    assert [each.name for each in made.spec.template.spec.containers] == ["side", "main"]
    made = apps.patch_namespaced_deployment("web", namespace, sidecar, _content_type=MERGE)
    assert [each.name for each in made.spec.template.spec.containers] == ["side"]
    steps: list[dict[str, Any]] = [
        {"op": "test", "path": "/spec/replicas", "value": 0},
        {"op": "add", "path": "/metadata/annotations/note", "value": "yes"},
    ]
    apps.patch_namespaced_deployment("web", namespace, {"metadata": {"annotations": {"other": "no"}}})
    made = apps.patch_namespaced_deployment("web", namespace, steps)
    assert made.metadata.annotations["note"] == "yes"
    steps[0]["value"] = 7
    with pytest.raises(ApiException) as caught:
        apps.patch_namespaced_deployment("web", namespace, steps)
    assert _reason(caught.value) == (422, "Invalid")


def test_server_side_apply_has_owners_and_conflicts(core: Any, namespace: str) -> None:
    def apply(manager: str, force: bool = False, **data: str) -> Any:
        return core.patch_namespaced_config_map(
            "shared",
            namespace,
            config_map("shared", None, **data),
            _content_type=APPLY,
            field_manager=manager,
            force=force,
        )

    apply("one", a="1", b="1")
    with pytest.raises(ApiException) as caught:
        apply("two", a="2")
    assert _reason(caught.value) == (409, "Conflict")
    causes = json.loads(caught.value.body)["details"]["causes"]
    assert [(each["reason"], each["field"]) for each in causes] == [("FieldManagerConflict", ".data.a")]
    assert apply("two", force=True, a="2", c="2").data == {"a": "2", "b": "1", "c": "2"}
    # What its only owner leaves out goes; what another one took stays.
    left = apply("one")
    assert left.data == {"a": "2", "c": "2"}
    assert {each.manager for each in left.metadata.managed_fields} >= {"two"}


def test_refusals_say_why(core: Any, apps: Any, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config_map("once", a="1"))
    with pytest.raises(ApiException) as caught:
        core.create_namespaced_config_map(namespace, config_map("once"))
    assert _reason(caught.value) == (409, "AlreadyExists")
    core.patch_namespaced_config_map("once", namespace, {"data": {"a": "2"}})
    made.data = {"a": "3"}
    with pytest.raises(ApiException) as caught:
        core.replace_namespaced_config_map("once", namespace, made)
    assert _reason(caught.value) == (409, "Conflict")
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_config_map("never", namespace)
    assert _reason(caught.value) == (404, "NotFound")
    wrong = deployment("Web")
    with pytest.raises(ApiException) as caught:
        apps.create_namespaced_deployment(namespace, wrong)
    body = json.loads(caught.value.body)
    assert (body["code"], body["details"]["causes"][0]["field"]) == (422, "metadata.name")
    unknown = {**deployment("web"), "spec": {**deployment("web")["spec"], "replica": 1}}
    # The client's own models refuse an unknown field; its calls for custom objects let it through.
    custom = client.CustomObjectsApi(apps.api_client)
    with pytest.raises(ApiException) as caught:
        custom.create_namespaced_custom_object(
            "apps", "v1", namespace, "deployments", unknown, field_validation="Strict"
        )
    assert 'unknown field "spec.replica"' in json.loads(caught.value.body)["message"]


def test_a_dry_run_leaves_nothing(core: Any, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config_map("ghost", a="1"), dry_run="All")
    assert made.metadata.uid
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_config_map("ghost", namespace)
    assert caught.value.status == 404


def test_collections_and_owners_go_together(core: Any, namespace: str) -> None:
    for number in range(3):
        core.create_namespaced_config_map(namespace, config_map(f"c{number}", {"group": str(number // 2)}))
    core.delete_collection_namespaced_config_map(namespace, label_selector="group=0")
    owner = core.read_namespaced_config_map("c2", namespace)
    child = config_map("child")
    child["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "c2", "uid": owner.metadata.uid}
    ]
    core.create_namespaced_config_map(namespace, child)
    start = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.delete_namespaced_config_map("c2", namespace, propagation_policy="Background")
    gone = []
    watching = watch.Watch()
    for event in watching.stream(
        core.list_namespaced_config_map, namespace, resource_version=start, timeout_seconds=10
    ):
        gone.append((event["type"], event["object"].metadata.name))
        if len(gone) == 2:
            watching.stop()
    assert gone == [("DELETED", "c2"), ("DELETED", "child")]


def test_finalizers_hold_an_object(core: Any, namespace: str) -> None:
    held = config_map("held")
    held["metadata"]["finalizers"] = ["lab.example.com/hold"]
    core.create_namespaced_config_map(namespace, held)
    core.delete_namespaced_config_map("held", namespace)
    assert core.read_namespaced_config_map("held", namespace).metadata.deletion_timestamp is not None
    core.patch_namespaced_config_map(
        "held", namespace, {"metadata": {"finalizers": None}}, _content_type=MERGE
    )
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_config_map("held", namespace)
    assert caught.value.status == 404


def test_custom_resources(api_client: Any, namespace: str) -> None:
    extensions, custom = client.ApiextensionsV1Api(api_client), client.CustomObjectsApi(api_client)
    extensions.create_custom_resource_definition(definition("boxes", "Box"))
    where = ("lab.example.com", "v1", namespace, "boxes")
    try:
        names = _until_served(custom, where)
        assert names == []
        box = {
            "apiVersion": "lab.example.com/v1",
            "kind": "Box",
            "metadata": {"name": "b"},
            "spec": {"size": 3},
        }
        made = custom.create_namespaced_custom_object(*where, body=box)
        assert made["spec"] == {"size": 3, "colour": "red"}
        assert made["metadata"]["generation"] == 1
        custom.patch_namespaced_custom_object_status(*where, "b", {"status": {"size": 2}})
        scale = custom.get_namespaced_custom_object_scale(*where, "b")
        assert (scale["spec"]["replicas"], scale["status"]["replicas"]) == (3, 2)
        custom.patch_namespaced_custom_object_scale(*where, "b", {"spec": {"replicas": 5}})
        found = custom.get_namespaced_custom_object(*where, "b")
        assert (found["spec"]["size"], found["status"]["size"], found["metadata"]["generation"]) == (5, 2, 2)
        with pytest.raises(ApiException) as caught:
            custom.patch_namespaced_custom_object(*where, "b", {"spec": {"size": 0}})
        assert (
            "spec.size in body should be greater than or equal to 1"
            in json.loads(caught.value.body)["message"]
        )
        custom.delete_namespaced_custom_object(*where, "b")
        assert custom.list_namespaced_custom_object(*where)["items"] == []
    finally:
        extensions.delete_custom_resource_definition("boxes.lab.example.com")
    with pytest.raises(ApiException) as caught:
        custom.list_namespaced_custom_object(*where)
    assert caught.value.status == 404


def _until_served(custom: Any, where: tuple[str, ...]) -> list[Any]:
    """Return the objects of a new kind; a server needs a moment until it serves one."""
    for _ in range(50):
        try:
            found: list[Any] = custom.list_namespaced_custom_object(*where)["items"]
        except ApiException as error:
            if error.status != 404:
                raise
        else:
            return found
    raise AssertionError(f"{where} is not served")


def test_the_dynamic_client_discovers_kinds(api_client: Any, namespace: str, tmp_path: Path) -> None:
    found = dynamic.DynamicClient(api_client, cache_file=str(tmp_path / "discovery.json"))
    kind = found.resources.get(api_version="apps/v1", kind="Deployment")
    assert (kind.namespaced, kind.name) == (True, "deployments")
    assert "scale" in kind.subresources
    kind.create(body=deployment("web", replicas=0), namespace=namespace)
    kind.server_side_apply(
        body={**deployment("web", replicas=1)},
        namespace=namespace,
        field_manager="test",
        force_conflicts=True,
    )
    assert kind.get(name="web", namespace=namespace).spec.replicas == 1
    assert [each.metadata.name for each in kind.get(namespace=namespace).items] == ["web"]
    kind.delete(name="web", namespace=namespace)
    with pytest.raises(dynamic.exceptions.NotFoundError):
        kind.get(name="web", namespace=namespace)
    assert found.version["kubernetes"]["major"] == "1"


def test_a_file_of_several_objects(api_client: Any, namespace: str, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    documents = [config_map("settings", a="1"), service, deployment("web", replicas=0)]
    file.write_text("---\n".join(json.dumps(each) + "\n" for each in documents))
    made = utils.create_from_yaml(api_client, str(file), namespace=namespace)
    assert [each[0].kind for each in made] == ["ConfigMap", "Service", "Deployment"]
    address = made[1][0].spec.cluster_ip
    assert address.startswith("172.20.")
    with pytest.raises(utils.FailToCreateError) as caught:
        utils.create_from_yaml(api_client, str(file), namespace=namespace)
    assert {each.status for each in caught.value.api_exceptions} == {409}


def test_versions_and_groups(api_client: Any) -> None:
    assert client.VersionApi(api_client).get_code().git_version.startswith("v1.36")
    groups = {each.name for each in client.ApisApi(api_client).get_api_versions().groups}
    assert {"apps", "batch", "autoscaling", "rbac.authorization.k8s.io", "metrics.k8s.io"} <= groups
    pods = {each.name: each for each in client.CoreV1Api(api_client).get_api_resources().resources}
    assert pods["pods"].short_names == ["po"]
    assert "pods/exec" in pods
