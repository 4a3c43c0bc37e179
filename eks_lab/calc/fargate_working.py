"""The working of the `fargate` calculator: its question, its steps, its tables and its warnings.

The answer is put together in `eks_lab.calc.fargate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc import fargate_size
from eks_lab.calc.bill import HOURS_PER_MONTH, count_text, price_text, usd_text
from eks_lab.calc.fargate_break_even import DISK_KEY, UNLIMITED, NodeOption, NodeTerms, steps_down
from eks_lab.calc.fargate_size import EPHEMERAL_KEY, PRICE_KEYS, PodRequest
from eks_lab.calc.model import Grid, Plot, Series, Step, Value
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog import instance_types
from eks_lab.catalog.fargate import FargateSize, fargate_terms
from eks_lab.catalog.instance_types import InstanceType

CHEAPEST_SHOWN = 10
MOST_PLOTTED = 60


def _amount(inputs: Mapping[str, Value], name: str) -> float:
    value = inputs[name]
    return float(value) if isinstance(value, int | float) else 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """The pods and the nodes they are compared with."""

    request: PodRequest
    """Of one pod."""
    ephemeral_gib: float
    """Ephemeral storage of one pod."""
    pods: int
    """At the same time."""
    hours: float
    """In a month, on Fargate."""
    instance: InstanceType
    """The type to compare with."""
    terms: NodeTerms
    """What comes with every node."""
    arm: bool
    """Whether the image runs on arm64 too."""
    burstable: bool
    """Whether t types count."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question that checked inputs ask."""
        return cls(
            request=PodRequest.of(
                _amount(inputs, "cpu"),
                _amount(inputs, "memory"),
                _amount(inputs, "init_cpu"),
                _amount(inputs, "init_memory"),
            ),
            ephemeral_gib=_amount(inputs, "ephemeral_gib"),
            pods=int(_amount(inputs, "pods")),
            hours=_amount(inputs, "hours_per_month"),
            instance=instance_types.get(str(inputs["instance"])),
            terms=NodeTerms(
                system_millicpu=round(1000 * _amount(inputs, "system_cpu")),
                system_memory_mib=round(1024 * _amount(inputs, "system_memory")),
                disk_gib=_amount(inputs, "node_disk_gib"),
                discount_percent=_amount(inputs, "ec2_discount_percent"),
            ),
            arm=bool(inputs["arm"]),
            burstable=bool(inputs["burstable"]),
        )


@dataclass(frozen=True, slots=True)
class Price:
    """What one pod costs."""

    size: FargateSize
    """As provisioned."""
    compute_usd_per_hour: float
    """vCPU and memory."""
    ephemeral_usd_per_hour: float
    """Storage beyond 20 GiB."""
    hours: float
    """In a month."""

    @property
    def usd_per_hour(self) -> float:
        """Return both."""
        return self.compute_usd_per_hour + self.ephemeral_usd_per_hour

    @property
    def usd_per_month(self) -> float:
        """Return the hours it runs."""
        return self.usd_per_hour * self.hours


