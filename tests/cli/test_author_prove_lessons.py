"""`eks-lab author prove --lessons`: a lesson's commands are run, and the report names file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.cli import run
from tests.content.course_files import BODY, HEAD, write_course

LESSON = "01-net/10-slots/lesson.md"


def test_what_works_and_what_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "course"
    write_course(root)
    prove = ["author", "prove", "--lessons", "--content", str(root), "--processes", "1"]
    assert run([*prove, "--chapter", "net"]) == 0
    out = capsys.readouterr().out
    assert f"{LESSON:<60} proved" in out
    assert out.endswith("1 lesson, 1 command run, 0 not run: all are proved.\n")
    path = root / LESSON
    path.write_text(path.read_text().replace("kubectl get nodes \\\n", "kubectl get nodes nowhere \\\n"))
    line = (HEAD + BODY).split("\n").index("```console {needs=sandbox}") + 2
    assert run(prove) == 1
    out = capsys.readouterr().out
    assert f"{LESSON:<60} NOT PROVED" in out
    assert f"  {LESSON}:{line}: kubectl get nodes nowhere: It ended with 1: " in out
    assert out.endswith("1 lesson, 1 command run, 0 not run: 1 not proved.\n")
    path.write_text(path.read_text().replace("kubectl get nodes nowhere", "curl example.com"))
    assert run([*prove, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["broken"], document["not_run"]) == (0, 1)
    (ran,) = document["lessons"][0]["ran"]
    assert (ran["line"], ran["code"], ran["not_run"]) == (line, None, "curl is not part of the sandbox")


def test_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_course(tmp_path)
    prove = ["author", "prove", "--lessons", "--content", str(tmp_path)]
    assert run([*prove, "--id", "net.nothing"]) == 2
    assert "there is no lesson 'net.nothing'" in capsys.readouterr().err
    assert run([*prove, "--chapter", "nowhere"]) == 2
    assert "there is no chapter 'nowhere'" in capsys.readouterr().err
