"""Labs run in a real sandbox process, as the screens ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.clock import SystemClock
from eks_lab.errors import InputError, UnavailableError
from eks_lab.grading.catalogue import labs_root
from eks_lab.grading.session import Place
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.sandbox import launch
from eks_lab.sandbox.client import required, running
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.local_labs import LocalLabs, run_course
from tests.builders import make_app

LAB = "first-deployment"


@dataclass
class World:
    """Labs, and what they stand on."""

    labs: LocalLabs
    directory: StateDirectory
    progress: Progress


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Labs in a sandbox of their own, which ends with the test."""
    directory = StateDirectory(tmp_path / "sandbox")
    place = Place(tmp_path / "labs", SystemClock(), run_course)
    with open_progress(tmp_path / "progress.sqlite3", SystemClock()) as progress:
        labs = LocalLabs(labs_root(), directory, place, lambda: progress.labs)
        yield World(labs, directory, progress)
        labs.close()
    launch.stop(directory)


def ignore(step: str, part: float) -> None:
    """Hear nothing."""


def test_labs_are_listed_in_the_order_of_the_course(world: World) -> None:
    rows = world.labs.rows()
    assert [row.chapter for row in rows] == sorted(row.chapter for row in rows)
    assert LAB in {row.id for row in rows}
    assert not any(row.is_done or row.is_running or row.problem for row in rows)
    assert world.labs.about(LAB).minutes > 0
    with pytest.raises(InputError, match="no lab 'none'"):
        world.labs.about("none")


def test_a_lab_that_cannot_be_read_is_in_the_list_with_its_line(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "pack" / "bad-lab"
    folder.mkdir(parents=True)
    (folder / "lab.yaml").write_text("id: bad-lab\ntitle: [\n")
    labs = LocalLabs(
        folder.parent, world.directory, Place(tmp_path, SystemClock()), lambda: world.progress.labs
    )
    (row,) = labs.rows()
    assert row.id == "bad-lab"
    assert "lab.yaml:" in row.problem


def test_a_lab_is_begun_judged_helped_shown_and_ended(world: World) -> None:
    labs = world.labs
    assert labs.look() is None
    with pytest.raises(InputError, match="no lab runs"):
        labs.hint()
    labs.start(LAB, ignore)
    state = labs.look()
    assert state is not None
    assert labs.running() == state.id == LAB
    assert (state.points, state.green, state.is_solved, state.debrief) == (0, 0, False, "")
    assert all(check.says for check in state.checks if not check.question)
    assert state.next_hint
    assert labs.shell()[4] == state.folder
    typed = Path(state.folder).with_name("typed")
    assert f"EKS_LAB_TYPED={typed}" in labs.shell()
    typed.write_text("kubectl get pods\nkubectl get events\n")
    labs.look()
    typed.write_text("clear\n")
    labs.hint()
    state = labs.look()
    assert state is not None
    assert len(state.hints) == 1
    assert "$ kubectl" in labs.solve(ignore)
    required(world.directory).advance(timedelta(minutes=5))
    state = labs.look()
    assert state is not None
    assert state.is_solved
    assert state.points == 0, "the solution was shown"
    assert "What we would do" in state.debrief
    assert state.did == ("kubectl get pods", "kubectl get events", "clear")
    assert state.next_id not in ("", LAB)
    labs.reset(ignore)
    state = labs.look()
    assert state is not None
    assert state.green == 0
    # Another one takes its place.
    other = state.next_id
    labs.start(other, ignore)
    assert labs.running() == other
    launch.stop(world.directory)
    with pytest.raises(UnavailableError, match="does not run"):
        labs.look()
    launch.start(world.directory, {})
    state = labs.look()
    assert state is not None
    assert state.id == other, "it goes on where it was"
    labs.stop()
    assert labs.look() is None
    assert running(world.directory) is not None
    (row,) = [row for row in labs.rows() if row.id == LAB]
    assert (row.is_done, row.points) == (False, 0)


def test_nothing_is_asked_of_a_record_that_is_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EksLabApp, "RECORD_SECONDS", 0.0)
    with pytest.raises(UnavailableError, match="record is not open"):
        make_app(tmp_path).labs.running()
