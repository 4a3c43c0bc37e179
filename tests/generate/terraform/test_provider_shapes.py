"""Every resource, argument and block that is emitted exists in the AWS provider, judged by another's copy of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as run

from eks_lab.generate.terraform.generator import GENERATOR
from tests.generate.terraform.bundles import bundle, settings
from tests.generate.terraform.declarations import blocks
from tests.generate.terraform.provider_shapes import complaints, package

_ROOT = package()
judged = pytest.mark.skipif(_ROOT is None, reason="no pulumi-aws in .venv-judges: run `make judges` once")


def _complaints(given: dict[str, Any], preset: str = "") -> list[str]:
    assert _ROOT is not None
    found = bundle(preset, **given)
    return [
        text
        for block in blocks(found)
        if block.kind in {"resource", "data"}
        for text in complaints(_ROOT, block.kind, block.labels[0], dict(block.body))
    ]


@judged
@pytest.mark.parametrize("preset", GENERATOR.presets)
def test_presets(preset: str) -> None:
    assert _complaints({}, preset) == []


@judged
@seed(20261122)
@run(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(settings())
def test_random_choices(given: dict[str, Any]) -> None:
    assert _complaints(given) == []


@judged
@pytest.mark.parametrize(
    ("kind", "name", "body", "complaint"),
    [
        ("resource", "aws_eks_clutser", {}, "no such type"),
        (
            "resource",
            "aws_eks_cluster",
            {"role_arn": "", "vpc_config": [], "versoin": ""},
            "versoin is unknown",
        ),
        ("resource", "aws_eks_cluster", {"vpc_config": []}, "role_arn is missing"),
        (
            "resource",
            "aws_eks_cluster",
            {"role_arn": "", "vpc_config": [{"__is_block__": True, "subnets": ""}]},
            "aws_eks_cluster.vpc_config: subnets is unknown",
        ),
        ("data", "aws_iam_policy_document", {"statment": []}, "statment is unknown"),
    ],
)
def test_the_judge_sees_mistakes(kind: str, name: str, body: dict[str, object], complaint: str) -> None:
    assert _ROOT is not None
    assert any(complaint in text for text in complaints(_ROOT, kind, name, body))
