"""The guide's mistakes are all found; our own presets and the course's files are not scolded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eks_lab import locations
from eks_lab.calc.forms import read_inputs
from eks_lab.checker.check import check_paths, check_texts
from eks_lab.checker.model import CheckOptions, Severity
from eks_lab.generate.terraform.generator import GENERATOR

GUIDE_LIKE = Path(__file__).with_name("guide_like.tf")
OPTIONS = CheckOptions(today=date(2026, 11, 22))
# Row of the errata -> rules that stand for it.
ROWS = {
    "4.10": {"eks-cni-policy-on-nodes"},
    "5.1, 5.2": {"tf-reference-type"},
    "5.3": {"eks-version-unsupported"},
    "5.4": {"eks-single-nat"},
    "5.5": {"eks-zones-unfiltered"},
    "5.6": {"tf-unused-provider"},
    "5.7": {"tf-old-aws-provider"},
    "5.8": {"eks-authentication-mode"},
    "5.9": {"eks-logs-missing"},
    "5.10": {"eks-addons-missing"},
    "5.11": {"kms-deletion-window"},
    "5.12": {"eks-test-net"},
    "5.13": {"eks-shared-subnets"},
    "5.14": {"eks-burstable-nodes"},
    "5.15": {"eks-imds-hop-limit"},
    "5.16": {"eks-launch-template-latest"},
    "5.17": {"eks-registry-policy"},
    "5.18": {"eks-ami-type-missing"},
    "5.19": {"eks-desired-size-drift"},
    "5.20": {"eks-old-cluster-tag"},
    "5.21": {"eks-public-addresses"},
    "5.24": {"eks-no-vpc-endpoints"},
    "5.26": {"tf-local-state"},
    "5.23": {"eks-deletion-protection", "eks-upgrade-policy", "eks-zonal-shift"},
}


def test_every_mistake_of_the_guide_is_found_and_nothing_else() -> None:
    report = check_texts({"main.tf": GUIDE_LIKE.read_text("utf-8")}, OPTIONS)
    found = {finding.rule for finding in report.findings}
    assert found == set().union(*ROWS.values())
    assert not report.unreadable


def test_both_missing_ids_are_found_where_they_are() -> None:
    text = GUIDE_LIKE.read_text("utf-8")
    report = check_texts({"main.tf": text}, OPTIONS)
    lines = text.split("\n")
    found = [finding for finding in report.findings if finding.rule == "tf-reference-type"]
    assert [(lines[finding.line - 1].strip(), finding.fix) for finding in found] == [
        ("gateway_id = aws_internet_gateway.door", "Write aws_internet_gateway.door.id."),
        ("nat_gateway_id = aws_nat_gateway.out", "Write aws_nat_gateway.out.id."),
    ]
    assert all(finding.severity is Severity.ERROR and finding.lesson for finding in found)


@pytest.mark.parametrize("preset", ["production", "private", "auto-mode", "karpenter"])
def test_our_presets_are_clean(preset: str) -> None:
    bundle = GENERATOR.render(read_inputs(GENERATOR, dict(GENERATOR.presets[preset])))
    files = {file.name: file.text for file in bundle.files if file.name.endswith(".tf")}
    report = check_texts(files, OPTIONS)
    assert report.findings == ()
    assert report.unreadable == ()
    assert len(report.files) == len(files)


def test_the_learning_preset_has_only_what_it_saves_on() -> None:
    bundle = GENERATOR.render(read_inputs(GENERATOR, dict(GENERATOR.presets["learning"])))
    files = {file.name: file.text for file in bundle.files if file.name.endswith(".tf")}
    report = check_texts(files, OPTIONS)
    assert all(finding.severity is not Severity.ERROR for finding in report.findings)


def test_the_configuration_of_the_terraform_chapter_is_clean() -> None:
    lessons = locations.content_root() / "lessons" / "05-terraform"
    files = {path.name: path.read_text("utf-8") for path in lessons.glob("*/terraform/*.tf")}
    assert check_texts(files, OPTIONS).findings == ()


@pytest.mark.parametrize(
    "path",
    sorted((locations.content_root() / "lessons").glob("*/*/terraform")),
    ids=lambda path: path.parent.name,
)
def test_excerpts_in_lessons_have_no_errors_of_their_own(path: Path) -> None:
    report = check_paths([path], CheckOptions(today=OPTIONS.today, whole_set=False))
    assert [finding for finding in report.findings if finding.severity is Severity.ERROR] == []
    assert report.unreadable == ()
