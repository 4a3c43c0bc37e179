"""The markdown-it plugin for `::name{…}` lines and `:::kind{…}` boxes, and their attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mdit_py_plugins.container import container_plugin

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

LEAF = re.compile(r"::(?P<name>[A-Za-z][\w-]*)\s*(?P<rest>.*)$")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<key>[A-Za-z_][\w-]*)(?:=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{}=]+)))?(?=\s|$)"""
)


class AttributeSyntaxError(ValueError):
    """Attributes that cannot be read; the text says why."""


def parse_attributes(text: str) -> dict[str, str]:
    """Return the attributes of `{key=value flag title="two words"}`; a flag has the value `true`.

    Args:
        text: what follows the name; may be empty.

    Raises:
        AttributeSyntaxError: no braces, an unclosed quote, or a key that stands twice.
    """
    text = text.strip()
    if not text:
        return {}
    if not (text.startswith("{") and text.endswith("}")):
        raise AttributeSyntaxError(f"{text!r} should stand in braces: {{key=value}}")
    inner, found, position = text[1:-1].strip(), dict[str, str](), 0
    while position < len(inner):
        match = _ATTRIBUTE.match(inner, position)
        if match is None:
            raise AttributeSyntaxError(
                f'cannot read {inner[position:].strip()!r}; write key=value or key="two words"'
            )
        key = match["key"]
        if key in found:
            raise AttributeSyntaxError(f"{key!r} stands twice")
        values = [match[group] for group in ("double", "single", "bare") if match[group] is not None]
        found[key] = values[0] if values else "true"
        position = match.end()
    return found


def directive_plugin(markdown: MarkdownIt) -> None:
    """Teach a parser `directive` tokens (info: the rest of the line) and `container_box_…` tokens."""
    markdown.block.ruler.before(
        "fence", "directive", _leaf, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.use(container_plugin, name="box", marker=":", validate=lambda params, *_: True)


def _leaf(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    begin = state.bMarks[start_line] + state.tShift[start_line]
    text = state.src[begin : state.eMarks[start_line]]
    match = LEAF.match(text)
    if match is None:
        return False
    if silent:
        return True
    token = state.push("directive", "", 0)
    token.map = [start_line, start_line + 1]
    token.meta = {"name": match["name"], "rest": match["rest"]}
    token.markup = "::"
    state.line = start_line + 1
    return True
