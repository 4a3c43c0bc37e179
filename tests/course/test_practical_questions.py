"""Every command and manifest question of the bank judges fairly: proved with a world, as labs are."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from eks_lab import locations
from eks_lab.clock import SystemClock
from eks_lab.grading.practical.bench import Bench
from eks_lab.grading.practical.labour import practical_items
from eks_lab.grading.practical.proof import prove, seeds_of
from tests.grading.bench import kubectl

ROOT = locations.content_root() / "lessons"
CHAPTERS = sorted(path.parent.name for path in ROOT.glob("*/quiz"))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench(kubectl(), SystemClock()) as found:
        yield found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_practical_questions_judge_fairly(bench: Bench, chapter: str) -> None:
    items, findings = practical_items(ROOT, chapter)
    assert [str(each) for each in findings] == []
    reports = [prove(item, seeds_of(item), bench, time.monotonic, is_brief=True) for item in items]
    assert [f"{each.item}: {broken}" for each in reports for broken in each.broken] == []
