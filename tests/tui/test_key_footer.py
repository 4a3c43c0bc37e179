"""The footer: help and quit are in it at every width."""

from __future__ import annotations

from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from eks_lab.tui.widgets.key_footer import KeyFooter, KeyHint, choose

HELP = KeyHint("question_mark", "?", "Help", "help")
QUIT = KeyHint("q", "q", "Quit", "quit")


def hint(name: str) -> KeyHint:
    return KeyHint(name, name, f"Do {name}", name)


def test_everything_is_shown_where_there_is_room() -> None:
    left, has_more, right = choose([hint("a"), HELP, QUIT], 60)
    assert left == [hint("a")]
    assert not has_more
    assert right == [HELP, QUIT]


def test_help_and_quit_stay_when_room_is_short() -> None:
    left, has_more, right = choose([hint("a"), hint("b"), QUIT, HELP], 26)
    assert left == [hint("a")]
    assert has_more
    assert right == [HELP, QUIT]


@given(st.lists(st.text("abc", min_size=1, max_size=12).map(hint), max_size=12), st.integers(16, 200))
def test_it_never_overflows(hints: list[KeyHint], width: int) -> None:
    left, has_more, right = choose([*hints, HELP, QUIT], width)
    assert right == [HELP, QUIT]
    assert sum(each.width for each in (*left, *right)) + (2 if has_more else 0) <= max(width, 18)


class FooterApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next"),
        Binding("question_mark", "help", "Help"),
        Binding("f1", "help", "Help"),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]
    pressed = 0

    def compose(self) -> ComposeResult:
        yield Input()
        yield KeyFooter()

    def action_next(self) -> None:
        self.pressed += 1


def displayed(app: App[None]) -> str:
    return app.query_one(KeyFooter).render().plain


async def test_keys_that_an_input_takes_give_way_to_keys_that_work() -> None:
    app = FooterApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        assert "Next" not in displayed(app)
        assert displayed(app).split() == [
            "^p",
            "palette",
            "f1",
            "Help",
            "^q",
            "Quit",
        ] or "f1 Help" in displayed(app)
        app.set_focus(None)
        await pilot.pause()
        assert displayed(app).strip().startswith("n Next")
        assert displayed(app).rstrip().endswith("? Help  q Quit")


async def test_a_click_presses_the_key() -> None:
    app = FooterApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.set_focus(None)
        await pilot.pause()
        await pilot.click(KeyFooter, offset=(3, 0))
        await pilot.pause()
        assert app.pressed == 1
