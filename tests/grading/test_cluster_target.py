"""A real cluster as the place of a lab: kubectl and aws with the sandbox's environment, no time but the wall's."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.content.actions import WorldOptions
from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.grading import cluster_target
from eks_lab.grading.cluster_target import ClusterTarget
from eks_lab.grading.prover.comparison import HOLDS, START, Replayed, observe
from eks_lab.grading.recording import Record
from eks_lab.grading.target import RefusedError
from eks_lab.grading.token_plugin import TokenPlugin
from eks_lab.sandbox import client, launch
from eks_lab.sandbox.backends.embedded import Embedded
from eks_lab.sandbox.backends.interface import BackendStatus, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory
from tests.grading.bench import loaded

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SAYS = """#!/bin/sh
printf '{"words": "%s %s", "endpoint": "%s", "profile": "%s"}' "$1" "$2" "$AWS_ENDPOINT_URL" "${AWS_PROFILE-unset}"
"""


class FakeBackend:
    """Runs, and remembers that it was to begin anew."""

    name = "docker"

    def __init__(self, kubeconfig: Path | None, *capabilities: str) -> None:
        """Say what there is."""
        self.resets = 0
        self._status = BackendStatus(
            name="docker",
            running=True,
            capabilities=frozenset(capabilities),
            kubeconfig=kubeconfig,
            spent_usd=1.5,
        )

    def status(self) -> BackendStatus:
        """Return it."""
        return self._status

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a shell."""
        return {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_PROFILE": "", "KUBECONFIG": "ours"}

    def reset(self, *_: object) -> BackendStatus:
        """Count."""
        self.resets += 1
        return self._status


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program in the place of kubectl and aws that shows what it was given."""
    path = tmp_path / "program"
    path.write_text(SAYS)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(cluster_target, "find", lambda name: str(path))
    monkeypatch.setenv("AWS_PROFILE", "the-learners-own")
    return path


def target(
    tmp_path: Path, *capabilities: str, waited: list[timedelta] | None = None
) -> tuple[ClusterTarget, FakeBackend]:
    backend: Any = FakeBackend(tmp_path / "kubeconfig", *capabilities)
    waits = waited if waited is not None else []
    return ClusterTarget(backend, backend.status(), SimClock(NOW), waits.append), backend


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("name", ["kubectl", "aws"])
def test_programs_get_the_sandbox_environment_and_nothing_of_the_learners_own(
    tmp_path: Path, name: str
) -> None:
    place, _ = target(tmp_path)
    run = place.run_kubectl if name == "kubectl" else place.run_aws
    found = json.loads(run(["get", "pods"], tmp_path).out)
    assert found == {"words": "get pods", "endpoint": "http://127.0.0.1:4566", "profile": "unset"}


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_target, "find", lambda name: "")
    with pytest.raises(UnavailableError, match="kubectl is not installed"):
        target(tmp_path)[0].run_kubectl(["get", "pods"], tmp_path)


def test_a_sandbox_begins_anew_and_a_cluster_of_the_learner_stays(tmp_path: Path) -> None:
    place, backend = target(tmp_path, "reset")
    place.begin(WorldOptions(), 7)
    assert backend.resets == 1
    place, backend = target(tmp_path, "writable")
    place.begin(WorldOptions(), 7)
    assert backend.resets == 0


def test_time_is_that_of_the_wall_and_nothing_is_kept(tmp_path: Path) -> None:
    waited: list[timedelta] = []
    place, _ = target(tmp_path, waited=waited)
    place.advance(timedelta(minutes=2))
    assert waited == [timedelta(minutes=2)]
    assert place.now() == NOW
    assert place.record() == Record()
    assert place.spent_usd() == 1.5
    place.snapshot("x")
    place.forget("x")
    with pytest.raises(DataError, match="keeps no states"):
        place.restore("x")
    with pytest.raises(UnavailableError, match="exists in the simulator only"):
        place.arm_fault("x", 7)
    with pytest.raises(InputError):
        place.state_hash()


def test_without_a_kubeconfig_there_is_no_place() -> None:
    backend: Any = FakeBackend(None)
    with pytest.raises(UnavailableError, match="no cluster that can be reached"):
        ClusterTarget(backend, backend.status(), SimClock(NOW))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Run the default backend, to stand for a cluster that nobody simulates."""
    directory = StateDirectory(tmp_path_factory.mktemp("cluster") / "sandbox")
    launch.start(directory, {"nodes": 2, "port": 0, "aws_port": 0})
    backend = Embedded(directory)
    yield backend
    backend.down(purge=True, tell=tell_nobody)


def test_over_https_and_the_real_programs(
    embedded: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the shell of somebody who works on an account of their own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAZ7REALLOOKING42Q")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dG9wLXNlY3JldA")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_EKS", "https://eks.us-east-1.amazonaws.com")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    place = ClusterTarget(embedded, embedded.status(), SimClock(NOW))
    try:
        assert len(place.kubernetes.list("nodes", "*")) == 2
        done = place.run_kubectl(["get", "nodes", "-o", "name"], tmp_path)
        assert done.out.count("node/ip-") == 2
        cluster = place.aws("eks", "DescribeCluster", {"name": "lab"})["cluster"]
        assert datetime.fromisoformat(cluster["createdAt"]).tzinfo is not None
        with pytest.raises(RefusedError) as refused:
            place.aws("eks", "DescribeCluster", {"name": "shop"})
        assert refused.value.code == "ResourceNotFoundException"
        for call in (("eks", "MakeCluster"), ("nothing", "List")):
            with pytest.raises(RefusedError, match="UnknownOperation"):
                place.aws(*call, {})
        with pytest.raises(RefusedError, match="ValidationError"):
            place.aws("eks", "DescribeCluster", {"nam": "lab"})
        words = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
        assert place.run_aws(words, tmp_path).out.strip().endswith(":user/student")
    finally:
        place.close()


def test_tokens_are_asked_for_once_while_they_are_fresh(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f'echo x >> {count}; echo \'{{"status": {{"token": "\'$TOKEN\'"}}}}\''
    plugin = TokenPlugin(
        {"command": "/bin/sh", "args": ["-c", script], "env": [{"name": "TOKEN", "value": "k8s"}]}
    )
    assert plugin.token() == plugin.token() == "k8s"
    assert count.read_text() == "x\n"


@pytest.mark.parametrize("script", ["exit 1", "echo '{}'", "echo nothing"])
def test_a_program_without_a_token_is_named(script: str) -> None:
    with pytest.raises(UnavailableError, match="/bin/sh: gives no token"):
        TokenPlugin({"command": "/bin/sh", "args": ["-c", script]}).token()


def test_a_lab_is_played_over_it_as_on_any_cluster(embedded: Embedded, tmp_path: Path) -> None:
    """Only the waiting is not that of a real cluster: it would take the test's time."""
    sandbox = client.required(embedded._directory)
    status = replace(embedded.status(), capabilities=frozenset({"cluster", "kubectl", "writable", "reset"}))
    place = ClusterTarget(embedded, status, SimClock(NOW), sandbox.advance)
    try:
        seen = observe(Replayed(loaded(tmp_path / "labs"), place, tmp_path / "learner"))
    finally:
        place.close()
    solved = {says for (run, _), says in seen.items() if run.startswith("after solution")}
    assert solved == {HOLDS}
    assert seen[START, "pods-run"] != HOLDS
