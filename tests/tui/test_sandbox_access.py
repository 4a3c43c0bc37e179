"""The screen's way to a real sandbox process, and what is said when the way is blocked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.errors import DataError, EksLabError, InputError, UnavailableError
from eks_lab.sandbox import launch
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.sandbox_access import STEPS, LocalSandbox
from eks_lab.tui.sandbox_reader import KubeReader
from eks_lab.tui.sandbox_view import Wishes


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[StateDirectory]:
    """A folder whose sandbox ends with the test."""
    made = StateDirectory(tmp_path / "sandbox")
    yield made
    launch.stop(made)


def ignore(step: str, part: float) -> None:
    """Hear nothing."""


def test_a_sandbox_is_started_watched_played_and_stopped(directory: StateDirectory) -> None:
    sandbox = LocalSandbox(directory)
    assert sandbox.look().facts is None
    steps: list[tuple[str, float]] = []
    sandbox.start(lambda step, part: steps.append((step, part)))
    assert steps[0] == (f"step 1 of 3, {STEPS[0]}", 0.5 / 3)
    assert steps == sorted(steps, key=lambda step: step[1])
    view = sandbox.look()
    assert view.facts is not None
    assert (view.facts.ready, view.facts.nodes) == (3, 3)
    assert view.facts.kubeconfig == str(directory.kubeconfig)
    assert view.nodes.title == "Nodes: 3, all ready"
    assert [row.cells[1:4] for row in view.nodes.rows] == [
        ("✓ ready", f"us-east-1{zone}", "m5.large") for zone in ("a", "c", "b")
    ]
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sent}\n"
    assert sandbox.apply(manifest) == "configmap/sent created"
    with pytest.raises(InputError, match="Bad_Name"):
        sandbox.apply(manifest.replace("sent", "Bad_Name"))
    sandbox.set_speed("pause")
    before = sandbox.look().facts
    parts: list[float] = []
    played = sandbox.advance(5, lambda _, part: parts.append(part), lambda: len(parts) == 2)
    after = sandbox.look().facts
    assert before is not None
    assert after is not None
    assert played.minutes == 2
    assert parts == [0, 0.2]
    assert (after.now - before.now).total_seconds() == 120
    assert after.is_paused
    sandbox.reset()
    assert len(sandbox.look().nodes.rows) == 3
    sandbox.begin(Wishes(2, "c7g.large", "1.35", 4), ignore)
    another = sandbox.look()
    assert another.facts is not None
    assert another.facts.wishes == Wishes(2, "c7g.large", "1.35", 4)
    assert [row.cells[3] for row in another.nodes.rows] == ["c7g.large"] * 2
    with pytest.raises(InputError, match=r"m5\.lrage"):
        sandbox.begin(Wishes(instance="m5.lrage"), ignore)
    assert sandbox.look().facts is not None, "the cluster is still there"
    sandbox.stop()
    assert sandbox.look().facts is None
    assert directory.cluster_of("lab").exists()
    # Its kubeconfig is still there, and nobody listens.
    with pytest.raises(UnavailableError, match="does not answer"):
        KubeReader(directory.kubeconfig).read(("/api/v1/nodes", True))
    sandbox.reset()
    assert not directory.cluster_of("lab").exists()
    sandbox.begin(Wishes(nodes=1), ignore)
    begun = sandbox.look().facts
    assert begun is not None
    assert begun.nodes == 1
    sandbox.stop()
    with pytest.raises(UnavailableError, match="does not run"):
        sandbox.advance(1, ignore, lambda: False)
    with pytest.raises(UnavailableError, match="does not run"):
        sandbox.apply(manifest)


def test_a_folder_that_cannot_be_made_is_said_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EksLabError) as told:
        LocalSandbox(StateDirectory(tmp_path / "file" / "sandbox")).start(ignore)
    assert "file" in told.value.message
    assert told.value.hint


@pytest.mark.parametrize("content", [None, "{", "{}", json.dumps({"clusters": [], "users": []}), "[]"])
def test_a_kubeconfig_that_is_gone_or_another_one_is_said(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    with pytest.raises(DataError, match="kubeconfig"):
        KubeReader(path).read(("/api/v1/nodes", True))
