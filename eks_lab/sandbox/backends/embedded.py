"""The default backend: our own daemon with the simulated account and clusters. It needs nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eks_lab.errors import DataError
from eks_lab.sandbox import client, environment, launch
from eks_lab.sandbox.backends import choice
from eks_lab.sandbox.backends.interface import (
    BackendStatus,
    Cancel,
    Finding,
    Leftovers,
    Plan,
    Step,
    Tell,
    Wishes,
    step,
)
from eks_lab.sandbox.backends.programs import program_capabilities
from eks_lab.sandbox.backends.registry import ENTRIES
from eks_lab.sandbox.process_lock import is_held
from eks_lab.sandbox.state_directory import StateDirectory

NAME = "embedded"
_OTHERS = {"docker": "docker", "aws": "own-account"}
"""Backend -> folder of its own below ours: it knows of containers, or of things that cost money, and is not ours to remove."""


class Embedded:
    """The daemon, started and asked."""

    name = NAME
    takes = frozenset({"nodes", "instance", "version", "seed", "speed", "port", "aws_port"})
    remembers: frozenset[str] = frozenset()

    def __init__(self, directory: StateDirectory) -> None:
        """Name the place.

        Args:
            directory: of the sandbox.
        """
        self._directory = directory

    def preflight(self) -> tuple[Finding, ...]:
        """Return nothing: all it needs came with the program."""
        return ()

    def plan(self, wishes: Wishes) -> Plan:
        """Return what is made: a process on loopback."""
        return Plan(
            (("account", "simulated"),), (f"a process on 127.0.0.1 with its files in {self._directory.root}",)
        )

    def up(self, wishes: Wishes, tell: Tell, cancel: Cancel, consent: str = "") -> BackendStatus:
        """Start the daemon, or find that it runs.

        Raises:
            EksLabError: it cannot run as wished.
        """
        cancel.check()
        tell(Step("daemon", "Start the sandbox process", "begun"))
        document, is_started = launch.start(self._directory, wishes.said())
        if not is_started and wishes.speed is not None:
            document = client.required(self._directory).set_speed(wishes.speed)
        tell(Step("daemon", "Start the sandbox process", "done"))
        return self._status(document, was_started=is_started)

    def status(self) -> BackendStatus:
        """Return what runs."""
        process = client.running(self._directory)
        if process is None:
            return BackendStatus(name=NAME, running=False, document={"directory": str(self._directory.root)})
        return self._status(client.Client(self._directory, process).status(), was_started=False)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a learner's shell; an empty value means: to be unset."""
        return environment.environment(self._directory, inherited)

    def reset(self, wishes: Wishes, tell: Tell, cancel: Cancel) -> BackendStatus:
        """Begin a new world; what is kept of one that does not run goes.

        Raises:
            EksLabError: an option cannot be had.
        """
        process = client.running(self._directory)
        if process is None:
            launch.forget(self._directory)
            return self.status()
        tell(Step("reset", "Begin a new world", "begun"))
        document = client.Client(self._directory, process).reset(**wishes.said())
        tell(Step("reset", "Begin a new world", "done"))
        return self._status(document, was_started=False)

    def down(self, *, purge: bool, tell: Tell) -> Leftovers:
        """Stop the daemon; its state stays, unless it is purged.

        Raises:
            EksLabError: it cannot be stopped, or its files cannot be removed.
        """
        was_running = launch.stop(self._directory)
        root = self._directory.root
        if not purge:
            kept = (f"state in {root}",) if self._directory.account.exists() else ()
            return Leftovers(was_running, kept=kept)
        with step(tell, "purge", "Remove the sandbox's files"):
            self._remove()
        left = ["a sandbox process"] if is_held(self._directory.lock) else []
        left += [f"file {each}" for each in self._own()]
        others = tuple(
            f"what the backend {name} has: eks-lab sandbox up --backend {name}, then down --purge"
            for name, folder in _OTHERS.items()
            if (root / folder).exists()
        )
        looked_at = (f"folder {root}", "the lock of the sandbox process")
        return Leftovers(was_running, tuple(left), kept=others, looked_at=looked_at)

    def _own(self) -> list[Path]:
        """Return what is in the folder but what other backends keep there: it says where their things are."""
        root = self._directory.root
        if not root.is_dir():
            return []
        kept = {*_OTHERS.values(), choice.path_of(self._directory).name}
        return sorted(each for each in root.iterdir() if each.name not in kept)

    def _remove(self) -> None:
        root = self._directory.root
        try:
            for each in self._own():
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each)
                else:
                    each.unlink()
            if root.is_dir() and not any((root / name).exists() for name in _OTHERS.values()):
                shutil.rmtree(root)
        except OSError as error:
            raise DataError(f"{root}: cannot be removed: {error.strerror or error}") from error

    def _status(self, found: Mapping[str, Any], *, was_started: bool) -> BackendStatus:
        settings, pods, nodes = found["options"], found["pods"], found["nodes"]
        phases = ", ".join(f"{count} {phase}" for phase, count in pods["phases"].items())
        rows = (
            ("process", str(found["pid"])),
            ("API server", found["server"]),
            ("kubeconfig", found["kubeconfig"]),
            ("AWS API", f"{found['aws']}, account {found['account']}"),
            ("clusters", ", ".join(found["clusters"])),
            ("Kubernetes", settings["version"]),
            ("nodes", f"{nodes['ready']} of {nodes['all']} ready, {settings['instance']}"),
            ("pods", f"{pods['all']}{f' ({phases})' if phases else ''}"),
            ("time", f"{found['now'][:19].replace('T', ' ')} UTC, at {found['speed']}"),
            ("seed", str(settings["seed"])),
        )
        return BackendStatus(
            name=NAME,
            running=True,
            capabilities=ENTRIES[NAME].capabilities | program_capabilities(),
            kubernetes_url=found["server"],
            kubeconfig=self._directory.kubeconfig,
            aws_url=found["aws"],
            account=found["account"],
            region="us-east-1",
            rows=rows,
            notices=tuple(found["notices"]),
            was_started=was_started,
            document=found,
        )


def make(directory: StateDirectory) -> Embedded:
    """Return the backend of a directory."""
    return Embedded(directory)
