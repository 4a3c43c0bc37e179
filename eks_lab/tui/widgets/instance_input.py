"""A field for an EC2 instance type that completes what is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from eks_lab.tui.widgets.line_input import Completion, LineInput

Search = Callable[[str], Sequence[str]]
"""Takes the beginning of a name, returns all names that begin so, likeliest first."""


class _Completion(Completion):
    """The first name that begins with what is typed."""

    def __init__(self, search: Search) -> None:
        super().__init__(case_sensitive=False)
        self._search = search

    async def get_suggestion(self, value: str) -> str | None:
        found = self._search(value) if value.strip() else ()
        return found[0] if found else None


class InstanceInput(LineInput):
    """An instance type; up and down step through the names that begin with what is typed."""

    BINDING_GROUP_TITLE = "Instance type"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "down",
            "step(1)",
            "Next match",
            id="calculator.next-match",
            show=False,
            tooltip="The next instance type",
        ),
        Binding(
            "up",
            "step(-1)",
            "Match before",
            id="calculator.previous-match",
            show=False,
            tooltip="The one before",
        ),
    ]

    def __init__(self, value: str, *, search: Search) -> None:
        """Hold a name.

        Args:
            value: name to start with.
            search: finds names by their beginning.
        """
        super().__init__(value, suggester=_Completion(search))
        self._search = search
        self._stem: str | None = None
        self._stepped_to = ""

    @property
    def matches(self) -> Sequence[str]:
        """Names that begin with what was typed, before any stepping."""
        return self._search(self._typed())

    def complete(self) -> bool:
        """Complete what is typed to the first match; return whether there was anything to complete."""
        found = self.matches
        if not self.value.strip() or self.value.strip().lower() in found or not found:
            return False
        self.value = found[0]
        self.cursor_position = len(self.value)
        return True

    def action_step(self, by: int) -> None:
        """Put the next name into the field; with a whole name in it, step through its family."""
        stem = self._typed()
        found = self._search(stem)
        if list(found) == [stem.strip().lower()]:
            stem = stem.partition(".")[0] + "."
            found = self._search(stem)
        if not found:
            raise SkipAction
        current = self.value.strip().lower()
        place = (found.index(current) + by) % len(found) if current in found else 0
        self._stem, self._stepped_to = stem, found[place]
        self.value = found[place]
        self.cursor_position = len(self.value)

    def _typed(self) -> str:
        """Return the text to search for: as typed, also while the keys step through the matches."""
        return self._stem if self._stem is not None and self.value == self._stepped_to else self.value
