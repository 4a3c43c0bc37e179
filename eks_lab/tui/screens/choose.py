"""One value out of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Choose(LabModal[str]):
    """The result is the chosen value; None after escape."""

    BINDING_GROUP_TITLE = "Choice"

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[str, str]],
        present: str,
        *,
        preview: Callable[[str], None] | None = None,
    ) -> None:
        """Offer values.

        Args:
            title: what is chosen.
            choices: value and label of each.
            present: the value that holds now.
            preview: shows what a value would look like; called with `present` when nothing is chosen.
        """
        super().__init__(name="choose")
        self._title_text = title
        self._choices = list(choices)
        self._present_value = present
        self._preview = preview

    def compose(self) -> ComposeResult:
        """Compose the list."""
        with Vertical(classes="dialog"):
            yield Static(self._title_text, classes="dialog--title", markup=False)
            yield RowList(
                *[Option(self._row(value, label)) for value, label in self._choices], id="choose-list"
            )
        yield KeyFooter()

    def _row(self, value: str, label: str) -> Content:
        return Content.assemble("● " if value == self._present_value else "○ ", label)

    def on_mount(self) -> None:
        """Start at the present value."""
        options = self.query_one("#choose-list", OptionList)
        values = [value for value, _ in self._choices]
        options.highlighted = values.index(self._present_value) if self._present_value in values else 0

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self._preview is not None:
            self._preview(self._choices[event.option_index][0])

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index][0])

    def action_close(self) -> None:
        """Leave things as they were."""
        if self._preview is not None:
            self._preview(self._present_value)
        self.dismiss(None)
