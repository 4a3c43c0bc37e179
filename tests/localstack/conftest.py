"""A real LocalStack on a free port, our door before it, and the embedded sandbox to compare with.

`make test-localstack` makes the environment and names its Python; without it, nothing here is collected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.sandbox import client, launch
from eks_lab.sandbox.backends.docker import seeding
from eks_lab.sandbox.state_directory import StateDirectory
from tests.localstack.running import PYTHON, RealLocalStack

collect_ignore_glob = [] if os.environ.get(PYTHON) else ["test_*.py"]
REGION = "us-east-1"


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealLocalStack]:
    """Run LocalStack for the whole session."""
    with RealLocalStack(tmp_path_factory.mktemp("localstack")) as running:
        yield running


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory, localstack: RealLocalStack) -> Iterator[StateDirectory]:
    """Run the daemon as the docker backend does; only the kind cluster is missing."""
    directory = StateDirectory(_folder(tmp_path_factory, "door"))
    registered = {"server": "https://127.0.0.1:40123", "authority": "Q0E="}
    wishes = {"nodes": 0, "port": 0, "aws_port": 0, "localstack": localstack.url, "registered": registered}
    launch.start(directory, wishes)
    sandbox = client.required(directory)
    account = sandbox.status()["account"]
    seeding.seed(seeding.asking(sandbox.lab), localstack.url.removeprefix("http://"), account, REGION)
    yield directory
    launch.stop(directory)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StateDirectory]:
    """Run the default backend, on which every lesson block is known to work."""
    directory = StateDirectory(_folder(tmp_path_factory, "embedded"))
    launch.start(directory, {"port": 0, "aws_port": 0})
    yield directory
    launch.stop(directory)


def _folder(factory: pytest.TempPathFactory, name: str) -> Path:
    return factory.mktemp(name) / "sandbox"
