"""Pictures of the question screens, on made-up questions. `make snapshots` takes them anew; look at each one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.model import Item
from eks_lab.content.items.result import result_of
from eks_lab.content.items.variant import shown_sides
from eks_lab.grading.practical.practice import Typed
from tests.builders import USUAL, WIDE, make_app, press, settle
from tests.fake_questions import (
    CARDS,
    CHOICE,
    COMMAND,
    DIAGRAM,
    HUB,
    MANIFEST,
    MATCH,
    MULTI,
    NUMBER,
    ORDER,
    RECALL,
    FakeQuestions,
)
from tests.tui.test_snapshots import still

pytestmark = pytest.mark.skipif(version("textual") != "8.2.8", reason="pictures are made with Textual 8.2.8")
SIZES = pytest.mark.parametrize("size", [USUAL, WIDE], ids=["80x24", "120x36"])
Snap = Callable[..., bool]
Size = tuple[int, int]
PAIRS = [LETTERS[shown_sides(MATCH, 1).index(side)] for side in (0, 3)]
WRONG = str(shown_sides(CHOICE, 1).index(1) + 1)

SCREENS: dict[str, tuple[str, ...]] = {
    "questions": ("Q",),
    "quiz": ("Q", "w", WRONG),
    "quiz-report": ("Q", "w", WRONG, "enter"),
    "quiz-result": ("Q", "w", WRONG, "enter", "n", "s", "s"),
    "review": ("Q", "r", WRONG, "enter"),
    "readiness": ("Q", "d"),
    "readiness-exam": ("Q", "d", "enter"),
}
"""Name → keys to press."""
KINDS: dict[str, tuple[Item, tuple[str, ...]]] = {
    "multi": (MULTI, ("1", "3")),
    "order-held": (ORDER, ("space", "down")),
    "match": (MATCH, tuple(PAIRS)),
    "number": (NUMBER, ("2", "9")),
    "number-report": (NUMBER, ("2", "enter")),
    "diagram": (DIAGRAM, ("2",)),
    "recall": (RECALL, tuple("A taint keeps it away.")),
    "recall-report": (RECALL, (*"A taint keeps it away.", "ctrl+s")),
    "command": (COMMAND, tuple("kubectl get deploy")),
    "command-report": (COMMAND, (*"kubectl get deploy", "enter")),
    "manifest": (MANIFEST, ("down", "end")),
}
"""Name → question, keys to press."""


def take(
    snap_compare: Snap, home: Path, fake: FakeQuestions, size: Size, *keys: str, theme: str = ""
) -> bool:
    """Take a picture of what is there after keys."""
    app = make_app(home)
    app.questions = fake

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        if theme:
            app.change_setting("theme", theme)
        await press(pilot, *keys)
        await still(pilot)

    return snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare: Snap, tmp_path: Path, name: str, size: Size) -> None:
    assert take(snap_compare, tmp_path, FakeQuestions(CHOICE, MULTI, MATCH), size, *SCREENS[name])


@SIZES
@pytest.mark.parametrize("name", KINDS)
def test_kind(snap_compare: Snap, tmp_path: Path, name: str, size: Size) -> None:
    item, keys = KINDS[name]
    fake = FakeQuestions(item)
    if name == "command-report":
        fake.result = result_of(0.5, detail="Ready: 1.")
        table = "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    1/1     1            1           20s\n"
        fake.transcript = (Typed("kubectl get deploy", table, "", 0),)
    assert take(snap_compare, tmp_path, fake, size, "Q", "w", *keys)


@SIZES
def test_own_card(snap_compare: Snap, tmp_path: Path, size: Size) -> None:
    fake = FakeQuestions()
    fake.daily.cards = [CARDS[1]]
    assert take(snap_compare, tmp_path, fake, size, "Q", "r", "enter")


@SIZES
def test_end_of_a_review(snap_compare: Snap, tmp_path: Path, size: Size) -> None:
    fake = FakeQuestions()
    fake.daily.cards = [CARDS[1], CARDS[2]]
    assert take(snap_compare, tmp_path, fake, size, "Q", "r", "enter", "3", "s")


@SIZES
def test_home_with_cards_to_review(snap_compare: Snap, tmp_path: Path, size: Size) -> None:
    assert take(snap_compare, tmp_path, FakeQuestions(), size, "Q", "escape")


def test_a_report_in_the_light(snap_compare: Snap, tmp_path: Path) -> None:
    keys = ("Q", "w", WRONG, "enter")
    assert take(snap_compare, tmp_path, FakeQuestions(CHOICE), USUAL, *keys, theme="eks-light")


def test_a_review_in_high_contrast(snap_compare: Snap, tmp_path: Path) -> None:
    fake = FakeQuestions(CHOICE)
    fake.hub_found = replace(HUB, answered=0)
    keys = ("Q", "r", WRONG, "enter")
    assert take(snap_compare, tmp_path, fake, USUAL, *keys, theme="eks-high-contrast")
