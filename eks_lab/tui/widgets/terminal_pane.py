"""A real terminal inside a screen where `textual-tty` is installed, and what to do instead where it is not."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.widget import Widget

MODULE = "textual_tty"


def is_available() -> bool:
    """Return whether a terminal can be drawn inside the app; nothing is imported."""
    return importlib.util.find_spec(MODULE) is not None


class TerminalPane(Vertical):
    """Runs one command at a time; it ends with the pane."""

    DEFAULT_CSS = """
    TerminalPane {
        height: 1fr;
        width: 1fr;
        .terminal--instead { padding: 1 2; height: auto; }
    }
    """

    @dataclass
    class Ended(Message):
        """The command has ended."""

        pane: TerminalPane

        @property
        def control(self) -> TerminalPane:
            """The pane."""
            return self.pane

    def __init__(self, instead: str, *, id: str) -> None:
        """Start without a command.

        Args:
            instead: what a learner does where no terminal can be had.
            id: of the widget.
        """
        super().__init__(id=id)
        self._instead = instead
        self._terminal: Widget | None = None

    @property
    def terminal(self) -> Widget | None:
        """The terminal, while a command runs."""
        return self._terminal

    @property
    def is_typing(self) -> bool:
        """Whether keys go to the command."""
        return self._terminal is not None and self._terminal.has_focus

    async def run(self, command: Sequence[str]) -> bool:
        """Run a command, unless one runs.

        Args:
            command: the program and its arguments.

        Returns:
            False where no terminal can be drawn; what to do instead is shown then.
        """
        if self._terminal is not None:
            return True
        await self.remove_children()
        if not is_available():
            await self.mount(Static(self._instead, classes="terminal--instead", markup=False))
            return False
        # Read beside the event loop: the first time it takes a fifth of a second.
        terminal: Any = (await asyncio.to_thread(importlib.import_module, MODULE)).Terminal
        if self._terminal is not None or not self.is_attached:
            return self._terminal is not None
        # It names a locale that a machine need not have when the learner names none.
        plain = [] if "LC_ALL" in os.environ else ["env", "-u", "LC_ALL"]
        self._terminal = terminal(command=[*plain, *command])
        await self.mount(self._terminal)
        return True

    async def on_terminal_process_exited(self, event: Message) -> None:
        """Make room for another command."""
        event.stop()
        self._terminal = None
        await self.remove_children()
        self.post_message(self.Ended(self))
