"""The maintainer's command that writes the catalogue."""

from __future__ import annotations

import gzip
import io
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from eks_lab.catalog.instance_types import Catalogue
from eks_lab.catalog.refresh import main
from eks_lab.catalog.source import packaged_file
from eks_lab.clock import SimClock
from tests.catalog.descriptions import description

TYPES = [
    description("m5.large"),
    description(
        "p5.48xlarge",
        enis=2,
        ipv4=50,
        cards=32,
        VCpuInfo={"DefaultVCpus": 192},
        GpuInfo={"Gpus": [{"Count": 8, "Name": "H100"}]},
        EbsInfo={"AttachmentLimitType": "dedicated", "MaximumEbsAttachments": 128},
    ),
    description("t2.micro", enis=2, ipv4=2, Hypervisor="xen", BurstablePerformanceSupported=True),
    description("g6f.large", GpuInfo={"Gpus": [{"Count": 0, "LogicalGpuCount": 1}]}),
    description(
        "m5.metal", BareMetal=True, CurrentGeneration=False, EbsInfo={}, ProcessorInfo={
            "SupportedArchitectures": ["x86_64", "i386"]
        }
    ),
]  # fmt: skip


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    """What `aws ec2 describe-instance-types --output json` prints; EC2 names no hypervisor for bare metal."""
    types = [dict(entry) for entry in TYPES]
    del types[-1]["Hypervisor"]
    path = tmp_path / "types.json"
    path.write_text(json.dumps({"InstanceTypes": types}))
    return path


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_writes_a_catalogue(answer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "catalogue.json"
    assert run(answer, "--output", target, "--date", "2026-11-22", "--source", "a test") == 0
    assert capsys.readouterr().out == "catalogue.json: 5 instance types, 2026-11-22\n"
    found = Catalogue(target)
    assert found.names == ("g6f.large", "m5.large", "m5.metal", "p5.48xlarge", "t2.micro")
    assert (found.source.title, found.source.as_of) == ("a test", date(2026, 11, 22))
    p5, micro, metal = found.get("p5.48xlarge"), found.get("t2.micro"), found.get("m5.metal")
    assert (p5.default_card_enis, p5.total_enis, p5.network_cards) == (2, 64, 32)
    assert (p5.gpus, p5.ebs_limit, p5.ebs_attachments) == (8, "dedicated", 128)
    assert (micro.hypervisor, micro.is_burstable, micro.ipv4_per_eni) == ("xen", True, 2)
    assert (metal.hypervisor, metal.is_bare_metal, metal.is_current_generation) == ("", True, False)
    assert (metal.ebs_attachments, metal.ebs_limit) == (None, None)
    assert metal.architectures == ("i386", "x86_64")
    assert (found.get("g6f.large").gpus, found.get("m5.large").gpus) == (1, 0)


def test_both_shapes_and_any_order_give_the_same_bytes(answer: Path, tmp_path: Path) -> None:
    by_name = {
        entry["InstanceType"]: entry for entry in reversed(json.loads(answer.read_text())["InstanceTypes"])
    }
    packed = tmp_path / "types.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(by_name).encode()))
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    assert run(answer, "--output", first, "--date", "2026-11-22") == 0
    assert run(packed, "--output", second, "--date", "2026-11-22") == 0
    assert first.read_bytes() == second.read_bytes()


def test_several_files_are_merged(tmp_path: Path) -> None:
    first, second, target = tmp_path / "1.json", tmp_path / "2.json", tmp_path / "catalogue.json"
    first.write_text(json.dumps({"InstanceTypes": [description("a1.large"), description("b1.large")]}))
    second.write_text(json.dumps({"InstanceTypes": [description("b1.large", enis=7)]}))
    assert run(first, second, "--output", target, "--date", "2026-11-22") == 0
    found = Catalogue(target)
    assert found.names == ("a1.large", "b1.large")
    assert found.get("b1.large").default_card_enis == 7


def test_reads_standard_input(answer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "catalogue.json"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(answer.read_bytes())))
    assert run("--output", target, "--date", "2026-11-22") == 0
    assert len(Catalogue(target)) == 5


def test_the_day_comes_from_the_clock(answer: Path, tmp_path: Path) -> None:
    target = tmp_path / "catalogue.json"
    clock = SimClock(datetime(2027, 3, 1, tzinfo=UTC))
    assert main([str(answer), "--output", str(target)], clock) == 0
    assert Catalogue(target).source.as_of == date(2027, 3, 1)


def test_the_shipped_file_is_what_the_command_writes() -> None:
    """Rendering the shipped figures again gives the shipped layout: nobody edited it by hand."""
    text = packaged_file("instance_types.json").read_text(encoding="utf-8")
    document = json.loads(text)
    lines = (
        f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for key, value in document.items()
    )
    assert text == "{\n" + ",\n".join(lines) + "\n}\n"
    assert document["names"] == sorted(document["names"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "no JSON"),
        ("[]", "holds no instance types"),
        ("{}", "holds no instance types"),
        ('{"InstanceTypes": []}', "holds no instance types"),
        ('{"InstanceTypes": [{"VCpuInfo": {}}]}', "holds no instance types"),
        ('{"m5.large": 3}', "holds no instance types"),
        ('{"m5.large": {}}', "m5.large: property missing"),
        (
            json.dumps({"a1.b": description("a1.b", MemoryInfo={})}),
            "a1.b: property missing or of another kind",
        ),
        (json.dumps({"a1.b": description("a1.b", Hypervisor="kvm")}), "unknown value 'kvm'"),
        (
            json.dumps(
                {
                    "a1.b": description(
                        "a1.b",
                        NetworkInfo={
                            "DefaultNetworkCardIndex": 1,
                            "NetworkCards": [{"NetworkCardIndex": 0, "MaximumNetworkInterfaces": 3}],
                        },
                    )
                }
            ),
            "a1.b: its default network card is not among its NetworkCards",
        ),
    ],
)
def test_an_unusable_document_leaves_the_file_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    source, target = tmp_path / "types.json", tmp_path / "catalogue.json"
    source.write_text(content)
    target.write_text("as it was")
    assert run(source, "--output", target, "--date", "2026-11-22") == 2
    assert message in capsys.readouterr().err
    assert target.read_text() == "as it was"


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "nowhere.json", "--output", tmp_path / "catalogue.json") == 2
    assert "nowhere.json: cannot be read: No such file" in capsys.readouterr().err
