"""Code in a page: what is shown, copied and saved, and at which widths."""

from __future__ import annotations

import subprocess
import sys
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from eks_lab.content.page import Code
from eks_lab.tui.widgets.code_block import CodeBlock, suggested_name, usable_text
from eks_lab.tui.widgets.code_header import CodeHeader, notes_help, notes_of, title_of
from eks_lab.tui.widgets.code_text import MARK, CodeText, fold_line
from eks_lab.tui.widgets.console import commands, typed_lines
from eks_lab.tui.widgets.highlight import displayed, highlight_code

M = TypeVar("M", bound=Message)

CONSOLE = """\
$ kubectl get nodes
NAME       STATUS
ip-10-0-0-7   Ready
$ kubectl describe node ip-10-0-0-7 \\
    | grep pods
"""
HEREDOC = """\
$ kubectl apply -f - <<'EOF'
kind: Pod
$ not a command
EOF
pod/web created
"""
LONG = "values: " + ", ".join(f"item-{n}" for n in range(30))


def code(text: str = CONSOLE, language: str = "console", src: str = "", **attributes: str) -> Code:
    return Code(language, text, 1, {key.replace("_", "-"): value for key, value in attributes.items()}, src)


class Host(App[None]):
    def __init__(self, *blocks: Code) -> None:
        super().__init__()
        self.blocks = blocks

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static("a page")
            for block in self.blocks:
                yield CodeBlock(block)


def shown(app: App[None]) -> list[str]:
    """The rows of the screen."""
    size = app.screen.size
    strips = app.screen._compositor.render_strips(size)
    return [strip.text.rstrip() for strip in strips]


def sent(seen: list[Message], kind: type[M]) -> list[M]:
    """Messages of one kind, once each: the hook sees a message at every ancestor it passes."""
    return list({id(message): message for message in seen if isinstance(message, kind)}.values())


class TestConsole:
    def test_commands_leave_out_prompts_and_output(self) -> None:
        assert commands(CONSOLE) == [
            "kubectl get nodes",
            "kubectl describe node ip-10-0-0-7 \\\n    | grep pods",
        ]
        assert typed_lines(CONSOLE) == [True, False, False, True, True]

    def test_a_here_document_belongs_to_its_command(self) -> None:
        assert commands(HEREDOC) == ["kubectl apply -f - <<'EOF'\nkind: Pod\n$ not a command\nEOF"]
        assert typed_lines(HEREDOC) == [True, True, True, True, False]

    def test_a_here_document_that_never_ends_is_output(self) -> None:
        assert commands("$ cat <<EOF\nkind: Pod\n") == ["cat <<EOF"]

    def test_a_here_string_is_no_here_document(self) -> None:
        assert commands("$ grep x <<<EOF\nx\nEOF\n") == ["grep x <<<EOF"]

    @given(
        st.lists(st.sampled_from(["$ a", "$ b \\", "  c", "out \\", "", "$ cat <<E", "E", "$ "]), max_size=12)
    )
    def test_every_line_is_typed_or_output(self, lines: list[str]) -> None:
        text = "\n".join(lines)
        typed = typed_lines(text)
        assert len(typed) == len(text.splitlines())
        assert "\n".join(commands(text)).count("\n") + 1 == max(1, sum(typed))


class TestUsableText:
    def test_console_gives_commands_only(self) -> None:
        assert (
            usable_text(code()) == "kubectl get nodes\nkubectl describe node ip-10-0-0-7 \\\n    | grep pods"
        )

    def test_console_without_commands_gives_the_output(self) -> None:
        assert usable_text(code("NAME  STATUS\n")) == "NAME  STATUS"

    def test_other_code_is_given_as_written(self) -> None:
        assert usable_text(code("\ta: 1\n$ b\n", "yaml")) == "\ta: 1\n$ b"

    @pytest.mark.parametrize(
        ("block", "name"),
        [
            (code(src="manifests/nodepool.yaml", language="yaml"), "nodepool.yaml"),
            (code(), "commands.sh"),
            (code("NAME\n"), "snippet.txt"),
            (code("a: 1", "yaml", title="How it gives nodes back!"), "how-it-gives-nodes-back.yaml"),
            (code("a = 1", "hcl"), "snippet.tf"),
            (code("FROM x", "dockerfile"), "Dockerfile"),
            (code("x", "cobol"), "snippet.txt"),
            (code("x", "text", title="../../etc/passwd"), "etc-passwd.txt"),
        ],
    )
    def test_suggested_name(self, block: Code, name: str) -> None:
        assert suggested_name(block) == name


