"""Diagrams in a page: keys, clicks, words, sizes, and that the page never moves."""

from __future__ import annotations

from typing import Any

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from eks_lab.content.diagram import load_diagram
from eks_lab.content.diagram.model import Diagram
from eks_lab.tui.themes import THEMES
from eks_lab.tui.widgets.diagram_view import DiagramView
from tests.content.diagram.builders import LESSONS, STEP, diagram

PICTURE = {"across": 16, "row": [{"id": "a", "name": "laptop"}, {"id": "b", "name": "server"}]}
ARROWS = [{"id": "go", "from": "a", "to": "b", "label": "calls"}]
STEPS = [
    {"title": "Here", "say": "Both are here.", "focus": ["a"]},
    {"title": "There", "say": "One calls the other. " + "And goes on. " * 12, "focus": ["go"]},
    {"title": "Done", "say": "That is all.", "focus": ["b"]},
]
VARIANTS = [
    {"id": "one", "title": "One way", "steps": [{**STEP, "title": "First"}, {**STEP, "title": "Second"}]},
    {"id": "two", "title": "Another", "steps": [{**STEP, "title": "Only", "focus": ["go"]}]},
]
SAMPLE = diagram(PICTURE, ARROWS, STEPS)
WITH_VARIANTS = diagram(PICTURE, ARROWS, [], variants=VARIANTS)


class Host(App[None]):
    def __init__(self, shown: Diagram = SAMPLE, theme: str = "", **options: Any) -> None:
        super().__init__()
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme or "eks-dark"
        self.shown, self.options = shown, {"ascii_only": False, **options}
        self.changes: list[DiagramView.StepChanged] = []

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield DiagramView(self.shown, **self.options)
            yield Static("the page goes on", id="below")

    @on(DiagramView.StepChanged)
    def _changed(self, event: DiagramView.StepChanged) -> None:
        self.changes.append(event)

    @property
    def view(self) -> DiagramView:
        return self.query_one(DiagramView)


def words(view: DiagramView) -> str:
    """Return what the widget shows, as text."""
    content = view.render()
    assert isinstance(content, Content)
    return content.plain


async def focused(app: Host, pilot: Pilot[None]) -> DiagramView:
    app.view.focus()
    await pilot.pause()
    return app.view


