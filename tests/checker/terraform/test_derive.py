"""The scripts that write the tables: what they take from each source."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from eks_lab.checker.terraform import derive_functions, derive_schema

PROVIDER = {
    "provider_schemas": {
        "registry.terraform.io/hashicorp/aws": {
            "resource_schemas": {
                "aws_eks_thing": {
                    "block": {
                        "attributes": {
                            "name": {"type": "string", "required": True},
                            "role": {"type": "string", "required": True},
                            "arn": {"type": "string", "computed": True},
                            "old": {"type": ["list", "string"], "optional": True, "deprecated": True},
                        },
                        "block_types": {
                            "rule": {"nesting_mode": "list", "min_items": 1, "block": {"attributes": {}}},
                        },
                    }
                },
                "aws_zzz_thing": {"block": {}},
            },
            "data_source_schemas": {},
        }
    }
}
MODULE = """
class ThingArgs:
    def __init__(__self__, *, name: pulumi.Input[Optional[_builtins.str]] = None,
                 role: pulumi.Input[Optional[_builtins.str]] = None,
                 size: pulumi.Input[Optional[_builtins.int]] = None,
                 rules: pulumi.Input[Optional[Sequence[pulumi.Input['ThingRuleArgs']]]] = None,
                 boxes: pulumi.Input[Optional[Sequence[pulumi.Input['ThingRuleArgs']]]] = None): ...


class _ThingState:
    def __init__(__self__, *, name: pulumi.Input[Optional[_builtins.str]] = None,
                 endpoint: pulumi.Input[Optional[_builtins.str]] = None): ...
"""
INPUTS = """
class ThingRuleArgs:
    def __init__(__self__, *, port: pulumi.Input[_builtins.int]): ...
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Derive a table from two small sources."""
    provider, folder = tmp_path / "provider.json", tmp_path / "pulumi_aws"
    provider.write_text(json.dumps(PROVIDER))
    (folder / "eks").mkdir(parents=True)
    (tmp_path / "pulumi_aws-9.8.7.dist-info").mkdir()
    (folder / "eks" / "thing.py").write_text(MODULE)
    (folder / "eks" / "_inputs.py").write_text(INPUTS)
    target = tmp_path / "aws.json"
    monkeypatch.setattr(derive_schema, "TARGET", target)
    monkeypatch.setattr(derive_schema, "_NEW_RESOURCES", ())
    monkeypatch.setattr(derive_schema, "_NEW_DATA", ())
    assert derive_schema.main([str(provider), str(folder)]) == 0
    document = json.loads(target.read_text())
    assert document["sources"][1]["version"] == "9.8.7"
    assert document["other_resources"] == ["aws_zzz_thing"]
    thing: dict[str, Any] = document["resources"]["aws_eks_thing"]
    return thing


def test_both_sources_are_merged(table: dict[str, Any]) -> None:
    assert table["a"] == {
        # Names stay required: Pulumi invents them, Terraform does not.
        "name": "r:string",
        "role": "o:string",
        "arn": "c:string",
        "old": "od:list(string)",
        "size": "o:number",
        "endpoint": "c:string",
        "region": "o:string",
    }


def test_blocks_keep_the_name_and_shape_that_terraform_gives_them(
    table: dict[str, Any],
) -> None:
    assert set(table["b"]) == {"rule", "boxes", "box"}
    assert (table["b"]["rule"]["n"], table["b"]["rule"]["min"]) == ("list", 1)
    assert table["b"]["rule"]["a"] == {"port": "o:number"}
    assert table["b"]["box"] == {"a": {"port": "r:number"}, "b": {}, "n": "either"}


def test_without_arguments_they_say_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert derive_schema.main([]) == 2
    assert derive_functions.main([]) == 2
    assert "terraform providers schema -json" in capsys.readouterr().err


def test_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signatures = {
        "join": {
            "return_type": "string",
            "parameters": [{"name": "separator", "type": "string"}],
            "variadic_parameter": {"name": "lists", "type": ["list", "string"]},
        },
        "core::join": {"return_type": "string"},
    }
    monkeypatch.setattr(derive_functions, "TARGET", tmp_path / "functions.json")
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"function_signatures": signatures})))
    assert derive_functions.main(["1.2.3", "2026-01-02"]) == 0
    document = json.loads((tmp_path / "functions.json").read_text())
    assert document["functions"] == {"join": ["string", ["string"], "list(string)"]}
    assert document["sources"][0]["version"] == "1.2.3"
