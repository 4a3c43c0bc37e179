"""The clock of a lab above its story, with what is under way and what came of the last key."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive

from eks_lab.tui.lab_view import LabState
from eks_lab.tui.widgets.activity_panel import ActivityPanel


class LabPanel(ActivityPanel):
    """A line or two while nothing happens."""

    DEFAULT_CSS = """
    LabPanel { height: auto; width: 1fr; padding: 0 1; }
    """

    state: reactive[LabState | None] = reactive(None, layout=True)
    """The lab that runs; None before the first look."""

    def state_lines(self) -> list[Content]:
        """Return simulated time and how many checks are green."""
        state = self.state
        if state is None:
            is_quiet = self.activity is None and self.trouble is None and self.said is None
            return [Content.styled("Looking for the lab…", "$text-muted")] if is_quiet else []
        lines = []
        if state.clock:
            lines.append(Content.assemble(("time  ", "$text-muted"), state.clock))
        if state.notice:
            lines.append(Content.styled(f"▲ {state.notice}", "$text-warning"))
        if state.is_solved:
            lines.append(
                Content.assemble(
                    (f"✓ Solved: {state.points} points.", "bold $text-success"),
                    "  d debrief",
                    ", n next lab" if state.next_id else "",
                )
            )
        return lines
