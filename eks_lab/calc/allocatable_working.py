"""The working of an allocatable answer: steps, warnings, tables and the plot."""

from __future__ import annotations

from eks_lab.calc import eni, reservations
from eks_lab.calc.model import Grid, Plot, Series, Step
from eks_lab.calc.node_budget import NodeBudget
from eks_lab.calc.pod_limit import kube_reserved_memory_mib
from eks_lab.calc.pod_limit_warnings import EVICTION_HARD_MIB

_PLOT_STEP = 10


def _figure(value: float) -> str:
    return f"{value:.10g}"


def steps(node: NodeBudget) -> tuple[Step, ...]:
    """Return the working, in order."""
    nominal = node.instance.memory_mib
    steps = []
    if node.overhead_percent is not None:
        steps.append(
            Step(
                formula="capacity = nominal memory − ⌈nominal × overhead %⌉",
                substitution=f"{nominal} − ⌈{nominal} × {_figure(node.overhead_percent)} ÷ 100⌉",
                value=node.capacity_mib,
                unit="MiB",
                why="Hypervisor, firmware and kernel keep some; Karpenter guesses 7.5 % until it has seen one.",
            )
        )
    why = f"nodeadm reserves for the {node.reserved_pods} pods it has computed"
    if node.reserved_pods != node.max_pods:
        why += f", although kubelet takes {node.max_pods}: maxPods in kubelet.config does not change it."
    else:
        why += ", not for those that run."
    steps += [
        Step(
            formula="kube-reserved memory = 255 MiB + 11 MiB × max pods",
            substitution=f"255 + 11 × {node.reserved_pods}",
            value=node.left.kube_reserved_memory_mib,
            unit="MiB",
            why=why,
        ),
        Step(
            formula="allocatable memory = capacity − kube-reserved − eviction threshold",
            substitution=f"max(0, {node.capacity_mib} − {node.left.kube_reserved_memory_mib}"
            f" − {EVICTION_HARD_MIB})",
            value=node.left.memory_mib,
            unit="MiB",
            why="kubelet evicts pods when less than 100 MiB are free, so nobody may request those.",
        ),
        Step(
            formula="for your pods = allocatable memory − requests of DaemonSets",
            substitution=f"max(0, {node.left.memory_mib} − {node.daemonset_memory_mib})",
            value=node.pods_memory_mib,
            unit="MiB",
            why="The scheduler counts requests; a DaemonSet pod comes before yours on every node.",
        ),
        *_cpu_steps(node),
        Step(
            formula="allocatable disk = disk − 10 % − 1 GiB",
            substitution=f"max(0, {_figure(node.disk_gib)} × (100 − 10) ÷ 100 − 1)",
            value=round(reservations.allocatable_storage_gib(node.disk_gib), 2),
            unit="GiB",
            why="Below 10 % free the node evicts and removes images; 1 GiB is reserved.",
        ),
    ]
    return tuple(steps)


def _cpu_steps(node: NodeBudget) -> list[Step]:
    vcpus = node.instance.vcpus
    shares = [(60, 1), (10, min(1, vcpus - 1)), (5, min(2, vcpus - 2)), (2.5, vcpus - 4)]
    terms = " + ".join(f"{_figure(share)} × {cores}" for share, cores in shares if cores > 0)
    return [
        Step(
            formula="kube-reserved CPU = 6 % of core 1 + 1 % of core 2 + 0.5 % of cores 3–4 + 0.25 % beyond",
            substitution=terms,
            value=node.left.kube_reserved_cpu_millicores,
            unit="millicores",
            why="For kubelet and containerd; it grows slowly, so large nodes lose a smaller share.",
        ),
        Step(
            formula="for your pods = 1000 × vCPUs − kube-reserved CPU − requests of DaemonSets",
            substitution=f"max(0, 1000 × {vcpus} − {node.left.kube_reserved_cpu_millicores}"
            f" − {node.daemonset_cpu_millicores})",
            value=node.pods_cpu_millicores,
            unit="millicores",
            why="What the scheduler has to give to requests of your pods.",
        ),
    ]


