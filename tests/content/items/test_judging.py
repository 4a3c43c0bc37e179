"""Judging: scores lie between nothing and all, the right answer has all, and places give nothing away."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from eks_lab.content.items.given import NOTHING, Given, is_given
from eks_lab.content.items.judging import judge, needs_bench
from eks_lab.content.items.model import NumberItem, RecallItem
from eks_lab.content.items.recall import judge_recall
from eks_lab.content.items.variant import make_variant
from eks_lab.errors import InputError
from tests.content.items.builders import KINDS, OPTIONS, POINTS, item

RIGHT: dict[str, Any] = {
    "choice": (0,),
    "multi": (0, 3),
    "order": (0, 1, 2, 3),
    "match": (0, 1, 2),
    "diagram": "server",
    "recall": "The type limits the interfaces of a node. Each pod takes an address.",
}


def right(kind: str, seed: int) -> Given:
    if kind == "number":
        answer = make_variant(item(kind), seed).answer
        assert answer is not None
        return answer
    found: Given = RIGHT[kind]
    return found


@pytest.mark.parametrize("kind", [*RIGHT, "number"])
@pytest.mark.parametrize("seed", [0, 1, 99])
def test_the_right_answer_has_all(kind: str, seed: int) -> None:
    result = judge(make_variant(item(kind), seed), right(kind, seed))
    assert (result.score, result.correct) == (1.0, True)
    assert result.headline.startswith("✓")


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, Given]:
    kind = draw(st.sampled_from([*RIGHT, "number"]))
    made: Given
    match kind:
        case "choice":
            made = (draw(st.integers(0, 3)),)
        case "multi":
            made = tuple(draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)))
        case "order":
            made = tuple(draw(st.permutations(range(4))))
        case "match":
            made = tuple(draw(st.lists(st.integers(NOTHING, 3), min_size=3, max_size=3)))
        case "diagram":
            made = draw(st.sampled_from(["client", "server", "asks"]))
        case "number":
            made = draw(st.floats(allow_nan=False, allow_infinity=False))
        case _:
            made = draw(st.text(max_size=200))
    return kind, made


@for_all(answers(), st.integers(0, 50))
@settings(max_examples=200)
def test_a_score_lies_between_nothing_and_all(answer: tuple[str, Given], seed: int) -> None:
    kind, given = answer
    made = item(kind)
    assert is_given(made, given)
    result = judge(make_variant(made, seed), given)
    assert 0 <= result.score <= 1
    assert result.headline
    if kind != "recall":
        assert result.correct == (result.score == 1)


@for_all(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=1, unique=True))
@settings(max_examples=60)
def test_the_order_of_options_in_the_file_does_not_matter(order: list[int], picked: list[int]) -> None:
    """Picking the same texts has the same score wherever they stand."""
    plain = item("multi")
    assert plain.kind == "multi"
    options = [{"text": o.text, "explain": o.explain, "correct": o.correct} for o in plain.options]
    moved = item("multi", options=[options[at] for at in order])
    there = tuple(order.index(index) for index in picked)
    first = judge(make_variant(plain, 0), tuple(picked))
    assert judge(make_variant(moved, 0), there).score == first.score
    assert judge(make_variant(plain, 0), tuple(reversed(picked))).score == first.score


@pytest.mark.parametrize(
    ("picked", "score"),
    [((0,), 0.5), ((0, 3), 1), ((0, 1), 0), ((0, 1, 3), 0.5), ((0, 1, 2, 3), 0), ((1, 2), 0)],
)
def test_wrong_options_cost_what_right_ones_earn(picked: tuple[int, ...], score: float) -> None:
    assert judge(make_variant(item("multi"), 0), picked).score == score


@pytest.mark.parametrize(
    ("placed", "score"), [((0, 1, 2, 3), 1), ((1, 0, 2, 3), 2 / 3), ((3, 2, 1, 0), 0), ((3, 0, 1, 2), 0)]
)
def test_an_order_is_worth_its_pairs(placed: tuple[int, ...], score: float) -> None:
    result = judge(make_variant(item("order"), 0), placed)
    assert math.isclose(result.score, score)
    assert ("pairs of steps" in result.detail) == (score < 1)


def test_the_right_order_is_the_only_one_with_all() -> None:
    variant = make_variant(item("order"), 0)
    full = [placed for placed in permutations(range(4)) if judge(variant, placed).score == 1]
    assert full == [(0, 1, 2, 3)]


@pytest.mark.parametrize(
    ("sides", "score"),
    [((0, 1, 2), 1), ((0, 2, 1), 1 / 3), ((1, 2, 0), 0), ((NOTHING, NOTHING, 2), 1 / 3), ((3, 1, 2), 2 / 3)],
)
def test_a_match_is_worth_its_pairs(sides: tuple[int, ...], score: float) -> None:
    assert math.isclose(judge(make_variant(item("match"), 0), sides).score, score)


def test_a_number_within_the_tolerance_of_its_variant() -> None:
    variant = make_variant(item("number", tolerance="answer * 0.1"), 4)
    assert variant.answer is not None
    assert variant.tolerance == pytest.approx(variant.answer / 10)
    assert judge(variant, variant.answer * 1.09).correct
    wrong = judge(variant, variant.answer * 1.11)
    assert not wrong.correct
    assert "pods" in wrong.detail


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("choice", (0, 1)), ("choice", ()), ("choice", (4,)), ("choice", "a"), ("choice", (True,)),
        ("multi", (0, 0)), ("order", (0, 1, 2)), ("order", (0, 1, 2, 2)), ("match", (0, 1)), ("match", (0, 1, 4)),
        ("match", (-2, 1, 2)), ("number", float("inf")), ("number", True), ("number", "17"),
        ("diagram", "nowhere"), ("recall", (1,)), ("recall", "x" * 70_000),
    ],
)  # fmt: skip
def test_an_answer_of_another_form_names_the_question(kind: str, given: Any) -> None:
    made = item(kind)
    assert not is_given(made, given)
    with pytest.raises(InputError, match=rf"net\.slots\.{kind}: the answer") as caught:
        judge(make_variant(made, 0), given)
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["command", "manifest"])
def test_what_is_done_in_a_sandbox_needs_a_bench(kind: str) -> None:
    assert needs_bench(kind)
    with pytest.raises(InputError, match="does to a sandbox"):
        judge(make_variant(item(kind), 0), "kubectl get pods")


def test_only_those_two_need_a_bench() -> None:
    assert [kind for kind in KINDS if needs_bench(kind)] == ["command", "manifest"]


class TestRecall:
    def test_points_are_shown_with_the_words_they_were_found_in(self) -> None:
        result = judge(make_variant(item("recall"), 0), "The type limits how many interfaces there are.")
        assert [(each.point.id, each.found) for each in result.points] == [
            ("limit", True),
            ("address", False),
        ]
        assert "interfaces" in result.points[0].where
        assert (result.score, result.correct) == (0.5, False)
        assert result.detail == "1 of 2 key points found."

    def test_a_missing_essential_point_is_named(self) -> None:
        result = judge(make_variant(item("recall"), 0), "Every pod takes an address.")
        assert "essential: The instance type limits interfaces." in result.detail

    def test_the_learner_overrules(self) -> None:
        variant = make_variant(item("recall"), 0)
        text = "The type limits how many interfaces there are."
        assert judge_recall(variant, text, {"address": True}).correct
        assert judge_recall(variant, text, {"limit": False}).score == 0

    def test_facts_of_the_learners_sandbox_are_filled_in(self) -> None:
        points = [{**POINTS[0], "says": [["{{ nodes }}"]]}, POINTS[1]]
        interview = {
            "level": "mid",
            "topic": "net",
            "competence": "operations",
            "facts": {"nodes": {"kind": "Node", "count": 3}},
        }
        made = item("recall", prompt="Why {{ nodes }} nodes there?", points=points, interview=interview)
        assert isinstance(made, RecallItem)
        variant = make_variant(made, 0, {"nodes": "seventeen"})
        assert variant.prompt == "Why seventeen nodes there?"
        assert judge_recall(variant, "It has seventeen, and a pod takes an address.").correct


def test_options_are_those_of_the_quick_check() -> None:
    """A lesson's question and the bank's are judged by one implementation."""
    from eks_lab.content.model import Option, Question
    from eks_lab.content.questions import judge as judge_quick

    options = [Option(str(o["text"]), str(o["explain"]), bool(o.get("correct"))) for o in OPTIONS]
    question = Question(id="net.slots.q", kind="choice", prompt="?", source="s", options=options)
    for index in range(4):
        assert judge_quick(question, (index,)) == judge(make_variant(item("choice"), 0), (index,))
    number = Question(
        id="net.slots.n", kind="number", prompt="?", source="s", answer=29, unit="pods", tolerance=1
    )
    made = item(
        "number", vars={}, computed_by=None, answer=29, tolerance=1, prompt="How many of them are there?"
    )
    assert isinstance(made, NumberItem)
    for typed in (29, 30, 31, 27.9):
        assert judge_quick(number, typed) == judge(make_variant(made, 0), typed)
