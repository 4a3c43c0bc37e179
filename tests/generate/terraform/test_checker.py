"""Our own critic finds nothing in the production preset, and no error in anything that is generated."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, seed
from hypothesis import settings as run

from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions, Finding, Report, Severity
from eks_lab.generate.model import Bundle
from eks_lab.generate.terraform.generator import GENERATOR
from tests.generate.terraform.bundles import TODAY, bundle, settings

_OPTIONS = CheckOptions(today=date.fromisoformat(TODAY))


def judged(found: Bundle) -> Report:
    return check_texts({file.name: file.text for file in found.files if file.name.endswith(".tf")}, _OPTIONS)


def errors(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity is Severity.ERROR]


def test_production_has_no_findings() -> None:
    report = judged(bundle("production"))
    assert report.findings == ()
    assert report.unreadable == ()


@pytest.mark.parametrize("preset", GENERATOR.presets)
def test_no_preset_has_errors(preset: str) -> None:
    assert errors(judged(bundle(preset))) == []


@seed(20261122)
@run(max_examples=15, deadline=None, phases=[Phase.generate])
@given(settings())
def test_random_choices_have_no_errors(given: dict[str, Any]) -> None:
    found = errors(judged(bundle(**given)))
    # On Fargate alone AWS brings the network plugin; the rule looks for the add-on in any case.
    only_fargate = given["node_groups"] == "none" and not given["auto_mode"]
    assert [finding for finding in found if not (only_fargate and finding.rule == "eks-cni-missing")] == []
