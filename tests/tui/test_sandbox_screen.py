"""The sandbox screen: starting, watching, playing time, stopping, and what is said when something fails."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from eks_lab.errors import DataError, UnavailableError
from eks_lab.tui.account_view import fault_table
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.sandbox_view import Page, SandboxView, without_cluster
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.new_cluster import NewCluster
from eks_lab.tui.screens.sandbox import SandboxScreen
from eks_lab.tui.widgets.file_tabs import FileTabs
from eks_lab.tui.widgets.grid_view import GridTable
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.status_table import StatusTable
from tests.builders import SMALLEST, USUAL, WIDE, drawn, is_on, make_app, press, settle
from tests.fake_sandbox import FACTS, FAULTS, LONG, RUNNING, WHOLE, FakeSandbox

PATIENCE_SECONDS = 60.0


def app_with(home: Path, view: SandboxView | None = None) -> tuple[EksLabApp, FakeSandbox]:
    app, sandbox = make_app(home), FakeSandbox(view)
    app.sandbox = sandbox
    return app, sandbox


def shown(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


def offered(app: EksLabApp) -> set[str]:
    return {hint.description for hint in app.screen.query_one(KeyFooter).hints()}


async def until(pilot: Pilot[Any], text: str) -> None:
    """Wait for a text while something is still under way."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while text not in shown(pilot.app):  # type: ignore[arg-type]
        assert time.monotonic() < deadline, f"{text!r} does not come:\n{drawn(pilot.app)}"  # type: ignore[arg-type]
        await pilot.pause(0.01)


@contextlib.contextmanager
def held(sandbox: FakeSandbox) -> Iterator[None]:
    """Let calls wait until the end of the block."""
    sandbox.gate = threading.Event()
    try:
        yield
    finally:
        sandbox.gate.set()


async def test_it_says_what_it_is_and_starts_with_progress(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert is_on(app, SandboxScreen)
        assert "○ not running Press s to start it, n to choose its nodes and version." in shown(app)
        assert "Nodes" not in shown(app)
        assert {"Start", "Reset", "Back"} <= offered(app)
        assert not offered(app) & {"Stop", "Pause", "60x", "+1 h", "Shell"}
        with held(sandbox):
            await pilot.press("s")
            await until(pilot, "▶ Starting: step 2 of 3, the cluster is built")
            assert "50%" in shown(app)
            assert "Start" not in offered(app), "it starts once"
        await settle(pilot)
        assert sandbox.calls == ["start"]
        text = shown(app)
        assert "● running Kubernetes 1.36, 2 of 3 nodes ready (m5.large)" in text
        assert "✓ The sandbox runs." in text
        assert FACTS.kubeconfig in text
        assert FACTS.server in text
        assert "2026-11-22 12:00:00 UTC, at 1x" in text
        assert "eks-lab sandbox shell" in text


async def test_nodes_pods_and_events_are_shown_and_followed(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        text = drawn(app)
        assert "Nodes: 3, 1 not ready" in text
        assert text.index("✗ CrashLoopBackOff") < text.index("▲ Pending") < text.index("✓ Running")
        assert "▲ Warning" in text
        assert text.index("FailedScheduling") < text.index("Started container nginx")
        pods = app.screen.query_one("#sandbox-pods", StatusTable)
        assert pods.table.has_focus
        await press(pilot, "down", "down")
        # A problem goes away above: the cursor stays with its pod.
        sandbox.view = replace(RUNNING, pods=replace(RUNNING.pods, rows=RUNNING.pods.rows[1:]))
        screen = app.screen
        assert isinstance(screen, SandboxScreen)
        screen.look()
        await settle(pilot)
        assert "CrashLoopBackOff" not in drawn(app)
        assert pods.table.cursor_row == 1


async def test_a_message_that_does_not_fit_stands_whole_below(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path, RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert LONG.split()[-1] not in shown(app)
        await press(pilot, "tab")
        assert LONG.split()[-1] in shown(app)
        await press(pilot, "tab")
        assert LONG.split()[-1] not in shown(app)


async def test_nothing_is_asked_while_the_screen_is_hidden(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        screen = app.screen
        assert isinstance(screen, SandboxScreen)
        await press(pilot, "comma")
        before = sandbox.looks
        screen.look()
        await settle(pilot)
        assert sandbox.looks == before
        await press(pilot, "escape")
        assert sandbox.looks > before, "back in front it looks at once"


async def test_stopping_and_beginning_anew_are_asked_about(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "x")
        assert is_on(app, Confirm)
        await press(pilot, "n", "r", "escape")
        assert sandbox.calls == []
        await press(pilot, "r", "y")
        assert "✓ A new cluster runs." in shown(app)
        await press(pilot, "x", "y")
        assert sandbox.calls == ["reset", "stop"]
        assert "The sandbox is stopped; its state is kept." in shown(app)
        assert "○ not running" in shown(app)
        await press(pilot, "r", "y")
        assert "The kept cluster is gone" in shown(app)


async def test_time_is_paused_and_sped_up(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "p")
        assert "stands still at 2026-11-22 12:00:00 UTC" in shown(app)
        await press(pilot, "p", "2", "3", "1")
        assert sandbox.calls == ["speed pause", "speed 1x", "speed 10x", "speed 60x", "speed 1x"]
        assert "Simulated time runs at 1x." in shown(app)


async def test_time_is_played_forward_with_progress_and_stopped_with_escape(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "a")
        assert "✓ 15 minutes played: 4 things happened, 1 of them warnings." in shown(app)
        with held(sandbox):
            await pilot.press("A")
            await until(pilot, "▶ Playing: 5 of 60 minutes")
            assert "8% esc stops" in shown(app)
            await pilot.press("escape")
            await pilot.pause()
            assert is_on(app, SandboxScreen)
        await settle(pilot)
        assert sandbox.calls == ["advance 15", "advance 60"]
        assert "▲ Stopped after 5 of 60 minutes" in shown(app)
        await press(pilot, "escape")
        assert is_on(app, HomeScreen)


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("port 6443 is in use", hint="Take another port."),
        DataError("/sandbox: the sandbox cannot keep its state here: Read-only", hint="Make it writable."),
    ],
)
async def test_a_failure_is_a_message_with_the_next_step(tmp_path: Path, error: Any) -> None:
    app, sandbox = app_with(tmp_path)
    sandbox.failure = error
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "s")
        assert f"✗ {error.message} Next: {error.hint}" in shown(app)
        assert "Start" in offered(app), "it can be tried again"
        sandbox.failure = None
        await press(pilot, "s")
        assert error.message not in shown(app)
        assert "● running" in shown(app)


async def test_a_defect_leaves_the_screen_usable(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path)
    sandbox.failure = ZeroDivisionError("a defect")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "s")
        assert sandbox.calls == ["start"]
        assert "Starting" not in shown(app)
        told = [note.message for note in app._notifications]
        assert len(told) == 1
        assert told[0].startswith("Something went wrong here (ZeroDivisionError)")
        assert "Start" in offered(app)
        assert "Traceback" not in shown(app)


