"""The names of units beside a number."""

from __future__ import annotations


def unit_word(unit: str, value: object) -> str:
    """Return a unit as it stands behind a value: `pod` behind 1, `pods` behind all others.

    Args:
        unit: in the plural, as inputs and results declare it; signs such as `GiB` have no plural.
        value: the number.
    """
    if value != 1 or isinstance(value, bool):
        return unit
    # Of `load balancers` the last word has the plural, of `events/s` the first part.
    counted, slash, rest = unit.partition("/")
    before, space, last = counted.rpartition(" ")
    if not last.replace("-", "").isalpha() or last.isupper() or len(last) < len("pods"):
        return unit
    for plural, singular in (("sses", "ss"), ("xes", "x"), ("ies", "y"), ("s", "")):
        if last.endswith(plural):
            return f"{before}{space}{last.removesuffix(plural)}{singular}{slash}{rest}"
    return unit
