"""Scrolls a page for keys that belong to its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget


def turn(page: Widget, step: int) -> None:
    """Scroll by what is seen of a page, at once: of keys that come faster than the drawing, each counts.

    Args:
        page: what scrolls.
        step: 1 or -1.
    """
    height = max(1, page.scrollable_content_region.height)
    page.scroll_relative(y=step * height, animate=False, immediate=True)
