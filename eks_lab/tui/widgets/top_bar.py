"""The line above every screen: the name, where one is, and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events

NAME = "eks-lab"
_BADGE = f" {NAME} "


class TopBar(Widget):
    """Name on the left, crumbs after it, a remark on the right; the crumbs give way first."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TopBar {
        dock: top;
        height: 1;
        width: 1fr;
        background: $panel;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    crumbs: reactive[tuple[str, ...]] = reactive((), init=False)
    """Where one is, outermost first."""
    remark: reactive[str] = reactive("", init=False)
    """Shown at the right end when there is room."""

    def __init__(self, *crumbs: str, remark: str = "") -> None:
        """Show a place.

        Args:
            *crumbs: where one is, outermost first.
            remark: shown at the right end.
        """
        super().__init__()
        self.set_reactive(TopBar.crumbs, crumbs)
        self.set_reactive(TopBar.remark, remark)

    def render(self) -> Content:
        """Return the line for the present width."""
        width = self.size.width
        badge = Content.styled(_BADGE, "bold reverse $primary")
        remark = Content.styled(f" {self.remark} ", "$text-muted") if self.remark else Content("")
        if badge.cell_length + remark.cell_length > width:
            remark = Content("")
        room = width - badge.cell_length - remark.cell_length - 1
        crumbs = list(self.crumbs)
        # The innermost crumb says most: outer ones are dropped first, then it is cut.
        while len(crumbs) > 1 and sum(len(crumb) + 3 for crumb in crumbs) > room:
            crumbs.pop(0)
        parts = [
            Content.styled(crumb, "bold" if number == len(crumbs) - 1 else "$text-muted")
            for number, crumb in enumerate(crumbs)
        ]
        trail = Content.styled(" › ", "$text-muted").join(parts).truncate(max(0, room), ellipsis=True)
        gap = max(0, room - trail.cell_length)
        return Content.assemble(badge, " ", trail, " " * gap, remark)

    async def on_click(self, event: events.Click) -> None:
        """Lead from the name back to the course."""
        if event.x < len(_BADGE):
            event.stop()
            await self.run_action("app.home")
