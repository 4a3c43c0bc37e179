"""Several values out of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ChooseSeveral(LabModal[tuple[str, ...]]):
    """The result is the chosen values in the order they were offered; None after escape."""

    BINDING_GROUP_TITLE = "Choice"
    HELP = "Space or Enter picks the marked row, or takes it back; Ctrl+S or d is done with it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pick", "Pick", id="several.pick", tooltip="Pick the marked row, or take it back"),
        Binding("d,ctrl+s", "done", "Done", id="several.done", tooltip="Take what is picked"),
        Binding("x", "none", "None", id="several.none", tooltip="Pick nothing"),
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], present: Sequence[str]) -> None:
        """Offer values.

        Args:
            title: what is chosen.
            choices: value and label of each.
            present: the values that are picked to begin with.
        """
        super().__init__(name="choose-several")
        self._title_text = title
        self._choices = list(choices)
        self._picked = set(present)

    def compose(self) -> ComposeResult:
        """Compose the list."""
        with Vertical(classes="dialog"):
            yield Static(self._title_text, classes="dialog--title", markup=False)
            yield RowList(
                *[Option(self._row(value, label)) for value, label in self._choices], id="choose-list"
            )
            yield Static("Space picks, d is done.", classes="dialog--hint", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start at the first row."""
        self.query_one(RowList).highlighted = 0

    def _row(self, value: str, label: str) -> Content:
        return Content.assemble("[x] " if value in self._picked else "[ ] ", label)

    def _draw(self) -> None:
        rows = self.query_one(RowList)
        for place, (value, label) in enumerate(self._choices):
            rows.replace_option_prompt_at_index(place, self._row(value, label))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick()

    def action_pick(self) -> None:
        """Pick the marked row, or take it back."""
        at = self.query_one(RowList).highlighted
        if at is not None:
            self._picked ^= {self._choices[at][0]}
            self._draw()

    def action_none(self) -> None:
        """Pick nothing."""
        self._picked.clear()
        self._draw()

    def action_done(self) -> None:
        """Take what is picked."""
        self.dismiss(tuple(value for value, _ in self._choices if value in self._picked))
