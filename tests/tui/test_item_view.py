"""Questions of every kind by keyboard alone: asked, answered, refused, with their reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, Static

from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.given import Given
from eks_lab.content.items.model import Item
from eks_lab.content.items.result import result_of
from eks_lab.content.items.variant import Variant, make_variant, shown_sides
from eks_lab.grading.practical.practice import Typed
from eks_lab.tui.themes import THEMES
from eks_lab.tui.widgets.item.answer_editor import AnswerEditor
from eks_lab.tui.widgets.item.item_view import ItemView
from eks_lab.tui.widgets.item.match_picker import MatchPicker
from eks_lab.tui.widgets.item.order_picker import OrderPicker
from eks_lab.tui.widgets.option_picker import OptionPicker
from tests.builders import USUAL
from tests.fake_questions import (
    CHOICE,
    COMMAND,
    DIAGRAM,
    MANIFEST,
    MATCH,
    MULTI,
    NUMBER,
    ORDER,
    RECALL,
    FakeQuestions,
)


class Host(App[None]):
    """One question on a page."""

    CSS = "$ink-rule: #445566;"

    def __init__(self, view: ItemView | Callable[[], ItemView]) -> None:
        super().__init__()
        self._view = view
        self.given: list[Given] = []
        self.moved: list[str] = []
        self.overruled: list[dict[str, bool]] = []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        self.view = self._view if isinstance(self._view, ItemView) else self._view()
        yield VerticalScroll(self.view)

    def on_mount(self) -> None:
        self.view.first_target.focus()

    def on_item_view_submitted(self, event: ItemView.Submitted) -> None:
        self.given.append(event.given)

    def on_item_view_moved(self, event: ItemView.Moved) -> None:
        self.moved.append(event.where)

    def on_item_view_overruled(self, event: ItemView.Overruled) -> None:
        self.overruled.append(event.said)

    @property
    def drawn(self) -> str:
        strips = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def words(self) -> str:
        return " ".join(self.drawn.split())


def variant(item: Item, seed: int = 1) -> Variant:
    return make_variant(item, seed)


async def answered(view: ItemView, *keys: str) -> tuple[list[Given], str]:
    """Press keys; return what was answered and what is on the screen."""
    app = Host(view)
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        return app.given, app.words


async def report(item: Item, given: Given, **options: Any) -> str:
    app = Host(ItemView(variant(item), given, is_last=False, **options))
    async with app.run_test(size=(80, 60)) as pilot:
        await pilot.pause()
        return app.words


async def test_a_choice_is_answered_with_its_digit_or_under_the_cursor() -> None:
    shown = shown_sides(CHOICE, 1)
    given, words = await answered(ItemView(variant(CHOICE), is_last=False), "2", "enter")
    assert given == [(shown[1],)]
    assert "What limits the number of pods" in words
    assert "Pick one" in words
    given, _ = await answered(ItemView(variant(CHOICE), is_last=False), "down", "down", "space", "enter")
    assert given == [(shown[2],)]


async def test_a_multi_refuses_nothing_and_takes_several() -> None:
    given, words = await answered(ItemView(variant(MULTI), is_last=False), "enter")
    assert given == []
    assert "✗ Nothing is picked. Space picks the option under the cursor." in words
    shown = shown_sides(MULTI, 1)
    given, _ = await answered(ItemView(variant(MULTI), is_last=False), "1", "3", "ctrl+s")
    assert given == [tuple(sorted((shown[0], shown[2])))]


async def test_steps_are_taken_and_put_down() -> None:
    shown = shown_sides(ORDER, 1)
    given, _ = await answered(ItemView(variant(ORDER), is_last=False), "enter")
    assert given == [shown], "as it stands"
    given, words = await answered(
        ItemView(variant(ORDER), is_last=False), "space", "down", "down", "enter", "enter"
    )
    assert given == [(shown[1], shown[2], shown[0])], "the first Enter puts the step down"
    assert "1. " in words
    given, _ = await answered(ItemView(variant(ORDER), is_last=False), "down", "down", "1", "enter")
    assert given == [(shown[2], shown[0], shown[1])], "a digit moves the step there"


async def test_pairs_are_joined_with_letters_and_every_row_needs_one() -> None:
    shown = shown_sides(MATCH, 1)
    letters = [LETTERS[shown.index(side)] for side in range(3)]
    given, words = await answered(ItemView(variant(MATCH), is_last=False), letters[0], "enter")
    assert given == []
    assert "✗ Rows 2, 3 have no partner yet." in words
    given, _ = await answered(ItemView(variant(MATCH), is_last=False), *letters, "enter")
    assert given == [(0, 1, 2)]


async def test_a_partner_belongs_to_one_row_and_can_be_taken_away() -> None:
    view = ItemView(variant(MATCH), is_last=False)
    app = Host(view)
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        picker = app.query_one(MatchPicker)
        await pilot.press("a", "a")
        assert picker.chosen == (-1, 0, -1)
        await pilot.press("up", "up", "right")
        assert picker.cursor == 0
        assert picker.chosen == (1, 0, -1), "what another row has is passed over"
        await pilot.press("left")
        assert picker.chosen == (-1, 0, -1)
        await pilot.press("down", "backspace")
        assert picker.chosen == (-1, -1, -1)


async def test_a_number_is_read_as_people_type_it() -> None:
    given, words = await answered(ItemView(variant(NUMBER), is_last=False), *"abc", "enter")
    assert given == []
    assert "is not a number" in words
    given, words = await answered(ItemView(variant(NUMBER), is_last=False), *"1,038", "enter")
    assert given == [1038.0]
    assert "pods" in words
    assert "interfaces of 10 addresses" in words
    assert "{{" not in words, "variables are drawn"


async def test_words_are_answered_with_ctrl_s_and_escape_leaves_the_field() -> None:
    app = Host(ItemView(variant(RECALL), is_last=False))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+s")
        assert app.given == []
        await pilot.pause()
        assert "✗ Nothing is typed yet." in app.words
        await pilot.press(*"no room")
        await pilot.press("enter", "q")
        await pilot.pause()
        assert "3 words" in app.words
        assert "Nothing is typed" not in app.words
        await pilot.press("escape")
        assert isinstance(app.focused, Button)
        await pilot.press("enter")
        assert app.given == ["no room\nq"]


async def test_one_command_is_run_with_enter_and_empty_lines_do_not_count() -> None:
    line = "kubectl get pods"
    given, words = await answered(ItemView(variant(COMMAND), is_last=False), *line, "enter")
    assert given == [line]
    assert "Type one command. Enter runs it" in words


async def test_a_manifest_is_edited_with_tabs_as_spaces() -> None:
    app = Host(ItemView(variant(MANIFEST), is_last=False))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        editor = app.query_one(AnswerEditor)
        assert editor.text == MANIFEST.given
        assert "web.yaml, 15 lines" in app.words
        await pilot.press("tab", "x", "ctrl+s")
        assert app.given == [f"  x{MANIFEST.given}"]
        await pilot.press("escape")
        assert not editor.has_focus


async def test_a_part_of_a_diagram_is_pointed_at_by_its_name() -> None:
    item = DIAGRAM
    diagram = FakeQuestions().diagram(item)
    shown = shown_sides(item, 1)
    given, words = await answered(ItemView(variant(item), is_last=False, diagram=diagram), "2", "enter")
    assert given == [item.points[shown[1]].part]
    assert diagram is not None
    assert diagram.title in words
    assert "Scheduler to Node" in words
    said = await report(item, "binds", diagram=diagram)
    assert "✓ Right." in said
    assert "← your answer" in said


@pytest.mark.parametrize("item", [CHOICE, MULTI, ORDER, MATCH, NUMBER], ids=lambda item: item.kind)
async def test_without_feedback_an_answer_stands_in_its_field_and_may_be_changed(item: Item) -> None:
    given: dict[str, Given] = {
        "choice": (1,),
        "multi": (0, 2),
        "order": (2, 0, 1),
        "match": (1, -1, 3),
        "number": 12.0,
    }
    app = Host(lambda: ItemView(variant(item), given[item.kind], is_last=False, shows_feedback=False))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        assert "✓" not in app.words
        assert app.view.current() == (None if item.kind == "match" else given[item.kind])
        if item.kind != "match":
            await pilot.press("enter")
            assert app.given == [given[item.kind]]


async def test_a_report_explains_every_option() -> None:
    said = await report(CHOICE, (1,))
    assert "✗ Not quite." in said
    assert "✓ Addresses of its interfaces Each pod takes one." in said
    assert "all pods that are there ← your answer No." in said
    assert "Source: Amazon EKS user guide" in said


async def test_reports_of_orders_pairs_and_numbers_say_what_belongs_where() -> None:
    said = await report(ORDER, (1, 0, 2))
    assert "3 ✓ The kubelet starts its containers. ← yours was right Last of all." in said
    assert "1 ✗ The scheduler names a node. ← yours was another" in said
    said = await report(MATCH, (0, 1, 3))
    assert "✗ Partly right. Score 67%." in said
    assert "3 ✗ CrashLoopBackOff — The program ends again and again. ← yours was another" in said
    assert "✗ The service has no endpoints. ← your answer" in said
    said = await report(NUMBER, 5.0)
    assert "The answer is" in said


async def test_what_commands_printed_and_how_it_is_done_is_shown() -> None:
    typed = Typed("kubectl get x", "", 'error: the server doesn\'t have a resource type "x"\n', 1)
    result = result_of(0.0, detail="Nothing was scaled.")
    said = await report(COMMAND, "kubectl get x", result=result, transcript=(typed,))
    assert "✗ Not quite. Nothing was scaled. Next $ kubectl get x error: the server" in said
    assert "✓ This is right $ kubectl scale deployment web --replicas=3" in said
    assert "✗ This is not That is one too few. $ kubectl scale deployment web --replicas=2" in said


async def test_key_points_are_shown_with_where_they_were_found_and_can_be_overruled() -> None:
    app = Host(ItemView(variant(RECALL), "A taint keeps it away.", is_last=False))
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.pause()
        assert "does not understand what you wrote" in app.words
        assert "[ ] No node has enough room. (essential)" in app.words
        assert "[x] A taint keeps it away. “A taint keeps it away" in app.words
        assert "Missing, and essential" in app.words
        await pilot.press("space")
        await pilot.pause()
        assert app.overruled == [{"room": True}]
        assert "✓ A strong answer. 2 of 2 key points found. By your own judgement." in app.words
        await pilot.press("space")
        await pilot.pause()
        assert app.overruled[-1] == {}
        assert "By your own judgement" not in app.words
        await pilot.press("enter")
        assert app.moved == ["next"]


async def test_next_and_again_lead_on() -> None:
    app = Host(ItemView(variant(CHOICE), (0,), is_last=True, offers_again=True))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        assert "See the result" in app.words
        await pilot.press("enter", "tab", "enter", "n", "a")
        assert app.moved == ["next", "again", "next", "again"]


async def test_while_it_is_judged_nothing_is_answered_twice() -> None:
    view = ItemView(variant(COMMAND), is_last=False)
    app = Host(view)
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        await pilot.press(*"kubectl", "enter")
        view.show_judging("◌ Runs in a throw-away cluster.")
        await pilot.pause()
        assert view.is_judging
        assert "◌ Runs in a throw-away cluster." in app.words
        view.action_answer()
        await pilot.press("ctrl+s")
        assert app.given == ["kubectl"]
        view.show_judging("")
        view.refuse("kubectl is not installed.")
        await pilot.pause()
        assert "✗ kubectl is not installed." in app.words
        await pilot.press("enter")
        assert app.given == ["kubectl", "kubectl"]


async def test_everything_is_reached_with_the_mouse() -> None:
    app = Host(ItemView(variant(ORDER), is_last=False))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        picker = app.query_one(OrderPicker)
        rows = list(picker.query("Prose"))
        await pilot.click(rows[0])
        held = [picker.is_held]
        await pilot.click(rows[2])
        held.append(picker.is_held)
        assert held == [True, False]
        assert picker.order == (1, 2, 0)
        await pilot.click("#answer")
        assert len(app.given) == 1
    app = Host(ItemView(variant(MATCH), is_last=False))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        pairs = app.query_one(MatchPicker)
        texts = list(pairs.query("Prose"))
        await pilot.click(texts[1])
        await pilot.click(texts[4])
        assert pairs.chosen == (-1, 1, -1)
    app = Host(ItemView(variant(CHOICE), is_last=False))
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        await pilot.click(list(app.query_one(OptionPicker).query("Prose"))[1])
        assert app.query_one(OptionPicker).picked == {1}
        assert isinstance(app.query_one(".item--problem"), Static)
