"""Options to pick one or several of; long ones wrap, the state is drawn and not only coloured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

_MARKER_ROOM = 7
_MOST = 9


class OptionPicker(VerticalGroup, can_focus=True):
    """A group of radio buttons or of check boxes that takes the focus as one."""

    ALLOW_SELECT = False
    HELP = """
## Options

`up` and `down` move, `space` picks, a digit picks at once, `enter` answers.
"""
    BINDING_GROUP_TITLE = "Options"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Answer", id="quiz.answer", tooltip="Answer with what is picked"),
        Binding("space", "pick_cursor", "Pick", id="quiz.pick", tooltip="Pick the option under the cursor"),
        Binding("up", "move(-1)", "Up", id="quiz.up", show=False, tooltip="To the option above"),
        Binding("down", "move(1)", "Down", id="quiz.down", show=False, tooltip="To the option below"),
        *(
            Binding(
                str(digit), f"pick({digit - 1})", f"Pick {digit}", id=f"quiz.pick-{digit}", show=False,
                tooltip=f"Pick option {digit}",
            )
            for digit in range(1, _MOST + 1)
        ),
    ]  # fmt: skip

    DEFAULT_CSS = """
    OptionPicker {
        pointer: pointer;
        &:focus > .-cursor { background: $panel; text-style: bold; }
        & > Prose:hover { background: $panel; }
    }
    """

    cursor: reactive[int] = reactive(0)
    """Place of the option the keys act on."""
    picked: reactive[frozenset[int]] = reactive(frozenset())
    """Places of the picked options."""

    @dataclass
    class Submitted(Message):
        """The learner answers."""

        picker: OptionPicker
        picked: tuple[int, ...]
        """Places of the picked options, ascending; empty when several may be picked and none is."""

        @property
        def control(self) -> OptionPicker:
            """The picker that was answered."""
            return self.picker

    def __init__(self, options: Sequence[Spans], *, is_multi: bool, picked: Iterable[int] = ()) -> None:
        """Offer options.

        Args:
            options: their texts, in the order to show them.
            is_multi: whether several may be picked.
            picked: places of those that are picked already.
        """
        super().__init__()
        self.set_reactive(OptionPicker.picked, frozenset(picked))
        self._options = tuple(options)
        self._is_multi = is_multi
        self._rows: list[Prose] = []
        self._rows = [Prose([self._flow(place)]) for place in range(len(self._options))]

    def compose(self) -> ComposeResult:
        """Compose one text an option."""
        yield from self._rows

    def watch_cursor(self) -> None:
        """Move the mark."""
        self._draw()

    def watch_picked(self) -> None:
        """Draw the marks."""
        self._draw()

    def watch_has_focus(self, value: bool) -> None:
        """Show the cursor only where keys act."""
        super().watch_has_focus(value)
        self._draw()

    def action_move(self, step: int) -> None:
        """Move the cursor; past the ends the key scrolls the page."""
        place = self.cursor + step
        if not 0 <= place < len(self._options):
            raise SkipAction
        self.cursor = place
        self._rows[place].scroll_visible(animate=False)

    def action_pick(self, place: int) -> None:
        """Pick an option, or take it back where several may be picked."""
        if not 0 <= place < len(self._options):
            raise SkipAction
        self.cursor = place
        self.picked = self.picked ^ {place} if self._is_multi else frozenset({place})

    def action_pick_cursor(self) -> None:
        """Pick the option under the cursor."""
        self.action_pick(self.cursor)

    def action_submit(self) -> None:
        """Answer; where one must be picked and none is, pick the one under the cursor first."""
        if not self.picked and not self._is_multi:
            self.action_pick_cursor()
            return
        self.post_message(self.Submitted(self, tuple(sorted(self.picked))))

    def on_click(self, event: events.Click) -> None:
        for place, row in enumerate(self._rows):
            if row.region.contains_point(event.screen_offset):
                event.stop()
                self.action_pick(place)

    def _draw(self) -> None:
        for place, row in enumerate(self._rows):
            row.set_class(place == self.cursor, "-cursor")
            row.set_items([self._flow(place)])

    def _flow(self, place: int) -> Flow:
        pointer = "›" if place == self.cursor and self.has_focus else " "
        is_picked = place in self.picked
        box = f"[{'x' if is_picked else ' '}]" if self._is_multi else f"({'•' if is_picked else ' '})"
        marker = f"{pointer}{place + 1} {box}"
        return Flow(Paragraph(self._options[place], 0), indent=_MARKER_ROOM, marker=marker, tight=True)
