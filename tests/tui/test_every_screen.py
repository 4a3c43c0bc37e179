"""What holds on every screen: help and quit are on it, and help names every key of it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widgets import Input, TextArea

import eks_lab.tui.screens
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.help import HelpScreen, gather
from eks_lab.tui.screens.press_key import PressKey
from eks_lab.tui.screens.room import RoomScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from tests.builders import USUAL, make_app, press, settle
from tests.fake_generators import InProcess, use_fake_generators
from tests.fake_labs import FakeLabs
from tests.fake_questions import CHOICE, MATCH, FakeQuestions
from tests.fake_sandbox import RUNNING, FakeSandbox

PICTURES = Path(__file__).parent / "__snapshots__"
WITHOUT_FOOTER = {PressKey, RoomScreen}
"""One takes the very next key whatever it is, the other has hardly room for a word; both say how to leave."""


def screen_classes() -> Iterator[type[Screen[object]]]:
    for found in pkgutil.iter_modules(eks_lab.tui.screens.__path__):
        module = importlib.import_module(f"{eks_lab.tui.screens.__name__}.{found.name}")
        for value in vars(module).values():
            if inspect.isclass(value) and issubclass(value, Screen) and value.__module__ == module.__name__:
                yield value


def last_row(picture: Path) -> str:
    """Return what stands in the lowest line of a picture, without its spaces."""
    rows: dict[float, str] = {}
    for line in picture.read_text(encoding="utf-8").splitlines():
        for text in re.finditer(r'<text class="[^"]*-r\d+" x="[^"]*" y="([\d.]+)"[^>]*>([^<]*)</text>', line):
            rows[float(text[1])] = rows.get(float(text[1]), "") + unescape(text[2])
    return "".join(rows[max(rows)].split())


def test_every_screen_has_the_footer() -> None:
    kinds = [kind for kind in screen_classes() if "compose" in vars(kind)]
    assert len(kinds) > 30
    for kind in set(kinds) - WITHOUT_FOOTER:
        composed = [
            inspect.getsource(vars(base)["compose"]) for base in kind.mro() if "compose" in vars(base)
        ]
        assert any("KeyFooter()" in source for source in composed), f"{kind.__name__} shows no keys"


def test_help_and_quit_are_in_every_picture_at_80_columns() -> None:
    pictures = list(PICTURES.rglob("*80x24*"))
    assert len(pictures) > 50
    for picture in pictures:
        row = last_row(picture)
        assert re.search(r"(\?|F1)Help\^?qQuit$", row), f"{picture.name}: {row}"


def check_help(app: EksLabApp) -> None:
    """Compare what help would say with the keys that work now."""
    working = {
        (app.get_key_display(active.binding), active.binding.description)
        for active in app.screen.active_bindings.values()
        if not active.binding.system
    }
    if isinstance(app.focused, Input | TextArea):
        typed = {key for key, _ in working if len(key) == 1 and key.isascii()}
        assert not typed, f"{app.screen.name}: a field takes {typed}, and help says they do something"
    for key, description in working:
        assert description, f"{app.screen.name}: {key} does something that help cannot name"
    listed = {
        (key, line.description) for group in gather(app.screen) for line in group.lines for key in line.keys
    }
    assert listed == working, app.screen.name


TOUR: tuple[tuple[str, ...], ...] = (
    (),
    ("slash",),
    ("g",),
    ("comma",),
    ("B",),
    ("C",),
    ("C", "enter"),
    ("G",),
    ("G", "enter"),
    ("K",),
    ("S",),
    ("L",),
    ("L", "enter"),
    ("Q",),
    ("Q", "d"),
    ("Q", "e"),
    ("Q", "i"),
    ("Q", "w"),
    ("Q", "r"),
    ("enter", "l"),
    ("enter", "t"),
    ("enter",),
)
"""Keys from the home screen to each of the others."""


async def test_help_names_every_key_of_every_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_generators(monkeypatch)
    app = make_app(tmp_path)
    app.generation, app.sandbox = InProcess(), FakeSandbox(RUNNING)
    app.labs, app.questions = FakeLabs(), FakeQuestions(CHOICE, MATCH)
    seen: set[type[Screen[object]]] = set()
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for keys in TOUR:
            await press(pilot, *keys)
            for _ in range(2):
                seen.add(type(app.screen))
                check_help(app)
                footer = app.screen.query_one(KeyFooter)
                assert footer.region.bottom == USUAL[1]
                assert re.search(r"Help +\S+ Quit\s*$", footer.render().plain), app.screen.name
                await pilot.press("tab")
                await pilot.pause()
            await pilot.press("f1")
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen), keys
            check_help(app)
            while len(app.screen_stack) > 1:
                await app.pop_screen()
            await settle(pilot)
    assert len(seen) >= 18
