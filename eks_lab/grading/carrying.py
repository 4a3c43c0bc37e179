"""Which backend can carry a lab, how faithfully, and what to say when the present one cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from eks_lab.content.queries import Query
from eks_lab.errors import UnavailableError
from eks_lab.grading.model import LabFile
from eks_lab.sandbox.backends.interface import CAPABILITIES, PROGRAMS, BackendStatus
from eks_lab.sandbox.backends.registry import ENTRIES

Level = Literal["full", "partial", "none"]

_AT_THE_PRESENT = "what has to hold all the time is judged when you ask"


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How a lab goes on a backend."""

    level: Level
    why: str = ""
    """What is different, or why it does not go; empty for `full`."""

    def __str__(self) -> str:
        return f"{self.level}: {self.why}" if self.why else self.level


def needed(file: LabFile) -> frozenset[str]:
    """Return the capabilities that a lab needs: what it says itself, and what its steps and checks make use of.

    Args:
        file: of the lab.
    """
    found: set[str] = set(file.requires)
    actions = [*file.start.steps, *(step for each in file.solutions for step in each.steps)]
    if any(action.fault is not None for action in actions):
        found.add("faults")
    queries = [
        *file.checks,
        *file.start_asserts,
        *(hint.when for hint in file.hints if hint.when is not None),
    ]
    every = [inner for query in queries for inner in _within(query)]
    if any(query.history is not None for query in every):
        found.add("history")
    if any(query.iam is not None for query in every):
        found.add("iam-decides")
    return frozenset(found)


def looks_back(file: LabFile) -> bool:
    """Say whether something has to have held all the time; without a recorder it is judged at the present."""
    return any(inner.invariant is not None for check in file.checks for inner in _within(check))


def declared(file: LabFile, backend: str) -> Fidelity:
    """Return what a lab's file says of a backend; one that it does not name was not thought of.

    Args:
        file: of the lab.
        backend: its name.
    """
    said = file.backends.get(backend, "none: nobody has tried it there")
    level, _, why = said.partition(":")
    if level.strip() == "full":
        return Fidelity("full")
    return Fidelity("partial" if level.strip() == "partial" else "none", why.strip())


def fidelity(file: LabFile, backend: str) -> Fidelity:
    """Return how a lab goes on a backend: as its file says, unless it needs what the backend does not have.

    Args:
        file: of the lab.
        backend: its name.
    """
    said = declared(file, backend)
    missing = needed(file) - set(PROGRAMS) - ENTRIES[backend].capabilities
    if said.level == "none":
        return said
    if missing:
        return Fidelity("none", f"it needs {_listed(missing)}")
    if looks_back(file) and "history" not in ENTRIES[backend].capabilities:
        return Fidelity("partial", "; ".join(filter(None, (said.why, _AT_THE_PRESENT))))
    return said


def require(file: LabFile, status: BackendStatus) -> str:
    """Go on, unless the running backend cannot carry a lab.

    Args:
        file: of the lab.
        status: of the running backend.

    Returns:
        What is different there, for the learner; empty when nothing is.

    Raises:
        UnavailableError: it cannot; the message says why, the hint names a backend that can.
    """
    here = fidelity(file, status.name)
    if here.level == "none":
        raise UnavailableError(
            f"the lab {file.id} does not go on the backend {status.name}: {here.why}",
            hint=_elsewhere(file, status),
        )
    missing = needed(file) - status.capabilities
    lacking = frozenset(missing - set(PROGRAMS))
    if lacking:
        raise UnavailableError(
            f"the lab {file.id} needs {_listed(lacking)}, which the backend {status.name} does not have as it runs",
            hint=_elsewhere(file, status),
        )
    if missing:
        raise UnavailableError(
            f"the lab {file.id} requires {', '.join(sorted(missing))}, which is not there",
            hint="See what this machine lacks: eks-lab doctor",
        )
    return f"On {status.name}, {here.why}." if here.why and status.name != "embedded" else ""


def carriers(file: LabFile) -> list[str]:
    """Return the names of the backends that can carry a lab: those that do so in full first, then the cheapest."""
    levels = {name: fidelity(file, name).level for name in ENTRIES}
    able = [name for name, level in levels.items() if level != "none"]
    return sorted(able, key=lambda name: levels[name] != "full")


def _elsewhere(file: LabFile, status: BackendStatus) -> str:
    others = [name for name in carriers(file) if name != status.name]
    if not others:
        return "No backend can carry it."
    return f"It goes on {others[0]}: eks-lab sandbox down, then eks-lab sandbox up --backend {others[0]}"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(said for name, said in CAPABILITIES.items() if name in names)


def _within(query: Query) -> Iterator[Query]:
    """Yield a query and those in it."""
    yield query
    for each in fields(Query):
        value = getattr(query, each.name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Query):
                yield from _within(inner)
