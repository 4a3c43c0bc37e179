"""`author check` bites on questions: each rule has a bank file that breaks just it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from eks_lab.content.check import check_course
from eks_lab.content.check.items.balance import check_balance, chi_square, limit
from eks_lab.content.check.items.duplicates import check_duplicates, shingles
from eks_lab.content.check.items.surveyed import Placed
from eks_lab.content.findings import Finding
from eks_lab.content.items.variant import shown_sides
from tests.content.course_files import write_course
from tests.content.items.builders import (
    FIELDS,
    KINDS,
    OPTIONS,
    POINTS,
    document,
    item,
    write_bank,
    write_diagram,
)

BANK = "01-net/quiz/more.yaml"


def findings(root: Path, kind: str, /, **changes: Any) -> list[Finding]:
    write_bank(root, {**document(kind), **changes})
    return check_course(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_course(tmp_path)
    write_diagram(root)
    return root


def test_questions_of_every_kind_are_clean(root: Path) -> None:
    write_bank(root, *(document(kind) for kind in KINDS))
    assert [str(finding) for finding in check_course(root)] == []


POINT = POINTS[0]
STEPS = FIELDS["order"]["steps"]
PAIRS = FIELDS["match"]["pairs"]
PARTS = FIELDS["diagram"]["points"]
CHECKS = FIELDS["command"]["checks"]
INTERVIEW = {"level": "mid", "topic": "net", "competence": "design"}
FOLLOW_UP = {"prompt": "And what then happens there?", "points": POINTS, "model": FIELDS["recall"]["model"]}
LIMITED = {"calculator": "max-pods", "inputs": {"instance": "{{ type }}"}, "result": "max_pods"}


@pytest.mark.parametrize(
    ("kind", "changes", "rule"),
    [
        ("order", {"id": "net.none.order"}, "question-id"),
        ("order", {"id": "net.slots.Or der"}, "question-id"),
        ("order", {"id": "net.slots.two"}, "question-id"),
        ("order", {"source": "Hearsay"}, "question-source"),
        ("order", {"rev": 0}, "question-rev"),
        ("order", {"skills": ["magic"]}, "skill"),
        ("order", {"prompt": "Which?"}, "prompt"),
        ("order", {"prompt": "What is <b>the order</b> of them?"}, "question-markup"),
        ("order", {"steps": STEPS[:2]}, "order-size"),
        ("order", {"steps": [*STEPS[:3], STEPS[0]]}, "options-same"),
        ("order", {"steps": [*STEPS[:3], {"text": "Finally, it acts", "explain": "It comes last."}]}, "order-tells"),
        ("order", {"steps": [*STEPS[:3], {"text": "It acts", "explain": "So."}]}, "explain"),
        ("match", {"pairs": PAIRS[:2]}, "match-size"),
        ("match", {"extra": [{"text": "a node", "explain": "It is there twice now."}]}, "options-same"),
        ("match", {"extra": [{"text": "a b", "explain": "It belongs nowhere.", "correct": True}]}, "match-extra"),
        ("match", {"pairs": [*PAIRS[:2], {**PAIRS[2], "explain": ""}]}, "explain"),
        ("choice", {"options": OPTIONS[:2]}, "options"),
        ("choice", {"options": OPTIONS[1:]}, "options-right"),
        ("multi", {"options": [{**each, "correct": True} for each in OPTIONS]}, "options-right"),
        ("choice", {"options": [*OPTIONS[:3], {**OPTIONS[3], "text": "its  zone"}]}, "options-same"),
        ("choice", {"options": [*OPTIONS[:3], {**OPTIONS[3], "explain": "No."}]}, "explain"),
        ("choice", {"options": [{**OPTIONS[0], "text": "Host-network pods " * 5}, *OPTIONS[1:]]}, "options-length"),
        ("diagram", {"diagram": "none"}, "diagram-id"),
        ("diagram", {"points": PARTS[:2]}, "diagram-size"),
        ("diagram", {"points": [*PARTS[:2], {**PARTS[2], "correct": True}]}, "options-right"),
        ("diagram", {"points": [*PARTS, {"part": "nowhere", "explain": "There is no such part."}]}, "diagram-part"),
        ("number", {"answer": 17}, "answer"),
        ("number", {"computed_by": None}, "answer"),
        ("number", {"computed_by": None, "answer": "nodes * 2", "explain": "So."}, "explain"),
        ("number", {"prompt": "How many pods may one of the {{ nodes }} nodes run?"}, "number-hidden"),
        ("number", {"vars": {**FIELDS["number"]["vars"], "zone": {"choose": ["a", "b"]}}}, "number-unused"),
        ("number", {"prompt": "Each of {{ nodes }} nodes is a {{ type }} {{ zone }}. How many?"}, "number-draw"),
        ("number", {"prompt": "Each of {{ nodes }} nodes is a {{ type }. How many {{?"}, "number-template"),
        ("number", {"computed_by": {**FIELDS["number"]["computed_by"], "result": "luck"}}, "number-draw"),
        ("number", {"computed_by": None, "answer": "nodes / 7"}, "number-draw"),
        ("number", {"tolerance": "answer"}, "number-draw"),
        ("number", {"tolerance": -1}, "number-draw"),
        ("number", {"vars": {"nodes": {"range": [3, 4]}, "type": {"choose": ["t3.small"]}}}, "number-answers"),
        ("number", {"computed_by": None, "answer": "nodes", "prompt": "Of {{ nodes }} nodes, how many?"},
         "number-given-away"),
        ("recall", {"points": POINTS[:1]}, "recall-size"),
        ("recall", {"points": [POINT, {**POINTS[1], "id": "limit"}]}, "point-id"),
        ("recall", {"points": [POINT, {**POINTS[1], "weight": 0}]}, "point-weight"),
        ("recall", {"points": [POINT, {**POINTS[1], "says": [[]]}]}, "point-says"),
        ("recall", {"model": "Nodes are only so large, whatever one does."}, "recall-model"),
        ("recall", {"interview": {**INTERVIEW, "topic": "luck"}}, "interview-topic"),
        ("recall", {"interview": {**INTERVIEW, "minutes": 60}}, "interview-minutes"),
        ("recall", {"interview": {**INTERVIEW, "follow_ups": [FOLLOW_UP] * 4}}, "interview-follow-ups"),
        ("recall", {"interview": {**INTERVIEW, "follow_ups": [{**FOLLOW_UP, "when": "missing: luck"}]}},
         "interview-when"),
        ("recall", {"interview": {**INTERVIEW, "follow_ups": [{**FOLLOW_UP, "model": "It depends."}]}},
         "recall-model"),
        ("recall", {"prompt": "Why has it {{ pods }} pods?", "interview": {**INTERVIEW, "facts": {"nodes": {"kind": "Node"}}}},
         "recall-template"),
        ("command", {"answers": FIELDS["command"]["answers"][:1]}, "answers"),
        ("command", {"answers": [FIELDS["command"]["answers"][0]] * 2}, "answers"),
        ("command", {"wrong": []}, "wrong"),
        ("command", {"wrong": [{"lines": "kubectl get pods", "why": "No."}]}, "explain"),
        ("command", {"wrong": [{"lines": FIELDS["command"]["answers"][0], "why": "It is right, in fact."}]}, "wrong"),
        ("command", {"checks": []}, "checks"),
        ("command", {"after": "soon"}, "after"),
        ("command", {"answers": ["kubectl a\nkubectl b", "kubectl c"]}, "lines"),
        ("command", {"checks": [], "prints": {"matches": ["("]}}, "prints"),
        ("command", {"checks": [], "prints": {"matches": ["(" * 3000 + ")" * 3000]}}, "prints"),
        ("command", {"prompt": "Scale the Deployment `{{ web }}` to three."}, "template"),
        ("manifest", {"checks": []}, "checks"),
        ("manifest", {"answers": [{"edits": [{"replace": "replicaz", "to": "x"}]}, {"text": "a: 1\n"}]}, "edit"),
        ("manifest", {"answers": [{}, {"text": "a: 1\n"}]}, "answers"),
        ("manifest", {"answers": [{"text": "replicas: 1\nname: web\n"}, {"text": "a: 1\n"}]}, "answers"),
    ],
)  # fmt: skip
def test_each_rule(root: Path, kind: str, changes: dict[str, Any], rule: str) -> None:
    found = [each for each in findings(root, kind, **changes) if each.rule == rule]
    assert found, check_course(root)
    for finding in found:
        assert finding.path == BANK
        assert finding.line >= 3
        assert finding.fix


def test_copying_the_question_earns_nothing(root: Path) -> None:
    """A point found in the words of the prompt alone would be; the rubric discounts them, or the check says so."""
    prompt = "The instance type limits the interfaces, and each pod takes an address: why does that matter?"
    rules = {each.rule for each in findings(root, "recall", prompt=prompt)}
    assert rules & {"point-copied", "recall-model"}


def test_a_command_over_two_lines_is_one(root: Path) -> None:
    answers = ["kubectl scale deploy web \\\n  --replicas=3", "kubectl patch deploy web -p x"]
    assert not [each for each in findings(root, "command", answers=answers) if each.rule == "lines"]


def test_the_line_of_a_field(root: Path) -> None:
    write_bank(root, document("choice"), document("order", source="Hearsay"))
    (finding,) = check_course(root)
    assert (root / BANK).read_text().splitlines()[finding.line - 1].strip() == "source: Hearsay"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stepz": 1}, "items.0.stepz is not a known field"),
        ({"kind": "riddle"}, "does not match any of the expected tags"),
        ({"difficulty": 9}, "items.0.difficulty is 9"),
    ],
)
def test_a_file_of_another_form_names_the_field(root: Path, changes: dict[str, Any], says: str) -> None:
    (finding,) = findings(root, "order", **changes)
    assert says in finding.message
    assert finding.path == BANK


def test_known_fields_are_those_of_the_kind(root: Path) -> None:
    (finding,) = findings(root, "order", options=[])
    assert "steps" in finding.fix
    assert "computed_by" not in finding.fix


def test_a_file_that_is_no_bank_file_is_an_orphan(root: Path) -> None:
    write_bank(root, document("order"))
    (root / "01-net" / "quiz" / "notes.md").write_text("x")
    assert [(each.rule, each.path) for each in check_course(root)] == [("orphan", "01-net/quiz/notes.md")]


def test_a_question_in_another_chapters_folder(root: Path) -> None:
    course = root / "course.yaml"
    course.write_text(
        course.read_text().replace(
            "skills:",
            '  - {id: two, number: "2", folder: 02-two, title: Two, summary: Another one.}\nskills:',
        )
    )
    (root / "02-two" / "quiz").mkdir(parents=True)
    (root / "02-two" / "quiz" / "stray.yaml").write_text(
        yaml.safe_dump({"format": 1, "items": [document("order")]})
    )
    assert "question-place" in {each.rule for each in check_course(root)}


# --- the whole bank -----------------------------------------------------------------------------------------


def placed(*documents: dict[str, Any]) -> list[Placed]:
    made = []
    for number, each in enumerate(documents, 1):
        fields = {name: value for name, value in each.items() if name != "kind"}
        made.append(Placed(item(each["kind"], **fields), "q.yaml", number))
    return made


LONG = (
    "A node of type m5.large ran out of pod addresses during a deployment; which setting helps most of all?"
)


def test_nearly_the_same_prompt_is_found() -> None:
    twins = placed(
        document("choice", id="net.slots.a", prompt=LONG),
        document("choice", id="net.slots.b", prompt=LONG.replace("m5.large", "m5.xlarge")),
    )
    (finding,) = check_duplicates(twins)
    assert (finding.rule, finding.line) == ("near-duplicate", 2)
    assert "net.slots.a (q.yaml:1)" in finding.message


def test_short_prompts_with_other_options_are_other_questions() -> None:
    other = [
        {"text": f"Something new {n}", "explain": "It is something new.", "correct": n == 0} for n in range(3)
    ]
    asked = "Which statement is right here?"
    pair = placed(
        document("choice", id="net.slots.a", prompt=asked),
        document("choice", id="net.slots.b", prompt=asked, options=other),
    )
    assert list(check_duplicates(pair)) == []


def test_long_prompts_with_other_options_are_not() -> None:
    other = [
        {"text": f"Something new {n}", "explain": "It is something new.", "correct": n == 0} for n in range(3)
    ]
    pair = placed(
        document("choice", id="net.slots.a", prompt=LONG),
        document("choice", id="net.slots.b", prompt=LONG, options=other),
    )
    assert [each.rule for each in check_duplicates(pair)] == ["near-duplicate"]


def test_numbers_of_one_shape_may_ask_for_different_things() -> None:
    first = document("number", id="net.slots.a")
    computed = {**first["computed_by"], "result": "kube_reserved_mib"}
    assert (
        list(check_duplicates(placed(first, document("number", id="net.slots.b", computed_by=computed))))
        == []
    )
    twins = placed(first, document("number", id="net.slots.b"))
    assert [each.rule for each in check_duplicates(twins)] == ["near-duplicate"]


def test_shingles_do_not_see_numbers_and_templates() -> None:
    assert shingles("Of 17 pods {{ n }} run") == shingles("of 8 pods {{ other }} run")
    assert len(shingles("one two")) == 1


def _choices(count: int, right: int) -> list[Placed]:
    options = [{**each, "correct": at == right} for at, each in enumerate(OPTIONS)]
    return placed(*(document("choice", id=f"net.slots.q{n}", options=options) for n in range(count)))


def test_right_answers_all_at_one_place_of_the_file() -> None:
    found = [each for each in check_balance(_choices(40, 2)) if "as written" in each.message]
    assert [each.rule for each in found] == ["answer-place"]
    assert "place 3" in found[0].message
    assert list(check_balance(_choices(10, 2))) == [], "too few to say anything"


def test_right_answers_all_at_one_place_of_the_screen() -> None:
    """Ids chosen so that the right one is always shown first, as no author would by chance."""
    chosen = []
    for number in range(400):
        for right in range(4):
            options = [{**each, "correct": at == right} for at, each in enumerate(OPTIONS)]
            made = item("choice", id=f"net.slots.q{number}", options=options)
            if shown_sides(made, 0)[0] == right:
                chosen.append(Placed(made, "q.yaml", number))
    found = list(check_balance(chosen))
    assert [each.rule for each in found] == ["answer-place"]
    assert "as shown" in found[0].message


def test_chi_square() -> None:
    assert chi_square([10, 10, 10]) == 0
    assert chi_square([20, 10, 0]) == 20
    # Tables of the distribution: 16.27 for 3 degrees of freedom and 20.52 for 5, at 0.001.
    assert limit(3) == pytest.approx(16.27, rel=0.02)
    assert limit(5) == pytest.approx(20.52, rel=0.02)
