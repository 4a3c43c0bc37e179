"""What happened in a world since a lab began: every write to what matters, and the learner's own changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Write:
    """One write to a cluster's store."""

    at: datetime
    """Simulated moment."""
    resource: str
    """`pods`, `deployments.apps`."""
    obj: dict[str, Any]
    """After the write; the last state when it is gone."""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One changing request of the learner to the Kubernetes API."""

    verb: str
    resource: str
    """`deployments.apps`."""
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything since the lab began."""

    began: datetime | None = None
    """Simulated moment; None when nothing is recorded."""
    start: tuple[Write, ...] = ()
    """What there was then."""
    writes: tuple[Write, ...] = ()
    """In order."""
    changes: tuple[Change, ...] = ()
    """In order."""
    objects: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    """Unused by readers; kept by recorders that build one."""
