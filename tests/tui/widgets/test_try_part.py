"""One command with its output: cut, wide, failed, and never dangerous to the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from eks_lab.tui.try_access import Ending
from eks_lab.tui.try_block import TryLine
from eks_lab.tui.try_words import went_wrong
from eks_lab.tui.widgets.try_part import MOST_LINES, SHOWN_LINES, TryPart, is_table, readable


class Host(App[None]):
    def __init__(self, part: TryPart) -> None:
        super().__init__()
        self.part = part

    def compose(self) -> ComposeResult:
        yield self.part


def rows(app: Host) -> list[str]:
    strips = app.screen._compositor.render_strips(app.screen.size)
    return [strip.text.rstrip() for strip in strips if strip.text.strip()]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[31mred\x1b[0m\n", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("10 %\r50 %\r100 %\n", "100 %"),
        ("windows\r\nlines\r\n", "windows\nlines"),
        ("a\tb", "a   b"),
        ("bell\x07", "bell␇"),
    ],
)
def test_output_is_what_a_terminal_would_leave(printed: str, shown: str) -> None:
    assert readable(printed) == shown


@given(st.text())
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    controls = {*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n"}
    assert not controls & set(readable(text))


async def test_long_output_is_cut_until_it_is_opened() -> None:
    part = TryPart(TryLine("kubectl get pods -A"))
    app = Host(part)
    async with app.run_test(size=(80, 60)) as pilot:
        part.add("".join(f"line {number}\n" for number in range(1, 31)))
        await pilot.pause()
        assert rows(app)[0] == "$ kubectl get pods -A"
        assert rows(app)[SHOWN_LINES:] == [f"line {SHOWN_LINES}", "… 18 more lines: o opens all"]
        assert part.hidden_lines == 18
        part.open(True)
        await pilot.pause()
        assert rows(app)[-1] == "line 30"
        assert part.hidden_lines == 0


async def test_one_line_more_is_shown_and_a_thousand_are_not() -> None:
    part = TryPart(TryLine("x"))
    app = Host(part)
    async with app.run_test(size=(80, 60)) as pilot:
        part.add("line\n" * (SHOWN_LINES + 1))
        await pilot.pause()
        assert part.hidden_lines == 0
        part.add("line\n" * MOST_LINES)
        part.open(True)
        await pilot.pause()
        assert part.hidden_lines == SHOWN_LINES + 1
        assert part.output.count("\n") == MOST_LINES + SHOWN_LINES, "what is copied is whole"


async def test_wide_output_keeps_its_columns_and_moves() -> None:
    part = TryPart(TryLine("x"))
    app = Host(part)
    async with app.run_test(size=(40, 20)) as pilot:
        part.add("NAME" + " " * 60 + "READY\n")
        part.add("pod-1" + " " * 59 + "1/1\n")
        await pilot.pause()
        assert part.is_wide
        assert "READY" not in "".join(rows(app))
        part.move(40)
        await pilot.pause()
        assert "READY" in "".join(rows(app))
        part.fold(True)
        await pilot.pause()
        text = "".join(rows(app))
        assert "NAME" in text
        assert "READY" in text


async def test_a_long_sentence_is_folded_by_itself() -> None:
    part = TryPart(TryLine("x"))
    app = Host(part)
    async with app.run_test(size=(40, 20)) as pilot:
        part.add("error: no matches for kind NodePool in version karpenter.sh/v1, says the server\n")
        await pilot.pause()
        assert not part.is_wide
        assert "server" in rows(app)[-1], "the end of the sentence"
        part.fold(False)
        await pilot.pause()
        assert part.is_wide


def test_tables_are_known_by_their_gaps() -> None:
    assert is_table(["NAME    READY", "pod-1   1/1"])
    assert is_table(["Name:         web", "Namespace:    default", "one line"])
    assert not is_table(["{", '    "cluster": "lab",', '    "version": "1.36"', "}"])
    assert not is_table(["deployment.apps/web created"])
    assert not is_table([])


@pytest.mark.parametrize(
    ("ending", "is_meant_to_fail", "said", "has_failed"),
    [
        (Ending(0, 0.1), False, "(no output)", False),
        (Ending(3, 0.1), False, "✗ exit code 3", True),
        (Ending(3, 0.1), True, "✓ exit code 3, as the page says", False),
        (Ending(0, 0.1), True, "▲ exit code 0, although the page says that it fails", True),
        (
            Ending(143, 60.2, "time"),
            False,
            "✗ ended after 60 s: it was still running. Time stands still.",
            True,
        ),
        (Ending(143, 1.0, "stopped"), False, "■ stopped", True),
        (Ending(143, 1.0, "output"), False, "✗ ended: it printed without end", True),
    ],
)
async def test_how_it_ended_is_said_in_words(
    ending: Ending, is_meant_to_fail: bool, said: str, has_failed: bool
) -> None:
    part = TryPart(TryLine("x", is_meant_to_fail), "Time stands still.")
    app = Host(part)
    async with app.run_test(size=(90, 20)) as pilot:
        part.end(ending)
        await pilot.pause()
        assert rows(app)[1:] == [said]
        assert went_wrong(part.line, ending) is has_failed


async def test_output_that_was_not_kept_is_counted() -> None:
    part = TryPart(TryLine("x"))
    app = Host(part)
    async with app.run_test(size=(90, 30)) as pilot:
        part.add("line\n" * 30)
        part.end(Ending(0, 0.1, dropped=3 * 1024 * 1024 // 2))
        await pilot.pause()
        assert rows(app)[-1] == "… 18 more lines: o opens all; 1.5 MiB more were printed and not kept"
