"""What a try box would run, and what the page never runs."""

from __future__ import annotations

import pytest

from eks_lab.content.page import Callout, Code, Paragraph, Span
from eks_lab.tui.try_block import TryBlock, TryLine, try_block


def box(*blocks: Code, needs: str = "sandbox") -> Callout:
    words = Paragraph((Span("Look."),), 1)
    return Callout("try", (words, *blocks), 1, {"needs": needs} if needs else {})


def console(text: str, **attributes: str) -> Code:
    return Code("console", text, 2, {"needs": "sandbox", **attributes})


def test_commands_are_taken_whole_and_output_is_left_out() -> None:
    text = "$ kubectl get pods \\\n    -A\nNAME\n$ kubectl apply -f - <<'EOF'\nkind: Pod\nEOF\n$ aws eks list-clusters"
    found = try_block(box(console(text)))
    assert [line.text for line in found.lines] == [
        "kubectl get pods \\\n    -A",
        "kubectl apply -f - <<'EOF'\nkind: Pod\nEOF",
        "aws eks list-clusters",
    ]
    assert (found.needs, found.why_not) == ("sandbox", "")


def test_all_blocks_of_the_box_count_and_the_strictest_need_wins() -> None:
    found = try_block(box(console("$ kubectl get pods"), console("$ aws s3 ls", needs="aws")))
    assert [line.text for line in found.lines] == ["kubectl get pods", "aws s3 ls"]
    assert found.needs == "aws"


@pytest.mark.parametrize(
    ("needs", "why"),
    [
        ("aws", "real AWS account"),
        ("internet", "nothing leaves this machine"),
        ("tools", "a shell of your own"),
        ("", "does not say what its commands need"),
        ("everything", "does not say what its commands need"),
    ],
)
def test_what_is_never_run_says_why(needs: str, why: str) -> None:
    assert why in TryBlock((TryLine("ls"),), needs).why_not


@pytest.mark.parametrize("needs", ["sandbox", "nothing"])
def test_what_is_run(needs: str) -> None:
    assert TryBlock((TryLine("ls |\n\twc"),), needs).why_not == ""


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x1b", "\r", "\u2028"])
def test_a_command_with_something_that_cannot_be_seen_is_not_run(hidden: str) -> None:
    """What the learner reads and agrees to is what runs: https://trojansource.codes shows the alternative."""
    why = TryBlock((TryLine("ls"), TryLine(f"echo {hidden}a")), "sandbox").why_not
    assert f"U+{ord(hidden):04X}" in why


def test_a_box_without_a_command_is_not_run() -> None:
    assert try_block(box()).why_not == "There is no command in this box."


def test_the_marks_reach_the_lines() -> None:
    found = try_block(box(console("$ a\n$ b", **{"expect-error": "2"})))
    assert [line.is_meant_to_fail for line in found.lines] == [False, True]


def test_what_comes_before_is_known() -> None:
    assert try_block(box(console("$ a"))).after == ""
    assert try_block(box(console("$ a", after="storage.ebs-csi"))).after == "storage.ebs-csi"
