"""From what a learner typed to checked inputs.

Values come as text (a form, a command line, a directive in a page) or as JSON values (a script).
The first wrong one is refused with its name and value, so that a form can show it in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol, TypeVar, assert_never

from eks_lab.calc.model import Input, Value
from eks_lab.catalog import instance_types
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

_TRUE = frozenset({"true", "yes", "on", "1", "y", "t"})
_FALSE = frozenset({"false", "no", "off", "0", "n", "f"})
_LONGEST_NUMBER = 30
_TOO_LARGE = 10**_LONGEST_NUMBER
_LONGEST_TEXT = 1000
_LONGEST_DOCUMENT = 20_000_000
_LONGEST_SHOWN = 40

Number = TypeVar("Number", int, float)


class Form(Protocol):
    """Whatever asks for inputs under a name: a calculator, a generator."""

    @property
    def name(self) -> str:
        """Return the name that messages use."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Return what is asked for, in order."""


def read_inputs(calculator: Form, raw: Mapping[str, object]) -> dict[str, Value]:
    """Check given values and complete them with defaults.

    Args:
        calculator: whose inputs are asked for; a generator will do as well.
        raw: input name (`max_eni` or `max-eni`) -> text or JSON value. None, and empty text for an
            optional input, mean "not set"; a missing name means the default.

    Returns:
        Every input of the calculator, in its order. Numbers lie within their bounds (from 0 when
        the input declares no minimum), names of instance types are in the catalogue.

    Raises:
        InputError: an unknown input name, one given twice, or an unusable value; the message
            names field and value, the hint what would do.
    """
    known = {field.name: field for field in calculator.inputs}
    given: dict[str, object] = {}
    for key, value in raw.items():
        name = str(key).strip().lower().replace("-", "_")
        if name not in known:
            raise InputError(
                f"{calculator.name} has no input {_shown(key)}",
                hint=did_you_mean(name, known) or f"Inputs: {', '.join(known)}.",
            )
        if name in given:
            raise InputError(f"{name} is given twice", hint="Give it once, with dashes or underscores.")
        given[name] = value
    return {name: read_value(field, given.get(name, field.default)) for name, field in known.items()}


def read_value(field: Input, value: object) -> Value:
    """Check one value.

    Args:
        field: the input it is for.
        value: text or JSON value.

    Returns:
        The value in the type of the input; None when it is optional and not set.

    Raises:
        InputError: it cannot be used.
    """
    if isinstance(value, str):
        # The first line of a document keeps its indentation: in YAML it means something.
        value = value.rstrip() if field.kind == "document" and value.strip() else value.strip()
    if value is None or value == "":
        if field.optional:
            return None
        raise InputError(f"{field.name} is empty", hint=_expected(field))
    match field.kind:
        case "integer":
            return _within(field, _integer(field, value), value)
        case "number":
            return _within(field, _number(field, value), value)
        case "flag":
            return _flag(field, value)
        case "choice":
            return _choice(field, value)
        case "instance":
            return _instance(field, value)
        case "text":
            return _text(field, value, _LONGEST_TEXT)
        case "date":
            return _date(field, value)
        case "document":
            return _text(field, value, _LONGEST_DOCUMENT)
    assert_never(field.kind)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple | set):
        return "a list"
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "a number of more than 30 digits"
    text = repr(value[: 2 * _LONGEST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _refusal(field: Input, value: object, problem: str) -> InputError:
    return InputError(f"{field.name}: {_shown(value)} {problem}", hint=_expected(field))


def _integer(field: Input, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_LARGE:
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _TOO_LARGE:
        return int(value)
    if isinstance(value, str):
        digits = value[1:] if value[0] in "+-" else value
        if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
            return int(value)
    raise _refusal(field, value, "is not a whole number")


def _number(field: Input, value: object) -> float:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_LARGE:
        return float(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.isascii() and "_" not in value:
        try:
            value = float(value)
        except ValueError:
            raise _refusal(field, value, "is not a number") from None
    # No comparison with NaN holds, so it is refused together with infinity.
    if isinstance(value, float) and abs(value) < _TOO_LARGE:
        return value
    raise _refusal(field, value, "is not a number")


def _bounds(field: Input) -> tuple[float, float | None]:
    # Counts, sizes and prices are never negative, unless an input says so.
    return 0 if field.minimum is None else field.minimum, field.maximum


def _within(field: Input, number: Number, value: object) -> Number:
    least, most = _bounds(field)
    if number < least:
        raise _refusal(field, value, f"is below {least:.10g}")
    if most is not None and number > most:
        raise _refusal(field, value, f"is above {most:.10g}")
    return number


def _flag(field: Input, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
    raise _refusal(field, value, "is neither yes nor no")


def _choice(field: Input, value: object) -> str:
    if isinstance(value, str):
        wanted = value.lower().replace("_", "-")
        for choice in field.choices:
            if choice.lower().replace("_", "-") == wanted:
                return choice
        near = did_you_mean(value.lower(), field.choices)
        if near:
            raise InputError(f"{field.name}: {_shown(value)} is no choice", hint=f"{near} {_expected(field)}")
    raise _refusal(field, value, "is no choice")


def _instance(field: Input, value: object) -> str:
    if not isinstance(value, str):
        raise _refusal(field, value, "is no instance type")
    try:
        return instance_types.get(value).name
    except InputError as error:
        raise InputError(
            f"{field.name}: {_shown(value)} is no EC2 instance type of the catalogue", hint=error.hint
        ) from None


def _text(field: Input, value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise _refusal(field, value, "is no text")
    if len(value) > longest:
        raise _refusal(field, value, f"is longer than {longest:,} characters")
    return value


def _date(field: Input, value: object) -> str:
    """Return the ISO form: inputs are JSON values."""
    if isinstance(value, str) and len(value) == len("2026-11-22"):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise _refusal(field, value, "is no date")


def _expected(field: Input) -> str:
    """Say in one sentence what would do."""
    match field.kind:
        case "integer" | "number":
            what = "a whole number" if field.kind == "integer" else "a number"
            least, most = _bounds(field)
            span = f"from {least:.10g} up" if most is None else f"from {least:.10g} to {most:.10g}"
            unit = f" ({field.unit})" if field.unit else ""
            expected = f"Give {what} {span}{unit}"
        case "flag":
            expected = "Give yes or no"
        case "choice":
            expected = f"Choose {' or '.join(field.choices)}"
        case "instance":
            expected = "Give an instance type, for example m5.large"
        case "text":
            expected = "Give some text"
        case "date":
            expected = "Give a date as 2026-11-22"
        case "document":
            expected = "Give the text of a file"
        case _:
            assert_never(field.kind)
    return f"{expected}, or leave it empty." if field.optional else f"{expected}."
