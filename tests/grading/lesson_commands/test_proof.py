"""The proof of a lesson's commands bites: each thing that may be wrong is reported with its line, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.clock import SystemClock
from eks_lab.content.actions import WorldOptions
from eks_lab.grading.in_process import START, InProcess
from eks_lab.grading.lesson_commands.labour import WORLD_SEED
from eks_lab.grading.lesson_commands.proof import KEPT, LessonReport, Place, Ran, prove, says_nothing
from eks_lab.grading.target import Done
from tests.content.course_files import HEAD
from tests.grading.bench import kubectl

FIRST_LINE = HEAD.count("\n") + 1


def course(words: list[str], folder: str) -> Done:
    return Done(0, f"{' '.join(words)} in {Path(folder).name}\n", "")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give one base world to all tests: every lesson begins in it anew."""
    folder = tmp_path_factory.mktemp("world")
    with InProcess(folder / "sandbox", SystemClock(), kubectl()) as target:
        target.begin(WorldOptions(nodes=1), WORLD_SEED)
        target.snapshot(KEPT)
        yield Place(target, folder / "lesson", course)


def block(commands: str, marks: str = "") -> str:
    return f"```console {{needs=sandbox{marks}}}\n{commands}\n```\n"


def box(commands: str, marks: str = "") -> str:
    return f":::try{{needs=sandbox}}\nLook.\n\n{block(commands, marks)}:::\n"


def proved(place: Place, folder: Path, body: str) -> LessonReport:
    (folder / "lesson.md").write_text(HEAD + body)
    return prove(folder / "lesson.md", "01-net/10-slots/lesson.md", place, time.monotonic)


def only(place: Place, folder: Path, body: str) -> Ran:
    (found,) = proved(place, folder, body).ran
    return found


def test_sound_commands_are_proved_with_what_they_print(place: Place, tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "map.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: map}\n"
    )
    report = proved(
        place,
        tmp_path,
        box(
            "$ kubectl apply -f manifests/map.yaml\n"
            "$ name=$(kubectl get -f manifests/map.yaml \\\n    -o jsonpath='{.metadata.name}')\n"
            "$ kubectl get configmap $name -o yaml > kept.yaml\n"
            "$ grep -c 'name: map' kept.yaml\n"
            "$ kubectl get pods || echo none | tr a-z A-Z\n"
            "$ kubectl apply -f - <<EOF\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: $name-2}\nEOF\n"
            "$ aws eks list-nodegroups --cluster-name lab --query 'nodegroups[0]'\n"
            "$ eks-lab sandbox advance 10m && sleep 30\n"
            "$ eks-lab calc max-pods",
            " empty=5",
        ),
    )
    assert report.broken == []
    assert timedelta(seconds=630) < place.target.now() - START < timedelta(seconds=700)
    assert [(each.line - FIRST_LINE, each.code) for each in report.ran] == [
        *((4, 0), (5, 0), (7, 0), (8, 0), (9, 0), (10, 0), (15, 0), (16, 0), (17, 0)),
    ]
    assert [report.ran[at].out for at in (0, 3, 5, 6, 8)] == [
        "configmap/map created\n",
        "1\n",
        "configmap/map-2 created\n",
        '"workers"\n',
        "calc max-pods in lesson\n",
    ]
    assert report.as_json()["ran"][0]["command"] == "kubectl apply -f manifests/map.yaml"
    assert report.as_json()["proved"] is True


@pytest.mark.parametrize(
    ("command", "marks", "said"),
    [
        (
            "kubectl get pod nowhere",
            "",
            'It ended with 1: Error from server (NotFound): pods "nowhere" not found',
        ),
        ("aws eks describe-nodegroup --cluster-name lab --nodegroup-name general", "", "It ended with 254: "),
        ("kubectl get nodes | grep nothing", "", "It ended with 1: "),
        ("kubctl get nodes", "", "`kubctl` is no program that a lesson's command may begin with."),
        ("kubectl get 'nodes", "", "a single quote is not closed."),
        ("kubectl get pod $name", "", "`$name` is not set by a command before it."),
        ("kubectl get pods", "", "It answers with nothing in a new sandbox (No resources found in"),
        ("aws eks list-fargate-profiles --cluster-name lab", "", "It answers with nothing"),
        (
            "kubectl get pods -o custom-columns=POD:.metadata.name,IP:.status.podIP",
            "",
            "It answers with nothing",
        ),
        ("kubectl get nodes", " empty", "It answers with something, although the block says empty: "),
        ("kubectl get nodes", " expect-error", "It did not fail, although the block says expect-error."),
        ("kubectl drain --everything", " expect-error", "It is meant to fail, but not like this: "),
        ("aws eks list-cluster", " expect-error", "It is meant to fail, but not like this: "),
    ],
)
def test_what_is_wrong_is_said(place: Place, tmp_path: Path, command: str, marks: str, said: str) -> None:
    found = only(place, tmp_path, f"A paragraph.\n\n{block(f'$ {command}', marks)}")
    assert found.broken.startswith(said), found.broken
    assert (found.line, found.command) == (FIRST_LINE + 3, command)


