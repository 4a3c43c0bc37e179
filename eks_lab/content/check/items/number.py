"""Rules for numbers: every draw has one answer that its prompt lets a learner find."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_lab.content.check.items.surveyed import Report
from eks_lab.content.items.judging import judge
from eks_lab.content.items.model import Item, NumberItem
from eks_lab.content.items.number import typed_number
from eks_lab.content.items.variant import Variant, make_variant
from eks_lab.content.load import Survey
from eks_lab.content.questions import number_text
from eks_lab.content.template import names_in
from eks_lab.errors import EksLabError, InputError

SEEDS = 25
"""Draws that `author check` looks at; a slow test looks at a thousand."""
FEWEST_ANSWERS = 4
"""Different answers that these draws must give, or the numbers are learned by heart."""
LARGEST_TOLERANCE = 0.25
"""Of the answer: more is no tolerance but a guess."""

_NUMBER = re.compile(r"\u2212?\d[\d,]*(?:\.\d+)?(?<!,)")


def number_problems(survey: Survey, item: Item, report: Report) -> None:
    """Report what is wrong with a number question; others have no such problems."""
    if not isinstance(item, NumberItem):
        return
    if (item.computed_by is None) == (item.answer is None):
        report.add(
            "answer",
            "a number needs computed_by or answer, and not both",
            "Keep computed_by when a calculator can do it.",
        )
        return
    if item.computed_by is None or item.explain:
        report.explained(item.explain, "the answer", "explain")
    if not _names(item, report):
        return
    draws = list(_draws(item, report, SEEDS if item.vars else 1))
    if not draws:
        return
    answers = {number_text(variant.answer or 0.0) for variant in draws}
    if item.vars and len(answers) < FEWEST_ANSWERS:
        report.add(
            "number-answers",
            f"only {len(answers)} different answers over {SEEDS} seeds: {', '.join(sorted(answers))}",
            f"Widen vars until there are {FEWEST_ANSWERS}.",
            "vars",
        )
    shown = sum(number_text(each.answer or 0.0) in _numbers(each.prompt) for each in draws)
    if item.vars and shown == len(draws):
        report.add(
            "number-given-away",
            "with every seed the answer stands in the prompt",
            "Ask for something to work out.",
            "prompt",
        )


def draw_problem(variant: Variant) -> str:
    """Return what is wrong with one draw, or an empty text.

    Args:
        variant: of a number question.
    """
    answer, tolerance = variant.answer, variant.tolerance
    assert answer is not None
    if "{{" in variant.prompt or "{%" in variant.prompt:
        return "the prompt still has a template in it"
    if tolerance < 0:
        return f"the tolerance comes to {tolerance:g}"
    if tolerance and tolerance > LARGEST_TOLERANCE * abs(answer):
        return f"a tolerance of {tolerance:g} is more than a quarter of the answer {answer:g}"
    shown = number_text(answer, variant.unit)
    try:
        typed = typed_number(variant, shown)
    except InputError as error:
        return f"the answer as shown, {shown!r}, cannot be typed: {error.message}"
    if not judge(variant, typed).correct:
        return (
            f"the answer as shown, {shown!r}, is judged wrong: give a tolerance, or ask for a rounded number"
        )
    beyond = 1.01 * tolerance + 1e-6 * max(1.0, abs(answer))
    if judge(variant, answer + beyond).correct or judge(variant, answer - beyond).correct:
        return f"a number {beyond:g} off is judged right"
    return ""


def _draws(item: NumberItem, report: Report, seeds: int) -> Iterator[Variant]:
    is_told = False
    for seed in range(seeds):
        try:
            variant = make_variant(item, seed)
        except EksLabError as error:
            problem, fix = error.message, error.hint or "Narrow vars to what the calculator takes."
        else:
            problem, fix = draw_problem(variant), "Change prompt, vars, tolerance or answer."
            yield variant
        if problem and not is_told:
            report.add("number-draw", f"with seed {seed}: {problem}", fix)
            is_told = True


def _names(item: NumberItem, report: Report) -> bool:
    """Report variables that are not shown though the answer needs them, and those nobody uses."""
    try:
        in_prompt = names_in(item.prompt, "prompt")
        asked = names_in(item.computed_by.inputs, "computed_by") if item.computed_by else set()
        answer = item.answer
        if isinstance(answer, str):
            asked |= names_in(answer if "{{" in answer else f"{{{{ {answer} }}}}", "answer")
        parts = {
            name: names_in([variable.choose, variable.value], f"vars.{name}")
            | (names_in(variable.calc.inputs, f"vars.{name}") if variable.calc else set())
            for name, variable in item.vars.items()
        }
        used = in_prompt | names_in([item.unit, item.explain, item.tolerance], "texts") | asked
    except EksLabError as error:
        report.add("number-template", error.message, error.hint or "Mend the template.")
        return False
    is_fixed = {
        name
        for name, variable in item.vars.items()
        if variable.choose is not None and len(variable.choose) == 1
    }

    def is_told(name: str, seen: frozenset[str] = frozenset()) -> bool:
        """A learner knows what is shown, what follows from that, and what something shown was made of."""
        if name in in_prompt or name in is_fixed or name in seen:
            return True
        if any(name in parts[shown] for shown in in_prompt if shown in parts):
            return True
        return bool(parts.get(name)) and all(is_told(part, seen | {name}) for part in parts[name])

    for name in sorted(asked & set(item.vars)):
        if not is_told(name):
            report.add(
                "number-hidden",
                f"the answer needs {name}, which the prompt does not show",
                f"Put {{{{ {name} }}}} into the prompt.",
                "prompt",
            )
    for name in item.vars:
        if name not in used and not any(name in names for names in parts.values()):
            report.add("number-unused", f"nothing uses the variable {name}", "Remove it.", "vars", name)
    return True


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))
