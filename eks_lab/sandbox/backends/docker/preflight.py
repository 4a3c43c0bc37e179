"""Looks at what the docker backend needs: engine, kind, kubectl, compose, memory, disk, ports, licence. Changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eks_lab.doctor.machine import port_state
from eks_lab.doctor.model import PortState
from eks_lab.errors import EksLabError
from eks_lab.sandbox.backends.commands import CommandTimeoutError, Runner
from eks_lab.sandbox.backends.docker import kind
from eks_lab.sandbox.backends.docker.engine import Engine, Facts, chosen
from eks_lab.sandbox.backends.docker.place import DockerPlace
from eks_lab.sandbox.backends.interface import Finding

GIB = 1024**3
LEAST_MEMORY = 3 * GIB
ENOUGH_MEMORY = 5 * GIB
"""Four node containers take about 3 GiB, LocalStack half a GiB more."""
LEAST_DISK = 4 * GIB
ENOUGH_DISK = 10 * GIB
"""The two images take about 2.5 GiB unpacked."""
TOKEN = "LOCALSTACK_AUTH_TOKEN"
DOOR = "the door to AWS"
"""What the port is for that may be another one."""
_GET_ENGINE = "Install docker (https://docs.docker.com/engine/install/) or podman (https://podman.io/docs/installation)."
_GET_KIND = "Install kind: https://kind.sigs.k8s.io/docs/user/quick-start/#installation"
_GET_KUBECTL = "Install kubectl: https://kubernetes.io/docs/tasks/tools/, or pip install 'eks-lab[tools]'"
_GET_COMPOSE = "Install compose: https://docs.docker.com/compose/install/ (podman: podman-compose)."


def _free_bytes(path: Path) -> int:
    existing = next(each for each in (path, *path.parents) if each.exists())
    return shutil.disk_usage(existing).free


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the machine is asked without a command line; tests bring their own."""

    environment: Mapping[str, str]
    free_bytes: Callable[[Path], int] = _free_bytes
    port_state: Callable[[int], PortState] = port_state


def look(
    runner: Runner, around: Surroundings, place: DockerPlace, ports: Mapping[int, str]
) -> tuple[Finding, ...]:
    """Return what is there and what is missing.

    Args:
        runner: runs command lines.
        around: the rest of the machine.
        place: of the sandbox.
        ports: that have to be free, and what for; those of a sandbox that runs are left out.
    """
    engine = chosen(runner, place)
    if engine is None:
        found = [Finding("docker", "missing", "neither docker nor podman is installed", _GET_ENGINE)]
    else:
        found = _engine_findings(runner, engine)
    found += [_kind(runner), _kubectl(runner)]
    if engine is not None:
        found.append(_compose(runner, engine))
    found.append(_disk(around, place.root))
    found += [_port(around, port, purpose) for port, purpose in ports.items()]
    found.append(_licence(around))
    return tuple(found)


def _engine_findings(runner: Runner, engine: Engine) -> list[Finding]:
    try:
        facts = engine.facts()
    except CommandTimeoutError as error:
        return [Finding(engine.program, "missing", error.message, f"Restart {engine.program}: it hangs.")]
    except EksLabError as error:
        return [Finding(engine.program, "missing", error.message, error.hint)]
    return [Finding(engine.program, "ok", facts.version or "runs"), _memory(engine, facts)]


def _memory(engine: Engine, facts: Facts) -> Finding:
    found = f"{facts.memory_bytes / GIB:.1f} GiB for containers"
    more = f"Give {engine.program} at least {ENOUGH_MEMORY // GIB} GiB, or ask for fewer --nodes."
    if not facts.memory_bytes:
        return Finding("memory", "warn", f"{engine.program} does not say how much containers may have", more)
    if facts.memory_bytes < LEAST_MEMORY:
        return Finding("memory", "missing", found, more)
    return Finding("memory", "warn" if facts.memory_bytes < ENOUGH_MEMORY else "ok", found, more)


def _kind(runner: Runner) -> Finding:
    if not runner.find("kind"):
        return Finding("kind", "missing", "is not installed", _GET_KIND)
    outcome = runner.run(("kind", "version"))
    version = kind.version_of(outcome.out)
    oldest = kind.images().oldest_kind
    if version is None:
        return Finding("kind", "missing", f"does not say its version: {outcome.last_error}", _GET_KIND)
    text = "v" + ".".join(map(str, version))
    if version < oldest:
        needed = "v" + ".".join(map(str, oldest))
        return Finding("kind", "missing", f"{text} is too old, {needed} is needed", _GET_KIND)
    return Finding("kind", "ok", text)


def _kubectl(runner: Runner) -> Finding:
    if not runner.find("kubectl"):
        return Finding("kubectl", "missing", "is not installed", _GET_KUBECTL)
    return Finding("kubectl", "ok", "is installed")


def _compose(runner: Runner, engine: Engine) -> Finding:
    outcome = runner.run((engine.program, "compose", "version"))
    version = kind.version_of(outcome.out)
    if outcome.code != 0 or version is None:
        return Finding("compose", "missing", f"{engine.program} has no compose", _GET_COMPOSE)
    return Finding("compose", "ok", "v" + ".".join(map(str, version)))


def _disk(around: Surroundings, root: Path) -> Finding:
    free = around.free_bytes(root)
    found = f"{free / GIB:.1f} GiB free"
    more = f"Free some space: the images and nodes want {ENOUGH_DISK // GIB} GiB."
    if free < LEAST_DISK:
        return Finding("disk", "missing", found, more)
    return Finding("disk", "warn" if free < ENOUGH_DISK else "ok", found, more)


def _port(around: Surroundings, port: int, purpose: str) -> Finding:
    if around.port_state(port) != "taken":
        return Finding(f"port {port}", "ok", "is free")
    if purpose == DOOR:
        return Finding(
            f"port {port}",
            "warn",
            f"is taken; {purpose} takes a free one",
            "awslocal and tflocal look for 4566; choose a port with --aws-port.",
        )
    return Finding(
        f"port {port}",
        "missing",
        f"is taken; it is to be {purpose}",
        f"Stop what listens on {port}: another LocalStack, another sandbox.",
    )


def _licence(around: Surroundings) -> Finding:
    if around.environment.get(TOKEN):
        return Finding("licence", "ok", f"{TOKEN} is set and passed on to LocalStack")
    return Finding(
        "licence",
        "ok",
        "the free edition: EKS comes from the simulated account, ELBv2, EFS, ECR and Auto Scaling from nobody",
    )
