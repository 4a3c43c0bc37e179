"""Interview questions about the learner's own sandbox, asked in a world that stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.rubrics import questions
from eks_lab.content.actions import WorldOptions
from eks_lab.content.items import rubric
from eks_lab.content.items.model import RecallItem
from eks_lab.content.queries import HistoryQuery, Query, ResourceQuery
from eks_lab.errors import ContentError
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.interview_facts import Facts, facts_of
from eks_lab.learning.interviews.questions import PutQuestion, put

TODAY = date(2026, 11, 23)
WORLD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: a, image: "nginx:1.27"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: till}
spec:
  replicas: 2
  selector: {matchLabels: {app: till}}
  template:
    metadata: {labels: {app: till}}
    spec: {containers: [{name: a, image: "nginx:1.27"}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: till}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: till}}}
---
apiVersion: v1
kind: Pod
metadata: {name: giant}
spec: {containers: [{name: a, image: "nginx:1.27", resources: {requests: {cpu: "99"}}}]}
"""


@pytest.fixture(scope="module")
def own() -> dict[str, RecallItem]:
    """Give the questions of the course that are about the sandbox."""
    return {
        name.rpartition(".")[2]: item
        for name, item in questions().items()
        if item.interview and (item.interview.needs or item.interview.facts)
    }


@pytest.fixture(scope="module")
def empty(
    target: InProcess, own: dict[str, RecallItem], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Facts]:
    """Give the facts of a fresh cluster, and then let things be in it."""
    target.begin(WorldOptions(nodes=3), 7)
    folder = tmp_path_factory.mktemp("interview")
    found = facts_of(own.values(), target, folder, TODAY)
    done = target.run_kubectl(["apply", "-f", "-"], folder, WORLD)
    assert done.code == 0, done.err
    target.advance(timedelta(minutes=1))
    return found


@pytest.fixture(scope="module")
def asked(
    empty: dict[str, Facts],
    target: InProcess,
    own: dict[str, RecallItem],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, PutQuestion]:
    facts = facts_of(own.values(), target, tmp_path_factory.mktemp("interview"), TODAY)
    return {
        name: question
        for name, item in own.items()
        for question in (put(item, facts.get(item.id)),)
        if question is not None
    }


def test_only_what_the_sandbox_has_can_be_asked(
    empty: dict[str, Facts], own: dict[str, RecallItem], asked: dict[str, PutQuestion]
) -> None:
    can = {name for name, item in own.items() if put(item, empty.get(item.id))}
    assert can == {"own-zones", "own-max-pods", "own-zone-lost"}
    assert len(own) == len(asked) == 5


def test_questions_name_what_is_there(asked: dict[str, PutQuestion]) -> None:
    assert "The pod giant in your own cluster is Pending" in asked["own-pending"].prompt
    assert asked["own-zones"].points[0].text == "Your cluster has 3 nodes."
    assert "m5.large" in asked["own-max-pods"].prompt
    (which, *_) = asked["own-budget"].points
    assert which.says[0][0] == "shop"
    assert not any("till" in phrase for phrase in which.says[0])
    assert not any("{{" in point.text for each in asked.values() for point in each.points)


def test_every_model_answer_is_strong_and_no_copied_question_is(asked: dict[str, PutQuestion]) -> None:
    for question in asked.values():
        texts = [(question.prompt, question.points, question.model)]
        texts += [(each.prompt, tuple(each.points), each.model) for each in question.follow_ups]
        for prompt, points, model in texts:
            results = rubric.find(points, model, prompt)
            missing = [each.point.id for each in results if not each.found]
            assert rubric.strength(points, results) == "strong", f"{question.item_id}: {missing}"
            assert not any(each.found for each in rubric.find(points, prompt, prompt)), question.item_id


@pytest.mark.parametrize(
    ("name", "answer", "points"),
    [
        ("own-zones", "There are 3 nodes, one per zone.", {"nodes", "zones"}),
        ("own-zones", "There are 5 nodes in 2 zones.", set()),
        ("own-max-pods", "29 on each, from ENIs and their IPs.", {"limit", "addresses"}),
        ("own-max-pods", "110 as everywhere.", set()),
        ("own-pending", "It asks for 99 CPUs, says describe. I would lower the request.", {"cause", "where-read", "remedy"}),
        ("own-pending", "A taint keeps it away from every node.", set()),
        ("own-budget", "Nothing protects shop. All its pods may be evicted at once.", {"which", "all-at-once"}),
        ("own-budget", "I think it is till that nothing protects.", set()),
        ("own-zone-lost", "I lose 1 of 3 nodes, the control plane stays up.", {"lost-nodes", "control-plane-stays"}),
        ("own-zone-lost", "The control plane goes down with it.", set()),
    ],
)  # fmt: skip
def test_answers(asked: dict[str, PutQuestion], name: str, answer: str, points: set[str]) -> None:
    results = rubric.find(asked[name].points, answer, asked[name].prompt)
    assert {each.point.id for each in results if each.found} == points


def test_looking_changes_nothing(
    asked: dict[str, PutQuestion], target: InProcess, own: dict[str, RecallItem], tmp_path: Path
) -> None:
    before = target.now()
    facts_of(own.values(), target, tmp_path, TODAY)
    assert target.now() == before
    assert list(tmp_path.iterdir()) == []


def test_needs_that_look_at_a_lab_are_refused(
    target: InProcess, empty: dict[str, Facts], own: dict[str, RecallItem], tmp_path: Path
) -> None:
    item = own["own-zones"]
    assert item.interview is not None
    history = Query(history=HistoryQuery(commands_max=3))
    spoiled = replace(item, interview=replace(item.interview, needs=Query(all=[history])))
    with pytest.raises(ContentError, match=r"own-zones: interview\.needs uses 'history'"):
        facts_of([spoiled], target, tmp_path, TODAY)


def test_a_kind_the_cluster_does_not_have_gives_no_values(
    target: InProcess, empty: dict[str, Facts], own: dict[str, RecallItem], tmp_path: Path
) -> None:
    item = own["own-zones"]
    assert item.interview is not None
    none = replace(item.interview, needs=None, facts={"none": ResourceQuery(kind="Pod", name="nobody")})
    assert facts_of([replace(item, interview=none)], target, tmp_path, TODAY) == {item.id: {"none": []}}
