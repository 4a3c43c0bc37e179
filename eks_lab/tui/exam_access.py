"""What the exam screens ask of whoever holds exams: calls that wait, for worker threads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from eks_lab.content.items.given import Given
from eks_lab.grading.hands_on import TaskView
from eks_lab.tui.exam_view import Composed, ExamList, ExamWish, JudgedTask, Reported, SittingView

if TYPE_CHECKING:
    from eks_lab.learning.exams.sitting import Sitting
    from eks_lab.tui.sandbox_access import Tell

ReportForm = Literal["markdown", "json"]


class ExamLabs(Protocol):
    """The hands-on tasks of a sitting; every call may raise an `EksLabError`, one runs at a time."""

    def open(self, sitting: Sitting, number: int, tell: Tell) -> TaskView:
        """Bring a task into the sandbox as it was left; the sandbox is started when it does not run."""
        ...

    def answer(self, sitting: Sitting, check: str, value: str) -> TaskView:
        """Answer the question of a check of the task in the sandbox."""
        ...

    def keep(self, sitting: Sitting) -> None:
        """Look at the task in the sandbox and keep how it stands; nothing when none is there."""
        ...

    def finish(self, sitting: Sitting) -> None:
        """Take the labs of a sitting out of the sandbox; the learner's own world comes back."""
        ...

    def shell(self, view: TaskView) -> list[str]:
        """Return the command of a shell in the task's folder, pointed at the sandbox."""
        ...

    def close(self) -> None:
        """Hang up; what is in the sandbox stays there."""
        ...


class ExamAccess(Protocol):
    """Exams as the screens use them; every call may raise an `EksLabError`."""

    # Before

    def all(self) -> ExamList:
        """Return exams and sittings; one whose time has passed meanwhile is ended."""
        ...

    def compose(self, track_id: str, wish: ExamWish) -> Composed:
        """Put an exam together; each time another one."""
        ...

    def start(self, composed: Composed) -> None:
        """Begin it; its clock runs from now."""
        ...

    # The sitting that runs

    def join(self) -> SittingView:
        """Take the running sitting up, which is written down with the time nobody had it open."""
        ...

    def look(self) -> SittingView:
        """Return how the joined sitting stands; now and then the clock's reading is kept."""
        ...

    def show(self, number: int) -> None:
        """Note that a task is looked at."""
        ...

    def answer(self, number: int, given: Given | None) -> None:
        """Answer a question; None takes the answer back."""
        ...

    def flag(self, number: int, is_flagged: bool) -> None:
        """Mark a task to come back to, or take the mark away."""
        ...

    def pause(self) -> None:
        """Stop the clock; the report says so."""
        ...

    def resume(self) -> None:
        """Let the clock run again."""
        ...

    def end(self) -> None:
        """Hand in."""
        ...

    def open_lab(self, number: int, tell: Tell) -> TaskView:
        """Bring a hands-on task into the sandbox."""
        ...

    def answer_lab(self, check: str, value: str) -> TaskView:
        """Answer the question of a check."""
        ...

    def keep_lab(self) -> None:
        """Keep how the task in the sandbox stands."""
        ...

    def lab_shell(self, view: TaskView) -> list[str]:
        """Return the command of a shell for a hands-on task."""
        ...

    # Afterwards

    def report(self, sitting_id: int, tell: Tell) -> Reported:
        """Judge what is not judged yet and return the report."""
        ...

    def tasks(self, sitting_id: int) -> tuple[JudgedTask, ...]:
        """Return the tasks of a sitting that is over, with their judgements."""
        ...

    def export(self, reported: Reported, form: ReportForm) -> str:
        """Return a report as a document."""
        ...
