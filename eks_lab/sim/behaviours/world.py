"""What a process may ask about the cluster around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """What an HTTP request got."""

    status: int = 0
    """0 when there was no connection."""
    body: str = ""
    error: str = ""
    """unresolved, refused, timeout, or empty."""
    content_type: str = "text/html"
    """Of the body."""


NO_CREDENTIALS = (
    253,
    "",
    '\nUnable to locate credentials. You can configure credentials by running "aws configure".\n',
)
"""Exit code and output of the aws CLI when its whole credential chain finds nothing."""


class World(Protocol):
    """The network and the cloud as one pod sees them."""

    def fetch(self, host: str, port: int, path: str) -> Reply:
        """Send a GET request."""
        ...

    def resolve(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return the full name and the addresses of a DNS name; no addresses when there is none."""
        ...

    def connects(self, host: str, port: int) -> bool:
        """Say whether something listens."""
        ...

    def aws(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        read: Callable[[str], str | None],
    ) -> tuple[int, str, str]:
        """Run an `aws …` command line with the credentials that the SDK's chain finds inside the container.

        Args:
            arguments: after the word `aws`.
            environment: of the process.
            read: path -> content of a file of the container (tokens, `~/.aws`); None when there is none.

        Returns:
            Exit code, standard output, standard error, as the aws CLI prints them.
        """
        ...


class NoWorld:
    """A network in which nothing answers."""

    def fetch(self, host: str, port: int, path: str) -> Reply:
        """Return that the name is unknown."""
        return Reply(error="unresolved")

    def resolve(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return no address."""
        return name, ()

    def connects(self, host: str, port: int) -> bool:
        """Return False."""
        return False

    def aws(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        read: Callable[[str], str | None],
    ) -> tuple[int, str, str]:
        """Find no credentials."""
        return NO_CREDENTIALS


@dataclass(slots=True)
class Machine:
    """A container as its processes see it."""

    hostname: str
    address: str = ""
    namespace: str = "default"
    user: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Path -> content of what the image and the volumes bring."""
    world: World = field(default_factory=NoWorld)
    processors: int = 2
    has_applets: bool = True
    """True for busybox and alpine: a command that is unknown does not exist; elsewhere it is a program of the image."""
    tools: frozenset[str] = frozenset()
    """Further commands of the image, which idle."""
    processes: tuple[str, ...] = ("sh",)
    """What `ps` shows."""
