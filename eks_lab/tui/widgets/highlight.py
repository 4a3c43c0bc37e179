"""Colours for code, out of the theme's variables; Pygments is loaded by the first block that needs it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from textual.content import Content, Span

from eks_lab.tui.widgets.console import PROMPT, typed_lines

if TYPE_CHECKING:
    from textual.highlight import HighlightTheme

_CONTROL = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}


def displayed(text: str) -> str:
    """Return code as it is shown: tabs as four spaces, no trailing line end, control characters made visible.

    A control character in a quoted file must reach the terminal as a picture, never as itself.
    """
    lines = [line.expandtabs(4).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n").translate(_CONTROL)


def visible(line: str) -> str:
    """Return a line with its control characters made visible; a tab is one of them, so that no column moves."""
    return line if line.isprintable() else line.translate(_CONTROL | {9: 0x2409})


@lru_cache(maxsize=256)
def highlight_code(text: str, language: str) -> Content:
    """Return code with its colours.

    Args:
        text: code as `displayed` returns it.
        language: a language of the course (`console`, `yaml`, `hcl` …); an unknown one stays plain.

    Returns:
        The same text, styled with theme variables, so that it follows a change of theme.
    """
    if language == "console":
        return _console(text)
    if language in ("", "text"):
        return Content(text)
    from textual.highlight import highlight

    coloured = highlight(text, language=language, theme=_theme())
    # Textual lays its own text colour below; without it, code is as bright as the page around it.
    return Content(text, [span for span in coloured.spans if span.style != "$text"])


def _console(text: str) -> Content:
    spans, start = [], 0
    for line, is_typed in zip(text.split("\n"), typed_lines(text), strict=True):
        end = start + len(line)
        if not is_typed:
            spans.append(Span(start, end, "$text-muted"))
        elif line.startswith(PROMPT):
            spans += [Span(start, start + 1, "$text-accent"), Span(start + 2, end, "bold")]
        else:
            spans.append(Span(start, end, "bold"))
        start = end + 1
    return Content(text, spans)


@cache
def _theme() -> type[HighlightTheme]:
    """Return the few colours code needs: names, strings, numbers and words of the language; the rest is text."""
    from pygments.token import Token
    from textual.highlight import HighlightTheme

    class CourseColours(HighlightTheme):
        STYLES = {  # noqa: RUF012 - Textual declares it so
            Token.Comment: "$text-muted italic",
            Token.Keyword: "$text-accent",
            Token.Keyword.Constant: "$text-warning",
            Token.Literal.Number: "$text-warning",
            Token.Literal.String: "$text-success",
            Token.Name.Attribute: "$text-primary",
            Token.Name.Builtin: "$text-accent",
            Token.Name.Class: "$text-secondary",
            Token.Name.Function: "$text-primary",
            Token.Name.Namespace: "$text-accent",
            Token.Name.Tag: "$text-primary",
            Token.Name.Variable: "$text-secondary",
            Token.Generic.Heading: "bold",
            Token.Generic.Subheading: "bold",
            Token.Generic.Strong: "bold",
            Token.Generic.Emph: "italic",
        }

    return CourseColours
