"""What a pod gets and costs on Fargate, and from how many pods on EC2 is cheaper.

Sizes come from `eks_lab.calc.fargate_size`, the comparison from `eks_lab.calc.fargate_break_even`.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc import eni, fargate_size
from eks_lab.calc.bill import HOURS_PER_MONTH, usd_text
from eks_lab.calc.fargate_break_even import DISK_KEY, NodeOption, node_option, options
from eks_lab.calc.fargate_size import EPHEMERAL_KEY, PRICE_KEYS
from eks_lab.calc.fargate_working import (
    CHEAPEST_SHOWN,
    Price,
    Question,
    node_steps,
    options_grid,
    plot,
    size_steps,
    size_text,
    smaller_grid,
    warnings,
)
from eks_lab.calc.inputs import INSTANCE
from eks_lab.calc.model import Answer, Calculator, Input, Reference, Value
from eks_lab.calc.price_overrides import PRICES, TODAY, PriceBook
from eks_lab.calc.reservations import KARPENTER, NODEADM
from eks_lab.catalog.fargate import fargate_terms
from eks_lab.errors import InputError


def _headline(question: Question, price: Price, cheapest: NodeOption | None) -> str:
    month = question.pods * price.usd_per_month
    pods = "1 pod costs" if question.pods == 1 else f"{question.pods:,} pods cost"
    text = (
        f"Fargate provisions {size_text(price.size)} ({usd_text(price.usd_per_hour)} USD an hour);"
        f" {pods} {usd_text(month)} USD a month"
    )
    if cheapest is None:
        return f"{text}."
    nodes = f"{cheapest.nodes} × {cheapest.instance.name}"
    word = "less" if cheapest.usd_per_month < month else "more"
    return f"{text}, {nodes} {usd_text(cheapest.usd_per_month)}, {usd_text(abs(cheapest.usd_per_month - month))} {word}."


def fargate(inputs: Mapping[str, Value]) -> Answer:
    """Answer what pods get and cost on Fargate, and how EC2 compares.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `vcpu` and `memory_gb` as provisioned; `usd_per_hour` of one pod, `usd_per_month` of all;
        `unused_…` is paid and not asked for. `pods_per_node`, `nodes`, `node_usd_per_month` and
        `break_even_pods` are of the instance asked about, None when it has no price or no pod fits,
        `break_even_pods` also when Fargate is always cheaper. `cheapest_instance` and
        `cheapest_usd_per_month` are of the whole catalogue, None when nothing fits.

    Raises:
        InputError: the pod fits no Fargate size, or a price is unusable.
    """
    book = PriceBook.of(inputs)
    question = Question.of(inputs)
    if question.ephemeral_gib > fargate_terms().ephemeral_max_gib:
        raise InputError(
            f"ephemeral_gib: {question.ephemeral_gib:g} GiB is more than Fargate gives",
            hint=f"{fargate_terms().ephemeral_max_gib} GiB at most; use EFS for more.",
        )
    size = fargate_size.fargate_size(question.request)
    price = Price(
        size=size,
        compute_usd_per_hour=fargate_size.usd_per_hour(size, book),
        ephemeral_usd_per_hour=fargate_size.ephemeral_usd_per_hour(question.ephemeral_gib, book),
        hours=question.hours,
    )
    chosen = node_option(
        question.instance, question.request, question.pods, price.usd_per_month, question.terms, book
    )
    ranked = options(
        question.request,
        question.pods,
        price.usd_per_month,
        question.terms,
        book,
        arm=question.arm,
        burstable=question.burstable,
    )
    cheapest = ranked[0] if ranked else None
    keys = [*PRICE_KEYS, *([EPHEMERAL_KEY] if price.ephemeral_usd_per_hour else [])]
    if (chosen or cheapest) and question.terms.disk_gib:
        keys.append(DISK_KEY)
    names = [option.instance.name for option in (chosen, *ranked[:CHEAPEST_SHOWN]) if option is not None]
    terms = fargate_terms().source
    smaller = smaller_grid(question, price, book)
    grids = ([smaller] if smaller else []) + ([options_grid(ranked, question.pods)] if ranked else [])
    return Answer(
        calculator="fargate",
        headline=_headline(question, price, cheapest),
        inputs=dict(inputs),
        result={
            "vcpu": size.vcpu,
            "memory_gb": size.memory_gb,
            "usd_per_hour": round(price.usd_per_hour, 7),
            "usd_per_month": round(question.pods * price.usd_per_month, 2),
            "unused_vcpu": round(size.vcpu - question.request.effective_millicpu / 1000, 3),
            "unused_memory_gib": round(size.memory_gb - question.request.effective_memory_mib / 1024, 3),
            "pods_per_node": chosen.room.pods if chosen else None,
            "node_limit": chosen.room.limit if chosen else None,
            "nodes": chosen.nodes if chosen else None,
            "node_usd_per_month": round(chosen.usd_per_month, 2) if chosen else None,
            "break_even_pods": chosen.break_even_pods if chosen and chosen.can_pay else None,
            "cheapest_instance": cheapest.instance.name if cheapest else None,
            "cheapest_usd_per_month": round(cheapest.usd_per_month, 2) if cheapest else None,
        },
        steps=(
            *size_steps(question, price, book),
            *(node_steps(question, price, chosen, book) if chosen else ()),
        ),
        sources=(
            Reference(title=terms.title, date=terms.as_of.isoformat(), url=terms.url),
            *book.references(keys, instances=names),
            *((NODEADM, KARPENTER, eni.catalogue_reference()) if names else ()),
        ),
        warnings=(
            *warnings(question, price, chosen, book),
            *book.warnings(keys, instances=names),
            *book.limit_warnings(terms),
        ),
        grids=tuple(grids),
        plots=(plot(question, price, cheapest, chosen),) if cheapest else (),
    )


def _number(
    name: str, label: str, default: float, unit: str, help_text: str, maximum: float, minimum: float = 0
) -> Input:
    return Input(name, label, "number", default, help_text, unit=unit, minimum=minimum, maximum=maximum)


CALCULATOR = Calculator(
    name="fargate",
    title="A pod on Fargate",
    summary="What a pod gets and costs on Fargate after rounding up, and from how many pods on EC2 is cheaper.",
    inputs=(
        _number(
            "cpu", "CPU request", 0.25, "vCPU", "Sum over the pod's containers and native sidecars.", 1000
        ),
        _number(
            "memory",
            "Memory request",
            0.5,
            "GiB",
            "Sum over the pod's containers and native sidecars.",
            100_000,
        ),
        _number(
            "init_cpu", "CPU of init containers", 0.0, "vCPU", "Largest request of an init container.", 1000
        ),
        _number(
            "init_memory",
            "Memory of init containers",
            0.0,
            "GiB",
            "Largest request of an init container.",
            100_000,
        ),
        _number(
            "ephemeral_gib",
            "Ephemeral storage",
            20.0,
            "GiB",
            "Scratch space; 20 GiB are in the price.",
            100_000,
        ),
        Input(
            "pods", "Pods", "integer", 1, "Pods at the same time.", unit="pods", minimum=1, maximum=100_000
        ),
        _number(
            "hours_per_month",
            "Hours a month",
            float(HOURS_PER_MONTH),
            "h",
            "How long each runs in a month; nodes are counted for the whole month.",
            HOURS_PER_MONTH,
        ),
        INSTANCE,
        Input(
            "arm",
            "Runs on Arm",
            "flag",
            False,
            "Whether Graviton types count too; Fargate on EKS is x86 only.",
        ),
        Input(
            "burstable",
            "Burstable types",
            "flag",
            False,
            "Whether t types count too: cheap, but CPU above their baseline uses up credits.",
        ),
        _number(
            "ec2_discount_percent",
            "EC2 discount",
            0.0,
            "%",
            "Spot or Savings Plan, off the on-demand price.",
            100,
        ),
        _number(
            "system_cpu",
            "CPU of DaemonSets",
            0.15,
            "vCPU",
            "Requests of DaemonSets on each node, together.",
            1000,
        ),
        _number(
            "system_memory",
            "Memory of DaemonSets",
            0.0,
            "GiB",
            "Requests of DaemonSets on each node.",
            100_000,
        ),
        _number("node_disk_gib", "Disk of a node", 20.0, "GiB", "gp3 disk of each node.", 65_536),
        PRICES,
        TODAY,
    ),
    compute=fargate,
    lesson="compute.fargate",
    result_units={
        "vcpu": "vCPU",
        "memory_gb": "GB",
        "usd_per_hour": "USD/h",
        "usd_per_month": "USD/month",
        "unused_vcpu": "vCPU",
        "unused_memory_gib": "GiB",
        "pods_per_node": "pods",
        "nodes": "nodes",
        "node_usd_per_month": "USD/month",
        "break_even_pods": "pods",
        "cheapest_usd_per_month": "USD/month",
    },
)
