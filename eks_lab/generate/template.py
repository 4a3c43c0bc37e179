"""Text from a Jinja2 template, with the reasons of lines taken out of it.

In a template, `#?` begins the reason of a line: behind the line, or on lines of its own below it.

    volumeBindingMode: WaitForFirstConsumer
    #? The volume is made in the zone of the pod, not before it.

Reasons may use choices like any other part. They are not in the generated text; ordinary comments are.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from eks_lab.generate.model import GeneratedFile

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_WRITTEN = "#?"
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARK = "\ue000"
"""Stands for `#?` while a template is rendered, so that a choice may contain those two characters."""
_PLAIN = re.compile(r"[A-Za-z/][\w./:@+-]*", re.ASCII)
_SWITCHES = frozenset({"y", "n"})
"""Words that YAML 1.1 readers take for yes and no although PyYAML does not."""


def quoted(value: object) -> str:
    """Return a value as YAML writes it on one line, in double quotes where it could be misread.

    Args:
        value: text, a number, a truth value, or a list of them.
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(quoted(entry) for entry in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if (
        _PLAIN.fullmatch(value)
        and value.lower() not in _SWITCHES
        and yaml.load(value, Loader=_LOADER) == value
    ):
        return value
    # Line and paragraph separators are letters to JSON and line breaks to YAML.
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}"
        for letter in json.dumps(value, ensure_ascii=False)
    )


def as_json(value: object) -> str:
    """Return a value as JSON on one line, which is also a quoted word of HCL when it has no `${`."""
    return json.dumps(value, ensure_ascii=False)


@functools.cache
def _environment() -> Environment:
    # Jinja2 takes 60 ms to import, and listing generators does not need it.
    from jinja2 import Environment, StrictUndefined

    # No HTML escaping: this is YAML and HCL, and `quoted` does theirs.
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["q"] = quoted
    environment.filters["json"] = as_json
    environment.filters["shell"] = shlex.quote
    return environment


@functools.lru_cache(maxsize=256)
def _template(source: str) -> Template:
    return _environment().from_string(source.replace(_WRITTEN, _MARK))


def generated(name: str, template: str, values: Mapping[str, object]) -> GeneratedFile:
    """Return a file from a template.

    Args:
        name: of the file, relative.
        template: Jinja2 text; the filter `q` quotes for YAML, `json` for JSON and HCL, `shell`
            for commands. A name that is not in `values` is an error.
        values: what the template uses.

    Returns:
        The text without its reasons, one newline at the end, and the reasons by line.
    """
    text: list[str] = []
    reasons: dict[int, str] = {}
    for written in _template(template).render(**values).strip("\n").split("\n"):
        line, mark, reason = written.partition(_MARK)
        line = line.rstrip()
        if mark and not line:
            reasons[len(text)] = f"{reasons.get(len(text), '')} {reason.strip()}".strip()
            continue
        if not line and (not text or not text[-1]):
            continue
        text.append(line)
        if mark:
            reasons[len(text)] = reason.strip()
    return GeneratedFile(name, "\n".join(text) + "\n", reasons)
