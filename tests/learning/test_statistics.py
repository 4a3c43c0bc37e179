"""Figures of questions, against answers whose figures are known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.learning.records import AnswerRecord, Given
from eks_lab.learning.statistics import ItemStatistics, item_statistics
from tests.learning.conftest import START


def answer(
    name: str, correct: bool, day: int = 0, given: Given = (0,), rev: int = 1, seconds: float | None = None
) -> AnswerRecord:
    moment = START + timedelta(days=day)
    return AnswerRecord(name, rev, given, correct, moment, seconds=seconds)


def by_id(*history: AnswerRecord, options: dict[str, list[str]] | None = None) -> dict[str, ItemStatistics]:
    names = options or {}
    found = item_statistics(history, lambda item: names.get(item, []))
    return {each.question_id: each for each in found}


def test_difficulty_is_the_share_of_right_answers_to_the_newest_revision() -> None:
    found = by_id(
        answer("a", False, rev=1),
        answer("a", True, rev=2, seconds=10),
        answer("a", False, rev=2, seconds=30),
        answer("a", True, rev=2, seconds=80),
        answer("a", True, rev=2),
    )["a"]
    assert (found.rev, found.attempts, found.difficulty, found.seconds) == (2, 4, 0.75, 30)
    assert found.discrimination is None
    assert item_statistics([]) == ()


def test_every_option_is_counted_also_those_nobody_picked() -> None:
    found = by_id(
        answer("a", True, given=(0, 2)),
        answer("a", False, given=(2,)),
        answer("a", False, given=(9,)),
        answer("d", False, given="nat"),
        answer("d", False, given="gone"),
        answer("n", False, given=17.5),
        options={"a": ["a", "b", "c"], "d": ["nat", "igw"]},
    )
    assert found["a"].picked == {"a": 1, "b": 0, "c": 2}
    assert found["d"].picked == {"nat": 1, "igw": 0}
    assert found["n"].picked == {}


def days(item_right: list[bool], others_right: list[int]) -> list[AnswerRecord]:
    """Return days with one question under test and four others, so many of which are right."""
    history = []
    for day, (right, others) in enumerate(zip(item_right, others_right, strict=True)):
        history.append(answer("a", right, day))
        history += [answer(f"o{n}", n < others, day) for n in range(4)]
    return history


def test_discrimination_is_the_correlation_with_the_rest_of_the_day() -> None:
    telling = by_id(*days([True, True, True, False, False, False], [4, 4, 4, 0, 0, 0]))["a"]
    assert telling.discrimination == pytest.approx(1)
    misleading = by_id(*days([False, False, False, True, True, True], [4, 4, 4, 0, 0, 0]))["a"]
    assert misleading.discrimination == pytest.approx(-1)
    # Right on days with rest 1, .5, .5 and wrong on .75, .25, 0: r = .5 / √(1.5 × .625).
    between = by_id(*days([True, True, True, False, False, False], [4, 2, 2, 3, 1, 0]))["a"]
    assert between.discrimination == pytest.approx(0.5 / 0.9375**0.5)


@pytest.mark.parametrize(
    "history",
    [
        days([True, False, True, False], [4, 0, 4, 0]),
        days([True] * 6, [4, 0, 4, 0, 1, 2]),
        days([True, False] * 3, [2] * 6),
        [answer("a", n % 2 == 0, n) for n in range(9)],
    ],
    ids=["too few days", "always right", "the same rest", "nothing else asked"],
)
def test_without_enough_to_go_by_there_is_no_discrimination(history: list[AnswerRecord]) -> None:
    assert by_id(*history)["a"].discrimination is None
