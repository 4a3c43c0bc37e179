"""What the doctor says about the learner's tools."""

from __future__ import annotations

import pytest

from eks_lab.doctor.model import Check, Outcome
from eks_lab.doctor.tools import tool_checks
from tests.doctor.machines import PRINTS, machine


def test_versions_are_read_from_what_each_tool_prints() -> None:
    found = {check.name: (check.status, check.found) for check in tool_checks(machine())}
    assert found == {
        "kubectl": ("ok", "v1.36.1 (/usr/bin/kubectl)"),
        "aws": ("ok", "2.31.4 (/usr/bin/aws)"),
        "terraform": ("ok", "1.13.3 (/usr/bin/terraform)"),
        "helm": ("ok", "v3.19.0+g3d8990f (/usr/bin/helm)"),
        "kind": ("ok", "v0.30.0 (/usr/bin/kind)"),
        "docker": ("ok", "client 28.4.0 (/usr/bin/docker), daemon 28.4.1"),
    }


def test_no_command_asks_a_server_but_the_daemon_of_this_machine() -> None:
    calls: list[list[str]] = []
    tool_checks(machine(calls=calls))
    assert sorted(call[0].removeprefix("/usr/bin/") + " " + " ".join(call[1:]) for call in calls) == [
        "aws --version",
        "docker --version",
        "docker context inspect --format {{.Endpoints.docker.Host}}",
        "docker version --format {{.Server.Version}}",
        "helm version --short",
        "kind version",
        "kubectl version --client -o json",
        "terraform version -json",
    ]


def test_without_any_tool_each_says_what_it_is_for_and_how_to_get_it() -> None:
    for found in tool_checks(machine({})):
        assert found.status == "missing"
        assert not found.required
        assert found.needed_for
        assert "macOS: " in found.how_to_get
        assert "Linux: " in found.how_to_get


@pytest.mark.parametrize(
    ("name", "command", "answer", "reason"),
    [
        ("kubectl", "kubectl version", Outcome(None, "", "no answer within 2 s"), "no answer within 2 s"),
        ("kubectl", "kubectl version", Outcome(0, "[]"), "[]"),
        ("kubectl", "kubectl version", Outcome(0, '{"clientVersion": {"gitVersion": 3}}'), "gitVersion"),
        ("terraform", "terraform version", Outcome(1, "", "error: bad\nconfig"), "error: bad"),
        ("aws", "aws --version", Outcome(127, "", ""), "exit code 127"),
        (
            "docker",
            "docker --version",
            Outcome(None, "", "could not be started: Exec format error"),
            "Exec format",
        ),
    ],
)
def test_a_tool_that_does_not_answer_is_there_but_noted(
    name: str, command: str, answer: Outcome, reason: str
) -> None:
    found = next(found for found in tool_checks(machine({**PRINTS, command: answer})) if found.name == name)
    assert found.status == "warn"
    assert f"/usr/bin/{name}, but it did not tell its version" in found.found
    assert reason in found.found
    assert f"{name} " in found.how_to_get


def test_a_version_on_standard_error_is_read_too() -> None:
    answer = Outcome(0, "", "aws-cli/1.16.0 Python/2.7")
    found = next(
        found for found in tool_checks(machine({**PRINTS, "aws --version": answer})) if found.name == "aws"
    )
    assert found.found == "1.16.0 (/usr/bin/aws)"


def docker(environment: dict[str, str] | None = None, **answers: str | Outcome) -> tuple[Check, list[str]]:
    calls: list[list[str]] = []
    prints = {**PRINTS, **{f"docker {key}": value for key, value in answers.items()}}
    found = tool_checks(machine(prints, calls, environment=environment or {}))
    asked = [" ".join(call[1:3]) for call in calls if call[0] == "/usr/bin/docker"]
    return next(check for check in found if check.name == "docker"), asked


def test_a_daemon_that_is_down_is_noted_with_how_to_start_it() -> None:
    found, _ = docker(version=Outcome(1, "\n", "Cannot connect to the Docker daemon\n"))
    assert found.status == "warn"
    assert found.found == (
        "client 28.4.0 (/usr/bin/docker), but its daemon does not answer: Cannot connect to the Docker daemon"
    )
    assert "systemctl start docker" in found.how_to_get


@pytest.mark.parametrize("host", ["tcp://10.0.0.1:2376", "ssh://build@example.org"])
def test_a_daemon_elsewhere_is_not_asked(host: str) -> None:
    for found, asked in (docker({"DOCKER_HOST": host}), docker(context=f"{host}\n")):
        assert found.status == "warn"
        assert f"its daemon is at {host} and was not asked" in found.found
        assert "version --format" not in asked


def test_a_local_socket_that_is_named_is_asked() -> None:
    found, asked = docker({"DOCKER_HOST": "unix:///run/user/1000/docker.sock"})
    assert found.status == "ok"
    assert "version --format" in asked
    assert "context inspect" not in asked


def test_an_old_client_without_contexts_is_asked_all_the_same() -> None:
    found, _ = docker(context=Outcome(1, "", "docker: 'context' is not a docker command"))
    assert found.status == "ok"
