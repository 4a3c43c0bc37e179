"""Questions as they are put."""

from __future__ import annotations

import pytest

from eks_lab.content.items.model import KeyPoint
from eks_lab.content.queries import Query, ResourceQuery
from eks_lab.errors import ContentError, DataError
from eks_lab.learning.interviews.questions import put, read_plan, write_plan
from tests.learning.interviews.bank import further, item, pool

OWN = item(
    "own",
    prompt="{% if zones %}How many of {{ zones | length }}?{% endif %}",
    points=[
        KeyPoint(id="zones", text="{{ zones | join(', ') }}", says=[["{{ zones | join(' | ') }}"], ["zone"]]),
        KeyPoint(id="gone", text="", says=[["{{ 'x' if none else '' }}"]]),
    ],
    model="It is {{ zones | first }}.",
    needs=Query(resource=ResourceQuery(kind="Node")),
    facts={"zones": ResourceQuery(kind="Node"), "none": ResourceQuery(kind="Node")},
    follow_ups=[further("always")],
)


def test_facts_are_put_in_and_points_without_words_left_out() -> None:
    question = put(OWN, {"zones": ["a", "b"], "none": []})
    assert question is not None
    assert (question.prompt, question.model, question.is_about_sandbox) == (
        "How many of 2?",
        "It is a.",
        True,
    )
    assert [(point.id, point.text, point.says) for point in question.points] == [
        ("zones", "a, b", [["a", "b"], ["zone"]])
    ]
    assert question.lesson == "networking.lesson"


def test_without_facts_or_with_an_empty_prompt_nothing_is_asked() -> None:
    assert put(OWN) is None
    assert put(OWN, {"zones": [], "none": []}) is None


def test_a_brace_is_a_brace_where_there_are_no_facts() -> None:
    question = put(item("q", prompt="What does {{ .Values.x }} do?"))
    assert question is not None
    assert question.prompt == "What does {{ .Values.x }} do?"


def test_a_template_that_cannot_be_filled_names_the_question() -> None:
    with pytest.raises(ContentError, match=r"networking\.lesson\.own"):
        put(OWN, {"none": []})


def test_a_plan_comes_back_as_it_was() -> None:
    questions = tuple(pool(3, follow_ups=[further("missing: alpha")]))
    assert read_plan(write_plan(questions)) == questions
    with pytest.raises(DataError, match="cannot be read"):
        read_plan('[{"item_id": 1}]')
