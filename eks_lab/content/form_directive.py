"""The attributes of `::calculator{…}` and `::generate{…}`: which form, what it starts with, which fields it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.calc.forms import Form
    from eks_lab.content.model import Source

_NAME, _FIELDS, _PRESET, _TODAY = "name", "fields", "preset", "today"
_SET = "set_"
"""`set-name=web` gives a generator's own input called `name`."""


@dataclass(frozen=True, slots=True)
class FormDirective:
    """A form as a page asks for it."""

    name: str
    """Of the calculator or generator."""
    given: Mapping[str, str]
    """What the form starts with: text by input name, with underscores."""
    shown: tuple[str, ...]
    """Names of the fields that stand in the page, in the page's order; empty for all."""
    preset: str
    """Name of a generator's preset; empty for none."""


def read_form_directive(attributes: Mapping[str, str], *, has_presets: bool = False) -> FormDirective:
    """Return what a directive asks for; whether the names in it exist is not looked at.

    Args:
        attributes: of the directive; names with dashes or underscores.
        has_presets: whether `preset=` names one, as for generators.
    """
    given = {_plain(name): value for name, value in attributes.items()}
    name = given.pop(_NAME, "")
    shown = tuple(filter(None, map(_plain, given.pop(_FIELDS, "").split(","))))
    preset = given.pop(_PRESET, "") if has_presets else ""
    if has_presets and (own_name := given.pop(_SET + _NAME, None)) is not None:
        given[_NAME] = own_name
    return FormDirective(name, given, shown, preset)


def check_shown(form: Form, shown: tuple[str, ...]) -> None:
    """Refuse a list of fields that the form does not have.

    Args:
        form: the calculator or generator.
        shown: names from `fields=`.

    Raises:
        InputError: names the first that is unknown, or that stands twice.
    """
    known = [field.name for field in form.inputs]
    for place, name in enumerate(shown):
        if name not in known:
            raise InputError(
                f"fields: {form.name} has no input {name!r}",
                hint=did_you_mean(name, known) or f"Inputs: {', '.join(known)}.",
            )
        if name in shown[:place]:
            raise InputError(f"fields: {name} stands twice", hint="Name each field once.")


def dated(form: Form, given: Mapping[str, str], sources: Sequence[Source]) -> dict[str, str]:
    """Return what is given, with the lesson's own date where the form asks for the present day.

    A page in the app has a clock; a page as text, or one that is checked, speaks of the day its sources
    were read.

    Args:
        form: the calculator or generator.
        given: text by input name.
        sources: of the lesson.
    """
    asks = any(field.name == _TODAY and field.kind == "date" for field in form.inputs)
    if not asks or given.get(_TODAY) or not sources:
        return dict(given)
    return {**given, _TODAY: max(source.checked for source in sources).isoformat()}


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_")
