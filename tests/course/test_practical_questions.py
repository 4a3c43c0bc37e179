"""Some command and manifest questions of the bank are proved with a world; `make prove` proves them all."""

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
CHAPTER = "10-troubleshooting"
PROVED = (
    "troubleshooting.images-and-memory.back-to-an-image-that-exists",
    "troubleshooting.nodes-not-joining.grow-the-group",
    "troubleshooting.pending-pods.let-it-onto-the-reserved-node",
    "troubleshooting.images-and-memory.room-for-a-picture",
)
"""A kubectl and an aws question, and two manifests."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench(kubectl(), SystemClock()) as found:
        yield found


def test_every_practical_question_can_be_read() -> None:
    items, findings = practical_items(ROOT)
    assert [str(each) for each in findings] == []
    assert set(PROVED) < {item.id for item in items}


@pytest.mark.parametrize("wanted", PROVED)
def test_practical_questions_judge_fairly(bench: Bench, wanted: str) -> None:
    (item,), _ = practical_items(ROOT, CHAPTER, wanted)
    report = prove(item, seeds_of(item), bench, time.monotonic, is_brief=True)
    assert report.broken == []
