"""Drills: never the same question twice in a row of N, fresh variants, and the weakest skill first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.items.entry import Entry
from eks_lab.errors import InputError
from eks_lab.ids import Ids
from eks_lab.learning.beta import Beta
from eks_lab.learning.drill import SPACING, Drill
from eks_lab.learning.mastery import belief, latest_by_question, skill_beliefs, weakest_first
from eks_lab.learning.records import AnswerRecord
from tests.learning.conftest import START


def entry(name: str, *skills: str, rev: int = 1, difficulty: int = 2) -> Entry:
    return Entry(name, "number", "a.one", "a", skills or ("s",), difficulty, rev, "x")


def answer(name: str, score: float, days_ago: float = 0, rev: int = 1) -> AnswerRecord:
    moment = START - timedelta(days=days_ago)
    return AnswerRecord(name, rev, 1.0, score == 1, moment, score=score)


@given(st.integers(1, 30), st.integers(0, 12), st.integers(0, 99), st.lists(st.booleans(), max_size=60))
def test_no_question_comes_twice_in_a_row_of_n_and_variants_are_fresh(
    count: int, spacing: int, seed: int, right: list[bool]
) -> None:
    drill = Drill([entry(f"q{n}", f"s{n % 3}") for n in range(count)], [], START, Ids(seed), spacing=spacing)
    asked: list[str] = []
    seen: set[tuple[str, int]] = set()
    for correct in right:
        pick = drill.next()
        assert pick.item_id not in asked[max(0, len(asked) - min(spacing, count - 1)) :]
        assert (pick.item_id, pick.seed) not in seen
        seen.add((pick.item_id, pick.seed))
        asked.append(pick.item_id)
        drill.note(answer(pick.item_id, float(correct)))
    assert SPACING == 8


def test_a_drill_of_one_skill_asks_missed_ones_then_unknown_ones_then_known_ones() -> None:
    entries = [entry("known"), entry("missed"), entry("unknown"), entry("other", "t")]
    history = [answer("known", 1), answer("missed", 0), answer("other", 0)]
    drill = Drill(entries, history, START, Ids(1), skill="s")
    assert [drill.next().item_id for _ in range(3)] == ["missed", "unknown", "known"]


def test_a_drill_of_weakness_goes_to_the_skill_that_is_known_least() -> None:
    entries = [entry(f"{skill}{n}", skill) for skill in ("good", "bad", "new") for n in range(3)]
    history = [answer(f"good{n}", 1) for n in range(3)] + [answer(f"bad{n}", 0) for n in range(3)]
    drill = Drill(entries, history, START, Ids(1), spacing=1)
    first = drill.next()
    assert first.skill == "bad"
    assert first.item_id.startswith("bad")
    for n in range(3):
        for _ in range(3):
            drill.note(answer(f"bad{n}", 1))
    assert drill.next().skill == "new"


def test_nothing_to_ask_is_an_error() -> None:
    with pytest.raises(InputError, match="no question asks for the skill 'x'"):
        Drill([entry("a")], [], START, Ids(1), skill="x")
    with pytest.raises(InputError, match="there is no question to ask"):
        Drill([], [], START, Ids(1))


def test_the_same_seed_gives_the_same_drill() -> None:
    entries = [entry(f"q{n}") for n in range(20)]
    first, second = (Drill(entries, [], START, Ids(7)) for _ in range(2))
    assert [first.next() for _ in range(15)] == [second.next() for _ in range(15)]


def test_the_latest_answers_of_the_newest_revision_count_and_old_ones_less() -> None:
    history = [answer("a", 0, 9), answer("a", 0, rev=2), *[answer("a", 1, rev=2)] * 3, answer("a", 0, rev=1)]
    latest = latest_by_question(history)
    assert [each.score for each in latest["a"]] == [1, 1, 1]
    assert belief(latest["a"], START) == Beta(4, 1)
    assert belief([answer("a", 1, days_ago=45)], START).right == pytest.approx(1.5)
    assert belief([answer("a", 1, days_ago=-3)], START).right == 2


def test_a_skill_known_badly_comes_before_one_unknown_and_that_before_a_fair_one() -> None:
    history = latest_by_question(
        [*(answer(f"b{n}", 0) for n in range(5)), *(answer(f"g{n}", 1) for n in range(5))]
    )
    skills = {"b": "bad", "g": "good"}
    beliefs = skill_beliefs(history, lambda item: [skills[item[0]]], ["good", "bad", "none"], START)
    assert weakest_first(beliefs) == ["bad", "none", "good"]
    assert beliefs["none"] == Beta()