class TestHeader:
    @pytest.mark.parametrize(
        ("block", "title"),
        [
            (code(), "Commands"),
            (code(language="yaml"), "YAML"),
            (code(language="hcl", src="terraform/network.tf"), "network.tf"),
            (code(language="yaml", src="a/pool.yaml", title="Limits"), "Limits · pool.yaml"),
            (code(language="cobol"), "cobol"),
        ],
    )
    def test_title(self, block: Code, title: str) -> None:
        assert title_of(block) == title

    @pytest.mark.parametrize(
        ("attributes", "notes"),
        [
            ({"needs": "sandbox"}, "needs: sandbox"),
            ({"needs": "aws"}, "needs: a real AWS account"),
            ({"needs": "nothing"}, "runs anywhere"),
            ({"needs": "gpu"}, "needs: gpu"),
            ({"expect-error": "true", "needs": "tools"}, "needs: command-line tools · meant to fail"),
            ({"expect-error": "2", "needs": "sandbox"}, "needs: sandbox · command 2 is meant to fail"),
            (
                {"expect-error": "1,2", "needs": "sandbox"},
                "needs: sandbox · commands 1 and 2 are meant to fail",
            ),
            ({"example": "the ids are made up", "needs": "sandbox"}, "needs: sandbox · an example"),
            ({"fragment": "true"}, "a fragment"),
            ({"fragment": "false"}, ""),
            ({}, ""),
        ],
    )
    def test_notes(self, attributes: dict[str, str], notes: str) -> None:
        block = Code("console", CONSOLE, 1, attributes)
        assert notes_of(block) == notes
        assert bool(notes_help(block)) == (bool(notes) and attributes != {"needs": "gpu"})


class TestFolding:
    @given(
        st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120), st.integers(1, 90)
    )
    def test_folded_lines_fit_and_lose_nothing(self, line: str, width: int) -> None:
        pieces = fold_line(line, width)
        assert "".join(line[start:end] for start, end, _ in pieces) == line
        for start, end, free in pieces:
            used = cell_len(line[start:end]) + (free + len(MARK) if start else 0)
            assert used <= max(8, width)

    def test_folds_behind_a_space_under_the_indent(self) -> None:
        line = "    command: one two three four five"
        (_, first, _), (start, _, free) = fold_line(line, 30)[:2]
        assert line[:first].endswith(" ")
        assert (start, free) == (first, 6)


class TestHighlighting:
    def test_commands_shine_and_output_is_quiet(self) -> None:
        text = displayed(CONSOLE)
        styles = {text[span.start : span.end]: span.style for span in highlight_code(text, "console").spans}
        assert styles["kubectl get nodes"] == "bold"
        assert styles["    | grep pods"] == "bold"
        assert styles["NAME       STATUS"] == "$text-muted"

    @pytest.mark.parametrize("language", ["yaml", "json", "hcl", "dockerfile", "ini", "bash", "toml"])
    def test_colours_are_the_themes_and_the_text_is_unchanged(self, language: str) -> None:
        text = '# x\nname: "a"\nFROM b\n[c]\nd = 1'
        content = highlight_code(text, language)
        assert content.plain == text
        assert content.spans
        assert all("$" in str(span.style) or span.style in ("bold", "italic") for span in content.spans)

    def test_control_characters_reach_the_screen_as_pictures(self) -> None:
        assert displayed("a\x1b]52;c;x\x07\tb  \n\n") == "a␛]52;c;x␇  b"

    def test_pygments_waits_for_the_first_block(self) -> None:
        program = (
            "import sys, eks_lab.tui.widgets.code_block as block\n"
            "from eks_lab.tui.widgets.highlight import highlight_code\n"
            "assert not [m for m in sys.modules if m.split('.')[0] == 'pygments'], 'loaded at import'\n"
            "highlight_code('$ a', 'console')\n"
            "assert 'pygments' not in sys.modules, 'loaded for a console block'\n"
            "highlight_code('a: 1', 'yaml')\n"
            "assert 'pygments' in sys.modules"
        )
        subprocess.run([sys.executable, "-c", program], check=True)


