"""`eks-lab lab prove --backend`: refused where something would be lost, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eks_lab.cli import lab_backends, run
from eks_lab.grading import in_process, present

# Imported before anything is replaced: they take InProcess for good when they are first imported.
from eks_lab.grading.practical import bench as _bench  # noqa: F401
from eks_lab.grading.prover import comparison
from eks_lab.grading.prover import labour as _labour  # noqa: F401
from eks_lab.grading.prover.comparison import Comparison, Difference
from eks_lab.sandbox.backends import registry
from eks_lab.sandbox.backends.interface import BackendStatus

CONTAINERS = frozenset({"cluster", "writable", "reset"})
KEEPS = CONTAINERS | {"snapshots"}


class FakePlace:
    """Remembers what was kept and brought back."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.did: list[str] = []

    def snapshot(self, name: str) -> None:
        """Keep."""
        self.did.append(f"keep {name}")

    def restore(self, name: str) -> None:
        """Bring back."""
        self.did.append(f"restore {name}")

    def forget(self, name: str) -> None:
        """Forget."""
        self.did.append(f"forget {name}")

    def close(self) -> None:
        """Hang up."""
        self.did.append("close")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> FakePlace:
    found = FakePlace()
    monkeypatch.setattr(present, "present_target", lambda directory, clock: found)
    return found


def backend(monkeypatch: pytest.MonkeyPatch, name: str, capabilities: frozenset[str]) -> None:
    status = BackendStatus(name=name, running=bool(capabilities), capabilities=capabilities)
    found = SimpleNamespace(name=name, status=lambda: status)
    monkeypatch.setattr(registry, "backend", lambda named, directory: found)
    monkeypatch.setattr(registry, "present", lambda directory: found)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have two labs that were played, of which one differs, and one that cannot be carried."""
    difference = Difference("after solution 'Scale it'", "pods-run", "holds", "0 pods")
    found = {
        "first-deployment": Comparison("first-deployment", "docker", 7, checks=6),
        "first-rollout": Comparison(
            "first-rollout", "docker", 7, differs_by="real images", checks=5, differences=[difference]
        ),
        "max-pods": Comparison("max-pods", "docker", 7, skipped="there is no EC2 in it"),
    }

    def compare(folder: Path, *rest: Any) -> Comparison:
        return found[folder.name]

    monkeypatch.setattr(comparison, "compare", compare)
    monkeypatch.setattr(in_process, "InProcess", lambda *arguments: nullcontext())


def prove(*words: str) -> int:
    return run(["lab", "prove", *words])


def test_a_backend_that_does_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backend(monkeypatch, "docker", frozenset())
    assert prove("--backend", "docker", "first-deployment") == 3
    assert "eks-lab sandbox up --backend docker" in capsys.readouterr().err


def test_containers_are_only_emptied_after_a_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: FakePlace
) -> None:
    backend(monkeypatch, "docker", CONTAINERS)
    assert prove("--backend", "docker", "first-deployment") == 2
    assert "--fresh" in capsys.readouterr().err
    assert place.did == []


@pytest.mark.usefixtures("answers")
def test_what_it_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: FakePlace
) -> None:
    backend(monkeypatch, "docker", CONTAINERS)
    labs = ("first-deployment", "first-rollout", "max-pods")
    assert prove("--backend", "docker", "--fresh", *labs) == 1
    output = capsys.readouterr().out
    assert "first-deployment             alike, 6 looks at checks" in output
    assert "first-rollout                DIFFERENT" in output
    assert "after solution 'Scale it', check pods-run:\n    embedded: holds\n    docker: 0 pods" in output
    assert "The lab itself says of docker: real images" in output
    assert "max-pods                     cannot be carried: there is no EC2 in it" in output
    assert output.endswith("2 played on docker, 1 of them with differences; 1 cannot be carried there.\n")
    assert place.did == ["close"]
    assert prove("--backend", "docker", "--fresh", "--json", *labs) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["backend"], document["different"]) == ("docker", 1)
    assert document["labs"][1]["differences"][0]["check"] == "pods-run"


@pytest.mark.usefixtures("answers")
def test_the_learners_world_comes_back_where_it_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, place: FakePlace
) -> None:
    backend(monkeypatch, "embedded", KEEPS)
    assert prove("--backend", "embedded", "first-deployment") == 0
    before = lab_backends._BEFORE
    assert place.did == [
        f"keep {before}", f"restore {before}", f"forget {before}", "forget proof", "close"
    ]  # fmt: skip


def test_not_while_a_lab_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: FakePlace
) -> None:
    backend(monkeypatch, "embedded", KEEPS)

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(labs=SimpleNamespace(running=lambda: object()))

    monkeypatch.setattr(lab_backends, "opened_progress", opened)
    assert prove("--backend", "embedded", "first-deployment") == 2
    assert "eks-lab lab stop" in capsys.readouterr().err
    assert place.did == []
