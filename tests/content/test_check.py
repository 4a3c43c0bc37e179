"""`author check` bites: each rule has a course that breaks just it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eks_lab.content.check import check_course
from eks_lab.content.check.fences import check_code
from eks_lab.content.findings import Finding
from eks_lab.content.page import Code
from eks_lab.errors import ContentError
from tests.content.course_files import HEAD, lesson_path, replace_in, write_course

LESSON = "01-net/10-slots/lesson.md"
QUIZ = "01-net/10-slots/quiz.yaml"
COMPUTED = "unit: pods\n    computed_by: {{calculator: max-pods, inputs: {{instance: m5.large}}, result: {}}}"


def test_the_small_course_is_clean(tmp_path: Path) -> None:
    assert check_course(write_course(tmp_path)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "line"),
    [
        (LESSON, "id: net.slots", "id: other.slots", "lesson-id", 2),
        (LESSON, "minutes: 5", "minutes: 30", "minutes", 4),
        (LESSON, "minutes: 5", "minutes: 12", "minutes", 4),
        (LESSON, "title: Slots on a node", "title: " + "Long " * 20, "title", 3),
        (LESSON, "summary: How many pods fit on a node, and why.", "summary: Short.", "summary", 6),
        (LESSON, "  - Explain the formula\n", "", "objectives", 7),
        (LESSON, "skills: [ip-planning]", "skills: [magic]", "skill", 10),
        (LESSON, "terms: [eni, max-pods]", "terms: [eni, enu]", "term", 11),
        (LESSON, "terms: [eni, max-pods]", "terms: [eni]", "terms", 11),
        (LESSON, "url: https://docs", "url: http://docs", "source", 14),
        (LESSON, "A pod needs", "## Start\n\nA pod needs", "opening", 17),
        (LESSON, ":::example{title=\"By hand\"}", ":::note", "example", 1),
        (LESSON, "Today: still", "But still", "guide-today", None),
        (LESSON, 'rows="3.5"', 'rows="9.9"', "guide-rows", None),
        (LESSON, "{needs=sandbox}", "", "needs", None),
        (LESSON, "{needs=sandbox}", "{needs=luck}", "needs", None),
        (LESSON, "$ kubectl", "kubectl", "console", None),
        (LESSON, "(term:eni)", "(term:enu)", "link-term", 17),
        (LESSON, "(term:eni)", "(lesson:net.none)", "link-lesson", 17),
        (LESSON, "(term:eni)", "(lesson:net.slots#nowhere)", "link-anchor", 17),
        (LESSON, "(term:eni)", "(http://x.example)", "link", 17),
        (LESSON, "(term:eni)", "(javascript:alert)", "link", 17),
        (LESSON, "(term:eni)", "()", "link", 17),
        (LESSON, "(term:eni)", "(lesson:…)", "link-lesson", 17),
        (LESSON, ":::\n\n:::guide", "\n:::guide", "box-open", 26),
        (LESSON, "order: 10", "order: -1", "order", 5),
        (LESSON, "::quiz\n", "::quiz{shuffled}\n", "attributes", 41),
        (LESSON, "::quiz\n", "```json\n" + "[" * 50_000 + "\n```\n\n::quiz\n", "fence-json", None),
        (LESSON, "#the-formula", "#formula", "link-anchor", None),
        (LESSON, "pod.yaml\" part", "none.yaml\" part", "quote", None),
        (LESSON, "part=\"spec.containers\"", "part=\"spec.nothing\"", "quote", None),
        (LESSON, "::quiz\n", "::quiz\n\nMore.\n", "quiz-place", None),
        (LESSON, "::quiz\n", "::diagram{id=none}\n\n::quiz\n", "diagram-id", None),
        (LESSON, "::quiz\n", "::lab{id=max-podz}\n\n::quiz\n", "lab-id", None),
        (LESSON, "::quiz\n", "::calculator{name=max-podz}\n\n::quiz\n", "calculator", None),
        (LESSON, "::quiz\n", "::calculator{name=max-pods instance=t3.huge}\n\n::quiz\n", "calculator", None),
        (LESSON, "::quiz\n", "::calculator{name=max-pods fields=pods}\n\n::quiz\n", "calculator", None),
        (LESSON, "::quiz\n", "::generate{name=hpaa}\n\n::quiz\n", "generate", None),
        (LESSON, "::quiz\n", "::generate{name=hpa min-replicas=-1}\n\n::quiz\n", "generate", None),
        (LESSON, "::quiz\n", "```yaml\na: [\n```\n\n::quiz\n", "fence-yaml", None),
        (LESSON, "::quiz\n", "```json\n{\n```\n\n::quiz\n", "fence-json", None),
        (LESSON, "::quiz\n", "```hcl\nresource {{\n```\n\n::quiz\n", "fence-hcl", None),
        (LESSON, "::quiz\n", "```perl\nx\n```\n\n::quiz\n", "fence", None),
        (LESSON, "::quiz\n", ":::try\nJust text.\n:::\n\n::quiz\n", "try", None),
        (LESSON, "skills: [ip-planning]", "skills: [ip-planning]\nrequires: [net.none]", "requires", 11),
        (LESSON, "skills: [ip-planning]", "skills: [ip-planning]\nrequires: [net.slots]", "requires-cycle", 11),
        (QUIZ, "id: net.slots.medium", "id: other.medium", "question-id", 3),
        (QUIZ, "id: net.slots.medium", "id: net.slots.two", "question-id", 10),
        (QUIZ, "source: The page", "source: Hearsay", "question-source", 3),
        (QUIZ, "    answer: 17\n", "", "answer", 3),
        (QUIZ, "explain: Three times five and two are seventeen.", "explain: Yes.", "explain", 3),
        (QUIZ, "unit: pods", COMPUTED.format("max_pods"), "computed-by", 3),
        (QUIZ, "unit: pods", COMPUTED.format("luck"), "computed-by", 3),
        (QUIZ, ", correct: true", "", "options-right", 10),
        (QUIZ, "explain: There is no margin in it.", "explain: No.", "explain", 10),
        (QUIZ, "text: A margin kept", "text: spare addresses", "options-same", 10),
        (QUIZ, "text: Host-network pods", "text: " + "Host-network pods " * 5, "options-length", 10),
        (QUIZ, "prompt: What is the + 2?", "prompt: What is <b>2</b>?", "question-markup", 10),
        ("course.yaml", '{id: "3.5", topic: Seventeen pods}', '{id: "3.6", topic: Cards}', "guide-row", 9),
        ("course.yaml", "skills:", "  - {id: two, number: \"2\", folder: 02-two, title: Two, summary: None.}\nskills:",
         "chapter", 6),
        ("glossary/net.yaml", "lesson: net.slots}", "lesson: net.none}", "term", 3),
        ("glossary/net.yaml", "id: max-pods", "id: eni", "term", 4),
        ("glossary/net.yaml", "id: max-pods", "id: Max Pods", "term", 4),
        ("course.yaml", "id: net,", "id: N e t,", "chapter", 5),
    ],
)  # fmt: skip
def test_each_rule(tmp_path: Path, file: str, old: str, new: str, rule: str, line: int | None) -> None:
    root = write_course(tmp_path)
    replace_in(root / file, old, new)
    findings = [finding for finding in check_course(root) if finding.rule == rule]
    assert findings, check_course(root)
    assert all(finding.fix for finding in findings)
    if line is not None:
        assert line in [finding.line for finding in findings], findings


def test_labs_of_the_program_and_beside_the_course_are_known(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    replace_in(root / LESSON, "::quiz\n", "::lab{id=max-pods}\n\n::lab{id=ours}\n\n::quiz\n")
    assert [finding.rule for finding in check_course(root)] == ["lab-id"]
    (root.parent / "labs" / "ours").mkdir(parents=True)
    (root.parent / "labs" / "ours" / "lab.yaml").write_text("id: ours\n")
    assert check_course(root) == []


def _orphan(root: Path) -> None:
    (root / "01-net" / "10-slots" / "manifests" / "spare.yaml").write_text("a: 1\n")


def _stray_file(root: Path) -> None:
    (root / "01-net" / "notes.md").write_text("x")


def _stray_folder(root: Path) -> None:
    (root / "drafts").mkdir()


def _empty_lesson_folder(root: Path) -> None:
    (root / "01-net" / "20-empty").mkdir()


def _no_quiz(root: Path) -> None:
    (root / QUIZ).unlink()


def _twin(root: Path) -> None:
    twin = root / "01-net" / "20-twin"
    twin.mkdir()
    text = lesson_path(root).read_text()
    (twin / "lesson.md").write_text(
        text.replace('::file{src="manifests/pod.yaml" part="spec.containers"}\n', "")
    )


@pytest.mark.parametrize(
    ("spoil", "rules"),
    [
        (_orphan, {"orphan"}),
        (_stray_file, {"orphan"}),
        (_stray_folder, {"orphan"}),
        (_empty_lesson_folder, {"orphan"}),
        (_no_quiz, {"quiz-missing"}),
        (_twin, {"lesson-id", "order", "quiz-missing"}),
    ],
)
def test_rules_between_files(tmp_path: Path, spoil: Callable[[Path], None], rules: set[str]) -> None:
    root = write_course(tmp_path)
    spoil(root)
    assert {finding.rule for finding in check_course(root)} == rules


def test_a_lesson_too_short_for_its_time_is_told_how_long(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    lesson_path(root).write_text(HEAD + "A pod needs an address.\n\n::quiz\n")
    (found,) = [finding for finding in check_course(root) if finding.rule == "minutes"]
    assert (found.message, found.fix) == (
        "5 words in 5 minutes",
        "Write more: a lesson has at least 360 words.",
    )


def test_a_finding_reads_as_file_line_what_and_fix() -> None:
    finding = Finding("a/lesson.md", 3, "title", "too long", "Shorten it.")
    assert str(finding) == "a/lesson.md:3: error: too long [title]\n    Shorten it."


def test_a_folder_without_a_course(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="holds no"):
        check_course(tmp_path)


CONSOLE = "$ kubectl get pods \\\n    -A\nNAME\n$ kubectl get nodes"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"needs": "sandbox", "expect-error": "2", "empty": "1", "after": "net.slots"}, ""),
        ({"needs": "sandbox", "expect-error": "true", "example": "a story"}, ""),
        ({"needs": "tools", "expect-error": "1,2"}, ""),
        ({"needs": "sandbox", "expect-error": "3"}, "expect-error=3: '3' is no command of this block"),
        ({"needs": "sandbox", "empty": "0"}, "empty=0: '0' is no command"),
        ({"needs": "sandbox", "empty": "second"}, "'second' is no command"),
        ({"needs": "sandbox", "empty": " "}, "empty names no command"),
        ({"needs": "tools", "empty": "1"}, "empty without needs=sandbox"),
        ({"needs": "aws", "after": "net.slots"}, "after without needs=sandbox"),
        ({"needs": "sandbox", "wait": "90s"}, "unknown attribute 'wait'"),
    ],
)
def test_what_a_console_block_may_say_of_its_commands(attributes: dict[str, str], said: str) -> None:
    found = [each.message for each in check_code(Code("console", CONSOLE, 1, attributes))]
    assert len(found) == bool(said), found
    assert said in "".join(found)


def test_marks_of_commands_are_for_commands() -> None:
    found = check_code(Code("yaml", "a: 1", 1, {"expect-error": "true"}))
    assert [each.message for each in found] == ["expect-error on code that nobody types"]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            ":::try{needs=sandbox}\nLook.\n\n```console {needs=sandbox after=net.slots}\n$ k get po\n```\n:::\n",
            "",
        ),
        (
            ":::try{needs=sandbox}\nLook.\n\n```console {needs=sandbox after=net.none}\n$ k get po\n```\n:::\n",
            "after the unknown lesson 'net.none'",
        ),
        ("```console {needs=sandbox after=net.slots}\n$ k get po\n```\n", "after outside of a try box"),
        (
            ":::try{needs=sandbox}\nLook.\n\n```console {needs=sandbox example=story}\n$ k get po\n```\n:::\n",
            "an example in a try box",
        ),
    ],
)
def test_what_a_block_says_of_being_run_fits_its_place(tmp_path: Path, block: str, said: str) -> None:
    write_course(tmp_path)
    replace_in(tmp_path / LESSON, "::quiz\n", f"{block}\n::quiz\n")
    found = [each.message for each in check_course(tmp_path)]
    assert [said in each for each in found] == ([True] if said else []), found
