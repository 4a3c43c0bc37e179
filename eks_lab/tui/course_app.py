"""What the app is about before it shows anything: opening and closing, settings, remembering, failures.

Only the home screen is imported before the first frame; course and progress are opened by a worker
after it. Where screens lead is in `eks_lab.tui.app`.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual import events, on, work
from textual.app import App
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import Worker, WorkerFailed, WorkerState

from eks_lab.clock import Clock
from eks_lab.errors import EksLabError, InputError, UnavailableError
from eks_lab.locations import expanded
from eks_lab.tui import hangup
from eks_lab.tui.messages import CourseFailed, CourseOpened, LessonRequested, ProgressOpened
from eks_lab.tui.opening import course_folder, keep_theme, last_theme, open_record
from eks_lab.tui.recorder import Recorder
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.themes import THEMES

if TYPE_CHECKING:
    from eks_lab.content.search import SearchIndex
    from eks_lab.learning.progress import Progress
    from eks_lab.learning.settings import Settings
    from eks_lab.tui.library import Library

EXIT_DEFECT = 70
OPEN_AT_LATEST_SECONDS = 0.3
"""After which course and record are opened even when no first frame was seen."""
IDLE_AFTER_SECONDS = 2.0
"""Without a key or the mouse for this long, there is time for housekeeping."""
_COLLECT_BY_ITSELF_AFTER = 1000
"""Full collections that Python starts by itself become this rare; see `spare_collector`."""
Written = TypeVar("Written")


class CourseApp(App[None]):
    """An app with a course and a learner's record behind it."""

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
        """Make the app; nothing is read yet but the name of the theme.

        Args:
            content_root: folder of the course, or the folder that holds it as `lessons`.
            data_dir: folder of the learner's progress.
            cache_dir: folder of files that can be made again.
            clock: tells the time.
            open_lesson: id of the lesson to open first; empty for the home screen.
            save_dir: where saved code goes; the folder the program was started in when left out.
        """
        super().__init__()
        self.content_root = course_folder(content_root)
        self.data_dir = data_dir
        self.cache_dir = cache_dir
        self.clock = clock
        self.course_problem = ""
        self._open_lesson = open_lesson
        self._save_dir = save_dir
        self._library: Library | None = None
        self._progress: Progress | None = None
        self._is_opening = False
        self._record_opened = threading.Event()
        """For worker threads that need the record and are asked before it is there."""
        self._settings: Settings | None = None
        self._recorder = Recorder(self)
        self._said: set[str] = set()
        self._is_collector_spared = False
        self._idle_tasks: list[Callable[[], object]] = []
        self._last_input = 0.0
        self._index: SearchIndex | None = None
        self._index_lock = threading.Lock()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = last_theme(cache_dir)

    def get_default_screen(self) -> HomeScreen:
        """Return the screen of the first frame."""
        return HomeScreen(name="home")

    # What screens ask

    @property
    def is_open(self) -> bool:
        """Whether course and progress can be used."""
        return self._library is not None

    @property
    def library(self) -> Library:
        """The course and the learner's progress."""
        if self._library is None:
            raise UnavailableError("The course is not open yet.", hint="Wait a moment.")
        return self._library

    @property
    def settings(self) -> Settings:
        """The learner's settings; defaults until they are read."""
        if self._settings is None:
            from eks_lab.learning.settings import Settings

            return Settings()
        return self._settings

    @property
    def home(self) -> HomeScreen:
        """The screen below all others."""
        bottom = self.screen_stack[0]
        assert isinstance(bottom, HomeScreen)
        return bottom

    def save_folder(self) -> Path:
        """Return the folder that saved code goes to."""
        if self.settings.save_folder:
            # A stored `~user` whose user is gone leaves the usual folder; the dialogs show which one it is.
            with suppress(InputError):
                return expanded(self.settings.save_folder)
        if self._save_dir is not None:
            return self._save_dir
        from eks_lab import locations

        return locations.save_dir()

    # Opening

    def on_mount(self) -> None:
        """Open course and progress, but only once there is something to look at."""
        self._answer_signals()
        self._last_input = asyncio.get_running_loop().time()
        self.set_interval(IDLE_AFTER_SECONDS / 2, self._look_for_idleness)
        self.call_after_refresh(self._open_at_first)
        # A key pressed before the first frame puts another screen in front, and then there is no such refresh.
        self.set_timer(OPEN_AT_LATEST_SECONDS, self._open_at_first)

    def _open_at_first(self) -> None:
        if not self._is_opening:
            self._is_opening = True
            self.open_course()

    def _answer_signals(self) -> None:
        """Leave properly when the terminal goes away or somebody ends the program."""
        if threading.current_thread() is not threading.main_thread() or self.is_headless:
            return
        loop = asyncio.get_running_loop()

        def leave() -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.exit)

        hangup.watch(leave)

    @work(thread=True, exclusive=True, group="open", exit_on_error=False)
    def open_course(self) -> None:
        """Open progress and course; what comes of it arrives as messages."""
        if self._progress is None:
            progress, notice = open_record(self.data_dir, self.clock)
            self.post_message(ProgressOpened(progress, notice))
        from eks_lab.content.index import open_course

        try:
            self.post_message(CourseOpened(open_course(self.content_root, self.cache_dir)))
        except EksLabError as error:
            self.post_message(CourseFailed(error.message, error.hint))
        except OSError as error:
            self.post_message(CourseFailed(f"{self.content_root}: {error.strerror or error}", ""))
        # What the first lesson needs is loaded while the learner looks at the tree.
        from eks_lab.tui.screens import reader  # noqa: F401

    @on(ProgressOpened)
    def _progress_opened(self, event: ProgressOpened) -> None:
        self._progress = event.progress
        self._record_opened.set()
        self.apply_settings(event.progress.settings())
        for notice in (event.notice, *event.progress.setting_notices()):
            if notice:
                self.notify(notice, severity="warning", timeout=15, markup=False)

    @on(CourseOpened)
    async def _course_opened(self, event: CourseOpened) -> None:
        from eks_lab.tui.library import Library

        assert self._progress is not None
        self.course_problem = ""
        self._library = Library(event.loaded, self._progress)
        await self.home.show(self._library)
        if not self.is_headless:
            self.spare_collector()
        if self._open_lesson:
            wanted, self._open_lesson = self._open_lesson, ""
            self.post_message(LessonRequested(wanted))
        self.when_idle(self.prepare_search)

    def spare_collector(self) -> None:
        """Keep Python's collector from looking through everything while somebody turns a page.

        What is loaded by now stays for good, and full collections come when the reader reads. Not in
        tests: they make many apps in one process and want their memory back.
        """
        gc.freeze()
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _COLLECT_BY_ITSELF_AFTER)
        self._is_collector_spared = True

    def tidy_soon(self) -> None:
        """Give back what the last page took, when nobody is pressing keys."""
        if self._is_collector_spared:
            self.when_idle(self.tidy)

    def when_idle(self, task: Callable[[], object]) -> None:
        """Do something once the learner has not touched anything for a moment.

        Args:
            task: what to do, on the event loop; queued once, however often it is asked for.
        """
        if task not in self._idle_tasks:
            self._idle_tasks.append(task)

    async def on_event(self, event: events.Event) -> None:
        """Note signs of life before the event goes its way."""
        if isinstance(event, events.Key | events.MouseEvent):
            self._last_input = asyncio.get_running_loop().time()
        await super().on_event(event)

    def _look_for_idleness(self) -> None:
        is_idle = asyncio.get_running_loop().time() - self._last_input > IDLE_AFTER_SECONDS
        if is_idle and self._idle_tasks:
            self._idle_tasks.pop(0)()

    def tidy(self) -> None:
        """Give back what nobody uses any more."""
        gc.collect()

    @work(thread=True, exclusive=True, group="index", exit_on_error=False)
    def prepare_search(self) -> None:
        """Build the index while nobody waits for it."""
        self.search_index()

    def search_index(self) -> SearchIndex:
        """Return the index of the course, built at the first call; call it from a worker.

        Raises:
            UnavailableError: the course is not open.
        """
        with self._index_lock:
            if self._index is None:
                from eks_lab.content.search import SearchIndex

                self._index = SearchIndex.build(self.library.loaded)
            return self._index

    @on(CourseFailed)
    async def _course_failed(self, event: CourseFailed) -> None:
        self.course_problem = event.problem
        await self.home.show_problem(event.problem, event.hint)

    # Settings

    def apply_settings(self, settings: Settings) -> None:
        """Use settings from now on."""
        self._settings = settings
        if settings.theme in self.available_themes and settings.theme != self.theme:
            self.theme = settings.theme
        self.set_keymap(settings.keys)

    def change_setting(
        self, name: str, value: object, then: Callable[[Settings], None] | None = None
    ) -> None:
        """Store a setting and use it.

        Args:
            name: field of `Settings`.
            value: an allowed value.
            then: called with the new settings.
        """
        progress = self._progress
        if progress is None:
            return

        def write() -> Settings:
            progress.set_setting(name, value)
            return progress.settings()

        def use(settings: Settings) -> None:
            self._setting_changed(settings)
            if then is not None:
                then(settings)

        self.record(write, then=use)

    def _setting_changed(self, settings: Settings) -> None:
        self.apply_settings(settings)
        keep_theme(self.cache_dir, settings.theme)

    # Remembering

    def record(self, write: Callable[[], Written], then: Callable[[Written], None] | None = None) -> None:
        """Write to the learner's record off the event loop, in the order of the calls.

        Args:
            write: does it; an error is shown, not raised.
            then: gets the result, on the event loop.
        """
        self._recorder.record(write, then)

    def progress_changed(self) -> None:
        """Show new progress where it is shown."""
        if self._library is not None:
            self.home.update(self._library)

    # Failures

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        """Show the failure of a worker: the one place where that is done."""
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.report(event.worker.error)

    def report(self, error: BaseException) -> None:
        """Say that something failed; the details of a defect go to the log."""
        if isinstance(error, EksLabError):
            said = str(error)
        else:
            said = f"Something went wrong here ({type(error).__name__}). {self._keep_details(error)}"
        # A disk that stays full says so once, not with every line that is scrolled.
        if said not in self._said:
            self._said.add(said)
            self.notify(said, severity="error", timeout=10, markup=False)

    def _keep_details(self, error: BaseException) -> str:
        from eks_lab.logfile import log_exception

        kept = log_exception(error, self.clock)
        return f"Details: {kept}" if kept is not None else "No details could be kept."

    def _handle_exception(self, error: Exception) -> None:
        """Go on closing when a part is missing: a program that leaves puts no more parts into its screens."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if self._exit and isinstance(cause, (NoMatches, MountError)):
            self._keep_details(error)
        else:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End with one message where Textual would print a traceback."""
        from rich.text import Text

        error = sys.exc_info()[1] or self._exception
        said = "eks-lab had to stop: a defect of its own, not of yours."
        if error is not None:
            said += f" ({type(error).__name__})\n{self._keep_details(error)}"
        self._exit_renderables.append(Text(f"{said}\nYour place and progress are kept."))
        self._return_code = EXIT_DEFECT
        self._close_messages_no_wait()

    # Closing

    async def action_quit(self) -> None:
        """Leave, after asking when the learner wants to be asked."""
        if self.settings.confirm_quit:
            from eks_lab.tui.screens.confirm import Confirm

            if not isinstance(self.screen, Confirm):
                question = Confirm("Leave eks-lab?", "Your place is kept.", yes="Leave", no="Stay")
                self.push_screen(question, lambda leave: self.exit() if leave else None)
                return
        self.exit()

    def on_unmount(self) -> None:
        """Store what is not stored yet."""
        self.keep_place()
        for error in self._recorder.close():
            self._keep_details(error)
        if self._progress is not None:
            self._progress.close()
        if self._index is not None:
            self._index.close()

    def keep_place(self) -> None:
        """Store where the learner is; overridden by the app that has a reader."""
