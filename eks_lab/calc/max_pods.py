"""How many pods a node may run, and which limit decides it.

Kubelet refuses pod number maxPods + 1. The number comes from the addresses that the node's ENIs can
hold, and from a ceiling that a managed node group enforces. Sources: `SOURCES` below.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc import eni
from eks_lab.calc.inputs import CUSTOM_NETWORKING, INSTANCE, PREFIX_DELEGATION
from eks_lab.calc.model import Answer, Calculator, Input, Reference, Step, Value
from eks_lab.calc.pod_limit import PodLimit, Question, kube_reserved_memory_mib, pod_limit
from eks_lab.calc.pod_limit_warnings import warnings
from eks_lab.catalog import branch_enis
from eks_lab.catalog.instance_types import InstanceType

NODEADM = Reference(
    title="awslabs/amazon-eks-ami, nodeadm: eni_max_pods.go and kubelet/config.go",
    date="2026-07-23",
    url="https://github.com/awslabs/amazon-eks-ami/tree/main/nodeadm",
)
USER_GUIDE = Reference(
    title="EKS user guide: Choose an optimal EC2 node instance type (max pods, Auto Mode)",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html",
)
SECURITY_GROUPS = Reference(
    title="EKS user guide: Assign security groups to individual pods",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
)
SOURCES = (eni.FORMULA, USER_GUIDE, NODEADM, eni.BEST_PRACTICES)


def _steps(question: Question, limit: PodLimit) -> tuple[Step, ...]:
    instance = question.instance
    steps: list[Step] = []
    if limit.formula_pods is not None:
        steps.append(_eni_step(question, limit))
        steps.append(_formula_step(question, limit))
    if limit.cap is not None:
        steps.append(_cap_step(question, limit.cap))
    if limit.formula_pods is not None and limit.cap is not None:
        steps.append(
            Step(
                formula="max pods = min(formula, ceiling)",
                substitution=f"min({limit.formula_pods}, {limit.cap})",
                value=limit.max_pods,
                unit="pods",
                why="kubelet takes the smaller number; in a group of several types the lowest counts for all.",
            )
        )
    steps.append(
        Step(
            formula="kube-reserved memory = 255 MiB + 11 MiB × max pods",
            substitution=f"255 + 11 × {limit.max_pods}",
            value=kube_reserved_memory_mib(limit.max_pods),
            unit="MiB",
            why="Reckoned as on AL2023: what Auto Mode reserves is not documented."
            if question.is_auto_mode
            else f"nodeadm takes it out of the node's {instance.memory_mib} MiB before any pod runs.",
        )
    )
    if limit.pods_without_branch_eni is not None:
        steps.append(
            Step(
                formula="without an own security group = the formula with one ENI less",
                substitution=_formula_text(max(0, limit.usable_enis - 1), instance, limit.mode),
                value=limit.pods_without_branch_eni,
                unit="pods",
                why="The trunk ENI carries branch ENIs only and gives no addresses to other pods.",
            )
        )
    return tuple(steps)


def _eni_step(question: Question, limit: PodLimit) -> Step:
    instance = question.instance
    allowed = str(instance.default_card_enis)
    if question.max_eni is not None:
        allowed = f"min({allowed}, {question.max_eni})"
    if instance.network_cards > 1:
        why = (
            f"Only the default network card counts: {instance.default_card_enis} of"
            f" {instance.total_enis} ENIs on {instance.network_cards} cards."
        )
    elif question.custom_networking:
        why = "With custom networking pods stay off the primary ENI."
    else:
        why = "Every ENI can hold addresses for pods, the primary one too."
    return Step(
        formula="ENIs for pods = min(ENIs of the default card, MAX_ENI) − custom",
        substitution=f"{allowed} − {int(question.custom_networking)}",
        value=limit.usable_enis,
        unit="ENIs",
        why=why,
    )


def _formula_text(usable: int, instance: InstanceType, mode: eni.Mode) -> str:
    sixteen = f" × {eni.ADDRESSES_PER_PREFIX}" if mode == "prefix" else ""
    return f"{usable} × ({instance.ipv4_per_eni} − 1){sixteen} + {eni.HOST_NETWORK_PODS}"


def _formula_step(question: Question, limit: PodLimit) -> Step:
    why = (
        "An ENI's primary address is not for pods; the 2 are aws-node and kube-proxy, which need none."
        if limit.formula_mode == "secondary"
        else "Each place of a secondary address holds a /28 prefix of 16 addresses instead."
    )
    sixteen = " × 16" if limit.formula_mode == "prefix" else ""
    return Step(
        formula=f"formula = ENIs for pods × (addresses per ENI − 1){sixteen} + 2",
        substitution=_formula_text(limit.usable_enis, question.instance, limit.formula_mode),
        value=limit.formula_pods,
        unit="pods",
        why=why,
    )


def _cap_step(question: Question, cap: int) -> Step:
    vcpus = question.instance.vcpus
    if question.is_auto_mode:
        return Step(
            formula="ceiling of Auto Mode = 110",
            substitution="110",
            value=cap,
            unit="pods",
            why="Auto Mode runs 110 pods a node at most, whatever the size of the node.",
        )
    why = (
        "250 is what EKS's own scalability tests allow for large nodes."
        if cap == eni.LARGE_POD_CAP
        else "110 is the scale that Kubernetes is tested at; a managed node group enforces it."
    )
    return Step(
        formula="ceiling = 110 up to 30 vCPUs, 250 above",
        substitution=f"{cap} for {vcpus} vCPUs",
        value=cap,
        unit="pods",
        why=why,
    )


def _headline(question: Question, limit: PodLimit) -> str:
    name, pods = question.instance.name, limit.max_pods
    if limit.formula_pods is None:
        return f"{name}: max pods {pods}; an IPv6 cluster has addresses enough, the ceiling decides."
    how = "with prefixes" if limit.formula_mode == "prefix" else "with secondary addresses"
    if limit.cap is not None and limit.formula_pods > limit.cap:
        return f"{name}: max pods {pods}; {limit.formula_pods} by the formula {how}, the ceiling decides."
    if question.is_nodeadm:
        return f"{name}: max pods {pods} {how}; nodeadm sets no ceiling."
    return f"{name}: max pods {pods} {how}; its interfaces hold no more addresses."


def _sources(question: Question) -> tuple[Reference, ...]:
    sources = (*SOURCES, eni.catalogue_reference())
    if not question.security_groups:
        return sources
    limits = branch_enis.record().source
    record = Reference(title=limits.title, date=limits.as_of.isoformat(), url=limits.url)
    return (*sources, SECURITY_GROUPS, record)


def max_pods(inputs: Mapping[str, Value]) -> Answer:
    """Answer how many pods a node may run.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `max_pods` is what to give kubelet. `limit` says what binds: `formula` (addresses) or `cap`.
        `formula_pods` is None in an IPv6 cluster, `cap` with bare nodeadm, `prefix_pods` where
        prefixes are impossible, `branch_enis` when not on record, `pods_without_branch_eni`
        without security groups for pods.

    Raises:
        InputError: EKS does not offer the combination.
    """
    question = Question.of(inputs)
    limit = pod_limit(question)
    reserved_mib = kube_reserved_memory_mib(limit.max_pods)
    binds_formula = limit.formula_pods is not None and limit.max_pods == limit.formula_pods
    return Answer(
        calculator="max-pods",
        headline=_headline(question, limit),
        inputs=dict(inputs),
        result={
            "max_pods": limit.max_pods,
            "limit": "formula" if binds_formula else "cap",
            "mode": limit.mode,
            "formula_pods": limit.formula_pods,
            "cap": limit.cap,
            "secondary_pods": limit.secondary_pods,
            "prefix_pods": limit.prefix_pods,
            "usable_enis": limit.usable_enis,
            "host_network_pods": eni.HOST_NETWORK_PODS,
            "nodeadm_pods": limit.nodeadm_pods,
            "kube_reserved_memory_mib": reserved_mib,
            "kube_reserved_memory_percent": round(100 * reserved_mib / question.instance.memory_mib, 1),
            "branch_enis": question.instance.branch_enis,
            "pods_without_branch_eni": limit.pods_without_branch_eni,
        },
        steps=_steps(question, limit),
        sources=_sources(question),
        warnings=warnings(question, limit),
    )


CALCULATOR = Calculator(
    name="max-pods",
    title="Max pods of a node",
    summary="How many pods kubelet accepts on a node, and which limit decides it.",
    inputs=(
        INSTANCE,
        PREFIX_DELEGATION,
        CUSTOM_NETWORKING,
        Input(
            name="max_eni",
            label="MAX_ENI",
            kind="integer",
            default=None,
            help="MAX_ENI of the VPC CNI: so many ENIs at most, the primary included.",
            unit="ENIs",
            minimum=1,
            maximum=1000,
            optional=True,
        ),
        Input(
            name="ip_family",
            label="IP family",
            kind="choice",
            default="ipv4",
            help="IP family of the cluster's pods.",
            choices=("ipv4", "ipv6"),
        ),
        Input(
            name="node_management",
            label="Who sets max pods",
            kind="choice",
            default="managed-node-group",
            help="A managed node group applies the ceiling; bare nodeadm knows neither ceiling nor prefixes;"
            " Auto Mode stops at 110.",
            choices=("managed-node-group", "nodeadm", "auto-mode"),
        ),
        Input(
            name="security_groups_for_pods",
            label="Security groups for pods",
            kind="flag",
            default=False,
            help="ENABLE_POD_ENI of the VPC CNI: one ENI becomes the trunk of branch ENIs.",
        ),
    ),
    compute=max_pods,
    lesson="networking.max-pods",
    result_units={
        "max_pods": "pods",
        "formula_pods": "pods",
        "cap": "pods",
        "secondary_pods": "pods",
        "prefix_pods": "pods",
        "usable_enis": "ENIs",
        "host_network_pods": "pods",
        "nodeadm_pods": "pods",
        "kube_reserved_memory_mib": "MiB",
        "kube_reserved_memory_percent": "%",
        "branch_enis": "ENIs",
        "pods_without_branch_eni": "pods",
    },
)
