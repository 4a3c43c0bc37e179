"""Answers are judged by what they do, one at a time, with the real kubectl."""

from __future__ import annotations

import pytest

from eks_lab.clock import SystemClock
from eks_lab.content.items.model import CommandItem
from eks_lab.errors import ContentError
from eks_lab.grading.practical import bench as bench_module
from eks_lab.grading.practical.bench import Bench, share
from eks_lab.grading.practical.form import text_of
from eks_lab.grading.practical.situation import filled
from eks_lab.grading.stage import StepError
from eks_lab.grading.target import Done
from tests.grading.bench import kubectl
from tests.grading.practical.questions import (
    DEPLOYMENT,
    command_question,
    manifest_question,
    printing_question,
)


def judged(bench: Bench, item: CommandItem, text: str) -> tuple[float, str]:
    result = bench.judge(item, 7, text).result
    assert result.correct is (result.score == 1)
    return result.score, result.detail


def test_any_command_with_the_effect_is_right(bench: Bench) -> None:
    item = command_question()
    for line in (
        "kubectl scale deployment web --replicas=3",
        "k scale --replicas 3 deploy/web deploy/neighbour",
        """kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'""",
    ):
        practice = bench.judge(item, 7, line)
        assert practice.result.score == 1, practice
        assert practice.result.headline == "✓ Right"
        assert [(each.line, each.code) for each in practice.transcript] == [(line, 0)]
    assert practice.transcript[0].out == "deployment.apps/web patched\n"


def test_each_judgement_begins_anew(bench: Bench) -> None:
    item = command_question()
    assert judged(bench, item, "kubectl scale deployment web --replicas=3")[0] == 1
    assert judged(bench, item, "kubectl get deploy") == (0, "Ready: 1.")
    assert judged(bench, item, "kubectl delete deployment web neighbour")[1].endswith(
        "The neighbour is gone."
    )
    assert judged(bench, item, "kubectl scale deployment web --replicas=3")[0] == 1


def test_what_holds_anyway_earns_nothing_and_breaking_it_costs(bench: Bench) -> None:
    item = command_question(lines=2)
    both = "kubectl scale deployment web --replicas=3\nkubectl delete deployment neighbour"
    assert judged(bench, item, both) == (0, "The neighbour is gone.")
    assert bench.untouched(item, 7) == (False, True)
    assert share([True, False, True], [False, False, True]) == 0.5
    assert share([True, True, True], [False, False, True]) == 1
    assert share([False, False, False], [False, False, True]) == 0


def test_nothing_typed_is_wrong_and_no_error(bench: Bench) -> None:
    for text in ("", "  \n\n", "# a comment"):
        assert judged(bench, command_question(), text) == (0, "No command was typed.")
    assert bench.judge(manifest_question(), 7, " \n").result.detail == "The file is empty."


def test_what_cannot_be_run_is_wrong_and_says_why(bench: Bench) -> None:
    for text, said in (
        ("kubectl get pods | wc -l", "a pipe"),
        ("kubectl get 'pods", "not closed"),
        ("kubectl edit deploy web", "opens an editor"),
        ("kubectl apply -f /etc/passwd", "not in this question's folder"),
        ("eks-lab calc max-pods", "cannot be run here"),
        ("k" * 100_000, "100,000 characters"),
        ("kubectl get pods\0", "U+0000"),
    ):
        practice = bench.judge(command_question(), 7, text)
        assert said in practice.refused
        assert practice.result.detail == practice.refused
        assert (practice.result.score, practice.transcript) == (0, ())


def test_a_command_that_fails_shows_what_it_said(bench: Bench) -> None:
    practice = bench.judge(command_question(), 7, "kubectl scale deployment wbe --replicas=3")
    assert practice.transcript[0].code == 1
    assert '"wbe" not found' in practice.transcript[0].err
    assert practice.result.detail == "Ready: 1."


def test_a_command_without_an_end_is_ended_and_its_output_kept(bench: Bench) -> None:
    practice = bench.judge(command_question(), 7, "kubectl get deploy -w")
    assert practice.transcript[0].code == 124
    assert practice.transcript[0].out.startswith("NAME ")
    assert practice.transcript[0].err.endswith(
        "Ended after 6 simulated minutes: the command was still waiting."
    )


def test_reading_is_judged_by_the_output_of_the_last_command(bench: Bench) -> None:
    item = printing_question(lines=2)
    assert judged(bench, item, "aws eks list-nodegroups --cluster-name lab")[0] == 1
    assert judged(bench, item, "aws eks list-nodegroups --cluster-name lab\naws eks list-clusters") == (
        0,
        "No names there.",
    )
    assert (
        judged(bench, item, "aws eks describe-nodegroup --cluster-name lab --nodegroup-name workers")[0] == 0
    )
    lines = printing_question(prints={"matches": ["^ip-.* Ready "]})
    assert judged(bench, lines, "kubectl get nodes")[0] == 1
    assert judged(bench, lines, "kubectl get nodes -o name")[0] == 0


def test_aws_changes_what_kubectl_sees(bench: Bench) -> None:
    item = command_question(
        setup=[],
        after="5m",
        checks=[{"resource": {"kind": "Node", "count": 4}, "otherwise": "There are {observed}."}],
    )
    grow = "aws eks update-nodegroup-config --cluster-name lab --nodegroup-name workers --scaling-config"
    assert judged(bench, item, f"{grow} desiredSize=4,maxSize=4") == (1, "")
    assert judged(bench, item, "kubectl get nodes")[1].startswith("There are 3")


