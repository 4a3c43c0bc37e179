"""What `author check` says about a diagram."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eks_lab.content.diagram.check import check_diagram
from eks_lab.content.diagram.draw import MAX_HEIGHT
from tests.content.diagram.builders import SOURCE, STEP, fields, write

PAIR = {"row": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]}
GO = {"id": "go", "from": "a", "to": "b"}


def messages(tmp_path: Path, content: dict[str, Any] | str) -> list[str]:
    return [message for _, message, _ in check_diagram(write(tmp_path, content))]


def test_a_good_diagram_passes(tmp_path: Path) -> None:
    assert check_diagram(write(tmp_path, fields(PAIR, [GO], [{"focus": ["go"]}]))) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "not valid YAML"),
        (fields(PAIR, title="x" * 61), "the title has 61 characters"),
        (fields(PAIR, summary=" "), "the summary is empty"),
        (fields(PAIR, sources=[]), "there is no source"),
        (
            fields(PAIR, sources=[{**SOURCE, "url": "http://example.com"}]),
            "the source is at 'http://example.com'",
        ),
        (fields(PAIR, sources=[{**SOURCE, "title": ""}]), "a source has no title"),
        (fields(PAIR, steps=[{"say": "  "}]), "step 1 has no narration"),
        (fields(PAIR, steps=[{}, {"say": "x" * 421}]), "the narration of step 2 has 421 characters"),
        (fields(PAIR, steps=[{"title": ""}]), "step 1 has a title of 0 characters"),
        (fields(PAIR, steps=[STEP] * 13), "a story has 13 steps"),
        (
            fields(PAIR, steps=[], variants=[{"id": "v", "title": "x" * 25, "steps": [STEP]}]),
            "variant `v` has a title of 25 characters",
        ),
        (
            fields(PAIR, steps=[{"hide": ["a"], "focus": ["a"]}]),
            "step 1 puts `a` in focus, which is not there",
        ),
        (
            fields(PAIR, [GO], [{"hide": ["a"], "focus": ["go"]}]),
            "step 1 puts `go` in focus, which is not there",
        ),
        (fields(PAIR, steps=[{"hide": ["a"]}]), "`a` is never to be seen"),
        (fields(PAIR, [GO], [{"hide": ["go"]}]), "arrow `go` is never to be seen"),
        (fields({"row": [{"id": "a", "name": "≥ 2"}]}), "`a` has the character '≥'"),
        (fields(PAIR, [{**GO, "label": "漢"}]), "`go` has the character '漢'"),
        (fields({"row": [{"id": "a", "name": "x" * 80}]}), "the picture needs 84 columns and has 74"),
        (fields({"row": [{"id": "a", "name": "long", "width": 6}]}), "'long' does not fit into `a`"),
        (
            fields({"column": [{"name": f"box {at}"} for at in range(MAX_HEIGHT // 3 + 1)]}),
            f"the picture has {3 * (MAX_HEIGHT // 3 + 1)} lines",
        ),
        (fields({**PAIR, "across": 0}, [GO]), "arrow `go` finds no way from `a` to `b`"),
        (
            fields({**PAIR, "across": 4}, [{**GO, "label": "much too long a label"}]),
            "the label of arrow `go` has no room beside its line",
        ),
    ],
)
def test_findings(tmp_path: Path, content: dict[str, Any] | str, message: str) -> None:
    assert any(message in found for found in messages(tmp_path, content)), messages(tmp_path, content)


def test_a_finding_names_its_line_and_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, fields({**PAIR, "across": 0}, [GO]))
    line = path.read_text("utf-8").splitlines().index("- id: go") + 1
    [(found, _, fix)] = check_diagram(path)
    assert found == line
    assert fix.startswith("Leave more room with `across`")


def test_only_what_is_drawn_is_limited_in_its_characters(tmp_path: Path) -> None:
    assert messages(tmp_path, fields(PAIR, steps=[{"say": "At least two: ≥ 2."}])) == []


def test_broken_references_are_all_that_is_reported(tmp_path: Path) -> None:
    found = messages(tmp_path, fields(PAIR, steps=[{"focus": ["nobody"], "say": ""}]))
    assert len(found) == 1
    assert "`nobody`" in found[0]


def test_more_arrows_in_focus_than_numbers(tmp_path: Path) -> None:
    boxes = [{"id": f"b{at}", "name": str(at)} for at in range(11)]
    arrows = [{"id": f"a{at}", "from": "b0", "to": f"b{at}"} for at in range(1, 11)]
    found = messages(tmp_path, fields({"row": boxes}, arrows, [{"focus": [arrow["id"] for arrow in arrows]}]))
    assert any("step 1 has more than 9 arrows in focus" in message for message in found)
