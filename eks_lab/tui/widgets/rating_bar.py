"""How well a card was known: four keys, with when the card comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from eks_lab.tui.question_rows import RatingChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

_ONE_LINE_FROM = 96
"""Columns that question and ratings take beside each other."""


class RatingBar(Widget):
    """A row of ratings above the footer; a click chooses one, as its digit does."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    RatingBar {
        dock: bottom;
        height: auto;
        width: 1fr;
        margin: 0 0 1 0;
        padding: 0 2;
        background: $panel;
        display: none;
        link-color: $foreground;
        link-style: none;
        link-background: transparent;
        link-color-hover: $foreground;
        link-style-hover: underline;
        link-background-hover: transparent;
        &.-shown { display: block; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A rating was clicked."""

        bar: RatingBar
        value: int

        @property
        def control(self) -> RatingBar:
            """The bar."""
            return self.bar

    ratings: reactive[tuple[RatingChoice, ...]] = reactive((), layout=True)
    """What is offered; nothing hides the bar."""
    suggested: reactive[int] = reactive(0)
    """The rating that Enter takes; 0 for none."""

    def show(self, ratings: Sequence[RatingChoice], suggested: int) -> None:
        """Offer ratings.

        Args:
            ratings: from Again on; none hides the bar.
            suggested: the one that Enter takes; 0 for none.
        """
        self.ratings, self.suggested = tuple(ratings), suggested
        self.set_class(bool(ratings), "-shown")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one line, or two where one is too short."""
        return 1 if width >= _ONE_LINE_FROM else 2

    def render(self) -> Content:
        """Return the ratings for the present width."""
        question = Content.styled("How well did you know it?", "bold")
        parts = [self._part(rating) for rating in self.ratings]
        if self.content_size.width >= _ONE_LINE_FROM:
            return Content("  ").join([question, *parts])
        return Content("\n").join([question, Content("  ").join(parts)])

    def _part(self, rating: RatingChoice) -> Content:
        is_suggested = rating.value == self.suggested
        part = Content.assemble(
            "▸" if is_suggested else " ",
            (str(rating.value), "bold $footer-key-foreground"),
            (f" {rating.name} ", "bold underline" if is_suggested else ""),
            (rating.interval, "$text-muted"),
        )
        return part.stylize(Style.from_meta({"@click": f"choose({rating.value})"}))

    def action_choose(self, value: int) -> None:
        """Pass a click on."""
        self.post_message(self.Chosen(self, value))
