"""Bodies and parameters of wrong types are the client's mistake, wherever they are read: never an internal error."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.apiserver.authentication import StaticTokens
from eks_lab.sim.objects import Key, Obj, User
from eks_lab.sim.resources import builtin_resources
from tests.sim.apiserver.secure_server import Secured
from tests.sim.small_cluster import Answered, Client

ADMIN = {"authorization": "Bearer admin"}
MERGE = {**ADMIN, "content-type": "application/merge-patch+json"}
STRATEGIC = {**ADMIN, "content-type": "application/strategic-merge-patch+json"}
APPLY = {**ADMIN, "content-type": "application/apply-patch+yaml"}
POD = "/api/v1/namespaces/default/pods/p"
DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/web"
AUTHORIZATION = "/apis/authorization.k8s.io/v1"
LARGE = "9" * 5000


@pytest.fixture
def secured() -> Secured:
    made = Secured(bearers=(StaticTokens({"admin": User("admin", ("system:masters",))}),))
    container = {"name": "c", "image": "nginx"}
    made.api.create(
        "pods", {"metadata": {"name": "p", "namespace": "default"}, "spec": {"containers": [container]}}
    )
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template, "replicas": 1}
    made.api.create("deployments.apps", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    return made


@pytest.fixture
def client(secured: Secured) -> Client:
    return Client(secured.app)


def told(answered: Answered) -> str:
    message: str = answered.json["message"]
    return message


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("DELETE", POD, {"preconditions": "none"}, "DeleteOptions"),
        ("DELETE", POD, {"gracePeriodSeconds": "soon"}, "DeleteOptions"),
        ("DELETE", POD, {"dryRun": 7}, "DeleteOptions"),
        ("POST", f"{POD}/eviction", {"metadata": "p"}, "Eviction"),
        ("POST", f"{POD}/eviction", {"metadata": {"name": "p"}, "deleteOptions": ["x"]}, "Eviction"),
        ("POST", f"{POD}/binding", {"target": "node-1"}, "Binding"),
        ("POST", "/api/v1/namespaces/default/bindings", {"metadata": {"name": [["p"]]}}, "Binding"),
        ("PUT", f"{DEPLOYMENT}/scale", {"metadata": {"name": "web"}, "spec": {"replicas": "3"}}, "Scale"),
        ("PUT", f"{DEPLOYMENT}/scale", {"metadata": "web"}, "Scale"),
        ("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", {"spec": "x"}, "TokenRequest"),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": ["x"]}}, "TokenReview"),
        ("POST", f"{AUTHORIZATION}/selfsubjectaccessreviews", {"spec": "x"}, "SelfSubjectAccessReview"),
        (
            "POST",
            f"{AUTHORIZATION}/subjectaccessreviews",
            {"spec": {"user": "u", "resourceAttributes": {"namespace": {"side": "left"}}}},
            "SubjectAccessReview",
        ),
        ("POST", f"{AUTHORIZATION}/selfsubjectrulesreviews", {"metadata": 1.5}, "SelfSubjectRulesReview"),
    ],
)
async def test_a_field_of_another_type(client: Client, method: str, path: str, body: Obj, kind: str) -> None:
    answered = await client.ask(method, path, body, ADMIN)
    assert answered.status == 400, answered.body
    assert f"cannot be handled as a {kind}: json: cannot unmarshal" in told(answered)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (STRATEGIC, {"spec": {"strategy": {"$retainKeys": 9, "type": "Recreate"}}}),
        (STRATEGIC, {"metadata": {"finalizers": ["a.b/c", ["x"]]}}),
        (MERGE, {"metadata": "web"}),
        (MERGE, {"spec": {"template": {"metadata": {"creationTimestamp": "0000-01-01T00:00:00Z"}}}}),
        (MERGE, {"spec": {"template": {"metadata": {"creationTimestamp": "9999-12-31T23:59:59-12:00"}}}}),
    ],
)
async def test_a_patch_that_makes_no_object(client: Client, headers: dict[str, str], body: Obj) -> None:
    answered = await client.ask("PATCH", DEPLOYMENT, body, headers)
    assert answered.status in (400, 422), answered.body


async def test_a_place_in_a_list_that_no_number_holds(client: Client) -> None:
    headers = {**ADMIN, "content-type": "application/json-patch+json"}
    body = [{"op": "add", "path": f"/spec/template/spec/containers/{LARGE}", "value": {}}]
    assert (await client.ask("PATCH", DEPLOYMENT, body, headers)).status == 422


async def test_a_configuration_whose_metadata_is_no_object(client: Client) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": "web"}
    answered = await client.ask("PATCH", f"{DEPLOYMENT}?fieldManager=me", body, APPLY)
    assert (answered.status, "metadata is no object" in told(answered)) == (400, True)


@pytest.mark.parametrize("size", ["--5", LARGE, "٣", "1.5", "x"])
async def test_numbers_in_parameters_that_are_none(client: Client, size: str) -> None:
    """They count as missing; nothing is read that no int64 holds."""
    for query in (f"limit={size}", f"gracePeriodSeconds={size}"):
        assert (await client.ask("GET", f"/api/v1/pods?{query}", None, ADMIN)).status == 200


@pytest.mark.parametrize("query", [f"resourceVersion={LARGE}", f"watch=1&resourceVersion={LARGE}"])
async def test_a_revision_that_no_number_holds(client: Client, query: str) -> None:
    answered = await client.ask("GET", f"/api/v1/pods?{query}", None, ADMIN)
    assert (answered.status, told(answered).rpartition(": ")[2]) == (400, "value out of range")


async def test_a_length_that_no_number_holds(client: Client) -> None:
    headers = {**ADMIN, "content-length": LARGE}
    assert (await client.ask("POST", "/api/v1/namespaces/default/pods", {}, headers)).status == 413


async def test_managers_that_make_no_sense_are_forgotten(client: Client, secured: Secured) -> None:
    """Otherwise every later write of the object would fail: also those of controllers."""
    odd: list[Any] = [7, {"f:spec": 1.5}, {"spec": {}}, {"f:spec": {"k:{": {}}}, {"f:spec": {"i:x": {}}}]
    for fields in odd:
        entry = {"manager": "m", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1"}
        body = {"metadata": {"managedFields": [{**entry, "fieldsV1": fields}]}}
        await client.ask("PATCH", DEPLOYMENT, body, MERGE)
        for replicas in (2, 3):
            answered = await client.ask("PATCH", DEPLOYMENT, {"spec": {"replicas": replicas}}, MERGE)
            assert answered.status == 200, answered.body
    managers = secured.api.read("deployments.apps", Key("default", "web"))["metadata"]["managedFields"]
    assert "m" not in {each["manager"] for each in managers}


async def test_what_go_writes_without_being_given_it(client: Client, secured: Secured) -> None:
    """Scalars that are always written have their zero value; tables and controllers count on them."""
    secured.api.create("nodes", {"metadata": {"name": "n"}})
    body = {"status": {"conditions": [{"type": "Ready"}], "addresses": [{"address": "10.0.0.1"}, None]}}
    assert (await client.ask("PATCH", "/api/v1/nodes/n/status", body, MERGE)).status == 200
    status = secured.api.read("nodes", Key("", "n"))["status"]
    assert status["conditions"] == [{"type": "Ready", "status": ""}]
    assert status["addresses"] == [{"address": "10.0.0.1", "type": ""}, {"type": "", "address": ""}]
    table = await client.ask(
        "GET", "/api/v1/nodes", None, {**ADMIN, "accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    )
    assert table.json["rows"][0]["cells"][1] == "NotReady"


async def test_a_container_without_a_name_where_limits_have_defaults(
    client: Client, secured: Secured
) -> None:
    """Admission sees the pod before validation does."""
    limits = {"limits": [{"type": "Container", "default": {"cpu": "1"}}]}
    secured.api.create("limitranges", {"metadata": {"name": "l", "namespace": "default"}, "spec": limits})
    pod = {
        "metadata": {"name": "q"},
        "spec": {"containers": [{"image": "nginx"}], "volumes": [{"emptyDir": {}}]},
    }
    answered = await client.ask("POST", "/api/v1/namespaces/default/pods", pod, ADMIN)
    assert answered.status == 422
    assert "spec.containers[0].name: Required value" in told(answered)


@pytest.mark.parametrize(
    ("masts", "problem"),
    [
        (
            {"type": "array", "items": "integer"},
            "JSON schema or array of them expected at spec.versions[0].schema",
        ),
        ({"type": "array", "items": {"type": "object", "properties": {"a": "b"}}}, "json: cannot unmarshal"),
        ({"type": "object", "additionalProperties": 7}, "boolean or JSON schema expected"),
    ],
)
async def test_a_schema_that_is_no_schema(client: Client, masts: Obj, problem: str) -> None:
    definition = {
        "metadata": {"name": "boats.example.org"},
        "spec": {
            "group": "example.org",
            "scope": "Cluster",
            "names": {"plural": "boats", "kind": "Boat"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"masts": masts},
                        }
                    },
                }
            ],
        },
    }
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answered = await client.ask("POST", path, definition, ADMIN)
    assert answered.status == 400
    assert problem in told(answered)


async def test_a_warning_is_one_line_of_plain_text(client: Client) -> None:
    """It stands in a header, and may quote what the client sent."""
    body = {"metadata": {"name": "m"}, "da\x00\r\nta\x85": {}}
    answered = await client.ask("POST", "/api/v1/namespaces/default/configmaps", body, ADMIN)
    assert answered.warnings == ['unknown field \\"da   ta \\"']


async def test_an_approval_that_is_no_address(client: Client) -> None:
    metadata = {"name": "boats.apps.k8s.io", "annotations": {"api-approved.kubernetes.io": "http://["}}
    spec = {"group": "apps.k8s.io", "scope": "Cluster", "names": {"plural": "boats", "kind": "Boat"}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answered = await client.ask("POST", path, {"metadata": metadata, "spec": spec}, ADMIN)
    assert (answered.status, "approval annotation" in told(answered)) == (422, True)


async def test_a_division_by_zero_in_a_policy_is_told(client: Client) -> None:
    policy = {
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["pods"],
                    }
                ]
            },
            "validations": [{"expression": "1/0 == 1"}],
        },
    }
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
    assert (await client.ask("POST", path, policy, ADMIN)).status == 201


@pytest.mark.parametrize(("version", "is_served"), [("1.34", False), ("1.35", False), ("1.36", True)])
def test_mutating_policies_came_with_1_36(version: str, is_served: bool) -> None:
    kinds = {each.kind for each in builtin_resources(version)}
    assert ({"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"} <= kinds) is is_served
