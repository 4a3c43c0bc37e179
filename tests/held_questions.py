"""Exams and interviews on the app's own record, with a small bank, a small track and labs without a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from eks_lab.clock import SimClock
from eks_lab.content.items.bank import Bank, bank_of
from eks_lab.content.items.model import FollowUp, Interview, Item, KeyPoint, RecallItem
from eks_lab.content.model import LoadedCourse
from eks_lab.errors import EksLabError
from eks_lab.grading.hands_on import Asked, TaskView
from eks_lab.learning.exams.marking import lab_text
from eks_lab.learning.progress import Progress
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.sandbox_access import Tell
from tests import builders
from tests.builders import NOON, copied_course, make_app
from tests.fake_questions import CHOICE, COMMAND, MULTI, NUMBER, FakeQuestions

if TYPE_CHECKING:
    from eks_lab.learning.exams.sitting import Sitting

TRACK = """
id: small
title: Small exam
issuer: Somebody
version: "1.35"
form: mixed
minutes: 60
pass_line: {value: 66, scale: percent}
about: A sitting here asks about nodes and pods only.
practice:
  questions: 4
  kinds: [choice, multi, number, command, manifest]
domains:
  - {id: nodes, title: Nodes and their size, weight: 60, chapters: [basics], not_covered: [kubeadm]}
  - {id: network, title: Network, weight: 40, chapters: [network]}
sources:
  - {title: Outline, url: "https://example.org/outline", checked: 2026-11-22, says: [weights, pass line]}
"""
COMPETENCES: tuple[Any, ...] = ("fundamentals", "design", "operations", "security", "troubleshooting", "cost")


def elsewhere(item: Item, lesson: str, name: str) -> Item:
    """Return a question as one of another lesson."""
    return replace(item, id=f"{lesson}.{name}")


EXAM_ITEMS: tuple[Item, ...] = (
    elsewhere(CHOICE, "basics.nodes", "limit"),
    elsewhere(NUMBER, "basics.nodes", "how-many"),
    elsewhere(MULTI, "network.addresses", "several"),
    elsewhere(COMMAND, "network.addresses", "scale"),
)


def interview_item(number: int) -> RecallItem:
    """Return an interview question with the key points `room` and `taint`, and a follow-up on a missing taint."""
    return RecallItem(
        kind="recall",
        id=f"basics.nodes.talk-{number}",
        source="Kubernetes documentation",
        prompt=f"Why does pod {number} wait as Pending?",
        points=[
            KeyPoint(id="room", text="No node has room.", says=[["no room", "not enough"]], essential=True),
            KeyPoint(id="taint", text="A taint keeps it away.", says=[["taint"]]),
        ],
        model="No node has enough room for its requests, or a taint keeps it away.",
        interview=Interview(
            level="mid",
            competence=COMPETENCES[number % len(COMPETENCES)],
            topic="basics" if number % 2 else "general",
            minutes=3,
            follow_ups=[
                FollowUp(
                    prompt="What else keeps a pod away from a node?",
                    when="missing: taint",
                    points=[KeyPoint(id="taint", text="A taint does.", says=[["taint"]])],
                    model="A taint without a toleration.",
                )
            ],
        ),
    )


INTERVIEW_ITEMS = tuple(interview_item(number) for number in range(9))


class HeldQuestions(FakeQuestions):
    """Has the app's own course and record, and a bank at hand; judges commands as told."""

    def __init__(self, app: EksLabApp, items: Sequence[Item]) -> None:
        """Serve an app.

        Args:
            app: whose course and record are used, once they are open.
            items: the bank.
        """
        super().__init__()
        self._app = app
        self._items = tuple(items)

    def course(self) -> LoadedCourse:
        """Return the app's course."""
        return self._app.library.loaded

    def bank(self) -> Bank:
        """Return the bank."""
        return bank_of(self._items, self.course().course)

    def record(self) -> Progress:
        """Return the app's record."""
        return self._app.library.progress


class FakeExamLabs:
    """Labs of a sitting without a sandbox: every call remembered, what is there told by the test."""

    def __init__(self) -> None:
        """Have nothing opened."""
        self.calls: list[str] = []
        self.answers: dict[str, str] = {}
        self.passed = 1
        self.failure: EksLabError | None = None
        self._number: int | None = None

    def open(self, sitting: Sitting, number: int, tell: Tell) -> TaskView:
        """Show the task."""
        if self.failure is not None:
            raise self.failure
        self.calls.append(f"open {number}")
        tell("the task comes", 0.5)
        self._number = number
        sitting.show(number)
        return self._view()

    def answer(self, sitting: Sitting, check: str, value: str) -> TaskView:
        """Keep an answer."""
        self.calls.append(f"answer {check} {value}")
        self.answers[check] = value
        return self._view()

    def keep(self, sitting: Sitting) -> None:
        """Keep how it stands."""
        self.calls.append("keep")
        if self._number is not None:
            sitting.collect(self._number, lab_text(self.passed, 2, 50 * self.passed))

    def finish(self, sitting: Sitting) -> None:
        """Bring nothing back."""
        self.calls.append("finish")

    def shell(self, view: TaskView) -> list[str]:
        """Return a command."""
        return ["sh"]

    def close(self) -> None:
        """Note it."""
        self.calls.append("close")

    def _view(self) -> TaskView:
        assert self._number is not None
        return TaskView(
            self._number,
            "Make room for three pods",
            "Three pods of *web* wait.\n",
            ("Find out why.", "Let them run."),
            (("All pods run", 60), ("You know why", 40)),
            (Asked("why", "Why did they wait?", ("no room", "no image"), self.answers.get("why", "")),),
            f"task-{self._number}",
            Path("/labs/files"),
        )


def app_with_questions(
    home: Path, items: Sequence[Item], clock: SimClock | None = None
) -> tuple[EksLabApp, HeldQuestions, SimClock]:
    """Return an app with a small bank and the track above; one made on the same folder goes on.

    Args:
        home: folder of everything it writes.
        items: the bank.
        clock: stands at noon when left out.
    """
    course = home / "course"
    if not course.is_dir():
        copied_course(home)
        (course / "tracks").mkdir()
        (course / "tracks" / "small.yaml").write_text(TRACK)
    found = clock if clock is not None else SimClock(NOON)
    app = make_app(home, course=course, clock=found)
    questions = HeldQuestions(app, items)
    app.questions = questions
    return app, questions, found


def steady_of(clock: SimClock) -> Callable[[], float]:
    """Return a steady clock that goes with a simulated one."""
    return lambda: (clock.now() - NOON) / timedelta(seconds=1)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one and wait for what each brings; a screen may go, and its worker with it."""
    for key in keys:
        try:
            await builders.press(pilot, key)
        except WorkerCancelled:
            await builders.settle(pilot)
