"""The steps of an answer as a list with a cursor; Enter asks for the explanation of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from eks_lab.calc.model import Answer, Step
from eks_lab.tui.inks import ink
from eks_lab.tui.typeset import Line, typeset
from eks_lab.tui.widgets.answer_text import earlier_values, step_flow, step_name

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Size

_MARK = "› "


class StepList(Widget, can_focus=True):
    """How an answer comes about, step by step."""

    HELP = """
## Steps

`up` and `down` go through the steps, `enter` explains one: what it is for, and where it comes from.
"""
    BINDING_GROUP_TITLE = "Steps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "explain", "Explain", id="steps.explain", tooltip="What this step is for"),
        Binding("down,j", "move(1)", "Next step", show=False, id="steps.down", tooltip="Next step"),
        Binding("up,k", "move(-1)", "Step before", show=False, id="steps.up", tooltip="Step before"),
        Binding("home", "end(0)", "First step", show=False, id="steps.first", tooltip="First step"),
        Binding("end", "end(-1)", "Last step", show=False, id="steps.last", tooltip="Last step"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"steps--cursor"}
    DEFAULT_CSS = """
    StepList {
        height: auto;
        width: 1fr;
        padding: 0 0 0 1;
        border-left: outer transparent;
        &:focus { border-left: outer $accent; }
        .steps--cursor { background: $panel; }
    }
    """

    cursor: reactive[int] = reactive(0, init=False)
    """The step that Enter explains, counted from 0."""

    @dataclass
    class Chosen(Message):
        """A step is to be explained."""

        steps: StepList
        place: int
        """From 0."""

        @property
        def control(self) -> StepList:
            """The list."""
            return self.steps

    def __init__(self) -> None:
        """Wait for an answer."""
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self._before: Answer | None = None
        self._typeset: tuple[int, list[tuple[int, Line]]] | None = None

    def show(self, steps: Sequence[Step], before: Answer | None) -> None:
        """Show steps.

        Args:
            steps: of an answer, in order.
            before: an earlier answer; what differs from it is said.
        """
        if tuple(steps) == self._steps and before == self._before:
            return
        self._steps, self._before = tuple(steps), before
        self._typeset = None
        self.set_reactive(StepList.cursor, max(0, min(self.cursor, len(self._steps) - 1)))
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        """Return one line of a step."""
        width = self.content_size.width
        lines = self._lines(width)
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        place, line = lines[y]
        is_marked = self.has_focus and place == self.cursor
        base = self.rich_style
        if is_marked:
            base += Style(bgcolor=self.get_component_rich_style("steps--cursor").bgcolor)
        meta = Style(meta={"step": place})
        is_first = y == 0 or lines[y - 1][0] != place
        mark = _MARK if is_marked and is_first else " " * len(_MARK)
        segments = [Segment(mark, base + ink("marker", self.app.theme_variables) + meta)]
        segments += [
            Segment(piece.text, base + ink(piece.style, self.app.theme_variables) + meta) for piece in line
        ]
        return Strip(segments).adjust_cell_length(width, base).simplify()

    def notify_style_update(self) -> None:
        """Draw again in the new colours."""
        super().notify_style_update()
        self.refresh()

    def watch_cursor(self) -> None:
        """Mark the step and bring it into view."""
        self.refresh()
        self._show_cursor()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Show or hide the mark."""
        super().watch_has_focus(_has_focus)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Go to the next step, or to the one before."""
        self.cursor = max(0, min(len(self._steps) - 1, self.cursor + by))

    def action_end(self, place: int) -> None:
        """Go to the first or the last step."""
        if self._steps:
            self.cursor = range(len(self._steps))[place]

    def action_explain(self) -> None:
        """Ask for the explanation of the step under the cursor."""
        if self._steps:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Explain the step that was clicked."""
        place = event.style.meta.get("step")
        if isinstance(place, int):
            event.stop()
            self.cursor = place
            self.action_explain()

    def _lines(self, width: int) -> list[tuple[int, Line]]:
        if self._typeset is None or self._typeset[0] != width:
            earlier = earlier_values(self._before)
            room = max(1, width - len(_MARK))
            lines: list[tuple[int, Line]] = []
            for place, step in enumerate(self._steps):
                flows = step_flow(step, place + 1, earlier.get(step_name(step)))
                lines += [(place, line) for line in typeset(flows, room).lines]
            self._typeset = (width, lines)
        return self._typeset[1]

    def _show_cursor(self) -> None:
        """Scroll whatever holds the list, so that the whole step is seen."""
        lines = [
            y for y, (place, _) in enumerate(self._lines(self.content_size.width)) if place == self.cursor
        ]
        if not lines or not self.is_attached:
            return
        region = Region(0, lines[0], max(1, self.size.width), len(lines))
        self.call_after_refresh(self._bring_into_view, region)

    def _bring_into_view(self, region: Region) -> None:
        for ancestor in self.ancestors:
            if isinstance(ancestor, Widget) and ancestor.allow_vertical_scroll:
                offset = self.virtual_region.offset
                node = self.parent
                while isinstance(node, Widget) and node is not ancestor:
                    offset += node.virtual_region.offset
                    node = node.parent
                ancestor.scroll_to_region(
                    region.translate(offset), spacing=Spacing(1, 0, 1, 0), animate=False, force=True
                )
                return
