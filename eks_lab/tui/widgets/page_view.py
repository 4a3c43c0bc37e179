"""A lesson as a scrolling page that knows where the reader is and can put them back there.

A *place* is the heading above the top line and the fraction of the way to the next heading: it
survives another terminal width and edits elsewhere in the lesson.

Only what is on the screen is mounted at first; the rest follows while the reader reads, with spacers
standing for it. Whatever grows, shrinks or wraps anew, the line at the top stays where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, VerticalGroup
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from eks_lab.tui.page_window import Window, first_window, next_batch
from eks_lab.tui.widgets.page_blocks import PageContext, Slot, prose_slot, slots
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.worker import WorkType

    from eks_lab.content.page import Page
    from eks_lab.tui.typeset import Flow

_LEAD_LINES = 2
"""A section counts as reached when its heading is this many lines below the top."""
_FILL_PAUSE_SECONDS = 0.02
"""Between two steps of filling in, so that keys get through."""
_SIDE_CELLS = 4
"""Padding of the column, for the estimate before the first layout."""


@dataclass(frozen=True, slots=True)
class _Hold:
    """The line that must stay at the top while the layout changes."""

    widget: Widget
    line: int
    """From the top of the widget."""
    height: int
    width: int


class Spacer(Widget):
    """Stands for the part of the page that is not mounted yet."""

    DEFAULT_CSS = "Spacer { height: auto; width: 1fr; }"

    def __init__(self, rows: int) -> None:
        """Take room.

        Args:
            rows: how much.
        """
        super().__init__()
        self._rows = rows

    @property
    def rows(self) -> int:
        """The room it takes."""
        return self._rows

    @rows.setter
    def rows(self, rows: int) -> None:
        if rows != self._rows:
            self._rows = rows
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the room it takes."""
        return self._rows

    def render(self) -> str:
        """Return nothing."""
        return ""


