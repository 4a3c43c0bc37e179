"""The custom resources an EKS cluster usually has."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.errors import DataError, InputError
from eks_lab.kube import custom_resources, refresh_custom, structure

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats, shortNames: [bt]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Sails, type: integer, jsonPath: .spec.sails}]
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        description: A boat.
        properties: {spec: {type: object, properties: {sails: {type: integer, maximum: 4, externalDocs: x}}}}
"""


def test_the_kinds_of_the_course_are_there() -> None:
    known = custom_resources.custom_resources()
    for group, kind, version in [
        ("karpenter.sh", "NodePool", "v1"),
        ("karpenter.k8s.aws", "EC2NodeClass", "v1"),
        ("crd.k8s.amazonaws.com", "ENIConfig", "v1alpha1"),
        ("vpcresources.k8s.aws", "SecurityGroupPolicy", "v1beta1"),
        ("argoproj.io", "ApplicationSet", "v1alpha1"),
        ("monitoring.coreos.com", "ServiceMonitor", "v1"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotClass", "v1"),
        ("elbv2.k8s.aws", "TargetGroupBinding", "v1beta1"),
        ("node.eks.aws", "NodeConfig", "v1alpha1"),
    ]:
        resource = known[group, kind]
        assert resource.version(version) is not None
        assert "@" in resource.source
    pool = known["karpenter.sh", "NodePool"].version("v1")
    assert pool is not None
    template = pool.schema.at("spec", "template", "spec")
    assert template is not None
    assert set(template.required) == {"nodeClassRef", "requirements"}
    assert pool.columns
    assert not known["karpenter.sh", "NodePool"].namespaced
    eni = known["crd.k8s.amazonaws.com", "ENIConfig"].version("v1alpha1")
    assert eni is not None
    assert structure.unknown_fields(eni.schema, {"spec": {"subnet": "a", "subnets": []}}) == [
        'unknown field "spec.subnets"'
    ]


def test_the_maintainers_program_keeps_shape_columns_and_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "boat.yaml", tmp_path / "out.json.gz"
    source.write_text(DEFINITION)
    arguments = ["--date", "2026-01-02", "--out", str(out), f"owner/boats@abc={source}"]
    assert refresh_custom.main(arguments) == 0

    monkeypatch.setattr(custom_resources, "_FILE", out)
    custom_resources.custom_resources.cache_clear()
    try:
        boat = custom_resources.custom_resources()["example.com", "Boat"]
        assert boat.source == "owner/boats@abc boat.yaml"
        version = boat.version("v1")
        assert version is not None
        assert version.columns[0]["jsonPath"] == ".spec.sails"
        sails = version.schema.at("spec", "sails")
        assert sails is not None
        assert sails.raw == {"type": "integer", "maximum": 4}
        assert version.schema.description == "A boat."
        assert boat.version("v2") is None

        out.write_bytes(b"damaged")
        custom_resources.custom_resources.cache_clear()
        with pytest.raises(DataError, match=r"out\.json\.gz"):
            custom_resources.custom_resources()
    finally:
        custom_resources.custom_resources.cache_clear()


def test_files_that_define_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no CustomResourceDefinition"):
        list(refresh_custom.definitions_of("kind: Pod\n", "x"))
    with pytest.raises(InputError, match="no YAML"):
        list(refresh_custom.definitions_of("a: 'b", "x"))
    assert refresh_custom.main(["--date", "2026-01-02", f"a@b={tmp_path / 'missing.yaml'}"]) == 2
