"""What checks, assertions and hints can look at: one dataclass a kind of query.

The docstring under each field is what an author reads in the editor; see `model`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the values that were found have to be. All that is given has to hold."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    equals: Any = None
    """Every value is this one; numbers and quantities compare by size (`500m` is `0.5`)."""
    contains: Any = None
    """A value is this one, or is a list that has it or a text that contains it."""
    exists: bool | None = None
    """True: there is a value; false: there is none."""
    gte: Any = None
    """Every value is at least this number or quantity."""
    lte: Any = None
    """Every value is at most this number or quantity."""
    count: int | None = None
    """There are exactly so many values."""
    count_gte: int | None = None
    """There are at least so many values."""
    count_lte: int | None = None
    """There are at most so many values."""
    any_of: list[Any] | None = None
    """Every value is one of these."""
    matches: str | None = None
    """This regular expression is found in every value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceQuery(Expectation):
    """Kubernetes objects, and what stands in them."""

    kind: str
    """`Deployment`, `deployments.apps` or a short name such as `deploy`."""
    name: str = ""
    """Of one object; without name and selector all objects of the kind are looked at."""
    selector: str = ""
    """Labels as after `kubectl get -l`."""
    namespace: str = "default"
    """Of the objects; `*` for all. Kinds without namespaces pay no attention to it."""
    where: dict[str, Any] = field(default_factory=dict)
    """JSONPath -> value: only objects in which each path has that value count."""
    path: str = ""
    """JSONPath in each object, as after `-o jsonpath=`; without it, the objects themselves are the values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentQuery:
    """Kubernetes objects that must not be there."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    kind: str
    """`Deployment`, `deployments.apps` or a short name such as `deploy`."""
    name: str = ""
    """Of one object; without name and selector no object of the kind may be there."""
    selector: str = ""
    """Labels as after `kubectl get -l`."""
    namespace: str = "default"
    """Of the objects; `*` for all."""
    where: dict[str, Any] = field(default_factory=dict)
    """JSONPath -> value: only objects in which each path has that value count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Kubernetes events."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    reason: str = ""
    """`FailedScheduling`, `BackOff`, …"""
    type: Literal["", "Normal", "Warning"] = ""
    """Both kinds when left out."""
    about: str = ""
    """`pod/web-0`, or `pod/web-*` for all whose names begin so."""
    message: str = ""
    """Regular expression that is found in the message."""
    namespace: str = "default"
    """Of the events; `*` for all."""
    exists: bool = True
    """False: there must be no such event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """What a pod's container has printed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    pod: str = ""
    """Its name; or use a selector."""
    selector: str = ""
    """Labels: the logs of all these pods together."""
    namespace: str = "default"
    """Of the pods."""
    container: str = ""
    """One of several."""
    previous: bool = False
    """Of the container that ended before."""
    matches: str
    """Regular expression that is found in a line."""
    exists: bool = True
    """False: no line may match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanIQuery:
    """What somebody may do in the cluster, as `kubectl auth can-i` asks it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    user: str
    """A user; `system:serviceaccount:shop:cart` for a service account."""
    groups: list[str] = field(default_factory=list)
    """Groups of that user."""
    verb: str
    """`get`, `create`, `*`, …"""
    resource: str
    """`pods`, `deployments.apps`, `pods/exec`."""
    name: str = ""
    """Of one object."""
    namespace: str = "default"
    """Empty for resources without namespaces."""
    allowed: bool = True
    """False: it must be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IamQuery:
    """What a principal may do in the account, as `aws iam simulate-principal-policy` answers."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    principal: str
    """`role/NAME`, `user/NAME` or a whole ARN."""
    action: str
    """`s3:GetObject`."""
    resource: str = "*"
    """An ARN."""
    allowed: bool = True
    """False: it must be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleQuery:
    """Whether pods would find a node now, with the scheduler's own rules; nothing is created."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    manifest: str = ""
    """A Pod or a workload with a pod template: a file of the lab, or YAML written here."""
    requests: dict[str, str] = field(default_factory=dict)
    """Instead of a manifest: what one container asks for, `{cpu: 500m, memory: 1Gi}`."""
    pods: int = 1
    """How many such pods."""
    fits: bool = True
    """False: they must not all fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsQuery(Expectation):
    """The answer of a reading AWS call."""

    service: str
    """botocore's name: `ec2`, `eks`, `iam`."""
    operation: str
    """`DescribeSubnets` or `describe-subnets`; only operations that read."""
    params: dict[str, Any] = field(default_factory=dict)
    """As boto3 takes them."""
    query: str = ""
    """JMESPath into the answer; a list it gives is taken as several values."""
    error: str = ""
    """Instead of a value: the call must be refused with this code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformQuery(Expectation):
    """The learner's Terraform, as `eks-lab check` reads it."""

    file: str
    """A `.tf` file or a folder of the learner's files."""
    rules: list[str] = field(default_factory=list)
    """These rules must find nothing; `error` and `warning` mean every rule of that severity."""
    resource: str = ""
    """`aws_route.private`: must be there; with `path`, an argument of it is looked at."""
    path: str = ""
    """Argument of the resource: `vpc_config.endpoint_public_access`; expressions as they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestQuery(Expectation):
    """The learner's manifests, as `eks-lab check` reads them."""

    file: str
    """A file or a folder of the learner's files."""
    rules: list[str] = field(default_factory=list)
    """These rules must find nothing; `error` and `warning` mean every rule of that severity."""
    kind: str = ""
    """Documents of this kind are looked at."""
    name: str = ""
    """Of one of them."""
    path: str = ""
    """JSONPath in each of them; without it, the documents are the values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalcQuery:
    """A number that the learner has to find, compared with what a calculator says."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    question: str
    """What is asked."""
    calculator: str
    """Name as in `eks-lab calc list`."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """Its inputs by name."""
    output: str
    """Field of its result; a dot leads deeper."""
    tolerance: float = 0.0
    """How far off an answer may be, as a share of the right one: 0.01 is one per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuery:
    """A question that the learner answers in words. Exactly one of the forms is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    question: str
    """What is asked."""
    options: list[str] = field(default_factory=list)
    """For `choice` and `order`: what there is to choose from, as the learner sees it."""
    choice: int | None = None
    """Number of the right option, from 1."""
    exact: str | None = None
    """The right text; case and spaces around it do not matter."""
    regex: str | None = None
    """Found in a right answer, case apart."""
    order: list[int] | None = None
    """Numbers of the options in their right order, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """What happened since the lab began. All that is given has to hold."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    workload: str = ""
    """`deployment/web`, or `namespace/deployment/web`: whose downtime is measured."""
    downtime_seconds: float | None = None
    """At most so many simulated seconds without an available replica."""
    commands_max: int | None = None
    """At most so many changing requests of the learner to the Kubernetes API."""
    blast_radius: int | None = None
    """At most so many different objects changed or deleted by the learner, besides those of `may_change`."""
    may_change: list[str] = field(default_factory=list)
    """`deployment/web`, `namespace/kind/name`, with `*` for any name: what does not count."""
    cost_max: float | None = None
    """At most so many US dollars spent in the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Something that holds or does not. Exactly one of the fields is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    resource: ResourceQuery | None = None
    """Kubernetes objects and their fields."""
    absent: AbsentQuery | None = None
    """Kubernetes objects that must not be there."""
    event: EventQuery | None = None
    """Kubernetes events."""
    log: LogQuery | None = None
    """Lines that containers print."""
    can_i: CanIQuery | None = None
    """What somebody may do in the cluster."""
    iam: IamQuery | None = None
    """What a principal may do in the account."""
    schedule: ScheduleQuery | None = None
    """Whether pods would find a node."""
    aws: AwsQuery | None = None
    """An AWS call that reads."""
    terraform: TerraformQuery | None = None
    """The learner's Terraform."""
    manifest: ManifestQuery | None = None
    """The learner's manifests."""
    calc: CalcQuery | None = None
    """A number compared with a calculator."""
    answer: AnswerQuery | None = None
    """A question in words."""
    history: HistoryQuery | None = None
    """What happened since the start."""
    invariant: Query | None = None
    """Has to have held all the time since the start; `resource` and `absent` (and `all` of them) only."""
    all: list[Query] | None = None
    """All of these hold."""
    any: list[Query] | None = None
    """At least one of these holds."""
    none: list[Query] | None = None
    """None of these holds."""
