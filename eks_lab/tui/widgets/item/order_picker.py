"""Steps to bring into their order: take one, move it, put it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.message import Message
from textual.reactive import reactive

from eks_lab.content.page import Paragraph, Spans
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

_MARKER_ROOM = 6
_MOST = 9


class OrderPicker(VerticalGroup, can_focus=True):
    """A list whose rows can be moved; the order is what the numbers say."""

    ALLOW_SELECT = False
    HELP = """
## Steps

`space` takes the step under the cursor, `up` and `down` move it, `space` puts it down. A digit moves it to that place
at once. `enter` answers. With the mouse: a click takes a step, another click puts it down there.
"""
    BINDING_GROUP_TITLE = "Steps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Answer", id="quiz.answer", tooltip="Answer with this order"),
        Binding("space", "take", "Take, put down", id="item.take", tooltip="Take the step, or put it down"),
        Binding("up", "move(-1)", "Up", id="quiz.up", show=False, tooltip="Up, with the step that is taken"),
        Binding(
            "down", "move(1)", "Down", id="quiz.down", show=False, tooltip="Down, with the step that is taken"
        ),
        *(
            Binding(
                str(digit), f"put({digit - 1})", f"To place {digit}", id=f"item.put-{digit}", show=False,
                tooltip=f"Move the step to place {digit}",
            )
            for digit in range(1, _MOST + 1)
        ),
    ]  # fmt: skip

    DEFAULT_CSS = """
    OrderPicker {
        pointer: pointer;
        &:focus > .-cursor { background: $panel; text-style: bold; }
        & > Prose:hover { background: $panel; }
    }
    """

    cursor: reactive[int] = reactive(0)
    """Place that the keys act on."""
    is_held: reactive[bool] = reactive(False)
    """Whether the step under the cursor moves with it."""
    order: reactive[tuple[int, ...]] = reactive(())
    """Which step stands at each place: places in the texts that were given."""

    @dataclass
    class Submitted(Message):
        """The learner answers."""

        picker: OrderPicker
        order: tuple[int, ...]
        """Places in the texts that were given."""

        @property
        def control(self) -> OrderPicker:
            """The picker that was answered."""
            return self.picker

    def __init__(self, texts: Sequence[Spans], order: Sequence[int] = ()) -> None:
        """Offer steps.

        Args:
            texts: as they are shown at first.
            order: an earlier order of them.
        """
        super().__init__()
        self._texts = tuple(texts)
        self.set_reactive(OrderPicker.order, tuple(order) or tuple(range(len(self._texts))))
        self._rows: list[Prose] = []
        self._rows = [Prose([self._flow(place)]) for place in range(len(self._texts))]

    def compose(self) -> ComposeResult:
        """Compose one text a step."""
        yield from self._rows

    def watch_cursor(self) -> None:
        """Move the mark."""
        self._draw()

    def watch_is_held(self) -> None:
        """Draw what is held."""
        self._draw()

    def watch_order(self) -> None:
        """Draw the steps anew."""
        self._draw()

    def watch_has_focus(self, value: bool) -> None:
        """Show the cursor only where keys act."""
        super().watch_has_focus(value)
        self._draw()

    def action_take(self) -> None:
        """Take the step under the cursor, or put it down."""
        self.is_held = not self.is_held

    def action_move(self, step: int) -> None:
        """Move the cursor, and what is held with it; past the ends the key scrolls the page."""
        place = self.cursor + step
        if not 0 <= place < len(self._texts):
            if self.is_held:
                return
            raise SkipAction
        if self.is_held:
            self.action_put(place)
        else:
            self.cursor = place
        self._rows[place].scroll_visible(animate=False)

    def action_put(self, place: int) -> None:
        """Move the step under the cursor to a place; the others close up."""
        if not 0 <= place < len(self._texts):
            raise SkipAction
        order = list(self.order)
        order.insert(place, order.pop(self.cursor))
        self.order = tuple(order)
        self.cursor = place

    def action_submit(self) -> None:
        """Answer; a step that is held is put down first."""
        if self.is_held:
            self.is_held = False
            return
        self.post_message(self.Submitted(self, self.order))

    def on_click(self, event: events.Click) -> None:
        """Take the step that is clicked, or put the one that is held down there."""
        for place, row in enumerate(self._rows):
            if row.region.contains_point(event.screen_offset):
                event.stop()
                if self.is_held:
                    self.action_put(place)
                    self.is_held = False
                else:
                    self.cursor = place
                    self.is_held = True

    def _draw(self) -> None:
        for place, row in enumerate(self._rows):
            row.set_class(place == self.cursor, "-cursor")
            row.set_items([self._flow(place)])

    def _flow(self, place: int) -> Flow:
        is_here = place == self.cursor and self.has_focus
        pointer = "↕" if is_here and self.is_held else "›" if is_here else " "
        marker = f"{pointer} {place + 1}."
        return Flow(
            Paragraph(self._texts[self.order[place]], 0), indent=_MARKER_ROOM, marker=marker, tight=True
        )
