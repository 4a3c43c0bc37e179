"""Requests and answers: forms, bodies, field validation, statuses."""

from __future__ import annotations

import gzip

import pytest

from eks_lab.sim.apiserver.access import AccessRequest, Call, Handlers
from eks_lab.sim.apiserver.answers import Answer, Stream, json_answer
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import User
from tests.sim.small_cluster import Client, config_map, deployment, pod, small_api

MAPS = "/api/v1/namespaces/default/configmaps"
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def client() -> Client:
    return Client(ApiServer(small_api()))


async def test_an_object_goes_through_its_life(client: Client) -> None:
    created = await client.ask("POST", MAPS, config_map("a", k="1"))
    assert created.status == 201
    assert created.json["metadata"]["managedFields"][0]["manager"] == "tester"
    read = await client.ask("GET", f"{MAPS}/a")
    assert (read.status, read.json) == (200, created.json)
    replaced = await client.ask("PUT", f"{MAPS}/a?fieldManager=me", {**read.json, "data": {"k": "2"}})
    assert replaced.json["data"] == {"k": "2"}
    patch = {"content-type": "application/merge-patch+json"}
    patched = await client.ask("PATCH", f"{MAPS}/a", {"data": {"k": None}}, patch)
    assert "data" not in patched.json
    listed = await client.ask("GET", MAPS)
    assert listed.json["kind"] == "ConfigMapList"
    assert "kind" not in listed.json["items"][0]
    deleted = await client.ask("DELETE", f"{MAPS}/a")
    assert deleted.json["details"] == {
        "name": "a",
        "kind": "configmaps",
        "uid": created.json["metadata"]["uid"],
    }
    gone = await client.ask("GET", f"{MAPS}/a")
    assert (gone.status, gone.json["message"]) == (404, 'configmaps "a" not found')


async def test_deleting_a_pod_answers_with_the_pod(client: Client) -> None:
    await client.ask("POST", "/api/v1/namespaces/default/pods", pod("a"))
    answer = await client.ask("DELETE", "/api/v1/namespaces/default/pods/a?gracePeriodSeconds=0")
    assert answer.json["kind"] == "Pod"


async def test_deletecollection_takes_what_is_selected(client: Client) -> None:
    for name, label in (("a", "x"), ("b", "y"), ("c", "x")):
        obj = config_map(name)
        obj["metadata"]["labels"] = {"l": label}
        await client.ask("POST", MAPS, obj)
    answer = await client.ask("DELETE", f"{MAPS}?labelSelector=l%3Dx")
    assert [each["metadata"]["name"] for each in answer.json["items"]] == ["a", "c"]
    assert [each["metadata"]["name"] for each in (await client.ask("GET", MAPS)).json["items"]] == ["b"]


