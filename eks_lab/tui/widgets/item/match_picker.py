"""Things to join with their partners: rows on the left, lettered partners on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.reactive import reactive

from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.given import NOTHING
from eks_lab.content.page import Paragraph, Spans
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


_ROW_ROOM, _PARTNER_ROOM = 7, 4
_MOST = 10


class MatchPicker(HorizontalGroup, can_focus=True):
    """Takes the focus as one; a partner that is given to another row leaves the one it had."""

    ALLOW_SELECT = False
    HELP = """
## Pairs

`up` and `down` choose a row on the left. A letter gives it that partner; `left` and `right` go through the partners one by
one; `backspace` takes it away. `enter` answers when every row has one. With the mouse: click a row, then its partner.
"""
    BINDING_GROUP_TITLE = "Pairs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Answer", id="quiz.answer", tooltip="Answer with these pairs"),
        Binding("right", "turn(1)", "Partner", id="item.turn", tooltip="The next partner for this row"),
        Binding(
            "left", "turn(-1)", "Partner before", id="item.turn-back", show=False, tooltip="The partner before"
        ),
        Binding(
            "backspace,delete,minus", "give(-1)", "None", id="item.none", show=False, tooltip="Take it away"
        ),
        Binding("up", "move(-1)", "Up", id="quiz.up", show=False, tooltip="To the row above"),
        Binding("down", "move(1)", "Down", id="quiz.down", show=False, tooltip="To the row below"),
        *(
            Binding(
                letter, f"give({place})", f"Partner {letter}", id=f"item.give-{letter}", show=False,
                tooltip=f"Give this row the partner {letter}",
            )
            for place, letter in enumerate(LETTERS[:_MOST])
        ),
    ]  # fmt: skip

    DEFAULT_CSS = """
    MatchPicker {
        pointer: pointer;
        & > VerticalGroup { width: 1fr; }
        & > .match--partners { border-left: solid $ink-rule; padding: 0 0 0 1; margin: 0 0 0 1; }
        &:focus .-cursor { background: $panel; text-style: bold; }
        Prose:hover { background: $panel; }
    }
    """

    cursor: reactive[int] = reactive(0)
    """Row that the keys act on."""
    chosen: reactive[tuple[int, ...]] = reactive(())
    """Place of each row's partner, `NOTHING` without one."""

    @dataclass
    class Submitted(Message):
        """The learner answers."""

        picker: MatchPicker
        chosen: tuple[int, ...]
        """Place of each row's partner, `NOTHING` without one."""

        @property
        def control(self) -> MatchPicker:
            """The picker that was answered."""
            return self.picker

    def __init__(self, rows: Sequence[Spans], partners: Sequence[Spans], chosen: Sequence[int] = ()) -> None:
        """Offer pairs.

        Args:
            rows: what is given, from the top.
            partners: what may belong to it, in the order to show them; at most ten.
            chosen: place of each row's partner so far.
        """
        super().__init__()
        self._texts = tuple(rows)
        self._partner_texts = tuple(partners)
        self.set_reactive(MatchPicker.chosen, tuple(chosen) or (NOTHING,) * len(self._texts))
        self._rows: list[Prose] = []
        self._partners: list[Prose] = []
        self._rows = [Prose([self._row(place)]) for place in range(len(self._texts))]
        self._partners = [Prose([self._partner(place)]) for place in range(len(self._partner_texts))]

    def compose(self) -> ComposeResult:
        """Compose rows and partners beside each other."""
        yield VerticalGroup(*self._rows)
        yield VerticalGroup(*self._partners, classes="match--partners")

    def watch_cursor(self) -> None:
        """Move the mark."""
        self._draw()

    def watch_chosen(self) -> None:
        """Draw the letters."""
        self._draw()

    def watch_has_focus(self, value: bool) -> None:
        """Show the cursor only where keys act."""
        super().watch_has_focus(value)
        self._draw()

    def action_move(self, step: int) -> None:
        """Move the cursor; past the ends the key scrolls the page."""
        place = self.cursor + step
        if not 0 <= place < len(self._texts):
            raise SkipAction
        self.cursor = place
        self._rows[place].scroll_visible(animate=False)

    def action_give(self, partner: int) -> None:
        """Give the row under the cursor a partner, or none, and go on to the next row without one."""
        if partner >= len(self._partner_texts):
            raise SkipAction
        self._give(partner)
        if partner != NOTHING:
            open_rows = [place for place, each in enumerate(self.chosen) if each == NOTHING]
            after = [place for place in open_rows if place > self.cursor]
            self.cursor = next(iter(after or open_rows), self.cursor)
            self._rows[self.cursor].scroll_visible(animate=False)

    def action_turn(self, step: int) -> None:
        """Give the row the next partner that no other row has."""
        count = len(self._partner_texts)
        others = {each for place, each in enumerate(self.chosen) if place != self.cursor}
        partner = self.chosen[self.cursor]
        for _ in range(count + 1):
            partner = (partner + 1 + step) % (count + 1) - 1
            if partner == NOTHING or partner not in others:
                break
        self._give(partner)

    def action_submit(self) -> None:
        """Answer."""
        self.post_message(self.Submitted(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose the row that is clicked, or give it the partner that is clicked."""
        for place, row in enumerate(self._rows):
            if row.region.contains_point(event.screen_offset):
                event.stop()
                self.cursor = place
        for place, partner in enumerate(self._partners):
            if partner.region.contains_point(event.screen_offset):
                event.stop()
                self.action_give(place)

    def _give(self, partner: int) -> None:
        chosen = [NOTHING if each == partner else each for each in self.chosen]
        chosen[self.cursor] = partner
        self.chosen = tuple(chosen)

    def _draw(self) -> None:
        for place, row in enumerate(self._rows):
            row.set_class(place == self.cursor, "-cursor")
            row.set_items([self._row(place)])
        for place, partner in enumerate(self._partners):
            partner.set_items([self._partner(place)])

    def _row(self, place: int) -> Flow:
        pointer = "›" if place == self.cursor and self.has_focus else " "
        partner = self.chosen[place]
        letter = LETTERS[partner] if partner != NOTHING else " "
        marker = f"{pointer}{place + 1} [{letter}]"
        return Flow(Paragraph(self._texts[place], 0), indent=_ROW_ROOM, marker=marker, tight=True)

    def _partner(self, place: int) -> Flow:
        is_taken = place in self.chosen
        text = self._partner_texts[place]
        return Flow(
            Paragraph(text, 0),
            indent=_PARTNER_ROOM,
            marker=f"{LETTERS[place]})",
            tight=True,
            style="muted" if is_taken else "",
        )
