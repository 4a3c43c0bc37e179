"""Image references, what pulling them gives, and what nodes hold already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

_REFERENCE = re.compile(
    r"(?P<name>(?:(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
DOCKER_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's name, taken apart as containerd does (distribution/reference)."""

    repository: str
    """`docker.io/library/nginx`."""
    tag: str
    """`1.27`; empty when only a digest is given."""
    digest: str
    """`sha256:…`; of the simulated content when the name has none."""

    @property
    def full(self) -> str:
        """Return what `status.containerStatuses[].image` shows: `docker.io/library/nginx:1.27`."""
        return f"{self.repository}:{self.tag}" if self.tag else f"{self.repository}@{self.digest}"

    @property
    def id(self) -> str:
        """Return the imageID: `docker.io/library/nginx@sha256:…`."""
        return f"{self.repository}@{self.digest}"

    @property
    def short(self) -> str:
        """Return the name as people write it: without Docker Hub's host and `library/`."""
        name = self.repository.removeprefix(f"{DOCKER_HUB}/")
        return name.removeprefix("library/")


@lru_cache(maxsize=8192)
def parse_reference(image: str) -> Reference | None:
    """Return an image's reference; None when it is no valid name.

    Args:
        image: as a container spec has it: `nginx`, `localhost:5000/app:v1`, `busybox@sha256:…`.
    """
    found = _REFERENCE.fullmatch(image)
    if found is None:
        return None
    name = found["name"]
    host, slash, rest = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = DOCKER_HUB, name if slash else f"library/{name}"
    digest = found["digest"] or ""
    tag = found["tag"] or ("" if digest else "latest")
    repository = f"{host}/{rest}"
    digest = digest or "sha256:" + hashlib.sha256(f"{repository}:{tag}".encode()).hexdigest()
    return Reference(repository, tag, digest)


@dataclass(slots=True)
class ImageStore:
    """Which images each node holds."""

    _held: dict[str, dict[str, int]] = field(default_factory=dict)

    def holds(self, node: str, reference: Reference) -> bool:
        """Say whether a node holds an image."""
        return reference.full in self._held.get(node, ())

    def add(self, node: str, reference: Reference, size: int) -> None:
        """Note that a node pulled an image of a size in bytes."""
        self._held.setdefault(node, {})[reference.full] = size

    def keep(self, node: str, wanted: Collection[str]) -> None:
        """Delete a node's images but those of some names."""
        held = self._held.get(node, {})
        self._held[node] = {image: size for image, size in held.items() if image in wanted}

    def forget(self, node: str) -> None:
        """Drop what a node held: the node is gone."""
        self._held.pop(node, None)

    def images(self, node: str) -> dict[str, int]:
        """Return image -> bytes of a node."""
        return dict(self._held.get(node, {}))