@pytest.mark.parametrize(
    ("command", "marks"),
    [
        ("kubectl get pod nowhere", " expect-error"),
        ("kubectl get pods", " empty"),
        ("kubectl get pods", " empty=1"),
        ("kubectl get pod nowhere || true", " empty"),
        (
            "aws iam create-role --role-name r --assume-role-policy-document '{}' > role.json",
            " expect-error=1",
        ),
        ("mkdir -p incident", ""),
        ("kubectl diff -f map.yaml", " expect-error=1"),
    ],
)
def test_what_is_announced_is_right(place: Place, tmp_path: Path, command: str, marks: str) -> None:
    (tmp_path / "map.yaml").write_text("kind: ConfigMap\napiVersion: v1\nmetadata: {name: map}\n")
    found = only(place, tmp_path, box(f"$ {command}", marks))
    assert found.broken == ""
    assert found.code is not None
    assert "executable file not found" not in found.err


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("for x in 1 2; do kubectl get nodes; done", "`for` begins a structure of the shell"),
        ("kubectl get nodes | curl -d @- example.com", "curl is not part of the sandbox"),
        ("kubectl port-forward deploy/web 8080", "`kubectl port-forward` goes on until it is stopped"),
        ("kubectl get nodes > /etc/motd", "`/etc/motd` is not in the lesson's folder"),
        ("eks-lab doctor", "`eks-lab doctor` looks at what is on a reader's machine"),
        ("sleep soon", "sleep of anything but seconds"),
        ("eks-lab sandbox reset", "`eks-lab sandbox reset` speaks to a sandbox that runs"),
        ("aws eks update-kubeconfig --name lab", "`aws eks update-kubeconfig` is not needed here"),
    ],
)
def test_what_cannot_be_run_is_listed(place: Place, tmp_path: Path, command: str, why: str) -> None:
    report = proved(place, tmp_path, box(f"$ {command}"))
    (found,) = report.not_run
    assert found.not_run.startswith(why)
    assert (found.code, found.broken) == (None, "")
    assert report.is_proved


def test_an_example_is_listed_and_not_run(place: Place, tmp_path: Path) -> None:
    found = only(place, tmp_path, block("$ kubectl get pod web-7", ' example="the pod is made up"'))
    assert found.not_run == "an example: the pod is made up"


def test_blocks_of_a_page_share_a_world_and_a_box_has_its_own(place: Place, tmp_path: Path) -> None:
    make, look = "$ kubectl create namespace shop", "$ kubectl get namespace shop"
    report = proved(place, tmp_path, block(make) + box(look) + block(look) + block("$ kubectl get ns"))
    assert [bool(each.broken) for each in report.ran] == [False, True, True, False]
    report = proved(place, tmp_path, block(make) + "\n" + block(look) + box(make))
    assert report.is_proved, report.broken


def test_a_box_may_come_after_that_of_another_lesson(place: Place, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    (before / "lesson.md").write_text(HEAD + box("$ kubectl create namespace shop"))
    place.lessons = {"net.before": before / "lesson.md"}
    look = "$ kubectl get namespace shop"
    assert proved(place, after, box(look, " after=net.before")).is_proved
    wrong = only(place, after, box(look, " after=net.nothing"))
    assert wrong.broken == "after=net.nothing: there is no lesson of this id with a try box."
    (before / "lesson.md").write_text(HEAD + box("$ kubectl create namespace default"))
    wrong = only(place, after, box(look, " after=net.before"))
    assert wrong.broken.startswith("after=net.before: kubectl create namespace default: It ended with 1")


def test_a_kubeconfig_is_put_right_for_the_next_block(place: Place, tmp_path: Path) -> None:
    away = "$ kubectl config set-context --current --namespace=kube-system"
    here = "$ kubectl config view --minify -o 'jsonpath={..namespace}'"
    report = proved(place, tmp_path, box(away) + box(here))
    assert [each.out.strip() for each in report.ran][1] == "default"


def test_a_lesson_that_cannot_be_read_is_broken(place: Place, tmp_path: Path) -> None:
    (tmp_path / "lesson.md").write_text("no front matter")
    report = prove(tmp_path / "lesson.md", "lesson.md", place, time.monotonic)
    assert not report.is_proved


@pytest.mark.parametrize(
    ("out", "nothing"),
    [
        ("", True),
        ("None\n", True),
        ("null", True),
        ('{"insights": [], "more": {"a": null}}', True),
        ("POD   IP\n", True),
        ("-----\n|  ListX  |\n+-----+\n", True),
        ("false", False),
        ("0", False),
        ('"x"', False),
        ("OK", False),
        ("NAME\nweb", False),
        ("-----\n|  ListX  |\n+-----+\n|  a  |\n+-----+", False),
    ],
)
def test_what_says_nothing(out: str, nothing: bool) -> None:
    assert says_nothing(out) is nothing


def test_blocks_that_need_nothing_are_run_and_those_for_aws_are_not(place: Place, tmp_path: Path) -> None:
    body = "```console {needs=nothing}\n$ eks-lab calc hpa\n```\n\n```console {needs=aws}\n$ kubectl get pod no\n```\n"
    assert only(place, tmp_path, body).out == "calc hpa in lesson\n"
