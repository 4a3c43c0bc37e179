"""Settings and keys in one list: Enter changes the marked line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.learning.settings import SettingField, format_setting, parse_setting, setting_fields
from eks_lab.tui.keys import KeyChoice, choices, rebound
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.press_key import PressKey
from eks_lab.tui.screens.type_value import TypeValue
from eks_lab.tui.themes import THEME_LABELS
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.dom import DOMNode

    from eks_lab.learning.settings import Settings

TITLES = {
    "theme": "Theme",
    "reading_width": "Reading width",
    "save_folder": "Folder for saved code",
    "confirm_quit": "Ask before quitting",
    "new_cards_per_day": "New cards a day",
    "retention_percent": "Retention",
}


Groups = list[tuple[str, list[Binding]]]
"""Titles of screens and widgets with their bindings."""


def binding_groups(*, with_rooms: bool = True) -> Iterable[tuple[str, list[Binding]]]:
    """Return every screen and widget that has bindings of its own, with its title.

    Args:
        with_rooms: also those beside the course, which takes a third of a second the first time: their modules
            are loaded for it.
    """
    from eks_lab.tui.app import EksLabApp
    from eks_lab.tui.screens.bookmarks import BookmarksScreen
    from eks_lab.tui.screens.calculator import CalculatorScreen
    from eks_lab.tui.screens.calculators import CalculatorsScreen
    from eks_lab.tui.screens.glossary import GlossaryScreen
    from eks_lab.tui.screens.home import HomeScreen
    from eks_lab.tui.screens.reader import ReaderScreen
    from eks_lab.tui.screens.search import SearchScreen
    from eks_lab.tui.widgets.calculator_form import CalculatorForm
    from eks_lab.tui.widgets.code_block import CodeBlock
    from eks_lab.tui.widgets.contents import Contents
    from eks_lab.tui.widgets.course_tree import CourseTree
    from eks_lab.tui.widgets.diagram_view import DiagramView
    from eks_lab.tui.widgets.grid_view import GridTable
    from eks_lab.tui.widgets.page_view import PageView
    from eks_lab.tui.widgets.plot_view import PlotView
    from eks_lab.tui.widgets.quiz_view import QuizView
    from eks_lab.tui.widgets.step_list import StepList
    from eks_lab.tui.widgets.try_run import TryRun

    owners: tuple[type[DOMNode], ...] = (
        EksLabApp,
        ReaderScreen,
        PageView,
        Contents,
        HomeScreen,
        CourseTree,
        CodeBlock,
        CalculatorForm,
        QuizView,
        DiagramView,
        TryRun,
        SearchScreen,
        GlossaryScreen,
        BookmarksScreen,
        CalculatorsScreen,
        CalculatorScreen,
        StepList,
        PlotView,
        GridTable,
        SettingsScreen,
        *(_rooms() if with_rooms else ()),
    )
    for owner in owners:
        bindings = [binding for binding in owner.BINDINGS if isinstance(binding, Binding)]
        yield str(owner.BINDING_GROUP_TITLE or owner.__name__), bindings


def _rooms() -> tuple[type[DOMNode], ...]:
    """Return the screens beside the course that have keys of their own, and what is in them."""
    from eks_lab.tui.screens.checker import CheckerScreen
    from eks_lab.tui.screens.debrief import DebriefScreen
    from eks_lab.tui.screens.exam_answers import ExamAnswersScreen
    from eks_lab.tui.screens.exam_lab import ExamLabScreen
    from eks_lab.tui.screens.exam_navigator import ExamNavigator
    from eks_lab.tui.screens.exam_report import ExamReportScreen
    from eks_lab.tui.screens.exam_sitting import ExamSittingScreen
    from eks_lab.tui.screens.exam_start import ExamStartScreen
    from eks_lab.tui.screens.exams import ExamsScreen
    from eks_lab.tui.screens.generator import GeneratorScreen
    from eks_lab.tui.screens.generators import GeneratorsScreen
    from eks_lab.tui.screens.interview import InterviewScreen
    from eks_lab.tui.screens.interview_start import InterviewStartScreen
    from eks_lab.tui.screens.interviews import InterviewsScreen
    from eks_lab.tui.screens.labs import LabsScreen
    from eks_lab.tui.screens.practice import PracticeScreen
    from eks_lab.tui.screens.questions import QuestionsScreen
    from eks_lab.tui.screens.quiz_run import QuizRunScreen
    from eks_lab.tui.screens.review import ReviewScreen
    from eks_lab.tui.screens.sandbox import SandboxScreen
    from eks_lab.tui.screens.scorecard import ScorecardScreen
    from eks_lab.tui.screens.scored_answer import ScoredAnswerScreen
    from eks_lab.tui.screens.standing import StandingScreen
    from eks_lab.tui.widgets.file_preview import FilePreview
    from eks_lab.tui.widgets.generator_form import GeneratorForm
    from eks_lab.tui.widgets.item.item_view import ItemView

    return (
        GeneratorsScreen,
        GeneratorScreen,
        GeneratorForm,
        FilePreview,
        CheckerScreen,
        SandboxScreen,
        LabsScreen,
        PracticeScreen,
        DebriefScreen,
        QuestionsScreen,
        QuizRunScreen,
        ReviewScreen,
        ItemView,
        StandingScreen,
        ExamsScreen,
        ExamStartScreen,
        ExamSittingScreen,
        ExamNavigator,
        ExamLabScreen,
        ExamReportScreen,
        ExamAnswersScreen,
        InterviewsScreen,
        InterviewStartScreen,
        InterviewScreen,
        ScorecardScreen,
        ScoredAnswerScreen,
    )


class RoomsLoaded(Message):
    """A worker has loaded the screens beside the course."""

    def __init__(self, groups: Groups) -> None:
        """Carry their bindings to the event loop.

        Args:
            groups: what `binding_groups` found, all of it.
        """
        super().__init__()
        self.groups = groups


class SettingsScreen(LabScreen[None]):
    """Everything the learner may change."""

    BINDING_GROUP_TITLE = "Settings"
    HELP = (
        "Enter changes the marked line. For a key, press the new one when asked; d takes the usual one back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,delete", "default", "Default", id="settings.default", tooltip="Take the usual value back"),
        Binding("escape", "leave", "Back", id="settings.leave", tooltip="Back to where you were"),
    ]

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(name="settings")
        self._rows: list[SettingField | KeyChoice] = []
        self._groups: Groups = []

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Settings")
        yield RowList(id="settings-list", classes="list")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill the list, first with what is loaded already."""
        self._groups = list(binding_groups(with_rooms=False))
        self.fill(self.lab.settings)
        self.query_one("#settings-list").focus()
        self._load_rooms()

    @work(thread=True, exclusive=True, group="rooms", exit_on_error=False)
    def _load_rooms(self) -> None:
        self.post_message(RoomsLoaded(list(binding_groups())))

    @on(RoomsLoaded)
    def _rooms_loaded(self, event: RoomsLoaded) -> None:
        event.stop()
        self._groups = event.groups
        self.fill(self.lab.settings)

    def key_choices(self) -> list[KeyChoice]:
        """Return every binding that may be changed."""
        return choices(self._groups, self.lab.settings.keys)

    def fill(self, settings: Settings) -> None:
        """Show settings; the cursor stays where it is."""
        fields = [field for field in setting_fields() if field.name != "keys"]
        keys = self.key_choices()
        self._rows = [*fields, *keys]
        options = self.query_one("#settings-list", OptionList)
        at = options.highlighted or 0
        options.clear_options()
        rows = [Option(self._setting_row(field, getattr(settings, field.name))) for field in fields]
        group = ""
        for entry in keys:
            rows.append(Option(self._key_row(entry, entry.group if entry.group != group else "")))
            group = entry.group
        options.add_options(rows)
        options.highlighted = min(at, len(rows) - 1)

    def _setting_row(self, field: SettingField, value: object) -> Content:
        shown = format_setting(value)
        if field.name == "theme":
            shown = THEME_LABELS.get(shown, shown)
        elif isinstance(value, bool):
            shown = "yes" if value else "no"
        elif not shown:
            shown = "the one you started in"
        title = TITLES.get(field.name, field.name)
        return Content.assemble((f"{title}: ", "bold"), shown, "\n", (field.description, "$text-muted"))

    def _key_row(self, entry: KeyChoice, group: str) -> Content:
        head = Content.assemble((f"Keys · {group}", "bold $text-accent"), "\n") if group else Content("")
        shown = self._shown_keys(entry)
        changed = f"  (usually {self._display(entry.defaults)})" if entry.is_changed else ""
        return Content.assemble(
            head, (f"{shown:<12}", "bold"), " ", entry.description, (changed, "$text-muted")
        )

    def _shown_keys(self, entry: KeyChoice) -> str:
        return self._display(entry.keys)

    def _display(self, keys: Iterable[str]) -> str:
        return " ".join(self.app.get_key_display(Binding(key, "")) for key in keys)

    def _present(self) -> SettingField | KeyChoice | None:
        number = self.query_one("#settings-list", OptionList).highlighted
        return self._rows[number] if number is not None and number < len(self._rows) else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_change()

    def action_change(self) -> None:
        """Change the marked line."""
        row = self._present()
        if isinstance(row, KeyChoice):
            self._change_key(row)
        elif row is not None:
            self._change_setting(row)

    def _change_setting(self, field: SettingField) -> None:
        value = getattr(self.lab.settings, field.name)
        title = TITLES.get(field.name, field.name)
        store = partial(self._store, field.name)
        if field.name == "theme":
            choices = list(THEME_LABELS.items())
            self.app.push_screen(Choose(title, choices, str(value), preview=self._preview_theme), store)
        elif isinstance(value, bool):
            store(not value)
        else:
            parse = partial(parse_setting, field.name)
            self.app.push_screen(TypeValue(title, field.allowed, format_setting(value), parse), store)

    def _preview_theme(self, name: str) -> None:
        self.app.theme = name

    def _change_key(self, entry: KeyChoice) -> None:
        entries, chosen = self.key_choices(), self.lab.settings.keys

        def rebind(key: str) -> dict[str, str]:
            return rebound(entries, chosen, entry.id, key)

        store = partial(self._store, "keys")
        self.app.push_screen(PressKey(entry.description, self._shown_keys(entry), rebind), store)

    def _store(self, name: str, value: object) -> None:
        if value is not None:
            self.lab.change_setting(name, value, then=self.fill)

    def action_default(self) -> None:
        """Take the usual value of the marked line back."""
        row = self._present()
        if isinstance(row, KeyChoice):
            kept = {name: keys for name, keys in self.lab.settings.keys.items() if name != row.id}
            self._store("keys", kept)
        elif row is not None:
            self._store(row.name, row.default)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
