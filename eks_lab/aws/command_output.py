"""Results as the aws CLI prints them: json, text, table, yaml.

Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html (2026-11-23).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import yaml

FORMATS = ("json", "text", "table", "yaml")


def plain(found: Any) -> Any:
    """Return a result with times and bytes as texts, as the CLI prints them."""
    if isinstance(found, dict):
        return {str(key): plain(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [plain(value) for value in found]
    if isinstance(found, datetime):
        return found.isoformat()
    if isinstance(found, bytes):
        return base64.b64encode(found).decode()
    return found


def render(found: Any, form: str, title: str) -> str:
    """Return a result as text.

    Args:
        found: plain values.
        form: one of FORMATS.
        title: of a table: the operation's name.
    """
    if form == "text":
        return "".join(f"{line}\n" for line in _text(found, ""))
    if found is None and form == "yaml":
        return "null\n"
    if found in ({}, None) and form in ("json", "yaml", "table"):
        return "null\n" if found is None and form == "json" else ""
    if form == "yaml":
        return yaml.safe_dump(found, default_flow_style=False, sort_keys=False, allow_unicode=True)
    if form == "table":
        return table(found, title)
    return json.dumps(found, indent=4, ensure_ascii=False) + "\n"


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _word(value: Any) -> str:
    return str(value)


def _text(found: Any, name: str, keys: Sequence[str] | None = None) -> Iterator[str]:
    """Yield lines of tab-separated words; what is nested has its name in front, in capitals."""
    if isinstance(found, dict):
        shown = sorted(key for key, value in found.items() if not _is_nested(value)) if keys is None else keys
        words = [_word(found.get(key, "")) for key in shown]
        if words:
            yield "\t".join(([name.upper()] if name else []) + words)
        for key in sorted(set(found) - set(shown)):
            yield from _text(found[key], key)
    elif isinstance(found, list):
        yield from _text_list(found, name)
    else:
        yield _word(found)


def _text_list(found: list[Any], name: str) -> Iterator[str]:
    if any(isinstance(each, dict) for each in found):
        keys = sorted(
            {
                key
                for each in found
                if isinstance(each, dict)
                for key, value in each.items()
                if not _is_nested(value)
            }
        )
        for each in found:
            yield from _text(each, name, keys if isinstance(each, dict) else None)
        return
    scalars = [_word(each) for each in found if not isinstance(each, list)]
    if scalars and name:
        yield from (f"{name.upper()}\t{word}" for word in scalars)
    elif scalars:
        yield "\t".join(scalars)
    for each in found:
        if isinstance(each, list):
            yield from _text_list(each, name)


# --- tables -------------------------------------------------------------------------------------------------


def table(found: Any, title: str) -> str:
    """Return a result as nested tables under a title."""
    sections = list(_sections(found, title, 0))
    width = max(
        [
            *(len(section.title) + 4 + 2 * section.depth for section in sections),
            *(section.natural_width() for section in sections),
        ]
    )
    lines = ["-" * (width + 2 if width else 2)]
    for section in sections:
        lines += section.lines(width)
    return "\n".join(lines) + "\n"


def _centred(word: str, width: int) -> str:
    """Return a word in the middle; of an odd number of blanks the more stand to its left."""
    blanks = max(0, width - len(word))
    return " " * ((blanks + 1) // 2) + word + " " * (blanks // 2)


class _Section:
    """One table: a title, perhaps a head, rows."""

    def __init__(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], depth: int) -> None:
        self.title = title
        self.head = head
        self.rows = rows
        self.depth = depth

    def _columns(self) -> list[int]:
        everything = [*([self.head] if self.head else []), *self.rows]
        return [max(len(word) for word in column) + 4 for column in zip(*everything, strict=True)]

    def natural_width(self) -> int:
        columns = self._columns()
        return sum(columns) + 2 * self.depth if columns else 0

    def lines(self, width: int) -> list[str]:
        bars = "|" * self.depth
        inner = width - 2 * self.depth
        lines = []
        if self.title:
            lines.append(f"{bars}|{_centred(self.title, inner)}|{bars}")
        columns = self._columns()
        if columns:
            spare = inner - (sum(columns) + len(columns) - 1)
            each, rest = divmod(max(0, spare), len(columns))
            columns = [size + each + (number < rest) for number, size in enumerate(columns)]
            # The CLI does not count the bars between columns: the first one gives way for them.
            columns[0] += min(0, spare)
            rule = f"{bars}+{'+'.join('-' * size for size in columns)}+{bars}"
            lines.append(rule)
            if self.head:
                words = (_centred(word, size) for word, size in zip(self.head, columns, strict=True))
                lines += [f"{bars}|{'|'.join(words)}|{bars}", rule]
            for row in self.rows:
                words = (f"  {word}".ljust(size) for word, size in zip(row, columns, strict=True))
                lines.append(f"{bars}|{'|'.join(words)}|{bars}")
            lines.append(rule)
        else:
            lines.append(f"{bars}+{'-' * inner}+{bars}")
        return lines


def _sections(found: Any, title: str, depth: int) -> Iterator[_Section]:
    if isinstance(found, dict):
        keys = sorted(key for key, value in found.items() if not _is_nested(value))
        if keys:
            yield _Section(title, keys, [[_word(found[key]) for key in keys]], depth)
        else:
            yield _Section(title, (), (), depth)
        for key in sorted(set(found) - set(keys)):
            yield from _sections(found[key], key, depth + 1)
    elif isinstance(found, list):
        yield from _list_sections(found, title, depth)
    else:
        yield _Section(title, (), [[_word(found)]], depth)


def _list_sections(found: list[Any], title: str, depth: int) -> Iterator[_Section]:
    if found and all(isinstance(each, dict) for each in found):
        keys = sorted({key for each in found for key, value in each.items() if not _is_nested(value)})
        flat = all(not any(_is_nested(value) for value in each.values()) for each in found)
        if flat:
            yield _Section(title, keys, [[_word(each.get(key, "")) for key in keys] for each in found], depth)
            return
        for each in found:
            yield from _sections(each, title, depth)
    elif found and all(isinstance(each, list) for each in found):
        width = max(len(each) for each in found)
        rows = [[_word(word) for word in each] + [""] * (width - len(each)) for each in found]
        yield _Section(title, (), rows, depth)
    else:
        yield _Section(title, (), [[_word(each)] for each in found], depth)
