"""From what a learner typed to the checked choices of a generator."""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Value
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError
from eks_lab.generate.model import Generator


def read_choices(generator: Generator, preset: str, pairs: Mapping[str, object]) -> dict[str, Value]:
    """Check choices and complete them: what was given, else what the preset says, else the default.

    Args:
        generator: whose choices they are.
        preset: name of a preset; empty for none.
        pairs: choice (dashes or underscores) -> text or JSON value.

    Returns:
        Every choice of the generator, in its order.

    Raises:
        InputError: an unknown preset or choice, or an unusable value; message and hint say which.
    """
    start: Mapping[str, object] = {}
    if preset.strip():
        wanted = preset.strip().lower().replace("_", "-")
        if wanted not in generator.presets:
            known = ", ".join(generator.presets)
            raise InputError(
                f"{generator.name} has no preset {preset!r}",
                hint=did_you_mean(wanted, generator.presets)
                or (f"Presets: {known}." if known else "It has none: set choices one by one."),
            )
        start = generator.presets[wanted]
    given = {str(name).strip().lower().replace("-", "_") for name in pairs}
    kept = {name: value for name, value in start.items() if name not in given}
    return read_inputs(generator, {**kept, **pairs})
