"""One write in flight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eks_lab.sim.objects import Key, User
from eks_lab.sim.resource import Attributes, Resource


@dataclass(frozen=True, slots=True)
class Request:
    """Who writes what, how."""

    resource: Resource
    subresource: str
    """Empty for the object itself."""
    user: User
    manager: str
    """Field manager; empty leaves ownership of fields alone."""
    dry_run: bool
    warnings: list[str] | None
    """Receives texts for Warning headers."""
    options: Mapping[str, Any]
    """Of the request, for admission."""

    def warn(self, texts: list[str]) -> None:
        """Keep texts for the answer."""
        if self.warnings is not None:
            self.warnings.extend(texts)

    def attributes(self, operation: str, key: Key) -> Attributes:
        """Return what admission plugins see."""
        return Attributes(
            operation, self.resource, key, self.subresource, self.user, self.dry_run, self.options
        )
