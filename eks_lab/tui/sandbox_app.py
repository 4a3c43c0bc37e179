"""The app's way to the sandbox: who is asked about it, and its screen. Neither is loaded before it is wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from eks_lab.tui.forms_app import FormsApp
from eks_lab.tui.screen_stack import show

if TYPE_CHECKING:
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.sandbox_access import SandboxAccess

LOOK_AFTER_SECONDS = 1.0


class SandboxApp(FormsApp):
    """An app with a simulated cluster beside it."""

    @cached_property
    def sandbox(self) -> SandboxAccess:
        """The learner's own sandbox; nothing is started before it is asked."""
        from eks_lab.tui.sandbox_access import local_sandbox

        return local_sandbox()

    def on_mount(self) -> None:
        """Look, once the first frame is there, whether something in the learner's AWS account is overdue."""
        self.set_timer(LOOK_AFTER_SECONDS, self._look_for_overdue)

    def _look_for_overdue(self) -> None:
        def look() -> None:
            from eks_lab.tui.own_account import overdue

            why = overdue(self._state)
            if why:
                self.call_from_thread(self._ask_to_remove, why)

        self.run_worker(look, group="overdue", thread=True, exit_on_error=False)

    def _ask_to_remove(self, why: str) -> None:
        from eks_lab.tui.screens.confirm import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self.notify("Removing everything; it takes a quarter of an hour.", title="Your AWS account")
                self.run_worker(self._remove, group="overdue", thread=True, exit_on_error=False)

        question = Confirm("Your AWS account still costs money", why, yes="Remove everything", no="Later")
        self.push_screen(question, answered)

    def _remove(self) -> None:
        """Remove what is overdue; what came of it is said wherever the learner is by then."""
        from eks_lab.errors import EksLabError
        from eks_lab.tui.own_account import remove

        try:
            left = remove(self._state, lambda step, part: None)
        except EksLabError as error:
            said, is_bad = str(error), True
        else:
            said, is_bad = "\n".join(left) or "Everything is removed; nothing tagged is left.", bool(left)
        self.call_from_thread(
            self.notify,
            said,
            title="Your AWS account",
            severity="error" if is_bad else "information",
            timeout=60,
            markup=False,
        )

    @property
    def _state(self) -> StateDirectory:
        from eks_lab.sandbox.state_directory import StateDirectory

        return StateDirectory(self.data_dir / "sandbox")

    def action_sandbox(self) -> None:
        """Show the sandbox."""
        from eks_lab.tui.screens.sandbox import SandboxScreen

        show(self, SandboxScreen(self.sandbox))
