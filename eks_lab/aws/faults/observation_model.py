"""What can be seen of a world: the closed vocabulary of observations, each with its fields."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}
Number = int | str
"""A whole number, or a reference to one."""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """A Kubernetes Event since the moment that counts."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    reason: str = ""
    """`FailedCreatePodSandBox`; empty takes any."""
    namespace: str = ""
    """Of the event; empty takes all."""
    kind: str = ""
    """Of the object it is about."""
    name: str = "*"
    """Shell pattern of that object's name."""
    contains: str = ""
    """Part of its message."""
    matches: str = ""
    """Regular expression that is found in its message."""


@dataclass(frozen=True, slots=True)
class ResourceIs:
    """Objects of a kind, and what a JSONPath says of them; holds when one object fits."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    kind: str
    """`Pod`, `Deployment`, `ENIConfig`."""
    name: str = "*"
    """Shell pattern."""
    namespace: str = ""
    """Empty takes all."""
    selector: dict[str, str] = field(default_factory=dict)
    """Labels that it must have."""
    path: str = ""
    """JSONPath as kubectl reads it; empty asks only whether there is such an object."""
    equals: Any = None
    """A value at the path."""
    contains: str = ""
    """Part of the text at the path."""
    matches: str = ""
    """Regular expression that is found in it."""
    gte: Number | None = None
    """The value is at least this."""
    count: Number | None = None
    """So many objects fit, exactly; without it one is enough."""


@dataclass(frozen=True, slots=True)
class LogSays:
    """A line of a container's log since the moment that counts."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    namespace: str
    """Of the pod."""
    pod: str = "*"
    """Shell pattern of its name."""
    container: str = ""
    """Empty takes all of its containers."""
    contains: str = ""
    """Part of a line."""
    matches: str = ""
    """Regular expression that is found in a line."""


@dataclass(frozen=True, slots=True)
class ConsoleSays:
    """A line of the journal of a node group's instances that are not terminated (`aws ec2 get-console-output`)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    nodegroup: str
    """Its name."""
    contains: str = ""
    """Part of a line."""
    matches: str = ""
    """Regular expression that is found in a line."""


@dataclass(frozen=True, slots=True)
class AwsSays:
    """What a command that only reads answers, or how it is refused."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    command: str
    """After the word `aws`: `eks describe-nodegroup …`; describe, get and list only."""
    path: str = ""
    """JMESPath into the answer; empty takes all of it."""
    equals: Any = None
    """The value there."""
    contains: str = ""
    """Part of it as text; of standard error when the command is refused."""
    matches: str = ""
    """Regular expression that is found in it."""


@dataclass(frozen=True, slots=True)
class KubectlSays:
    """How kubectl is refused when somebody tries a request; nothing is changed by it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    verb: Literal["get", "create"]
    """`create` is a dry run on the server."""
    kind: str = ""
    """Of what is got."""
    namespace: str = ""
    """Of what is got."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """What is created."""
    caller: str = ""
    """ARN of the IAM user or role that tries it; empty is the administrator of the cluster."""
    contains: str = ""
    """Part of the error."""
    matches: str = ""
    """Regular expression that is found in it."""


@dataclass(frozen=True, slots=True)
class StepSaid:
    """What a named step printed the last time it ran."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    step: str
    """Its name."""
    contains: str = ""
    """Part of it."""
    matches: str = ""
    """Regular expression that is found in it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that can be seen, of exactly one kind."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    event: EventSeen | None = None
    """A Kubernetes Event."""
    resource: ResourceIs | None = None
    """State of an object: a condition, a phase, a number."""
    log: LogSays | None = None
    """A container's log."""
    console: ConsoleSays | None = None
    """A node's journal before it is a node."""
    aws: AwsSays | None = None
    """An answer of AWS."""
    kubectl: KubectlSays | None = None
    """A refusal of the API server."""
    said: StepSaid | None = None
    """Output of a step."""

    def __post_init__(self) -> None:
        """Refuse none and several."""
        only(self, ())

    @property
    def kind(self) -> str:
        """Return which kind it is: `event`."""
        return only(self, ())


def only(thing: Any, manners: tuple[str, ...]) -> str:
    """Return the one field that is set.

    Raises:
        ValueError: none is, or several are.
    """
    names = [each.name for each in fields(thing) if each.name not in manners]
    present = [name for name in names if getattr(thing, name) is not None]
    if len(present) != 1:
        raise ValueError(f"exactly one of {', '.join(names)} is needed, not {', '.join(present) or 'none'}")
    return present[0]
