"""What a fault file says: steps, observations and texts, from closed vocabularies; unknown keys are refused.

Steps and observations hold references such as `${subnets.private[0]}`; `references.Scope` fills them in when a
step runs. Labs use the same steps and observations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}
Number = int | str
"""A whole number, or a reference to one."""


# --- observations ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventSeen:
    """A Kubernetes Event since the moment that counts."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    nodegroup: str
    """Its name."""
    contains: str = ""
    """Part of a line."""
    matches: str = ""
    """Regular expression that is found in a line."""


@dataclass(frozen=True, slots=True)
class AwsSays:
    """What a command that only reads answers, or how it is refused."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    step: str
    """Its name."""
    contains: str = ""
    """Part of it."""
    matches: str = ""
    """Regular expression that is found in it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that can be seen, of exactly one kind."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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


# --- steps -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patch:
    """`kubectl patch`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    name: str
    patch: Any
    namespace: str = ""
    type: Literal["strategic", "merge", "json"] = "strategic"


@dataclass(frozen=True, slots=True)
class Delete:
    """`kubectl delete`, by name or by labels."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    name: str = ""
    namespace: str = ""
    selector: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restart:
    """`kubectl rollout restart`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Scale:
    """`kubectl scale`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    name: str
    namespace: str
    replicas: Number


@dataclass(frozen=True, slots=True)
class FillSubnet:
    """Interfaces of other workloads in a subnet."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    subnet: str
    """Its id."""
    leave: Number = 0
    """Free addresses afterwards, when everything is filled."""
    scattered: bool = False
    """True takes one address out of every free /28 and leaves the rest."""


@dataclass(frozen=True, slots=True)
class RunOut:
    """No machines of a type in a zone; `*` stands for every one."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    instance: str = "*"
    zone: str = "*"


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass until something can be seen."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    until: Observation
    most: str = "15m"
    """Simulated time after which the step fails."""
    gone: bool = False
    """True waits until it cannot be seen any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done, of exactly one kind."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    aws: str | None = None
    """An `aws` command line, after that word; references are filled in word by word, so JSON needs no quotes."""
    apply: dict[str, Any] | list[dict[str, Any]] | None = None
    """Manifests for `kubectl apply`."""
    patch: Patch | None = None
    delete: Delete | None = None
    restart: Restart | None = None
    scale: Scale | None = None
    cordon: str | None = None
    """A node."""
    uncordon: str | None = None
    """A node."""
    fill_subnet: FillSubnet | None = None
    run_out: RunOut | None = None
    restock: RunOut | None = None
    advance: str | None = None
    """Simulated time: `90s`, `15m`."""
    wait: Wait | None = None
    find: dict[str, ResourceIs] | None = None
    """Name -> where its value stands in the cluster; remembered for later steps."""
    save: dict[str, str] = field(default_factory=dict)
    """Name -> JMESPath into what the command printed; remembered for later steps."""
    name: str = ""
    """For `said`."""
    fails: str = ""
    """Regular expression: the step has to be refused, with this in the text."""
    allow: list[str] = field(default_factory=list)
    """Error codes that do not matter: `ResourceNotFoundException`, `NotFound`."""

    def __post_init__(self) -> None:
        """Refuse none and several."""
        only(self, _MANNERS)

    @property
    def kind(self) -> str:
        """Return which kind it is: `apply`."""
        return only(self, _MANNERS)


_MANNERS = ("save", "name", "fails", "allow")


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


# --- the file --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that follows from the seed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    choose: list[Any] = field(default_factory=list)
    """One of these."""
    range: list[int] = field(default_factory=list)
    """From the first to the second whole number, both included."""

    def __post_init__(self) -> None:
        """Refuse what gives no value."""
        is_range = len(self.range) == 2 and self.range[0] <= self.range[1]
        if bool(self.choose) is is_range or (self.range and not is_range):
            raise ValueError("either choose: a list, or range: [low, high]")


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be there before a fault can be armed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    nodes: int = 1
    """Ready nodes."""
    addons: list[str] = field(default_factory=list)
    """ACTIVE add-ons."""
    without_addons: list[str] = field(default_factory=list)
    """Add-ons that must not be there."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Of the file, for ever: `subnet-out-of-addresses`."""
    title: str
    """A few words."""
    number: int
    """Of the scenario in the course's list of break-fix scenarios."""
    mark: Literal["R", "M"]
    """R: the texts were seen as printed in a public issue or document; M: modelled on it."""
    says: list[str]
    """What the learner sees, literally."""
    cause: str
    """Why."""
    remedy: str
    """What ends it."""
    sources: list[str]
    """Where it was seen."""
    arm: list[Step]
    """What brings it about."""
    symptom: list[Observation]
    """What holds then, all of it."""
    fix: list[Step]
    """What a learner does."""
    vars: dict[str, Variable] = field(default_factory=dict)
    """Values that follow from the seed."""
    documents: dict[str, Any] = field(default_factory=dict)
    """Policies, user data and the like; `${documents.NAME}` is the value, JSON inside a command."""
    requires: Needs = field(default_factory=Needs)
    """What must be there."""
    touches: list[str] = field(default_factory=list)
    """Parts of the world; of two faults with a part in common only one is armed at a time."""
    recovered: list[Observation] = field(default_factory=list)
    """What holds when it is ended, beside the symptom's absence."""
    settles: Annotated[str, Field(pattern=r"^\d+[smh]$")] = "2m"
    """Simulated time from the fix until everything has calmed down."""
    clear: list[Step] = field(default_factory=list)
    """What takes AWS's side of it away; Kubernetes objects and interfaces are put back without being named."""


Values = Mapping[str, Any]
"""Variables of an armed fault."""
