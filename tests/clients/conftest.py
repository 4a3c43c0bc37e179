"""One sandbox for all tests of other people's clients: the real process, over TLS, with a kubeconfig."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.packages import client, config, watch

SPEED = "60x"
"""So fast pods start; what waits for simulated time is over soon."""
HERE = Path(__file__).parent
_NUMBERS = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the clients leave connections for the garbage collector: that is between them and their users."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    """Collect what a client left, so that no later test is told about it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="package")
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
        timeout=120,
    )
    try:
        yield home / "data" / "sandbox" / "kubeconfig"
    finally:
        subprocess.run([*program, "down"], env=environment, check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="package")
def api_client(kubeconfig: Path) -> Iterator[Any]:
    """Return the `kubernetes` package's client of that sandbox."""
    made = config.new_client_from_config(config_file=str(kubeconfig))
    yield made
    made.close()


@pytest.fixture
def core(api_client: Any) -> Any:
    """Return the calls of the core group."""
    return client.CoreV1Api(api_client)


@pytest.fixture
def apps(api_client: Any) -> Any:
    """Return the calls of the group apps."""
    return client.AppsV1Api(api_client)


@pytest.fixture
def namespace(core: Any) -> Iterator[str]:
    """Return a namespace for one test."""
    name = f"test-{next(_NUMBERS)}"
    core.create_namespace({"metadata": {"name": name}})
    # Controllers make these a moment later, and without the account no pod is let in.
    for listing, wanted in (
        (core.list_namespaced_service_account, "default"),
        (core.list_namespaced_config_map, "kube-root-ca.crt"),
    ):
        watching = watch.Watch()
        for event in watching.stream(listing, name, timeout_seconds=60):
            if event["object"].metadata.name == wanted:
                watching.stop()
    yield name
    core.delete_namespace(name)