async def test_a_sandbox_that_does_not_answer_is_said_and_forgotten_when_it_does(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    sandbox.blindness = UnavailableError("the sandbox does not answer", hint="Stop it.")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert "✗ the sandbox does not answer Next: Stop it." in shown(app)
        sandbox.blindness = None
        screen = app.screen
        assert isinstance(screen, SandboxScreen)
        screen.look()
        await settle(pilot)
        assert "does not answer" not in shown(app)
        assert "● running" in shown(app)


async def test_the_export_line_is_copied(tmp_path: Path) -> None:
    spaced = replace(RUNNING, facts=replace(FACTS, kubeconfig="/home/a b/kubeconfig"))
    app, _ = app_with(tmp_path, spaced)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "c")
        assert app.clipboard == "export KUBECONFIG='/home/a b/kubeconfig'"


async def test_a_shell_is_opened_on_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, sandbox = app_with(tmp_path, RUNNING)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "o")
        assert "This terminal cannot be lent to a shell." in shown(app), "there is none in a test"
        assert sandbox.calls == []
        monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
        await press(pilot, "o")
        assert sandbox.calls == ["shell"]


async def test_the_palette_leads_to_it(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        await pilot.press(*"sandbox")
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert is_on(app, SandboxScreen)


@pytest.mark.parametrize("size", [SMALLEST, USUAL, (200, 60)])
async def test_it_fits_every_size_and_no_colour(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = app_with(tmp_path, RUNNING)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert "● running" in drawn(app)
        assert "Pods: 6, 2 with a problem" in drawn(app)
        assert app.focused is not None
        assert app.focused.region.right <= size[0]
        assert app.focused.region.height >= 2


async def test_a_new_cluster_is_begun_as_wished(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "n")
        assert is_on(app, NewCluster)
        assert "A cluster that is kept from before is thrown away." in shown(app)
        for letter in "m7g.l":
            await pilot.press(letter if letter != "." else "full_stop")
        await press(pilot, "ctrl+s")
        assert "✗ Nodes: " in shown(app)
        app.screen.query_one("#wish-nodes", Input).value = "5"
        await press(pilot, "enter")
        app.screen.query_one("#wish-instance", Input).value = "m7g.large"
        app.screen.query_one("#wish-version", Input).value = "1.35"
        app.screen.query_one("#wish-seed", Input).value = "42"
        await press(pilot, "ctrl+s")
        assert sandbox.calls == ["begin 5 m7g.large 1.35 42"]
        assert "✓ A new cluster runs." in shown(app)


async def test_what_runs_fills_the_form_and_escape_changes_nothing(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, replace(RUNNING, facts=replace(FACTS, instance="c7g.xlarge", seed=9)))
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "n")
        assert [each.value for each in app.screen.query(Input)] == ["3", "c7g.xlarge", "1.36", "9"]
        assert "The cluster that runs is thrown away" in shown(app)
        await press(pilot, "escape")
        assert is_on(app, SandboxScreen)
        assert sandbox.calls == []
        sandbox.failure = UnavailableError(
            "version: Kubernetes 1.2 is not simulated", hint="Choose one of 1.36."
        )
        await press(pilot, "n", "ctrl+s")
        assert "✗ version: Kubernetes 1.2 is not simulated" in shown(app)
        assert "Choose one of 1.36." in shown(app)


SEEN = {
    Page.WORKLOADS: "Pods: 6, 2 with a problem",
    Page.EKS: "✗ CREATE_FAILED",
    Page.NETWORK: "✗ none left",
    Page.ACCESS: "Pod Identity associations: 1",
    Page.COST: "Would have cost $0.07 so far, $0.396 an hour, $289.08 a month on AWS",
    Page.FAULTS: "✗ armed, and seen",
}


@pytest.mark.parametrize("size", [SMALLEST, USUAL, (200, 50)])
async def test_every_page_is_asked_for_when_it_comes_to_the_front(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, sandbox = app_with(tmp_path, WHOLE)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        for page, text in SEEN.items():
            assert sandbox.looked[0] is page
            if size != SMALLEST:
                assert text in shown(app)
            assert isinstance(app.focused, GridTable)
            assert app.focused.region.right <= size[0]
            assert app.focused.region.bottom < size[1]
            await press(pilot, "v")
        assert sandbox.looked == (Page.WORKLOADS, ""), "after the last comes the first"
        await press(pilot, "V")
        assert sandbox.looked == (Page.FAULTS, "")


async def test_a_page_with_a_problem_is_marked_and_turned_to_with_the_mouse(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, WHOLE)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert "✗ Workloads EKS Network Access Cost Faults" in shown(app)
        tabs = app.screen.query_one(FileTabs)
        line = tabs.render().plain
        await pilot.click(tabs, offset=(line.index("Network") + 2, 0))
        await settle(pilot)
        assert sandbox.looked[0] is Page.NETWORK
        assert "✗ Workloads ✗ EKS ✗ Network Access Cost" in shown(app)
        assert "12 of 27" in shown(app)
        sandbox.view = RUNNING
        screen = app.screen
        assert isinstance(screen, SandboxScreen)
        screen.look()
        await settle(pilot)
        assert "✗ Workloads EKS Network" in shown(app), "it is repaired"


async def test_the_cluster_whose_workloads_are_shown_is_chosen(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, WHOLE)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert "lab, one of 2 clusters: Kubernetes 1.36, 2 of 3 nodes ready" in shown(app)
        assert "https://127.0.0.1:6443, AWS http://127.0.0.1:4566 (123456789012)" in shown(app)
        await press(pilot, "e")
        assert is_on(app, Choose)
        await press(pilot, "down", "enter")
        assert sandbox.looked == (Page.WORKLOADS, "second")
        await press(pilot, "v")
        assert sandbox.looked == (Page.EKS, "second")
        assert "Cluster…" in offered(app)
        sandbox.view = RUNNING
        screen = app.screen
        assert isinstance(screen, SandboxScreen)
        screen.look()
        await settle(pilot)
        await press(pilot, "v")
        assert "Cluster…" not in offered(app), "there is nothing to choose"


async def test_an_account_without_a_cluster_says_how_to_get_one(tmp_path: Path) -> None:
    assert WHOLE.facts is not None
    facts = replace(WHOLE.facts, clusters=(), shown="", server="", nodes=0, ready=0, pods=0)
    app, _ = app_with(tmp_path, replace(without_cluster(), facts=facts))
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        text = shown(app)
        assert "● running account 123456789012, no cluster" in text
        assert "No cluster. In a sandbox shell: aws eks create-cluster" in text
        assert "API server none, AWS http://127.0.0.1:4566" in text


async def test_a_fault_is_armed_and_taken_back_where_the_cursor_is(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path, replace(WHOLE, faults=fault_table(FAULTS)))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert "Arm or clear" not in offered(app)
        await press(pilot, "f")
        assert sandbox.calls == []
        await press(pilot, "V", "down", "f")
        assert sandbox.calls == ["arm no-addresses"]
        assert "▲ Armed. Look for: Pods stay Pending." in shown(app)
        assert "Faults: 2, 2 armed" in shown(app)
        await press(pilot, "f")
        assert sandbox.calls[1:] == ["clear no-addresses"]
        assert "▲ Taken back, but for: the old node" in shown(app)
