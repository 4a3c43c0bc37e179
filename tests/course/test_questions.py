"""The shipped question bank: enough of every kind, and every number right whatever is drawn."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from eks_lab import locations
from eks_lab.content.check.items.number import draw_problem
from eks_lab.content.items.bank import Bank, open_bank
from eks_lab.content.items.revisions import read_ledger, updated
from eks_lab.content.items.variant import has_variants, make_variant
from eks_lab.content.load import load_course

ROOT = locations.content_root() / "lessons"
SEEDS = 1000
PARTS = 4
"""So that two processes share the draws."""


@cache
def bank() -> Bank:
    return open_bank(load_course(ROOT), locations.cache_dir())


def test_there_are_enough_questions() -> None:
    kinds = Counter(entry.kind for entry in bank().entries.values())
    generated = sum(entry.kind == "number" and entry.is_generated for entry in bank().entries.values())
    interviews = sum(entry.is_interview for entry in bank().entries.values())
    assert len(bank()) >= 400
    assert generated >= 60
    assert kinds["command"] + kinds["manifest"] >= 60
    assert interviews >= 50
    assert set(kinds) == {
        "choice",
        "multi",
        "order",
        "match",
        "diagram",
        "number",
        "recall",
        "command",
        "manifest",
    }


def test_every_chapter_has_twenty() -> None:
    counts = Counter(entry.chapter for entry in bank().entries.values())
    chapters = [chapter.id for chapter in load_course(ROOT).course.file.chapters]
    assert len(chapters) == 16
    assert {chapter: counts[chapter] for chapter in chapters if counts[chapter] < 20} == {}


def test_the_ledger_has_every_question_as_it_is() -> None:
    """Run `eks-lab author revisions --write` after adding questions or raising a rev."""
    ledger = read_ledger(ROOT)
    assert ledger is not None
    update = updated(ledger, bank().items.values())
    assert (update.new, update.revised, update.retired, update.refused) == ((), (), (), ())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_draws_of_every_number(part: int) -> None:
    """Each is worked out, shown, typed as shown, and right; a little more than the tolerance off, it is wrong."""
    generated = [
        name for name, entry in bank().entries.items() if entry.kind == "number" and entry.is_generated
    ]
    troubles: dict[str, str] = {}
    for name in generated[part::PARTS]:
        item = bank().item(name)
        assert has_variants(item)
        for seed in range(SEEDS):
            trouble = draw_problem(make_variant(item, seed))
            if trouble:
                troubles.setdefault(name, f"with seed {seed}: {trouble}")
    assert troubles == {}
