"""Labs as tasks of an exam: switching back and forth, no hints, points by checks, the learner's own world afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.content.actions import WorldOptions
from eks_lab.errors import InputError
from eks_lab.grading.hands_on import HandsOn, lab_copy, lab_offers
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.lab_file import read_lab
from eks_lab.grading.session import Place, running_lab, start_lab
from eks_lab.learning.exams import records
from eks_lab.learning.exams.asked import variant_copy
from eks_lab.learning.exams.composition import Length, compose
from eks_lab.learning.exams.marking import mark
from eks_lab.learning.exams.report import report_of
from eks_lab.learning.exams.sitting import ExamRoom, Sitting
from eks_lab.learning.progress import Progress, open_progress
from tests.grading.bench import written
from tests.grading.test_session import with_question
from tests.learning.exams.samples import choice, offer, track

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A candidate at work."""

    folder: Path
    clock: SimClock
    progress: Progress
    target: InProcess
    room: ExamRoom
    place: Place
    sitting: Sitting

    def hands(self) -> HandsOn:
        """Sit down, as often as one likes."""
        return HandsOn(self.sitting, self.target, self.progress.labs, self.place)

    def kubectl(self, *words: str) -> tuple[int, str]:
        """Type a command; returns exit code and everything printed."""
        done = self.target.run_kubectl(words, self.folder)
        return done.code, done.out + done.err

    def points(self) -> dict[int, float | None]:
        """Hand in if need be, and return what each task earned."""
        if not self.sitting.state().is_over:
            self.sitting.end()
        mark(self.room, self.sitting)
        with self.room.database.read() as connection:
            marks = records.read_marks(connection, self.sitting.sitting_id)
        report = report_of(self.sitting.record, self.sitting.state(), marks)
        return {task.number: task.earned for task in report.tasks}


@pytest.fixture
def desk(tmp_path: Path, target: InProcess) -> Iterator[Desk]:
    """Give a sitting of one question (task 1) and two labs (tasks 2 and 3), and a world of the learner's own."""
    target.begin(WorldOptions(nodes=1), 3)
    target.run_kubectl(("create", "namespace", "mine"), tmp_path)
    clock = SimClock(NOON)
    labs = tmp_path / "labs"
    written(labs, with_question, "one")
    written(labs, None, "two")
    of = track((50, 50), questions=3, labs=2)
    of.domains[0].chapters.append("first")
    offers, folders = lab_offers(labs, {"0": "first", "1": "first"}, target.capabilities)
    offers = [
        replace(each, skills=("s0",) if each.id == "lab:one" else ("s1",), chapter="") for each in offers
    ]
    plan = compose(of, [*offers, offer("q.a", ["s0"])], 1, Length(60, 3, 2))
    contents: dict[str, dict[str, Any]] = {"q.a": variant_copy(choice("q.a"), 1)}
    contents |= {name: lab_copy(folder) for name, folder in folders.items()}
    with open_progress(tmp_path / "progress.sqlite3", clock) as progress:
        room = ExamRoom(progress.database, clock)
        sitting = room.start(of, plan, contents)
        yield Desk(tmp_path, clock, progress, target, room, Place(tmp_path / "learner", clock), sitting)


def number_of(desk: Desk, lab: str) -> int:
    return next(task.number for task in desk.sitting.record.tasks if task.item_id == f"lab:{lab}")


def wanted(desk: Desk, lab: str) -> int:
    """Return how many replicas a lab asks for."""
    session = running_lab(desk.target, desk.progress.labs, desk.place)
    assert session.lab.id == lab
    return int(session.lab.values["replicas"])


def test_labs_are_done_in_any_order_and_scored_as_they_were_left(desk: Desk) -> None:
    one, two = number_of(desk, "one"), number_of(desk, "two")
    assert {one, two} == {2, 3}
    view = desk.hands().open(one)
    assert (view.number, view.context) == (one, f"task-{one}")
    assert "The Deployment `web` is there" in view.story
    assert [weight for _, weight in view.goals] == [60, 40]
    assert [(asked.check, asked.answer) for asked in view.questions] == [("who", "")]
    assert (view.folder / "notes.txt").read_text() == "Nothing yet.\n"
    assert "mine" not in desk.kubectl("get", "namespaces")[1]
    assert desk.kubectl("config", "use-context", view.context)[0] == 0
    assert desk.kubectl("scale", "deployment", "web", f"--replicas={wanted(desk, 'one')}")[0] == 0
    (view.folder / "notes.txt").write_text("Much.\n")
    desk.hands().answer("who", "1")

    other = desk.hands().open(two)
    code, said = desk.kubectl("get", "deployment", "web")
    assert (code, f"task-{one}" in said) == (1, True), "who does not switch is told so"
    assert desk.kubectl("config", "use-context", other.context)[0] == 0
    assert desk.hands().current() == two

    again = desk.hands().open(one)
    assert (again.folder / "notes.txt").read_text() == "Much.\n"
    assert again.questions[0].answer == "1"
    desk.kubectl("config", "use-context", again.context)
    assert f"/{wanted(desk, 'one')}" in desk.kubectl("get", "deployment", "web")[1]
    desk.hands().answer("who", "2")
    desk.hands().finish()
    assert desk.hands().current() is None
    assert "mine" in desk.kubectl("get", "namespaces")[1]
    points = {task.number: task.points for task in desk.sitting.record.tasks}
    assert desk.points() == {1: 0, one: points[one], two: 0}


