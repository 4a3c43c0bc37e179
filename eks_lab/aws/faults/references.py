"""`${subnets.private[0]}`: references in texts, filled in from plain values. Nothing else is evaluated."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from eks_lab.errors import ContentError

_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\d+\])*")
_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\[\d+\]")
MOST_DEPTH = 8
"""References to values that hold references."""


class Scope:
    """The values that references may name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Take values.

        Args:
            values: name -> plain value; mappings and lists are looked into, texts may hold references themselves.
        """
        self._values = values

    def fill(self, value: Any, depth: int = 0) -> Any:
        """Return a value with every reference in it replaced.

        Args:
            value: texts, lists and mappings of any depth; a text that is one reference becomes what it names,
                a reference inside of a longer text becomes text (mappings and lists: JSON).
            depth: how often values of references have been filled already.

        Raises:
            ContentError: a reference names nothing, or they go round in circles.
        """
        if depth > MOST_DEPTH:
            raise ContentError(f"{value!r}: references lead to references without end")
        if isinstance(value, str):
            whole = _REFERENCE.fullmatch(value)
            if whole is not None:
                return self._look_up(whole[1], depth)
            return _REFERENCE.sub(lambda found: text_of(self._look_up(found[1], depth)), value)
        if isinstance(value, Mapping):
            return {self.text(key, depth): self.fill(each, depth) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(each, depth) for each in value]
        return value

    def text(self, value: Any, depth: int = 0) -> str:
        """Return a value as text, references filled in."""
        return text_of(self.fill(value, depth))

    def _look_up(self, reference: str, depth: int) -> Any:
        path, *filters = (each.strip() for each in reference.split("|"))
        if not _PATH.fullmatch(path):
            raise ContentError(
                f"${{{reference}}} is no reference", hint="Write ${name.name[0]}, or ${name | base64}."
            )
        value: Any = self._values
        for part in _PART.findall(path):
            try:
                value = value[int(part[1:-1])] if part.startswith("[") else value[part]
            except (KeyError, IndexError, TypeError) as error:
                known = ", ".join(sorted(value)) if isinstance(value, Mapping) else f"{value!r}"
                raise ContentError(
                    f"${{{reference}}}: {part} is not there", hint=f"There is: {known}."
                ) from error
        value = self.fill(value, depth + 1)
        for name in filters:
            if name == "base64":
                value = base64.b64encode(text_of(value).encode()).decode()
            elif name == "json":
                value = json.dumps(value, separators=(",", ":"))
            else:
                raise ContentError(
                    f"${{{reference}}}: there is no filter {name}", hint="There are base64 and json."
                )
        return value


def text_of(value: Any) -> str:
    """Return a value as it stands inside a text: mappings and lists as JSON, true and false in JSON's words."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return json.dumps(value, separators=(",", ":"))
    return str(value)