class TestCodeBlock:
    @pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 60)])
    async def test_is_as_high_as_its_content_and_never_wider_than_the_page(
        self, size: tuple[int, int]
    ) -> None:
        app = Host(code(LONG, "yaml", title="A title of some length", needs="sandbox"), code())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            for block in app.query(CodeBlock):
                header, text = block.query_one(CodeHeader), block.query_one(CodeText)
                assert block.region.right <= size[0]
                assert block.size.height == header.size.height + text.size.height
                assert text.size.height == text.get_content_height(size, size, text.size.width)  # type: ignore[arg-type]
            rows = "\n".join(shown(app))
            assert MARK in rows
            assert "item-29" in rows
            assert "needs: sandbox" in rows
            assert "c copy" in rows
            assert "s save" in rows

    async def test_c_copies_the_commands(self) -> None:
        app = Host(code())
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await pilot.press("tab", "c")
            await pilot.pause()
            assert app.clipboard == "kubectl get nodes\nkubectl describe node ip-10-0-0-7 \\\n    | grep pods"
            assert [note.message for note in app._notifications] == ["2 commands"]

    async def test_s_asks_to_save(self) -> None:
        seen: list[Message] = []
        block = code("kind: Pod\n", "yaml", src="manifests/pod.yaml")
        app = Host(block)
        async with app.run_test(size=(80, 24), message_hook=seen.append) as pilot:
            await pilot.press("tab", "s")
            await pilot.pause()
        asked = sent(seen, CodeBlock.SaveRequested)
        assert [(m.code, m.suggested_name, m.text) for m in asked] == [(block, "pod.yaml", "kind: Pod\n")]
        assert asked[0].control is asked[0].block

    async def test_words_can_be_clicked(self) -> None:
        seen: list[Message] = []
        app = Host(code())
        async with app.run_test(size=(80, 24), message_hook=seen.append) as pilot:
            row = next(y for y, line in enumerate(shown(app)) if "s save" in line)
            column = shown(app)[row].index("save")
            await pilot.click(offset=(column + 1, row))
            await pilot.pause()
            assert app.query_one(CodeBlock).has_focus
            await pilot.click(offset=(shown(app)[row].index("copy") + 1, row))
            await pilot.pause()
            assert app.clipboard.startswith("kubectl get nodes")
        assert len(sent(seen, CodeBlock.SaveRequested)) == 1

    async def test_w_lets_long_lines_run_on_and_left_right_move_along_them(self) -> None:
        app = Host(code(LONG, "yaml"))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert any("w unfold" in line for line in shown(app))
            await pilot.press("tab", "w")
            await pilot.pause()
            text = app.query_one(CodeText)
            assert text.size.height == 1
            assert not any(MARK in line or "item-29" in line for line in shown(app))
            for _ in range(40):
                await pilot.press("right")
            await pilot.pause()
            assert any("item-29" in line for line in shown(app))
            await pilot.press("w")
            await pilot.pause()
            assert any("values: item-0" in line for line in shown(app))

    async def test_short_code_offers_no_unfolding(self) -> None:
        app = Host(code("a: 1", "yaml"))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert not any("unfold" in line for line in shown(app))

    async def test_focus_is_seen_without_colour(self) -> None:
        app = Host(code("a: 1", "yaml"))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.set_focus(None)
            await pilot.pause()
            before = shown(app)
            await pilot.press("tab")
            await pilot.pause()
            after = shown(app)
            assert before != after
            assert [line.lstrip(" ▎") for line in before] == [line.lstrip(" ▎") for line in after]

    async def test_selected_text_has_no_fold_marks(self) -> None:
        app = Host(code(LONG, "yaml"))
        async with app.run_test(size=(40, 24)) as pilot:
            await pilot.pause()
            app.query_one(CodeText).text_select_all()
            await pilot.pause()
            assert app.screen.get_selected_text() == LONG

    async def test_every_binding_can_be_rebound_and_explains_itself(self) -> None:
        for binding in CodeBlock.BINDINGS:
            assert not isinstance(binding, tuple)
            assert (binding.id or "").startswith("code.")
            assert binding.tooltip
        assert CodeBlock.HELP
        assert CodeBlock.BINDING_GROUP_TITLE
