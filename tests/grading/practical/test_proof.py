"""Every rule of the proof bites: a sound question passes, and each one that is spoiled breaks the rule meant for it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from eks_lab.content.items.result import result_of
from eks_lab.grading.practical.bench import Bench
from eks_lab.grading.practical.labour import prove_all
from eks_lab.grading.practical.practice import Practice
from eks_lab.grading.practical.proof import RULES, SEEDS, prove, seeds_of
from eks_lab.grading.practical.situation import PracticalItem
from tests.grading.bench import kubectl
from tests.grading.practical.questions import (
    DEPLOYMENT,
    command_question,
    manifest_question,
    printing_question,
)

WAIT_WITHOUT_LENGTH = {"wait": {"until": {"resource": {"kind": "Pod"}}, "most": "soon"}}
FIRST, SECOND = command_question().answers


def broken(bench: Bench, item: PracticalItem) -> list[tuple[str, str]]:
    return [(each.rule, each.message) for each in prove(item, [7], bench, time.monotonic).broken]


def check(kind: str = "Deployment", **expected: Any) -> dict[str, Any]:
    return {"resource": {"kind": kind, **expected}, "otherwise": "Found {observed}."}


@pytest.mark.parametrize(
    "item", [command_question(), printing_question(), manifest_question()], ids=lambda i: i.kind
)
def test_sound_questions_are_proved(bench: Bench, item: PracticalItem) -> None:
    report = prove(item, seeds_of(item), bench, time.monotonic)
    assert report.broken == []
    assert report.is_proved
    assert report.judgements == 2 + len(item.answers) + len(item.wrong)
    assert report.as_json()["proved"] is True


STATIC: list[tuple[str, PracticalItem, str]] = [
    ("form", command_question(answers=[FIRST]), "1 sample answers"),
    ("form", command_question(wrong=[]), "no wrong answer"),
    ("form", command_question(wrong=[{"lines": "k get po", "why": " "}]), "wrong 1 does not say why"),
    ("form", command_question(after="soon"), "'soon' is no duration"),
    ("form", command_question(checks=[]), "neither checks nor prints"),
    ("form", command_question(lines=0), "lines is 0"),
    ("form", command_question(checks=[{"otherwise": "x"}]), "check 1: give exactly one kind"),
    ("form", command_question(checks=[{**check(), "otherwise": ""}]), "check 1: otherwise is empty"),
    ("form", command_question(checks=[check(path=".metadata.name", matches="(")]), "no regular expression"),
    (
        "form",
        command_question(checks=[{"answer": {"question": "?", "exact": "x"}, "otherwise": "x"}]),
        "check 1: answer asks the learner",
    ),
    (
        "form",
        command_question(checks=[{"schedule": {"manifest": "pod.yaml"}, "otherwise": "x"}]),
        "check 1: a question has no files",
    ),
    ("form", command_question(setup=[{}]), "setup 1: give exactly one action"),
    ("form", command_question(setup=[{"apply": "web.yaml"}]), "setup 1: a question has no files"),
    (
        "form",
        command_question(setup=[{"file": {"path": "a", "source": "b"}}]),
        "setup 1: a question has no files",
    ),
    ("form", command_question(setup=[{"answer": {"check": "a", "value": 1}}]), "setup 1: only a learner"),
    ("form", command_question(setup=[{"advance": "1m", "fails": True}]), "setup 1: fails and remember"),
    ("form", command_question(setup=[WAIT_WITHOUT_LENGTH]), "'soon' is no duration"),
    ("form", printing_question(prints={"lacks": ["x"]}), "prints: contains and matches are empty"),
    ("form", printing_question(prints={"matches": ["("]}), "prints: '(' is no regular expression"),
    ("form", manifest_question(checks=[], rules=[]), "neither checks nor rules"),
    ("form", manifest_question(rules=["k8s-nonsense"]), "no rule 'k8s-nonsense'"),
    ("form", manifest_question(file="../web.yaml"), "file: '../web.yaml' does not stay inside"),
    ("form", manifest_question(wrong=[{"why": "x"}]), "wrong 1: give either edits or text"),
    (
        "form",
        manifest_question(wrong=[{"edits": [{"replace": "web", "to": "x"}], "why": "x"}]),
        "wrong 1: 'web' stands in the file 4 times",
    ),
    (
        "fills",
        command_question(vars={"a": {"choose": [1, 2]}}, answers=["k get {{ b }}", FIRST]),
        "answers.0",
    ),
    ("fills", command_question(vars={"a": {"choose": []}}), "vars.a.choose is empty"),
    ("typed", command_question(answers=[FIRST, "kubectl get pods | wc -l"]), "answer 2: `|`"),
    ("typed", command_question(answers=[FIRST, "kubectl edit deploy web"]), "answer 2: `kubectl edit`"),
    ("typed", command_question(answers=[FIRST, f"{SECOND}\n{FIRST}"]), "answer 2: At most one command"),
    ("typed", command_question(answers=[FIRST, "# nothing"]), "answer 2 has no command"),
    ("typed", command_question(wrong=[{"lines": "kubectl get 'po", "why": "x"}]), "wrong 1: The quote"),
    (
        "answers-differ",
        command_question(answers=[FIRST, "k  scale --replicas=3 'deployment' web"]),
        "answer 2 is answer 1",
    ),
    (
        "answers-differ",
        manifest_question(
            answers=[
                {"text": f"{DEPLOYMENT}          resources: {{requests: {{cpu: 1}}}}\n"},
                {
                    "text": f"# other\n{DEPLOYMENT}          resources:\n            requests:\n              cpu: 1\n"
                },
            ]
        ),
        "answer 2 is answer 1",
    ),
    ("no-leak", command_question(prompt=f"Type `{FIRST}`."), "the prompt contains answer 1"),
]


@pytest.mark.parametrize(
    ("rule", "item", "said"), STATIC, ids=[f"{each[0]}-{each[2][:30]}" for each in STATIC]
)
def test_a_spoiled_text_breaks_its_rule_before_anything_is_played(
    rule: str, item: PracticalItem, said: str
) -> None:
    class NoBench:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was played")

    found = prove(item, [7], NoBench(), time.monotonic).broken  # type: ignore[arg-type]
    assert [each.rule for each in found] == [rule]
    assert said in found[0].message


PLAYED: list[tuple[str, PracticalItem, str]] = [
    ("sets-up", command_question(setup=[{"kubectl": "get nothing"}]), "kubectl get nothing"),
    (
        "nothing-fails",
        command_question(
            checks=[check(name="web")], wrong=[{"lines": "kubectl delete deployment web", "why": "x"}]
        ),
        "every check holds when nothing is done",
    ),
    (
        "nothing-fails",
        manifest_question(checks=[check("Pod", selector="app=web")], wrong=[{"text": "a: 1", "why": "x"}]),
        "every check holds when the file is applied as given",
    ),
    (
        "answer-passes",
        command_question(answers=[FIRST, "k scale deploy web --replicas=4"]),
        "answer 2 is judged 0.00",
    ),
    (
        "answer-passes",
        command_question(answers=[FIRST, "k scale deploy wbe --replicas=3"]),
        '"wbe" not found',
    ),
    (
        "answer-passes",
        manifest_question(answers=[manifest_question().answers[0], {"text": "a: ["}]),
        "answer 2",
    ),
    (
        "wrong-fails",
        command_question(wrong=[{"lines": "kubectl scale deploy --all --replicas=3", "why": "x"}]),
        "wrong 1 is judged right",
    ),
]


@pytest.mark.parametrize(
    ("rule", "item", "said"), PLAYED, ids=[f"{each[0]}-{each[2][:30]}" for each in PLAYED]
)
def test_a_question_that_judges_wrongly_breaks_its_rule(
    bench: Bench, rule: str, item: PracticalItem, said: str
) -> None:
    found = broken(bench, item)
    assert [each[0] for each in found] == [rule]
    assert said in found[0][1]


class Forgetful:
    """A bench on which an answer is right once."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, str]] = set()

    def untouched(self, item: PracticalItem, seed: int) -> tuple[bool, ...]:
        del item, seed
        return (False,)

    def judge(self, item: PracticalItem, seed: int, text: str) -> Practice:
        assert item.kind == "command"
        is_right = text in item.answers and (seed, text) not in self.seen
        self.seen.add((seed, text))
        return Practice(result_of(float(is_right), detail="" if is_right else "No."))


