"""The try boxes of the page that is open: what stands below each, and which of them a key means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from eks_lab.content.page import Callout, Paragraph, Span
from eks_lab.tui.try_access import TryAccess, TryPlace
from eks_lab.tui.try_block import try_block
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.callout_box import CalloutBox
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.try_run import TryRun

if TYPE_CHECKING:
    from textual.widget import Widget

IN_THE_APP = "In the app, a button here runs these commands in the sandbox."


class TryBoxes:
    """Makes what runs the commands of a page, and keeps it until the next page."""

    def __init__(self, access: Callable[[], TryAccess], title_of: Callable[[str], str]) -> None:
        """Begin without a page.

        Args:
            access: returns who runs commands; asked when a page has a box.
            title_of: returns the title of a lesson, or its id when there is none.
        """
        self._access = access
        self._title_of = title_of
        self._made: list[TryRun] = []
        self._place = TryPlace("", Path())
        self._run_key = self._open_key = ""

    def begin(self, place: TryPlace, run_key: str, open_key: str) -> None:
        """Begin another page.

        Args:
            place: its lesson.
            run_key: the key that runs commands, as a person reads it.
            open_key: the key that shows all of their output.
        """
        self._made = []
        self._place, self._run_key, self._open_key = place, run_key, open_key

    def below(self, callout: Callout) -> Iterable[Widget]:
        """Return what stands below the text of a try box: the control that runs it, or why it is not run."""
        block = try_block(callout)
        if block.why_not:
            return (note(block.why_not),)
        about = f"It goes on from “{self._title_of(block.after)}”: run that box first." if block.after else ""
        box = TryRun(
            block,
            self._access(),
            self._place,
            run_key=self._run_key,
            open_key=self._open_key,
            about=about,
        )
        self._made.append(box)
        return (box,)

    def meant(self, page: Widget | None, focused: Widget | None) -> TryRun | None:
        """Return the box that the key is for: the one with the focus, else the first one in sight.

        Args:
            page: what scrolls.
            focused: the widget with the focus.
        """
        shown: TryRun | None = None
        for made in self._made:
            frame = next((each for each in made.ancestors if isinstance(each, CalloutBox)), None)
            if frame is None or page is None or not made.is_attached:
                continue
            if focused is not None and frame in focused.ancestors:
                return made
            if shown is None and frame.region.overlaps(page.region):
                shown = made
        return shown

    def stop(self) -> bool:
        """End what runs; return whether something did."""
        busy = [made for made in self._made if made.is_attached and made.is_busy]
        for made in busy:
            made.action_stop()
        return bool(busy)


def note(text: str) -> Prose:
    """Return a line below a try box that says what can be done with it."""
    return Prose([Flow(Paragraph((Span(text),), 0), style="muted", tight=True)])