async def test_tables_and_metadata_only(client: Client) -> None:
    await client.ask("POST", MAPS, config_map("a"))
    table = (await client.ask("GET", MAPS, None, TABLE)).json
    assert (table["kind"], [each["name"] for each in table["columnDefinitions"]]) == (
        "Table",
        ["Name", "Age"],
    )
    assert table["rows"][0]["cells"] == ["a", "0s"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    whole = (await client.ask("GET", f"{MAPS}?includeObject=Object", None, TABLE)).json
    assert whole["rows"][0]["object"]["kind"] == "ConfigMap"
    bare = (await client.ask("GET", f"{MAPS}/a?includeObject=None", None, TABLE)).json
    assert "object" not in bare["rows"][0]
    accept = {"accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}
    partial = (await client.ask("GET", MAPS, None, accept)).json
    assert (partial["kind"], partial["items"][0]["kind"]) == (
        "PartialObjectMetadataList",
        "PartialObjectMetadata",
    )
    yaml = await client.ask("GET", f"{MAPS}/a", None, {"accept": "application/yaml"})
    assert b"kind: ConfigMap" in yaml.body
    assert (await client.ask("GET", MAPS, None, {"accept": "image/png"})).status == 406


async def test_large_answers_are_compressed_when_wanted(client: Client) -> None:
    await client.ask("POST", MAPS, config_map("a", k="x" * 200_000))
    plain = await client.ask("GET", f"{MAPS}/a")
    packed = await client.ask("GET", f"{MAPS}/a", None, {"accept-encoding": "gzip"})
    assert packed.header("content-encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body


async def test_other_versions_are_converted(client: Client) -> None:
    path = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers"
    body = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}}
    assert (await client.ask("POST", path, body)).json["apiVersion"] == "autoscaling/v1"
    other = await client.ask("GET", path.replace("v1", "v2") + "/a")
    assert other.json["apiVersion"] == "autoscaling/v2"
    assert (await client.ask("GET", path)).json["items"][0]["apiVersion"] == "autoscaling/v1"


async def test_unknown_and_repeated_fields(client: Client) -> None:
    body = {
        "metadata": {"name": "a", "colour": 1},
        "spec": {"containers": [{"name": "c", "image": "x", "imagee": "y"}]},
    }
    path = "/api/v1/namespaces/default/pods"
    strict = await client.ask("POST", f"{path}?fieldValidation=Strict", body)
    assert strict.json["message"] == (
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "metadata.colour", '
        'unknown field "spec.containers[0].imagee"'
    )
    silent = await client.ask("POST", f"{path}?fieldValidation=Ignore&dryRun=All", body)
    assert (silent.status, silent.warnings) == (201, [])
    warned = await client.ask("POST", path, body)
    assert warned.status == 201
    assert 'unknown field \\"metadata.colour\\"' in warned.warnings
    twice = b'{"metadata":{"name":"b","name":"c"}}'
    answer = await client.ask("POST", f"{MAPS}?fieldValidation=Strict", twice)
    assert 'strict decoding error: duplicate field "metadata.name"' in answer.json["message"]
    bad = await client.ask("POST", f"{MAPS}?fieldValidation=Maybe", twice)
    assert bad.status == 422
    assert 'fieldValidation: Unsupported value: "Maybe"' in bad.json["message"]


async def test_wrong_types_are_told_as_go_tells_them(client: Client) -> None:
    path = "/apis/apps/v1/namespaces/default/deployments"
    answer = await client.ask("POST", path, deployment(replicas="three"))
    assert answer.json["message"] == (
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into '
        "Go struct field DeploymentSpec.spec.replicas of type int32"
    )


async def test_empty_and_null_fields_vanish_and_quantities_become_canonical(client: Client) -> None:
    container = {"name": "c", "image": "x", "args": [], "env": [{"name": "A", "value": ""}]}
    container["resources"] = {"limits": {"memory": "8388608Ki", "cpu": 0.5}}  # type: ignore[assignment]
    spec = {
        "containers": [container],
        "hostNetwork": False,
        "automountServiceAccountToken": False,
        "nodeName": None,
    }
    body = {"metadata": {"name": "a", "labels": {}}, "spec": spec}
    stored = (await client.ask("POST", "/api/v1/namespaces/default/pods", body)).json
    assert stored["spec"] == {
        "containers": [
            {
                "name": "c",
                "image": "x",
                "env": [{"name": "A"}],
                "resources": {"limits": {"memory": "8Gi", "cpu": "500m"}},
            }
        ],
        "automountServiceAccountToken": False,
    }
    assert "labels" not in stored["metadata"]


async def test_apply_takes_yaml(client: Client) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {on: 'y'}\n"
    headers = {"content-type": "application/apply-patch+yaml"}
    made = await client.ask("PATCH", f"{MAPS}/a?fieldManager=m", body, headers)
    assert (made.status, made.json["data"]) == (201, {"true": "y"})
    assert (await client.ask("PATCH", f"{MAPS}/a?fieldManager=m", body, headers)).status == 200
    nameless = await client.ask("PATCH", f"{MAPS}/a", body, headers)
    assert "fieldManager: Required value: is required for apply patch" in nameless.json["message"]


async def test_protobuf_bodies_are_read(client: Client) -> None:
    # runtime.Unknown{typeMeta{v1, Namespace}, raw: Namespace{metadata{name: x}}}, written by hand.
    raw = b"\x0a\x03\x0a\x01x"
    type_meta = b"\x0a\x02v1\x12\x09Namespace"
    unknown = b"\x0a" + bytes([len(type_meta)]) + type_meta + b"\x12" + bytes([len(raw)]) + raw
    headers = {"content-type": "application/vnd.kubernetes.protobuf"}
    made = await client.ask("POST", "/api/v1/namespaces", b"k8s\x00" + unknown, headers)
    assert (made.status, made.json["metadata"]["name"]) == (201, "x")
    assert (await client.ask("POST", "/api/v1/namespaces", b"k8s\x00\xff\xff", headers)).status == 400


async def test_subresources(client: Client) -> None:
    path = "/apis/apps/v1/namespaces/default/deployments"
    await client.ask("POST", path, deployment(replicas=2))
    scale = await client.ask("GET", f"{path}/web/scale")
    assert (scale.json["kind"], scale.json["spec"]) == ("Scale", {"replicas": 2})
    patch = {"content-type": "application/merge-patch+json"}
    changed = await client.ask("PATCH", f"{path}/web/scale", {"spec": {"replicas": 4}}, patch)
    assert changed.json["spec"] == {"replicas": 4}
    changed = await client.ask("PUT", f"{path}/web/scale", {**changed.json, "spec": {"replicas": 5}})
    assert changed.json["spec"] == {"replicas": 5}
    table = await client.ask("GET", f"{path}/web/scale", None, TABLE)
    assert table.json["rows"][0]["cells"] == ["web", 5, 0, "0s"]
    status = await client.ask("PATCH", f"{path}/web/status", {"status": {"replicas": 1}}, patch)
    assert status.json["status"] == {"replicas": 1}
    unknown = await client.ask("GET", f"{path}/web/colour")
    assert (unknown.status, unknown.json["message"]) == (
        404,
        "the server could not find the requested resource",
    )


async def test_binding_and_eviction(client: Client) -> None:
    pods = "/api/v1/namespaces/default/pods"
    await client.ask("POST", "/api/v1/nodes", {"metadata": {"name": "n1"}})
    await client.ask("POST", pods, pod("a"))
    bound = await client.ask(
        "POST", f"{pods}/a/binding", {"metadata": {"name": "a"}, "target": {"name": "n1"}}
    )
    assert (bound.status, bound.json["status"]) == (201, "Success")
    listed = await client.ask("GET", f"{pods}?fieldSelector=spec.nodeName%3Dn1")
    assert len(listed.json["items"]) == 1
    evicted = await client.ask("POST", f"{pods}/a/eviction", {"metadata": {"name": "a"}})
    assert evicted.status == 201
    assert (await client.ask("GET", f"{pods}/a")).json["metadata"]["deletionTimestamp"]


async def test_discovery_in_both_forms(client: Client) -> None:
    listed = (await client.ask("GET", "/apis/apps/v1")).json["resources"]
    assert [each["name"] for each in listed] == ["deployments", "deployments/scale", "deployments/status"]
    budgets = (await client.ask("GET", "/apis/policy/v1")).json["resources"][0]
    assert budgets["storageVersionHash"] == "EVWiDmWqyJw="
    assert listed[1] | {"kind": "Scale", "group": "autoscaling", "version": "v1"} == listed[1]
    groups = (await client.ask("GET", "/apis")).json["groups"]
    assert [each["preferredVersion"]["groupVersion"] for each in groups if each["name"] == "autoscaling"] == [
        "autoscaling/v2"
    ]
    accept = {
        "accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    }
    aggregated = await client.ask("GET", "/apis", None, accept)
    assert (
        aggregated.header("content-type")
        == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    )
    assert {each["metadata"]["name"] for each in aggregated.json["items"]} >= {"apps", "autoscaling"}
    again = await client.ask("GET", "/apis", None, {**accept, "if-none-match": aggregated.header("etag")})
    assert (again.status, again.body) == (304, b"")
    core = (await client.ask("GET", "/api", None, accept)).json["items"][0]["versions"][0]["resources"]
    pods = next(each for each in core if each["resource"] == "pods")
    assert {each["subresource"] for each in pods["subresources"]} == {"binding", "eviction", "status"}


async def test_openapi_has_what_kubectl_looks_for(client: Client) -> None:
    index = (await client.ask("GET", "/openapi/v3")).json["paths"]
    url = index["apis/apps/v1"]["serverRelativeURL"]
    answer = await client.ask("GET", url)
    assert "immutable" in "".join(value for key, value in answer.headers if key == "cache-control")
    document = answer.json
    item = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
    gvk = {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert item["patch"]["x-kubernetes-group-version-kind"] == gvk
    assert "fieldValidation" in {each["name"] for each in item["patch"]["parameters"]}
    assert "application/strategic-merge-patch+json" in item["patch"]["requestBody"]["content"]
    schema = document["components"]["schemas"]["io.k8s.api.apps.v1.Deployment"]
    assert schema["x-kubernetes-group-version-kind"] == [gvk]
    assert "io.k8s.api.core.v1.Container" in document["components"]["schemas"]
    assert (await client.ask("GET", "/openapi/v3/apis/nowhere/v1")).status == 404
    version_2 = await client.ask("GET", "/openapi/v2", None, {"accept": "application/json"})
    assert version_2.json["swagger"] == "2.0"
    protobuf = {"accept": "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}
    assert (await client.ask("GET", "/openapi/v2", None, protobuf)).body.startswith(b"\x0a\x032.0")
    assert (await client.ask("GET", "/openapi/v2", None, {"accept": "text/html"})).status == 406


async def test_health_and_version(client: Client) -> None:
    for path in ("/healthz", "/livez", "/readyz", "/readyz/ping"):
        assert (await client.ask("GET", path)).body == b"ok"
    verbose = (await client.ask("GET", "/readyz?verbose")).body.decode()
    assert "[+]etcd ok\n" in verbose
    assert verbose.endswith("readyz check passed\n")
    version = (await client.ask("GET", "/version")).json
    assert (version["major"], version["minor"]) == ("1", "36")


class OnlyAnn:
    """Ann may read ConfigMaps; nobody else gets in."""

    def authenticate(self, request: HttpRequest) -> User | None:
        name = request.headers.get("authorization", "").removeprefix("Bearer ")
        return User(name) if name else None

    def authorize(self, user: User, request: AccessRequest) -> tuple[bool, str]:
        return user.name == "ann" and request.verb in ("get", "list"), ""


async def test_strangers_and_the_unprivileged_are_turned_away() -> None:
    guard = OnlyAnn()
    seen: list[tuple[str, int]] = []

    def note(request: HttpRequest, user: User | None, access: AccessRequest, status: int) -> None:
        seen.append((access.verb, status))

    client = Client(ApiServer(small_api(), authenticator=guard, authorizer=guard, observer=note))
    nobody = await client.ask("GET", MAPS)
    assert (nobody.status, nobody.json["message"]) == (401, "Unauthorized")
    ann = {"authorization": "Bearer ann"}
    assert (await client.ask("GET", MAPS, None, ann)).status == 200
    refused = await client.ask("POST", MAPS, config_map("a"), ann)
    assert refused.json["message"] == (
        'configmaps is forbidden: User "ann" cannot create resource "configmaps" in API group "" in the '
        'namespace "default"'
    )
    bob = {"authorization": "Bearer bob"}
    node = await client.ask("GET", "/api/v1/nodes/x", None, bob)
    assert node.json["message"] == (
        'nodes "x" is forbidden: User "bob" cannot get resource "nodes" in API group "" at the cluster scope'
    )
    page = await client.ask("GET", "/version", None, bob)
    assert page.json["message"] == 'forbidden: User "bob" cannot get path "/version"'
    assert seen[:3] == [("get", 401), ("list", 200), ("create", 403)]


async def test_handlers_answer_before_the_store() -> None:
    handlers = Handlers()

    async def log(call: Call) -> Answer | Stream:
        return json_answer(200, {"log of": call.name, "by": call.user.name})

    handlers.register("pods", "log", "get", log)
    client = Client(ApiServer(small_api(), handlers=handlers))
    answer = await client.ask("GET", "/api/v1/namespaces/default/pods/a/log")
    assert answer.json == {"log of": "a", "by": "system:apiserver"}
