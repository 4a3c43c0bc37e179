"""What a fault file says: steps, observations and texts, from closed vocabularies; unknown keys are refused.

Steps and observations hold references such as `${subnets.private[0]}`; `references.Scope` fills them in when a
step runs. Labs use the same steps and observations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from eks_lab.aws.faults.observation_model import STRICT, Number, Observation, ResourceIs, only

__all__ = ["Fault", "Needs", "Observation", "ResourceIs", "Step", "Variable"]
_STRICT = STRICT


# --- steps -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patch:
    """`kubectl patch`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    """`Deployment`."""
    name: str
    """Of the object."""
    patch: Any
    """What changes."""
    namespace: str = ""
    """Empty is `default`, where the kind has namespaces."""
    type: Literal["strategic", "merge", "json"] = "strategic"
    """As kubectl's --type."""


@dataclass(frozen=True, slots=True)
class Delete:
    """`kubectl delete`, by name or by labels."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    """`Pod`."""
    name: str = ""
    """Of the object; empty when labels choose."""
    namespace: str = ""
    """Of the object."""
    selector: dict[str, str] = field(default_factory=dict)
    """Labels of what is deleted."""


@dataclass(frozen=True, slots=True)
class Restart:
    """`kubectl rollout restart`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    """`Deployment`, `DaemonSet`, `StatefulSet`."""
    name: str
    """Of the object."""
    namespace: str
    """Of the object."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`kubectl scale`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    """`Deployment`, `StatefulSet`."""
    name: str
    """Of the object."""
    namespace: str
    """Of the object."""
    replicas: Number
    """How many there are to be."""


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
    """`m5.large`."""
    zone: str = "*"
    """`us-east-1a`."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass until something can be seen."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    until: Observation
    """What is waited for."""
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
    """Changes an object."""
    delete: Delete | None = None
    """Deletes objects."""
    restart: Restart | None = None
    """Makes the pods of an object anew."""
    scale: Scale | None = None
    """Changes how many pods an object has."""
    cordon: str | None = None
    """A node, or a label that nodes have: `topology.kubernetes.io/zone=us-east-1a`."""
    uncordon: str | None = None
    """A node, or a label."""
    fill_subnet: FillSubnet | None = None
    """Other workloads take addresses."""
    run_out: RunOut | None = None
    """EC2 has no machines."""
    restock: RunOut | None = None
    """EC2 has them again."""
    advance: str | None = None
    """Simulated time: `90s`, `15m`."""
    wait: Wait | None = None
    """Simulated time, until something is seen."""
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
