"""The app's way to the labs: who runs them, and their screens. Neither is loaded before it is wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on

from eks_lab.errors import UnavailableError
from eks_lab.tui.messages import LabRequested
from eks_lab.tui.sandbox_app import SandboxApp
from eks_lab.tui.screen_stack import show

if TYPE_CHECKING:
    from eks_lab.learning.labs import LabRecords
    from eks_lab.tui.lab_access import LabAccess
    from eks_lab.tui.try_access import TryAccess


class LabApp(SandboxApp):
    """An app with labs in its sandbox."""

    RECORD_SECONDS: ClassVar[float] = 10.0
    """How long a question to the labs waits for the learner's record."""

    @cached_property
    def labs(self) -> LabAccess:
        """Whoever runs labs; nothing is read before it is asked."""
        from eks_lab.tui.local_labs import local_labs

        return local_labs(self._lab_records)

    @cached_property
    def tries(self) -> TryAccess:
        """Whoever runs the commands of try boxes; nothing is read or started before it is asked."""
        from eks_lab.sandbox.state_directory import StateDirectory
        from eks_lab.tui.local_try import LocalTry, source_of

        return LocalTry(
            StateDirectory.default(),
            self.cache_dir,
            sandbox=lambda: self.sandbox,
            labs=lambda: self.labs,
            source=source_of(self.content_root),
        )

    def on_unmount(self) -> None:
        """Hang up on the sandbox; a lab that runs goes on."""
        if "labs" in self.__dict__:
            self.labs.close()

    def _lab_records(self) -> LabRecords:
        # Asked from worker threads only. A quick hand is here before the record is open.
        self._record_opened.wait(self.RECORD_SECONDS)
        if self._progress is None:
            raise UnavailableError(
                "your record is not open yet",
                hint="Wait a moment; what is wrong with it is said at the start.",
            )
        return self._progress.labs

    def action_labs(self) -> None:
        """List the labs."""
        from eks_lab.tui.screens.labs import LabsScreen

        show(self, LabsScreen(self.labs))

    @on(LabRequested)
    def _lab_requested(self, event: LabRequested) -> None:
        self.show_lab(event.lab_id)

    def show_lab(self, lab_id: str) -> None:
        """Go on with a lab, or begin it.

        Args:
            lab_id: its id.
        """
        from eks_lab.tui.screens.practice import PracticeScreen

        show(self, PracticeScreen(self.labs, self.sandbox, lab_id), self._lab_left)

    def _lab_left(self, next_id: str | None) -> None:
        if next_id:
            self.show_lab(next_id)
