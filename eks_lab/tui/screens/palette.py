"""The command palette, which leaves once, and whose list is moved through once it is there."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette

from eks_lab.tui.screen_stack import uncover


class Palette(CommandPalette):
    """Textual's palette for a program whose keys come faster than its screens."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave, once: a click that is read when a page has come in front of it closes nothing else."""
        return super().dismiss(result) if uncover(self) else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        # Textual moves by pages through a list that has not been laid out, and finds no row (KeyError).
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
