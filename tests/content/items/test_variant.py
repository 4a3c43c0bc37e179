"""Variants: drawn from the seed alone, filled, worked out."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from eks_lab.content.items.variant import has_variants, in_all_texts, make_variant, shown_sides
from eks_lab.errors import ContentError
from tests.content.items.builders import KINDS, document, item


@for_all(st.sampled_from(KINDS), st.integers(-(2**31), 2**31))
@settings(max_examples=80)
def test_the_same_seed_gives_the_same_variant(kind: str, seed: int) -> None:
    assert make_variant(item(kind), seed) == make_variant(item(kind), seed)
    assert shown_sides(item(kind), seed) == shown_sides(item(kind), seed)


def test_it_is_the_same_in_another_process() -> None:
    program = (
        "from eks_lab.content.items.variant import make_variant, shown_sides\n"
        "from tests.content.items.builders import item\n"
        "print(make_variant(item('number'), 11).prompt, shown_sides(item('order'), 11))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    mine = make_variant(item("number"), 11).prompt, shown_sides(item("order"), 11)
    assert ran.stdout.strip() == f"{mine[0]} {mine[1]}"


def test_seeds_differ() -> None:
    assert len({make_variant(item("number"), seed).prompt for seed in range(20)}) > 10
    assert len({shown_sides(item("choice"), seed) for seed in range(20)}) > 8


def test_a_number_is_worked_out_by_its_calculator() -> None:
    variant = make_variant(item("number"), 5)
    assert variant.prompt.startswith(
        f"Each of {variant.values['nodes']} nodes is a {variant.values['type']}."
    )
    assert (
        variant.answer
        == {"m5.large": 29, "t3.small": 11, "m5.4xlarge": 234, "t3.medium": 17, "c5.xlarge": 58}[
            variant.values["type"]
        ]
    )
    assert variant.explain == f"The formula gives {variant.answer:g} for each node."
    assert [step.unit for step in variant.working]
    assert variant.unit == "pods"


@pytest.mark.parametrize("answer", ["nodes * 3", "{{ nodes * 3 }}"])
def test_an_answer_may_be_an_expression(answer: str) -> None:
    made = item("number", computed_by=None, answer=answer, tolerance="{{ answer / 30 }}")
    variant = make_variant(made, 2)
    assert variant.answer == 3 * variant.values["nodes"]
    assert variant.tolerance == pytest.approx(variant.values["nodes"] / 10)
    assert variant.working == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"computed_by": None}, "without an answer"),
        ({"computed_by": None, "answer": "'many'"}, "no number"),
        ({"computed_by": None, "answer": "nodes / 0"}, "answer"),
        ({"prompt": "How many {{ pods }}?"}, "pods"),
        ({"vars": {}}, "type"),
        ({"computed_by": {"calculator": "max-podz", "inputs": {}, "result": "x"}}, "max-podz"),
        (
            {"computed_by": {"calculator": "max-pods", "inputs": {"instance": "m5.large"}, "result": "x"}},
            "no output 'x'",
        ),
    ],
)
def test_what_cannot_be_drawn_names_the_question(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ContentError, match=says) as caught:
        make_variant(item("number", **changes), 0)
    assert "net.slots.number" in caught.value.message


def test_braces_of_a_question_without_variables_are_left_alone() -> None:
    prompt = "What does `{{ .Values.replicas }}` stand for in a Helm chart?"
    assert make_variant(item("choice", prompt=prompt), 3).prompt == prompt
    assert make_variant(item("manifest", prompt=prompt), 3).prompt == prompt


def test_the_right_order_is_never_shown() -> None:
    for kind, count in (("order", 4), ("match", 4)):
        orders = [shown_sides(item(kind), seed) for seed in range(60)]
        assert all(sorted(order) == list(range(count)) for order in orders)
        assert tuple(range(count)) not in orders


def test_typed_answers_have_nothing_to_show() -> None:
    assert [shown_sides(item(kind), 0) for kind in ("number", "recall", "command", "manifest")] == [()] * 4


def test_has_variants() -> None:
    assert [kind for kind in KINDS if has_variants(item(kind))] == ["number", "command"]


def test_all_texts_of_an_item_are_filled() -> None:
    filled = in_all_texts(item("command"), {"app": "cart"}, "here")
    assert filled.kind == "command"
    assert filled.answers[0] == "kubectl scale deployment cart --replicas=3"
    assert filled.checks[0].resource is not None
    assert filled.checks[0].resource.name == "cart"
    assert document("command")["answers"][0].startswith("kubectl scale deployment {{ app }}")
