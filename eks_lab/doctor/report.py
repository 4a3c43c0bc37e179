"""All checks together, as text for a person and as data for a script."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eks_lab import __version__
from eks_lab.doctor.model import Check, Machine, Status
from eks_lab.doctor.program import port_checks, program_checks
from eks_lab.doctor.terminal import terminal_checks
from eks_lab.doctor.tools import tool_checks
from eks_lab.errors import UnavailableError

WIDTH_COLUMNS = 80
_SIGNS: dict[Status, tuple[str, str]] = {
    "ok": ("✓", "ok"),
    "warn": ("!", "note"),
    "missing": ("✗", "missing"),
}
_NAME_COLUMNS = 12
_INDENT = " " * (2 + 10 + _NAME_COLUMNS)


def run_checks(machine: Machine, content_root: Path, data_dir: Path | UnavailableError) -> list[Check]:
    """Look at everything.

    Args:
        machine: the machine.
        content_root: folder that holds `lessons/`.
        data_dir: folder of the learner's progress, or why there is none.
    """
    return [
        *program_checks(machine, content_root, data_dir),
        *terminal_checks(machine),
        *tool_checks(machine),
        *port_checks(machine),
    ]


def lacking(checks: Sequence[Check]) -> list[Check]:
    """Return what is required and missing: with any of these the course cannot be read."""
    return [check for check in checks if check.required and check.status == "missing"]


def as_json(checks: Sequence[Check], system: str) -> dict[str, Any]:
    """Return the findings as JSON values."""
    return {
        "program": __version__,
        "system": system,
        "ready": not lacking(checks),
        "checks": [asdict(check) for check in checks],
    }


def as_text(checks: Sequence[Check]) -> str:
    """Return the findings as text of at most `WIDTH_COLUMNS`, without colour; a word goes with each sign."""
    lines: list[str] = []
    for group in dict.fromkeys(check.group for check in checks):
        members = [check for check in checks if check.group == group]
        is_optional = not any(check.required for check in members)
        lines.append(f"{group} (optional)" if is_optional else group)
        for check in members:
            lines += _lines(check)
        lines.append("")
    return "\n".join([*lines, *_conclusion(checks)])


def _lines(check: Check) -> list[str]:
    sign, word = _SIGNS[check.status]
    lines = _wrapped(f"  {sign} {word:<8}{check.name:<{_NAME_COLUMNS}}", check.found)
    lines += _wrapped(_INDENT, f"Needed for: {check.needed_for}.")
    if check.status != "ok" and check.how_to_get:
        lines += _wrapped(_INDENT, f"Next step: {check.how_to_get}")
    return lines


def _wrapped(start: str, text: str) -> list[str]:
    # What a tool printed may hold codes that would move the cursor.
    printable = "".join(character if character.isprintable() else " " for character in text)
    return textwrap.wrap(
        printable,
        WIDTH_COLUMNS,
        initial_indent=start,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
    )


def _conclusion(checks: Sequence[Check]) -> list[str]:
    lacked = lacking(checks)
    if lacked:
        names = ", ".join(check.name for check in lacked)
        return textwrap.wrap(f"Not ready: {names}. See above for what to do.", WIDTH_COLUMNS)
    absent = [check.name for check in checks if check.status == "missing"]
    if absent:
        text = f"Ready. Every lesson can be read; to type along you may want {', '.join(absent)}."
        return textwrap.wrap(text, WIDTH_COLUMNS)
    return ["Ready."]