def warnings(node: NodeBudget) -> tuple[str, ...]:
    """Return what a learner should know before relying on the figures."""
    found = []
    name, pods = node.instance.name, node.max_pods
    if node.overhead_percent is not None:
        found.append(
            f"The capacity of {node.capacity_mib} MiB is a guess. Read a live node and give it as capacity:"
            " kubectl get node NAME -o jsonpath='{.status.capacity.memory}'"
        )
    if node.nodeadm_pods != pods:
        expression = kube_reserved_memory_mib(pods)
        alone = kube_reserved_memory_mib(node.nodeadm_pods)
        found.append(
            f"How max pods {pods} reaches the node decides: with maxPodsExpression nodeadm reserves"
            f" {expression} MiB, with maxPods in kubelet.config it stays at the {alone} MiB of its own"
            f" {node.nodeadm_pods} pods. See kubeReserved in: kubectl get --raw"
            " /api/v1/nodes/NAME/proxy/configz"
        )
    if node.reserved_pods < pods:
        missing = kube_reserved_memory_mib(pods) - node.left.kube_reserved_memory_mib
        found.append(
            f"{missing} MiB that {pods} pods would need of kubelet and containerd are not reserved: a full"
            " node takes them from pods, or ends in memory pressure."
        )
    if pods > node.address_pods:
        found.append(
            f"Max pods {pods} is above the {node.address_pods} that the addresses of {name} allow: pods"
            " beyond are placed and stay in ContainerCreating."
        )
    if pods > node.cap:
        found.append(f"EKS recommends {node.cap} pods at most for {node.instance.vcpus} vCPUs.")
    if not node.left.memory_mib:
        found.append(
            f"Nothing is left: {node.left.reserved_memory_mib} MiB are reserved and the node has"
            f" {node.capacity_mib} MiB."
            " Lower max pods or take a larger type."
        )
    elif not node.pods_memory_mib or not node.pods_cpu_millicores:
        found.append("The DaemonSets request all that is left: no other pod with requests can be placed.")
    elif 4 * node.left.reserved_memory_mib > node.instance.memory_mib:
        percent = 100 * node.left.reserved_memory_mib / node.instance.memory_mib
        found.append(
            f"{percent:.0f} % of the memory is reserved. If the node never runs {pods} pods, a lower max pods"
            " gives memory back."
        )
    return tuple(found)


def _memory_per_pod_mib(node: NodeBudget, max_pods: int) -> int:
    left = reservations.allocatable(node.instance.vcpus, node.capacity_mib, max_pods).memory_mib
    return max(0, left - node.daemonset_memory_mib) // max(1, max_pods - eni.HOST_NETWORK_PODS)


def grids(node: NodeBudget) -> tuple[Grid, ...]:
    """Return where the memory goes, and what other values of max pods would cost."""
    nominal = node.instance.memory_mib
    parts = [
        ("Not seen by the node", nominal - node.capacity_mib),
        ("kube-reserved", min(node.capacity_mib, node.left.kube_reserved_memory_mib)),
    ]
    parts.append(("Eviction threshold", node.capacity_mib - parts[1][1] - node.left.memory_mib))
    parts += [
        ("DaemonSets", node.left.memory_mib - node.pods_memory_mib),
        ("Your pods", node.pods_memory_mib),
    ]
    choices = {node.nodeadm_pods, eni.POD_CAP, node.cap, node.max_pods}
    rows = []
    for pods in sorted(choices):
        left = reservations.allocatable(node.instance.vcpus, node.capacity_mib, pods)
        rows.append(
            (
                pods,
                left.kube_reserved_memory_mib,
                left.memory_mib,
                round(100 * left.memory_mib / nominal, 1),
                _memory_per_pod_mib(node, pods),
            )
        )
    return (
        Grid(
            title=f"Where the {nominal} MiB go",
            columns=("Part", "MiB", "%"),
            rows=tuple((part, mib, round(100 * mib / nominal, 1)) for part, mib in parts),
        ),
        Grid(
            title="What max pods costs, with maxPodsExpression",
            columns=("Max pods", "Reserved MiB", "Allocatable MiB", "% of nominal", "MiB a pod"),
            rows=tuple(rows),
        ),
    )


def plot(node: NodeBudget) -> Plot:
    """Return allocatable memory against max pods, for both ways to set it."""
    most = max(node.cap, node.max_pods, node.nodeadm_pods)
    step = max(_PLOT_STEP, most // 25)
    pods = sorted({*range(step, most + 1, step), node.nodeadm_pods, node.max_pods, most})

    def left_mib(reserved_pods: int) -> int:
        return reservations.allocatable(node.instance.vcpus, node.capacity_mib, reserved_pods).memory_mib

    return Plot(
        title="Allocatable memory against max pods",
        x_label="Max pods",
        y_label="Allocatable memory (MiB)",
        series=(
            Series(name="maxPodsExpression", points=tuple((x, left_mib(x)) for x in pods)),
            Series(
                name="maxPods in kubelet.config",
                points=tuple((x, left_mib(node.nodeadm_pods)) for x in pods),
            ),
        ),
    )
