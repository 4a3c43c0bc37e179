"""How the style words of prose look: colours from the theme, by name, and a text style each.

Component classes would do the same through the stylesheet, but Textual matches every rule against each
of them for each widget: a page of thirty texts took longer to style than to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.color import Color, ColorParseError

# Later ones win: a term in bold stays a term, code in a heading stays code.
INKS: dict[str, tuple[tuple[str, ...], str]] = {
    "body": ((), ""),
    "muted": (("ink-muted", "foreground-muted"), ""),
    "title": (("foreground",), "bold"),
    "heading2": (("primary",), "bold"),
    "heading3": (("secondary",), "bold"),
    "table-head": (("primary",), "bold"),
    "marker": (("accent",), "bold"),
    "rule": (("ink-rule", "foreground-muted"), ""),
    "faint": (("ink-rule", "foreground-muted"), ""),
    "kicker": (("accent",), "bold"),
    "kicker-note": (("primary",), "bold"),
    "kicker-tip": (("success",), "bold"),
    "kicker-warning": (("warning",), "bold"),
    "kicker-example": (("secondary",), "bold"),
    "kicker-guide": (("ink-muted", "foreground-muted"), "bold"),
    "kicker-today": (("success",), "bold"),
    "kicker-try": (("accent",), "bold"),
    "accent": (("accent",), ""),
    "success": (("success",), ""),
    "warning": (("warning",), ""),
    "problem": (("error",), ""),
    "emphasis": ((), "italic"),
    "strong": ((), "bold"),
    "code": (("ink-code", "text-warning"), ""),
    "link": (("primary",), "underline"),
    "term": (("secondary",), "underline"),
    "hover": ((), "reverse"),
}
"""Style word: theme variables (the first one the theme has), text style."""


def ink(words: str, variables: Mapping[str, str]) -> Style:
    """Return the look of style words.

    Args:
        words: separated by spaces; unknown ones change nothing.
        variables: of the theme.
    """
    present = set(words.split())
    style = Style()
    for word, (names, text_style) in INKS.items():
        if word in present:
            name = next((name for name in names if name in variables), "")
            style += _style(variables.get(name, ""), text_style)
    return style


@lru_cache(maxsize=256)
def _style(color: str, text_style: str) -> Style:
    style = Style.parse(text_style) if text_style else Style()
    if color:
        try:
            style += Style(color=Color.parse(color).rich_color)
        except ColorParseError:
            # A theme of somebody else's may hold `auto 60%` here: plain text is always readable.
            return style
    return style
