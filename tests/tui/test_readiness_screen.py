"""Readiness: exams with their ranges, domains, steps that open what they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from eks_lab.errors import DataError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.practice import PracticeScreen
from eks_lab.tui.screens.questions import QuestionsScreen
from eks_lab.tui.screens.quiz_run import QuizRunScreen
from eks_lab.tui.screens.readiness import ReadinessScreen
from eks_lab.tui.screens.review import ReviewScreen
from eks_lab.tui.screens.standing import StandingScreen
from tests.builders import USUAL, WIDE, drawn, is_on, make_app, press, settle
from tests.fake_labs import FakeLabs
from tests.fake_questions import FakeQuestions
from tests.fake_sandbox import RUNNING, FakeSandbox


def app_with(home: Path) -> tuple[EksLabApp, FakeQuestions]:
    app, fake = make_app(home), FakeQuestions()
    app.questions = fake
    app.labs, app.sandbox = FakeLabs(), FakeSandbox(RUNNING)
    return app, fake


def words(app: EksLabApp) -> str:
    return " ".join(drawn(app).split())


async def to_readiness(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "Q", "d")


async def test_exams_are_listed_with_their_ranges(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_readiness(pilot)
        assert is_on(app, ReadinessScreen)
        assert "Certified Kubernetes Administrator cka" in words(app)
        assert "23 to 77 % 34 of 210 answered" in words(app)
        assert "━━●━━" in drawn(app)
        assert "┃" in drawn(app), "where the exam passes"
        fake.blindness = DataError("the record is locked", hint="Close the other program.")
        await press(pilot, "escape", "d")
        assert "✗ the record is locked Next: Close the other program." in words(app)
        await press(pilot, "escape")
        assert is_on(app, QuestionsScreen)


async def test_one_exam_shows_steps_domains_gaps_and_forecast(tmp_path: Path) -> None:
    app, _ = app_with(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await to_readiness(pilot)
        await press(pilot, "enter")
        assert is_on(app, StandingScreen)
        assert "Of our questions for it, you would answer 23% to 77% now" in words(app)
        assert "1. Review 12 cards. about 9 min They are about to be forgotten." in words(app)
        assert "30 % of the exam · 20 of 60 questions answered · 2 of 8 labs solved" in words(app)
        assert "25 % of the exam · not covered by this course" in words(app)
        await press(pilot, "pagedown", "pagedown")
        assert "Installing with kubeadm: etcd backups" in words(app)
        assert "in 30 days without reviews ███████░░░ 71% with █████████░ 92%" in words(app)


async def test_steps_open_what_they_name(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_readiness(pilot)
        await press(pilot, "enter", "enter")
        assert is_on(app, ReviewScreen)
        await press(pilot, "escape", "down", "enter")
        assert any(isinstance(screen, PracticeScreen) for screen in app.screen_stack)
        await press(pilot, "escape")
        while not is_on(app, StandingScreen):
            await press(pilot, "escape")
        await press(pilot, "down", "enter")
        assert is_on(app, QuizRunScreen)
        assert "drill storage" in fake.calls


async def test_a_record_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    app, fake = app_with(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await to_readiness(pilot)
        fake.blindness = DataError("the record is locked", hint="Close the other program.")
        await press(pilot, "enter")
        assert "✗ the record is locked" in words(app)
        await press(pilot, "escape")
        assert "✗ the record is locked Next: Close the other program." in words(app)
