"""Fargate beside EC2: how many pods a node carries, and from how many on it is the cheaper one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from eks_lab.calc import eni
from eks_lab.calc.bill import HOURS_PER_MONTH
from eks_lab.calc.fargate_size import PodRequest, fargate_size, provisioned_mib, usd_per_hour
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.calc.reservations import allocatable, expected_capacity_mib
from eks_lab.catalog.fargate import FargateSize, fargate_terms
from eks_lab.catalog.instance_types import InstanceType, catalogue

DISK_KEY = "gp3_gib_month"
UNLIMITED = 10**9
"""Pods that ask for nothing fit without end, as far as CPU and memory go."""


@dataclass(frozen=True, slots=True)
class NodeTerms:
    """What comes with every node of the comparison."""

    system_millicpu: int
    """CPU requests of DaemonSets on a node."""
    system_memory_mib: int
    """Memory requests of DaemonSets on a node."""
    disk_gib: float
    """gp3 disk of a node; Fargate's 20 GiB are in its price."""
    discount_percent: float
    """Spot or Savings Plan, off the on-demand price."""


@dataclass(frozen=True, slots=True)
class NodeRoom:
    """How many pods of one shape fit on a node."""

    pods: int
    """The smallest of the three."""
    by_cpu: int
    """Allocatable CPU less DaemonSets, over the request."""
    by_memory: int
    """Allocatable memory less DaemonSets, over the request."""
    by_max_pods: int
    """Max pods less the two on the host network."""
    cpu_millicores: int
    """For these pods."""
    memory_mib: int
    """For these pods."""

    @property
    def limit(self) -> str:
        """Return what runs out first: `max pods`, `cpu` or `memory`."""
        if self.pods == self.by_max_pods:
            return "max pods"
        return "cpu" if self.pods == self.by_cpu else "memory"


@dataclass(frozen=True, slots=True)
class NodeOption:
    """One instance type as a place for the pods."""

    instance: InstanceType
    """The type."""
    room: NodeRoom
    """What fits on one node."""
    nodes: int
    """Nodes that the pods need."""
    usd_per_node_month: float
    """One node with its disk, all month."""
    break_even_pods: int
    """From so many pods on a node it costs no more than Fargate; may be more than fit."""

    @property
    def usd_per_month(self) -> float:
        """Return what all nodes cost."""
        return self.nodes * self.usd_per_node_month

    @property
    def can_pay(self) -> bool:
        """Whether a full node is no dearer than Fargate."""
        return self.break_even_pods <= self.room.pods


def node_room(instance: InstanceType, request: PodRequest, terms: NodeTerms) -> NodeRoom:
    """Return how many pods fit on a node with secondary addresses and the usual ceiling.

    Args:
        instance: an EC2 type.
        request: of one pod; nothing is added or rounded on EC2.
        terms: what DaemonSets take.
    """
    usable = eni.usable_enis(instance.default_card_enis)
    max_pods = min(eni.formula_pods(usable, instance.ipv4_per_eni, "secondary"), eni.pod_cap(instance.vcpus))
    offered = allocatable(instance.vcpus, expected_capacity_mib(instance.memory_mib), max_pods)
    millicores = max(0, offered.cpu_millicores - terms.system_millicpu)
    memory_mib = max(0, offered.memory_mib - terms.system_memory_mib)
    by_cpu = _fits(millicores, request.effective_millicpu)
    by_memory = _fits(memory_mib, request.effective_memory_mib)
    by_max_pods = max(0, max_pods - eni.HOST_NETWORK_PODS)
    return NodeRoom(
        pods=min(by_cpu, by_memory, by_max_pods),
        by_cpu=by_cpu,
        by_memory=by_memory,
        by_max_pods=by_max_pods,
        cpu_millicores=millicores,
        memory_mib=memory_mib,
    )


def _fits(room: int, each: int) -> int:
    return room // each if each else UNLIMITED


