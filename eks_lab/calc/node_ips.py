"""What a node takes from its subnet: interfaces, prefixes, addresses in use and kept warm.

The VPC CNI attaches addresses before pods need them. How many decides the size of the subnet.
The figures come from `eks_lab.calc.warm_pool`.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc import eni
from eks_lab.calc.inputs import CUSTOM_NETWORKING, INSTANCE, PREFIX_DELEGATION
from eks_lab.calc.model import Answer, Calculator, Input, Step, Value
from eks_lab.calc.warm_pool import Pool, Question, pool_of


def _steps(question: Question, pool: Pool, nodes: int, result: Mapping[str, int]) -> tuple[Step, ...]:
    pool_steps = _prefix_steps if question.mode == "prefix" else _secondary_steps
    steps = [_usable_step(question), *pool_steps(question, pool)]
    if question.custom_networking:
        steps.append(
            Step(
                formula="addresses of the node's own subnet",
                substitution="1",
                value=1,
                unit="addresses",
                why="The primary ENI stays there with one address; pods live in the ENIConfig's subnet.",
            )
        )
    steps.append(
        Step(
            formula="idle = attached for pods − pods that have one",
            substitution=f"{pool.pod_ips} − {question.served_pods}",
            value=result["idle_ips"],
            unit="addresses",
            why="Kept warm: the next pods start without a call to EC2, and nobody else can use them.",
        )
    )
    own = " + 1" if question.custom_networking else ""
    steps.append(
        Step(
            formula="total = nodes × addresses per node",
            substitution=f"{nodes} × ({pool.subnet_ips}{own})" if own else f"{nodes} × {pool.subnet_ips}",
            value=result["total_ips"],
            unit="addresses",
            why="If every node carries as many pods; AWS keeps 5 more addresses of every subnet.",
        )
    )
    return tuple(steps)


def _usable_step(question: Question) -> Step:
    enis = question.instance.default_card_enis
    return Step(
        formula="ENIs for pods = ENIs of the default card − custom",
        substitution=f"{enis} − {int(question.custom_networking)}",
        value=question.usable_enis,
        unit="ENIs",
        why="With custom networking pods stay off the primary ENI."
        if question.custom_networking
        else "The primary ENI holds addresses for pods too.",
    )


def _secondary_steps(question: Question, pool: Pool) -> list[Step]:
    usable, places = question.usable_enis, question.instance.ipv4_per_eni - 1
    if not question.has_ip_targets:
        return [
            Step(
                formula="ENIs = min(ENIs for pods, max(1, ⌈pods ÷ (P − 1)⌉ + WARM_ENI_TARGET))",
                substitution=f"min({usable}, max(1, ⌈{question.served_pods} ÷ {places}⌉"
                f" + {question.warm_eni_target}))",
                value=pool.enis,
                unit="ENIs",
                why="ipamd keeps whole free ENIs; P is the number of addresses of an ENI.",
            ),
            Step(
                formula="addresses = ENIs × P",
                substitution=f"{pool.enis} × {places + 1}",
                value=pool.subnet_ips,
                unit="addresses",
                why="An attached ENI is filled up with addresses at once.",
            ),
        ]
    return [
        Step(
            formula="for pods = min(ENIs × (P − 1), max(MINIMUM_IP_TARGET, pods + WARM_IP_TARGET))",
            substitution=f"min({usable} × {places}, max({question.minimum_ip_target},"
            f" {question.served_pods} + {question.warm_ip_target}))",
            value=pool.pod_ips,
            unit="addresses",
            why="Either of the two targets overrides WARM_ENI_TARGET.",
        ),
        Step(
            formula="ENIs = max(1, ⌈for pods ÷ (P − 1)⌉)",
            substitution=f"max(1, ⌈{pool.pod_ips} ÷ {places}⌉)",
            value=pool.enis,
            unit="ENIs",
            why="An ENI holds P − 1 addresses for pods.",
        ),
        _primaries_step(pool),
    ]


def _prefix_steps(question: Question, pool: Pool) -> list[Step]:
    usable, places = question.usable_enis, question.instance.ipv4_per_eni - 1
    if question.has_ip_targets:
        formula = "prefixes = min(ENIs × (P − 1), ⌈max(MINIMUM_IP_TARGET, pods + WARM_IP_TARGET) ÷ 16⌉)"
        wanted = (
            f"⌈max({question.minimum_ip_target}, {question.served_pods} + {question.warm_ip_target}) ÷ 16⌉"
        )
        why = "Either of the two targets overrides WARM_PREFIX_TARGET; there is always one prefix."
    else:
        formula = "prefixes = min(ENIs × (P − 1), ⌈pods ÷ 16⌉ + WARM_PREFIX_TARGET)"
        wanted = f"⌈{question.served_pods} ÷ 16⌉ + {question.warm_prefix_target}"
        why = "ipamd keeps whole free prefixes of 16 addresses; there is always one prefix."
    return [
        Step(
            formula=formula,
            substitution=f"min({usable} × {places}, {wanted})",
            value=pool.prefixes,
            unit="prefixes",
            why=why,
        ),
        Step(
            formula="ENIs = ⌈prefixes ÷ (P − 1)⌉",
            substitution=f"⌈{pool.prefixes} ÷ {places}⌉",
            value=pool.enis,
            unit="ENIs",
            why="A prefix takes the place of one secondary address; P − 1 fit on an ENI.",
        ),
        Step(
            formula="for pods = prefixes × 16",
            substitution=f"{pool.prefixes} × 16",
            value=pool.pod_ips,
            unit="addresses",
            why="A /28 prefix is 16 addresses side by side.",
        ),
        _primaries_step(pool),
    ]


def _primaries_step(pool: Pool) -> Step:
    return Step(
        formula="addresses = for pods + ENIs",
        substitution=f"{pool.pod_ips} + {pool.enis}",
        value=pool.subnet_ips,
        unit="addresses",
        why="Every ENI takes one primary address that no pod can have.",
    )


def _warnings(question: Question) -> tuple[str, ...]:
    instance = question.instance
    found = []
    cap = min(question.capacity + eni.HOST_NETWORK_PODS, eni.pod_cap(instance.vcpus))
    if question.pods > question.capacity:
        found.append(
            f"{instance.name} has addresses for {question.capacity} pods;"
            f" {question.pods - question.capacity} of {question.pods} get none. The answer counts"
            f" {question.capacity}."
        )
    elif question.pods + eni.HOST_NETWORK_PODS > cap:
        found.append(
            f"{question.pods} pods and {eni.HOST_NETWORK_PODS} on the host network are more than the"
            f" recommended max pods of {cap}: kubelet refuses them unless maxPods was raised."
        )
    if question.prefix_delegation and question.mode == "secondary":
        found.append(
            f"{instance.name} is not built on Nitro: the VPC CNI ignores ENABLE_PREFIX_DELEGATION there"
            " and gives secondary addresses."
        )
    if question.mode == "prefix":
        found.append(
            "Each prefix needs 16 free addresses side by side, aligned: a scattered subnet refuses it although"
            " addresses are free (InsufficientCidrBlocks). Reserve ranges of type prefix."
        )
    return (*found, *_target_warnings(question))


def _target_warnings(question: Question) -> list[str]:
    found = []
    if question.has_ip_targets:
        found.append(
            "WARM_IP_TARGET and MINIMUM_IP_TARGET suit small clusters with little churn: with many pods coming"
            " and going, ipamd calls EC2 so often that it is throttled."
        )
        overridden = (
            ("WARM_PREFIX_TARGET", question.warm_prefix_target)
            if question.mode == "prefix"
            else ("WARM_ENI_TARGET", question.warm_eni_target)
        )
        if overridden[1] != 1:
            found.append(f"{overridden[0]} {overridden[1]} has no effect: an IP target is set.")
    elif question.mode == "prefix" and question.warm_prefix_target == 0:
        found.append("WARM_PREFIX_TARGET 0 is not supported: a new pod would wait for EC2.")
    elif question.mode == "secondary" and question.warm_eni_target == 0:
        found.append("WARM_ENI_TARGET 0 keeps nothing warm: the first pod of a new ENI waits up to 10 s.")
    if question.mode == "prefix" and question.warm_eni_target != 1:
        found.append("WARM_ENI_TARGET has no effect with prefix delegation: set WARM_PREFIX_TARGET.")
    if question.mode == "secondary" and question.warm_prefix_target != 1:
        found.append("WARM_PREFIX_TARGET has no effect with secondary addresses: set WARM_ENI_TARGET.")
    return found


def _headline(question: Question, pool: Pool, nodes: int, result: Mapping[str, int]) -> str:
    pods = "1 pod" if question.served_pods == 1 else f"{question.served_pods} pods"
    enis = "1 ENI" if pool.enis == 1 else f"{pool.enis} ENIs"
    held = enis if question.mode == "secondary" else f"{pool.prefixes} prefixes on {enis}"
    if question.mode == "prefix" and pool.prefixes == 1:
        held = f"1 prefix on {enis}"
    whose = "the pods' subnet" if question.custom_networking else "the subnet"
    text = (
        f"{question.instance.name} with {pods} takes {pool.subnet_ips} addresses from {whose} ({held},"
        f" {result['idle_ips']} addresses idle)."
    )
    if nodes > 1:
        text += f" {nodes} nodes take {result['total_ips']}."
    return text


def node_ips(inputs: Mapping[str, Value]) -> Answer:
    """Answer what nodes take from their subnets.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        Per node: `enis`, `prefixes` (0 with secondary addresses), `pod_ips` attached for pods,
        `subnet_ips` taken from the subnet of those ENIs, `node_subnet_ips` taken besides from the
        node's own subnet (1 with custom networking, else 0), `idle_ips`, `capacity_pods` (addresses
        for pods at most) and `served_pods`. For all nodes: `total_subnet_ips`,
        `total_node_subnet_ips` and their sum `total_ips`.

    Raises:
        InputError: custom networking leaves no ENI for pods.
    """
    question = Question.of(inputs)
    pool = pool_of(question)
    nodes = inputs["nodes"] if isinstance(inputs["nodes"], int) else 1
    node_subnet_ips = int(question.custom_networking)
    figures = {
        "enis": pool.enis,
        "prefixes": pool.prefixes,
        "pod_ips": pool.pod_ips,
        "subnet_ips": pool.subnet_ips,
        "node_subnet_ips": node_subnet_ips,
        "idle_ips": pool.pod_ips - question.served_pods,
        "capacity_pods": question.capacity,
        "served_pods": question.served_pods,
        "total_subnet_ips": nodes * pool.subnet_ips,
        "total_node_subnet_ips": nodes * node_subnet_ips,
        "total_ips": nodes * (pool.subnet_ips + node_subnet_ips),
    }
    return Answer(
        calculator="node-ips",
        headline=_headline(question, pool, nodes, figures),
        inputs=dict(inputs),
        result={"mode": question.mode, **figures},
        steps=_steps(question, pool, nodes, figures),
        sources=(eni.CNI_TARGETS, eni.BEST_PRACTICES, eni.catalogue_reference()),
        warnings=_warnings(question),
    )


CALCULATOR = Calculator(
    name="node-ips",
    title="Addresses a node takes",
    summary="How many ENIs, prefixes and subnet addresses nodes take, with what is kept warm.",
    inputs=(
        INSTANCE,
        Input(
            name="pods",
            label="Pods",
            kind="integer",
            default=10,
            help="Pods on the node with an address of the VPC; pods on the host network do not count.",
            unit="pods",
            minimum=0,
            maximum=20_000,
        ),
        PREFIX_DELEGATION,
        CUSTOM_NETWORKING,
        Input(
            name="warm_eni_target",
            label="WARM_ENI_TARGET",
            kind="integer",
            default=1,
            help="Free ENIs kept ready; counts only with secondary addresses and without an IP target.",
            unit="ENIs",
            minimum=0,
            maximum=1000,
        ),
        Input(
            name="warm_ip_target",
            label="WARM_IP_TARGET",
            kind="integer",
            default=None,
            help="Free addresses kept ready; overrides the ENI and prefix targets. 0 is not set.",
            unit="addresses",
            minimum=0,
            maximum=20_000,
            optional=True,
        ),
        Input(
            name="minimum_ip_target",
            label="MINIMUM_IP_TARGET",
            kind="integer",
            default=None,
            help="Addresses held at least; overrides the ENI and prefix targets. 0 is not set.",
            unit="addresses",
            minimum=0,
            maximum=20_000,
            optional=True,
        ),
        Input(
            name="warm_prefix_target",
            label="WARM_PREFIX_TARGET",
            kind="integer",
            default=1,
            help="Free prefixes kept ready; counts only with prefix delegation and without an IP target.",
            unit="prefixes",
            minimum=0,
            maximum=1000,
        ),
        Input(
            name="nodes",
            label="Nodes",
            kind="integer",
            default=1,
            help="Nodes of that kind, each with as many pods.",
            unit="nodes",
            minimum=1,
            maximum=100_000,
        ),
    ),
    compute=node_ips,
    lesson="networking.warm-pool",
    result_units={
        "enis": "ENIs",
        "prefixes": "prefixes",
        "pod_ips": "addresses",
        "subnet_ips": "addresses",
        "node_subnet_ips": "addresses",
        "idle_ips": "addresses",
        "capacity_pods": "pods",
        "served_pods": "pods",
        "total_subnet_ips": "addresses",
        "total_node_subnet_ips": "addresses",
        "total_ips": "addresses",
    },
)
