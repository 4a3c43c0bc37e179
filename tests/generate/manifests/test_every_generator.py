"""Every generator, whatever is chosen: readable files, valid names, references that resolve, reasons in place."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions, Finding, Severity
from eks_lab.errors import InputError
from eks_lab.generate import registry
from eks_lab.generate.choices import read_choices
from eks_lab.generate.model import Bundle, Generator
from tests.generate.manifests.documents import GO_TEMPLATE, SUBDOMAIN, name_of, objects, parse
from tests.generate.manifests.random_choices import choices_of, some_choices

GENERATORS = registry.manifest_names()
MANY = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TODAY = date(2026, 11, 22)
NOT_MANIFESTS = ("vpc-cni-values.json", "kube-prometheus-stack.yaml", "pod-identity.yaml")
LEFT_OVERS = re.compile(r"\bTrue\b|\bFalse\b|: None\b(?<!clusterIP: None)|\bUndefined\b|\{%|\ue000")


def made(generator: Generator, choices: dict[str, object]) -> Bundle | None:
    """Return what comes out, or None when the choices are refused with a reason."""
    try:
        return generator.render(read_choices(generator, "", choices))
    except InputError:
        return None


def assert_sound(bundle: Bundle, generator: Generator) -> None:
    """Check everything that holds for every bundle."""
    assert bundle.generator == generator.name
    assert list(bundle.choices) == [field.name for field in generator.inputs]
    assert len({file.name for file in bundle.files}) == len(bundle.files)
    for file in bundle.files:
        lines = file.text.split("\n")
        assert lines[-1] == ""
        assert not LEFT_OVERS.search(file.text), file.text
        assert not any(line != line.rstrip() for line in lines)
        assert "\n\n\n" not in file.text
        parse(file)
        for line, reason in file.reasons.items():
            assert 1 <= line < len(lines)
            assert lines[line - 1].strip(), "a reason of an empty line"
            assert reason
            assert reason[-1] in ".?!", reason
    for note in bundle.notes:
        assert note.endswith((".", "?", "!")) or "aws " in note or "kubectl " in note, note


def assert_names(documents: list[dict[str, Any]]) -> None:
    """Check names, and that no object stands twice."""
    seen = set()
    for document in documents:
        if document["kind"] == "NodeConfig":
            continue
        key = name_of(document)
        assert key not in seen, key
        seen.add(key)
        name = GO_TEMPLATE.sub("x", key[2])
        assert SUBDOMAIN.fullmatch(name), name
        assert len(name) <= 253
        namespace = key[1]
        assert not namespace or (SUBDOMAIN.fullmatch(namespace) and len(namespace) <= 63)


def assert_references(documents: list[dict[str, Any]]) -> None:
    """Check that what an object names beside it is there."""
    there = {name_of(document) for document in documents}
    kinds = {kind for kind, _, _ in there}
    for document in documents:
        kind, namespace, _ = name_of(document)
        spec = document.get("spec") or {}
        if kind == "NodePool" and "EC2NodeClass" in kinds:
            assert ("EC2NodeClass", "", spec["template"]["spec"]["nodeClassRef"]["name"]) in there
        if kind == "StatefulSet":
            assert ("Service", namespace, spec["serviceName"]) in there
        if kind == "PersistentVolumeClaim" and "StorageClass" in kinds:
            assert ("StorageClass", "", spec["storageClassName"]) in there
        if kind == "PersistentVolumeClaim" and "volumeName" in spec:
            assert ("PersistentVolume", "", spec["volumeName"]) in there
        if kind == "PersistentVolumeClaim" and "dataSource" in spec:
            assert ("VolumeSnapshot", namespace, spec["dataSource"]["name"]) in there
        if kind == "VolumeSnapshot" and "VolumeSnapshotClass" in kinds:
            assert ("VolumeSnapshotClass", "", spec["volumeSnapshotClassName"]) in there
        if kind == "Ingress" and "Service" in kinds:
            backend = spec["rules"][0]["http"]["paths"][0]["backend"]["service"]
            (service,) = (other for other in documents if other["kind"] == "Service")
            assert name_of(service) == ("Service", namespace, backend["name"])
            assert backend["port"]["number"] in [port["port"] for port in service["spec"]["ports"]]
        if kind in {"Deployment", "StatefulSet", "DaemonSet"}:
            labels = spec["template"]["metadata"]["labels"]
            assert spec["selector"]["matchLabels"].items() <= labels.items()
            for other in documents:
                if other["kind"] in {"Service", "PodDisruptionBudget"}:
                    selector = other["spec"]["selector"]
                    assert selector.get("matchLabels", selector).items() <= labels.items()
        if kind in {"Pod", "DaemonSet"} and "ServiceAccount" in kinds:
            pod = spec if kind == "Pod" else spec["template"]["spec"]
            assert ("ServiceAccount", namespace, pod["serviceAccountName"]) in there
        if kind == "OpenTelemetryCollector":
            assert ("ServiceAccount", namespace, spec["serviceAccount"]) in there
            service = spec["config"]["service"]
            for pipeline in service["pipelines"].values():
                for part in ("receivers", "processors", "exporters"):
                    assert set(pipeline[part]) <= set(spec["config"][part])
        if kind == "ClusterRoleBinding":
            assert ("ClusterRole", "", document["roleRef"]["name"]) in there
            subject = document["subjects"][0]
            assert ("ServiceAccount", subject["namespace"], subject["name"]) in there


def findings(bundle: Bundle, *, whole_set: bool = False) -> list[Finding]:
    """Return what the checker says, without files that are neither manifest, policy nor Terraform."""
    judged = {
        file.name: file.text
        for file in bundle.files
        if file.name.endswith((".yaml", ".json", ".tf")) and file.name not in NOT_MANIFESTS
    }
    report = check_texts(judged, CheckOptions(TODAY, whole_set=whole_set))
    assert not report.unreadable
    return list(report.findings)


@pytest.mark.parametrize("name", GENERATORS)
@MANY
@given(data=st.data())
def test_whatever_is_chosen(name: str, data: st.DataObject) -> None:
    generator = registry.get(name)
    choices = data.draw(choices_of(generator))
    bundle = made(generator, choices)
    if bundle is None:
        return
    assert_sound(bundle, generator)
    documents = list(objects(bundle))
    assert_names(documents)
    assert_references(documents)
    assert made(generator, choices) == bundle, "the same choices give the same text"
    assert not [finding for finding in findings(bundle) if finding.severity == Severity.ERROR]


@pytest.mark.parametrize("name", GENERATORS)
def test_the_defaults(name: str) -> None:
    generator = registry.get(name)
    bundle = generator.render(read_choices(generator, "", {}))
    assert_sound(bundle, generator)
    assert any(file.reasons for file in bundle.files), "nothing is explained"
    assert not [finding for finding in findings(bundle) if finding.severity != Severity.NOTE]
    for preset in generator.presets:
        assert_sound(generator.render(read_choices(generator, preset, {})), generator)


@pytest.mark.parametrize("name", GENERATORS)
def test_every_choice_matters(name: str) -> None:
    """A choice that changes nothing would be a lie: some value of each changes text or notes, or is refused."""
    generator = registry.get(name)

    def result(choices: dict[str, object]) -> object:
        bundle = made(generator, choices)
        return None if bundle is None else (bundle.files, bundle.notes)

    pool = some_choices(generator)
    before = [result(choices) for choices in pool]
    for field in generator.inputs:
        if field.kind == "document":
            continue
        assert field.help.endswith("."), field.name

        assert any(
            before[number] != result({**base, field.name: other[field.name]})
            for number, base in enumerate(pool)
            for other in pool
        ), field.name


@pytest.mark.parametrize("name", GENERATORS)
def test_choices_have_bounds(name: str) -> None:
    generator = registry.get(name)
    assert 4 <= len(generator.inputs) <= 25
    for field in generator.inputs:
        assert field.label
        if field.kind in {"integer", "number"}:
            assert field.minimum is not None, field.name
            assert field.maximum is not None, field.name
        if field.kind == "text" and field.default is not None:
            assert field.default, field.name
