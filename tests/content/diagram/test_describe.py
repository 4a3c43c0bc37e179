"""A diagram in words, with no box drawing."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from eks_lab.content.diagram import describe
from eks_lab.content.diagram.describe import connections, describe_step, spoken_names
from eks_lab.content.diagram.model import Diagram
from tests.content.diagram.builders import STEP, diagram, diagrams

PICTURE = {
    "id": "vpc",
    "name": "VPC",
    "run_by": "you",
    "row": [
        {"id": "a", "name": "node", "text": "kubelet"},
        {"id": "b", "name": "ENI"},
        {"id": "n", "note": "a remark"},
    ],
}
ARROWS = [
    {"id": "ab", "from": "a", "to": "b", "label": "10250"},
    {"id": "ba", "from": "b", "to": "a", "end": "blocked"},
]


def test_the_whole_diagram() -> None:
    steps = [
        {"title": "First", "say": "It starts.", "hide": ["n"]},
        {"title": "Then", "say": "It goes on.", "focus": ["a", "ba", "ab"], "show": ["n"]},
        {"title": "Last", "say": "It ends.", "change": [{"id": "a", "text": "gone"}]},
    ]
    assert describe(diagram(PICTURE, ARROWS, steps)).splitlines() == [
        "A sample",
        "What it explains.",
        "",
        "In the picture:",
        "- VPC (yours)",
        "  - node, kubelet",
        "  - ENI",
        "  - a remark",
        "",
        "Step 1 of 3: First",
        "It starts.",
        "",
        "Step 2 of 3: Then",
        "It goes on.",
        "  1. ENI does not get through to node",
        "  2. node to ENI: 10250",
        "In focus: node.",
        "New: a remark.",
        "",
        "Step 3 of 3: Last",
        "It ends.",
        "Changed: node now reads gone.",
    ]


def test_one_step_says_what_there_is_to_see() -> None:
    words = describe_step(diagram(PICTURE, ARROWS, [{"hide": ["b"]}]), 0)
    assert "- node, kubelet" in words
    assert "ENI" not in words


def test_boxes_of_one_name_are_told_apart() -> None:
    zones = [{"name": f"zone {zone}", "row": [{"id": zone, "name": "API"}]} for zone in "ab"]
    assert [name for name in spoken_names(diagram({"row": zones})) if "API" in name] == [
        "API (zone a)",
        "API (zone b)",
    ]
    same = [{"id": zone, "name": "ENIConfig", "text": f"zone {zone}"} for zone in "ab"]
    assert spoken_names(diagram({"row": same}))[1:] == ("ENIConfig (zone a)", "ENIConfig (zone b)")


def test_a_renamed_box_is_called_by_its_new_name() -> None:
    steps = [{"focus": ["ab"]}, {"focus": ["ab"], "change": [{"id": "a", "name": "new node"}]}]
    sample = diagram(PICTURE, ARROWS, steps)
    assert connections(sample, 0) == ("node to ENI: 10250",)
    assert connections(sample, 1) == ("new node to ENI: 10250",)


def test_variants_are_told_one_after_the_other() -> None:
    variants = [{"id": name, "title": name.title(), "steps": [STEP]} for name in ("public", "private")]
    words = describe(diagram(PICTURE, (), [], variants=variants))
    assert "Public, step 1 of 1: A step" in words
    assert "Private, step 1 of 1: A step" in words


def test_lines_keep_to_the_width() -> None:
    sample = diagram(PICTURE, ARROWS, [{"say": "word " * 60}])
    assert max(map(len, describe(sample, 40).splitlines())) <= 40


@given(sample=diagrams())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
def test_any_diagram_can_be_told_without_box_drawing(sample: Diagram) -> None:
    words = describe(sample)
    assert not set(words) & set("─│┌┐└┘━┃╭╮╰╯▶◀▲▼①")
    for step in range(len(sample.steps)):
        assert f"Step {step + 1} of {len(sample.steps)}: " in words
        assert describe_step(sample, step)
