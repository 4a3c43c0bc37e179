"""One figure from one of the course's calculators."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer, Step
from eks_lab.errors import ContentError, EksLabError

_NUMBER = re.compile(r"[0-9]{1,9}")


def calculated(calculator: str, inputs: Mapping[str, Any], output: str) -> Any:
    """Return a figure.

    Args:
        calculator: its name.
        inputs: by name.
        output: field of the result; a dot leads deeper, a number into a list.

    Raises:
        ContentError: there is no such calculator, input or field; the message names what there is.
    """
    return worked(calculator, inputs, output)[0]


def worked(calculator: str, inputs: Mapping[str, Any], output: str) -> tuple[Any, tuple[Step, ...]]:
    """Return a figure and how the calculator comes to it; see `calculated` for arguments and errors."""
    try:
        given = json.dumps(inputs, sort_keys=True, default=str)
    except TypeError:
        raise ContentError(
            f"calculator {calculator}: a mapping in its inputs has names that are no texts.",
            hint='Quote them: {"1": …}.',
        ) from None
    answer = _answer(calculator, given)
    found: Any = answer.result
    for part in output.split("."):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and _NUMBER.fullmatch(part) and int(part) < len(found):
            found = found[int(part)]
        else:
            fields = ", ".join(found) if isinstance(found, Mapping) else "no fields"
            raise ContentError(
                f"calculator {calculator} has no output {output!r}.", hint=f"Here are: {fields}."
            )
    return found, answer.steps


@functools.lru_cache(1024)
def _answer(calculator: str, inputs: str) -> Answer:
    """Return a calculator's answer; draws of a question and steps of a lab ask for the same one again and again.

    Args:
        calculator: its name.
        inputs: as a JSON object.
    """
    try:
        form = registry.get(calculator)
        return form.compute(read_inputs(form, json.loads(inputs)))
    except EksLabError as error:
        raise ContentError(f"calculator {calculator}: {error.message}", hint=error.hint) from error
