"""Diagrams: each file is read and judged by the diagram package."""

from __future__ import annotations

from pathlib import Path

from eks_lab.content.diagram.check import check_diagram
from eks_lab.content.findings import Finding


def check_diagrams(root: Path) -> tuple[set[str], list[Finding]]:
    """Return the ids of a course's diagrams and what is wrong with them.

    Args:
        root: the folder that holds `course.yaml`.
    """
    ids: set[str] = set()
    findings = []
    for path in sorted((root / "diagrams").glob("*.yaml")):
        ids.add(path.stem)
        shown = path.relative_to(root).as_posix()
        for line, message, fix in check_diagram(path):
            findings.append(Finding(shown, line, "diagram", message, fix))
    return ids, findings
