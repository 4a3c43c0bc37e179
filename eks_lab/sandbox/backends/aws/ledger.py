"""The record of what was made in the account: the intention is written before the call, the id before the next one.

A crash at any moment leaves at worst an intention without an id; what it meant is found by its name or its tags. One
file, readable by its owner only, replaced as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from eks_lab.errors import DataError
from eks_lab.sandbox.state_directory import StateDirectory, write_private

Mode = Literal["new", "existing", "read-only"]
State = Literal["intended", "made", "ready", "removed"]
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the learner said yes to."""

    session: str
    """Eight hexadecimal digits; the value of the tag `eks-lab:session`."""
    mode: Mode
    profile: str
    account: str
    """Twelve digits, as typed by the learner."""
    principal: str
    """ARN of who said yes."""
    region: str
    cluster: str
    version: str = ""
    """Kubernetes version; empty for a cluster that was there."""
    instance: str = ""
    nodes: int = 0
    started: datetime
    hours: float = 0.0
    """Time limit; 0 when nothing is made."""
    budget_usd: float = 0.0
    """Spending limit; 0 when nothing is made."""
    usd_per_hour: float = 0.0

    @property
    def expires(self) -> datetime:
        """Return the moment of the time limit."""
        return self.started + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was, or may have been, made."""

    step: str
    kind: str
    """`vpc`, `cluster`, `role`."""
    name: str
    """By which it is found when its id is not on record."""
    state: State = "intended"
    id: str = ""


@dataclass
class Ledger:
    """The record, kept in step with its file."""

    path: Path
    head: Head
    entries: dict[str, Entry] = field(default_factory=dict)
    """Step -> entry, in the order in which things were made."""

    def intend(self, step: str, kind: str, name: str) -> Entry:
        """Write that something is about to be made; what is on record already stays."""
        kept = self.entries.get(step)
        if kept is not None and kept.state != "removed":
            return kept
        return self._put(Entry(step, kind, name))

    def made(self, step: str, id: str) -> Entry:
        """Write the id of what was made."""
        return self._put(replace(self.entries[step], state="made", id=id))

    def ready(self, step: str) -> Entry:
        """Write that nothing is left to be done for it."""
        return self._put(replace(self.entries[step], state="ready"))

    def removed(self, step: str) -> Entry:
        """Write that it is gone."""
        return self._put(replace(self.entries[step], state="removed"))

    def id_of(self, step: str) -> str:
        """Return the id of something; empty when none is on record."""
        entry = self.entries.get(step)
        return entry.id if entry is not None and entry.state != "removed" else ""

    @property
    def open(self) -> tuple[Entry, ...]:
        """Return what may still be there, the last made first."""
        return tuple(each for each in reversed(self.entries.values()) if each.state != "removed")

    def _put(self, entry: Entry) -> Entry:
        self.entries[entry.step] = entry
        self.write()
        return entry

    def write(self) -> None:
        """Replace the file.

        Raises:
            DataError: it cannot be written; then nothing is made.
        """
        head = asdict(self.head) | {"started": self.head.started.isoformat()}
        document = {
            "format": FORMAT,
            "head": head,
            "entries": [asdict(each) for each in self.entries.values()],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.path, json.dumps(document, indent=1).encode())


def folder_of(directory: StateDirectory) -> Path:
    """Return the folder of the backend's own files."""
    return directory.root / "own-account"


def path_of(directory: StateDirectory) -> Path:
    """Return the file of the present session."""
    return folder_of(directory) / "ledger.json"


def read(directory: StateDirectory) -> Ledger | None:
    """Return the record of the present session, None when there is none.

    Raises:
        DataError: it is damaged: what it names may still be in the account, and cost.
    """
    path = path_of(directory)
    try:
        document = json.loads(path.read_bytes())
        return _ledger(path, document)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: cannot tell what was made in your AWS account: {error}",
            hint="Everything of it bears the tag eks-lab:session. Look for it in every region you used: aws"
            " resourcegroupstaggingapi get-resources --tag-filters Key=eks-lab:session",
        ) from error


def _ledger(path: Path, document: Mapping[str, Any]) -> Ledger:
    if document["format"] != FORMAT:
        raise ValueError(f"its format is {document['format']!r}, not {FORMAT}")
    given = dict(document["head"])
    started = datetime.fromisoformat(given.pop("started"))
    if started.tzinfo is None:
        raise ValueError("its start has no time zone")
    entries = [Entry(**each) for each in document["entries"]]
    return Ledger(path, Head(started=started, **given), {each.step: each for each in entries})


def put_aside(ledger: Ledger) -> Path:
    """Keep a record whose things are all gone, out of the way of the next session; return where it is."""
    target = ledger.path.with_name(f"closed-{ledger.head.session}.json")
    ledger.path.replace(target)
    return target
