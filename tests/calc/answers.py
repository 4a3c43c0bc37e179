"""Questions and answers in one line, for tests."""

from __future__ import annotations

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer
from eks_lab.errors import InputError


def answer(calculator: str, **inputs: object) -> Answer:
    """Return a calculator's answer to inputs as a learner would give them."""
    found = registry.get(calculator)
    return found.compute(read_inputs(found, inputs))


def answer_if_offered(calculator: str, **inputs: object) -> Answer | None:
    """Return the answer, or None when the calculator refuses the combination."""
    try:
        return answer(calculator, **inputs)
    except InputError:
        return None
