"""`eks-lab check`: what it prints, its JSON, its exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from eks_lab.cli import run

CLEAN = 'variable "name" {}\n\noutput "name" {\n  value = var.name\n}\n'
BROKEN_REFERENCE = """\
resource "aws_internet_gateway" "door" {
  vpc_id = "vpc-1"
}

resource "aws_route" "out" {
  route_table_id = "rtb-1"
  gateway_id     = aws_internet_gateway.door
}
"""


def test_a_clean_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(CLEAN)
    assert run(["check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 file checked: nothing found.\n"


def test_findings_say_place_rule_fix_and_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "main.tf"
    path.write_text(BROKEN_REFERENCE)
    assert run(["check", str(path)]) == 1
    out = capsys.readouterr().out.split("\n")
    at = out.index(
        f"{path}:7: error tf-reference-type: gateway_id of aws_route.out wants a string,"
        " aws_internet_gateway.door is a whole object"
    )
    assert out[at + 1 : at + 3] == [
        "    Write aws_internet_gateway.door.id.",
        "    Lesson: terraform.reading-the-guide",
    ]
    assert out[-2] == "1 file checked: 1 error, 1 note."


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "main.tf"
    path.write_text(BROKEN_REFERENCE)
    assert run(["check", str(path), str(tmp_path / "gone"), "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["summary"] == {"error": 1, "warning": 0, "note": 1}
    assert document["files"] == [str(path)]
    finding = next(each for each in document["findings"] if each["severity"] == "error")
    assert (finding["rule"], finding["line"]) == ("tf-reference-type", 7)
    assert document["unreadable"][0]["file"] == str(tmp_path / "gone")


def test_what_cannot_be_read_makes_the_exit_code_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text('resource "a" "b" {\n')
    assert run(["check", str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert f'{tmp_path}/main.tf:1: error tf-syntax: the brace of resource "a" "b" is never closed' in out
    assert "Traceback" not in out
    assert out.endswith("0 files checked: nothing found; 1 path could not be checked.\n")


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN_REFERENCE.encode())))
    assert run(["check", "-"]) == 1
    assert "-:7: error tf-reference-type" in capsys.readouterr().out


def test_letters_that_a_terminal_obeys_are_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text('output "x" {\n  value = var.a["\x1b[31m"]\n}\n')
    run(["check", str(tmp_path)])
    assert "\x1b" not in capsys.readouterr().out


def test_an_unknown_version_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path), "--kubernetes-version", "2.0"]) == 2
    assert "--kubernetes-version" in capsys.readouterr().err


def test_with_terraform_says_what_did_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(CLEAN)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["check", str(tmp_path), "--with-terraform"]) == 0
    assert "terraform is not installed, so fmt and validate were not run." in capsys.readouterr().out
