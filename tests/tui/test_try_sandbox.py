"""The commands of a shipped page in the real sandbox, run from the page with real kubectl."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from eks_lab import locations
from eks_lab.clock import SystemClock
from eks_lab.grading.daemon import found
from eks_lab.sandbox import launch
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.widgets.try_question import TryQuestion
from eks_lab.tui.widgets.try_run import TryRun
from tests.builders import USUAL, drawn, make_app, press, settle

PATIENCE_SECONDS = 60.0

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
    pytest.mark.skipif(not found("kubectl"), reason="there is no kubectl"),
]


@pytest.fixture(autouse=True)
def stopped(own_home: Path) -> Iterator[None]:
    """End the sandbox with the test."""
    yield
    launch.stop(StateDirectory.default())


async def until(pilot: Pilot[Any], holds: Callable[[], bool], what: str) -> None:
    """Wait for another process: the sandbox, the shell, kubectl."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"{what} has not come about:\n{drawn(pilot.app)}"  # type: ignore[arg-type]
        await pilot.pause(0.05)


async def test_from_a_page_with_the_sandbox_off_to_the_nodes_of_its_cluster(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A learner's own cluster and account must not be met by accident.
    monkeypatch.setenv("KUBECONFIG", str(own_home / "my-production-cluster"))
    monkeypatch.setenv("AWS_PROFILE", "production")
    lessons = locations.content_root() / "lessons"
    app = make_app(own_home, course=lessons, lesson="networking.max-pods", clock=SystemClock())
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        box = app.screen.query_one(TryRun)
        box.focus()
        await press(pilot, "r")
        await until(pilot, lambda: bool(app.screen.query(TryQuestion)), "the question")
        assert "The sandbox is off." in drawn(app)
        await pilot.press("y")
        await until(pilot, lambda: not box.is_busy and bool(box.transcript), "the end of the commands")
        assert box.transcript.startswith("$ kubectl get nodes")
        assert "m5.large" in box.transcript, "what the nodes of the sandbox are"
        assert "29" in box.transcript, "their max pods, as the page works them out"
        assert "kube-system" in box.transcript
        assert "did not end well" not in drawn(app)