def node_option(
    instance: InstanceType,
    request: PodRequest,
    pods: int,
    fargate_usd_per_pod_month: float,
    terms: NodeTerms,
    book: PriceBook,
) -> NodeOption | None:
    """Return a type as a place for the pods; None when no price is on record or no pod fits.

    Args:
        instance: an EC2 type.
        request: of one pod.
        pods: how many run at the same time.
        fargate_usd_per_pod_month: one pod on Fargate.
        terms: what comes with every node.
        book: the prices.
    """
    on_demand = book.on_record_usd_per_hour(instance)
    if on_demand is None:
        return None
    room = node_room(instance, request, terms)
    if room.pods == 0:
        return None
    month = node_month(on_demand, terms, book)
    return NodeOption(
        instance=instance,
        room=room,
        nodes=-(-pods // room.pods),
        usd_per_node_month=month,
        break_even_pods=break_even(month, fargate_usd_per_pod_month),
    )


def node_month(on_demand_usd_per_hour: float, terms: NodeTerms, book: PriceBook) -> float:
    """Return a node and its disk for 730 hours, in USD."""
    node = on_demand_usd_per_hour * (1 - terms.discount_percent / 100) * HOURS_PER_MONTH
    return node + terms.disk_gib * book.value(DISK_KEY)


def break_even(usd_per_node_month: float, fargate_usd_per_pod_month: float) -> int:
    """Return the pods from which on a node costs no more than the same pods on Fargate.

    Args:
        usd_per_node_month: one node.
        fargate_usd_per_pod_month: one pod.

    Returns:
        At least 1; `UNLIMITED` when pods on Fargate cost nothing and nodes do.
    """
    if usd_per_node_month <= 0:
        return 1
    if usd_per_node_month >= UNLIMITED * fargate_usd_per_pod_month:
        return UNLIMITED
    # Rounded, so that 7.000000000001 pods stay 7.
    return max(1, math.ceil(round(usd_per_node_month / fargate_usd_per_pod_month, 9)))


_ORDINARY = tuple(
    instance
    for instance in catalogue()
    if instance.is_current_generation
    and not (instance.is_bare_metal or instance.gpus)
    and not instance.family.startswith(("inf", "trn", "dl", "vt", "f1", "f2"))
)
"""Made when the calculator is first loaded: more than a thousand objects would cost half of an answer."""


def candidates(*, arm: bool, burstable: bool) -> Iterator[InstanceType]:
    """Yield the types that are compared: current generation, no accelerators, no bare metal.

    Args:
        arm: whether arm64 types count too; Fargate on EKS is x86 only.
        burstable: whether t types count too.
    """
    for instance in _ORDINARY:
        if instance.is_burstable and not burstable:
            continue
        if "x86_64" in instance.architectures or (arm and "arm64" in instance.architectures):
            yield instance


def options(
    request: PodRequest,
    pods: int,
    fargate_usd_per_pod_month: float,
    terms: NodeTerms,
    book: PriceBook,
    *,
    arm: bool,
    burstable: bool,
) -> list[NodeOption]:
    """Return every priced type that can hold a pod, the cheapest for these pods first.

    Args:
        request: of one pod.
        pods: how many run at the same time.
        fargate_usd_per_pod_month: one pod on Fargate.
        terms: what comes with every node.
        book: the prices.
        arm: whether arm64 types count too.
        burstable: whether t types count too.
    """
    found = (
        node_option(instance, request, pods, fargate_usd_per_pod_month, terms, book)
        for instance in candidates(arm=arm, burstable=burstable)
    )
    return sorted(
        (option for option in found if option is not None),
        key=lambda option: (round(option.usd_per_month, 6), option.nodes, option.instance.name),
    )


@dataclass(frozen=True, slots=True)
class StepDown:
    """A cheaper Fargate size, and what the pod may ask for to get it."""

    size: FargateSize
    """What would be provisioned."""
    vcpu: float
    """CPU request at most."""
    memory_gib: float
    """Memory request at most."""
    usd_per_hour: float
    """Of that size."""


def steps_down(request: PodRequest, book: PriceBook) -> list[StepDown]:
    """Return the next cheaper sizes: one with less memory, one with less CPU, as far as there are any.

    Args:
        request: what the pod asks for now.
        book: the prices.

    Raises:
        InputError: the request fits no size.
    """
    current = fargate_size(request)
    price, overhead = usd_per_hour(current, book), fargate_terms().overhead_mib
    millicpu, memory_mib = request.effective_millicpu, provisioned_mib(request)
    cheaper = [size for size in fargate_terms().sizes if usd_per_hour(size, book) < price]
    less_memory = [
        size for size in cheaper if round(size.vcpu * 1000) >= millicpu and size.memory_mib < memory_mib
    ]
    less_cpu = [
        size for size in cheaper if size.memory_mib >= memory_mib and round(size.vcpu * 1000) < millicpu
    ]
    found = []
    if less_memory:
        most = max(size.memory_mib for size in less_memory)
        found.append(
            min((size for size in less_memory if size.memory_mib == most), key=lambda size: size.vcpu)
        )
    if less_cpu:
        most_vcpu = max(size.vcpu for size in less_cpu)
        found.append(
            min((size for size in less_cpu if size.vcpu == most_vcpu), key=lambda size: size.memory_gb)
        )
    return [
        StepDown(
            size=size,
            vcpu=min(size.vcpu, millicpu / 1000),
            memory_gib=min(size.memory_mib - overhead, request.effective_memory_mib) / 1024,
            usd_per_hour=usd_per_hour(size, book),
        )
        for size in found
    ]
