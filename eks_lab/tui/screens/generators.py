"""Every generator with what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.generate import registry
from eks_lab.generate.model import Generator, Produces
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

_WORDS: dict[Produces, str] = {
    "terraform": "Terraform",
    "manifest": "manifest",
    "values": "values",
    "commands": "commands",
    "policy": "IAM policy",
}


class GeneratorsLoaded(Message):
    """A worker has imported the generators."""

    def __init__(self, generators: list[Generator]) -> None:
        """Carry them to the event loop.

        Args:
            generators: in the order of the course.
        """
        super().__init__()
        self.generators = generators


class GeneratorsScreen(LabScreen[None]):
    """The list; a generator opens above it."""

    BINDING_GROUP_TITLE = "Generators"
    HELP = "Enter opens a generator; what you choose there is kept."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "l", "lesson", "Read the lesson", id="generators.lesson", tooltip="The lesson that explains it"
        ),
        Binding("escape", "leave", "Back", id="generators.leave", tooltip="Back to where you were"),
    ]

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(name="generators")
        self._generators: list[Generator] = []

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Generators")
        yield RowList(id="generators-list", classes="list")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Import the generators off the event loop."""
        self.query_one("#generators-list").focus()
        self.lab.generation.start()
        self._load()

    @work(thread=True, exclusive=True, group="generators", exit_on_error=False)
    def _load(self) -> None:
        self.post_message(GeneratorsLoaded([registry.get(name) for name in registry.names()]))

    @on(GeneratorsLoaded)
    def _loaded(self, event: GeneratorsLoaded) -> None:
        event.stop()
        self._generators = event.generators
        self._fill(0)

    def on_screen_resume(self) -> None:
        """Show which generators hold something."""
        if self._generators:
            self._fill(self.query_one("#generators-list", OptionList).highlighted or 0)

    def _fill(self, at: int) -> None:
        rows = self.query_one("#generators-list", OptionList)
        rows.clear_options()
        rows.add_options([Option(self._row(generator)) for generator in self._generators])
        rows.highlighted = at
        self.query_one(TopBar).remark = f"{len(self._generators)} generators"
        self.refresh_bindings()

    def _row(self, generator: Generator) -> Content:
        kept = "  (choices kept)" if self.lab.generator_drafts.has(generator.name) else ""
        return Content.assemble(
            (generator.title, "bold"),
            (f"  {generator.name}", "$text-accent"),
            (f"  {_WORDS[generator.produces]}", "$text-muted"),
            (kept, "$text-success"),
            "\n",
            (generator.summary, "$text-muted"),
        )

    def _present(self) -> Generator | None:
        number = self.query_one("#generators-list", OptionList).highlighted
        return self._generators[number] if number is not None and number < len(self._generators) else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (generator := self._present()) is not None:
            self.lab.show_generator(generator.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the lesson only where there is one."""
        if action == "lesson":
            generator = self._present()
            return generator is not None and self.lab.has_lesson(generator.lesson)
        return True

    def action_lesson(self) -> None:
        """Open the lesson that explains the marked generator."""
        if (generator := self._present()) is not None:
            self.lab.follow(f"lesson:{generator.lesson}")

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
