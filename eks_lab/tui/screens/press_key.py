"""Asks for a key for one binding, and says what is in the way of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from eks_lab.errors import InputError
from eks_lab.tui.screen_stack import uncover

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class PressKey(ModalScreen[dict[str, str]]):
    """The result is the learner's new keys; None after escape."""

    BINDING_GROUP_TITLE = "New key"

    def __init__(self, description: str, present: str, rebind: Callable[[str], dict[str, str]]) -> None:
        """Ask for a key.

        Args:
            description: what the binding does.
            present: its keys now, as shown.
            rebind: returns the new keys, or raises InputError when the key cannot be taken.
        """
        super().__init__(name="press-key")
        self._description = description
        self._present_keys = present
        self._rebind = rebind

    def compose(self) -> ComposeResult:
        """Compose the question."""
        with Vertical(classes="dialog"):
            yield Static(f"New key for “{self._description}”", classes="dialog--title", markup=False)
            yield Static(
                f"Now: {self._present_keys}. Press the new key; Esc leaves it as it is.",
                classes="dialog--hint",
                markup=False,
            )
            yield Static("", id="press-error", classes="dialog--error", markup=False)

    def dismiss(self, result: dict[str, str] | None = None) -> AwaitComplete:
        """Leave, once: two keys may come before the box is gone."""
        return super().dismiss(result) if uncover(self) else AwaitComplete()

    def on_key(self, event: events.Key) -> None:
        """Take the key, or say why not."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
            return
        try:
            keys = self._rebind(event.key)
        except InputError as error:
            self.query_one("#press-error", Static).update(f"✗ {error}")
            return
        self.dismiss(keys)