class PageView(ScrollableContainer, can_focus=True, inherit_bindings=False):
    """The page of one lesson. Showing another lesson means mounting another one."""

    BINDING_GROUP_TITLE = "Page"
    HELP = "Arrow keys, Space and the Page keys move the page; Tab goes to the next thing you can use in it."
    DEFAULT_CSS = """
    PageView {
        overflow: hidden auto;
        scrollbar-size-vertical: 1;
        align-horizontal: center;
        .page--column { width: 1fr; min-width: 24; max-width: 88; height: auto; padding: 0 1; }
        .page--column > * { margin-top: 1; }
        .page--column > .page--head { margin-top: 0; }
        .page--column > Spacer { margin-top: 0; }
        .-indent-2 { margin-left: 2; }
        .-indent-3 { margin-left: 3; }
        .-indent-4 { margin-left: 4; }
        .-indent-5 { margin-left: 5; }
        .-indent-6 { margin-left: 6; }
        .-indent-7 { margin-left: 7; }
        .-indent-8 { margin-left: 8; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "line_down", "Down", show=False, id="page.down", tooltip="One line down"),
        Binding("up,k", "line_up", "Up", show=False, id="page.up", tooltip="One line up"),
        Binding(
            "space,pagedown",
            "screen_down",
            "Page down",
            show=False,
            id="page.page-down",
            tooltip="One screen down",
        ),
        Binding(
            "pageup,backspace",
            "screen_up",
            "Page up",
            show=False,
            id="page.page-up",
            tooltip="One screen up",
        ),
        Binding("home", "top", "Top", show=False, id="page.top", tooltip="Beginning of the lesson"),
        Binding("end", "bottom", "End", show=False, id="page.end", tooltip="End of the lesson"),
    ]

    @dataclass
    class PlaceChanged(Message):
        """The reader moved in the page."""

        page_view: PageView
        anchor: str
        """Heading above the top line; empty at the top."""
        fraction: float
        section: str
        """Heading of the section being read, for the contents."""
        percent: int
        """How much of the page has been on the screen."""

        @property
        def control(self) -> PageView:
            """The page."""
            return self.page_view

        def can_replace(self, message: Message) -> bool:
            """Return whether a queued message is out of date."""
            return isinstance(message, PageView.PlaceChanged) and message.page_view is self.page_view

    @dataclass
    class Filled(Message):
        """All of the page is mounted: what Tab leads to is there."""

        page_view: PageView

        @property
        def control(self) -> PageView:
            """The page."""
            return self.page_view

    def __init__(
        self,
        head: Sequence[Flow],
        page: Page,
        context: PageContext,
        *,
        ending: Callable[[], Widget] | None = None,
        anchor: str = "",
        fraction: float = 0.0,
        reading_width: int = 88,
        viewport: Size | None = None,
        id: str | None = None,
    ) -> None:
        """Show a lesson.

        Args:
            head: title and objectives, above the page.
            page: the lesson's blocks.
            context: makes live widgets.
            ending: makes what comes below the page.
            anchor: heading of the place to open at.
            fraction: how far from it to the next one, 0 to 1.
            reading_width: widest line, in cells.
            viewport: the room the page will have, as far as it is known.
            id: of the widget.
        """
        super().__init__(id=id)
        self._slots: list[Slot] = [
            prose_slot(tuple(head), context, "page--head"),
            *slots(page.blocks, context),
        ]
        if ending is not None:
            self._slots.append(Slot(ending, lambda width: 6, 4))
        self._reading_width = reading_width
        self._rows_for = 0
        self._rows: list[int] = []
        self._target: tuple[str, float] | None = (anchor, fraction)
        self._hold: _Hold | None = None
        self._settled: tuple[int, int, int] | None = None
        self._is_moving = False
        self._when_settled: Callable[[], None] | None = None
        # A short page cannot bring a late heading to its top; the contents mark it all the same.
        self._named_section = anchor if not fraction else ""
        room = viewport if viewport else Size(80, 24)
        rows = self._estimates(min(reading_width, room.width - 1) - _SIDE_CELLS)
        first, end = self._estimated_bounds(anchor, rows) or (0, 0)
        self._window: Window = first_window(rows, first + round(fraction * (end - first)), room.height)
        self._above = Spacer(sum(rows[: self._window.start]))
        self._below = Spacer(sum(rows[self._window.stop :]))
        self._made: list[Widget] = []
        self.column = VerticalGroup(classes="page--column")
        """Holds everything. It may leave the tree before the page knows that it goes."""

    def compose(self) -> ComposeResult:
        """Compose what will be on the screen, with spacers for the rest."""
        with self.column:
            self.column.styles.max_width = self._reading_width
            yield self._above
            self._made = [slot.make() for slot in self._slots[self._window.start : self._window.stop]]
            yield from self._made
            yield self._below

    @property
    def reading_width(self) -> int:
        """Widest line, in cells."""
        return self._reading_width

    @reading_width.setter
    def reading_width(self, width: int) -> None:
        self._reading_width = width
        self.column.styles.max_width = width

    # What is mounted

    def _estimates(self, width: int) -> list[int]:
        """Return the height of every slot at a width of the column."""
        width = max(1, width)
        if width != self._rows_for:
            self._rows_for = width
            self._rows = [slot.rows(width) for slot in self._slots]
        return self._rows

    def _estimated_bounds(self, anchor: str, rows: list[int]) -> tuple[int, int] | None:
        """Return about where a heading's part starts and ends, before anything is laid out."""
        lines: list[tuple[str, int]] = []
        top = 0
        for slot, height in zip(self._slots, rows, strict=True):
            lines += [(name, top) for name in slot.anchors]
            top += height
        if not anchor:
            return 0, lines[0][1] if lines else top
        for number, (name, line) in enumerate(lines):
            if name == anchor:
                return line, lines[number + 1][1] if number + 1 < len(lines) else top
        return None

    @property
    def is_complete(self) -> bool:
        """Whether all of the page is mounted."""
        return self._window.start == 0 and self._window.stop == len(self._slots)

    async def _fill(self) -> None:
        """Mount the rest of the page, nearest to the reader first, in steps that leave room for keys."""
        while not self.is_complete:
            await asyncio.sleep(_FILL_PAUSE_SECONDS)
            if not self.column.is_attached:
                return
            await self._grow(next_batch(self._window, [slot.weight for slot in self._slots]))
        self.post_message(self.Filled(self))

    async def _grow(self, window: Window) -> None:
        """Mount the slots of a larger window."""
        before, self._window = self._window, window
        over = [slot.make() for slot in self._slots[window.start : before.start]]
        under = [slot.make() for slot in self._slots[before.stop : window.stop]]
        rows = self._estimates(self.column.content_size.width or self._rows_for)
        column = self.column
        self._made = [*over, *self._made, *under]
        with self.app.batch_update():
            self._above.rows = sum(rows[: window.start])
            self._below.rows = sum(rows[window.stop :])
            if over:
                await column.mount(*over, after=self._above)
            if under and column.is_attached:
                await column.mount(*under, before=self._below)

    # Place

    def heading_lines(self) -> list[tuple[str, int]]:
        """Return each heading's anchor and line from the top of the page, in order.

        Lines of parts that are not mounted are estimates.
        """
        lines: list[tuple[str, int]] = []
        top = self.column.virtual_region.y
        rows = self._estimates(self.column.content_size.width or self._rows_for)
        for number, slot in enumerate(self._slots):
            made = number - self._window.start
            if 0 <= made < len(self._made):
                widget = self._made[made]
                region = widget.virtual_region
                if slot.anchors and isinstance(widget, Prose):
                    at = self.column.virtual_region.y + region.y
                    lines += [(anchor, at + line) for anchor, line in widget.anchor_lines().items()]
                top = self.column.virtual_region.y + region.bottom
            else:
                lines += [(anchor, top) for anchor in slot.anchors]
                top += rows[number]
        return lines

    def _bounds(self, anchor: str) -> tuple[int, int] | None:
        """Return the first line of a heading's part and the first line after it."""
        headings = self.heading_lines()
        end = self.virtual_size.height
        if not anchor:
            return 0, headings[0][1] if headings else end
        for number, (name, line) in enumerate(headings):
            if name == anchor:
                return line, headings[number + 1][1] if number + 1 < len(headings) else end
        return None

    def place(self) -> tuple[str, float]:
        """Return the heading above the top line and the fraction of the way to the next one."""
        if self._target is not None and not (self._is_settled() and self.is_complete):
            return self._target
        top = self.scroll_offset.y
        above = ""
        for anchor, line in self.heading_lines():
            if line > top:
                break
            above = anchor
        first, end = self._bounds(above) or (0, self.virtual_size.height)
        return above, min(1.0, (top - first) / (end - first)) if end > first else 0.0

    def section(self) -> str:
        """Return the anchor of the heading that is being read."""
        if self._named_section:
            return self._named_section
        top = self.scroll_offset.y
        if self.max_scroll_y and top >= self.max_scroll_y:
            top += self.size.height // 2
        found = ""
        for anchor, line in self.heading_lines():
            if line > top + _LEAD_LINES:
                break
            found = anchor
        return found

    def percent(self) -> int:
        """Return how much of the page is above the bottom of the screen."""
        height = self.virtual_size.height
        if not height:
            return 0
        return min(100, 100 * (self.scroll_offset.y + self.container_size.height) // height)

    @property
    def is_shown(self) -> bool:
        """Whether what is on the screen has its final shape."""
        return self._is_settled()

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is on the screen."""
        return self.is_complete and self._is_settled() and self.scroll_offset.y >= self.max_scroll_y

    def go_to(self, anchor: str, fraction: float = 0.0) -> bool:
        """Put a place at the top of the screen.

        Args:
            anchor: a heading; empty for the top of the page.
            fraction: how far from it to the next one, 0 to 1.

        Returns:
            False when there is no such heading.
        """
        if self._bounds(anchor) is None:
            return False
        self._target = (anchor, fraction)
        self._named_section = anchor if not fraction else ""
        if self.is_complete:
            self._apply_target()
            self._settle()
        else:
            self._complete_now(self._settle)
        return True

    def _complete_now(self, then: Callable[[], None]) -> None:
        """Mount the rest of the page at once: somebody wants to see it."""
        self._when_settled = then
        self.call_next(self._grow, Window(0, len(self._slots)))

    def _apply_target(self) -> None:
        if self._target is None:
            return
        anchor, fraction = self._target
        first, end = self._bounds(anchor) or (0, 0)
        self._move_to(first + round(fraction * (end - first)))

    def _move_to(self, y: int) -> None:
        self._is_moving = True
        try:
            self.scroll_to(y=y, animate=False, immediate=True, force=True)
        finally:
            self._is_moving = False

    # Layout in flux

    def _shape(self) -> tuple[int, int, int]:
        return self.size.width, self.size.height, self.virtual_size.height

    def _is_settled(self) -> bool:
        return self._settled == self._shape()

    def on_mount(self) -> None:
        """Go to the place the page was opened at, once it has a shape."""
        self.call_after_refresh(self._layout_changed)
        # A function, not a coroutine: one that never gets to start must not be left behind.
        fill: WorkType[None] = self._fill
        self.run_worker(fill, group="fill")

    def watch_virtual_size(self) -> None:
        """Hold the place when something in the page grows or shrinks."""
        self.call_after_refresh(self._layout_changed)

    def on_resize(self) -> None:
        """Hold the place when the window changes."""
        self.call_after_refresh(self._layout_changed)

    def _layout_changed(self) -> None:
        # Also when the shape is the settled one again: it may have been another one in between, and a
        # page that was shorter for a moment has pulled the scroll offset up.
        if not self.is_attached or not self.children:
            return
        if not self.size or not self.column.size:
            # Mounted but not laid out yet: ask again after the next layout.
            self.call_after_refresh(self._layout_changed)
            return
        if self._target is not None:
            self._apply_target()
        elif (hold := self._hold) is not None and hold.widget.is_attached:
            line = hold.line
            if hold.width != hold.widget.size.width and hold.height:
                line = round(hold.line * hold.widget.size.height / hold.height)
            self._move_to(self.column.virtual_region.y + hold.widget.virtual_region.y + line)
        if not self._is_settled():
            self._settle()

    def _settle(self) -> None:
        self._settled = self._shape()
        self._remember_top()
        self._tell()
        if self.is_complete and self._when_settled is not None:
            then, self._when_settled = self._when_settled, None
            then()

    def _remember_top(self) -> None:
        top = self.scroll_offset.y - self.column.virtual_region.y
        found = self.column.children[0]
        for child in self.column.children:
            if not child.size:
                # Mounted but not laid out yet: it is nowhere, which looks like the top of the page.
                continue
            # What stands for the rest of the page moves down with all that is mounted before it.
            if child is self._below or child.virtual_region.y > top:
                break
            found = child
        self._hold = _Hold(found, top - found.virtual_region.y, found.size.height, found.size.width)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note where the reader is, unless it is the layout that moved."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) == round(new_value) or self._is_moving or not self.children:
            return
        if not self._is_settled() and new_value < old_value and round(new_value) == self.max_scroll_y:
            # A page that became shorter pulls its end up; the reader did not move.
            return
        self._named_section = ""
        self._target = None
        self._remember_top()
        self._tell()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Restyle the page alone: nothing in it looks different while it has the focus."""
        self.app.stylesheet.update_nodes([self])

    def on_mouse_down(self) -> None:
        """From here on the reader decides, not the place that was asked for."""
        self._target = None

    def on_descendant_focus(self) -> None:
        """From here on the reader decides, not the place that was asked for."""
        self._target = None

    def _tell(self) -> None:
        anchor, fraction = self.place()
        self.post_message(self.PlaceChanged(self, anchor, fraction, self.section(), self.percent()))

    # Keys

    def on_key(self, event: events.Key) -> None:
        """From here on the reader decides, not the place that was asked for."""
        self._target = None

    def action_line_down(self) -> None:
        """Scroll one line down."""
        self._step(1)

    def action_line_up(self) -> None:
        """Scroll one line up."""
        self._step(-1)

    def action_screen_down(self) -> None:
        """Scroll almost one screen down: two lines stay, so that the eye keeps its place."""
        self._step(max(1, self.size.height - 2))

    def action_screen_up(self) -> None:
        """Scroll almost one screen up."""
        self._step(-max(1, self.size.height - 2))

    def _step(self, lines: int) -> None:
        # At once: of keys that come faster than the screen is drawn, each would count from where the first began.
        self.scroll_relative(y=lines, animate=False, immediate=True)

    def action_top(self) -> None:
        """Go to the beginning."""
        self._jump(lambda: self.scroll_to(y=0, animate=False))

    def action_bottom(self) -> None:
        """Go to the end."""
        self._jump(lambda: self.scroll_to(y=self.max_scroll_y, animate=False))

    def _jump(self, scroll: Callable[[], None]) -> None:
        if self.is_complete:
            scroll()
        else:
            self._complete_now(scroll)
