"""Every calculator with what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.calc import registry
from eks_lab.calc.model import Calculator
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class CalculatorsLoaded(Message):
    """A worker has imported the calculators."""

    def __init__(self, calculators: list[Calculator]) -> None:
        """Carry them to the event loop.

        Args:
            calculators: in the order of the course.
        """
        super().__init__()
        self.calculators = calculators


class CalculatorsScreen(LabScreen[None]):
    """The list; a calculator opens above it."""

    BINDING_GROUP_TITLE = "Calculators"
    HELP = "Enter opens a calculator; what you enter there is kept."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "l", "lesson", "Read the lesson", id="calculators.lesson", tooltip="The lesson that explains it"
        ),
        Binding("escape", "leave", "Back", id="calculators.leave", tooltip="Back to where you were"),
    ]

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(name="calculators")
        self._calculators: list[Calculator] = []

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Calculators")
        yield RowList(id="calculators-list", classes="list")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Import the calculators off the event loop: the first one loads the instance types."""
        self.query_one("#calculators-list").focus()
        self._load()

    @work(thread=True, exclusive=True, group="calculators", exit_on_error=False)
    def _load(self) -> None:
        self.post_message(CalculatorsLoaded([registry.get(name) for name in registry.names()]))

    @on(CalculatorsLoaded)
    def _loaded(self, event: CalculatorsLoaded) -> None:
        event.stop()
        self._calculators = event.calculators
        self._fill(0)

    def on_screen_resume(self) -> None:
        """Show which calculators hold something."""
        if self._calculators:
            self._fill(self.query_one("#calculators-list", OptionList).highlighted or 0)

    def _fill(self, at: int) -> None:
        rows = self.query_one("#calculators-list", OptionList)
        rows.clear_options()
        rows.add_options([Option(self._row(calculator)) for calculator in self._calculators])
        rows.highlighted = at
        self.query_one(TopBar).remark = f"{len(self._calculators)} calculators"
        self.refresh_bindings()

    def _row(self, calculator: Calculator) -> Content:
        kept = "  (inputs kept)" if self.lab.calculator_drafts.has(calculator.name) else ""
        return Content.assemble(
            (calculator.title, "bold"),
            (f"  {calculator.name}", "$text-accent"),
            (kept, "$text-success"),
            "\n",
            (calculator.summary, "$text-muted"),
        )

    def _present(self) -> Calculator | None:
        number = self.query_one("#calculators-list", OptionList).highlighted
        return self._calculators[number] if number is not None and number < len(self._calculators) else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (calculator := self._present()) is not None:
            self.lab.show_calculator(calculator.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the lesson only where there is one."""
        if action == "lesson":
            calculator = self._present()
            return calculator is not None and self.lab.has_lesson(calculator.lesson)
        return True

    def action_lesson(self) -> None:
        """Open the lesson that explains the marked calculator."""
        if (calculator := self._present()) is not None:
            self.lab.follow(f"lesson:{calculator.lesson}")

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
