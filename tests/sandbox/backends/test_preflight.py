"""What the docker backend looks at before it makes anything."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sandbox.backends.commands import Exchange, Outcome, RecordedRunner, UnexpectedCommandError
from eks_lab.sandbox.backends.docker import preflight
from eks_lab.sandbox.backends.docker.backend import Docker, Ports
from eks_lab.sandbox.backends.docker.kind import version_of
from eks_lab.sandbox.backends.docker.place import DockerPlace
from eks_lab.sandbox.backends.interface import Finding
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.conftest import GIB, surroundings
from tests.sandbox.backends.fake_machine import DOWN, NO_COMPOSE, FakeMachine


def look(machine: FakeMachine, directory: StateDirectory, **changed: Any) -> dict[str, Finding]:
    docker = Docker(directory, machine, surroundings(**changed), Ports(4567))
    return {each.name: each for each in docker.preflight()}


def test_all_is_well(machine: FakeMachine, directory: StateDirectory) -> None:
    found = look(machine, directory)
    assert {each.status for each in found.values()} == {"ok"}
    assert {
        "docker",
        "memory",
        "kind",
        "kubectl",
        "compose",
        "disk",
        "port 4566",
        "port 4567",
        "licence",
    } == set(found)
    assert machine.things == []
    assert not (directory.root / "docker").exists()


@pytest.mark.parametrize(
    ("change", "name", "status", "says"),
    [
        ({"programs": ()}, "docker", "missing", "neither docker nor podman is installed"),
        ({"is_engine_up": False}, "docker", "missing", "the container engine does not run"),
        (
            {"failures": {"docker info": Outcome(1, "", "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock\n")}},
            "docker", "missing", "may not talk to the container engine",
        ),
        ({"hangs": {"docker info"}}, "docker", "missing", "did not end within"),
        ({"programs": ("docker", "kubectl")}, "kind", "missing", "is not installed"),
        ({"kind_version": "kind v0.20.0 go1.20.4 linux/amd64\n"}, "kind", "missing", "v0.20.0 is too old, v0.31.0 is needed"),
        ({"kind_version": "what?\n"}, "kind", "missing", "does not say its version"),
        ({"programs": ("docker", "kind")}, "kubectl", "missing", "is not installed"),
        ({"failures": {"docker compose version": Outcome(1, "", NO_COMPOSE)}}, "compose", "missing", "docker has no compose"),
        ({"memory": 2 * GIB}, "memory", "missing", "2.0 GiB"),
        ({"memory": 4 * GIB}, "memory", "warn", "4.0 GiB"),
        ({"memory": 0}, "memory", "warn", "does not say"),
    ],
)  # fmt: skip
def test_what_the_programs_lack(
    machine: FakeMachine, directory: StateDirectory, change: dict[str, Any], name: str, status: str, says: str
) -> None:
    for field, value in change.items():
        setattr(machine, field, value)
    found = look(machine, directory)[name]
    assert found.status == status
    assert says in found.found
    assert found.next_step


def test_disk_ports_and_licence(machine: FakeMachine, directory: StateDirectory) -> None:
    found = look(
        machine,
        directory,
        free_bytes=lambda path: 3 * GIB,
        port_state=lambda port: "taken",
        environment={"LOCALSTACK_AUTH_TOKEN": "ls-secret"},
    )
    assert found["disk"].status == "missing"
    assert found["port 4567"].status == "missing"
    assert "LocalStack" in found["port 4567"].found
    assert found["port 4566"].status == "warn"
    assert "takes a free one" in found["port 4566"].found
    assert "passed on" in found["licence"].found
    assert not any("ls-secret" in each.found for each in found.values())


def test_the_free_edition_says_what_is_missing(machine: FakeMachine, directory: StateDirectory) -> None:
    said = look(machine, directory)["licence"].found
    assert "free edition" in said
    assert "ELBv2" in said


REAL_INFO = Outcome(
    1,
    'Client:\n Version:    28.2.2\n Context:    default\n Debug Mode: false\n\nServer:\n',
    DOWN,
)  # fmt: skip


def test_the_recorded_machine_without_a_daemon(directory: StateDirectory) -> None:
    """The whole preflight as it went on a machine with docker's client, without its daemon, compose and kind."""
    runner = RecordedRunner(
        [
            Exchange(("docker", "info", "--format", "{{json .}}"), REAL_INFO),
            Exchange(("docker", "compose", "version"), Outcome(1, "", NO_COMPOSE)),
        ],
        programs=("docker", "kubectl"),
    )
    found = preflight.look(runner, surroundings(), DockerPlace(directory), {4566: "the door to AWS"})
    assert runner.left == []
    assert [(each.name, each.status) for each in found] == [
        ("docker", "missing"),
        ("kind", "missing"),
        ("kubectl", "ok"),
        ("compose", "missing"),
        ("disk", "ok"),
        ("port 4566", "ok"),
        ("licence", "ok"),
    ]


def test_a_recording_refuses_what_it_does_not_have() -> None:
    runner = RecordedRunner([Exchange(("docker", "ps"))], programs=("docker",))
    with pytest.raises(UnexpectedCommandError, match="docker ps"):
        runner.run(("docker", "info"))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("kind v0.33.0 go1.26.2 linux/amd64", (0, 33, 0)),
        ("kind version 0.9.0-alpha+x", (0, 9, 0)),
        ("", None),
    ],
)
def test_versions(text: str, version: tuple[int, ...] | None) -> None:
    assert version_of(text) == version
