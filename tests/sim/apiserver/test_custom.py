"""Custom resources over HTTP: establishing, validation, defaults, columns, subresources, versions, clean-up."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.controllers.custom_resource_definition.controller import CustomResourceDefinitionController
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.resources import expressions
from eks_lab.sim.runtime import Runtime
from tests.sim.small_cluster import Client, small_api

SCHEMA: Obj = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "required": ["flavour"],
            "properties": {
                "flavour": {"type": "string", "enum": ["lemon", "plum"]},
                "layers": {"type": "integer", "minimum": 1, "maximum": 5, "default": 2},
                "code": {"type": "string", "pattern": "^[a-z]{2}[0-9]+$", "maxLength": 6},
                "tags": {
                    "type": "array",
                    "maxItems": 2,
                    "x-kubernetes-list-type": "set",
                    "items": {"type": "string"},
                },
                "price": {"x-kubernetes-int-or-string": True},
                "day": {"type": "string", "format": "date"},
                "note": {"type": "string", "nullable": True},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        },
        "status": {"type": "object", "properties": {"baked": {"type": "integer"}, "sel": {"type": "string"}}},
    },
}
CAKES = "/apis/bake.example.org/v1/namespaces/default/cakes"
MERGE = {"content-type": "application/merge-patch+json"}


def definition(**changes: Any) -> Obj:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": SCHEMA},
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.layers",
                "statusReplicasPath": ".status.baked",
                "labelSelectorPath": ".status.sel",
            },
        },
        "additionalPrinterColumns": [
            {"name": "Layers", "type": "integer", "jsonPath": ".spec.layers"},
            {"name": "Tags", "type": "string", "jsonPath": ".spec.tags", "priority": 1},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        ],
    }
    old = {
        "name": "v1beta1",
        "served": True,
        "storage": False,
        "deprecated": True,
        "schema": version["schema"],
    }
    names = {"plural": "cakes", "kind": "Cake", "shortNames": ["ck"], "categories": ["sweet"]}
    spec = {"group": "bake.example.org", "scope": "Namespaced", "names": names, "versions": [version, old]}
    return {"metadata": {"name": "cakes.bake.example.org"}, "spec": {**spec, **changes}}


class Bakery:
    """A client whose server knows cakes."""

    def __init__(self, crd: Obj | None = None) -> None:
        self.api = small_api()
        self.controller = CustomResourceDefinitionController(self.api.clock, self.api)
        self.runtime = Runtime(self.api.clock, self.api.store, [self.controller])
        self.client = Client(ApiServer(self.api))
        self.api.create("customresourcedefinitions.apiextensions.k8s.io", crd or definition())
        self.runtime.settle()

    async def bake(self, name: str = "a", query: str = "", **spec: Any) -> Any:
        body = {"metadata": {"name": name}, "spec": {"flavour": "lemon", **spec}}
        return await self.client.ask("POST", CAKES + query, body)


async def test_a_definition_is_established_and_served() -> None:
    bakery = Bakery()
    crd = bakery.api.read("customresourcedefinitions.apiextensions.k8s.io", Key("", "cakes.bake.example.org"))
    conditions = {each["type"]: (each["status"], each["reason"]) for each in crd["status"]["conditions"]}
    assert conditions == {
        "NamesAccepted": ("True", "NoConflicts"),
        "Established": ("True", "InitialNamesAccepted"),
    }
    assert crd["status"]["storedVersions"] == ["v1"]
    listed = (await bakery.client.ask("GET", "/apis/bake.example.org/v1")).json["resources"]
    assert [each["name"] for each in listed] == ["cakes", "cakes/scale", "cakes/status"]
    assert listed[0]["shortNames"] == ["ck"]
    document = (await bakery.client.ask("GET", "/openapi/v3/apis/bake.example.org/v1")).json
    cake = document["components"]["schemas"]["org.example.bake.v1.Cake"]
    assert cake["properties"]["spec"]["properties"]["layers"]["default"] == 2
    patch = document["paths"]["/apis/bake.example.org/v1/namespaces/{namespace}/cakes/{name}"]["patch"]
    assert "application/strategic-merge-patch+json" not in patch["requestBody"]["content"]


async def test_objects_are_defaulted_pruned_and_printed() -> None:
    bakery = Bakery()
    made = await bakery.bake(tags=["x", "y"], zip="gold", free={"any": {"deep": 1}}, note=None)
    assert made.warnings == ['unknown field \\"spec.zip\\"']
    assert made.json["spec"] == {
        "flavour": "lemon",
        "layers": 2,
        "tags": ["x", "y"],
        "free": {"any": {"deep": 1}},
        "note": None,
    }
    assert made.json["metadata"]["generation"] == 1
    accept = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    table = (await bakery.client.ask("GET", CAKES, None, accept)).json
    assert [each["name"] for each in table["columnDefinitions"]] == ["Name", "Layers", "Tags", "Age"]
    assert [each["priority"] for each in table["columnDefinitions"]] == [0, 0, 1, 0]
    assert table["rows"][0]["cells"] == ["a", 2, '["x","y"]', "0s"]
    strict = await bakery.bake("b", "?fieldValidation=Strict", zip="gold")
    assert 'strict decoding error: unknown field "spec.zip"' in strict.json["message"]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"flavour": "mud"}, 'spec.flavour: Unsupported value: "mud": supported values: "lemon", "plum"'),
        ({"flavour": None}, "spec.flavour: Required value"),
        ({"layers": 9}, "spec.layers: Invalid value: 9: spec.layers in body should be less than or equal to 5"),
        ({"layers": 0}, "spec.layers: Invalid value: 0: spec.layers in body should be greater than or equal to 1"),
        ({"layers": "two"}, 'spec.layers: Invalid value: "string": spec.layers in body must be of type integer: "string"'),
        ({"price": 1.5}, 'spec.price: Invalid value: "number": spec.price in body must be of type integer,string: "number"'),
        ({"code": "ABC"}, "spec.code: Invalid value: \"ABC\": spec.code in body should match '^[a-z]{2}[0-9]+$'"),
        ({"code": "ab12345"}, "spec.code: Too long: may not be more than 6 bytes"),
        ({"tags": ["b", "b"]}, 'spec.tags[1]: Duplicate value: "b"'),
        ({"tags": ["a", "b", "c"]}, "spec.tags: Too many: 3: must have at most 2 items"),
        ({"day": "tomorrow"}, 'spec.day: Invalid value: "tomorrow": spec.day in body must be of type date: "tomorrow"'),
    ],
)  # fmt: skip
async def test_objects_that_do_not_fit(spec: Obj, text: str) -> None:
    answer = await Bakery().bake(**spec)
    assert (answer.status, answer.json["message"]) == (422, f'Cake.bake.example.org "a" is invalid: {text}')


async def test_what_was_wrong_before_may_stay() -> None:
    bakery = Bakery()
    made = (await bakery.bake()).json
    bakery.api.store.put("cakes.bake.example.org", {**made, "spec": {**made["spec"], "layers": 9}})
    patch = await bakery.client.ask("PATCH", f"{CAKES}/a", {"spec": {"note": "x"}}, MERGE)
    assert patch.status == 200
    patch = await bakery.client.ask("PATCH", f"{CAKES}/a", {"spec": {"layers": 8}}, MERGE)
    assert patch.status == 422


async def test_status_and_scale_are_apart() -> None:
    bakery = Bakery()
    await bakery.bake()
    ask = bakery.client.ask
    assert "status" not in (await ask("PATCH", f"{CAKES}/a", {"status": {"baked": 5}}, MERGE)).json
    both = {"status": {"baked": 5, "sel": "a=b"}, "spec": {"layers": 4}}
    status = (await ask("PATCH", f"{CAKES}/a/status", both, MERGE)).json
    assert (status["spec"]["layers"], status["status"]["baked"]) == (2, 5)
    scale = (await ask("GET", f"{CAKES}/a/scale")).json
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 5, "selector": "a=b"})
    await ask("PATCH", f"{CAKES}/a/scale", {"spec": {"replicas": 3}}, MERGE)
    stored = (await ask("GET", f"{CAKES}/a")).json
    assert (stored["spec"]["layers"], stored["metadata"]["generation"]) == (3, 2)
    bad = await ask("PATCH", f"{CAKES}/a/status", {"status": {"baked": "five"}}, MERGE)
    assert bad.json["message"] == (
        'Cake.bake.example.org "a" is invalid: [status.baked: Invalid value: "string": baked in body must be of type '
        'integer: "string", .status.baked: Invalid value: 0: .status.baked accessor error: five is of the type string, '
        "expected int64]"
    )


async def test_versions_without_conversion_and_their_warnings() -> None:
    bakery = Bakery()
    await bakery.bake()
    answer = await bakery.client.ask("GET", CAKES.replace("v1", "v1beta1") + "/a")
    assert answer.json["apiVersion"] == "bake.example.org/v1beta1"
    assert answer.warnings == ["bake.example.org/v1beta1 Cake is deprecated; use bake.example.org/v1 Cake"]
    groups = (await bakery.client.ask("GET", "/apis/bake.example.org")).json
    assert [each["version"] for each in groups["versions"]] == ["v1", "v1beta1"]


async def test_apply_and_patches_know_the_schema() -> None:
    bakery = Bakery()
    apply = {"content-type": "application/apply-patch+yaml"}
    body = {"apiVersion": "bake.example.org/v1", "kind": "Cake", "metadata": {"name": "a"}}
    spec = {"flavour": "plum", "tags": ["x"]}
    made = await bakery.client.ask("PATCH", f"{CAKES}/a?fieldManager=m", {**body, "spec": spec}, apply)
    fields = made.json["metadata"]["managedFields"][0]["fieldsV1"]
    assert fields == {"f:spec": {"f:flavour": {}, "f:tags": {'v:"x"': {}}}}
    wrong = await bakery.client.ask("PATCH", f"{CAKES}/a?fieldManager=m", {**body, "spec": {"zip": 1}}, apply)
    assert wrong.json["message"].endswith(".spec.zip: field not declared in schema")
    strategic = {"content-type": "application/strategic-merge-patch+json"}
    assert (await bakery.client.ask("PATCH", f"{CAKES}/a", {}, strategic)).status == 415


async def test_deleting_the_definition_deletes_the_objects() -> None:
    bakery = Bakery()
    await bakery.bake()
    key = Key("", "cakes.bake.example.org")
    bakery.api.delete("customresourcedefinitions.apiextensions.k8s.io", key)
    bakery.runtime.settle()
    assert bakery.api.store.count("cakes.bake.example.org") == 0
    assert bakery.api.get("customresourcedefinitions.apiextensions.k8s.io", key) is None
    assert (await bakery.client.ask("GET", CAKES)).status == 404
    assert "bake.example.org" not in bakery.client.app.catalogue.groups()


async def test_names_in_use_are_not_accepted() -> None:
    bakery = Bakery()
    other = definition(names={"plural": "tarts", "kind": "Cake"})
    other["metadata"] = {"name": "tarts.bake.example.org"}
    bakery.api.create("customresourcedefinitions.apiextensions.k8s.io", other)
    bakery.runtime.settle()
    crd = bakery.api.read("customresourcedefinitions.apiextensions.k8s.io", Key("", "tarts.bake.example.org"))
    conditions = {each["type"]: each for each in crd["status"]["conditions"]}
    assert (conditions["NamesAccepted"]["reason"], conditions["NamesAccepted"]["message"]) == (
        "ListKindConflict",
        '"CakeList" is already in use',
    )
    assert conditions["Established"]["status"] == "False"
    with pytest.raises(ApiError):
        bakery.api.resource("tarts.bake.example.org")


async def test_a_restart_serves_what_was_established() -> None:
    bakery = Bakery()
    await bakery.bake()
    bakery.api.withdraw("cakes.bake.example.org")
    CustomResourceDefinitionController(bakery.api.clock, bakery.api).restore()
    assert (await bakery.client.ask("GET", f"{CAKES}/a")).status == 200


@pytest.mark.skipif(not expressions.available(), reason="the CEL interpreter is an optional dependency")
async def test_rules_speak_cel() -> None:
    crd = definition()
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    rules = [
        {"rule": "self.layers < 4 || self.flavour == 'plum'", "message": "only plum is that high"},
        {
            "rule": "!has(self.note) || self.note != 'x'",
            "messageExpression": "'no ' + self.note",
            "reason": "FieldValueForbidden",
            "fieldPath": ".note",
        },
        {"rule": "self.flavour == oldSelf.flavour"},
    ]
    schema = {
        **SCHEMA,
        "properties": {**SCHEMA["properties"], "spec": {**spec, "x-kubernetes-validations": rules}},
    }
    crd["spec"]["versions"][0]["schema"] = {"openAPIV3Schema": schema}
    bakery = Bakery(crd)
    high = await bakery.bake(layers=5)
    assert high.json["message"].endswith("spec: Invalid value: only plum is that high")
    noted = await bakery.bake(note="x")
    assert noted.json["message"].endswith("spec.note: Forbidden: no x")
    mixed = await bakery.bake(layers="x")
    assert "<nil>: Invalid value: null: some validation rules were not checked" in mixed.json["message"]
    assert (await bakery.bake()).status == 201
    changed = await bakery.client.ask("PATCH", f"{CAKES}/a", {"spec": {"flavour": "plum"}}, MERGE)
    assert changed.json["message"].endswith(
        "spec: Invalid value: failed rule: self.flavour == oldSelf.flavour"
    )
