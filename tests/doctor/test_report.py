"""All findings together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.doctor.model import Check
from eks_lab.doctor.report import as_json, as_text, lacking, run_checks
from tests.doctor.machines import machine


@pytest.fixture
def content_root(tmp_path: Path) -> Path:
    lesson = tmp_path / "lessons" / "00-start" / "10-tools"
    lesson.mkdir(parents=True)
    (lesson / "lesson.md").write_text("")
    return tmp_path


def test_a_complete_machine_is_ready(content_root: Path) -> None:
    checks = run_checks(machine(), content_root, content_root / "data")
    assert {check.status for check in checks} == {"ok"}
    assert lacking(checks) == []
    text = as_text(checks)
    assert text.splitlines()[-1] == "Ready."
    assert [line for line in text.splitlines() if line and not line.startswith(" ")] == [
        "Program",
        "Terminal",
        "Tools (optional)",
        "Ports (optional)",
        "Ready.",
    ]
    assert text.count("Needed for: ") == len(checks)  # what each is for is said of all


def test_tools_that_are_absent_do_not_stop_anybody(content_root: Path) -> None:
    checks = run_checks(machine({}), content_root, content_root / "data")
    assert lacking(checks) == []
    text = as_text(checks)
    assert "✗ missing kubectl" in text
    assert text.splitlines()[-2].startswith(
        "Ready. Every lesson can be read; to type along you may want kubectl,"
    )


def test_something_required_and_missing_is_not_ready(content_root: Path) -> None:
    checks = run_checks(machine(terminal_size=(20, 5)), content_root / "nowhere", content_root / "data")
    assert [check.name for check in lacking(checks)] == ["lessons", "size"]
    assert as_text(checks).splitlines()[-1] == "Not ready: lessons, size. See above for what to do."
    document = as_json(checks, "Linux")
    assert document["ready"] is False
    assert json.loads(json.dumps(document)) == document
    assert document["checks"][0] == {
        "group": "Program",
        "name": "eks-lab",
        "status": "ok",
        "found": checks[0].found,
        "needed_for": "the course",
        "how_to_get": "",
        "required": True,
    }


def test_a_sign_never_stands_without_its_word(content_root: Path) -> None:
    checks = run_checks(machine({}, terminal_size=(60, 20)), content_root, content_root / "data")
    for line in as_text(checks).splitlines():
        for sign, word in (("✓", "ok"), ("!", "note"), ("✗", "missing")):
            if line.startswith(f"  {sign}"):
                assert line.split()[1] == word


words = st.text(min_size=1, max_size=150)


@given(
    st.lists(
        st.builds(
            Check,
            st.sampled_from(["Program", "Tools"]),
            st.sampled_from(["kubectl", "data folder", "a name that is longer than its column"]),
            st.sampled_from(["ok", "warn", "missing"]),
            words,
            words,
            words,
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_no_line_is_wider_than_80_or_holds_control_characters(checks: list[Check]) -> None:
    for line in as_text(checks).split("\n"):
        assert len(line) <= 80
        assert all(character.isprintable() for character in line)


def test_codes_that_a_tool_prints_do_not_reach_the_terminal() -> None:
    check = Check("Tools", "kubectl", "warn", "v1\x1b[2J\x07", "x", "y")
    assert "\x1b" not in as_text([check])
