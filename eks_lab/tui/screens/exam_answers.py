"""The tasks of a sitting that is over, one after the other: what was answered, what is right, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from eks_lab.errors import EksLabError
from eks_lab.tui.exam_view import KIND_WORDS, JudgedTask, points_words
from eks_lab.tui.messages import LinkFollowed
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.item.item_view import ItemView
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from eks_lab.tui.exam_access import ExamAccess


class TasksLoaded(Message):
    """A worker has read the tasks, or could not."""

    def __init__(self, tasks: tuple[JudgedTask, ...] | EksLabError) -> None:
        """Carry them to the event loop.

        Args:
            tasks: or why there are none.
        """
        super().__init__()
        self.tasks = tasks


class ExamAnswersScreen(LabScreen[None]):
    """Starts with the first task that was not answered rightly."""

    BINDING_GROUP_TITLE = "Answers"
    HELP = "Every task as it was asked, with your answer, what is right, and why."
    AUTO_FOCUS = "#answers-page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right", "move(1)", "Next", id="answers.next", tooltip="The next task"),
        Binding("p,left", "move(-1)", "Prev", id="answers.previous", tooltip="The task before"),
        Binding(
            "w", "missed", "Next missed", id="answers.missed", tooltip="The next task that was not right"
        ),
        Binding("escape", "leave", "Back", id="answers.leave", tooltip="Back to the report"),
    ]
    DEFAULT_CSS = """
    ExamAnswersScreen #answers-page { height: 1fr; scrollbar-size-vertical: 1; }
    """

    def __init__(self, exams: ExamAccess, sitting_id: int) -> None:
        """Read the tasks of a sitting.

        Args:
            exams: has them; is asked from worker threads.
            sitting_id: of one that is over.
        """
        super().__init__(name="exam-answers")
        self._exams = exams
        self._sitting_id = sitting_id
        self._tasks: tuple[JudgedTask, ...] = ()
        self._at = 0

    def compose(self) -> ComposeResult:
        """Compose the page."""
        yield TopBar("Report", "Tasks")
        yield VerticalScroll(
            Prose([line("Reading the tasks…", "muted")]), id="answers-page", classes="page--column"
        )
        yield KeyFooter()

    @property
    def page(self) -> VerticalScroll:
        """The part that scrolls."""
        return self.query_one("#answers-page", VerticalScroll)

    def on_mount(self) -> None:
        """Read the tasks."""
        self._load()

    @work(thread=True, exclusive=True, group="tasks", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(TasksLoaded(self._exams.tasks(self._sitting_id)))
        except EksLabError as error:
            self.post_message(TasksLoaded(error))

    @on(TasksLoaded)
    async def _loaded(self, event: TasksLoaded) -> None:
        event.stop()
        if isinstance(event.tasks, EksLabError):
            error = event.tasks
            hint = f" Next: {error.hint}" if error.hint else ""
            self.query_one(Prose).set_items([line(f"✗ {error.message}{hint}", "problem")])
            return
        self._tasks = event.tasks
        self._at = next((place for place, each in enumerate(self._tasks) if not each.result.correct), 0)
        await self._show()

    async def _show(self) -> None:
        judged = self._tasks[self._at]
        task = judged.task
        kind = KIND_WORDS.get(task.kind, task.kind)
        bar = self.query_one(TopBar)
        bar.crumbs = ("Report", f"Task {task.number} of {len(self._tasks)}")
        bar.remark = judged.result.headline
        head = f"{task.domain} · {kind} · {points_words(task.points)}"
        widgets: list[Widget] = [Prose([line(head, "muted")], classes="asking--head")]
        if task.variant is not None:
            widgets.append(
                ItemView(
                    task.variant,
                    # Nothing was given: an answer that fits no kind marks nothing as given.
                    judged.given if judged.given is not None else "",
                    is_last=True,
                    result=judged.result,
                    diagram=task.diagram,
                    next_label="",
                )
            )
        else:
            said = [line(task.title or f"This question cannot be shown: {task.problem}", "title")]
            said.append(line(f"{judged.result.headline}. {judged.result.detail}".strip()))
            widgets.append(Prose(said))
        async with self.batch():
            await self.page.remove_children()
            await self.page.mount(*widgets)
        self.page.scroll_home(animate=False)
        self.page.focus()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is."""
        if action == "move":
            (step,) = parameters
            return isinstance(step, int) and 0 <= self._at + step < len(self._tasks)
        if action == "missed":
            return any(not each.result.correct for each in self._tasks)
        return True

    async def action_move(self, step: int) -> None:
        """Go to another task.

        Args:
            step: 1 or -1.
        """
        self._at += step
        await self._show()

    async def action_missed(self) -> None:
        """Go to the next task that was not right; from the end on to the beginning."""
        count = len(self._tasks)
        places = [(self._at + step) % count for step in range(1, count + 1)]
        self._at = next(place for place in places if not self._tasks[place].result.correct)
        await self._show()

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        self.post_message(LinkFollowed(event.href))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
