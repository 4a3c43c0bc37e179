"""Fault files: what is wrong in one is said with its line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.aws.faults.durations import duration
from eks_lab.aws.faults.fault_file import load_fault, packaged
from eks_lab.errors import ContentError

GOOD = """\
id: example
title: An example
number: 12
mark: R
says: [Unauthorized]
cause: The entry is gone.
remedy: Make it again.
sources: [somewhere]
arm:
  - aws: sts get-caller-identity
    save: {who: Arn}
symptom:
  - event: {reason: Failed}
fix:
  - advance: 1m
"""


def test_a_file_becomes_a_fault() -> None:
    fault = load_fault(GOOD, "faults/example.yaml")
    assert (fault.id, fault.arm[0].kind, fault.arm[0].save) == ("example", "aws", {"who": "Arn"})
    assert (fault.symptom[0].kind, fault.settles, fault.clear) == ("event", "2m", [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: example", "id: other", r"example.yaml:1: id: 'other' is not the file's name"),
        ("mark: R", "mark: Q", r"example.yaml:4: mark is 'Q'"),
        ("mark: R\n", "mark: R\nwhen: now\n", r"example.yaml:5: when is not a known field"),
        ("cause: The entry is gone.\n", "", r"example.yaml:1: cause is missing"),
        ("  - advance: 1m", "  - advance: 1m\n    cordon: n", "example.yaml:15: .*exactly one of aws, apply"),
        ("  - advance: 1m", "  - save: {a: b}", "example.yaml:15: .*exactly one of aws, apply"),
        ("  - advance: 1m", "  - shell: rm -rf /", "example.yaml:15: .*shell is not a known field"),
        ("reason: Failed", "reason: Failed, since: 1m", "example.yaml:13: .*since is not a known field"),
        ("says: [Unauthorized]", "says: &x [Unauthorized]", "example.yaml:5: anchors"),
        ("says: [Unauthorized]", "says: !!python/object:os.system []", "example.yaml:5: "),
        ("says: [Unauthorized]", "says: [", "example.yaml:7: not valid YAML"),
        ("number: 12", "number: 12\nvars: {a: {range: [3, 1]}}", "example.yaml:4: .*range: .low, high."),
        ("number: 12", "number: 12\nsettles: soon", "example.yaml:4: settles"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ContentError, match=message):
        load_fault(GOOD.replace(old, new), "faults/example.yaml")


def test_packaged_faults_say_what_a_learner_needs() -> None:
    for fault in packaged():
        texts = (fault.title, fault.cause, fault.remedy, *fault.says, *fault.sources)
        assert all(texts), fault.id
        assert fault.arm, fault.id
        assert fault.symptom, fault.id
        assert fault.fix, fault.id


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("1h30m", 5400)])
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "1d", "-5m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ContentError, match="is no duration"):
        duration(text)


def test_the_page_about_faults_lists_every_one() -> None:
    page = (Path(__file__).parents[3] / "docs" / "faults.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| `([a-z0-9-]+)` \| .* \| ([RM]) \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted((str(each.number), each.id, each.mark) for each in packaged())
