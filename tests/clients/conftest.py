"""One sandbox for all tests of other people's clients: the real process, over TLS, with a kubeconfig."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client, config

SPEED = "60x"
"""So fast pods start; what waits for simulated time is over soon."""
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the kubeconfig of a sandbox that runs while the tests do."""
    home = tmp_path_factory.mktemp("sandbox")
    environment = {**os.environ, "EKS_LAB_HOME": str(home)}
    program = [sys.executable, "-m", "eks_lab", "sandbox"]
    subprocess.run(
        [*program, "up", "--nodes", "2", "--speed", SPEED],
        env=environment,
        check=True,
        capture_output=True,
        timeout=60,
    )
    try:
        yield home / "data" / "sandbox" / "kubeconfig"
    finally:
        subprocess.run([*program, "down"], env=environment, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def api_client(kubeconfig: Path) -> Iterator[client.ApiClient]:
    """Return the `kubernetes` package's client of that sandbox."""
    made = config.new_client_from_config(config_file=str(kubeconfig))
    yield made
    made.close()


@pytest.fixture
def core(api_client: client.ApiClient) -> client.CoreV1Api:
    """Return the calls of the core group."""
    return client.CoreV1Api(api_client)


@pytest.fixture
def apps(api_client: client.ApiClient) -> client.AppsV1Api:
    """Return the calls of the group apps."""
    return client.AppsV1Api(api_client)


@pytest.fixture
def namespace(core: client.CoreV1Api) -> Iterator[str]:
    """Return a namespace for one test."""
    name = f"test-{next(_NUMBERS)}"
    core.create_namespace({"metadata": {"name": name}})
    yield name
    core.delete_namespace(name)
