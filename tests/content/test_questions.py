"""Grading, option order and numbers as typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from eks_lab.content.model import Option, Question
from eks_lab.content.questions import (
    Given,
    correct_options,
    grade,
    is_answer,
    judge,
    number_text,
    option_order,
    parse_number,
)
from eks_lab.errors import ContentError, InputError


def choice(
    *correct: int, kind: str = "choice", options: int = 4, id: str = "networking.max-pods.q"
) -> Question:
    return Question(
        id=id,
        kind="multi" if kind == "multi" else "choice",
        prompt="Which?",
        source="A source",
        options=[Option(f"option {n}", f"because {n}", n in correct) for n in range(options)],
    )


def number(answer: float | None = 17, tolerance: float = 0, unit: str = "pods") -> Question:
    return Question(
        id="networking.max-pods.n", kind="number", prompt="How many?", source="A source", answer=answer,
        tolerance=tolerance, unit=unit, explain="3 × (6 − 1) + 2",
    )  # fmt: skip


class TestGrade:
    @pytest.mark.parametrize("picked", range(4))
    def test_choice_is_right_for_the_one_correct_option(self, picked: int) -> None:
        assert grade(choice(2), (picked,)) is (picked == 2)

    @pytest.mark.parametrize(
        ("picked", "right"),
        [((0, 2), True), ((2, 0), True), ((0,), False), ((0, 2, 3), False), ((1, 3), False)],
    )
    def test_multi_needs_all_right_ones_and_no_other(self, picked: tuple[int, ...], right: bool) -> None:
        assert grade(choice(0, 2, kind="multi"), picked) is right

    @pytest.mark.parametrize(
        ("answer", "tolerance", "typed", "right"),
        [
            (17, 0, 17.0, True),
            (17, 0, 18.0, False),
            (17, 1, 18.0, True),
            (17, 1, 18.01, False),
            (0.3, 0, 0.1 + 0.2, True),
            (-2.5, 0.5, -3.0, True),
            (0, 0, 0.0, True),
            (0, 0, 0.001, False),
        ],
    )
    def test_number_lies_within_the_tolerance(
        self, answer: float, tolerance: float, typed: float, right: bool
    ) -> None:
        assert grade(number(answer, tolerance), typed) is right

    @pytest.mark.parametrize(
        ("question", "given"),
        [
            (choice(1), 1.0),
            (choice(1), ()),
            (choice(1), (0, 1)),
            (choice(1), (4,)),
            (choice(1), (-1,)),
            (choice(0, 1, kind="multi"), (0, 0)),
            (number(), (17,)),
            (number(), float("nan")),
        ],
    )
    def test_an_answer_of_another_form_names_the_question(self, question: Question, given: Given) -> None:
        assert not is_answer(question, given)
        with pytest.raises(InputError, match=question.id) as caught:
            grade(question, given)
        assert caught.value.hint

    def test_a_number_question_without_an_answer_is_the_authors_mistake(self) -> None:
        with pytest.raises(ContentError, match="answer"):
            grade(number(None), 17.0)

    def test_correct_options(self) -> None:
        assert correct_options(choice(0, 3, kind="multi")) == (0, 3)
        assert correct_options(number()) == ()


class TestJudge:
    def test_symbols_and_words_say_right_or_wrong(self) -> None:
        right, wrong = judge(choice(1), (1,)), judge(choice(1), (0,))
        assert (right.correct, right.headline) == (True, "✓ Right")
        assert (wrong.correct, wrong.headline) == (False, "✗ Not quite")

    def test_multi_counts_what_was_found_and_what_does_not_belong(self) -> None:
        question = choice(0, 1, 2, kind="multi", options=5)
        assert judge(question, (0, 1, 2)).detail == ""
        assert judge(question, (0, 1)).detail == "2 of 3 right ones picked."
        assert judge(question, (0, 3)).detail == "1 of 3 right ones picked, 1 that does not belong."
        assert judge(question, (0, 1, 2, 3, 4)).detail == "3 of 3 right ones picked, 2 that do not belong."

    def test_number_shows_both_numbers(self) -> None:
        assert judge(number(), 18.0).detail == "You answered 18 pods; it is 17 pods."
        assert judge(number(), 17.0).detail == "It is 17 pods."
        assert judge(number(17, 1), 18.0).detail == "It is 17 pods; yours is within 1."


class TestOptionOrder:
    @for_all(st.integers(0, 6), st.text(max_size=12), st.text(max_size=4))
    def test_is_a_permutation_and_stable(self, options: int, slug: str, seed: str) -> None:
        question = choice(0, options=options, id=f"a.{slug}")
        order = option_order(question, seed)
        assert sorted(order) == list(range(options))
        assert order == option_order(question, seed)

    def test_place_gives_nothing_away(self) -> None:
        """Over many questions the option listed first is shown at each place about equally often."""
        places = [option_order(choice(0, id=f"lesson.q{n}")).index(0) for n in range(400)]
        assert all(60 <= places.count(place) <= 140 for place in range(4))

    def test_another_seed_gives_another_order(self) -> None:
        orders = {option_order(choice(0, options=6), seed) for seed in "abcdefgh"}
        assert len(orders) > 4

    def test_is_the_same_in_another_process(self) -> None:
        program = (
            "from eks_lab.content.model import Option, Question\n"
            "from eks_lab.content.questions import option_order\n"
            "q = Question(id='networking.max-pods.q', kind='choice', prompt='', source='',"
            " options=[Option(str(n), '') for n in range(6)])\n"
            "print(option_order(q))"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == str(option_order(choice(0, options=6)))


class TestParseNumber:
    @pytest.mark.parametrize(
        ("typed", "unit", "value"),
        [
            ("17", "", 17),
            (" 17 pods ", "pods", 17),
            ("17PODS", "pods", 17),
            ("1,465", "", 1465),
            ("1 465 MiB", "MiB", 1465),
            ("1_465", "", 1465),
            ("1\u202f465", "", 1465),
            ("12,345,678.5", "", 12345678.5),
            ("-3", "", -3),
            ("\u22123", "", -3),
            ("+.5", "", 0.5),
            ("5.", "", 5),
            ("1e3", "", 1000),
            ("$0.10", "USD/h", 0.1),
            ("0.10 USD/h", "USD/h", 0.1),
            ("95%", "%", 95),
        ],
    )
    def test_reads_numbers_as_people_type_them(self, typed: str, unit: str, value: float) -> None:
        assert parse_number(typed, unit) == pytest.approx(value)

    @pytest.mark.parametrize("typed", ["", "  ", "pods", "seventeen", "1.2.3", "--1", "1,46", "12,3456", "inf", "nan",
                                       "e5", ".", "-", "1/4", "0x11", "17 pods", "$5", "9" * 400, ",500", "1,2,3"])  # fmt: skip
    def test_refuses_what_is_no_number_and_says_what_to_type(self, typed: str) -> None:
        with pytest.raises(InputError) as caught:
            parse_number(typed)
        assert caught.value.hint
        assert typed.strip() in caught.value.message or repr(typed.strip()) in caught.value.message

    def test_a_decimal_comma_is_explained_not_guessed(self) -> None:
        with pytest.raises(InputError, match="'1,5' is not a number") as caught:
            parse_number("1,5")
        assert "1.5" in caught.value.hint

    @for_all(
        st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-3), st.sampled_from(["", "pods", "%"])
    )
    def test_reads_back_what_it_writes(self, value: float, unit: str) -> None:
        assert parse_number(number_text(value, unit), unit) == pytest.approx(value, rel=1e-6, abs=1e-6)

    @for_all(st.text(max_size=30), st.sampled_from(["", "pods", "USD/h"]))
    def test_any_text_is_a_finite_number_or_a_clear_refusal(self, typed: str, unit: str) -> None:
        try:
            value = parse_number(typed, unit)
        except InputError:
            return
        assert abs(value) < float("inf")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(17, "pods", "17 pods"), (1465.0, "MiB", "1,465 MiB"), (0.1, "USD/h", "0.1 USD/h"), (99.95, "%", "99.95%"),
     (-3, "", "\u22123"), (0, "", "0"), (0.00002, "", "2e-05")],
)  # fmt: skip
def test_number_text(value: float, unit: str, text: str) -> None:
    assert number_text(value, unit) == text
