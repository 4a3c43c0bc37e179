"""The bank: found by lesson, chapter, skill and kind; read lazily; its cache trusted only while nothing changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from eks_lab.content.index import open_course
from eks_lab.content.items import bank as bank_module
from eks_lab.content.items.bank import Bank, bank_of, open_bank
from eks_lab.content.items.judging import judge
from eks_lab.content.items.variant import make_variant
from eks_lab.errors import ContentError, InputError
from tests.content.course_files import replace_in, write_course
from tests.content.items.builders import KINDS, document, item, write_bank

INTERVIEW = {"level": "mid", "topic": "net", "competence": "design"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_course(tmp_path / "course")
    write_bank(root, *(document(kind) for kind in KINDS))
    write_bank(
        root,
        document("recall", id="net.slots.asked", skills=["cost"], interview=INTERVIEW),
        document(
            "recall",
            id="net.slots.own",
            interview={**INTERVIEW, "facts": {"nodes": {"kind": "Node", "count": 3}}},
        ),
        name="interview",
    )
    return root


def opened(root: Path, cache: Path) -> Bank:
    return open_bank(open_course(root, cache), cache)


def test_all_questions_are_there_in_the_order_of_lessons(root: Path, tmp_path: Path) -> None:
    bank = opened(root, tmp_path / "cache")
    assert len(bank) == 2 + 9 + 2
    assert list(bank.entries)[:2] == ["net.slots.medium", "net.slots.two"]
    assert list(bank.items) == list(bank.entries)
    assert bank.entry("net.slots.two").is_quick_check
    assert not bank.entry("net.slots.order").is_quick_check
    assert {kind for kind in KINDS if bank.entry(f"net.slots.{kind}").needs_bench} == {"command", "manifest"}


def test_finding(root: Path, tmp_path: Path) -> None:
    bank = opened(root, tmp_path / "cache")
    assert {entry.kind for entry in bank.find(kinds=["order", "match"])} == {"order", "match"}
    assert len(bank.find(chapter="net")) == len(bank) - 1, "own sandbox left out"
    assert len(bank.find(lesson="net.slots", own_sandbox=None)) == len(bank)
    assert [entry.id for entry in bank.find(own_sandbox=True)] == ["net.slots.own"]
    assert [entry.id for entry in bank.find(skill="cost")] == ["net.slots.asked"]
    assert [entry.id for entry in bank.find(interview=True)] == ["net.slots.asked"]
    assert bank.find(chapter="none") == bank.find(lesson="none") == ()
    assert bank.skills_of("net.slots.order") == ("ip-planning",), "the lesson's, when it has none"
    assert (bank.lesson_of("net.slots.order"), bank.chapter_of("net.slots.order")) == ("net.slots", "net")


def test_an_unknown_question_gets_the_nearest(root: Path, tmp_path: Path) -> None:
    bank = opened(root, tmp_path / "cache")
    assert "net.slots.nope" not in bank
    with pytest.raises(InputError, match="no question") as caught:
        bank.item("net.slots.ordre")
    assert "net.slots.order" in caught.value.hint


def test_the_cache_gives_the_same_questions(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(root, tmp_path / "cache")
    monkeypatch.setattr(bank_module, "_survey", lambda course: pytest.fail("the cache was not used"))
    second = opened(root, tmp_path / "cache")
    assert dict(second.entries) == dict(first.entries)
    for kind in KINDS:
        assert second.items[f"net.slots.{kind}"] == item(kind)


@pytest.mark.parametrize("how", ["changed", "new", "gone", "lesson"])
def test_a_changed_file_is_read_again(root: Path, tmp_path: Path, how: str) -> None:
    cache = tmp_path / "cache"
    before = opened(root, cache)
    path = root / "01-net" / "quiz" / "more.yaml"
    if how == "changed":
        write_bank(root, document("order", prompt="Another question, and a whole one?"))
        assert opened(root, cache).item("net.slots.order").prompt.startswith("Another")
    elif how == "new":
        write_bank(root, document("order", id="net.slots.later"), name="late")
        assert len(opened(root, cache)) == len(before) + 1
    elif how == "gone":
        path.unlink()
        assert len(opened(root, cache)) == len(before) - 9
    else:
        replace_in(root / "01-net" / "10-slots" / "lesson.md", "skills: [ip-planning]", "skills: [cost]")
        assert opened(root, cache).skills_of("net.slots.order") == ("cost",)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"%s\n[]\n{}", b'%s\n[{"id": 3}]\n{}'])
def test_a_damaged_cache_is_made_again(root: Path, tmp_path: Path, damage: bytes) -> None:
    cache = tmp_path / "cache"
    before = opened(root, cache)
    (path,) = cache.glob("bank-*")
    signature = path.read_bytes().split(b"\n")[0]
    path.write_bytes(damage.replace(b"%s", signature))
    assert dict(opened(root, cache).entries) == dict(before.entries)


def test_a_cache_in_the_way_of_a_file_costs_only_time(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    assert len(open_bank(open_course(root, tmp_path / "other"), tmp_path / "cache")) == 13


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"id": "net.none.order"}, "belongs to no lesson"),
        ({"id": "net.slots.two"}, "is also used in 01-net/10-slots/quiz.yaml"),
        ({"stepz": []}, "items.0.stepz is not a known field"),
    ],
)
def test_a_bank_that_cannot_be_used_names_file_and_line(
    tmp_path: Path, spoil: dict[str, object], says: str
) -> None:
    root = write_course(tmp_path / "course")
    write_bank(root, document("order", **spoil))
    with pytest.raises(ContentError, match=r"more\.yaml:") as caught:
        opened(root, tmp_path / "cache")
    assert says in caught.value.message
    assert "author check" in caught.value.hint


def test_a_lessons_question_is_a_question_of_the_bank(root: Path, tmp_path: Path) -> None:
    bank = opened(root, tmp_path / "cache")
    number = bank.item("net.slots.medium")
    assert judge(make_variant(number, 0), 17.0).correct
    assert not judge(make_variant(number, 0), 18.0).correct
    assert judge(make_variant(bank.item("net.slots.two"), 0), (0,)).correct


def test_a_bank_of_questions_at_hand(root: Path, tmp_path: Path) -> None:
    bank = bank_of([item("order"), item("match")])
    assert (bank.lesson_of("net.slots.order"), bank.chapter_of("net.slots.order")) == ("net.slots", "net")
    course = open_course(root, tmp_path / "cache").course
    assert bank_of([item("order")], course).skills_of("net.slots.order") == ("ip-planning",)


def test_opening_reads_no_question_and_loads_no_models() -> None:
    """What the app's first frame must not pay for: neither the models nor their validators."""
    program = "import sys, eks_lab.content.items.bank\nprint('eks_lab.content.items.model' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
