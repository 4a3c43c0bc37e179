"""Structure: unknown fields, wrong types, pruning; words recorded from a real control plane."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from eks_lab.kube import structure, types

SCHEMAS = types.load("1.36")
# `kubectl create -f` on a real 1.36 control plane, after "… cannot be handled as a Kind: ".
RECORDED = [
    (
        "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: three}}",
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {containers: [{ports: [{containerPort: '80'}]}]}}",
        "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {containers: [{env: [{name: NUM, value: 5}]}]}}",
        "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
    ),
    (
        "{apiVersion: v1, kind: ConfigMap, data: {'on': true}}",
        "json: cannot unmarshal bool into Go struct field ConfigMap.data of type string",
    ),
    (
        "{apiVersion: v1, kind: ConfigMap, metadata: {labels: {num: 1}}}",
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ),
    (
        "{apiVersion: v1, kind: Service, spec: [a, b]}",
        "json: cannot unmarshal array into Go struct field Service.spec of type v1.ServiceSpec",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {tolerations: [{value: true}]}}",
        "json: cannot unmarshal bool into Go struct field Toleration.spec.tolerations.value of type string",
    ),
]
# By the same rules, from the Go sources named in the module.
DERIVED = [
    (
        "{apiVersion: v1, kind: Pod, spec: {containers: {name: a}}}",
        "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {restartPolicy: 5}}",
        "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {nodeSelector: web}}",
        "json: cannot unmarshal string into Go struct field PodSpec.spec.nodeSelector of type map[string]string",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {containers: [{resources: {limits: 1}}]}}",
        (
            "json: cannot unmarshal number into Go struct field "
            "ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList"
        ),
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {containers: [{resources: {limits: {cpu: lots}}}]}}",
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ),
    (
        "{apiVersion: v1, kind: Pod, spec: {containers: [{resources: {limits: {memory: 5GiG}}}]}}",
        "unable to parse quantity's suffix",
    ),
    (
        "{apiVersion: v1, kind: Service, spec: {ports: [{targetPort: true}]}}",
        "json: cannot unmarshal bool into Go value of type int32",
    ),
    (
        "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 1.5}}",
        "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ),
    (
        "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 99999999999}}",
        "json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ),
    (
        "{apiVersion: v1, kind: Secret, data: {a: 'b c'}}",
        "illegal base64 data at input byte 1",
    ),
    ("{apiVersion: v1, kind: Secret, data: {a: YWJjZA}}", "illegal base64 data at input byte 4"),
    (
        "{apiVersion: v1, kind: Pod, metadata: {creationTimestamp: yesterday}}",
        'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ),
]


def _schema(obj: dict[str, Any]) -> types.Schema:
    schema = SCHEMAS.of(*types.group_version(obj["apiVersion"]), obj["kind"])
    assert schema is not None
    return schema


@pytest.mark.parametrize(("text", "said"), [*RECORDED, *DERIVED])
def test_a_wrong_type_is_told_in_gos_words(text: str, said: str) -> None:
    obj = yaml.safe_load(text)
    assert structure.type_problem(_schema(obj), obj) == said


def test_every_mismatch_is_found_with_its_place() -> None:
    obj = yaml.safe_load(
        "{apiVersion: v1, kind: Pod, spec: {hostNetwork: 'yes', containers: [{name: 1}, {name: a, image: []}]}}"
    )
    found = [
        (structure.shown_path(one.path), one.found, one.wanted)
        for one in structure.type_mismatches(_schema(obj), obj)
    ]
    assert found == [
        ("spec.hostNetwork", "string", "bool"),
        ("spec.containers[0].name", "number", "string"),
        ("spec.containers[1].image", "array", "string"),
    ]


def test_what_fits_fits() -> None:
    obj = yaml.safe_load("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, creationTimestamp: null, annotations: {a: b}}
spec:
  replicas: 3.0
  strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: nginx, resources: {limits: {cpu: 1, memory: 1.5Gi}}, command: null}
""")
    assert structure.type_problem(_schema(obj), obj) is None
    assert structure.unknown_fields(_schema(obj), obj) == []
    assert structure.prune(_schema(obj), obj) == obj


def test_unknown_fields_as_the_server_prints_them() -> None:
    obj = yaml.safe_load(
        "{apiVersion: v1, kind: Pod, metadata: {name: p, colour: red}, "
        "spec: {containers: [{name: c, image: nginx, imagge: x}], nodeselector: {a: b}}, extra: 1}"
    )
    assert structure.unknown_fields(_schema(obj), obj) == [
        'unknown field "metadata.colour"',
        'unknown field "spec.containers[0].imagge"',
        'unknown field "spec.nodeselector"',
        'unknown field "extra"',
    ]
    pruned = structure.prune(_schema(obj), obj)
    assert structure.unknown_fields(_schema(obj), pruned) == []
    assert pruned["spec"]["containers"] == [{"name": "c", "image": "nginx"}]
    assert "imagge" in obj["spec"]["containers"][0]


def test_open_parts_stay_open() -> None:
    schema = SCHEMAS.of("apps", "v1", "ControllerRevision")
    assert schema is not None
    obj = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "data": {"any": {"thing": 1}},
        "revision": 1,
    }
    assert structure.unknown_fields(schema, obj) == []
    assert structure.prune(schema, obj) == obj


CUSTOM = types.Schema(
    {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "properties": {
                    "size": {"type": "integer"},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "empty": {"type": "object"},
                    "either": {"x-kubernetes-int-or-string": True},
                    "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {}},
                    "list": {
                        "type": "array",
                        "items": {"type": "object", "required": ["a"], "properties": {"a": {}}},
                    },
                },
            }
        },
    }
)


def test_custom_resources_are_pruned_to_their_schema() -> None:
    obj = {
        "apiVersion": "x.io/v1",
        "kind": "Thing",
        "metadata": {"name": "a", "labels": {"b": "c"}},
        "spec": {
            "size": 1,
            "free": {"any": 1},
            "empty": {"gone": 1},
            "either": "50%",
            "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}},
            "other": 2,
        },
        "status": {},
    }
    assert structure.unknown_fields(CUSTOM, obj) == [
        'unknown field "spec.empty.gone"',
        'unknown field "spec.template.spec"',
        'unknown field "spec.other"',
        'unknown field "status"',
    ]
    pruned = structure.prune(CUSTOM, obj)
    assert pruned["spec"] == {
        "size": 1,
        "free": {"any": 1},
        "empty": {},
        "either": "50%",
        "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}},
    }
    assert pruned["metadata"] == obj["metadata"]


def test_missing_required_fields_are_named() -> None:
    obj = {"spec": {"size": None, "list": [{"a": 1}, {}]}}
    assert [structure.shown_path(path) for path in structure.missing_required(CUSTOM, obj)] == [
        "spec.size",
        "spec.list[1].a",
    ]
    assert [structure.shown_path(path) for path in structure.missing_required(CUSTOM, {})] == ["spec"]