def test_the_kubeconfig_is_the_learners_for_one_judgement(bench: Bench) -> None:
    item = command_question(
        lines=2,
        setup=[{"kubectl": "create namespace shop"}],
        checks=[{"resource": {"kind": "ConfigMap", "name": "c", "namespace": "shop"}, "otherwise": "none"}],
    )
    context = "kubectl config set-context --current --namespace=shop"
    assert judged(bench, item, f"{context}\nkubectl create configmap c")[0] == 1
    assert judged(bench, item, "kubectl create configmap c")[0] == 0


def test_files_are_the_questions_own(bench: Bench) -> None:
    item = command_question(
        lines=2,
        setup=[{"file": {"path": "web.yaml", "text": DEPLOYMENT.replace("replicas: 1", "replicas: 3")}}],
    )
    item = filled(item, {"unused": 1}, "item")
    assert bench.judge(
        item, 7, "kubectl create deployment neighbour --image=nginx\nk apply -f web.yaml"
    ).result.correct
    practice = bench.judge(item, 7, "kubectl apply -f other.yaml")
    assert "other.yaml" in practice.transcript[0].err


def test_variables_fill_every_text_and_numbers_stay_numbers(bench: Bench) -> None:
    item = command_question(
        vars={"name": {"choose": ["red", "blue"]}, "count": {"range": [2, 4]}},
        setup=[{"kubectl": "create deployment {{ name }} --image=nginx"}],
        checks=[
            {
                "resource": {
                    "kind": "Deployment",
                    "name": "{{ name }}",
                    "path": ".status.readyReplicas",
                    "equals": "{{ count }}",
                },
                "otherwise": "{{ name }} has {observed}.",
            }
        ],
    )
    shown = filled(item, {"name": "red", "count": 3}, "item")
    assert shown.checks[0].resource is not None
    assert (shown.checks[0].resource.name, shown.checks[0].resource.equals) == ("red", 3)
    assert shown.checks[0].otherwise == "red has {observed}."
    assert shown.vars == item.vars
    for seed in (7, 11):
        details = [
            bench.judge(item, seed, f"kubectl scale deploy --all --replicas={count}").result.correct
            for count in (2, 3, 4)
        ]
        assert details.count(True) == 1


def test_a_manifest_is_checked_applied_and_judged(bench: Bench) -> None:
    item = manifest_question()
    for answer in item.answers:
        practice = bench.judge(item, 7, text_of(item.given, answer))
        assert practice.result.correct, practice
        assert practice.transcript[0].line == "kubectl apply -f web.yaml"
    assert bench.judge(item, 7, item.given).result.score == 0
    spelled = text_of(item.given, item.answers[0]).replace("requests", "reqests")
    practice = bench.judge(item, 7, spelled)
    assert practice.result.score < 1
    assert (
        "k8s-unknown-field" in practice.result.detail or "kubectl apply refuses it" in practice.result.detail
    )


def test_yaml_that_cannot_be_read_is_refused_with_its_line(bench: Bench) -> None:
    practice = bench.judge(manifest_question(), 7, DEPLOYMENT.replace("  replicas: 1", "  replicas: [1"))
    assert practice.refused.startswith("web.yaml:")
    assert practice.transcript == ()
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(9))}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert not bench.judge(manifest_question(), 7, bomb).result.correct


def test_what_the_api_server_refuses_earns_nothing(bench: Bench) -> None:
    item = manifest_question(rules=[])
    practice = bench.judge(
        item, 7, text_of(item.given, item.answers[0]).replace("app: web}\n  template", "app: x}\n  template")
    )
    assert practice.result.score == 0
    assert practice.result.detail.startswith('kubectl apply refuses it: The Deployment "web" is invalid')


def test_a_broken_question_is_an_error_that_names_it(bench: Bench) -> None:
    with pytest.raises(StepError, match="kubectl get nothing"):
        bench.prepare(command_question(setup=[{"kubectl": "get nothing"}]), 7)
    with pytest.raises(ContentError, match=r"troubleshooting\.method\.scale\.setup\.0\.kubectl"):
        bench.prepare(command_question(vars={"a": {"choose": [1, 2]}}, setup=[{"kubectl": "get {{ b }}"}]), 7)
    assert judged(bench, command_question(), "kubectl scale deployment web --replicas=3")[0] == 1


def test_old_starts_give_way_and_come_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "MOST_STARTS", 1)
    monkeypatch.setattr(bench_module, "MOST_WORLDS", 1)
    scale, small = command_question(), printing_question(world={"nodes": 1})
    for _ in range(2):
        assert judged(bench, scale, "kubectl scale deployment web --replicas=3")[0] == 1
        assert judged(bench, small, "aws eks list-nodegroups --cluster-name lab")[0] == 1
        assert bench.judge(small, 7, "kubectl get nodes -o name").transcript[0].out.count("node/") == 1


def test_the_courses_own_commands_run_where_they_are_given() -> None:
    seen: list[tuple[list[str], str]] = []

    def course(words: list[str], folder: str) -> Done:
        seen.append((words, folder))
        return Done(0, "17 pods\n", "")

    with Bench(kubectl(), SystemClock(), course) as found:
        item = printing_question(prints={"contains": ["17"]})
        assert found.judge(item, 7, "eks-lab calc max-pods --instance t3.medium").result.correct
        assert seen == [(["calc", "max-pods", "--instance", "t3.medium"], str(found.root / "files"))]
        root = found.root
    assert not root.exists()