def test_an_answer_that_is_right_only_once_breaks_its_rule() -> None:
    found = prove(command_question(), [7], Forgetful(), time.monotonic).broken  # type: ignore[arg-type]
    assert [each.rule for each in found] == ["repeatable"]


def test_every_rule_is_seen_to_bite() -> None:
    assert {each[0] for each in (*STATIC, *PLAYED)} | {"repeatable"} == set(RULES)


def test_variables_are_proved_with_three_seeds_and_briefly_with_the_later_ones(bench: Bench) -> None:
    item = command_question(vars={"count": {"range": [1, 3]}})
    assert seeds_of(item) == SEEDS
    assert len(set(SEEDS)) == 3
    assert seeds_of(command_question()) == (7,)
    assert seeds_of(item, 5) == (5,)
    assert prove(item, SEEDS, bench, time.monotonic).judgements == 3 * 6
    assert prove(item, SEEDS, bench, time.monotonic, is_brief=True).judgements == 6 + 2 * 3


def test_processes_share_the_work_and_reports_keep_their_order() -> None:
    items: list[PracticalItem] = [
        command_question(),
        printing_question(answers=["k get no", "k get po"]),
        manifest_question(),
    ]
    told: list[str] = []
    reports = prove_all(items, kubectl(), processes=2, told=lambda report: told.append(report.item))
    assert [each.item for each in reports] == [each.id for each in items]
    assert [each.is_proved for each in reports] == [True, False, True]
    assert sorted(told) == sorted(each.id for each in items)
    assert prove_all([], kubectl()) == []
