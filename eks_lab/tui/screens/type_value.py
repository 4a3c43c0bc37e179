"""A value typed into a box, checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.widgets import Input, Static

from eks_lab.errors import InputError
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult


class TypeValue(LabModal[object]):
    """The result is the parsed value; None after escape."""

    BINDING_GROUP_TITLE = "Value"

    def __init__(self, title: str, allowed: str, present: str, parse: Callable[[str], object]) -> None:
        """Ask for a value.

        Args:
            title: what is asked for.
            allowed: the values it may have, in words.
            present: the value that holds now, as text.
            parse: makes the value; raises InputError for one that is not allowed.
        """
        super().__init__(name="type-value")
        self._title_text = title
        self._allowed = allowed
        self._present_text = present
        self._parse = parse

    def compose(self) -> ComposeResult:
        """Compose the box."""
        with Vertical(classes="dialog"):
            yield Static(self._title_text, classes="dialog--title", markup=False)
            yield Static(f"Allowed: {self._allowed}. Enter takes it.", classes="dialog--hint", markup=False)
            yield Input(self._present_text, id="value-box", compact=True)
            yield Static("", id="value-error", classes="dialog--error", markup=False)
        yield KeyFooter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            value = self._parse(event.value)
        except InputError as error:
            self.query_one("#value-error", Static).update(f"✗ {error}")
            return
        self.dismiss(value)
