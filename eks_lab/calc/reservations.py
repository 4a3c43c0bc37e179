"""What a node keeps for itself: kubelet's reservations, the eviction threshold, and what is left.

Calculators and simulator share it. Source: `NODEADM` (AL2023), `KARPENTER` for the memory that EC2
promises and a node does not see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from eks_lab.calc.model import Reference
from eks_lab.calc.pod_limit import kube_reserved_memory_mib
from eks_lab.calc.pod_limit_warnings import EVICTION_HARD_MIB

KARPENTER_OVERHEAD_PERCENT = 7.5
"""Share of the nominal memory that Karpenter takes off before it has seen a node of the type."""
KUBE_RESERVED_STORAGE_GIB = 1
EVICTION_NODEFS_PERCENT = 10
_CPU_SHARES = ((1000, 600), (2000, 100), (4000, 50), (None, 25))
"""Up to so many millicores -> so many hundredths of a per cent of that stretch are reserved."""

NODEADM = Reference(
    title="awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go",
    date="2026-07-23",
    url="https://github.com/awslabs/amazon-eks-ami/tree/main/nodeadm/internal/kubelet",
)
KARPENTER = Reference(
    title="aws/karpenter-provider-aws @1d92708: VM_MEMORY_OVERHEAD_PERCENT 0.075",
    date="2026-08-21",
    url="https://karpenter.sh/docs/reference/settings/",
)


def kube_reserved_cpu_millicores(vcpus: int) -> int:
    """Return the CPU nodeadm reserves: 6 % of core 1, 1 % of core 2, 0.5 % of cores 3-4, 0.25 % beyond.

    Args:
        vcpus: vCPUs of the node; 2 give 70 millicores, 96 give 310.
    """
    total = 1000 * vcpus
    reserved, start = 0, 0
    for end, share in _CPU_SHARES:
        stretch = min(total, total if end is None else end) - start
        if stretch <= 0:
            break
        reserved += stretch * share // 10_000
        start += stretch
    return reserved


def expected_capacity_mib(nominal_mib: int, overhead_percent: float = KARPENTER_OVERHEAD_PERCENT) -> int:
    """Return the memory a node is expected to report, as Karpenter guesses it.

    Args:
        nominal_mib: memory EC2 promises.
        overhead_percent: what hypervisor, firmware and kernel keep.
    """
    return max(0, nominal_mib - math.ceil(nominal_mib * overhead_percent / 100))


@dataclass(frozen=True, slots=True)
class Allocatable:
    """What is left of a node for pods, DaemonSets among them."""

    cpu_millicores: int
    memory_mib: int
    kube_reserved_cpu_millicores: int
    kube_reserved_memory_mib: int

    @property
    def reserved_memory_mib(self) -> int:
        """Return reservation and eviction threshold together."""
        return self.kube_reserved_memory_mib + EVICTION_HARD_MIB


def allocatable(vcpus: int, capacity_mib: int, reserved_pods: int) -> Allocatable:
    """Return what a node offers to pods.

    Args:
        vcpus: vCPUs of the node.
        capacity_mib: memory the node reports.
        reserved_pods: the max pods that nodeadm reserves memory for.

    Returns:
        Millicores and MiB, never below 0.
    """
    cpu_millicores = kube_reserved_cpu_millicores(vcpus)
    memory_mib = kube_reserved_memory_mib(reserved_pods)
    return Allocatable(
        cpu_millicores=1000 * vcpus - cpu_millicores,
        memory_mib=max(0, capacity_mib - memory_mib - EVICTION_HARD_MIB),
        kube_reserved_cpu_millicores=cpu_millicores,
        kube_reserved_memory_mib=memory_mib,
    )


def allocatable_storage_gib(disk_gib: float) -> float:
    """Return the disk space pods may use for layers, logs and emptyDir.

    Args:
        disk_gib: size of the node's file system.

    Returns:
        The disk less 10 % (eviction) and 1 GiB (reserved), never below 0.
    """
    return max(0.0, disk_gib * (100 - EVICTION_NODEFS_PERCENT) / 100 - KUBE_RESERVED_STORAGE_GIB)
