"""The app's way to the sandbox: who is asked about it, and its screen. Neither is loaded before it is wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from eks_lab.tui.forms_app import FormsApp

if TYPE_CHECKING:
    from eks_lab.tui.sandbox_access import SandboxAccess


class SandboxApp(FormsApp):
    """An app with a simulated cluster beside it."""

    @cached_property
    def sandbox(self) -> SandboxAccess:
        """The learner's own sandbox; nothing is started before it is asked."""
        from eks_lab.tui.sandbox_access import local_sandbox

        return local_sandbox()

    def action_sandbox(self) -> None:
        """Show the sandbox."""
        from eks_lab.tui.screens.sandbox import SandboxScreen

        self.push_screen(SandboxScreen(self.sandbox))