def place(view: DiagramView, text: str) -> tuple[int, int]:
    """Return where some text is, as an offset to click at."""
    for y, line in enumerate(words(view).splitlines()):
        if text in line:
            # One column for the bar that shows the focus.
            return line.index(text) + 1, y
    raise AssertionError(f"{text!r} is not shown")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_picture_title_step_and_narration_are_on_the_screen(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        shown = words(app.view)
        assert shown.splitlines()[0] == "A sample"
        assert "┃ laptop ┃" in shown
        assert "Step 1 of 3: Here" in shown
        assert "Both are here." in shown
        assert app.view.region.bottom <= size[1]


async def test_keys_step_through_and_stop_at_the_ends() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        steps = []
        for key in ("right", "right", "right", "left", "home", "left", "end"):
            await pilot.press(key)
            steps.append(view.step)
        assert steps == [1, 2, 2, 1, 0, 0, 2]


async def test_the_numbers_of_the_picture_are_explained_under_it() -> None:
    app = Host(step=1)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = words(app.view)
        assert "━ ① calls ━" in shown
        assert "① laptop to server: calls" in shown


async def test_a_step_changed_message_for_every_step() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        await pilot.press("right", "right", "right", "left")
        await pilot.pause()
        assert [(each.diagram_id, each.step, each.variant) for each in app.changes] == [
            ("sample", 1, ""),
            ("sample", 2, ""),
            ("sample", 1, ""),
        ]
        assert app.changes[0].control is view
        assert app.changes[1].can_replace(app.changes[0])


async def test_clicks_step_through() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(app.view, offset=place(app.view, "▶  Step"))
        assert app.view.step == 1
        await pilot.click(app.view, offset=place(app.view, "◀"))
        assert app.view.step == 0
        x, y = place(app.view, "●○○")
        await pilot.click(app.view, offset=(x + 2, y))
        assert app.view.step == 2


async def test_the_page_below_stays_where_it_is() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        rows = set()
        for _ in range(3):
            rows.add(app.query_one("#below").region.y)
            assert len(words(view).splitlines()) <= view.size.height
            await pilot.press("right")
            await pilot.pause()
        assert len(rows) == 1


class Page(Host):
    """A diagram in the middle of a page that is longer than the screen."""

    AUTO_FOCUS = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static("\n".join(f"line {at}" for at in range(30)))
            yield DiagramView(self.shown, **self.options)
            yield Static("\n".join(f"line {at}" for at in range(30)))


async def test_the_keyboard_brings_the_narration_on_the_screen() -> None:
    app = Page(load_diagram(LESSONS, "control-plane"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        assert app.view.has_focus
        assert app.view.region.bottom == 24
        top = app.view.region.y
        await pilot.press("right", "right")
        await pilot.pause()
        assert app.view.region.y == top


async def test_nothing_moves_under_the_mouse() -> None:
    app = Page()
    async with app.run_test(size=(80, 24)) as pilot:
        page = app.query_one(VerticalScroll)
        page.scroll_to(y=12, animate=False)
        await pilot.pause()
        assert app.view.region.bottom > 24
        top = app.view.region.y
        await pilot.click(app.view, offset=place(app.view, "▶  Step"))
        await pilot.pause()
        assert (app.view.step, app.view.region.y) == (1, top)


async def test_variants_by_key_and_by_click() -> None:
    app = Host(WITH_VARIANTS)
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        assert "[One way]" in words(view)
        await pilot.press("right", "v")
        assert (view.story, view.step) == (1, 0)
        assert "[Another]" in words(view)
        assert "calls" in words(view)
        await pilot.click(view, offset=place(view, "One way"))
        assert view.story == 0
        await pilot.pause()
        assert [(each.variant, each.step) for each in app.changes] == [("one", 1), ("two", 0), ("one", 0)]


async def test_a_variant_to_start_with() -> None:
    app = Host(WITH_VARIANTS, variant="two", step=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert (app.view.story, app.view.step) == (1, 0)


async def test_no_variant_key_without_variants() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await focused(app, pilot)
        offered = {
            binding.binding.action for binding in app.screen.active_bindings.values() if binding.enabled
        }
        assert {"words", "play", "forward"} <= offered
        assert "variant" not in offered
        assert "back" not in offered


async def test_words_instead_of_the_picture_and_back() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        await pilot.press("x")
        await pilot.pause()
        shown = words(view)
        assert not set(shown) & set("┌┏│┃")
        assert "- laptop" in shown
        assert "Both are here." in shown
        assert shown.count("Here") == 1
        assert len(shown.splitlines()) <= view.size.height
        await pilot.press("x")
        await pilot.pause()
        assert "┃ laptop ┃" in words(view)


async def test_a_narrow_screen_gets_words() -> None:
    steps = [*STEPS[:1], {**STEPS[1], "title": "A title that takes more than a line here"}]
    app = Host(diagram({**PICTURE, "across": 30}, ARROWS, steps))
    async with app.run_test(size=(40, 24)) as pilot:
        view = await focused(app, pilot)
        await pilot.press("right")
        await pilot.pause()
        shown = words(view)
        assert not set(shown) & set("┌┏│┃")
        assert "1. laptop to server: calls" in shown
        assert " ".join(shown.split()).count("takes more than a line here") == 1
        assert max(map(len, shown.splitlines())) <= 40
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "┌" in words(view)


@pytest.mark.parametrize("width", [12, 25])
async def test_a_screen_too_small_for_anything_breaks_nothing(width: int) -> None:
    app = Host(WITH_VARIANTS)
    async with app.run_test(size=(width, 8)) as pilot:
        await focused(app, pilot)
        await pilot.press("right", "v", "x", "x")
        assert words(app.view)


async def test_playing_goes_on_by_itself_and_ends() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        assert "playing" not in words(view)
        await pilot.press("a")
        assert "Step 1 of 3, playing" in words(view)
        seen = []
        for _ in range(3):
            view.play_on()
            seen.append((view.step, view.is_playing))
        assert seen == [(1, True), (2, False), (2, False)]


@pytest.mark.parametrize("key", ["a", "right", "end"])
async def test_any_step_by_hand_stops_playing(key: str) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        await pilot.press("a", key)
        assert not view.is_playing


async def test_playing_from_the_end_starts_over() -> None:
    app = Host(step=2)
    async with app.run_test(size=(80, 24)) as pilot:
        view = await focused(app, pilot)
        await pilot.press("a")
        assert (view.step, view.is_playing) == (0, True)


async def test_ascii_has_nothing_else() -> None:
    app = Host(ascii_only=True, step=1)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert words(app.view).isascii()
        assert "== 1 calls ==" in words(app.view)
        assert "1. laptop to server: calls" in words(app.view)


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [each / 255 for each in colour]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_words_can_be_read_in_every_theme(theme: str) -> None:
    app = Host(load_diagram(LESSONS, "control-plane"), theme=theme, step=4)
    async with app.run_test(size=(80, 50)) as pilot:
        view = await focused(app, pilot)
        content = view.render()
        assert isinstance(content, Content)
        checked = set()
        for start in range(len(content.plain)):
            if content.plain[start].isalnum():
                style = content.get_style_at_offset(start)
                assert style.foreground is not None
                assert style.background is not None
                first, second = sorted(luminance(each.rgb) for each in (style.foreground, style.background))
                checked.add((style.foreground.hex, style.background.hex))
                assert (second + 0.05) / (first + 0.05) >= 4.5, (theme, content.plain[start - 5 : start + 10])
        assert len(checked) >= 5


async def test_every_shipped_diagram_shows_its_pictures_at_80_columns() -> None:
    for name in ("vpc-cni-node", "endpoint-access", "eni-slots"):
        app = Host(load_diagram(LESSONS, name))
        async with app.run_test(size=(80, 24)) as pilot:
            view = await focused(app, pilot)
            for story, variant in enumerate(app.shown.stories):
                view.story = story
                for step in range(len(variant.steps)):
                    view.step = step
                    await pilot.pause()
                    assert view.shows_picture(view.content_size.width)
                    assert variant.steps[step].title in " ".join(words(view).split())
