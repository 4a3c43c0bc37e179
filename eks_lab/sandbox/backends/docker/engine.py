"""docker or podman, through its command line: what runs of ours, and how it goes away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eks_lab.errors import UnavailableError
from eks_lab.sandbox.backends.commands import Outcome, Runner, TakeLine
from eks_lab.sandbox.backends.docker.explanation import explained
from eks_lab.sandbox.backends.docker.place import COMPOSE_LABEL, KIND_LABEL, DockerPlace
from eks_lab.sandbox.backends.interface import Cancel

PROGRAMS = ("docker", "podman")
PULL_SECONDS = 1800.0
STOP_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What an engine says of itself."""

    version: str
    """Of the server."""
    memory_bytes: int
    """That containers can have; 0: it does not say."""
    cpus: int


@dataclass(frozen=True, slots=True)
class Container:
    """One container of ours."""

    name: str
    state: str
    """`running`, `exited`, `created`, …"""


class Engine:
    """A container engine."""

    def __init__(self, runner: Runner, program: str) -> None:
        """Name it.

        Args:
            runner: runs its command line.
            program: `docker` or `podman`.
        """
        self._runner = runner
        self.program = program

    def _run(self, *arguments: str, what: str, seconds: float = 30.0) -> Outcome:
        outcome = self._runner.run((self.program, *arguments), timeout_seconds=seconds)
        if outcome.code != 0:
            raise explained(what, outcome)
        return outcome

    def facts(self) -> Facts:
        """Return what the engine says of itself.

        Raises:
            EksLabError: it does not run, or may not be asked.
        """
        outcome = self._run("info", "--format", "{{json .}}", what=f"ask {self.program}")
        try:
            document: dict[str, Any] = json.loads(outcome.out)
        except ValueError as error:
            raise UnavailableError(f"{self.program} info: its answer is no JSON") from error
        # docker: https://docs.docker.com/reference/api/engine (SystemInfo); podman: `podman info`.
        host, version = document.get("host") or {}, document.get("version") or {}
        return Facts(
            str(document.get("ServerVersion") or version.get("Version") or ""),
            int(document.get("MemTotal") or host.get("memTotal") or 0),
            int(document.get("NCPU") or host.get("cpus") or 0),
        )

    def has_image(self, image: str) -> bool:
        """Say whether an image is on this machine."""
        done = self._runner.run((self.program, "image", "inspect", "--format", "{{.Id}}", image))
        return done.code == 0

    def pull(self, image: str, cancel: Cancel, line: TakeLine) -> None:
        """Bring an image to this machine.

        Raises:
            StoppedError: it was cancelled; layers that are there stay.
            EksLabError: it cannot be had.
        """
        outcome = self._runner.run(
            (self.program, "pull", image), timeout_seconds=PULL_SECONDS, cancel=cancel, line=line
        )
        if outcome.code != 0:
            raise explained(f"pull {image}", outcome)

    def containers(self, label: str, value: str) -> list[Container]:
        """Return the containers with a label, running or not, in order."""
        outcome = self._run(
            "ps", "--all", "--filter", f"label={label}={value}", "--format", "{{.Names}}\t{{.State}}",
            what="list containers",
        )  # fmt: skip
        rows = (line.split("\t") for line in outcome.out.splitlines() if "\t" in line)
        return sorted((Container(name, state.lower()) for name, state in rows), key=lambda each: each.name)

    def start(self, names: Sequence[str]) -> None:
        """Start containers that are there."""
        if names:
            self._run("start", *names, what="start the nodes", seconds=STOP_SECONDS)

    def stop(self, names: Sequence[str]) -> None:
        """Stop containers and keep them."""
        if names:
            self._run("stop", *names, what="stop the nodes", seconds=STOP_SECONDS)

    def remove(self, names: Sequence[str]) -> None:
        """Remove containers with the volumes that are theirs alone."""
        if names:
            self._run("rm", "--force", "--volumes", *names, what="remove containers", seconds=STOP_SECONDS)

    def named(self, kind: str, name: str) -> list[str]:
        """Return the networks or volumes whose name begins with one of ours.

        Args:
            kind: `network` or `volume`.
            name: the beginning; the engine's own filter would find it anywhere in a name.
        """
        outcome = self._run(
            kind, "ls", "--filter", f"name={name}", "--format", "{{.Name}}", what=f"list {kind}s"
        )
        return sorted(line.strip() for line in outcome.out.splitlines() if line.strip().startswith(name))

    def remove_named(self, kind: str, names: Sequence[str]) -> None:
        """Remove networks or volumes."""
        if names:
            self._run(kind, "rm", *names, what=f"remove {kind}s")

    def ours(self, place: DockerPlace) -> list[str]:
        """Return everything of a sandbox that is still there, one line a thing."""
        containers = {
            each.name: each
            for label in (KIND_LABEL, COMPOSE_LABEL)
            for each in self.containers(label, place.name)
        }
        return [
            *(f"container {name}" for name in sorted(containers)),
            *(f"{kind} {name}" for kind in ("network", "volume") for name in self.named(kind, place.name)),
        ]


def chosen(runner: Runner, place: DockerPlace) -> Engine | None:
    """Return the engine of a sandbox: the one it was made with, else docker when it is installed, else podman, else None.

    Args:
        runner: runs its command line.
        place: of the sandbox.

    Raises:
        UnavailableError: it was made with one that is not installed any more.
    """
    try:
        made_with = place.engine.read_text().strip()
    except OSError:
        made_with = ""
    if made_with in PROGRAMS and not runner.find(made_with):
        raise UnavailableError(
            f"the containers of the sandbox were made with {made_with}, which is not installed any more",
            hint=f"Install it again; or remove {place.root}, and the containers by hand.",
        )
    for program in (made_with, *PROGRAMS):
        if program in PROGRAMS and runner.find(program):
            return Engine(runner, program)
    return None
