"""A lab that runs: points, hints, answers, reset, stop, and going on after a break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.content.actions import WorldOptions
from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.session import Place, Session, View, running_lab, start_lab
from eks_lab.grading.stage import StepError
from eks_lab.learning.progress import Progress, open_progress
from tests.grading.bench import Spoil, written

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A learner at work."""

    folder: Path
    clock: SimClock
    progress: Progress
    place: Place
    target: InProcess

    def start(self, spoil: Spoil | None = None) -> tuple[Session, View]:
        """Write a lab and start it."""
        lab = written(self.folder / "labs", spoil)
        return start_lab(lab, 7, self.target, self.progress.labs, self.place)

    def again(self) -> Session:
        """Come back later."""
        return running_lab(self.target, self.progress.labs, self.place)

    def kubectl(self, *words: str) -> str:
        """Type a command."""
        done = self.target.run_kubectl(words, self.folder)
        assert done.code == 0, done.err
        return done.out


@pytest.fixture
def desk(tmp_path: Path, target: InProcess) -> Iterator[Desk]:
    """Give a desk with a world of the learner's own."""
    clock = SimClock(NOON)
    target.begin(WorldOptions(nodes=1), 3)
    with open_progress(tmp_path / "progress.sqlite3", clock) as progress:
        yield Desk(tmp_path, clock, progress, Place(tmp_path / "learner", clock), target)


def with_question(document: dict[str, Any]) -> None:
    document["checks"][0]["weight"] = 60
    question = {"question": "What makes pods?", "options": ["kubelet", "the ReplicaSet"], "choice": 2}
    document["checks"].append(
        {"id": "who", "title": "Who makes pods", "weight": 40, "answer": question, "otherwise": "{observed}"}
    )
    document["hints"] = [
        {"text": "Nothing fits.", "cost": 30, "when": {"resource": {"kind": "Job"}}},
        {"text": "Look at what it wants.", "cost": 5},
        {"text": "Look again.", "cost": 10},
    ]
    document["start"]["steps"].append({"file": {"path": "notes.txt", "text": "Nothing yet.\n"}})
    document["solutions"][0]["steps"].append({"answer": {"check": "who", "value": 2}})


def test_a_lab_from_start_to_end(desk: Desk) -> None:
    desk.kubectl("create", "namespace", "mine")
    session, view = desk.start(with_question)
    wanted = session.lab.values["replicas"]
    assert (view.lab_id, view.points, view.is_solved, view.most_points) == ("sample", 0, False, 100)
    assert [each.says for each in view.checks] == [f"0 of {wanted} pods run.", "no answer yet"]
    assert view.checks[1].options == ("kubelet", "the ReplicaSet")
    assert "mine" not in desk.kubectl("get", "namespaces")
    assert (view.folder / "notes.txt").read_text() == "Nothing yet.\n"

    hint = session.hint()
    assert (hint.text, hint.cost, hint.left) == ("Look at what it wants.", 5, 2)
    session.note_command("kubectl get deploy")
    desk.clock.advance(timedelta(minutes=3))
    desk.kubectl("scale", "deployment", "web", f"--replicas={wanted}")
    desk.target.advance(timedelta(minutes=1))
    view = desk.again().check()
    assert [each.holds for each in view.checks] == [True, False]
    assert (view.points, view.most_points, view.seconds) == (55, 95, 180)
    view = session.answer("who", "2")
    assert (view.is_solved, view.points, view.outcome) == (True, 95, "solved")
    desk.clock.advance(timedelta(minutes=30))
    assert session.check().seconds == 180
    (attempt,) = desk.progress.labs.attempts("sample")
    assert (attempt.points, attempt.hints, attempt.seconds, attempt.outcome) == (95, 1, 180, "solved")
    assert session.commands() == ["kubectl get deploy"]
    assert session.typed_solution()[0] == f"kubectl scale deployment web --replicas={wanted}"

    session.stop()
    assert "mine" in desk.kubectl("get", "namespaces")
    with pytest.raises(InputError, match="no lab runs"):
        session.check()
    assert desk.progress.labs.attempts()[0].points == 95