def size_steps(question: Question, price: Price, book: PriceBook) -> list[Step]:
    """Return the way from the requests to the price of a month."""
    request, size = question.request, price.size
    vcpu_key, gb_key = PRICE_KEYS
    overhead = fargate_terms().overhead_mib
    steps = [
        Step(
            formula="CPU = max(largest init container, sum of containers)",
            substitution=f"max({request.init_millicpu / 1000:g}, {request.millicpu / 1000:g})",
            value=request.effective_millicpu / 1000,
            unit="vCPU",
            why="Init containers run one after the other, before the others start.",
        ),
        Step(
            formula="memory = max(largest init container, sum of containers) + 256 MiB",
            substitution=f"max({request.init_memory_mib}, {request.memory_mib}) + {overhead}",
            value=request.effective_memory_mib + overhead,
            unit="MiB",
            why="kubelet, kube-proxy and containerd run in the pod's own machine.",
        ),
        Step(
            formula="size = the smallest vCPU, then the smallest memory, that hold both",
            substitution=f"{request.effective_millicpu / 1000:g} vCPU,"
            f" {(request.effective_memory_mib + overhead) / 1024:g} GB",
            value=size_text(size),
            unit="",
            why="Fargate has fixed sizes; the annotation CapacityProvisioned on the pod names the one it got.",
        ),
        Step(
            formula="hour = vCPU × price + GB × price",
            substitution=f"{size.vcpu:g} × {price_text(book.value(vcpu_key))}"
            f" + {size.memory_gb:g} × {price_text(book.value(gb_key))}",
            value=round(price.compute_usd_per_hour, 7),
            unit="USD/h",
            why="Paid is what is provisioned, not what is asked for or used.",
        ),
    ]
    if price.ephemeral_usd_per_hour or question.ephemeral_gib > fargate_terms().ephemeral_included_gib:
        steps.append(
            Step(
                formula="ephemeral storage = (GiB − 20) × price",
                substitution=f"({question.ephemeral_gib:g} − {fargate_terms().ephemeral_included_gib})"
                f" × {price_text(book.value(EPHEMERAL_KEY))}",
                value=round(price.ephemeral_usd_per_hour, 7),
                unit="USD/h",
                why="20 GiB are in the price.",
            )
        )
    steps.append(
        Step(
            formula="month = pods × hours × USD an hour",
            substitution=f"{question.pods} × {price.hours:g} × {price_text(round(price.usd_per_hour, 7))}",
            value=round(question.pods * price.usd_per_month, 2),
            unit="USD/month",
            why="Paid by the second from the image pull to the end, one minute at least.",
        )
    )
    return steps


def size_text(size: FargateSize) -> str:
    """Return `2 vCPU, 9 GB`."""
    return f"{size.vcpu:g} vCPU, {size.memory_gb:g} GB"


def node_steps(question: Question, price: Price, option: NodeOption, book: PriceBook) -> list[Step]:
    """Return the way from the requests to the break-even of one instance type."""
    room, request, terms = option.room, question.request, question.terms
    by_cpu = f"⌊{room.cpu_millicores} ÷ {request.effective_millicpu}⌋" if request.effective_millicpu else "∞"
    by_memory = (
        f"⌊{room.memory_mib} ÷ {request.effective_memory_mib}⌋" if request.effective_memory_mib else "∞"
    )
    on_demand = book.node_usd_per_hour(option.instance)
    share = f" × {1 - terms.discount_percent / 100:g}" if terms.discount_percent else ""
    return [
        Step(
            formula=f"pods on one {option.instance.name} = min(CPU, memory, max pods)",
            substitution=f"min({by_cpu}, {by_memory}, {room.by_max_pods})",
            value=room.pods,
            unit="pods",
            why="Millicores and MiB left after kubelet's reservations and DaemonSets; on EC2 nothing is"
            " added or rounded.",
        ),
        Step(
            formula="node = hours × price + disk",
            substitution=f"{HOURS_PER_MONTH} × {price_text(on_demand)}{share}"
            f" + {terms.disk_gib:g} × {price_text(book.value(DISK_KEY))}",
            value=round(option.usd_per_node_month, 2),
            unit="USD/month",
            why="A node is paid whether pods fill it or not.",
        ),
        Step(
            formula="break-even = ⌈node ÷ one pod on Fargate⌉",
            substitution=f"⌈{option.usd_per_node_month:.7g} ÷ {price.usd_per_month:.7g}⌉",
            value=option.break_even_pods if option.break_even_pods < UNLIMITED else None,
            unit="pods",
            why="From so many pods on a node it costs no more than Fargate."
            if option.can_pay
            else f"More than the {room.pods} that fit: for these pods Fargate is always cheaper.",
        ),
        Step(
            formula="nodes = ⌈pods ÷ pods on a node⌉",
            substitution=f"⌈{question.pods} ÷ {room.pods}⌉",
            value=option.nodes,
            unit="nodes",
            why=f"They cost {usd_text(option.usd_per_month)} USD a month.",
        ),
    ]


