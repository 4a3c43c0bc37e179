"""Generators, their choices and what they made, as plain text 80 columns wide and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eks_lab.cli.calc_text import WIDTH, paragraph, shown

if TYPE_CHECKING:
    from eks_lab.calc.model import Input
    from eks_lab.generate.model import Bundle, Generator

_INDENT = "    "
_LONGEST_DEFAULT = 60
_SHORT_LIST = 12
"""Choices up to this many are listed in full."""


def choice_lines(generator: Generator) -> Iterator[str]:
    """Yield every choice of a generator with what it takes: unit, default and bounds.

    Args:
        generator: whose choices they are.
    """
    for field in generator.inputs:
        yield f"  {field.name.replace('_', '-')}={expected_word(field)}"
        yield from paragraph(f"{field.help} [{limits(field)}]", _INDENT, _INDENT)


def expected_word(field: Input) -> str:
    """Return the placeholder of a choice: `N`, `yes|no`, `gp3|io2`."""
    if field.kind == "choice":
        return "|".join(field.choices) if len(field.choices) <= _SHORT_LIST else "NAME"
    words = {"integer": "N", "number": "X", "flag": "yes|no", "instance": "TYPE", "date": "YYYY-MM-DD"}
    return words.get(field.kind, "FILE" if field.kind == "document" else "TEXT")


def limits(field: Input) -> str:
    """Return unit, bounds and default of a choice: `GiB; 1 to 65536; default 20`."""
    parts = [field.unit] if field.unit else []
    if field.kind in {"integer", "number"}:
        least = 0 if field.minimum is None else field.minimum
        most = field.maximum
        parts.append(f"{least:.10g} to {most:.10g}" if most is not None else f"{least:.10g} or more")
    if field.name == "today" and field.optional:
        parts.append("default: the present day")
    elif field.default in (None, ""):
        parts.append("not set by default" if field.optional else "required")
    elif field.kind == "document":
        parts.append("default: an example")
    else:
        text = shown(field.default)
        parts.append(f"default {text if len(text) <= _LONGEST_DEFAULT else text[:_LONGEST_DEFAULT] + '…'}")
    return "; ".join(parts)


def generator_help(generator: Generator) -> str:
    """Return what `--help` of a generator says; click keeps the line breaks.

    Args:
        generator: which one.
    """
    lines = [*paragraph(generator.summary), "", "Choices, given as --set NAME=VALUE:"]
    lines += choice_lines(generator)
    if generator.presets:
        lines += ["", f"Presets: {', '.join(generator.presets)}."]
    if generator.lesson:
        lines += ["", f"Lesson: {generator.lesson}"]
    return "\n".join(lines)


def generator_json(generator: Generator) -> dict[str, Any]:
    """Return a generator with every choice as JSON values.

    Args:
        generator: which one.
    """
    from dataclasses import asdict

    return {
        "name": generator.name,
        "title": generator.title,
        "summary": generator.summary,
        "produces": generator.produces,
        "lesson": generator.lesson,
        "choices": [asdict(field) for field in generator.inputs],
        "presets": {name: dict(values) for name, values in generator.presets.items()},
        "original": None if generator.original is None else asdict(generator.original),
    }


def bundle_json(bundle: Bundle) -> dict[str, Any]:
    """Return a result as JSON values; reasons are keyed by line, counted from 1.

    Args:
        bundle: what a generator answered.
    """
    return {
        "generator": bundle.generator,
        "choices": dict(bundle.choices),
        "files": [
            {
                "name": file.name,
                "text": file.text,
                "reasons": {str(line): reason for line, reason in sorted(file.reasons.items())},
            }
            for file in bundle.files
        ],
        "notes": list(bundle.notes),
    }


def explained(bundle: Bundle) -> Iterator[str]:
    """Yield every line with its number, and under it why it is there.

    Args:
        bundle: what a generator answered.
    """
    for number, file in enumerate(bundle.files):
        if number:
            yield ""
        if len(bundle.files) > 1:
            yield f"== {file.name}"
        lines = file.text.removesuffix("\n").split("\n")
        digits = len(str(len(lines)))
        for line, text in enumerate(lines, start=1):
            yield f"{line:>{digits}}  {text}".rstrip()
            if line in file.reasons:
                margin = " " * min(digits + 2 + len(text) - len(text.lstrip()), WIDTH // 2)
                yield from paragraph(file.reasons[line], f"{margin}↳ ", f"{margin}  ")
    if bundle.notes:
        yield ""
        yield from notes(bundle)


def notes(bundle: Bundle) -> Iterator[str]:
    """Yield what to know before applying a result, as a list.

    Args:
        bundle: what a generator answered.
    """
    for note in bundle.notes:
        yield from paragraph(note, "- ", "  ")
