"""`eks-lab author preview`: one lesson on the screen, read again whenever one of its files is saved."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.worker import Worker, WorkerState

from eks_lab.clock import SystemClock
from eks_lab.content.page import Paragraph, Span
from eks_lab.errors import ContentError
from eks_lab.tui import directives
from eks_lab.tui.library import Library
from eks_lab.tui.summaries import lesson_head, line
from eks_lab.tui.themes import DEFAULT_THEME, THEMES
from eks_lab.tui.try_block import try_block
from eks_lab.tui.try_boxes import IN_THE_APP, note
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.code_block import CodeBlock
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.page_blocks import PageContext
from eks_lab.tui.widgets.page_view import PageView
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.content.model import Lesson
    from eks_lab.content.preview import Preview, PreviewTarget
    from eks_lab.learning.progress import Progress
    from eks_lab.tui.generation_process import Generation

LOOK_EVERY_SECONDS = 0.5


class PreviewRead(Message):
    """The files were read again."""

    def __init__(self, look: int, preview: Preview) -> None:
        """Carry what was read, and at which look."""
        super().__init__()
        self.look = look
        self.preview = preview


class PreviewApp(App[None]):
    """Shows a lesson with its problems on top; nothing is remembered."""

    TITLE = "eks-lab preview"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read_again", "Read again", tooltip="Read the files now"),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="Every key of this screen"),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave the preview"),
    ]

    def __init__(self, target: PreviewTarget, progress: Progress) -> None:
        """Preview a lesson.

        Args:
            target: the lesson file and its course.
            progress: an empty record: questions can be tried, answers are thrown away.
        """
        super().__init__()
        self._target = target
        self._progress = progress
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._looks = 0
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME

    @cached_property
    def generation(self) -> Generation:
        """Whoever makes the files of generators; nothing is started before it is asked."""
        from eks_lab.tui.generation_process import GenerationProcess

        return GenerationProcess()

    def on_unmount(self) -> None:
        """Let no process outlive the preview."""
        if "generation" in self.__dict__:
            self.generation.close()

    def compose(self) -> ComposeResult:
        """Compose bar, page and footer."""
        yield TopBar()
        yield Container(id="preview-page")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Read the files and look for changes from now on."""
        self.query_one(TopBar).crumbs = ("Preview", self._target.path.parent.name)
        self.action_read_again()
        self.set_interval(LOOK_EVERY_SECONDS, self.look)

    def look(self) -> None:
        """Read again if a file was saved."""
        if self._stamps() != self._seen:
            self.action_read_again()

    def _stamps(self) -> tuple[tuple[str, int, int], ...]:
        stamps = []
        for path in sorted(self._target.path.parent.rglob("*")):
            try:
                stat = path.stat()
            except OSError:
                continue
            stamps.append((str(path), stat.st_mtime_ns, stat.st_size))
        return tuple(stamps)

    def action_read_again(self) -> None:
        """Read the files in a worker."""
        self._seen = self._stamps()
        self._looks += 1
        self._read(self._looks)

    def action_help(self) -> None:
        """List the keys."""
        from eks_lab.tui.screens.help import HelpScreen, gather

        self.push_screen(HelpScreen(gather(self.screen)))

    @work(thread=True, exclusive=True, group="preview", exit_on_error=False)
    def _read(self, look: int) -> None:
        from eks_lab.content.preview import read_preview

        self.post_message(PreviewRead(look, read_preview(self._target)))

    @on(PreviewRead)
    async def _show(self, event: PreviewRead) -> None:
        # A thread cannot be stopped: a look that takes longer ends behind the one that saw the next save.
        if event.look != self._looks:
            return
        preview = event.preview
        library = Library(preview.loaded, self._progress)
        lesson = preview.lesson
        old = self.query(PageView)
        anchor, fraction = old.first().place() if old else ("", 0.0)
        bar = self.query_one(TopBar)
        count = len(preview.problems)
        bar.remark = "✓ no problems" if not count else f"✗ {count} problem{'s' if count > 1 else ''}"
        view = PageView(
            [*problem_lines(preview), *(lesson_head(library, lesson) if lesson is not None else [])],
            preview.page,
            self._page_context(library, lesson),
            anchor=anchor,
            fraction=fraction,
        )
        host = self.query_one("#preview-page", Container)
        with self.batch_update():
            await host.remove_children()
            await host.mount(view)
        view.focus(scroll_visible=False)

    def _page_context(self, library: Library, lesson: Lesson | None) -> PageContext:
        if lesson is None:
            # Without front matter there is no quiz and no id: live things say that they wait for it.
            return PageContext(
                CodeBlock,
                lambda directive: directives.problem_box(
                    f"::{directive.name}, line {directive.line}",
                    ContentError("The front matter cannot be read; the problems above say why."),
                ),
                lambda callout: (),
                library.explain,
            )
        context = directives.DirectiveContext(library, lesson)
        return PageContext(
            CodeBlock,
            lambda directive: directives.build(directive, context),
            lambda callout: (note(try_block(callout).why_not or IN_THE_APP),),
            library.explain,
        )

    @on(Worker.StateChanged)
    def _worker_failed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            from eks_lab.logfile import log_exception

            log_exception(event.worker.error)
            self.notify(
                f"The preview could not be made: {event.worker.error}", severity="error", markup=False
            )


def problem_lines(preview: Preview) -> list[Flow]:
    """Return what stands above the page: each problem with its line and what to write."""
    lines: list[Flow] = []
    for problem in preview.problems:
        place = "" if problem.message.startswith(("lesson.md", "quiz.yaml")) else "lesson.md: "
        lines.append(
            Flow(Paragraph((Span(f"✗ line {problem.line}, {place}{problem.message}"),), 0), style="problem")
        )
        lines.append(line(problem.fix, "muted", tight=True))
    return lines


def run_preview(target: PreviewTarget) -> None:
    """Show a lesson until the author leaves.

    Args:
        target: from `eks_lab.content.preview.find_preview`.
    """
    from eks_lab.learning.progress import open_progress

    with tempfile.TemporaryDirectory(prefix="eks-lab-preview-") as folder:
        progress = open_progress(Path(folder) / "progress.sqlite3", SystemClock())
        try:
            PreviewApp(target, progress).run()
        finally:
            progress.close()
