"""The backends by name, each imported only when it is asked for, and what each can carry."""

from __future__ import annotations

import importlib
from collections.abc import Collection
from dataclasses import dataclass

from eks_lab.errors import InputError
from eks_lab.sandbox.backends import choice
from eks_lab.sandbox.backends.interface import PROGRAMS, Backend
from eks_lab.sandbox.state_directory import StateDirectory


@dataclass(frozen=True, slots=True)
class Entry:
    """One backend, without importing it."""

    module: str
    """Has `make(directory) -> Backend`."""
    title: str
    """In a few words."""
    capabilities: frozenset[str]
    """What it can do on a machine that has all programs."""


ENTRIES: dict[str, Entry] = {
    "embedded": Entry(
        "eks_lab.sandbox.backends.embedded",
        "the simulated account and cluster, in our own process",
        frozenset(
            {
                "cluster", "account", "writable", "reset", "simulated-time", "snapshots", "history", "eks-api",
                "clusters", "node-groups", "vpc-cni", "iam-decides", "pod-identity", "load-balancers", "images", "faults",
                "billing",
            }
        ),
    ),
    "docker": Entry(
        "eks_lab.sandbox.backends.docker.backend",
        "a real Kubernetes (kind) and LocalStack, in containers",
        frozenset({"cluster", "account", "writable", "reset", "eks-api"}),
    ),
    "aws": Entry(
        "eks_lab.sandbox.backends.aws.backend",
        "your own AWS account",
        frozenset(
            {
                "cluster", "account", "writable", "eks-api", "clusters", "node-groups", "vpc-cni", "iam-decides",
                "pod-identity", "load-balancers", "billing",
            }
        ),
    ),
}  # fmt: skip
"""In the order in which they are offered: the cheapest first."""


def backend(name: str, directory: StateDirectory) -> Backend:
    """Return a backend.

    Args:
        name: `embedded`, `docker` or `aws`.
        directory: of the sandbox; a backend keeps its own files below it.

    Raises:
        InputError: there is no such backend.
    """
    if name not in ENTRIES:
        raise InputError(f"--backend: there is no {name!r}", hint=f"There are: {', '.join(ENTRIES)}.")
    made: Backend = importlib.import_module(ENTRIES[name].module).make(directory)
    return made


def present(directory: StateDirectory) -> Backend:
    """Return the backend that the learner has chosen.

    Raises:
        DataError: the choice cannot be read.
    """
    return backend(choice.read(directory).backend, directory)


def carrying(needed: Collection[str]) -> list[str]:
    """Return the names of the backends that can do all of this, the cheapest first."""
    wanted = set(needed) - set(PROGRAMS)
    return [name for name, entry in ENTRIES.items() if wanted <= entry.capabilities]
