"""`eks-lab lab`: one whole lab against a running sandbox, and what is said when something is missing."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eks_lab.cli import run
from eks_lab.cli.lab import run_course
from eks_lab.sandbox import client, launch
from eks_lab.sandbox.state_directory import StateDirectory
from tests.grading.bench import kubectl, written

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Give a way to type `eks-lab lab …`; returns exit code, output and errors."""

    def said(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["lab", *words])
        found = capsys.readouterr()
        return code, found.out, found.err

    return said


@pytest.fixture
def sandbox() -> Iterator[StateDirectory]:
    """Give a running sandbox of this test's own."""
    directory = StateDirectory.default()
    launch.start(directory, {"nodes": 1, "port": None})
    yield directory
    launch.stop(directory)


def typed(directory: StateDirectory, *words: str) -> None:
    import subprocess

    program = [kubectl(), f"--kubeconfig={directory.kubeconfig}", *words]
    subprocess.run(program, check=True, capture_output=True, timeout=60)


def test_a_whole_lab(say: Say, sandbox: StateDirectory, tmp_path: Path) -> None:
    """Start, check, crash, go on, hint, reset, solve, debrief, stop: the learner's own world comes back."""
    typed(sandbox, "create", "namespace", "mine")
    labs = ("--labs", str(written(tmp_path).parent))
    code, out, err = say("start", "sample", *labs)
    assert code == 0, err
    assert "The Deployment `web` is there" in out
    assert "✗ The pods of web run (100)" in out

    code, out, err = say("start", "sample", *labs)
    assert (code, "runs already" in err) == (2, True)
    code, out, _ = say("check", "--json")
    assert code == 1
    view: dict[str, Any] = json.loads(out)
    assert (view["points"], view["checks"][0]["holds"]) == (0, False)

    process = client.running(sandbox)
    assert process is not None
    client.Client(sandbox, process).snapshot()
    os.kill(process.pid, signal.SIGKILL)
    launch.stop(sandbox)
    code, _, err = say("check")
    assert (code, "eks-lab sandbox up" in err) == (3, True)
    launch.start(sandbox, {})

    code, out, _ = say("hint")
    assert (code, "(-10 points, 0 left)" in out) == (0, True)
    typed(sandbox, "scale", "deployment", "web", "--replicas=1")
    code, out, _ = say("reset", "--json")
    assert code == 0
    assert json.loads(out)["checks"][0]["says"].startswith("0 of")
    code, _, err = say("solve")
    assert (code, "--yes" in err) == (2, True)
    code, out, _ = say("solve", "--yes")
    assert code == 0
    assert "$ kubectl scale deployment web" in out
    code, out, _ = say("debrief")
    assert code == 0
    assert "Mental model" in out
    code, out, err = say("stop")
    assert code == 0, err
    typed(sandbox, "get", "namespace", "mine")
    assert say("check")[0] == 2


def test_without_a_lab(say: Say) -> None:
    for words in (
        ["status"],
        ["check"],
        ["hint"],
        ["reset"],
        ["solve", "--yes"],
        ["stop"],
        ["answer", "a", "b"],
    ):
        code, _, err = say(*words)
        assert (code, err.splitlines()[0]) == (2, "eks-lab: no lab runs")


def test_a_lab_that_is_not_there(say: Say, tmp_path: Path) -> None:
    written(tmp_path)
    code, _, err = say("start", "sampel", "--labs", str(tmp_path))
    assert code == 2
    assert "there is no lab 'sampel'" in err
    assert "sample" in err
    code, _, err = say("list", "--labs", str(tmp_path / "nowhere"))
    assert (code, "cannot be read" in err) == (2, True)


def test_list_names_what_cannot_be_read_and_goes_on(say: Say, tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, lambda document: document.update(minutes="soon"), "broken")
    code, out, err = say("list", "--labs", str(tmp_path))
    assert code == 0
    assert out.split()[:4] == ["sample", "0", "*", "5"]
    assert "broken/lab.yaml:" in err
    code, out, _ = say("list", "--labs", str(tmp_path), "--json")
    assert [each["id"] for each in json.loads(out)["labs"]] == ["sample"]


def test_new_and_schema(say: Say, tmp_path: Path) -> None:
    code, out, _ = say("new", "my-lab", "--labs", str(tmp_path))
    assert code == 0
    assert len(out.splitlines()) == 4
    assert say("new", "my-lab", "--labs", str(tmp_path))[0] == 2
    assert json.loads(say("schema")[1])["properties"]["checks"]


def test_prove_says_what_is_broken(say: Say, tmp_path: Path) -> None:
    written(tmp_path)
    code, out, err = say("prove", "sample", "--labs", str(tmp_path))
    assert code == 0, out + err
    assert "all are proved" in out
    written(tmp_path, lambda document: document.update(hints=[]), "bad")
    code, out, _ = say("prove", "bad", "--labs", str(tmp_path), "--json")
    assert code == 1
    (lab,) = json.loads(out)["labs"]
    assert [each["rule"] for each in lab["broken"]] == ["hint-costs"]
    assert say("prove")[0] == 2


def test_labs_may_use_the_course_s_own_commands(tmp_path: Path) -> None:
    done = run_course(["calc", "max-pods", "--instance", "t3.medium", "--json"], str(tmp_path))
    assert done.code == 0
    assert json.loads(done.out)["result"]["max_pods"] == 17
    assert run_course(["calc", "nonsense"], str(tmp_path)).code == 2
