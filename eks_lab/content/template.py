"""Fills a lab's texts: Jinja2 without anything that could reach out of a template or run for long."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eks_lab.content.template_bounds import plain_value, refuse_more, set_bounds
from eks_lab.errors import ContentError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.environment import TemplateExpression
    from jinja2.sandbox import SandboxedEnvironment

LONGEST_TEXT = 256 * 1024
"""Characters that a template may come to."""
_ONE_EXPRESSION = re.compile(r"\s*\{\{((?:(?!\{\{|\}\}).)*)\}\}\s*", re.DOTALL)


@functools.cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import SandboxedEnvironment

    class Narrow(SandboxedEnvironment):
        """Numbers multiply; texts and lists do not, and nothing is raised to a power."""

        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if not all(isinstance(each, int | float) for each in (left, right)) or operator == "**":
                raise SecurityError(f"{operator} is for numbers only, and ** is not allowed")
            return plain_value(super().call_binop(context, operator, left, right))

    made = Narrow(
        undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False, finalize=plain_value
    )
    set_bounds(made)
    return made


@functools.lru_cache(512)
def _compiled(text: str) -> Template:
    """Return a template, refused when it is made of what none may be made of."""
    environment = _environment()
    refuse_more(environment.parse(text))
    return environment.from_string(text)


@functools.lru_cache(512)
def _expression(text: str) -> TemplateExpression:
    environment = _environment()
    refuse_more(environment.parse(f"{{{{ {text} }}}}"))
    return environment.compile_expression(text, undefined_to_none=False)


def fill(text: str, values: Mapping[str, Any], place: str) -> str:
    """Return a text with its variables put in.

    Args:
        text: `All {{ replicas }} pods run.`
        values: of the lab's variables.
        place: for messages: file, or file and line.

    Raises:
        ContentError: the template cannot be read, or names something that is not there.
    """
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    parts: list[str] = []
    size = 0
    try:
        for part in _compiled(text).generate(dict(values)):
            size += len(part)
            if size > LONGEST_TEXT:
                raise ContentError(f"{place}: the text is longer than {LONGEST_TEXT:,} characters.")
            parts.append(part)
    except _mistakes() as error:
        raise _broken(place, values, error) from error
    return "".join(parts)


def fill_value(value: Any, values: Mapping[str, Any], place: str) -> Any:
    """Return a YAML value with the variables put into every text of it.

    A text that is one expression only, `{{ replicas }}`, becomes that value, number or list.

    Args:
        value: texts, numbers, lists, mappings.
        values: of the lab's variables.
        place: for messages.

    Raises:
        ContentError: as in `fill`.
    """
    if isinstance(value, str):
        whole = _ONE_EXPRESSION.fullmatch(value)
        return _evaluated(whole.group(1), values, place) if whole else fill(value, values, place)
    if isinstance(value, list):
        return [fill_value(each, values, place) for each in value]
    if isinstance(value, dict):
        return {key: fill_value(each, values, place) for key, each in value.items()}
    return value


def bounded(value: Any, place: str) -> Any:
    """Return a value of plain lists, mappings, texts and numbers, when it is no larger than a variable may be.

    Args:
        value: of a variable; what it is put together from may be small and shared.
        place: for messages.

    Raises:
        ContentError: it is too large.
    """
    try:
        return plain_value(value)
    except _mistakes() as error:
        raise ContentError(f"{place} cannot be used: {error}.", hint="Write a smaller value.") from error


def names_in(value: Any, place: str) -> set[str]:
    """Return the variables that the texts of a YAML value name.

    Args:
        value: texts, numbers, lists, mappings.
        place: for messages.

    Raises:
        ContentError: a template cannot be read.
    """
    if isinstance(value, list):
        return {name for each in value for name in names_in(each, place)}
    if isinstance(value, dict):
        return {name for each in value.values() for name in names_in(each, place)}
    if not isinstance(value, str) or not ("{{" in value or "{%" in value or "{#" in value):
        return set()
    from jinja2.meta import find_undeclared_variables

    try:
        return set(find_undeclared_variables(_environment().parse(value))) - {"range"}
    except _mistakes() as error:
        raise _broken(place, {}, error) from error


def _evaluated(expression: str, values: Mapping[str, Any], place: str) -> Any:
    try:
        return plain_value(_expression(expression)(dict(values)))
    except _mistakes() as error:
        raise _broken(place, values, error) from error


def _mistakes() -> tuple[type[Exception], ...]:
    """Return what a template of somebody's can raise; Python's compiler has its own for what Jinja lets pass."""
    from jinja2 import TemplateError

    return (
        *(TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError),
        *(RecursionError, SyntaxError),
    )


def _broken(place: str, values: Mapping[str, Any], error: Exception) -> ContentError:
    names = ", ".join(sorted(values)) or "none"
    says = str(error).rstrip(".") or type(error).__name__
    return ContentError(f"{place}: the template cannot be filled: {says}.", hint=f"Variables: {names}.")
