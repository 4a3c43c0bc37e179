"""`eks-lab generate`: list, print, save with a backup, explain, compare."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from eks_lab.cli import run
from eks_lab.generate import registry

Capture = pytest.CaptureFixture[str]


def test_list(capsys: Capture) -> None:
    assert run(["generate", "list"]) == 0
    printed = capsys.readouterr().out
    for name in registry.names():
        assert name in printed
    assert all(len(line) <= 90 for line in printed.splitlines())


def test_list_as_json(capsys: Capture) -> None:
    assert run(["generate", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["generators"]
    assert [generator["name"] for generator in listed] == list(registry.names())
    (storage,) = (generator for generator in listed if generator["name"] == "storage-class-gp3")
    (iops,) = (choice for choice in storage["choices"] if choice["name"] == "iops")
    assert (iops["unit"], iops["minimum"], iops["maximum"]) == ("IOPS", 3000, 80000)
    assert storage["original"]["changes"]


def test_manifest_goes_to_standard_output_and_notes_to_the_other(capsys: Capture) -> None:
    assert run(["generate", "manifest", "storage-class-gp3", "--set", "name=fast", "--set", "iops=6000"]) == 0
    printed = capsys.readouterr()
    document = yaml.safe_load(printed.out)
    assert (document["metadata"]["name"], document["parameters"]["iops"]) == ("fast", "6000")
    assert "EBS CSI driver" in printed.err


def test_several_files_are_one_stream(capsys: Capture) -> None:
    assert run(["generate", "manifest", "nodepool"]) == 0
    kinds = [document["kind"] for document in yaml.safe_load_all(capsys.readouterr().out)]
    assert kinds == ["NodePool", "EC2NodeClass"]


def test_manifest_as_json(capsys: Capture) -> None:
    assert run(["generate", "manifest", "pdb", "--json", "--set", "amount=50%"]) == 0
    bundle = json.loads(capsys.readouterr().out)
    assert bundle["choices"]["amount"] == "50%"
    (file,) = bundle["files"]
    line = file["text"].splitlines().index('  maxUnavailable: "50%"') + 1
    assert "take 2 at once" in file["reasons"][str(line)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["manifest", "storage-class-gp2"], "storage-class-gp3"),
        (["manifest", "terraform"], "generate terraform --out DIR"),
        (["manifest", "pdb", "--set", "amount"], "is not NAME=VALUE"),
        (["manifest", "pdb", "--set", "amount=1", "--set", "amount=2"], "set twice"),
        (["manifest", "pdb", "--set", "amonut=1"], "Did you mean amount?"),
        (["manifest", "pdb", "--set", "replicas=0"], "replicas: '0' is below 1"),
        (["manifest", "pdb", "--set", "rule=min-available", "--set", "amount=3"], "never lets one go"),
        (["manifest", "pdb", "--preset", "x"], "no preset 'x'"),
        (["manifest", "access-entries-from-aws-auth", "--set", "aws-auth=/nowhere"], "there is no file"),
        (["terraform", "--set", "vpc-cidr"], "Missing option '--out'"),
    ],
)
def test_refusals_have_exit_code_two(arguments: list[str], message: str, capsys: Capture) -> None:
    assert run(["generate", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_saving_keeps_what_was_there(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "pdb.yaml"
    path.write_text("mine\n")
    assert run(["generate", "manifest", "pdb", "--out", str(path)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"what was there is in {path}.bak" in printed.err
    assert path.with_name("pdb.yaml.bak").read_text() == "mine\n"
    assert yaml.safe_load(path.read_text())["kind"] == "PodDisruptionBudget"


def test_saving_into_a_folder(tmp_path: Path) -> None:
    assert (
        run(
            [
                "generate",
                "manifest",
                "trust-policy-irsa",
                "--set",
                "commands=yes",
                "--out",
                f"{tmp_path}/new/",
            ]
        )
        == 0
    )
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "create-role.sh",
        "trust-policy.json",
    ]


def test_files_of_different_kinds_do_not_share_one(tmp_path: Path, capsys: Capture) -> None:
    arguments = [
        "generate",
        "manifest",
        "trust-policy-irsa",
        "--set",
        "commands=yes",
        "--out",
        str(tmp_path / "x"),
    ]
    assert run(arguments) == 2
    assert "Name a folder" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_folder_in_the_way(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "pdb.yaml").mkdir()
    assert run(["generate", "manifest", "pdb", "--out", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_a_document_from_a_file_and_from_standard_input(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "mapRoles: [{rolearn: 'arn:aws:iam::111122223333:role/ci', username: ci, groups: [deployers]}]\n"
    path = tmp_path / "aws-auth.yaml"
    path.write_text(text)
    assert run(["generate", "manifest", "access-entries-from-aws-auth", "--set", f"aws-auth={path}"]) == 0
    from_file = capsys.readouterr().out
    assert "--kubernetes-groups deployers" in from_file
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["generate", "manifest", "access-entries-from-aws-auth", "--set", "aws-auth=-"]) == 0
    assert capsys.readouterr().out == from_file


def test_explain(capsys: Capture) -> None:
    assert run(["generate", "explain", "storage-class-gp3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (number,) = (position for position, line in enumerate(lines) if "WaitForFirstConsumer" in line)
    assert "↳ The volume is made in the zone" in lines[number + 1]
    assert run(["generate", "explain", "storage-class-gp3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["reasons"]


def test_diff(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "class.yaml"
    assert run(["generate", "manifest", "storage-class-gp3", "--out", str(path)]) == 0
    assert run(["generate", "diff", "storage-class-gp3", "--out", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "Against the guide (Chapter 6" in printed
    assert "allowVolumeExpansion is set" in printed
    assert printed.endswith("no difference\n")
    assert run(["generate", "diff", "storage-class-gp3", "--set", "name=fast", "--out", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "-  name: gp3\n" in printed
    assert "+  name: fast\n" in printed


def test_diff_without_a_version_of_the_guide(capsys: Capture) -> None:
    assert run(["generate", "diff", "access-entry"]) == 0
    assert capsys.readouterr().out == "The guide has no version of its own.\n"


@pytest.mark.parametrize("name", ["hpa", "nodepool", "terraform"])
def test_help_lists_every_choice(name: str, capsys: Capture) -> None:
    words = ["terraform"] if name == "terraform" else ["manifest", name]
    assert run(["generate", *words, "--help"]) == 0
    printed = capsys.readouterr().out
    for field in registry.get(name).inputs:
        assert f"  {field.name.replace('_', '-')}=" in printed
    assert run(["generate", "manifest", "--help"]) == 0
    assert "storage-class-gp3" in capsys.readouterr().out


def test_help_names_unit_bounds_and_default(capsys: Capture) -> None:
    assert run(["generate", "manifest", "storage-class-gp3", "--help"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "[IOPS; 3000 to 80000; default 3000]" in printed
    assert "Presets: database." in printed


def test_terraform(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "cluster"
    assert run(["generate", "terraform", "--out", str(folder)]) == 0
    assert (folder / "README.md").is_file()
    assert (folder / "vpc.tf").is_file()
    capsys.readouterr()
    assert run(["generate", "terraform", "--out", str(folder)]) == 0
    assert "is as it was" in capsys.readouterr().err
    assert not list(folder.glob("*.bak"))
    (tmp_path / "file").write_text("mine\n")
    assert run(["generate", "terraform", "--out", str(tmp_path / "file")]) == 2


def test_terraform_from_a_planned_vpc(tmp_path: Path, capsys: Capture) -> None:
    assert run(["calc", "vpc-plan", "--json"]) == 0
    plan = tmp_path / "plan.json"
    plan.write_text(capsys.readouterr().out)
    assert run(["generate", "terraform", "--vpc-plan", str(plan), "--out", str(tmp_path / "a")]) == 0
    assert json.loads(plan.read_text())["inputs"]["mode"] == "secondary"
    own, planned = tmp_path / "own", tmp_path / "a"
    assert run(["generate", "terraform", "--out", str(own)]) == 0
    assert (own / "variables.tf").read_text() != (planned / "variables.tf").read_text()
    plan.write_text("{")
    assert run(["generate", "terraform", "--vpc-plan", str(plan), "--out", str(tmp_path / "b")]) == 2
    assert "not JSON" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
