"""Where somebody is in a sitting or an interview and what the clock says, with activity and answer below."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive

from eks_lab.tui.widgets.activity_panel import ActivityPanel


class ClockPanel(ActivityPanel):
    """One line while nothing happens: place on the left, clock on the right."""

    DEFAULT_CSS = """
    ClockPanel { height: auto; width: 1fr; padding: 0 1; }
    """

    place: reactive[str] = reactive("", layout=True)
    """Where one is."""
    clock: reactive[str] = reactive("", layout=True)
    """The time that is left, in words."""
    is_short: reactive[bool] = reactive(False)
    """Whether the time gets short; the words say so, too."""

    def state_lines(self) -> list[Content]:
        """Return place and clock in a line, or in two where they have no room."""
        if not self.place and not self.clock:
            return []
        width = max(1, self.content_size.width)
        place = Content.styled(self.place, "bold")
        clock = Content.styled(self.clock, "bold $text-warning" if self.is_short else "bold $text-accent")
        gap = width - place.cell_length - clock.cell_length
        if gap < 2:
            return [place.truncate(width, ellipsis=True), clock.truncate(width, ellipsis=True)]
        return [Content.assemble(place, " " * gap, clock)]
