"""`eks-lab author prove`: practical questions are proved, and the report says what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from eks_lab.cli import run
from eks_lab.content.items.model import CommandItem
from eks_lab.grading.practical.wire import item_document
from tests.content.course_files import write_course
from tests.grading.practical.questions import command_question, printing_question


def written(root: Path, *items: CommandItem) -> Path:
    write_course(root)
    folder = root / "01-net" / "quiz"
    folder.mkdir()
    document = {"format": 1, "items": [item_document(each) for each in items]}
    (folder / "practical.yaml").write_text(yaml.safe_dump(document, allow_unicode=True))
    return root


def test_what_is_fair_and_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound, spoiled = printing_question(), command_question(lines=0)
    root = str(written(tmp_path / "course", sound, spoiled))
    assert run(["author", "prove", "--content", root, "--processes", "1"]) == 1
    out = capsys.readouterr().out
    assert f"{sound.id:<60} proved" in out
    assert f"{spoiled.id:<60} NOT PROVED" in out
    assert "  form (seed 7): lines is 0: write 1 or more" in out
    assert out.endswith("2 questions, 5 judgements: 1 not proved.\n")
    assert run(["author", "prove", "--content", root, "--id", spoiled.id, "--seed", "11", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["broken"] == 1
    assert [(each["item"], each["seeds"]) for each in document["items"]] == [(spoiled.id, [11])]
    assert (
        run(["author", "prove", "--content", root, "--chapter", "1", "--id", sound.id, "--processes", "1"])
        == 0
    )
    assert capsys.readouterr().out.endswith("1 question, 5 judgements: all are proved.\n")


def test_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(written(tmp_path / "course", printing_question()))
    assert run(["author", "prove", "--content", root, "--chapter", "nowhere"]) == 2
    assert "there is no chapter 'nowhere'" in capsys.readouterr().err
    assert run(["author", "prove", "--content", root, "--id", "net.slots.nothing"]) == 2
    assert "no command or manifest question 'net.slots.nothing'" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_no_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = written(tmp_path / "course")
    (root / "01-net" / "quiz" / "practical.yaml").write_text("format: 1\nitems: [{kind: command}]\n")
    assert run(["author", "prove", "--content", str(root), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"]
