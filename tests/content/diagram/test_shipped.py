"""The diagrams of the course: sound, and drawn exactly as reviewed.

`golden/<id>.txt` holds every step as text and then the whole diagram in words. After a change that is
meant, look at the pictures and write the files anew: `EKS_LAB_UPDATE_GOLDEN=1 pytest <this file>`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eks_lab.content.diagram import Diagram, describe, diagram_ids, load_diagram
from eks_lab.content.diagram.check import check_diagram
from eks_lab.content.diagram.draw import FULL_WIDTH, MAX_HEIGHT, draw, fits, plan
from tests.content.diagram.builders import LESSONS, text

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "EKS_LAB_UPDATE_GOLDEN"
IDS = [
    "cluster-access",
    "control-plane",
    "custom-networking",
    "ebs-efs-zones",
    "endpoint-access",
    "eni-slots",
    "gitops-flow",
    "hpa-loop",
    "irsa-flow",
    "karpenter-loop",
    "node-group-upgrade",
    "pod-identity-flow",
    "private-cluster",
    "vpc-cni-node",
]


def rendered(diagram: Diagram) -> str:
    """Return every step as it is drawn, then the text equivalent."""
    parts = []
    for story, variant in enumerate(diagram.stories):
        for at, step in enumerate(variant.steps):
            name = f"{variant.title}, " if variant.title else ""
            parts.append(f"### {name}{at + 1}. {step.title}")
            parts += [line.rstrip() for line in text(draw(diagram, at, story=story))]
    return "\n".join([*parts, "### In words", describe(diagram)]) + "\n"


def test_the_course_has_its_diagrams() -> None:
    assert set(IDS) <= set(diagram_ids(LESSONS))


@pytest.mark.parametrize("name", IDS)
def test_the_check_finds_nothing(name: str) -> None:
    assert check_diagram(LESSONS / "diagrams" / f"{name}.yaml") == []


@pytest.mark.parametrize("name", IDS)
def test_every_story_fits_an_80_column_terminal(name: str) -> None:
    diagram = load_diagram(LESSONS, name)
    for story, variant in enumerate(diagram.stories):
        assert fits(diagram, FULL_WIDTH, story)
        assert plan(diagram, story, FULL_WIDTH).layout.height <= MAX_HEIGHT
        for step in range(len(variant.steps)):
            assert {len(row) for row in text(draw(diagram, step, story=story))} == {FULL_WIDTH}


@pytest.mark.parametrize("name", IDS)
def test_drawn_as_reviewed(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    now = rendered(load_diagram(LESSONS, name))
    if os.environ.get(UPDATE) == "1":
        path.write_text(now, "utf-8")
    assert path.read_text("utf-8") == now, f"{path.name} differs; if that is meant, set {UPDATE}=1"


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == IDS


@pytest.mark.parametrize("name", IDS)
def test_every_step_moves_the_story_on(name: str) -> None:
    diagram = load_diagram(LESSONS, name)
    for story, variant in enumerate(diagram.stories):
        assert 3 <= len(variant.steps) <= 8
        drawn = ["\n".join(text(draw(diagram, step, story=story))) for step in range(len(variant.steps))]
        assert len(set(drawn)) == len(drawn)
