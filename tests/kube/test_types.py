"""The packaged Kubernetes types."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from eks_lab.errors import DataError, InputError
from eks_lab.kube import refresh_schemas, types


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36"])
def test_each_version_has_the_kinds_the_course_uses(version: str) -> None:
    schemas = types.load(version)

    assert schemas.version == version
    assert "kubernetes-validate" in schemas.source
    for group, api, kind in [
        ("apps", "v1", "Deployment"),
        ("", "v1", "Pod"),
        ("autoscaling", "v2", "HorizontalPodAutoscaler"),
        ("networking.k8s.io", "v1", "Ingress"),
        ("storage.k8s.io", "v1", "StorageClass"),
        ("policy", "v1", "PodDisruptionBudget"),
        ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
    ]:
        assert schemas.of(group, api, kind) is not None
    assert schemas.of("policy", "v1beta1", "PodDisruptionBudget") is None


def test_a_schema_says_types_merging_and_words() -> None:
    deployment = types.load("1.36").of("apps", "v1", "Deployment")
    assert deployment is not None
    assert deployment.group_version_kinds == (types.GroupVersionKind("apps", "v1", "Deployment"),)

    replicas = deployment.at("spec", "replicas")
    assert replicas is not None
    assert (replicas.type, replicas.format) == ("integer", "int32")
    containers = deployment.at("spec", "template", "spec", "containers")
    assert containers is not None
    assert (containers.type, containers.list_type) == ("array", "map")
    assert (containers.merge_key, containers.patch_strategies) == ("name", ("merge",))
    assert containers.list_map_keys == ("name",)
    assert containers.items is not None
    assert containers.items.required == ("name",)
    volumes = deployment.at("spec", "template", "spec", "volumes")
    assert volumes is not None
    assert volumes.patch_strategies == ("merge", "retainKeys")
    surge = deployment.at("spec", "strategy", "rollingUpdate", "maxSurge")
    assert surge is not None
    assert surge.int_or_string
    cpu = deployment.at("spec", "template", "spec", "containers", "resources", "limits", "cpu")
    assert cpu is not None
    assert cpu.quantity
    assert "pods" in replicas.description
    assert deployment.at("spec", "nothing") is None


def test_nothing_published_is_nullable_and_every_reference_resolves() -> None:
    schemas = types.load("1.36")
    text = json.dumps(schemas.definitions())

    assert '"null"' not in text
    assert "$defs" not in text
    for name in schemas.definitions():
        for reached in schemas.reachable((name,)):
            assert schemas.definition(reached) is not None
    used = {part.partition('"')[0] for part in text.split(f'"$ref": "{types.REFERENCE}')[1:]}
    assert used <= set(schemas.definitions())


def test_what_one_document_needs_is_found() -> None:
    reachable = types.load("1.36").reachable(("io.k8s.api.policy.v1.PodDisruptionBudget",))

    assert "io.k8s.apimachinery.pkg.util.intstr.IntOrString" in reachable
    assert "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector" in reachable
    assert "io.k8s.api.core.v1.Pod" not in reachable


def test_loading_is_quick_and_kept() -> None:
    types._read.cache_clear()
    start = time.process_time()
    first = types.load("1.36")
    assert time.process_time() - start < 0.15
    assert types.load("v1.36.2-eks-abc") is first


def test_the_program_starts_without_the_types() -> None:
    code = "import eks_lab.__main__, sys; sys.exit(any(m.startswith('eks_lab.kube.') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_versions_that_are_not_shipped() -> None:
    assert types.available() == ("1.34", "1.35", "1.36")
    assert types.nearest("1.31") == "1.34"
    assert types.nearest("1.40") == "1.36"
    assert types.nearest("") == "1.36"
    with pytest.raises(InputError, match=r"1\.34, 1\.35, 1\.36"):
        types.load("1.20")
    with pytest.raises(InputError, match="no Kubernetes version"):
        types.load("latest")


def test_a_damaged_file_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.36.json.gz").write_bytes(b"no gzip")
    monkeypatch.setattr(types, "_FOLDER", tmp_path)
    types._read.cache_clear()
    try:
        with pytest.raises(DataError, match=r"1\.36\.json\.gz"):
            types.load("1.36")
    finally:
        types._read.cache_clear()


def test_a_custom_schema_stands_alone() -> None:
    custom = types.Schema(
        {"type": "object", "properties": {"spec": {"type": "object", "additionalProperties": True}}}
    )
    spec = custom.at("spec")
    assert custom.custom
    assert spec is not None
    assert spec.additional is not None
    assert spec.additional.open


def test_the_maintainers_program_writes_the_published_form(tmp_path: Path) -> None:
    source = tmp_path / "package" / "kubernetes-json-schema" / "v9.9.0-local"
    source.mkdir(parents=True)
    definitions = {
        "io.k8s.Thing": {
            "type": ["object", "null"],
            "properties": {
                "kind": {"type": ["string", "null"], "enum": ["Thing"]},
                "part": {"$ref": "#/$defs/io.k8s.Part", "description": "The part."},
                "parts": {"type": ["array", "null"], "items": {"$ref": "#/$defs/io.k8s.Part"}},
            },
            "x-kubernetes-group-version-kind": [{"group": "g", "version": "v1", "kind": "Thing"}],
        },
        "io.k8s.Part": {"type": ["object", "null"]},
    }
    (source / "_definitions.json").write_text(json.dumps({"$defs": definitions}))
    arguments = [str(tmp_path / "package"), "9.9", "--package-version", "1", "--date", "2026-01-02"]

    assert refresh_schemas.main([*arguments, "--out", str(tmp_path)]) == 0

    written = json.loads(gzip.decompress((tmp_path / "9.9.json.gz").read_bytes()))
    assert written["source"]["date"] == "2026-01-02"
    thing = types.Schemas("9.9", "test", written["definitions"]).of("g", "v1", "Thing")
    assert thing is not None
    assert thing.properties["kind"].enum == ()
    assert thing.properties["part"].description == "The part."
    assert thing.raw["properties"]["parts"]["items"] == {"$ref": "#/components/schemas/io.k8s.Part"}
    assert refresh_schemas.main([*arguments[:1], "1.1", *arguments[2:], "--out", str(tmp_path)]) == 2
    body = refresh_schemas.document_of(written["definitions"], "9.9", "1", date(2026, 1, 2))
    assert body == (tmp_path / "9.9.json.gz").read_bytes()
