"""Every manifest under `cases/` yields exactly the findings that its last lines name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from eks_lab.checker.manifests import RULES, check_manifests
from eks_lab.checker.model import CheckOptions, Severity

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
OPTIONS = CheckOptions(today=date(2026, 11, 22))
WHOLE_SET_ONLY = {
    "k8s-service-no-endpoints",
    "eks-storage-class-missing",
    "eks-no-default-class",
    "eks-nodeclass-missing",
    "k8s-hpa-target-missing",
    "k8s-pdb-selects-nothing",
    "k8s-network-policy-selects-nothing",
    "k8s-statefulset-service",
    "k8s-ingress-backend",
    "eks-snapshot-class",
}


def _expected(text: str) -> list[tuple[str, int]]:
    return sorted(
        (rule, int(line)) for rule, line in re.findall(r"^# finds (\S+) on (\d+)$", text, re.MULTILINE)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_manifest_yields_its_findings(case: Path) -> None:
    text = case.read_text()
    findings = check_manifests({case.name: text}, OPTIONS)

    assert sorted({(one.rule, one.line) for one in findings}) == _expected(text)
    rules = {rule.id: rule for rule in RULES}
    for one in findings:
        assert one.file == case.name
        assert one.lesson == rules[one.rule].lesson
        assert one.message
        assert one.fix.endswith(".")


def test_every_rule_has_a_case() -> None:
    seen = {rule for case in CASES for rule, _ in _expected(case.read_text())}
    assert {rule.id for rule in RULES} - seen == {"k8s-syntax"}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_json_lists_and_several_files_are_judged_alike(case: Path) -> None:
    if case.stem == "yaml-traps":
        pytest.skip("JSON has none of YAML's traps")
    import json

    documents = [one for one in yaml.safe_load_all(case.read_text()) if one]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}, indent="\t")
    apart = {f"{at}.json": json.dumps(one) for at, one in enumerate(documents)}
    expected = sorted({rule for rule, _ in _expected(case.read_text())})

    assert sorted({one.rule for one in check_manifests({"all.json": listed}, OPTIONS)}) == expected
    assert sorted({one.rule for one in check_manifests(apart, OPTIONS)}) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_part_of_a_set_is_not_blamed_for_what_stands_elsewhere(case: Path) -> None:
    text = case.read_text()
    findings = check_manifests({case.name: text}, replace(OPTIONS, whole_set=False))
    left = {rule for rule, _ in _expected(text)} - {one.rule for one in findings}
    # An Ingress port that a Service here lacks is wrong whatever stands elsewhere.
    assert left <= WHOLE_SET_ONLY
    assert {one.rule for one in findings} & (WHOLE_SET_ONLY - {"k8s-ingress-backend"}) == set()


def test_lines_in_a_list_are_those_of_the_item() -> None:
    text = """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
  dta: {}
"""
    (finding,) = check_manifests({"list.yaml": text}, OPTIONS)
    assert (finding.line, finding.message) == (7, 'ConfigMap a: unknown field "dta"')
    assert finding.fix == "Write data."


def test_older_versions_still_serve_what_newer_ones_removed() -> None:
    text = "apiVersion: scheduling.k8s.io/v1alpha2\nkind: PodGroup\nmetadata: {name: a}\n"
    served = check_manifests({"a.yaml": text}, replace(OPTIONS, kubernetes_version="1.36"))
    older = check_manifests({"a.yaml": text}, replace(OPTIONS, kubernetes_version="1.34"))
    assert "k8s-unknown-kind" not in {one.rule for one in served}
    assert {one.rule for one in older} & {"k8s-unknown-kind", "k8s-unknown-version"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chart/values.yaml", "image: {tag: latest}\n"),
        ("argo-values-prod.yaml", "replicas: 3\n"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: web\n"),
        ("overlay/kustomization.yaml", "resources: [../base]\n"),
        ("cluster.yaml", "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: lab}\n"),
    ],
)
def test_files_of_tools_are_left_alone(name: str, text: str) -> None:
    assert check_manifests({name: text}, OPTIONS) == []


def test_a_definition_in_the_files_is_used() -> None:
    text = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, required: [sails], properties: {sails: {type: integer, maximum: 4}}}}
---
apiVersion: example.com/v1
kind: Boat
metadata: {name: a}
spec: {sails: 5, sals: 1}
"""
    findings = check_manifests({"boat.yaml": text}, OPTIONS)
    assert {(one.rule, one.line) for one in findings} == {("k8s-wrong-value", 20), ("k8s-unknown-field", 20)}
    assert all(one.severity is Severity.ERROR for one in findings)


def test_a_field_on_the_wrong_level_is_sent_to_the_right_one() -> None:
    text = """apiVersion: v1
kind: Pod
metadata: {name: a}
containers: []
spec:
  containers: [{name: a, image: "a:1", hostNetwork: true, resources: {limits: {cpu: 1, memory: 1Gi}}}]
"""
    fixes = {
        one.fix for one in check_manifests({"pod.yaml": text}, OPTIONS) if one.rule == "k8s-unknown-field"
    }
    assert fixes == {"Move it one level down, under spec.", "Move it one level up, under spec."}
