"""What is under way, what came of the last key, and what is wrong, in a few lines."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from eks_lab.tui.sandbox_view import Activity, Said
from eks_lab.tui.status_rows import MARKS, Tone

STYLES = {
    Tone.GOOD: "$text-success",
    Tone.WAITING: "$text-warning",
    Tone.BAD: "$text-error",
    Tone.PLAIN: "",
}
BAR_CELLS = 24


class ActivityPanel(Widget):
    """Activity first, then how things stand, then trouble and answer."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    ActivityPanel { height: auto; width: 1fr; padding: 0 1; }
    """

    activity: reactive[Activity | None] = reactive(None, layout=True)
    """What takes a while."""
    said: reactive[Said | None] = reactive(None, layout=True)
    """What came of the last key."""
    trouble: reactive[Said | None] = reactive(None, layout=True)
    """Why nothing can be seen."""

    def state_lines(self) -> list[Content]:
        """Return how things stand."""
        return []

    def render(self) -> Content:
        """Return the lines."""
        lines: list[Content] = []
        if self.activity is not None:
            lines.append(_activity(self.activity))
        lines += self.state_lines()
        for said in (self.trouble, self.said):
            if said is not None:
                lines.append(Content.styled(f"{MARKS[said.tone]} {said.text}", STYLES[said.tone]))
                if said.hint:
                    lines.append(Content.assemble("  ", (f"Next: {said.hint}", "$text-muted")))
        return Content("\n").join(lines)


def _activity(activity: Activity) -> Content:
    full = min(BAR_CELLS, int(activity.part * BAR_CELLS))
    bar = "█" * full + "░" * (BAR_CELLS - full)
    text = f"▶ {activity.text}  "
    hint = f"  {activity.hint}" if activity.hint else ""
    return Content.assemble(
        (text, "bold"), (bar, "$text-primary"), f" {activity.part:.0%}", (hint, "$text-muted")
    )
