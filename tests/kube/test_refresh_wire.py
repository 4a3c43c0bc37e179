"""The maintainers' program that joins protobuf descriptors with Go types."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from eks_lab.kube import refresh_wire
from eks_lab.kube.wire_table import WireTable, wire_table

GO = """package v1

type Pace string

type ThingSpec struct {
\tTypeMeta `json:",inline" protobuf:"bytes,1,opt,name=typeMeta"`
\tPace Pace `json:"pace,omitempty" protobuf:"bytes,2,opt,name=pace,casttype=Pace"`
\tCount *int32 `json:"count,omitempty" protobuf:"varint,3,opt,name=count"`
\tName string `json:"name" protobuf:"bytes,4,opt,name=name"`
\tHidden string `json:"-"`
}
"""


def test_go_says_what_protobuf_does_not(tmp_path: Path) -> None:
    package = tmp_path / "api" / "core" / "v1"
    package.mkdir(parents=True)
    (package / "generated.proto").write_text("")
    (package / "types.go").write_text(GO)
    fields = {
        "1": ["typeMeta", 11, False, "k8s.io.api.core.v1.TypeMeta"],
        "2": ["pace", 9, False, None],
        "3": ["count", 5, False, None],
        "4": ["name", 9, False, None],
    }
    table = tmp_path / "fields.json.gz"
    table.write_bytes(
        gzip.compress(json.dumps({"k8s.io.api.core.v1.ThingSpec": {"map": False, "f": fields}}).encode())
    )
    out = tmp_path / "wire.json.gz"
    arguments = [
        str(table),
        str(tmp_path / "api"),
        str(tmp_path / "none"),
        "--commit",
        "abc",
        "--date",
        "2026-01-02",
    ]

    assert refresh_wire.main([*arguments, "--out", str(out)]) == 0

    written = WireTable(json.loads(gzip.decompress(out.read_bytes())))
    message = written.message("k8s.io.api.core.v1.ThingSpec")
    assert message is not None
    assert message.fields[1].inlined
    assert message.fields[3].pointer
    assert message.kept_empty == {"typeMeta", "name"}
    assert written.string_types == {"io.k8s.api.core.v1.ThingSpec.pace": "v1.Pace"}


def test_the_packaged_table_knows_pointers_and_go_names() -> None:
    spec = wire_table().message("k8s.io.api.apps.v1.DeploymentSpec")
    assert spec is not None
    assert spec.fields[1].pointer
    assert not spec.fields[5].pointer
    assert wire_table().string_types["io.k8s.api.core.v1.Container.imagePullPolicy"] == "v1.PullPolicy"
    assert wire_table().message("k8s.io.api.core.v1.Boat") is None
