"""Which questions an interview has."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.queries import Query, ResourceQuery
from eks_lab.errors import InputError
from eks_lab.learning.interviews.composition import MOST_ABOUT_SANDBOX, compose, planned_minutes
from eks_lab.learning.interviews.questions import COMPETENCES, put
from tests.learning.interviews.bank import further, item, pool, question


@given(st.integers(), st.integers(8, 12), st.permutations(range(40)))
def test_balanced_never_twice_and_the_same_for_the_same_seed(seed: int, count: int, order: list[int]) -> None:
    questions = pool(40)
    chosen = compose(questions, level="mid", count=count, seed=seed)
    assert len({each.item_id for each in chosen}) == len(chosen) == count
    shares = Counter(each.competence for each in chosen)
    assert max(shares.values()) - min(shares[name] for name in COMPETENCES) <= 1
    # The order in which the bank lists them does not matter.
    assert compose([questions[place] for place in order], level="mid", count=count, seed=seed) == chosen


def test_another_seed_asks_other_questions() -> None:
    asked = {tuple(each.item_id for each in compose(pool(40), level="mid", seed=seed)) for seed in range(5)}
    assert len(asked) == 5


def test_the_level_comes_first_and_the_nearest_fill_up() -> None:
    questions = [
        *[question(f"s{n}", level="senior") for n in range(5)],
        *[question(f"m{n}", level="mid") for n in range(5)],
        *[question(f"j{n}", level="junior") for n in range(9)],
    ]
    chosen = compose(questions, level="senior", count=8)
    assert Counter(each.level for each in chosen) == {"senior": 5, "mid": 3}


def test_topics_choose_and_an_unknown_one_says_what_there_is() -> None:
    questions = [*pool(9), *[question(f"c{n}", topic="cost") for n in range(9)]]
    assert {each.topic for each in compose(questions, level="mid", topics=["cost"], count=8)} == {"cost"}
    with pytest.raises(InputError, match="about cooking") as raised:
        compose(questions, level="mid", topics=["cooking"])
    assert raised.value.hint == "Topics with questions: cost, networking."


def test_questions_fit_the_minutes_with_their_follow_ups() -> None:
    questions = pool(20, minutes=4, follow_ups=[further("always")])
    chosen = compose(questions, level="mid", count=10, minutes=25)
    assert len(chosen) == 4
    assert planned_minutes(chosen) == 25
    assert len(compose(questions, level="mid", count=10)) == 10


def test_the_easiest_first() -> None:
    questions = [question(f"q{n}", difficulty=3 - n % 3) for n in range(12)]
    chosen = compose(questions, level="mid", count=9)
    assert [each.difficulty for each in chosen] == sorted(each.difficulty for each in chosen)


def test_some_are_about_the_own_sandbox() -> None:
    needs = Query(resource=ResourceQuery(kind="Node"))
    own = [put(item(f"own{n}", needs=needs), {}) for n in range(5)]
    chosen = compose([*pool(20), *[each for each in own if each]], level="mid", count=8)
    assert sum(each.is_about_sandbox for each in chosen) == MOST_ABOUT_SANDBOX


@pytest.mark.parametrize(("count", "minutes"), [(7, None), (13, None), (8, 4), (8, 181)])
def test_bounds(count: int, minutes: float | None) -> None:
    with pytest.raises(InputError, match="An interview"):
        compose(pool(20), level="mid", count=count, minutes=minutes)
