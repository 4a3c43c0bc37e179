"""What the API server knows about one resource: names, columns, defaults, validation, strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from eks_lab.ids import Ids
from eks_lab.sim.objects import FieldError, Key, Obj, User, qualified


class World(Protocol):
    """What rules may look at besides the object itself; reading only."""

    version: str
    """Kubernetes minor version of the cluster: `1.36`."""
    ids: Ids
    """Chance: cluster IPs and node ports are drawn from it."""

    def now(self) -> datetime:
        """Return the simulated moment."""
        ...

    def get(self, resource: str, key: Key) -> Obj | None:
        """Return a stored object, or None."""
        ...

    def items(self, resource: str, namespace: str = "") -> list[Obj]:
        """Return stored objects by namespace and name."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get` (pkg/printers/internalversion/printers.go names them kind by kind)."""

    name: str
    """As a Table has it: `Ready`; kubectl prints it in capitals."""
    cell: Callable[[Obj, datetime], Any]
    """Object and present moment -> text, whole number or None."""
    type: str = "string"
    """`string`, `integer`, `date`, `boolean`."""
    format: str = ""
    """`name` for the first column."""
    description: str = ""
    """What `-o json` of a Table says of it."""
    wide: bool = False
    """True for a column that only `-o wide` shows (priority 1)."""


def _nothing(obj: Obj, world: World) -> None:
    return None


def _no_update(new: Obj, old: Obj, world: World) -> None:
    return None


def _no_errors(obj: Obj, world: World) -> list[FieldError]:
    return []


def _no_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return []


def _no_warnings(obj: Obj, old: Obj | None, world: World) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the scale subresource finds its numbers."""

    spec_replicas: tuple[str, ...] = ("spec", "replicas")
    """Path of the wished number."""
    status_replicas: tuple[str, ...] = ("status", "replicas")
    """Path of the present number."""
    selector: Callable[[Obj], str] = lambda obj: ""
    """Object -> label selector as text."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the API.

    The functions get a private copy of the incoming object, which they may change in place; everything
    that was stored is read-only.
    """

    plural: str
    """`deployments`."""
    kind: str
    """`Deployment`."""
    group: str = ""
    """`apps`; empty for the core group."""
    version: str = "v1"
    """The version that is stored and preferred."""
    namespaced: bool = True
    """False for cluster-scoped resources."""
    singular: str = ""
    """Lower-case kind when empty."""
    short_names: tuple[str, ...] = ()
    """`deploy`."""
    categories: tuple[str, ...] = ()
    """`all`."""
    verbs: tuple[str, ...] = (
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    )
    """What discovery lists."""
    has_status: bool = False
    """True when it has a status subresource; a write of the object then cannot change the status."""
    scale: Scale | None = None
    """Set when it has a scale subresource."""
    subresources: Mapping[str, str] = field(default_factory=dict)
    """Other subresources -> kind of their body: `{"eviction": "Eviction"}`."""
    subresource_validation: Mapping[str, Callable[[Obj, Obj, World], list[FieldError]]] = field(
        default_factory=dict
    )
    """Subresources written as the whole object (`resize`) -> errors of new against old; what else such a write
    would change was put back before."""
    columns: Sequence[Column] = ()
    """Of its Table, Name and Age included; empty means just those two."""
    field_labels: Mapping[str, Callable[[Obj], str]] = field(default_factory=dict)
    """Field selectors besides metadata.name and metadata.namespace."""
    default: Callable[[Obj, World], None] = _nothing
    """Fills in what the real API server fills in (pkg/apis/*/v1/defaults.go), in place; runs on every write
    and on objects inside objects (pod templates). Must give the same result when run again."""
    prepare_create: Callable[[Obj, World], None] = _nothing
    """The strategy's PrepareForCreate: drops status, sets generation and what only the server may set."""
    prepare_update: Callable[[Obj, Obj, World], None] = _no_update
    """PrepareForUpdate: new, old; carries over what may not change silently. Generation is counted by the
    caller: any change of anything but metadata and status."""
    validate: Callable[[Obj, World], list[FieldError]] = _no_errors
    """Errors of an object about to be created, in the real server's words and order."""
    validate_update: Callable[[Obj, Obj, World], list[FieldError]] = _no_update_errors
    """Errors of new against old, the checks of `validate` included where the real server repeats them."""
    validate_status_update: Callable[[Obj, Obj, World], list[FieldError]] = _no_update_errors
    """The same for a write of the status subresource."""
    warnings: Callable[[Obj, Obj | None, World], list[str]] = _no_warnings
    """Texts for Warning headers of a create (old is None) or an update."""
    counts_generation: bool = False
    """True when metadata.generation counts changes of the spec."""
    name_problem: Callable[[str], list[str]] | None = None
    """Name -> what is wrong with it, in the words of validation; None means a DNS-1123 subdomain."""
    grace_seconds: Callable[[Obj, int | None], int] | None = None
    """Object and asked-for seconds -> the grace period of its deletion; None when it has none."""
    may_delete: Callable[[Obj, World], None] | None = None
    """Raises ApiError when it must not be deleted."""
    other_versions: Mapping[str, Conversion] = field(default_factory=dict)
    """Further served versions, `v1` of autoscaling for one, and how objects are converted; a key with a slash
    (`events.k8s.io/v1`) names a version in another group over the same storage."""
    dynamic: bool = False
    """True for resources that a CustomResourceDefinition made."""

    @property
    def id(self) -> str:
        """Return the name in the store: `deployments.apps`, `pods`."""
        return qualified(self.plural, self.group)

    @property
    def api_version(self) -> str:
        """Return `apps/v1` or `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def group_version(self, version: str) -> tuple[str, str]:
        """Return group and version name under which one of its versions is served.

        Args:
            version: its own, or a key of `other_versions`.
        """
        group, slash, name = version.rpartition("/")
        return (group, name) if slash else (self.group, version)


@dataclass(frozen=True, slots=True)
class Conversion:
    """How another served version of a resource is read and written."""

    decode: Callable[[Obj], Obj]
    """From the other version to the stored one."""
    encode: Callable[[Obj], Obj]
    """From the stored version to the other one."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What an admission plugin sees of a request."""

    operation: str
    """CREATE, UPDATE, DELETE or CONNECT."""
    resource: Resource
    """Of the object."""
    key: Key
    """Namespace and name; the name may be empty for generateName."""
    subresource: str
    """`status`, `eviction`, …; empty for the object itself."""
    user: User
    """Who asks."""
    dry_run: bool = False
    """True when nothing will be stored."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the request."""


class Admission(Protocol):
    """One admission plugin (plugin/pkg/admission/*)."""

    name: str
    """`LimitRanger`."""

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Change the incoming object in place.

        Raises:
            ApiError: the request is refused.
        """
        ...

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Judge the final object; return texts for Warning headers.

        Raises:
            ApiError: the request is refused.
        """
        ...
