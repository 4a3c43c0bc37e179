"""The names of units beside a number."""

from __future__ import annotations


def unit_word(unit: str, value: object) -> str:
    """Return a unit as it stands behind a value: `pod` behind 1, `pods` behind all others.

    Args:
        unit: in the plural, as inputs and results declare it; signs such as `GiB` have no plural.
        value: the number.
    """
    if (
        value != 1
        or isinstance(value, bool)
        or not unit.isalpha()
        or unit.isupper()
        or len(unit) < len("pods")
    ):
        return unit
    for plural, singular in (("sses", "ss"), ("xes", "x"), ("ies", "y"), ("s", "")):
        if unit.endswith(plural):
            return unit.removesuffix(plural) + singular
    return unit
