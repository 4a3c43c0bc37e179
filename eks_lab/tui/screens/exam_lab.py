"""A hands-on task of an exam: the story on the left, a terminal on the right, nothing about how far one is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message

from eks_lab.errors import EksLabError
from eks_lab.grading.hands_on import Asked, TaskView
from eks_lab.tui.exam_view import SOON_SECONDS, ExamTask, SittingView, lab_text, left_words, points_words
from eks_lab.tui.lab_view import CheckRow
from eks_lab.tui.sandbox_view import Said
from eks_lab.tui.screens.practice import INSTEAD, SIDE_BY_SIDE_FROM, ShellFound
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.status_rows import Tone
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.clock_panel import ClockPanel
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.terminal_pane import TerminalPane, is_available
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.exam_access import ExamAccess
    from eks_lab.tui.sandbox_access import Tell


class TaskOpened(Message):
    """A worker has the task as a candidate sees it."""

    def __init__(self, view: TaskView) -> None:
        """Carry it to the event loop.

        Args:
            view: the task.
        """
        super().__init__()
        self.view = view


class ExamLabScreen(WatchingScreen[bool]):
    """The result is whether the task was opened, so that its standing is worth keeping."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it without ClassVar)
        (0, "-portrait"),
        (SIDE_BY_SIDE_FROM, "-landscape"),
    ]
    BINDING_GROUP_TITLE = "Hands-on task"
    HELP = """
Work in the terminal, after `kubectl config use-context` as the task says. `f2` goes from the terminal to the task and back,
from anywhere. Nothing tells how far you are. `escape` leads back to the exam; the task stays as you left it.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f2",
            "panes",
            "Terminal",
            id="exam-lab.panes",
            priority=True,
            tooltip="From the task to the terminal, and back",
        ),
        Binding("t", "terminal", "Shell", id="exam-lab.terminal", tooltip="A shell for the task"),
        Binding("a", "answer", "Answer", id="exam-lab.answer", tooltip="Answer a question of the task"),
        Binding("r", "open", "Try again", id="exam-lab.open", tooltip="Bring the task into the sandbox"),
        Binding("escape", "leave", "Back", id="exam-lab.leave", tooltip="Back to the exam; the task is kept"),
    ]
    DEFAULT_CSS = """
    ExamLabScreen {
        ClockPanel { border-bottom: solid $ink-rule; }
        #exam-lab-panes { height: 1fr; }
        #exam-lab-task { width: 2fr; padding: 0 1; scrollbar-size-vertical: 1; }
        #exam-lab-terminal { width: 3fr; border-left: solid $ink-rule; }
        &.-portrait #exam-lab-task { width: 1fr; }
        &.-portrait #exam-lab-terminal { display: none; border-left: none; }
        &.-portrait.-typing #exam-lab-task { display: none; }
        &.-portrait.-typing #exam-lab-terminal { display: block; width: 1fr; }
    }
    """

    def __init__(self, exams: ExamAccess, task: ExamTask) -> None:
        """Open a task.

        Args:
            exams: brings it into the sandbox; is asked from worker threads.
            task: that is done there.
        """
        super().__init__(name="exam-lab")
        self._exams = exams
        self._exam_task = task
        self._view: TaskView | None = None
        self._has_tried = False

    def compose(self) -> ComposeResult:
        """Compose task and terminal."""
        yield TopBar("Exam", f"Task {self._exam_task.number}: {self._exam_task.title}")
        yield ClockPanel()
        with Horizontal(id="exam-lab-panes"):
            with VerticalScroll(id="exam-lab-task"):
                yield Prose(
                    [line("The task is brought into the sandbox; the clock runs.", "muted")],
                    id="exam-lab-text",
                )
            with Vertical(id="exam-lab-terminal"):
                yield TerminalPane(INSTEAD, id="exam-lab-shell")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Open the task; the base class, whose handler runs as well, begins to look at the clock."""
        self.query_one("#exam-lab-task").focus()
        self.action_open()

    @property
    def panel(self) -> ClockPanel:
        """Place, clock and what is under way."""
        return self.query_one(ClockPanel)

    @property
    def terminal(self) -> TerminalPane:
        """The terminal."""
        return self.query_one(TerminalPane)

    @property
    def is_typing(self) -> bool:
        """Whether keys go to the terminal."""
        return self.terminal.is_typing

    # Looking

    def looking(self) -> Callable[[], object]:
        """Return a look at the clock."""
        return self._exams.look

    def show_found(self, found: object) -> None:
        """Show the clock; leave when the exam is over."""
        assert isinstance(found, SittingView)
        if found.ending:
            if self.app.screen is self:
                # The report looks at the labs a last time: nothing has to be kept before.
                self.dismiss(False)
            elif self.app.screen.is_modal:
                self.app.screen.dismiss(None)
            return
        panel = self.panel
        panel.place = (
            f"Task {self._exam_task.number} of {len(found.tasks)}, {points_words(self._exam_task.points)}"
        )
        panel.clock = left_words(found.left_seconds)
        panel.is_short = found.left_seconds < SOON_SECONDS

    # The task

    def action_open(self) -> None:
        """Bring the task into the sandbox."""

        def bring(tell: Tell) -> Said:
            self.post_message(TaskOpened(self._exams.open_lab(self._exam_task.number, tell)))
            return Said("", Tone.PLAIN)

        self._has_tried = True
        self.do("Opening", bring)

    @on(TaskOpened)
    def _opened(self, event: TaskOpened) -> None:
        event.stop()
        is_first, self._view = self._view is None, event.view
        self.query_one("#exam-lab-text", Prose).set_items(lab_text(event.view))
        if is_first:
            self._open_terminal(event.view)
        self.refresh_bindings()

    def action_answer(self) -> None:
        """Answer a question of the task."""
        assert self._view is not None
        questions = self._view.questions
        if len(questions) == 1:
            self._ask(questions[0])
            return
        from eks_lab.tui.screens.choose import Choose

        by_check = {each.check: each for each in questions}

        def chosen(check: str | None) -> None:
            if check:
                self._ask(by_check[check])

        choices = [(each.check, each.question) for each in questions]
        self.app.push_screen(Choose("Which question?", choices, ""), chosen)

    def _ask(self, asked: Asked) -> None:
        from eks_lab.tui.screens.answer_check import AnswerCheck

        row = CheckRow(
            asked.check, asked.question, 0, None, question=asked.question, options=asked.options,
            answer=asked.answer,
        )  # fmt: skip

        def answered(text: str | None) -> None:
            if text:
                self.do("Keeping your answer", lambda _: self._keep_answer(asked.check, text))

        self.app.push_screen(AnswerCheck(row), answered)

    def _keep_answer(self, check: str, text: str) -> Said:
        self.post_message(TaskOpened(self._exams.answer_lab(check, text)))
        return Said(f"Answered: {text}", Tone.PLAIN)

    # The terminal

    @work(thread=True, exclusive=True, group="shell", exit_on_error=False)
    def _open_terminal(self, view: TaskView) -> None:
        self.post_message(ShellFound(self._exams.lab_shell(view) if is_available() else []))

    @on(ShellFound)
    async def _shell_found(self, event: ShellFound) -> None:
        event.stop()
        await self.terminal.run(event.command)
        self.refresh_bindings()

    @on(TerminalPane.Ended)
    def _shell_ended(self, event: TerminalPane.Ended) -> None:
        event.stop()
        self.remove_class("-typing")
        self.query_one("#exam-lab-task").focus()
        self.panel.said = Said("The shell has ended; t opens another one.", Tone.PLAIN)
        self.refresh_bindings()

    def action_panes(self) -> None:
        """Go from the task to the terminal, and back."""
        terminal = self.terminal.terminal
        is_there = self.has_class("-typing") if terminal is None else self.terminal.is_typing
        self.set_class(not is_there, "-typing")
        if is_there or terminal is None:
            self.query_one("#exam-lab-task").focus()
        else:
            terminal.focus()

    def action_terminal(self) -> None:
        """Go to the terminal; where there is none, lend the window to a shell."""
        assert self._view is not None
        if self.terminal.terminal is not None:
            if not self.terminal.is_typing:
                self.action_panes()
        elif is_available():
            self._open_terminal(self._view)
        else:
            self._lend(self._view)

    def _lend(self, view: TaskView) -> None:
        elsewhere = "Type in another terminal: eks-lab sandbox shell"
        try:
            with self.app.suspend():
                print("\nA shell for the task; exit brings the exam back. Its clock runs.\n", flush=True)
                subprocess.run(self._exams.lab_shell(view), check=False)
        except SuspendNotSupported:
            self.panel.said = Said("This terminal cannot be lent to a shell.", Tone.BAD, elsewhere)
        except OSError as error:
            why = f"The shell cannot be started: {error.strerror or error}"
            self.panel.said = Said(why, Tone.BAD, elsewhere)
        except EksLabError as error:
            self.panel.said = Said(error.message, Tone.BAD, error.hint)
        self.look()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action != "panes" and any(pane.is_typing for pane in self.query(TerminalPane)):
            # The keys are the shell's.
            return False
        if action in ("panes", "terminal"):
            return self._view is not None
        if action == "answer":
            return self._view is not None and bool(self._view.questions) and not self.is_busy
        if action == "open":
            return self._has_tried and self._view is None and not self.is_busy
        return True

    def action_leave(self) -> None:
        """Go back to the exam."""
        self.dismiss(self._view is not None)
