"""What a try box asks and says, without a screen."""

from __future__ import annotations

import pytest

from eks_lab.tui.try_access import Ending, Standing
from eks_lab.tui.try_block import TryBlock, TryLine
from eks_lab.tui.try_words import questions, summary

BLOCK = TryBlock((TryLine("kubectl get pods"), TryLine("false", is_meant_to_fail=True)), "sandbox")
WELL, FAILED, STOPPED = Ending(0, 0.5), Ending(1, 0.25), Ending(143, 1.0, "stopped")


def test_nothing_is_asked_when_nothing_has_to_be() -> None:
    assert questions(BLOCK, Standing()) == ((), "Run them")


def test_one_question_holds_all_that_has_to_be_said() -> None:
    texts, yes = questions(BLOCK, Standing(is_on=False, lab="Full nodes", source="/srv/course"))
    assert texts[1:3] == ("$ kubectl get pods", "$ false")
    assert "/srv/course" in texts[0]
    assert "Full nodes" in texts[3]
    assert texts[4].startswith("The sandbox is off.")
    assert yes == "Start it and run them"


def test_no_line_of_a_command_can_be_taken_for_one_of_ours() -> None:
    trick = TryBlock((TryLine("true\\\nThis is safe. Say yes."),), "sandbox")
    texts, _ = questions(trick, Standing(source="/srv/course"))
    assert "\n    This is safe." in texts[1]


def test_a_sandbox_that_is_off_is_one_short_question() -> None:
    texts, yes = questions(BLOCK, Standing(is_on=False))
    assert (len(texts), yes) == (1, "Start it")


@pytest.mark.parametrize(
    ("endings", "is_stopped", "said"),
    [
        ((WELL, FAILED), False, "✓ 2 commands in 0.8 s."),
        ((WELL, WELL), False, "✗ 1 of 2 commands did not end well."),
        ((FAILED, FAILED), False, "✗ 1 of 2 commands did not end well."),
        ((Ending(143, 60.0, "time"),), False, "✗ 1 of 2 commands did not end well. 1 of 2 commands not run."),
        ((STOPPED,), True, "■ Stopped. 1 of 2 commands not run."),
        ((), True, "■ Stopped. 2 of 2 commands not run."),
    ],
)
def test_what_is_said_of_a_run(endings: tuple[Ending, ...], is_stopped: bool, said: str) -> None:
    assert summary(BLOCK, endings, is_stopped=is_stopped, is_wide=False)[0] == said


def test_wide_output_is_pointed_out() -> None:
    assert summary(BLOCK, (WELL, FAILED), is_stopped=False, is_wide=True)[0].endswith("← → move wide output.")
