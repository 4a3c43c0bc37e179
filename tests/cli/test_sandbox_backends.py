"""`eks-lab sandbox` on a backend that is not the embedded one: steps, questions, leftovers."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eks_lab.cli import root, run, sandbox_steps
from eks_lab.sandbox.backends import registry
from eks_lab.sandbox.backends.interface import (
    BackendStatus,
    Cancel,
    Finding,
    Leftovers,
    Plan,
    StoppedError,
    Tell,
    Wishes,
    step,
)


@dataclass
class FakeBackend:
    """A docker backend that makes nothing."""

    name: str = "docker"
    takes: frozenset[str] = frozenset({"nodes"})
    remembers: frozenset[str] = frozenset()
    runs: bool = False
    consent: str = ""
    given: list[str] = field(default_factory=list)
    left: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    interrupts: bool = False

    def preflight(self) -> tuple[Finding, ...]:
        return self.findings

    def plan(self, wishes: Wishes) -> Plan:
        facts = (("account", "123456789012"), ("region", "eu-west-1"))
        return Plan(facts, ("a cluster",), 0.1, self.consent, "the account id")

    def up(self, wishes: Wishes, tell: Tell, cancel: Cancel, consent: str = "") -> BackendStatus:
        self.given.append(consent)
        with step(tell, "cluster", "Create the cluster") as line:
            line("Preparing nodes")
            if self.interrupts:
                os.kill(os.getpid(), signal.SIGINT)
                cancel.wait(10)
                cancel.check()
        self.runs = True
        return self._status(was_started=True)

    def status(self) -> BackendStatus:
        return self._status(was_started=False)

    def _status(self, *, was_started: bool) -> BackendStatus:
        return BackendStatus(
            name=self.name,
            running=self.runs,
            capabilities=frozenset({"cluster", "account"}) if self.runs else frozenset(),
            kubeconfig=Path("/nowhere/kubeconfig"),
            rows=(("nodes", "3 of 3 ready"),) if self.runs else (),
            notices=("LocalStack is the free edition",) if self.runs else (),
            was_started=was_started,
            document={"engine": "docker"},
        )

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return {"KUBECONFIG": "/nowhere/kubeconfig", "AWS_PROFILE": ""}

    def reset(self, wishes: Wishes, tell: Tell, cancel: Cancel) -> BackendStatus:
        return self.status()

    def down(self, *, purge: bool, tell: Tell) -> Leftovers:
        was, self.runs = self.runs, False
        return Leftovers(was, self.left, ("the images",), ("containers with our label",) if purge else ())


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """Put a fake in the place of the docker and aws backends."""
    fake = FakeBackend()
    real = registry.backend
    monkeypatch.setattr(
        registry,
        "backend",
        lambda name, directory: real(name, directory) if name == "embedded" else fake,
    )
    return fake


def sandbox(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(root, ["sandbox", *words], input=typed)


def test_up_shows_its_steps_and_status_what_it_can_do(docker: FakeBackend) -> None:
    done = sandbox("up", "--backend", "docker")
    assert done.exit_code == 0, done.output
    assert "Create the cluster …" in done.stderr
    assert "    Preparing nodes" in done.stderr
    assert "The sandbox runs on the backend docker." in done.stdout
    status = sandbox("status")
    assert "backend     docker: a real Kubernetes" in status.stdout
    assert "can         cluster, account" in status.stdout
    assert "cannot      kubectl, aws, terraform, writable" in status.stdout
    assert "LocalStack is the free edition" in status.stderr
    found = json.loads(sandbox("status", "--json").stdout)
    assert (found["backend"], found["running"], found["engine"]) == ("docker", True, "docker")
    assert found["capabilities"] == ["account", "cluster"]


def test_env_and_shell_ask_the_present_backend(docker: FakeBackend) -> None:
    sandbox("up", "--backend", "docker")
    assert "export KUBECONFIG=/nowhere/kubeconfig\nunset AWS_PROFILE\n" in sandbox("env").stdout


def test_reset_asks_the_present_backend(docker: FakeBackend) -> None:
    sandbox("up", "--backend", "docker")
    assert sandbox("reset").output == "The sandbox is as it was just after `up`.\n"


def test_what_is_missing_is_named_with_the_next_step(
    docker: FakeBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.findings = (
        Finding("kind", "missing", "is not installed", "Install kind: https://kind.sigs.k8s.io"),
    )
    assert run(["sandbox", "up", "--backend", "docker"]) == 3
    said = capsys.readouterr().err
    assert "the backend docker cannot start: kind: is not installed" in said
    assert "Install kind" in said
    assert docker.given == []


def test_the_plan_is_shown_before_anything_has_to_be_typed(docker: FakeBackend) -> None:
    docker.consent = "123456789012"
    done = sandbox("up", "--backend", "docker", typed="123456789012\n")
    assert docker.given == ["123456789012"]
    assert "region   eu-west-1" in done.stdout
    assert "about $0.10 an hour" in done.stdout
    assert "Type the account id to go on" in done.stdout


def test_nobody_to_ask_means_no(docker: FakeBackend, capsys: pytest.CaptureFixture[str]) -> None:
    docker.consent = "123456789012"
    done = sandbox("up", "--backend", "docker", typed="")
    assert done.exit_code != 0
    assert docker.given == []


def test_ctrl_c_ends_the_work_in_good_order(docker: FakeBackend) -> None:
    docker.interrupts = True
    before = signal.getsignal(signal.SIGINT)
    done = sandbox("up", "--backend", "docker")
    assert isinstance(done.exception, StoppedError)
    assert done.exception.exit_code == 130
    assert "Stopping …" in done.stderr
    assert "failed: stopped before it was done" in done.stderr
    assert signal.getsignal(signal.SIGINT) is before
    assert sandbox("down", "--purge").exit_code == 0


def test_a_second_ctrl_c_leaves_at_once() -> None:
    with sandbox_steps.interruptible() as cancel:
        cancel.cancel()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_down_with_purge_proves_it(docker: FakeBackend) -> None:
    sandbox("up", "--backend", "docker")
    done = sandbox("down", "--purge")
    assert done.exit_code == 0
    assert "Nothing of the sandbox is left. Looked at:\n  containers with our label" in done.stdout
    assert "Kept: the images" in done.stdout
    docker.left = ("container eks-lab-1",)
    sandbox("up", "--backend", "docker")
    done = sandbox("down", "--purge")
    assert done.exit_code == 1
    assert "Still there:\n  container eks-lab-1" in done.stdout


def test_plain_down_keeps_and_says_so(docker: FakeBackend) -> None:
    sandbox("up", "--backend", "docker")
    assert "goes on with it" in sandbox("down").stdout
    assert sandbox("down").stdout == "No sandbox runs.\n"


@pytest.mark.usefixtures("docker")
def test_options_of_other_backends_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "up", "--backend", "docker", "--profile", "x"]) == 2
    assert "--profile: the backend docker has no such option" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["advance", "5m"], "time that can be advanced"),
        (["speed", "60x"], "time that can be advanced"),
        (["cost"], "what it costs"),
        (["fault", "list"], "the prepared faults"),
    ],
)
def test_commands_of_the_simulator_say_that_another_backend_runs(
    docker: FakeBackend, capsys: pytest.CaptureFixture[str], words: list[str], what: str
) -> None:
    sandbox("up", "--backend", "docker")
    assert run(["sandbox", *words]) == 3
    said = capsys.readouterr().err
    assert f"runs on the backend docker, and this asks the simulator for {what}" in said
    assert "--backend embedded" in said


def test_the_app_says_that_it_works_with_the_embedded_backend(docker: FakeBackend) -> None:
    from eks_lab.errors import InputError
    from eks_lab.sandbox.backends.switching import require_embedded
    from eks_lab.sandbox.state_directory import StateDirectory

    directory = StateDirectory.default()
    require_embedded(directory, "this screen")
    sandbox("up", "--backend", "docker")
    with pytest.raises(InputError, match=r"this screen works with the embedded backend.*runs on docker"):
        require_embedded(directory, "this screen")
