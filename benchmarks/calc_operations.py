"""Upgrade plans, control planes, spreading and trust policies are answered within a frame."""

from __future__ import annotations

import json

from benchmarks.calc import ANSWER_MS, _first_answer, milliseconds
from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Calculator
from eks_lab.catalog import control_plane_tiers, kubernetes_versions
from eks_lab.catalog.source import packaged_file

LOAD_MS = 5.0

_ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
_STATEMENT = {
    "Effect": "Allow",
    "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{_ISSUER}"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringLike": {f"{_ISSUER}:sub": ["system:*:*a*b*c*d*e*"] * 9}},
}
_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [_STATEMENT] * 20})
"""Twenty statements with patterns of many stars: about as large as IAM takes."""

QUESTIONS: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "upgrade-plan",
        {
            "today": "2026-11-22",
            "from_version": "1.31",
            "clusters": 100,
            "nodes": 5000,
            "max_unavailable": 33,
            "budget_pods_per_node": 3,
        },
    ),
    ("control-plane", {"today": "2026-11-22", "seats": 9000, "running_pods": 1, "burst_pods": 10_000_000}),
    (
        "spread",
        {
            "replicas": 5000,
            "zones": 6,
            "nodes_per_zone": 1,
            "max_skew": 100,
            "max_unavailable": "50",
            "host_max_skew": 100,
        },
    ),
    ("trust", {"policy": _POLICY}),
)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    versions = packaged_file(kubernetes_versions.DATA_FILE)
    tiers = packaged_file(control_plane_tiers.DATA_FILE)
    figures = [
        (
            "version calendar load (ms)",
            milliseconds(lambda: kubernetes_versions.read_calendar(versions), 20),
            LOAD_MS,
            f"{len(kubernetes_versions.calendar().versions)} versions",
        ),
        (
            "control plane tiers load (ms)",
            milliseconds(lambda: control_plane_tiers.read_terms(tiers), 20),
            LOAD_MS,
            f"{len(control_plane_tiers.terms().tiers)} tiers",
        ),
    ]
    for name, inputs in QUESTIONS:
        calculator = registry.get(name)

        def ask(calculator: Calculator = calculator, inputs: dict[str, object] = inputs) -> object:
            return calculator.compute(read_inputs(calculator, inputs))

        first = sorted(_first_answer(name, inputs) for _ in range(3))[1]
        figures.append((f"{name}, first answer (ms)", first, ANSWER_MS, "fresh process, after import"))
        figures.append((f"{name}, next answers (ms)", milliseconds(ask, 50), ANSWER_MS, "median of 50"))
    return figures