def options_grid(found: list[NodeOption], pods: int) -> Grid:
    """Return the cheapest instance types as a table."""
    return Grid(
        title=f"Cheapest EC2 types for {count_text(pods)} {'pod' if pods == 1 else 'pods'}",
        columns=("Type", "Pods a node", "Limit", "Nodes", "USD/month", "Break-even (pods a node)"),
        rows=tuple(
            (
                option.instance.name,
                option.room.pods,
                option.room.limit,
                option.nodes,
                round(option.usd_per_month, 2),
                option.break_even_pods if option.can_pay else None,
            )
            for option in found[:CHEAPEST_SHOWN]
        ),
    )


def smaller_grid(question: Question, price: Price, book: PriceBook) -> Grid | None:
    """Return the next cheaper Fargate sizes as a table, None when there are none."""
    rows = [
        (
            size_text(step.size),
            step.vcpu,
            step.memory_gib,
            round(step.usd_per_hour, 6),
            round(100 * (1 - step.usd_per_hour / price.compute_usd_per_hour), 1),
        )
        for step in steps_down(question.request, book)
    ]
    if not rows:
        return None
    return Grid(
        title="The next cheaper sizes, and what the pod may ask for",
        columns=("Size", "CPU at most (vCPU)", "Memory at most (GiB)", "USD/h", "Saves %"),
        rows=tuple(rows),
    )


def plot(question: Question, price: Price, cheapest: NodeOption, chosen: NodeOption | None) -> Plot:
    """Return cost over the number of pods: Fargate, the cheapest type, and the one asked about."""
    wanted = max(question.pods, 2 * cheapest.room.pods, 2)
    stride = -(-wanted // MOST_PLOTTED)
    counts = range(stride, wanted + 1, stride)

    def nodes(option: NodeOption) -> Series:
        points = tuple(
            (float(pods), round(-(-pods // option.room.pods) * option.usd_per_node_month, 2))
            for pods in counts
        )
        return Series(name=option.instance.name, points=points, style="step")

    series = [
        Series(
            name="Fargate",
            points=tuple((float(pods), round(pods * price.usd_per_month, 2)) for pods in counts),
        ),
        nodes(cheapest),
    ]
    if chosen is not None and chosen.instance.name != cheapest.instance.name:
        series.append(nodes(chosen))
    return Plot(title="Cost by number of pods", x_label="pods", y_label="USD a month", series=tuple(series))


def warnings(question: Question, price: Price, chosen: NodeOption | None, book: PriceBook) -> list[str]:
    """Return what to know before relying on the answer."""
    request, size, terms = question.request, price.size, fargate_terms()
    found = []
    if not request.effective_millicpu and not request.effective_memory_mib:
        found.append(
            f"Without requests the pod gets {size_text(size)}, of which {terms.overhead_mib} MiB are not its"
            " own: the way to OOMKilled."
        )
    smaller = PodRequest(
        request.effective_millicpu, max(0, request.effective_memory_mib - terms.overhead_mib)
    )
    without = fargate_size.usd_per_hour(fargate_size.fargate_size(smaller), book)
    if request.effective_memory_mib >= terms.overhead_mib and without < price.compute_usd_per_hour:
        percent = 100 * (1 - without / price.compute_usd_per_hour)
        found.append(
            f"The {terms.overhead_mib} MiB on top push it over a step: asking for"
            f" {smaller.memory_mib / 1024:g} GiB instead of {request.effective_memory_mib / 1024:g} saves"
            f" {percent:.0f} %."
        )
    if question.ephemeral_gib > terms.ephemeral_included_gib:
        found.append(
            "EKS provisions more ephemeral storage than is asked for (115 GiB for 100, says the user guide);"
            " the bill may count that."
        )
    if chosen is None:
        on_record = book.on_record_usd_per_hour(question.instance)
        found.append(
            f"No price of {question.instance.name} is on record: give it with prices,"
            f" for example {question.instance.name}=0.25."
            if on_record is None
            else f"No such pod fits on one {question.instance.name}."
        )
    if question.hours < HOURS_PER_MONTH:
        found.append(
            f"Fargate is paid for {question.hours:g} hours, the nodes for all {HOURS_PER_MONTH}: an autoscaler"
            " that removes them in between brings the two closer."
        )
    return found
