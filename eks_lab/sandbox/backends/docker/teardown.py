"""Stops a docker sandbox, or removes it and proves that nothing of it is left: by label and by name, never by guess."""

from __future__ import annotations

import shutil

from eks_lab.errors import DataError, UnavailableError
from eks_lab.sandbox.backends.docker.engine import Engine
from eks_lab.sandbox.backends.docker.kind import Kind
from eks_lab.sandbox.backends.docker.localstack import LocalStack
from eks_lab.sandbox.backends.docker.place import COMPOSE_LABEL, KIND_LABEL, DockerPlace
from eks_lab.sandbox.backends.interface import Leftovers, Step, Tell, step


def stop(
    engine: Engine, kind: Kind, localstack: LocalStack, place: DockerPlace, tell: Tell, *, was_running: bool
) -> Leftovers:
    """Stop all containers and keep them.

    Args:
        engine: that has them.
        kind: the cluster.
        localstack: the other half.
        place: their name.
        tell: takes each step.
        was_running: whether our own process was.

    Raises:
        EksLabError: the engine does not answer, or a container does not stop.
    """
    states = kind.node_states()
    running = [name for name, state in states.items() if state == "running"]
    with step(tell, "stop", "Stop the containers"):
        engine.stop(running)
        if engine.containers(COMPOSE_LABEL, place.name):
            localstack.stop()
    kept = (f"kind cluster {place.name} ({len(states)} containers, stopped)",) if states else ()
    return Leftovers(was_running or bool(running), kept=kept)


def purge(
    engine: Engine,
    kind: Kind | None,
    localstack: LocalStack,
    place: DockerPlace,
    tell: Tell,
    *,
    was_running: bool,
) -> Leftovers:
    """Remove everything, then ask the engine what is left.

    Args:
        engine: that has the containers.
        kind: the cluster; None when the program is not there any more: its nodes are removed one by one.
        localstack: the other half.
        place: their name.
        tell: takes each step.
        was_running: whether our own process was.

    Raises:
        EksLabError: the engine does not answer, or something cannot be removed.
    """
    with step(tell, "remove-cluster", "Remove the cluster"):
        if kind is not None and kind.node_states():
            kind.delete()
        engine.remove([each.name for each in engine.containers(KIND_LABEL, place.name)])
    with step(tell, "remove-localstack", "Remove LocalStack"):
        if engine.containers(COMPOSE_LABEL, place.name):
            # Compose may be gone, or half its work undone: what it leaves is removed by name below.
            try:
                localstack.remove()
            except UnavailableError as error:
                tell(Step("remove-localstack", "Remove LocalStack", "going", error.message))
        engine.remove([each.name for each in engine.containers(COMPOSE_LABEL, place.name)])
    with step(tell, "remove-rest", "Remove networks, volumes and files"):
        for what in ("network", "volume"):
            engine.remove_named(what, engine.named(what, place.name))
        remove_files(place)
    left = engine.ours(place)
    if place.root.exists():
        left.append(f"folder {place.root}")
    return Leftovers(
        was_running,
        tuple(left),
        kept=("the pulled images: other programs may use them",),
        looked_at=(
            f"containers with the label {KIND_LABEL}={place.name}",
            f"containers with the label {COMPOSE_LABEL}={place.name}",
            f"networks and volumes whose name begins with {place.name}",
            f"folder {place.root}",
        ),
    )


def remove_files(place: DockerPlace) -> None:
    """Remove the folder of everything that the backend wrote.

    Raises:
        DataError: it cannot be removed.
    """
    try:
        if place.root.exists():
            shutil.rmtree(place.root)
    except OSError as error:
        raise DataError(f"{place.root}: cannot be removed: {error.strerror or error}") from error
