"""Every rule with files that break it: the lines with `# finds` are found, and no others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions, Finding
from eks_lab.checker.terraform.judge import RULES, SYNTAX

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*.tf"))
OPTIONS = CheckOptions(today=date(2026, 11, 22))
# Rules that need several files; their tests are in test_modules.py and test_syntax.py.
ELSEWHERE = {"tf-module-input", SYNTAX.id}


def found(text: str, rule: str) -> list[Finding]:
    """Return the findings of one rule."""
    report = check_texts({"main.tf": text}, OPTIONS)
    assert not report.unreadable
    return [finding for finding in report.findings if finding.rule == rule]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_finds_what_is_marked_and_nothing_else(path: Path) -> None:
    text = path.read_text("utf-8")
    rule = path.name.split(".")[0]
    marked = {number for number, line in enumerate(text.split("\n"), 1) if line.rstrip().endswith("# finds")}
    assert bool(marked) != path.stem.endswith(".good"), "a .good file has no marks, any other has some"
    findings = found(text, rule)
    assert {finding.line for finding in findings} == marked, [str(finding) for finding in findings]
    for finding in findings:
        assert finding.message
        assert finding.fix.endswith((".", "?", ")")), finding.fix
        assert "\x00" not in finding.message


def test_every_rule_has_a_case_that_fires_and_one_that_does_not() -> None:
    names = {path.name.split(".")[0] for path in FILES}
    assert {rule.id for rule in RULES} - names == ELSEWHERE
    assert names <= {rule.id for rule in RULES}
    for rule in names:
        texts = [path.read_text("utf-8") for path in FILES if path.name.split(".")[0] == rule]
        assert any("# finds" in text for text in texts)
        unmarked = [
            line for text in texts for line in text.split("\n") if " = " in line and "# finds" not in line
        ]
        assert unmarked, f"{rule} has nothing that does not fire"


def test_ids_are_unique_and_lessons_exist() -> None:
    from eks_lab import locations
    from eks_lab.content.load import load_course

    lessons = {lesson.id for lesson in load_course(locations.content_root() / "lessons").course.lessons}
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.lesson in lessons, f"{rule.id} names {rule.lesson}"
