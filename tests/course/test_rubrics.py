"""The rubrics of the course: measured on answers that people wrote, and deaf to copied questions."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.rubrics import Judged, Sample, judged, questions, rubric_of, samples, tallied
from eks_lab.content.items import rubric
from eks_lab.content.items.model import RecallItem

LEAST = 0.9


@pytest.fixture(scope="module")
def bank() -> dict[str, RecallItem]:
    return questions()


@pytest.fixture(scope="module")
def answers() -> list[Sample]:
    return samples()


@pytest.fixture(scope="module")
def all_judged(bank: dict[str, RecallItem], answers: list[Sample]) -> list[Judged]:
    return judged(answers, bank)


def test_there_are_samples_of_every_kind(bank: dict[str, RecallItem], answers: list[Sample]) -> None:
    assert len(answers) >= 300
    assert set(Counter(sample.kind for sample in answers)) == {
        *("strong", "weak", "wrong", "empty", "copied", "salad")
    }
    names = [sample.name for sample in answers]
    assert len(set(names)) == len(names)
    for sample in answers:
        known = {point.id for point in rubric_of(sample, bank)[0]}
        assert set(sample.finds) <= known, sample.name


def test_a_third_is_held_back(answers: list[Sample]) -> None:
    held = sum(sample.is_held_back for sample in answers)
    assert len(answers) / 4 < held < len(answers) / 2


@pytest.mark.parametrize("is_held_back", [True, False], ids=["held back", "tuned"])
def test_precision_and_recall_are_held(all_judged: list[Judged], is_held_back: bool) -> None:
    whole, _ = tallied([each for each in all_judged if each.sample.is_held_back is is_held_back])
    assert whole.precision >= LEAST, f"precision {whole.precision:.3f}: python -m benchmarks rubrics"
    assert whole.recall >= LEAST, f"recall {whole.recall:.3f}: python -m benchmarks rubrics"


def test_who_copies_a_question_has_no_point(bank: dict[str, RecallItem]) -> None:
    for item in bank.values():
        asked = [(item.prompt, item.points)]
        asked += [
            (each.prompt, each.points) for each in (item.interview.follow_ups if item.interview else [])
        ]
        for prompt, points in asked:
            found = [result.point.id for result in rubric.find(points, prompt, prompt) if result.found]
            assert not found, f"{item.id}: {found}"
