"""The prover bites: for every rule a lab that breaks it, and nothing else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from eks_lab.grading.in_process import InProcess
from eks_lab.grading.prover.mutants import MOST_MUTANTS, all_mutants
from eks_lab.grading.prover.proof import Outcome
from eks_lab.grading.prover.report import SEEDS, LabReport, prove
from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.prover.rules import FILES, RULES, SET_UP, repeatable, reset, solution_passes, start_fails
from tests.grading.bench import Spoil, loaded, proof_of, written

BY_ID = {rule.id: rule for rule in RULES}
Document = dict[str, Any]


EVERY_MUTANT = 1000


def proved(
    folder: Path,
    target: InProcess,
    seeds: tuple[int, ...] = (7,),
    *rules: Rule,
    mutants: int = MOST_MUTANTS,
) -> LabReport:
    workspace = folder.parent / "learner"
    return prove(
        folder, seeds, target, workspace, monotonic=time.monotonic, rules=rules or RULES, mutants=mutants
    )


def test_the_lab_that_new_writes_is_proved(tmp_path: Path, target: InProcess) -> None:
    report = proved(written(tmp_path), target)
    assert report.broken == []
    assert report.is_proved
    assert report.as_json()["lab"] == "sample"


def set_in(*path: str | int, to: Any) -> Spoil:
    def spoil(document: Document) -> None:
        node: Any = document
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = to

    return spoil


SCALE = "scale deployment web --replicas={{ replicas }}"
BREAKERS: list[tuple[str, str, Spoil]] = [
    ("no-leak", "hints.0 gives away", set_in("hints", 0, "text", to=f"Try `kubectl {SCALE}`.")),
    ("no-leak", "steps.0 gives away", set_in("steps", to=[f"Type kubectl {SCALE}"])),
    (
        "hint-costs",
        "120 points together",
        set_in("hints", to=[{"text": "a", "cost": 60}, {"text": "b", "cost": 60}]),
    ),
    ("hint-costs", "no hint", set_in("hints", to=[])),
    (
        "start-asserts",
        "does not hold at the start: 0",
        set_in("start_asserts", 0, "resource", "equals", to=2),
    ),
    ("start-asserts", "is empty", set_in("start_asserts", to=[])),
    (
        "start-fails",
        "holds at the start already",
        set_in("checks", 0, "resource", to={"kind": "Deployment", "name": "web"}),
    ),
    ("start-fails", "does not hold at the start", set_in("checks", 0, "starts_green", to="It should.")),
    ("start-fails", "every check has starts_green", set_in("checks", 0, "starts_green", to="It should.")),
    (
        "solution-passes",
        "fails check pods-run: 1",
        set_in("solutions", 0, "steps", 0, "kubectl", to="scale deployment web --replicas=1"),
    ),
    (
        "solution-passes",
        "cannot be typed: kubectl scale deployment wob",
        set_in("solutions", 0, "steps", 0, "kubectl", to="scale deployment wob --replicas=1"),
    ),
    (
        "solution-passes",
        "did not fail",
        set_in("solutions", 0, "steps", 0, to={"kubectl": SCALE, "fails": True}),
    ),
    ("solution-passes", "more than the budget of 1s", set_in("budget", to="1s")),
    ("wrong-caught", "solves the lab", set_in("wrong", 0, "steps", 0, "kubectl", to=SCALE)),
    ("wrong-caught", "there is no wrong fix", set_in("wrong", to=[])),
    ("wrong-caught", "cannot be typed", set_in("wrong", 0, "steps", 0, "kubectl", to="no-such-command")),
    (
        "mutants-fail",
        "still passes without the step: kubectl label deployment web a=b",
        set_in("solutions", 0, "steps", to=[{"kubectl": SCALE}, {"kubectl": "label deployment web a=b"}]),
    ),
]


@pytest.mark.parametrize(("rule", "message", "spoil"), BREAKERS)
def test_each_rule_finds_the_lab_that_breaks_it(
    tmp_path: Path, target: InProcess, rule: str, message: str, spoil: Spoil
) -> None:
    report = proved(written(tmp_path, spoil), target, (7,), BY_ID[rule])
    assert {each.rule for each in report.broken} == {rule}
    assert any(message in each.message for each in report.broken), report.broken


def test_every_rule_has_a_lab_that_breaks_it() -> None:
    by_hand = {"debrief", repeatable.RULE.id, reset.RULE.id}
    assert {rule for rule, _, _ in BREAKERS} | by_hand == set(BY_ID)


def test_a_wrong_fix_must_be_caught_by_the_check_that_is_named(tmp_path: Path, target: InProcess) -> None:
    def spoil(document: Document) -> None:
        second = {**document["checks"][0], "id": "other", "weight": 50}
        second["resource"] = {"kind": "Deployment", "name": "web", "path": ".spec.replicas", "gte": 1}
        document["checks"][0]["weight"] = 50
        document["checks"].append(second)
        document["wrong"][0]["caught_by"] = "other"

    report = proved(written(tmp_path, spoil), target, (7,), BY_ID["wrong-caught"])
    assert [each.message for each in report.broken] == [
        "wrong fix 'Too few' is caught by pods-run, not by other"
    ]


def test_a_check_that_looks_away_lets_a_spoiled_value_pass(tmp_path: Path, target: InProcess) -> None:
    def spoil(document: Document) -> None:
        document["solutions"][0]["steps"] = [{"kubectl": "scale deployment web --replicas 3"}]
        document["checks"][0]["resource"] = {
            "kind": "Deployment",
            "name": "web",
            "where": {".spec.replicas": 3},
        }

    assert proved(written(tmp_path, spoil), target, (7,), BY_ID["mutants-fail"]).is_proved

    def looks_away(document: Document) -> None:
        document["solutions"][0]["steps"] = [{"kubectl": "scale deployment web --replicas 3"}]
        document["checks"][0]["resource"] = {"kind": "Pod", "selector": "app=web", "count_lte": 3}

    (first, *_) = proved(written(tmp_path / "other", looks_away), target, (7,), BY_ID["mutants-fail"]).broken
    assert "still passes" in first.message


@pytest.mark.parametrize(
    ("text", "said"),
    [("Why?\n\nAnd how?\n", "has 15 characters"), (f"{'A model. ' * 50}\n\nWhy?\n", "has 1 lines")],
)
def test_a_debrief_that_says_little_is_found(tmp_path: Path, target: InProcess, text: str, said: str) -> None:
    folder = written(tmp_path)
    (folder / "debrief.md").write_text(text)
    (broken,) = proved(folder, target, (7,), BY_ID["debrief"]).broken
    assert said in broken.message


def test_looking_must_change_nothing(
    tmp_path: Path, target: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = proof_of(loaded(tmp_path), target, tmp_path)
    hashes = iter(["before", "after"])
    monkeypatch.setattr(proof, "state_hash", lambda: next(hashes))
    assert list(start_fails.find(proof)) == ["looking at the checks has changed the world"]


def test_another_result_the_second_time_is_found(tmp_path: Path, target: InProcess) -> None:
    proof = proof_of(loaded(tmp_path), target, tmp_path)
    right = proof.run(proof.lab.file.solutions[0].steps)
    proof.first_runs[0] = right
    assert list(repeatable.find(proof)) == []
    proof.first_runs[0] = Outcome(right.judged, 60, right.took)
    assert list(repeatable.find(proof)) == [
        "solution 'Scale it' ends with 60 points at first, then with 100 points"
    ]


def test_a_reset_that_does_not_lead_back_is_found(tmp_path: Path, target: InProcess) -> None:
    proof = proof_of(loaded(tmp_path), target, tmp_path)
    assert list(reset.find(proof)) == []
    proof.start_hash = "something else"
    assert list(solution_passes.find(proof)) == []
    assert [message.split(" of ")[0] for message in reset.find(proof)] == [
        "a reset from the end",
        "a reset from the middle",
    ]


def test_a_start_that_cannot_be_played_is_found(tmp_path: Path, target: InProcess) -> None:
    def spoil(document: Document) -> None:
        document["start"]["steps"].append({"kubectl": "delete pod nobody"})

    (broken,) = proved(written(tmp_path, spoil), target).broken
    assert broken.rule == SET_UP
    assert (
        'start.steps.1: kubectl delete pod nobody: ended with 1: Error from server (NotFound): pods "nobody"'
        in (broken.message)
    )


def test_a_file_with_mistakes_is_found_before_anything_is_played(tmp_path: Path, target: InProcess) -> None:
    report = proved(written(tmp_path, set_in("difficulty", to=9)), target)
    assert [each.rule for each in report.broken] == [FILES]
    assert "lab.yaml:6: error: difficulty is 9" in report.broken[0].message


def test_an_exemption_excuses_and_is_listed_with_its_reason(tmp_path: Path, target: InProcess) -> None:
    def spoil(document: Document) -> None:
        document["hints"] = []
        document["exemptions"] = [{"rule": "hint-costs", "about": "no hint", "reason": "It is an exam."}]

    report = proved(written(tmp_path, spoil), target, (7,), BY_ID["hint-costs"])
    assert report.is_proved
    assert [(each.rule, each.reason) for each in report.excused] == [("hint-costs", "It is an exam.")]


def test_an_exemption_that_excuses_nothing_is_found_by_a_whole_proof(
    tmp_path: Path, target: InProcess
) -> None:
    spoil = set_in("exemptions", to=[{"rule": "hint-costs", "reason": "It was an exam."}])
    folder = written(tmp_path, spoil)
    assert proved(folder, target, (7,), BY_ID["hint-costs"]).is_proved
    (broken,) = proved(folder, target, SEEDS, BY_ID["hint-costs"]).broken
    assert broken.message == "the exemption from hint-costs '' excuses nothing: remove it"


NEEDLESS = "without the step: kubectl label deployment web a=b"
NEEDLESS_STEPS = [{"kubectl": SCALE}, {"kubectl": "label deployment web a=b"}]


def excused(document: Document, *about: str) -> None:
    document["exemptions"] = [
        {"rule": "mutants-fail", "about": each, "reason": "Nobody looks at it."} for each in about
    ]


def test_one_mutant_is_excused_and_another_one_that_passes_is_still_found(
    tmp_path: Path, target: InProcess
) -> None:
    def spoil(document: Document) -> None:
        document["solutions"][0]["steps"] = [*NEEDLESS_STEPS, {"kubectl": "label deployment web c=d"}]
        excused(document, NEEDLESS)

    folder = written(tmp_path, spoil)
    report = proved(folder, target, (7,), BY_ID["mutants-fail"], mutants=EVERY_MUTANT)
    assert [each.reason for each in report.excused] == ["Nobody looks at it."]
    assert all(NEEDLESS in each.message for each in report.excused)
    assert {each.message.partition(" in: ")[0].partition(" still passes ")[2] for each in report.broken} == {
        "without the step: kubectl label deployment web c=d"
    }


def test_an_excuse_for_a_mutant_that_fails_is_found_when_all_mutants_were_tried(
    tmp_path: Path, target: InProcess
) -> None:
    def spoil(document: Document) -> None:
        document["solutions"][0]["steps"] = NEEDLESS_STEPS
        excused(document, NEEDLESS, "without the step: kubectl scale")

    rule = BY_ID["mutants-fail"]
    folder = written(tmp_path, spoil)
    report = proved(folder, target, SEEDS, rule, mutants=EVERY_MUTANT)
    assert [each.message for each in report.broken] == [
        "the exemption from mutants-fail 'without the step: kubectl scale' excuses nothing: remove it"
    ]
    assert [each.seed for each in report.excused] == list(SEEDS)
    lab = loaded(tmp_path / "again", spoil)
    fewer = sum(1 for _ in all_mutants(lab.file.solutions[0], lab)) - 1
    few = proved(folder, target, SEEDS, rule, mutants=fewer)
    assert few.is_proved, "a mutant that was not tried may still need its excuse"
    assert proved(folder, target, (7,), rule, mutants=EVERY_MUTANT).is_proved, "another seed may need it"


def test_a_mutant_says_where_it_is_spoiled(tmp_path: Path) -> None:
    def spoil(document: Document) -> None:
        text = "kind: Service\nspec:\n  ports:\n    - port: 80\n      targetPort: 80\n"
        document["solutions"][0]["steps"] = [
            {"file": {"path": "web.yaml", "text": text}},
            {"edit": {"file": "web.yaml", "replace": "    - port: 80\n", "to": "    - port: 81\n"}},
            {"kubectl": "autoscale deployment web --min=2 --max=2"},
        ]

    lab = loaded(tmp_path, spoil)
    found = [each.what for each in all_mutants(lab.file.solutions[0], lab)]
    assert len(set(found)) == len(found), "an excuse must be able to mean one of them"
    assert "with 0 for 80 at 'targetPort: 80' in: $EDITOR web.yaml" in found
    assert "without the step: $EDITOR web.yaml at '- port: 80'" in found
    assert "with 0 for 2 (place 2) in: kubectl autoscale deployment web --min=2 --max=2" in found