def test_there_are_no_hints_and_a_shown_solution_earns_nothing(desk: Desk) -> None:
    one = number_of(desk, "one")
    hands = desk.hands()
    hands.open(one)
    session = running_lab(desk.target, desk.progress.labs, desk.place)
    with pytest.raises(InputError, match="no hint left"):
        session.hint()
    list(session.solve())
    hands.finish()
    assert desk.points()[one] == 0


def test_after_the_time_a_lab_still_counts_for_a_minute_and_no_longer(desk: Desk) -> None:
    two = number_of(desk, "two")
    hands = desk.hands()
    hands.open(two)
    desk.kubectl("scale", "deployment", "web", f"--replicas={wanted(desk, 'two')}")
    desk.clock.advance(timedelta(minutes=60, seconds=20))
    hands.look()
    earned = desk.points()[two]
    assert earned is not None
    assert earned > 0
    desk.kubectl("scale", "deployment", "web", "--replicas=0")
    desk.clock.advance(timedelta(minutes=5))
    hands.finish()
    assert desk.points()[two] == earned


def test_a_lab_of_ones_own_is_not_touched(desk: Desk) -> None:
    mine = written(desk.folder / "mine", None, "mine")
    session, _ = start_lab(mine, 7, desk.target, desk.progress.labs, desk.place)
    with pytest.raises(InputError, match="no task of this exam"):
        desk.hands().open(number_of(desk, "one"))
    with pytest.raises(InputError, match="no task is in the sandbox"):
        desk.hands().look()
    assert session.check().outcome == ""
    session.stop()
    with pytest.raises(InputError, match="not a lab"):
        desk.hands().open(1)


def test_the_labs_of_a_sitting_are_its_own_copies(desk: Desk) -> None:
    for path in (desk.folder / "labs").rglob("lab.yaml"):
        path.unlink()
    assert desk.hands().open(number_of(desk, "two")).goals
    desk.hands().finish()


def test_a_lab_that_needs_more_than_there_is_or_is_broken_is_not_offered(tmp_path: Path) -> None:
    written(tmp_path, None, "fine")
    written(tmp_path, lambda document: document.update(requires=["cluster", "terraform"]), "more")
    written(tmp_path, lambda document: document.pop("title"), "broken")
    offers, folders = lab_offers(tmp_path, {}, {"cluster", "kubectl", "account", "aws"})
    assert [each.id for each in offers] == list(folders) == ["lab:fine"]


def test_every_shipped_lab_stays_sound_without_its_hints(tmp_path: Path) -> None:
    labs = Path(__file__).parents[2] / "labs"
    offers, folders = lab_offers(labs, {}, {"cluster", "kubectl", "account", "aws", "terraform"})
    assert len(offers) == len(list(labs.glob("*/lab.yaml")))
    for name, folder in folders.items():
        for path, text in lab_copy(folder)["files"].items():
            target = tmp_path / name[4:] / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        lab, findings = read_lab(tmp_path / name[4:])
        assert lab is not None
        assert not findings
        assert lab.file.hints == []


def test_the_cluster_is_read_although_kubectl_has_rewritten_the_kubeconfig(
    tmp_path: Path, target: InProcess
) -> None:
    target.begin(WorldOptions(nodes=1), 3)
    words = ("config", "set-cluster", "aaa", "--server=https://127.0.0.1:1")
    assert target.run_kubectl(words, tmp_path).code == 0
    assert not target.kubeconfig.read_text().startswith("{")
    target.kubernetes.forget()
    try:
        assert target.kubernetes.list("Node")
    finally:
        target.begin(WorldOptions(nodes=1), 3)
