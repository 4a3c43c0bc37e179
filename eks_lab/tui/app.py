"""The app: its keys, its screens, and where one leads from another. Nothing about lessons.

Every screen but the first is imported when it is first shown. What stands behind the screens (course,
progress, settings, failures) is in `eks_lab.tui.course_app`, what forms need in `eks_lab.tui.forms_app`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.keys import KEY_TO_UNICODE_NAME

from eks_lab.clock import Clock, SystemClock
from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.tui.history import History
from eks_lab.tui.messages import CourseFailed, LessonRequested, LinkFollowed
from eks_lab.tui.question_app import QuestionApp
from eks_lab.tui.screen_stack import show

if TYPE_CHECKING:
    from textual import events
    from textual.command import Provider
    from textual.geometry import Size
    from textual.screen import Screen

    from eks_lab.learning.settings import Settings
    from eks_lab.tui.screens.reader import ReaderScreen

SMALLEST_COLUMNS, SMALLEST_ROWS = 40, 10
# Textual knows no character for the keys it renamed, so that footer and help would offer them in a field, where
# they are only typed.
for _key, _name in (
    ("slash", "SOLIDUS"),
    ("backslash", "REVERSE SOLIDUS"),
    ("at", "COMMERCIAL AT"),
    ("minus", "HYPHEN-MINUS"),
    ("plus", "PLUS SIGN"),
    ("underscore", "LOW LINE"),
):
    KEY_TO_UNICODE_NAME.setdefault(_key, _name)


def _providers(name: str) -> Callable[[], type[Provider]]:
    """Return a function that imports a provider of the command palette when the palette opens."""

    def load() -> type[Provider]:
        from eks_lab.tui import commands

        provider: type[Provider] = getattr(commands, name)
        return provider

    return load


def _reader() -> ReaderScreen:
    from eks_lab.tui.screens.reader import ReaderScreen

    return ReaderScreen()


class EksLabApp(QuestionApp):
    """The whole course in a terminal."""

    TITLE = "eks-lab"
    CSS_PATH = "app.tcss"
    BINDING_GROUP_TITLE = "Everywhere"
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {"reader": _reader}
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        _providers(name)
        for name in ("ActionCommands", "LessonCommands", "LiveCommands", "QuestionCommands", "ThemeCommands")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="app.search", tooltip="Search lessons, headings and terms"),
        Binding("g", "glossary", "Glossary", id="app.glossary", tooltip="Look a word up"),
        Binding("B", "bookmarks", "Bookmarks", show=False, id="app.bookmarks", tooltip="Places you marked"),
        Binding(
            "C", "calculators", "Calculators", show=False, id="app.calculators", tooltip="Every calculator"
        ),
        Binding(
            "G",
            "generators",
            "Generators",
            show=False,
            id="app.generators",
            tooltip="Terraform and manifests",
        ),
        Binding(
            "K",
            "check_files",
            "Check files",
            show=False,
            id="app.check",
            tooltip="Have files of yours judged",
        ),
        Binding("S", "sandbox", "Sandbox", show=False, id="app.sandbox", tooltip="A simulated EKS cluster"),
        Binding("L", "labs", "Labs", show=False, id="app.labs", tooltip="Practise on a live cluster"),
        Binding(
            "Q",
            "questions",
            "Questions",
            show=False,
            id="app.questions",
            tooltip="Review, quizzes, interviews, exams",
        ),
        Binding("comma", "settings", "Settings", show=False, id="app.settings", tooltip="Theme, width, keys"),
        Binding(
            "ctrl+p",
            "command_palette",
            "Commands",
            priority=True,
            id="app.palette",
            tooltip="Everything by name",
        ),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="Every key of this screen"),
        Binding("f1", "help", "Help", id="app.help-always", tooltip="Every key of this screen"),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave; your place is kept"),
        Binding(
            "ctrl+q", "quit", "Quit", priority=True, id="app.quit-always", tooltip="Leave; your place is kept"
        ),
    ]

    def __init__(
        self,
        *,
        content_root: Path,
        data_dir: Path,
        cache_dir: Path,
        clock: Clock,
        open_lesson: str = "",
        save_dir: Path | None = None,
    ) -> None:
        """Make the app; see `CourseApp` for the arguments."""
        super().__init__(
            content_root=content_root,
            data_dir=data_dir,
            cache_dir=cache_dir,
            clock=clock,
            open_lesson=open_lesson,
            save_dir=save_dir,
        )
        self.history = History()
        self._last_reader: ReaderScreen | None = None
        self._is_lesson_coming = bool(open_lesson)
        self._held_keys: list[str] = []

    @property
    def reader(self) -> ReaderScreen | None:
        """The reader when it is on the stack."""
        found = [screen for screen in self.screen_stack if screen.name == "reader"]
        if not found:
            return None
        from eks_lab.tui.screens.reader import ReaderScreen

        reader = found[-1]
        assert isinstance(reader, ReaderScreen)
        return reader

    def key_for(self, binding_id: str, default: str) -> str:
        """Return the key of a binding as it is shown.

        Args:
            binding_id: the binding.
            default: its key when the learner chose none.
        """
        key = self.settings.keys.get(binding_id, default).split(",")[0].strip()
        return self.get_key_display(Binding(key, ""))

    def get_key_display(self, binding: Binding) -> str:
        """Return a key as a person reads it."""
        from eks_lab.tui.keys import shown

        return shown(binding.key, super().get_key_display(binding))

    def apply_settings(self, settings: Settings) -> None:
        """Use settings from now on, in the page that is open too."""
        super().apply_settings(settings)
        if (reader := self.reader) is not None and (view := reader.page_view) is not None:
            view.reading_width = settings.reading_width

    def keep_place(self) -> None:
        """Store where the learner is, also when the reader is not in front, and what forms hold."""
        if self._last_reader is not None:
            self._last_reader.keep_everything()
        self.store_drafts()

    # Going places

    @on(LinkFollowed)
    def _link_followed(self, event: LinkFollowed) -> None:
        self.follow(event.href)

    def follow(self, href: str) -> None:
        """Go where a link of the course leads.

        Args:
            href: `lesson:ID`, `lesson:ID#anchor` (`lesson:ID#` is its top), `term:ID`, `#anchor` or `https://…`.
        """
        kind, _, rest = href.partition(":")
        if href.startswith("#"):
            if (reader := self.reader) is not None:
                reader.go_to_anchor(href[1:])
        elif kind == "lesson":
            lesson_id, has_anchor, anchor = rest.partition("#")
            self.post_message(LessonRequested(lesson_id, anchor if has_anchor else None))
        elif kind == "term":
            self.show_term(rest)
        else:
            # Nothing leaves the machine by itself: the address is handed over instead.
            self.copy_to_clipboard(href)
            self.notify(href, title="Address copied", markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Hold Tab back while a lesson is on its way: it is meant for the lesson, not for what it covers."""
        from textual.events import Key

        if self._is_lesson_coming and isinstance(event, Key) and event.key in ("tab", "shift+tab"):
            self._held_keys.append(event.key)
            return
        await super().on_event(event)

    def lesson_arrived(self) -> None:
        """Note that what was asked for is on the screen, or will not come, and let keys through."""
        self._is_lesson_coming = False
        keys, self._held_keys = self._held_keys, []
        for key in keys:
            # After the page has taken the focus, which it does with its first refresh.
            move = self.screen.focus_next if key == "tab" else self.screen.focus_previous
            self.screen.call_after_refresh(move)

    @on(CourseFailed)
    def _no_lesson_comes(self) -> None:
        self.lesson_arrived()

    @on(LessonRequested)
    async def _lesson_requested(self, event: LessonRequested) -> None:
        if not self.is_open:
            return
        self._is_lesson_coming = True
        if self.library.lesson(event.lesson_id) is None:
            self.lesson_arrived()
            self.notify(
                f"There is no lesson {event.lesson_id} in this course.",
                severity="warning",
                title="Not found",
                markup=False,
            )
            return
        while self.screen.name not in ("home", "reader"):
            await self.pop_screen()
        if self.reader is None:
            await self.push_screen("reader")
        reader = self.reader
        assert reader is not None
        self._last_reader = reader
        reader.open(event.lesson_id, event.anchor, event.fraction)
        self._mind_the_room(self.size)

    def show_term(self, term_id: str) -> None:
        """Open the card of a term."""
        term = self.library.term(term_id)
        if term is None:
            self.notify(f"The glossary has no entry {term_id}.", severity="warning", markup=False)
            return
        from eks_lab.tui.screens.term import TermDialog

        self.push_screen(TermDialog(term), self._follow_choice)

    def _follow_choice(self, href: str | None) -> None:
        if href:
            self.follow(href)

    def show_live(self, kind: str, name: str) -> None:
        """Show a calculator or a diagram on its own screen.

        Args:
            kind: `calculator` or `diagram`.
            name: name or id of it.
        """
        if kind == "calculator":
            self.show_calculator(name)
            return
        from eks_lab.content.page import Directive
        from eks_lab.tui import directives
        from eks_lab.tui.screens.live import LiveScreen

        try:
            widget = directives.FACTORIES[kind](
                Directive(kind, 0, {"id": name}), directives.DirectiveContext(self.library, None)
            )
        except EksLabError as error:
            widget = directives.problem_box(f"{kind.title()} {name}", error)
        show(self, LiveScreen(kind.title(), widget))

    def has_lesson(self, lesson_id: str) -> bool:
        """Return whether the course has a lesson."""
        return self.is_open and self.library.lesson(lesson_id) is not None

    def action_calculators(self) -> None:
        """List the calculators."""
        from eks_lab.tui.screens.calculators import CalculatorsScreen

        show(self, CalculatorsScreen())

    def action_generators(self) -> None:
        """List the generators."""
        from eks_lab.tui.screens.generators import GeneratorsScreen

        show(self, GeneratorsScreen())

    def action_check_files(self) -> None:
        """Have files judged."""
        from eks_lab.tui.screens.checker import CheckerScreen

        show(self, CheckerScreen(self.generation))

    def action_command_palette(self) -> None:
        """Open the palette."""
        from eks_lab.tui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_home(self) -> None:
        """Go to the course."""
        # From the app's own queue: a screen that waited here for its own end would wait for ever.
        self.call_next(self._go_home)

    async def _go_home(self) -> None:
        self.keep_place()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if not self.is_open:
            return
        # After the place is stored: the course says where the learner stopped.
        self.record(self.library.refresh, then=lambda _: self.progress_changed())
        if self._last_reader is not None and self._last_reader.lesson is not None:
            self.home.point_at(self._last_reader.lesson.id)

    def action_search(self) -> None:
        """Search the course."""
        from eks_lab.tui.screens.search import SearchScreen

        show(self, SearchScreen(), self._follow_choice)

    def action_glossary(self) -> None:
        """Open the glossary; terms of the page come first."""
        from eks_lab.tui.screens.glossary import GlossaryScreen

        here = self.reader.page_terms() if self.reader is not None else []
        show(self, GlossaryScreen(here), self._follow_choice)

    def action_bookmarks(self) -> None:
        """List bookmarks."""
        from eks_lab.tui.screens.bookmarks import BookmarksScreen

        show(self, BookmarksScreen(), self._follow_choice)

    def action_settings(self) -> None:
        """Change settings."""
        from eks_lab.tui.screens.settings import SettingsScreen

        show(self, SettingsScreen())

    def action_help(self) -> None:
        """Show every key of the present screen."""
        from eks_lab.tui.screens.help import HelpScreen, gather

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(gather(self.screen)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now: most things need the course."""
        if action in ("search", "glossary", "bookmarks"):
            return self.is_open and self.screen.name not in (action,)
        if action == "calculators":
            return self.screen.name not in ("calculators", "calculator")
        if action == "generators":
            return self.screen.name not in ("generators", "generator")
        if action == "check_files":
            return self.screen.name != "checker"
        if action == "sandbox":
            return self.screen.name != "sandbox"
        if action == "labs":
            return self.screen.name != "labs" and not (self.screen.name or "").startswith("practice-")
        if action == "questions":
            # From among them `escape` leads back; a second hub above a running quiz helps nobody.
            return self.is_open and not self._is_among_questions()
        if action == "command_palette":
            # What a terminal inside the app is given, it gets whole: ctrl+p is its shell's.
            return not getattr(self.screen, "is_typing", False)
        if action == "settings":
            return self._progress is not None and self.screen.name != "settings"
        return super().check_action(action, parameters)

    def _is_among_questions(self) -> bool:
        return any(screen.name == "questions" for screen in self.screen_stack)

    # Room

    def on_resize(self, event: events.Resize) -> None:
        """Ask for room where there is too little, and go on when there is enough."""
        self._mind_the_room(event.size)

    def _mind_the_room(self, size: Size) -> None:
        from eks_lab.tui.screens.room import RoomScreen

        is_small = size.width < SMALLEST_COLUMNS or size.height < SMALLEST_ROWS
        is_asking = isinstance(self.screen, RoomScreen)
        if is_small and not is_asking:
            self.push_screen(RoomScreen(SMALLEST_COLUMNS, SMALLEST_ROWS))
        elif is_asking and not is_small:
            self.pop_screen()


def run_app(
    *,
    content_root: Path,
    data_dir: Path,
    cache_dir: Path,
    clock: Clock | None = None,
    open_lesson: str = "",
) -> int:
    """Run the app until the learner leaves.

    Args:
        content_root: folder of the course, or the folder that holds it as `lessons`.
        data_dir: folder of the learner's progress.
        cache_dir: folder of files that can be made again.
        clock: tells the time; the machine's when left out.
        open_lesson: id of the lesson to open first.

    Returns:
        The exit code: 0, or 70 after a defect.

    Raises:
        UnavailableError: there is no terminal to draw on.
    """
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise UnavailableError(
            "eks-lab needs a terminal for its screens, and this is a pipe or a file.",
            hint="Read a lesson as text with: eks-lab lesson show ID --plain (and eks-lab lesson list for the ids).",
        )
    app = EksLabApp(
        content_root=content_root,
        data_dir=data_dir,
        cache_dir=cache_dir,
        clock=clock if clock is not None else SystemClock(),
        open_lesson=open_lesson,
    )
    app.run()
    return app.return_code or 0
