"""What a node leaves to pods: capacity, reservations, eviction threshold, DaemonSets.

Max pods eats memory: nodeadm reserves 11 MiB for each pod that could come, whether it comes or not.
The figures come from `eks_lab.calc.reservations`.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc import eni, reservations
from eks_lab.calc.allocatable_working import grids, plot, steps, warnings
from eks_lab.calc.inputs import CUSTOM_NETWORKING, INSTANCE, PREFIX_DELEGATION
from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.calc.node_budget import EXPRESSION, KUBELET_CONFIG, NodeBudget
from eks_lab.calc.pod_limit_warnings import EVICTION_HARD_MIB

MEMORY_OVERHEAD = Input(
    name="memory_overhead_percent",
    label="Memory the node does not see",
    kind="number",
    default=reservations.KARPENTER_OVERHEAD_PERCENT,
    help="Share of the nominal memory that hypervisor and kernel keep; 7.5 is Karpenter's first guess.",
    unit="%",
    minimum=0,
    maximum=50,
)
DAEMONSET_CPU = Input(
    name="daemonset_cpu_millicores",
    label="CPU of DaemonSets",
    kind="integer",
    default=150,
    help="Requests of all DaemonSet pods of a node; aws-node asks for 50 and kube-proxy for 100 by default.",
    unit="millicores",
    minimum=0,
    maximum=1_000_000,
)
DAEMONSET_MEMORY = Input(
    name="daemonset_memory_mib",
    label="Memory of DaemonSets",
    kind="integer",
    default=0,
    help="Requests of all DaemonSet pods of a node; aws-node and kube-proxy ask for none by default.",
    unit="MiB",
    minimum=0,
    maximum=10_000_000,
)


def allocatable(inputs: Mapping[str, Value]) -> Answer:
    """Answer what a node leaves to pods.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `max_pods` as kubelet has it and `reserved_pods` as nodeadm reckons with it; of memory (MiB),
        CPU (millicores) and disk (GiB) the capacity, what is reserved, what is allocatable
        (`allocatable_*`: as `kubectl describe node` shows it), and what DaemonSets leave (`pods_*`),
        altogether and a pod at max pods.

    Raises:
        InputError: the capacity is larger than the memory of the type.
    """
    node = NodeBudget.of(inputs)
    instance, left = node.instance, node.left
    per_pod_mib = node.pods_memory_mib // max(1, node.workload_pods)
    return Answer(
        calculator="allocatable",
        headline=f"{instance.name} with max pods {node.max_pods} offers {left.memory_mib} MiB and"
        f" {left.cpu_millicores} millicores; your pods can request {node.pods_memory_mib} MiB and"
        f" {node.pods_cpu_millicores} millicores, {per_pod_mib} MiB each when {node.workload_pods} run.",
        inputs=dict(inputs),
        result={
            "max_pods": node.max_pods,
            "reserved_pods": node.reserved_pods,
            "nominal_memory_mib": instance.memory_mib,
            "capacity_memory_mib": node.capacity_mib,
            "kube_reserved_memory_mib": left.kube_reserved_memory_mib,
            "eviction_memory_mib": EVICTION_HARD_MIB,
            "allocatable_memory_mib": left.memory_mib,
            "allocatable_memory_percent": round(100 * left.memory_mib / instance.memory_mib, 1),
            "pods_memory_mib": node.pods_memory_mib,
            "memory_per_pod_mib": per_pod_mib,
            "capacity_cpu_millicores": 1000 * instance.vcpus,
            "kube_reserved_cpu_millicores": left.kube_reserved_cpu_millicores,
            "allocatable_cpu_millicores": left.cpu_millicores,
            "pods_cpu_millicores": node.pods_cpu_millicores,
            "cpu_per_pod_millicores": node.pods_cpu_millicores // max(1, node.workload_pods),
            "allocatable_storage_gib": round(reservations.allocatable_storage_gib(node.disk_gib), 2),
            "workload_pods": node.workload_pods,
        },
        steps=steps(node),
        sources=(reservations.NODEADM, reservations.KARPENTER, eni.FORMULA, eni.catalogue_reference()),
        warnings=warnings(node),
        grids=grids(node),
        plots=(plot(node),),
    )


CALCULATOR = Calculator(
    name="allocatable",
    title="Allocatable: what a node leaves to pods",
    summary="Capacity, kube-reserved, eviction threshold, and what pods really get; how max pods eats memory.",
    inputs=(
        INSTANCE,
        PREFIX_DELEGATION,
        CUSTOM_NETWORKING,
        Input(
            name="max_pods",
            label="Max pods",
            kind="integer",
            default=None,
            help="What kubelet is given; when it is not set, what a managed node group computes.",
            unit="pods",
            minimum=1,
            maximum=12_000,
            optional=True,
        ),
        Input(
            name="max_pods_from",
            label="Max pods comes from",
            kind="choice",
            default=EXPRESSION,
            help="maxPodsExpression of the NodeConfig raises the reservation too; maxPods in kubelet.config"
            " leaves it at nodeadm's own number.",
            choices=(EXPRESSION, KUBELET_CONFIG),
        ),
        Input(
            name="capacity_mib",
            label="Capacity of memory",
            kind="integer",
            default=None,
            help="Memory a live node reports; when it is not set, it is guessed from the overhead.",
            unit="MiB",
            minimum=1,
            maximum=100_000_000,
            optional=True,
        ),
        MEMORY_OVERHEAD,
        DAEMONSET_CPU,
        DAEMONSET_MEMORY,
        Input(
            name="disk_gib",
            label="Disk of the node",
            kind="number",
            default=20.0,
            help="File system of images, logs and emptyDir volumes.",
            unit="GiB",
            minimum=1,
            maximum=65_536,
        ),
    ),
    compute=allocatable,
    lesson="compute.nodes-and-amis",
    result_units={
        "max_pods": "pods",
        "reserved_pods": "pods",
        "nominal_memory_mib": "MiB",
        "capacity_memory_mib": "MiB",
        "kube_reserved_memory_mib": "MiB",
        "eviction_memory_mib": "MiB",
        "allocatable_memory_mib": "MiB",
        "allocatable_memory_percent": "%",
        "pods_memory_mib": "MiB",
        "memory_per_pod_mib": "MiB",
        "capacity_cpu_millicores": "millicores",
        "kube_reserved_cpu_millicores": "millicores",
        "allocatable_cpu_millicores": "millicores",
        "pods_cpu_millicores": "millicores",
        "cpu_per_pod_millicores": "millicores",
        "allocatable_storage_gib": "GiB",
        "workload_pods": "pods",
    },
)
