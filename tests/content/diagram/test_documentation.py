"""docs/diagrams.md: its example works, and it names every field."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from eks_lab.content.diagram.check import check_diagram
from eks_lab.content.diagram.model import Arrow, Box, Change, Diagram, Step, Variant

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "diagrams.md").read_text("utf-8")
IN_YAML = {"source": "from", "target": "to"}


def test_the_example_passes_the_check(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(format: 1\n.*?)```", PAGE, re.DOTALL)
    assert example is not None
    path = tmp_path / "get-token.yaml"
    path.write_text(example[1], "utf-8")
    assert check_diagram(path) == []


@pytest.mark.parametrize("kind", [Box, Arrow, Change, Step, Variant, Diagram])
def test_every_field_is_explained(kind: Any) -> None:
    for field in fields(kind):
        name = IN_YAML.get(field.name, field.name)
        assert re.search(rf"\b{name}\b", PAGE), f"{kind.__name__}.{name}"
