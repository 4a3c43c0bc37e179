"""The checks of a lab, each with its mark, its share and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.tui.lab_view import CheckRow
from eks_lab.tui.widgets.row_list import RowList

WORDS = {True: ("✓", "$text-success"), False: ("○", "$text-muted"), None: ("…", "$text-muted")}
"""Whether a check holds → its mark and the mark's colour."""


class CheckList(RowList):
    """Keeps its cursor while checks turn green."""

    HELP = "Enter on a question (marked `?`) answers it; the other checks look for themselves."
    DEFAULT_CSS = """
    CheckList { height: auto; max-height: 50%; padding: 0 1; border-top: solid $ink-rule; }
    """

    @dataclass
    class Asked(Message):
        """Somebody wants to answer a question."""

        list: CheckList
        check: CheckRow

        @property
        def control(self) -> CheckList:
            """The list."""
            return self.list

    def __init__(self, *, id: str) -> None:
        """Start empty.

        Args:
            id: of the widget.
        """
        super().__init__(id=id)
        self._checks: tuple[CheckRow, ...] = ()

    def show(self, checks: tuple[CheckRow, ...]) -> None:
        """Show checks as they stand now.

        Args:
            checks: in their order.
        """
        if checks == self._checks:
            return
        is_same = [each.id for each in checks] == [each.id for each in self._checks]
        changed = [place for place, each in enumerate(checks) if not is_same or each != self._checks[place]]
        self._checks = checks
        if is_same:
            for place in changed:
                self.replace_option_prompt_at_index(place, self._row(checks[place]))
        else:
            self.clear_options()
            self.add_options([Option(self._row(check)) for check in checks])
            self.highlighted = 0 if checks else None

    def _row(self, check: CheckRow) -> Content:
        mark, colour = WORDS[check.holds]
        asks = " ?" if check.question else ""
        row = Content.assemble(
            (mark, f"bold {colour}"), f" {check.title}{asks}", (f"  {check.weight}", "$text-muted")
        )
        says = check.says or (check.question if check.question and not check.holds else "")
        if check.question and check.answer and not check.holds:
            says = f"Your answer was {check.answer}. {check.says}".strip()
        return Content.assemble(row, "\n", (f"  {says}", "$text-muted")) if says and not check.holds else row

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        check = self._checks[event.option_index]
        if check.question:
            self.post_message(self.Asked(self, check))
