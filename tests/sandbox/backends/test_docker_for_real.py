"""The journey of the docker backend with a real engine and kind: only where both are there, with the node image."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.doctor.machine import port_state
from eks_lab.sandbox.backends.commands import ProgramRunner
from eks_lab.sandbox.backends.docker.backend import Docker, Ports
from eks_lab.sandbox.backends.docker.kind import images
from eks_lab.sandbox.backends.docker.preflight import Surroundings
from eks_lab.sandbox.backends.interface import Cancel, Wishes, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory


def _why_not() -> str:
    """Return why it is not run for real here; empty when it is."""
    engine = next((each for each in ("docker", "podman") if shutil.which(each)), "")
    if not engine:
        return "neither docker nor podman is installed"
    for program in ("kind", "kubectl"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if subprocess.run([engine, "info"], capture_output=True, timeout=20, check=False).returncode:
        return f"the daemon of {engine} does not run"
    if not os.environ.get("EKS_LAB_TEST_DOCKER"):
        image = images().of(None)
        if subprocess.run(
            [engine, "image", "inspect", image], capture_output=True, timeout=20, check=False
        ).returncode:
            return "its images, more than 1 GB, are not on this machine; `make test-docker` pulls them"
    return next((f"port {each} is taken" for each in (4566, 4567) if port_state(each) == "taken"), "")


WHY_NOT = _why_not()
pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(bool(WHY_NOT), reason=f"not run for real here: {WHY_NOT}"),
]


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    """Bring the backend up, and take all of it away again."""
    directory = StateDirectory(tmp_path_factory.mktemp("docker") / "sandbox")
    directory.create()
    backend = Docker(directory, ProgramRunner(), Surroundings(os.environ), Ports())
    try:
        backend.up(Wishes(nodes=3), tell_nobody, Cancel())
        yield backend
    finally:
        leftovers = backend.down(purge=True, tell=tell_nobody)
        assert leftovers.is_clean, leftovers.left


def _said(docker: Docker, *words: str) -> str:
    own = docker.environment(os.environ)
    variables = {name: value for name, value in {**os.environ, **own}.items() if value or name not in own}
    return subprocess.run(
        words, env=variables, capture_output=True, text=True, timeout=120, check=True
    ).stdout


def test_three_ready_nodes_in_three_zones(docker: Docker) -> None:
    zones = _said(docker, "kubectl", "get", "nodes", "-L", "topology.kubernetes.io/zone", "--no-headers")
    assert {f"us-east-1{zone}" for zone in "abc"} <= set(zones.split())
    assert "NotReady" not in zones
    assert dict(docker.status().rows)["nodes"].startswith("3 of 3 ready")


def test_the_account_names_the_cluster(docker: Docker) -> None:
    import boto3

    own = docker.environment(os.environ)
    eks = boto3.client(
        "eks",
        endpoint_url=own["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=own["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=own["AWS_SECRET_ACCESS_KEY"],
    )
    assert eks.describe_cluster(name="lab")["cluster"]["endpoint"] == docker.status().kubernetes_url


def test_reset_empties_the_cluster(docker: Docker) -> None:
    _said(docker, "kubectl", "create", "namespace", "shop")
    docker.reset(Wishes(), tell_nobody, Cancel())
    assert "shop" not in _said(docker, "kubectl", "get", "namespaces")


def test_down_and_up_go_on_with_the_cluster(docker: Docker) -> None:
    _said(docker, "kubectl", "create", "namespace", "kept")
    docker.down(purge=False, tell=tell_nobody)
    assert not docker.status().running
    docker.up(Wishes(nodes=3), tell_nobody, Cancel())
    assert "kept" in _said(docker, "kubectl", "get", "namespaces")


def test_up_after_a_crash_finds_what_is_whole(docker: Docker, tmp_path: Path) -> None:
    from eks_lab.sandbox import launch

    launch.stop(docker._place.gateway)
    assert not docker.status().running
    assert docker.up(Wishes(nodes=3), tell_nobody, Cancel()).running
