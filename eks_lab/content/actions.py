"""What is done in labs and practical questions: frozen dataclasses that YAML is validated into.

The docstring under each field is what an author reads in the editor: JSON Schemas are generated from this file.
Playing them is `eks_lab.grading.actions`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from eks_lab.content.queries import Query

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAction:
    """Puts a file among the learner's files."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    path: str
    """Where, relative to the learner's folder."""
    source: str = ""
    """A file of the lab, below `files/`."""
    text: str | None = None
    """Instead: the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAction:
    """Changes a file of the learner's, as in an editor."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    file: str
    """Relative to the learner's folder."""
    replace: str
    """Text that stands there exactly once."""
    to: str
    """What to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAction:
    """Brings about one of the prepared faults."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """As in `eks-lab sandbox fault list`; its variables are drawn with the lab's seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitAction:
    """Lets simulated time run until something holds."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    until: Query
    """What is waited for."""
    most: str = "10m"
    """Longest simulated time; after that the step has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAction:
    """Answers a question of a check."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    check: str
    """Id of the check."""
    value: Any
    """What is typed; for `choice` a number, for `order` numbers with commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that is done. Exactly one of the fields, besides `fails` and `remember`, is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    apply: str | None = None
    """A manifest: name of a file, or, over several lines, the manifest itself (in `start` only)."""
    kubectl: str | None = None
    """Arguments of kubectl."""
    aws: str | None = None
    """Arguments of aws."""
    eks_lab: str | None = None
    """Arguments of eks-lab: `calc …`, `check …`, `generate …`."""
    fault: FaultAction | None = None
    """A prepared fault (in `start` only)."""
    advance: str | None = None
    """A stretch of simulated time: `10m`."""
    wait: WaitAction | None = None
    """Simulated time until something holds."""
    file: FileAction | None = None
    """A file for the learner."""
    edit: EditAction | None = None
    """A change of a learner's file."""
    answer: AnswerAction | None = None
    """An answer to a check's question (not in `start`)."""
    fails: bool = False
    """The command ends with an error, and that is meant."""
    remember: str = ""
    """Keep what the command prints under this name: `$name` stands for it in later commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOptions:
    """The account and the cluster that the lab begins with."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    nodes: int = 3
    """Worker nodes; zones take turns."""
    instance: str = "m5.large"
    """EC2 instance type of every node."""
    version: str = "1.36"
    """Kubernetes minor version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How the situation comes about; the learner sees only the end of it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    world: WorldOptions = field(default_factory=WorldOptions)
    """What there is before the first step."""
    steps: list[Action] = field(default_factory=list)
    """Played in order, in simulated time."""
