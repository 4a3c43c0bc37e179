"""`eks-lab calc` with files, tables, plots and the present day."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eks_lab.calc.export import answer_from_json
from eks_lab.cli.calc import command
from eks_lab.clock import SystemClock
from eks_lab.errors import InputError
from eks_lab.tui.documents import LARGEST_BYTES
from tests.fake_calculators import EXAMPLE, show, use_fakes


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin)


def shown(*arguments: str, stdin: str | bytes | None = None) -> str:
    result = invoke(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str, stdin: str | bytes | None = None) -> InputError:
    error = invoke(*arguments, stdin=stdin).exception
    assert isinstance(error, InputError)
    return error


class TestTablesAndPlots:
    def test_text(self) -> None:
        lines = shown("show", "--nodes", "3").splitlines()
        start = lines.index("Nodes and zones")
        assert lines[start : start + 6] == [
            "Nodes and zones",
            "  Node    Zone    Price (USD/h)  Spot",
            "  ------  ------  -------------  ----",
            "  node-0  zone 0          0.000  yes",
            "  node-1  zone 1          0.125  no",
            "  node-2  zone 2          0.250  yes",
        ]
        assert lines[lines.index("Nothing in it") + 1] == "  No rows."
        start = lines.index("Nodes over time")
        assert lines[start + 1] == "  nodes from 0 to 3, over minutes from 0 to 3:"
        assert lines[start + 2].startswith("  wanted  ▁")
        assert lines[start + 2].endswith("█")
        assert lines[start + 4 : start + 10] == [
            "  minutes  wanted  ready",
            "  -------  ------  -----",
            "        0       0      0",
            "        1       1      0",
            "        2       2      2",
            "        3       3      2",
        ]

    def test_a_long_plot_is_thinned_and_says_so(self) -> None:
        text = shown("show", "--nodes", "100")
        assert "12 of 101 points; --json has them all." in text
        assert "\n       50      50     50\n" not in text
        assert "\n      100     100    100\n" in text

    def test_json_has_them_whole(self) -> None:
        document = json.loads(shown("show", "--nodes", "50", "--json"))
        assert [grid["title"] for grid in document["grids"]] == ["Nodes and zones", "Nothing in it"]
        assert document["grids"][0]["columns"] == ["Node", "Zone", "Price (USD/h)", "Spot"]
        assert document["grids"][0]["rows"][1] == ["node-1", "zone 1", 0.125, False]
        plot = document["plots"][0]
        assert (plot["title"], plot["x_label"], plot["y_label"]) == ("Nodes over time", "minutes", "nodes")
        assert [len(series["points"]) for series in plot["series"]] == [51, 51]
        assert [series["style"] for series in plot["series"]] == ["line", "step"]
        assert document["plots"][1]["series"][0] == {
            "name": "nodes",
            "style": "bar",
            "points": [[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]],
        }
        assert answer_from_json(document) == show(document["inputs"])

    @pytest.mark.parametrize("nodes", ["1", "3", "400"])
    def test_fits_80_columns_without_box_drawing(self, nodes: str) -> None:
        text = shown("show", "--nodes", nodes, "--label", "x" * 300)
        assert max(len(line) for line in text.splitlines()) <= 80
        assert not any("\u2500" <= letter <= "\u257f" for letter in text)
        assert "\x1b" not in text

    def test_what_is_no_single_figure_is_counted_or_listed(self) -> None:
        text = shown("show")
        assert "  list     1, 2\n" in text
        assert "  nothing  –\n" in text


class TestToday:
    def test_it_is_filled_in_when_it_is_not_given(self) -> None:
        before = SystemClock().now().date().isoformat()
        given = json.loads(shown("read", "--json"))["inputs"]["today"]
        assert before <= given <= SystemClock().now().date().isoformat()

    def test_a_given_one_stands(self) -> None:
        assert "lines on 2024-02-29." in shown("read", "--today", "2024-02-29")

    def test_an_empty_one_is_not_set(self) -> None:
        assert "lines on None." in shown("read", "--today", "")

    def test_a_wrong_one_is_refused(self) -> None:
        assert "today: '2025-02-29' is no date" in refused("read", "--today", "2025-02-29").message

    def test_help_says_so(self) -> None:
        assert "[default: the present day]" in " ".join(shown("read", "--help").split())


class TestDocuments:
    def test_a_file_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "pods.yaml").write_bytes(b"\xef\xbb\xbfa\r\nb\r\nc\r\n")
        document = json.loads(shown("read", "--pods", str(tmp_path / "pods.yaml"), "--json"))
        assert document["result"]["read"] == 3
        assert document["inputs"]["pods"].strip() == "a\nb\nc"

    def test_text_says_its_size_instead(self, tmp_path: Path) -> None:
        (tmp_path / "pods.yaml").write_text("one\ntwo\n")
        text = shown("read", "--pods", str(tmp_path / "pods.yaml"))
        assert "  pods    a text of 2 lines, " in text
        assert "  policy  –\n" in text

    def test_a_dash_is_standard_input(self) -> None:
        assert shown("read", "--pods", "-", stdin="a\nb\n").startswith("2 lines on")

    def test_standard_input_can_be_read_once(self) -> None:
        error = refused("read", "--pods", "-", "--policy", "-", stdin="a\n")
        assert "policy: standard input is read by another option already" in error.message

    def test_without_one_the_example_counts(self) -> None:
        assert shown("read").startswith(f"{EXAMPLE.count(chr(10))} lines on")
        text = " ".join(shown("read", "--help").split())
        assert "--pods FILE Manifests of pods. [default: an example]" in text
        assert "--policy FILE A policy. [default: not set]" in text

    def test_missing(self, tmp_path: Path) -> None:
        error = refused("read", "--pods", str(tmp_path / "no.yaml"))
        assert f"pods: there is no file {tmp_path / 'no.yaml'}" in error.message
        assert str(tmp_path) in error.hint

    def test_a_folder(self, tmp_path: Path) -> None:
        assert f"pods: {tmp_path} is a folder" in refused("read", "--pods", str(tmp_path)).message

    def test_a_file_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert "pods: " in refused("read", "--pods", str(tmp_path / "file" / "more")).message

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"\x00\x01\x02", "is a binary file"),
            (b"\xff\xfea\x00", "is UTF-16 text"),
            (b"abc\xff", "is not UTF-8 text: byte 3 is 0xff"),
        ],
    )
    def test_what_is_no_text(self, tmp_path: Path, content: bytes, said: str) -> None:
        (tmp_path / "it").write_bytes(content)
        assert said in refused("read", "--pods", str(tmp_path / "it")).message
        assert f"standard input {said}" in refused("read", "--pods", "-", stdin=content).message

    def test_too_large(self, tmp_path: Path) -> None:
        with (tmp_path / "large").open("wb") as file:
            file.truncate(LARGEST_BYTES + 1)
        assert "is larger than 20 MB" in refused("read", "--pods", str(tmp_path / "large")).message

    @pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="a device without an end")
    def test_an_endless_device_is_not_read_to_its_end(self) -> None:
        assert "is larger than 20 MB" in refused("read", "--pods", "/dev/zero").message

    @pytest.mark.parametrize("name", ["\0", "a\0b"])
    def test_a_name_that_cannot_be(self, name: str) -> None:
        assert "is no file name" in refused("read", "--pods", name).message

    def test_the_calculators_own_refusal(self) -> None:
        assert refused("read", "--pods", "-", stdin="refuse\n").hint == "Write something else."


def test_every_answer_can_be_asked_again_with_its_inputs() -> None:
    first: dict[str, Any] = json.loads(shown("read", "--pods", "-", "--json", stdin="@a: b\nc\n"))
    again = shown("read", "--batch", stdin=json.dumps(first["inputs"]))
    assert json.loads(again) == first
