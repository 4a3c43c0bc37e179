"""A place for a docker backend on a machine that is only described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.sandbox import client, launch
from eks_lab.sandbox.backends.docker.backend import Docker, Ports
from eks_lab.sandbox.backends.docker.preflight import Surroundings
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.fake_machine import FakeLocalStack, FakeMachine

GIB = 1024**3


@pytest.fixture
def localstack() -> Iterator[FakeLocalStack]:
    """Answer as LocalStack does, on loopback."""
    fake = FakeLocalStack()
    yield fake
    fake.close()


@pytest.fixture
def machine(localstack: FakeLocalStack) -> FakeMachine:
    """Return a machine that has everything."""
    return FakeMachine(localstack=localstack)


def surroundings(**changed: object) -> Surroundings:
    """Return a machine with space and free ports."""
    found = {
        "environment": {},
        "free_bytes": lambda path: 100 * GIB,
        "port_state": lambda port: "free",
        **changed,
    }
    return Surroundings(**found)  # type: ignore[arg-type]


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    """Return the folder of a sandbox."""
    found = StateDirectory(tmp_path / "sandbox")
    found.create()
    return found


@pytest.fixture
def docker(directory: StateDirectory, machine: FakeMachine, localstack: FakeLocalStack) -> Docker:
    """Return the docker backend on the described machine."""
    return Docker(directory, machine, surroundings(), Ports(localstack.port, 0))


class FakeGateway:
    """Stands for our daemon where a test is about the containers."""

    def __init__(self) -> None:
        self.wishes: dict[str, object] | None = None
        self.resets = 0

    def start(self, directory: StateDirectory, wishes: dict[str, object]) -> tuple[dict[str, object], bool]:
        """Remember what was asked for."""
        self.wishes = wishes
        return self.status(), True

    def stop(self, directory: StateDirectory) -> bool:
        """End it."""
        was_running = self.wishes is not None
        self.wishes = None
        return was_running

    def running(self, directory: StateDirectory) -> object | None:
        """Say whether it runs."""
        return self if self.wishes is not None else None

    def status(self) -> dict[str, object]:
        """Answer as the daemon does."""
        assert self.wishes is not None
        registered = self.wishes["registered"]
        assert isinstance(registered, dict)
        return {"aws": "http://127.0.0.1:4566", "account": "123456789012", "server": registered["server"]}

    def reset(self) -> None:
        """Begin anew."""
        self.resets += 1


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    """Put a fake in the place of our daemon, and seed nothing."""
    fake = FakeGateway()
    monkeypatch.setattr(launch, "start", fake.start)
    monkeypatch.setattr(launch, "stop", fake.stop)
    monkeypatch.setattr(client, "running", fake.running)
    monkeypatch.setattr(client, "required", lambda directory: fake)
    monkeypatch.setattr(client, "Client", lambda directory, process: fake)
    monkeypatch.setattr(Docker, "_seed", lambda self, localstack: None)
    return fake
