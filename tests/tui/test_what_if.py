"""Two answers beside each other, and the files an answer becomes; without a terminal."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from eks_lab.calc.model import Grid, Plot, Series, Value
from eks_lab.tui.answer_files import answer_files
from eks_lab.tui.typeset import typeset
from eks_lab.tui.widgets.answer_text import answer_text
from eks_lab.tui.widgets.what_if import changed_inputs, difference, figures_table, what_if_flow
from tests.fake_calculators import SHOW, show

A = show({"nodes": 4, "zone": "a", "spot": False, "label": None})
B = show({"nodes": 6, "zone": "b", "spot": False, "label": "x"})


@pytest.mark.parametrize(
    ("a", "b", "unit", "text"),
    [
        (4, 6, "pods", "+2 pods (+50%)"),
        (6, 4, "pods", "−2 pods (−33%)"),
        (1, 2, "pods", "+1 pod (+100%)"),
        (0, 4, "", "+4"),
        (0.1, 0.3, "", "+0.2 (+200%)"),
        (-4, 4, "", "+8 (+200%)"),
        (40, 50, "%", "+10%"),
        (100, 101, "", "+1 (+1%)"),
        (10, 10.05, "", "+0.05 (+0.5%)"),
        (5, 5, "", "same"),
        ("cpu", "memory", "", "other"),
        (None, 3, "", "other"),
        (True, False, "", "other"),
    ],
)
def test_difference(a: Value, b: Value, unit: str, text: str) -> None:
    assert difference(a, b, unit) == text


def test_inputs_that_differ() -> None:
    assert changed_inputs(SHOW, A, B) == [
        ("Nodes", "4 nodes", "6 nodes"),
        ("Zone", "a", "b"),
        ("Label", "not set", "x"),
    ]


def test_figures_that_differ_and_those_that_do_not() -> None:
    table, same = figures_table(SHOW, A, B)
    assert table is not None
    assert [tuple("".join(span.text for span in cell) for cell in row) for row in table.rows] == [
        ("show (nodes)", "4", "6", "+2 (+50%)"),
        ("half (nodes)", "2", "3", "+1 (+50%)"),
    ]
    assert same == 1
    assert figures_table(SHOW, A, A) == (None, 3)


def test_comparison_in_words() -> None:
    text = typeset(what_if_flow(SHOW, A, B), 80).text
    assert "• Nodes: 4 nodes → 6 nodes" in text
    assert "A: 4 nodes are shown." in text
    assert "B: 6 nodes are shown." in text
    assert "1 figure is the same." in text
    assert "B has the same inputs" in typeset(what_if_flow(SHOW, A, A), 80).text
    renamed = replace(A, inputs={**A.inputs, "label": "y"})
    assert "No figure differs." in typeset(what_if_flow(SHOW, A, renamed), 80).text


class TestFiles:
    def test_each_way_has_a_name_of_its_own(self) -> None:
        files = answer_files(SHOW, A)
        assert [file.name for file in files] == [
            "show.txt",
            "show.json",
            "show.csv",
            "show-nodes-and-zones.csv",
            "show-nothing-in-it.csv",
            "show-nodes-over-time.csv",
            "show-nodes-by-zone.csv",
        ]

    def test_contents(self) -> None:
        files = {file.name: file.text() for file in answer_files(SHOW, A)}
        assert files["show.txt"] == answer_text(SHOW, A)
        assert json.loads(files["show.json"])["result"]["show"] == 4
        assert list(csv.reader(io.StringIO(files["show-nodes-and-zones.csv"])))[1] == [
            "node-0",
            "zone 0",
            "0.0",
            "yes",
        ]
        assert files["show-nodes-over-time.csv"].splitlines()[:3] == [
            "minutes,wanted,ready",
            "0,0,0",
            "1,1,0",
        ]

    def test_titles_that_make_no_or_the_same_name(self) -> None:
        answer = replace(
            A,
            grids=(
                Grid("…", ("A",), ()),
                Grid("Same", ("A",), ()),
                Grid("same!", ("A",), ()),
                Grid("x " * 60, ("A",), ()),
            ),
            plots=(Plot("Same", "x", "y", (Series("s", ()),)),),
        )
        names = [file.name for file in answer_files(SHOW, answer)]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= 50

    def test_text_has_tables_and_the_numbers_of_plots(self) -> None:
        text = answer_text(SHOW, A)
        assert "Nodes and zones" in text
        assert "node-3   zone 0   0.375" in text
        assert "Nodes over time" in text
        assert "minutes   wanted   ready" in text
