"""The quiz of a lesson: asked, answered, explained, scored; by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from eks_lab.content.model import Option, Question
from eks_lab.content.questions import Given, option_order
from eks_lab.tui.widgets.number_input import NumberInput
from eks_lab.tui.widgets.option_picker import OptionPicker
from eks_lab.tui.widgets.question_text import inline, score_text
from eks_lab.tui.widgets.quiz_view import QuizView

M = TypeVar("M", bound=Message)

SOURCE = "EKS best practices, VPC CNI"
CHOICE = Question(
    id="networking.max-pods.plus-two", kind="choice", prompt="What does the `+ 2` stand for?", source=SOURCE, rev=3,
    options=[
        Option("Two host-network pods", "They use the **node's** own address.", correct=True),
        Option("A safety margin", "There is no margin."),
        Option("Two primary addresses, " + "which every interface keeps for itself " * 3, "The − 1 takes them out."),
    ],
)  # fmt: skip
MULTI = Question(
    id="networking.max-pods.causes", kind="multi", prompt="Which can be the cause?", source=SOURCE,
    explain="Look at the DaemonSet first.",
    options=[
        Option("Prefix delegation is off", "Then 17 is the limit.", correct=True),
        Option("The limit of kubelet is too high", "It believes its own setting.", correct=True),
        Option("Another zone", "ENIs are in the node's zone."),
        Option("No memory", "Nothing would be scheduled."),
    ],
)  # fmt: skip
NUMBER = Question(
    id="networking.max-pods.t3-medium", kind="number", prompt="How many pods?", source=SOURCE, answer=17, unit="pods",
    explain="3 × (6 − 1) + 2 = 17",
)  # fmt: skip
QUESTIONS = [CHOICE, MULTI, NUMBER]


class Host(App[None]):
    def __init__(
        self,
        given: Mapping[str, Given] | None = None,
        questions: list[Question] | None = None,
        above: int = 1,
    ) -> None:
        super().__init__()
        self.above = above
        self.seen: list[Message] = []
        self.quiz = QuizView(questions or QUESTIONS, given or {})

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static("the page\n" * self.above)
            yield self.quiz

    def answered(self) -> list[QuizView.Answered]:
        """Answers that were sent, once each: the hook sees a message at every ancestor it passes."""
        found = {id(message): message for message in self.seen if isinstance(message, QuizView.Answered)}
        return list(found.values())


@asynccontextmanager
async def run(host: Host, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    async with host.run_test(size=size, message_hook=host.seen.append) as pilot:
        await pilot.pause()
        yield pilot


def rows(host: Host) -> list[str]:
    """The rows of the screen."""
    strips = host.screen._compositor.render_strips(host.screen.size)
    return [" ".join(strip.text.replace("▌", " ").split()) for strip in strips]


def screen(host: Host) -> str:
    return "\n".join(rows(host))


def digit(question: Question, *indexes: int) -> list[str]:
    """The keys that pick options, wherever the shuffle put them."""
    order = option_order(question)
    return [str(order.index(index) + 1) for index in indexes]


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 24)])
async def test_a_whole_quiz_by_keyboard_alone(size: tuple[int, int]) -> None:
    host = Host()
    async with run(host, size) as pilot:
        await press(pilot, *digit(CHOICE, 1), "enter")
        assert "✗ Not quite" in screen(host)
        await press(pilot, "enter", *digit(MULTI, 1, 0), "enter")
        assert "✓ Right" in screen(host)
        await press(pilot, "enter", "1", "7", "enter")
        assert "✓ Right" in screen(host)
        assert "Working: 3 × (6 − 1) + 2 = 17" in screen(host)
        await press(pilot, "enter")
        assert "2 of 3 right" in screen(host).replace("\n", " ")
        assert host.quiz.region.right <= size[0]
    assert [(m.question_id, m.rev, m.given, m.correct) for m in host.answered()] == [
        (CHOICE.id, 3, (1,), False),
        (MULTI.id, 1, (0, 1), True),
        (NUMBER.id, 1, 17.0, True),
    ]


async def test_every_option_is_explained_after_answering() -> None:
    host = Host()
    async with run(host, (100, 40)) as pilot:
        assert "no margin" not in screen(host)
        await press(pilot, *digit(CHOICE, 1), "enter")
        lines = rows(host)
        assert "✓ Two host-network pods" in lines
        assert "They use the node's own address." in lines
        assert "✗ A safety margin ← your answer" in lines
        assert "There is no margin." in lines
        assert "The − 1 takes them out." in lines
        assert f"Source: {SOURCE}" in lines
        assert any("✗ Two primary addresses" in line for line in lines)


async def test_options_stand_in_their_shuffled_order() -> None:
    host = Host()
    async with run(host, (120, 36)):
        shown = [line.partition(") ")[2] for line in rows(host) if "( )" in line]
        texts = [CHOICE.options[index].text for index in option_order(CHOICE)]
        assert [text[:12] for text in shown] == [text[:12] for text in texts]


async def test_arrows_and_space_pick() -> None:
    host = Host()
    async with run(host) as pilot:
        await press(pilot, "down", "space")
        assert "›2 (•)" in screen(host)
        await press(pilot, "up", "space")
        assert "›1 (•)" in screen(host)
        assert screen(host).count("(•)") == 1
        await press(pilot, "enter")
    assert host.answered()[0].given == (option_order(CHOICE)[0],)


async def test_check_boxes_can_be_taken_back() -> None:
    host = Host(questions=[MULTI])
    async with run(host) as pilot:
        await press(pilot, "1", "2", "1")
        assert screen(host).count("[x]") == 1
        await press(pilot, "enter")
    assert host.answered()[0].given == (option_order(MULTI)[1],)


async def test_enter_without_a_choice_picks_first_and_answers_then() -> None:
    host = Host()
    async with run(host) as pilot:
        await press(pilot, "enter")
        assert host.answered() == []
        assert "›1 (•)" in screen(host)
        await press(pilot, "enter")
        assert len(host.answered()) == 1


async def test_enter_without_any_box_says_what_to_do() -> None:
    host = Host(questions=[MULTI])
    async with run(host) as pilot:
        await press(pilot, "enter")
        assert host.answered() == []
        assert "✗ Nothing is picked." in screen(host)


async def test_at_the_ends_the_arrows_scroll_the_page() -> None:
    host = Host(above=30)
    async with run(host) as pilot:
        scroller = host.query_one(VerticalScroll)
        scroller.can_focus = True
        host.quiz.scroll_visible(animate=False)
        await pilot.pause()
        before = scroller.scroll_offset.y
        assert before > 0, "the quiz is below the page"
        await press(pilot, "up")
        assert scroller.scroll_offset.y < before


class TestNumbers:
    @pytest.mark.parametrize(
        ("typed", "given", "correct"), [("17 pods", 17, True), ("1,700", 1700, False), ("-1", -1, False)]
    )
    async def test_are_read_as_people_type_them(self, typed: str, given: float, correct: bool) -> None:
        host = Host(questions=[NUMBER])
        async with run(host) as pilot:
            host.query_one(NumberInput).value = typed
            await press(pilot, "enter")
            if not correct:
                assert "it is 17 pods." in screen(host)
        assert [(m.given, m.correct) for m in host.answered()] == [(given, correct)]

    async def test_what_is_no_number_is_explained_at_the_field(self) -> None:
        host = Host(questions=[NUMBER])
        async with run(host) as pilot:
            await press(pilot, "1", "comma", "5", "enter")
            assert "✗ '1,5' is not a number. For decimals write 1.5" in screen(host)
            assert host.answered() == []
            await press(pilot, "backspace")
            assert "✗ '1,5'" not in screen(host)

    async def test_letters_are_typed_and_escape_gives_the_keys_back(self) -> None:
        host = Host(questions=[NUMBER])
        async with run(host) as pilot:
            await press(pilot, "r", "1", "left")
            assert host.query_one(Input).value == "r1"
            await press(pilot, "escape")
            assert isinstance(host.focused, Button)


class TestAgain:
    async def test_r_asks_again_and_the_new_answer_counts(self) -> None:
        host = Host(questions=[CHOICE, MULTI])
        async with run(host) as pilot:
            await press(pilot, "r")
            assert "( )" in screen(host)
            await press(pilot, *digit(CHOICE, 1), "enter", "r")
            assert "A safety margin" in screen(host)
            assert "no margin" not in screen(host)
            await press(pilot, *digit(CHOICE, 0), "enter")
            assert "✓ Right" in screen(host)
            assert "[1✓] 2○" in screen(host)
        assert [m.correct for m in host.answered()] == [False, True]

    async def test_start_again_asks_everything(self) -> None:
        host = Host({CHOICE.id: (0,), MULTI.id: (0, 1), NUMBER.id: 17.0})
        async with run(host) as pilot:
            await pilot.click("#restart")
            await pilot.pause()
            assert "[1○] 2○ 3○" in screen(host)
            assert "( )" in screen(host)


class TestEarlierAnswers:
    async def test_the_first_open_question_is_asked(self) -> None:
        host = Host({CHOICE.id: (1,)})
        async with run(host):
            assert host.quiz.place == 1
            assert "1✗ [2○] 3○" in screen(host)
        assert host.answered() == []

    async def test_going_back_shows_the_earlier_answer(self) -> None:
        host = Host({CHOICE.id: (1,)})
        async with run(host, (100, 40)) as pilot:
            await press(pilot, "left")
            assert "✗ A safety margin ← your answer" in rows(host)
            await press(pilot, "right")
            assert "Which can be the cause?" in screen(host)

    async def test_a_finished_quiz_opens_at_the_score(self) -> None:
        host = Host({CHOICE.id: (1,), MULTI.id: (0, 1), NUMBER.id: 17.0})
        async with run(host) as pilot:
            assert "2 of 3 right. Have another look at question 1." in screen(host)
            host.query_one("#review").focus()
            await press(pilot, "enter")
            assert "✗ Not quite" in screen(host)

    async def test_answers_that_no_longer_fit_are_left_out(self) -> None:
        host = Host({CHOICE.id: (7,), MULTI.id: 3.0, NUMBER.id: (1,), "gone": (1,)})
        async with run(host):
            assert host.quiz.given == {}
            assert "[1○] 2○ 3○" in screen(host)


class TestMouse:
    async def test_an_option_and_the_button_can_be_clicked(self) -> None:
        host = Host()
        async with run(host, (100, 50)) as pilot:
            row = next(y for y, line in enumerate(rows(host)) if "A safety margin" in line)
            await pilot.click(offset=(20, row))
            await pilot.pause()
            assert "(•) A safety margin" in screen(host)
            await pilot.click("#answer")
            await pilot.pause()
        assert host.answered()[0].given == (1,)

    async def test_answering_nothing_points_at_the_options(self) -> None:
        host = Host()
        async with run(host, (100, 50)) as pilot:
            await pilot.click("#answer")
            await pilot.pause()
            assert "✗ Nothing is picked yet." in screen(host)
            assert isinstance(host.focused, OptionPicker)
        assert host.answered() == []

    async def test_a_number_can_be_answered_with_the_button(self) -> None:
        host = Host(questions=[NUMBER])
        async with run(host, (100, 50)) as pilot:
            await press(pilot, "1", "7")
            await pilot.click("#answer")
            await pilot.pause()
        assert [m.given for m in host.answered()] == [17.0]

    async def test_the_places_lead_to_their_questions(self) -> None:
        host = Host()
        async with run(host, (100, 50)) as pilot:
            strips = [strip.text for strip in host.screen._compositor.render_strips(host.screen.size)]
            row = next(y for y, line in enumerate(strips) if "3○" in line)
            await pilot.click(offset=(strips[row].index("3○"), row))
            await pilot.pause()
            assert "How many pods?" in screen(host)


class TestFocusAndPlace:
    async def test_mounting_takes_no_part_in_scrolling(self) -> None:
        host = Host(above=30)
        host.AUTO_FOCUS = None  # type: ignore[misc]
        async with run(host):
            assert host.query_one(VerticalScroll).scroll_offset.y == 0

    async def test_after_an_answer_the_verdict_is_on_the_screen_and_enter_goes_on(self) -> None:
        long = Question(
            id="a.b.c", kind="choice", prompt="Long?", source=SOURCE,
            options=[Option(f"option {n}", "because " * 60, n == 0) for n in range(5)],
        )  # fmt: skip
        host = Host(questions=[long, NUMBER], above=30)
        async with run(host) as pilot:
            await press(pilot, "1", "enter")
            assert "Quiz · 1 of 2" in rows(host)[0]
            assert any(line.startswith(("✓ Right", "✗ Not quite")) for line in rows(host))
            assert isinstance(host.focused, Button)
            await press(pilot, "enter")
            assert "How many pods?" in screen(host)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "0 of 3 right, 3 without an answer."),
        ({CHOICE.id: (0,)}, "1 of 3 right, 2 without an answer."),
        ({CHOICE.id: (1,)}, "0 of 3 right. Have another look at question 1. 2 without an answer."),
        (
            {CHOICE.id: (1,), MULTI.id: (0,), NUMBER.id: 17.0},
            "1 of 3 right. Have another look at questions 1 and 2.",
        ),
        ({CHOICE.id: (0,), MULTI.id: (0, 1), NUMBER.id: 17.0}, "✓ All 3 right."),
    ],
)
def test_score_text(given: dict[str, Given], text: str) -> None:
    assert score_text(QUESTIONS, given) == text


def test_markdown_that_is_no_paragraph_keeps_its_text() -> None:
    assert "".join(span.text for span in inline("1. aws-node")).strip() != ""
    assert [span.code for span in inline("the `+ 2`")] == [False, True]


def test_every_binding_can_be_rebound_and_explains_itself() -> None:
    for widget in (QuizView, OptionPicker):
        ids = [binding.id for binding in widget.BINDINGS if not isinstance(binding, tuple)]
        assert len(set(ids)) == len(widget.BINDINGS)
        assert all(not isinstance(binding, tuple) and binding.tooltip for binding in widget.BINDINGS)
        assert widget.BINDING_GROUP_TITLE
    assert OptionPicker.HELP
    assert NumberInput.HELP
