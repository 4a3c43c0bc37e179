"""Server-side apply and the ownership of updates."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj
from tests.sim.small_cluster import config_map, deployment, small_api

KEY = Key("default", "a")


def applied(
    api: Api, manager: str, data: dict[str, str] | None = None, *, force: bool = False, **metadata: Any
) -> Obj:
    patch: Obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **metadata}}
    if data is not None:
        patch["data"] = data
    return api.patch("configmaps", KEY, patch, type="apply", manager=manager, force=force)


def owners(obj: Obj) -> dict[tuple[str, str], Obj]:
    return {
        (each["manager"], each["operation"]): each["fieldsV1"] for each in obj["metadata"]["managedFields"]
    }


def test_apply_creates_and_owns_what_it_names() -> None:
    obj = applied(small_api(), "left", {"p": "1"}, labels={"side": "left"})
    assert owners(obj) == {
        ("left", "Apply"): {"f:data": {"f:p": {}}, "f:metadata": {"f:labels": {"f:side": {}}}}
    }


def test_conflicts_name_managers_and_fields() -> None:
    api = small_api()
    applied(api, "left", {"p": "1", "q": "1"})
    with pytest.raises(ApiError) as caught:
        applied(api, "right", {"p": "2", "q": "2"})
    assert (
        caught.value.message == 'Apply failed with 2 conflicts: conflicts with "left":\n- .data.p\n- .data.q'
    )
    assert caught.value.details["causes"][0] == {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "left"',
        "field": ".data.p",
    }
    forced = applied(api, "right", {"p": "2"}, force=True)
    assert owners(forced) == {
        ("left", "Apply"): {"f:data": {"f:q": {}}},
        ("right", "Apply"): {"f:data": {"f:p": {}}},
    }
    api.patch("configmaps", KEY, {"data": {"p": "9"}}, type="merge", manager="hand")
    with pytest.raises(
        ApiError, match=r'Apply failed with 1 conflict: conflict with "hand" using v1: \.data\.p'
    ):
        applied(api, "right", {"p": "2"})


def test_equal_values_are_shared_without_a_time_of_their_own() -> None:
    api = small_api()
    applied(api, "left", {"p": "1"})
    obj = applied(api, "right", {"p": "1"})
    entry = next(each for each in obj["metadata"]["managedFields"] if each["manager"] == "right")
    assert "time" not in entry
    assert applied(api, "right", {"p": "1"}) is obj
    # A co-owner may let go without removing.
    assert applied(api, "left", {})["data"] == {"p": "1"}


def test_what_nobody_owns_any_more_goes() -> None:
    api = small_api()
    applied(api, "left", {"p": "1", "q": "1"}, labels={"a": "b"})
    obj = applied(api, "left", {"q": "1"})
    assert obj["data"] == {"q": "1"}
    assert "labels" not in obj["metadata"]
    assert "data" not in applied(api, "left")


def test_items_of_keyed_lists_are_owned_each_on_its_own() -> None:
    api = small_api()
    key = Key("default", "door")

    def service(manager: str, *ports: tuple[str, int]) -> Obj:
        listed = [{"name": name, "port": port} for name, port in ports]
        body = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "door"},
            "spec": {"ports": listed},
        }
        return api.patch("services", key, body, type="apply", manager=manager)

    service("yard", ("http", 80), ("https", 443))
    service("attic", ("metrics", 9100))
    obj = service("yard", ("http", 80))
    assert [port["name"] for port in obj["spec"]["ports"]] == ["http", "metrics"]
    element = 'k:{"port":80,"protocol":"TCP"}'
    assert owners(obj)[("yard", "Apply")] == {
        "f:spec": {"f:ports": {element: {".": {}, "f:name": {}, "f:port": {}}}}
    }
    with pytest.raises(
        ApiError, match=r'\.spec\.ports: duplicate entries for key \[port=80,protocol="TCP"\]'
    ) as caught:
        service("yard", ("http", 80), ("web", 80))
    assert caught.value.message.startswith(
        "failed to create typed patch object (default/door; /v1, Kind=Service): "
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"spec": {"replicas": "two"}}, ".spec.replicas: expected numeric (int or float), got string"),
        ({"spec": {"zip": 1}}, ".spec.zip: field not declared in schema"),
        ({"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}, 'omits key field "name"'),
        ({"spec": {"template": {"spec": {"containers": "x"}}}}, ".spec.template.spec.containers: expected list, got"),
        ({"metadata": {"labels": {"a": 1}}}, ".metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}"),
    ],
)  # fmt: skip
def test_configurations_that_do_not_fit(change: Obj, text: str) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, **change}
    with pytest.raises(ApiError) as caught:
        small_api().patch("deployments.apps", Key("default", "web"), body, type="apply", manager="m")
    assert caught.value.code == 500
    assert text in caught.value.message


def test_defaults_are_nobodys_and_come_back() -> None:
    api = small_api()
    key = Key("default", "web")
    obj = api.patch("deployments.apps", key, deployment(replicas=3), type="apply", manager="m")
    assert obj["spec"]["replicas"] == 3
    obj = api.patch("deployments.apps", key, deployment(), type="apply", manager="m")
    assert obj["spec"]["replicas"] == 1
    assert "f:replicas" not in owners(obj)[("m", "Apply")]["f:spec"]


def test_updates_own_what_they_change_with_the_maps_around_it() -> None:
    api = small_api()
    obj = api.create("deployments.apps", deployment(replicas=3), manager="kubectl-create")
    fields = owners(obj)[("kubectl-create", "Update")]
    container = fields["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"c"}']
    assert container == {".": {}, "f:name": {}, "f:image": {}}
    assert fields["f:spec"]["f:selector"] == {}
    assert fields["f:spec"]["f:template"]["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}
    assert "." not in fields["f:spec"]["f:template"]
    obj = api.update_status("deployments.apps", {**obj, "status": {"replicas": 3}}, manager="controller")
    entry = next(each for each in obj["metadata"]["managedFields"] if each["manager"] == "controller")
    assert (entry["subresource"], entry["fieldsV1"]) == ("status", {"f:status": {"f:replicas": {}}})


def test_a_taken_field_changes_hands() -> None:
    api = small_api()
    obj = config_map("a", k="1")
    obj["metadata"]["annotations"] = {"note": "1"}
    api.create("configmaps", obj, manager="first")
    obj = api.patch(
        "configmaps", KEY, {"metadata": {"annotations": {"note": "2"}}}, type="merge", manager="second"
    )
    assert owners(obj) == {
        ("first", "Update"): {"f:data": {".": {}, "f:k": {}}, "f:metadata": {"f:annotations": {}}},
        ("second", "Update"): {"f:metadata": {"f:annotations": {"f:note": {}}}},
    }


def test_only_so_many_updaters_are_remembered() -> None:
    api = small_api()
    api.create("configmaps", config_map("a"), manager="m0")
    for number in range(1, 15):
        patch = {"data": {f"k{number}": "x"}}
        obj = api.patch("configmaps", KEY, patch, type="merge", manager=f"m{number:02}")
    entries = [each["manager"] for each in obj["metadata"]["managedFields"]]
    assert len(entries) == 10
    assert "ancient-changes" in entries


def test_kubectl_takes_over_from_client_side_apply() -> None:
    api = small_api()
    last = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "1"}}
    obj = config_map("a", k="1")
    text = orjson.dumps(last).decode()
    obj["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": text}
    api.create("configmaps", obj, manager="kubectl-client-side-apply")
    with pytest.raises(ApiError, match='conflict with "kubectl-client-side-apply" using v1'):
        applied(api, "somebody", {"k": "2"})
    obj = applied(api, "kubectl", {"k": "2"})
    assert obj["data"] == {"k": "2"}
    annotation = obj["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    assert orjson.loads(annotation)["data"] == {"k": "2"}
    # What somebody changed since is still theirs.
    api.patch("configmaps", KEY, {"data": {"k": "9"}}, type="merge", manager="hand")
    with pytest.raises(ApiError, match=r'conflict with "hand" using v1: \.data\.k'):
        applied(api, "kubectl", {"k": "3"})


def test_apply_wants_a_configuration_of_this_object() -> None:
    api = small_api()
    for body, text in (
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "managedFields": [{}]}}, "metadata.managedFields must be nil"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}, "the name of the object (b) does not match"),
        ({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}, "incorrect version specified in apply patch"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "uid": "x"}}, "uid mismatch"),
    ):  # fmt: skip
        with pytest.raises(ApiError) as caught:
            api.patch("configmaps", KEY, body, type="apply", manager="m")
        assert text in caught.value.message
