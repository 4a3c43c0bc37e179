"""What the kubelet remembers of a pod between two looks: never more than it could read from the status again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from eks_lab.sim.behaviours.process import Process
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.pod_resources import is_sidecar


class Kind(Enum):
    """Which list of the spec a container is in."""

    INIT = auto()
    SIDECAR = auto()
    MAIN = auto()
    EPHEMERAL = auto()


class Step(Enum):
    """Where a container is."""

    NEW = auto()
    PULLING = auto()
    PULL_FAILED = auto()
    """ErrImagePull was written; the back-off is next."""
    PULL_BACK_OFF = auto()
    CREATING = auto()
    """The image is there; `due` is when the container starts."""
    CONFIG_ERROR = auto()
    RUNNING = auto()
    STOPPING = auto()
    """SIGTERM was sent; `due` is when it ends."""
    BACK_OFF = auto()
    ENDED = auto()


@dataclass(slots=True)
class ProbeRecord:
    """One probe of one run of a container."""

    spec: Obj
    due: datetime | None
    """When it is asked next; None while the answer cannot change."""
    successes: int = 0
    failures: int = 0


@dataclass(slots=True)
class ContainerRecord:
    """One container."""

    spec: Obj
    kind: Kind
    step: Step = Step.NEW
    due: datetime | None = None
    """When something happens to it by itself."""
    reason: str = ""
    """Of the waiting state, or of the terminated one."""
    message: str = ""
    image: str = ""
    """As the container was started with."""
    image_id: str = ""
    container_id: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int = 0
    last: Obj | None = None
    """The terminated state of the run before."""
    restarts: int = 0
    back_off: float = 0.0
    """Seconds the next restart waits."""
    pull_back_off: float = 0.0
    process: Process | None = None
    """Of the present run, or of the last one."""
    previous: Process | None = None
    """Of the run before."""
    started: bool = False
    """The startup probe, if any, succeeded."""
    ready: bool = False
    probes: dict[str, ProbeRecord] = field(default_factory=dict)
    stop_exit: int = 0
    """Exit code that a stop under way will give."""
    stop_reason: str = ""

    @property
    def name(self) -> str:
        """Return the container's name."""
        name: str = self.spec["name"]
        return name

    @property
    def field_path(self) -> str:
        """Return what events of this container are about."""
        lists = {Kind.MAIN: "containers", Kind.EPHEMERAL: "ephemeralContainers"}
        return f"spec.{lists.get(self.kind, 'initContainers')}{{{self.name}}}"

    @property
    def is_up(self) -> bool:
        """Say whether it runs, a stop under way included."""
        return self.step in (Step.RUNNING, Step.STOPPING)


@dataclass(slots=True)
class PodRecord:
    """One pod on one node."""

    key: Key
    uid: str
    pod: Obj
    """As last read."""
    containers: list[ContainerRecord]
    stage: str = "admission"
    """admission, volumes, sandbox, containers, terminating, ended."""
    due: datetime | None = None
    """When the stage goes on by itself."""
    address: str = ""
    started: datetime | None = None
    """`status.startTime`."""
    has_sandbox: bool = False
    is_initialized: bool = False
    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    wait: float = 0.0
    """Seconds of the back-off of mounting."""
    mount_since: datetime | None = None
    deadline: datetime | None = None
    """When termination stops waiting."""
    disruption: str = ""
    """Why the kubelet ended it: the message of its DisruptionTarget condition."""
    is_released: bool = False
    """Its address was given back."""
    grace: int | None = None
    """Seconds of grace that the termination under way gives."""

    @property
    def node(self) -> str:
        """Return the name of its node."""
        name: str = self.pod["spec"]["nodeName"]
        return name

    @property
    def policy(self) -> str:
        """Return its restartPolicy."""
        policy: str = self.pod["spec"].get("restartPolicy") or "Always"
        return policy

    def of(self, *kinds: Kind) -> list[ContainerRecord]:
        """Return its containers of some kinds, in the order of the spec."""
        return [each for each in self.containers if each.kind in kinds]

    def find(self, name: str) -> ContainerRecord | None:
        """Return one container by name."""
        return next((each for each in self.containers if each.name == name), None)


def new_record(pod: Obj, key: Key) -> PodRecord:
    """Return the record of a pod nobody looked at yet."""
    return PodRecord(key, pod["metadata"]["uid"], pod, containers_of(pod["spec"]))


def containers_of(spec: Obj) -> list[ContainerRecord]:
    """Return fresh records of all containers of a pod spec."""
    found = [
        ContainerRecord(each, Kind.SIDECAR if is_sidecar(each) else Kind.INIT)
        for each in spec.get("initContainers") or ()
    ]
    found += [ContainerRecord(each, Kind.MAIN) for each in spec.get("containers") or ()]
    found += [ContainerRecord(each, Kind.EPHEMERAL) for each in spec.get("ephemeralContainers") or ()]
    return found
