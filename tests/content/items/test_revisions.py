"""The ledger of revisions: a changed meaning under the old rev is found, and only that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eks_lab.cli import run
from eks_lab.content.check import check_course
from eks_lab.content.items.revisions import NAME, Accepted, meaning_of, read_ledger, updated, write_ledger
from eks_lab.errors import ContentError
from tests.content.course_files import write_course
from tests.content.items.builders import FIELDS, KINDS, OPTIONS, document, item, write_bank, write_diagram


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_course(tmp_path)
    write_diagram(root)
    write_bank(root, *(document(kind) for kind in KINDS))
    assert run(["author", "revisions", "--write", "--content", str(root)]) == 0
    assert check_course(root) == []
    return root


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("choice", {"prompt": "A whole question that asks for something else?"}),
        ("choice", {"options": list(reversed(OPTIONS))}),
        ("choice", {"options": [{**OPTIONS[0], "text": "Pods of the host"}, *OPTIONS[1:]]}),
        ("multi", {"options": OPTIONS}),
        ("order", {"steps": list(reversed(FIELDS["order"]["steps"]))}),
        (
            "match",
            {"pairs": [*FIELDS["match"]["pairs"][:2], {**FIELDS["match"]["pairs"][2], "right": "a port"}]},
        ),
        ("diagram", {"points": [{**FIELDS["diagram"]["points"][0], "correct": True}]}),
        ("number", {"unit": "nodes"}),
        ("number", {"vars": {**FIELDS["number"]["vars"], "nodes": {"range": [3, 50]}}}),
        ("recall", {"points": FIELDS["recall"]["points"][:1]}),
        ("command", {"checks": []}),
        ("manifest", {"given": "replicas: 2\nname: web\n"}),
    ],
)
def test_what_is_meaning(kind: str, changes: dict[str, Any]) -> None:
    assert meaning_of(item(kind, **changes)) != meaning_of(item(kind))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("choice", {"prompt": document("choice")["prompt"].replace(" ", "\n")}),
        ("choice", {"source": "Another page", "difficulty": 3, "skills": ["x"], "explain": "More of it."}),
        ("choice", {"options": [{**each, "explain": "Said in other words."} for each in OPTIONS]}),
        ("number", {"explain": "Said in other words.", "tolerance": 1}),
        ("command", {"wrong": []}),
        ("recall", {"model": "Said in other words."}),
    ],
)
def test_what_is_not(kind: str, changes: dict[str, Any]) -> None:
    assert meaning_of(item(kind, **changes)) == meaning_of(item(kind))


def test_a_changed_meaning_needs_a_new_rev(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = document("order", prompt="A whole question that asks for something else?")
    others = [document(kind) for kind in KINDS if kind != "order"]
    write_bank(root, changed, *others)
    (finding,) = check_course(root)
    assert finding.rule == "revision"
    assert "the meaning changed, and rev is still 1" in finding.message
    assert "rev: 2" in finding.fix
    assert run(["author", "revisions", "--write", "--content", str(root)]) == 1
    assert "refused: net.slots.order" in capsys.readouterr().err
    assert [each.rule for each in check_course(root)] == ["revision"]

    write_bank(root, {**changed, "rev": 2}, *others)
    assert [each.rule for each in check_course(root)] == ["revision"]
    assert run(["author", "revisions", "--content", str(root)]) == 1
    assert run(["author", "revisions", "--write", "--content", str(root)]) == 0
    assert "revised: net.slots.order" in capsys.readouterr().out
    assert check_course(root) == []

    write_bank(root, changed, *others)
    assert ["rev is 1, and was 2" in each.message for each in check_course(root)] == [True]


def test_a_slip_of_the_pen(root: Path) -> None:
    write_bank(
        root,
        *(
            document(kind, **({"prompt": "A hole question, mended?"} if kind == "order" else {}))
            for kind in KINDS
        ),
    )
    command = ["author", "revisions", "--write", "--same-meaning", "net.slots.order", "--content", str(root)]
    assert run(command) == 0
    assert check_course(root) == []


def test_ids_are_for_ever(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bank(root, *(document(kind) for kind in KINDS if kind != "order"))
    (finding,) = check_course(root)
    assert (finding.path, finding.rule) == (NAME, "revision")
    assert "net.slots.order: the question is gone" in finding.message
    assert run(["author", "revisions", "--write", "--content", str(root)]) == 0
    assert "gone: net.slots.order" in capsys.readouterr().out
    assert check_course(root) == []
    write_bank(root, *(document(kind) for kind in KINDS))
    assert ["was removed" in each.message for each in check_course(root)] == [True]
    assert run(["author", "revisions", "--write", "--content", str(root)]) == 1


def test_a_new_question_is_accepted_by_the_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bank(
        root,
        document("order", id="net.slots.later", prompt="Which comes when, of the four later ones?"),
        name="late",
    )
    assert "revision" in {each.rule for each in check_course(root)}
    run(["author", "revisions", "--write", "--content", str(root)])
    assert "new: net.slots.later" in capsys.readouterr().out
    assert run(["author", "revisions", "--content", str(root)]) == 0
    assert "Every question is as it was accepted." in capsys.readouterr().out


def test_a_course_without_a_ledger_is_not_asked_for_one(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    assert read_ledger(root) is None
    assert check_course(root) == []


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 2, "questions": {}}', '{"format": 1, "questions": {"a": 3}}']
)
def test_a_ledger_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    root = write_course(tmp_path)
    (root / NAME).write_text(text)
    with pytest.raises(ContentError, match=NAME):
        read_ledger(root)
    assert [each.rule for each in check_course(root)] == ["revision"]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    ledger = {"b.c.d": Accepted(3, "ff"), "a.b.c": Accepted(1, "")}
    path = write_ledger(tmp_path, ledger)
    assert read_ledger(tmp_path) == ledger
    lines = path.read_text().splitlines()
    assert [line.split('"')[1] for line in lines[3:5]] == ["a.b.c", "b.c.d"], "sorted, a line a question"


def test_updating_changes_nothing_when_nothing_changed() -> None:
    first = updated({}, [item("order")])
    assert first.new == ("net.slots.order",)
    again = updated(first.ledger, [item("order")])
    assert (again.new, again.revised, again.retired, again.refused) == ((), (), (), ())
    assert again.ledger == first.ledger
