"""A lab on a cluster that keeps no states, that is the learner's own, or that may only be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.content.actions import WorldOptions
from eks_lab.errors import UnavailableError
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.present import present_target, started
from eks_lab.grading.session import Place, Session, View, start_lab
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.sandbox.backends import choice
from eks_lab.sandbox.backends.choice import Choice
from eks_lab.sandbox.state_directory import StateDirectory
from tests.grading.bench import written

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def with_notes(document: dict[str, Any]) -> None:
    """Give the learner a file, too."""
    document["start"]["steps"].append({"file": {"path": "notes.txt", "text": "Nothing yet."}})


class Elsewhere:
    """Starts labs on a world that can do less."""

    def __init__(
        self, folder: Path, target: InProcess, progress: Progress, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder, self.target, self._progress, self._patch = folder, target, progress, monkeypatch

    def start(self, *less: str) -> tuple[Session, View]:
        """Start the sample lab without some capabilities."""
        capabilities = InProcess.capabilities - set(less)
        self._patch.setattr(self.target, "capabilities", capabilities, raising=False)
        place = Place(self.folder / "learner", SimClock(NOON))
        lab = written(self.folder / "labs", with_notes)
        return start_lab(lab, 7, self.target, self._progress.labs, place)

    def deployments(self) -> list[str]:
        """Return what there is."""
        return [each["metadata"]["name"] for each in self.target.kubernetes.list("Deployment", "default")]

    def kubectl(self, *words: str) -> None:
        """Type a command."""
        assert self.target.run_kubectl(words, self.folder).code == 0


@pytest.fixture
def elsewhere(tmp_path: Path, target: InProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """Give a world of the learner's own."""
    target.begin(WorldOptions(nodes=1), 3)
    with open_progress(tmp_path / "progress.sqlite3", SimClock(NOON)) as progress:
        yield Elsewhere(tmp_path, target, progress, monkeypatch)


def test_a_reset_plays_the_start_again_where_no_state_is_kept(elsewhere: Elsewhere) -> None:
    session, first = elsewhere.start("snapshots")
    elsewhere.kubectl("delete", "deployment", "--all")
    elsewhere.kubectl("create", "configmap", "mine")
    view = session.reset()
    assert [each.holds for each in view.checks] == [each.holds for each in first.checks]
    assert "web" in elsewhere.deployments()
    assert elsewhere.target.kubernetes.get("ConfigMap", "mine", "default") is None
    session.stop()
    assert "web" in elsewhere.deployments()


def test_a_cluster_of_the_learners_own_keeps_what_is_there(elsewhere: Elsewhere) -> None:
    elsewhere.kubectl("create", "deployment", "mine", "--image=nginx")
    session, _ = elsewhere.start("snapshots", "reset")
    assert sorted(elsewhere.deployments()) == ["mine", "web"]
    with pytest.raises(UnavailableError, match="cannot go back to the start") as refused:
        session.reset()
    assert "by hand" in refused.value.hint


def test_a_cluster_that_may_only_be_looked_at_is_judged_and_not_touched(elsewhere: Elsewhere) -> None:
    before = elsewhere.target.state_hash()
    session, view = elsewhere.start("snapshots", "reset", "writable")
    assert elsewhere.deployments() == []
    assert not view.is_solved
    assert (view.folder / "notes.txt").is_file()
    session.stop()
    assert elsewhere.target.state_hash() == before


def test_another_backend_is_the_learners_to_start(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path / "sandbox")
    choice.write(directory, Choice("docker"))
    for ask in (started, lambda where: present_target(where, SimClock(NOON))):
        with pytest.raises(UnavailableError, match="does not run on the backend docker") as refused:
            ask(directory)
        assert "sandbox up" in refused.value.hint
