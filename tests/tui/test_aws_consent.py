"""From the new-cluster dialog to the learner's own AWS account: a form, two questions, and no yes by accident."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from eks_lab.sandbox.backends.aws import consent
from eks_lab.sandbox.backends.aws.consent import Identity
from eks_lab.sandbox.backends.aws.ledger import Head, Ledger, path_of
from eks_lab.sandbox.backends.aws.price import Price
from eks_lab.sandbox.backends.aws.profile import Profile
from eks_lab.sandbox.backends.aws.wanted import Wanted
from eks_lab.sandbox.backends.interface import Plan
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui import own_account, sandbox_app
from eks_lab.tui.screens.aws_account import AwsAccount
from eks_lab.tui.screens.aws_consent import AwsConsent, Question
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.sandbox import SandboxScreen
from tests.builders import SMALLEST, USUAL, WIDE, drawn, is_on, make_app, press, settle
from tests.fake_sandbox import FakeSandbox

ACCOUNT = "123456789012"
WANTED = Wanted(
    mode="new",
    profile=Profile("school", "us-east-1", "an access key in ~/.aws", ()),
    region="us-east-1",
    cluster="eks-lab",
    version="1.36",
    instance="t3.medium",
    nodes=2,
    hours=3.0,
    budget_usd=0.6,
    price=Price(
        0.1976,
        (
            ("Control plane", 0.1),
            ("t3.medium on demand", 0.0832),
            ("Node disks (gp3)", 0.0044),
            ("Public IPv4", 0.01),
        ),
        ("Amazon EKS pricing, us-east-1 (2026-11-22)",),
        (),
    ),
)
snapshots = pytest.mark.skipif(version("textual") != "8.2.8", reason="pictures are made with Textual 8.2.8")
SIZES = pytest.mark.parametrize("size", [USUAL, WIDE], ids=["80x24", "120x36"])


def question(step: int, plan: Plan) -> Question:
    return Question(step, plan.facts, plan.title, plan.creates, plan.usd_per_hour, plan.consent_is)


def questions() -> tuple[Question, Question]:
    identity = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/you")
    return question(1, consent.first(WANTED, lambda: identity)), question(2, consent.second(WANTED, identity))


def app_with(home: Path) -> tuple[Any, FakeSandbox]:
    app, sandbox = make_app(home), FakeSandbox()
    sandbox.questions, sandbox.answers = questions(), ("school", ACCOUNT)
    app.sandbox = sandbox
    return app, sandbox


def shown(app: Any) -> str:
    return " ".join(drawn(app).split())


async def until(pilot: Pilot[Any], kind: type[Any], step: int = 0) -> None:
    """Wait for a screen that a worker thread opens."""
    async with asyncio.timeout(60):
        while not is_on(pilot.app, kind) or (step and f"question {step} of 2" not in shown(pilot.app)):
            await pilot.pause(0.01)


async def to_the_first_question(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "S", "n", "ctrl+o")
    assert is_on(pilot.app, AwsAccount)
    pilot.app.screen.query_one("#aws-profile", Input).value = "school"
    await pilot.press("ctrl+s")
    await until(pilot, AwsConsent, 1)


async def answer(pilot: Pilot[Any], text: str) -> None:
    pilot.app.screen.query_one("#consent-box", Input).value = text
    await pilot.press("enter")


async def test_both_questions_are_answered(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await to_the_first_question(pilot)
        assert "nothing was sent to AWS" in shown(app)
        await answer(pilot, "school")
        await until(pilot, AwsConsent, 2)
        assert "It costs about $0.20 an hour of real money." in shown(app)
        await answer(pilot, ACCOUNT)
        await until(pilot, SandboxScreen)
        await settle(pilot)
        assert sandbox.typed == ["school", ACCOUNT]
        assert sandbox.calls == ["in_own_account"]
        assert sandbox.account_wishes == {
            "profile": "school", "new": "eks-lab", "nodes": "2", "instance": "t3.medium", "hours": "3",
        }  # fmt: skip
        assert f"EKS runs in account {ACCOUNT}." in shown(app)


@pytest.mark.parametrize("typed", [None, "", "yes", "y"])
async def test_anything_else_is_no_yes(tmp_path: Path, typed: str | None) -> None:
    """Escape, enter alone, and a yes that is none."""
    app, sandbox = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_the_first_question(pilot)
        if typed is None:
            await pilot.press("escape")
        else:
            await answer(pilot, typed)
        await until(pilot, SandboxScreen)
        await settle(pilot)
        assert sandbox.typed == [typed or ""]
        assert sandbox.calls == []
        assert "nothing happens" in shown(app)


async def test_escape_at_the_second_question(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_the_first_question(pilot)
        await answer(pilot, "school")
        await until(pilot, AwsConsent, 2)
        await pilot.press("escape")
        await until(pilot, SandboxScreen)
        await settle(pilot)
        assert sandbox.typed == ["school", ""]
        assert sandbox.calls == []


async def test_the_form_wants_a_profile_and_numbers(tmp_path: Path) -> None:
    app, sandbox = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "S", "n", "ctrl+o", "ctrl+s")
        assert "✗ Profile: name one" in shown(app)
        app.screen.query_one("#aws-profile", Input).value = "school"
        app.screen.query_one("#aws-hours", Input).value = "three"
        await press(pilot, "ctrl+s")
        assert "✗ Time limit: 'three' is no number" in shown(app)
        await press(pilot, "escape")
        assert is_on(app, SandboxScreen)
        assert sandbox.account_wishes == {}


async def test_the_rest_can_be_read_while_the_box_has_the_focus(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.push_screen(AwsConsent(questions()[1]))
        await settle(pilot)
        assert "a node group workers" not in shown(app)
        await press(pilot, "pagedown")
        assert "a node group workers" in shown(app)
        assert app.focused is app.screen.query_one("#consent-box", Input)
        await press(pilot, "pageup")
        assert "principal" in shown(app)


OVERDUE = Head(
    session="0000abcd", mode="new", profile="school", account=ACCOUNT, principal=f"arn:aws:iam::{ACCOUNT}:user/you",
    region="us-east-1", cluster="eks-lab", version="1.36", instance="t3.medium", nodes=2,
    started=datetime(2026, 1, 5, 8, tzinfo=UTC), hours=3.0, budget_usd=0.6, usd_per_hour=0.1976,
)  # fmt: skip


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_the_app_says_what_is_overdue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_wanted: bool
) -> None:
    """The limit passed while nothing of ours ran: it is the first thing said, and removed only after a yes."""
    removed: list[StateDirectory] = []

    def remove(directory: StateDirectory, tell: object) -> tuple[str, ...]:
        removed.append(directory)
        return ()

    monkeypatch.setattr(sandbox_app, "LOOK_AFTER_SECONDS", 0.01)
    monkeypatch.setattr(own_account, "remove", remove)
    app, _ = app_with(tmp_path)
    directory = StateDirectory(app.data_dir / "sandbox")
    directory.create()
    Ledger(path_of(directory), OVERDUE).intend("vpc", "vpc", "eks-lab-0000abcd-vpc")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, Confirm)
        await settle(pilot)
        assert "time limit of 3 h passed" in shown(app)
        await press(pilot, "y" if is_wanted else "escape")
        await settle(pilot)
        assert removed == ([directory] if is_wanted else [])


@pytest.mark.parametrize("number", [0, 1])
async def test_the_box_can_be_seen_on_the_smallest_terminal(tmp_path: Path, number: int) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=SMALLEST) as pilot:
        await settle(pilot)
        app.push_screen(AwsConsent(questions()[number]))
        await settle(pilot)
        box = app.screen.query_one("#consent-box", Input)
        assert box.region.bottom <= SMALLEST[1]
        assert box.region.height >= 1
        assert app.focused is box


def still(pilot: Pilot[Any]) -> None:
    for box in pilot.app.screen.query(Input):
        box.cursor_blink = False
        box._cursor_visible = True


@snapshots
@SIZES
@pytest.mark.parametrize("number", [1, 2])
def test_question(
    snap_compare: Callable[..., bool], tmp_path: Path, number: int, size: tuple[int, int]
) -> None:
    app, _ = app_with(tmp_path)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app.push_screen(AwsConsent(questions()[number - 1]))
        await settle(pilot)
        still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@snapshots
@SIZES
def test_form(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = app_with(tmp_path)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app.push_screen(AwsAccount())
        await settle(pilot)
        still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)
