"""What happened in a world since a lab began: every write to what matters, and the learner's own changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    dropped: int = 0
    """Writes that could not be kept: what is said about the time since is then not sure."""

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Record:
        """Return the record that `eks_lab.sandbox.recorder` describes as JSON values."""
        if not document["began"]:
            return cls()
        began = datetime.fromisoformat(document["began"])
        return cls(
            began,
            tuple(Write(began, resource, obj) for resource, obj in document["start"]),
            tuple(
                Write(datetime.fromisoformat(at), resource, obj, is_gone)
                for at, resource, is_gone, obj in document["writes"]
            ),
            tuple(Change(*each) for each in document["changes"]),
            document["dropped"],
        )

    def continued(self, document: Mapping[str, Any]) -> Record:
        """Return the record with what came since: `document` holds only that, unless recording began anew.

        Args:
            document: as of `of_document`.
        """
        new = Record.of_document(document)
        if self.began is None or new.began != self.began:
            return new
        return Record(
            self.began,
            self.start or new.start,
            self.writes + new.writes,
            self.changes + new.changes,
            new.dropped,
        )
