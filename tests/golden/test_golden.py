"""The sandbox answers real kubectl as the recorded control plane did. See the README beside this file."""

from __future__ import annotations

import difflib
import shlex
import time
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client import CoreV1Api, V1Namespace, V1ObjectMeta
from kubernetes.config import new_client_from_config

from tests.fresh_sandbox import FreshSandbox
from tests.golden.normal import normalise

HERE = Path(__file__).parent
SCENARIOS = sorted(path.relative_to(HERE).with_suffix("").as_posix() for path in HERE.glob("*/*.yaml"))
KNOWN: Mapping[str, Mapping[int, str]] = (
    yaml.load((HERE / "known.yaml").read_text(), Loader=yaml.CSafeLoader) or {}
)
LEAST_EQUAL = 0.97
PATIENCE_SECONDS = 60
PATIENCE_WITH_KNOWN_SECONDS = 3
"""With a step that is known to answer differently, and so never shows what it is asked for."""
PAUSE_SECONDS = 0.2
"""Between two looks at a cluster in another process; nothing else can wait for it."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshSandbox]:
    """A fresh sandbox for the scenarios of this worker; it does not run on beside other tests."""
    with FreshSandbox.started(tmp_path_factory.mktemp("golden")) as running:
        yield running


@pytest.fixture(scope="module")
def namespaces(sandbox: FreshSandbox) -> CoreV1Api:
    """What makes and deletes the scenarios' namespaces: a tenth of the time that kubectl takes to start."""
    return CoreV1Api(new_client_from_config(str(sandbox.kubeconfig)))  # type: ignore[no-untyped-call]


def play(
    sandbox: FreshSandbox,
    namespaces: CoreV1Api,
    scenario: Mapping[str, Any],
    namespace: str,
    folder: Path,
    known: Container[int] = (),
) -> list[dict[str, Any]]:
    """Run the steps of a scenario in a namespace of its own; return what each answered.

    The sandbox runs at 1x: kubectl works ages out by the machine's clock, which a faster sandbox would leave behind.
    """
    for name, text in (scenario.get("files") or {}).items():
        (folder / name).write_text(text)
    namespaces.create_namespace(V1Namespace(metadata=V1ObjectMeta(name=namespace)))
    answers = []
    try:
        for number, step in enumerate(scenario["steps"], start=1):
            words = shlex.split(step["run"])[1:]
            if not any(
                word in ("-n", "--namespace", "-A", "--all-namespaces") or word.startswith("--namespace=")
                for word in words
            ):
                words = ["-n", namespace, *words]
            patience = PATIENCE_WITH_KNOWN_SECONDS if number in known else PATIENCE_SECONDS
            deadline = time.monotonic() + patience
            done = sandbox.kubectl(words, folder, step.get("stdin") or "")
            while step.get("until") and step["until"] not in done.stdout and time.monotonic() < deadline:
                time.sleep(PAUSE_SECONDS)  # noqa: TID251 - waits for another process
                done = sandbox.kubectl(words, folder, step.get("stdin") or "")
            answers.append(
                {
                    "exit": done.returncode,
                    "stdout": normalise(done.stdout.replace(str(folder), "."), namespace),
                    "stderr": normalise(done.stderr.replace(str(folder), "."), namespace),
                }
            )
    finally:
        namespaces.delete_namespace(namespace)
    return answers


def difference(step: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Return how an answer differs from the recorded one; nothing when it does not."""
    wanted = {
        "exit": step.get("exit", 0),
        "stdout": normalise(step.get("stdout", ""), "<namespace>"),
        "stderr": normalise(step.get("stderr", ""), "<namespace>"),
    }
    lines = []
    if wanted["exit"] != answer["exit"]:
        lines.append(f"exit {answer['exit']}, recorded {wanted['exit']}")
    for stream in ("stdout", "stderr"):
        lines += difflib.unified_diff(
            wanted[stream].splitlines(), answer[stream].splitlines(), "recorded", "answered", lineterm="", n=1
        )
    return "\n".join(lines)


@pytest.mark.golden
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, sandbox: FreshSandbox, namespaces: CoreV1Api, tmp_path: Path) -> None:
    scenario = yaml.load((HERE / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)
    namespace = f"golden-{Path(name).name}"[:63].rstrip("-")
    known = KNOWN.get(name) or {}
    answers = play(sandbox, namespaces, scenario, namespace, tmp_path, known)
    wrong = []
    for number, (step, answer) in enumerate(zip(scenario["steps"], answers, strict=True), start=1):
        found = "" if step.get("ignore") else difference(step, answer)
        if found and number in known:
            print(f"known, step {number}: {known[number]}\n{found}")
        elif found:
            wrong.append(f"step {number}: {step['run']}\n{found}")
        elif number in known:
            wrong.append(f"step {number}: {step['run']}\nis equal: take it out of known.yaml")
    assert not wrong, "\n\n".join(wrong)


def test_scenarios_have_names_of_their_own() -> None:
    """Two of one name would meet in a namespace that is still being emptied."""
    names = [Path(name).name for name in SCENARIOS]
    assert sorted(names) == sorted(set(names))


def test_the_known_differences_are_few_and_real() -> None:
    steps = {
        name: yaml.load((HERE / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)["steps"]
        for name in SCENARIOS
    }
    judged = sum(not step.get("ignore") for each in steps.values() for step in each)
    assert set(KNOWN) <= set(steps)
    assert all(
        1 <= number <= len(steps[name]) and reason and not steps[name][number - 1].get("ignore")
        for name in KNOWN
        for number, reason in KNOWN[name].items()
    )
    listed = sum(len(each) for each in KNOWN.values())
    assert listed / judged <= 1 - LEAST_EQUAL, f"{listed} of {judged} steps are listed"