def test_a_reset_brings_world_files_and_answers_back_but_no_points(desk: Desk) -> None:
    session, _ = desk.start(with_question)
    # What was written and read once has the form of every later reading.
    session.reset()
    before = desk.target.state_hash()
    session.hint()
    session.answer("who", "2")
    (desk.place.folder_of("sample") / "notes.txt").write_text("Much.\n")
    (desk.place.folder_of("sample") / "more.txt").write_text("More.\n")
    desk.kubectl("delete", "deployment", "web")
    view = session.reset()
    assert desk.target.state_hash() == before
    assert [each.answer for each in view.checks] == ["", ""]
    assert sorted(each.name for each in view.folder.iterdir()) == ["notes.txt"]
    assert (view.folder / "notes.txt").read_text() == "Nothing yet.\n"
    assert view.hints == ("Look at what it wants.",)


def test_seeing_the_solution_earns_nothing(desk: Desk) -> None:
    session, _ = desk.start(with_question)
    steps = list(session.solve())
    assert steps[0].line.startswith("kubectl scale deployment web")
    assert "scaled" in steps[0].done.out
    desk.target.advance(timedelta(minutes=1))
    view = session.check()
    assert (view.is_solved, view.points, view.outcome) == (True, 0, "shown")
    with pytest.raises(InputError, match="no solution 2"):
        list(session.solve(1))


def test_hints_run_out(desk: Desk) -> None:
    session, _ = desk.start(with_question)
    assert [session.hint().left, session.hint().left] == [2, 1]
    with pytest.raises(InputError, match="no hint fits the present situation"):
        session.hint()
    assert session.check().most_points == 85


def test_points_never_fall_below_zero(desk: Desk) -> None:
    def dear(document: dict[str, Any]) -> None:
        document["hints"] = [{"text": "a", "cost": 70}, {"text": "b", "cost": 30}]

    session, _ = desk.start(dear)
    session.hint()
    session.hint()
    view = session.check()
    assert (view.points, view.most_points) == (0, 0)
    with pytest.raises(InputError, match="no hint left"):
        session.hint()


def test_a_second_lab_is_refused(desk: Desk) -> None:
    desk.start()
    other = written(desk.folder / "labs", lab_id="other")
    with pytest.raises(InputError, match="the lab sample runs already") as caught:
        start_lab(other, 7, desk.target, desk.progress.labs, desk.place)
    assert "eks-lab lab stop" in caught.value.hint


def test_a_lab_that_is_edited_while_it_runs_goes_on_as_it_was(desk: Desk) -> None:
    session, view = desk.start()
    assert view.notice == ""
    path = desk.folder / "labs" / "sample" / "lab.yaml"
    path.write_text("broken: [")
    view = desk.again().check()
    assert view.title == session.lab.file.title
    assert "have changed since it was started" in view.notice
    path.unlink()
    assert "are gone or broken" in desk.again().check().notice


def test_a_start_that_fails_leaves_the_world_as_it_was(desk: Desk) -> None:
    desk.kubectl("create", "namespace", "mine")

    def spoil(document: dict[str, Any]) -> None:
        document["start"]["steps"].append({"kubectl": "delete pod nobody"})

    with pytest.raises(StepError, match='pods "nobody" not found'):
        desk.start(spoil)
    assert "mine" in desk.kubectl("get", "namespaces")
    assert desk.progress.labs.running() is None


def test_what_a_lab_requires_and_is_not_there_is_named(desk: Desk) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["requires"] = ["cluster", "terraform"]

    with pytest.raises(UnavailableError, match="requires terraform, which is not there"):
        desk.start(spoil)


def test_a_lost_copy_is_one_clear_message(desk: Desk) -> None:
    desk.start()
    (desk.place.pack_of("sample") / "lab.yaml").unlink()
    with pytest.raises(DataError, match="its copy cannot be read") as caught:
        desk.again()
    assert "--force" in caught.value.hint


def test_an_answer_to_nothing_is_refused(desk: Desk) -> None:
    session, _ = desk.start(with_question)
    with pytest.raises(InputError, match="'pods-run' asks no question") as caught:
        session.answer("pods-run", "1")
    assert "who" in caught.value.hint


def test_a_check_is_quick(desk: Desk) -> None:
    """At most 200 ms after the state has changed; measured in processor time, which neighbours do not stretch."""
    import time

    session, _ = desk.start(with_question)
    session.check()
    begun = time.process_time()
    session.check()
    assert time.process_time() - begun < 0.2
