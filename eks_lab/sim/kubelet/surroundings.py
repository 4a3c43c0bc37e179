"""What every part of the kubelet is given: the cluster it lives in, and what images do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.behaviours.catalogue import Catalogue
from eks_lab.sim.behaviours.world import Reply
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.kubelet.addresses import Addresses
from eks_lab.sim.kubelet.images import ImageStore
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.pod_state import is_finished

POD_BY_NODE = "node"
"""Index: node name -> pods."""
POD_BY_ADDRESS = "address"
"""Index: address -> pods."""


AwsCommand = Callable[
    [Obj, Sequence[str], Mapping[str, str], Callable[[str], str | None]], tuple[int, str, str]
]
"""Pod, arguments after `aws`, environment of the process, and path -> content of a file of the container (tokens,
`~/.aws`) -> exit code, standard output, standard error."""


def node_of(pod: Obj) -> Iterable[str]:
    """Return the node a pod is on, for the index."""
    name = pod["spec"].get("nodeName")
    return (name,) if name else ()


def address_index(pod: Obj) -> Iterable[str]:
    """Return the address of a pod that has not ended, for the index."""
    address = (pod.get("status") or {}).get("podIP")
    return (address,) if address and not is_finished(pod) else ()


def _nothing_answers(pod: Obj, port: int, path: str) -> Reply:
    return Reply(error="refused")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """evictionHard of the kubelets (awslabs/amazon-eks-ami, nodeadm: memory, nodefs and inodes, no pid.available)."""

    memory_bytes: int = 100 * 1024 * 1024
    """memory.available."""
    disk_share: float = 0.10
    """nodefs.available, of the root file system, which is imagefs as well."""
    threads_share: float = 0.0
    """pid.available; 0, as the EKS AMI has it, never looks."""


@dataclass(slots=True)
class Surroundings:
    """The cluster and the tables that all kubelets share."""

    clock: Clock
    api: Api
    recorder: EventRecorder
    ids: Ids
    addresses: Addresses
    catalogue: Catalogue
    images: ImageStore = field(default_factory=ImageStore)
    thresholds: Thresholds = field(default_factory=Thresholds)
    answering: Callable[[Obj, int, str], Reply] = _nothing_answers
    """Pod, port and path -> what the pod answers; set by the controller."""
    pages: dict[str, Callable[[Obj], str]] = field(default_factory=dict)
    """Name of a computed page of a behaviour -> pod -> text; the cluster puts the exporters in."""
    aws: AwsCommand | None = None
    """What answers `aws` inside containers; the account sets it, without it the CLI finds no credentials."""
    token: Callable[[Obj, Obj], str] | None = None
    """Pod and projection (`serviceAccountToken` of a volume's source) -> a token that is valid now; None writes texts
    that nobody accepts."""
    attaching: Callable[[Obj, Obj], str | None] | None = None
    """Pod and claim -> None when its volume may be used on the pod's node, else why it cannot be mounted, empty while it
    is only on its way. Without it volumes are there as soon as they are bound."""
    has_power: Callable[[Obj], bool] | None = None
    """Says whether a node's machine runs: of one that does not nothing is heard. None means all do."""
    wake: Callable[[Key], None] | None = None
    """Enqueues a key with the kubelet."""
    has_dns: Callable[[], bool] | None = None
    """Says whether cluster DNS answers; None always does."""

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self.clock.now()

    def node(self, name: str) -> Obj | None:
        """Return a node."""
        return self.api.get("nodes", Key("", name))

    def normal(
        self, record: PodRecord, reason: str, message: str, about: ContainerRecord | None = None
    ) -> None:
        """Record that something happened to a pod, or to one of its containers."""
        path = about.field_path if about else ""
        self.recorder.normal(record.pod, reason, message, field_path=path, host=record.node)

    def warning(
        self, record: PodRecord, reason: str, message: str, about: ContainerRecord | None = None
    ) -> None:
        """Record that something went wrong with a pod, or with one of its containers."""
        path = about.field_path if about else ""
        self.recorder.warning(record.pod, reason, message, field_path=path, host=record.node)

    def pods_on(self, node: str) -> list[Obj]:
        """Return the pods on a node that have not ended."""
        return [pod for pod in self.api.store.indexed("pods", POD_BY_NODE, node) if not is_finished(pod)]

    def host_address(self, node: Obj) -> str:
        """Return a node's internal address; empty when it has none."""
        for each in (node.get("status") or {}).get("addresses") or ():
            if each.get("type") == "InternalIP":
                address: str = each["address"]
                return address
        return ""

    def pods_with_address(self, address: str) -> list[Obj]:
        """Return the pods that have an address and have not ended."""
        return self.api.store.indexed("pods", POD_BY_ADDRESS, address)
