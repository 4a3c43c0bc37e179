"""The budget of one node: from the inputs of the calculator allocatable to its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc import eni, pod_limit, reservations
from eks_lab.calc.model import Value
from eks_lab.calc.reservations import Allocatable
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.errors import InputError

EXPRESSION, KUBELET_CONFIG = "expression", "kubelet-config"


@dataclass(frozen=True, slots=True)
class NodeBudget:
    """What a node has, what it keeps, and what it leaves."""

    instance: InstanceType
    """Type of the node."""
    max_pods: int
    """What kubelet is given."""
    nodeadm_pods: int
    """What nodeadm computes by itself, and reserves for unless an expression changes it."""
    address_pods: int
    """Max pods that the addresses of the interfaces allow."""
    cap: int
    """Max pods that EKS recommends at most."""
    reserved_pods: int
    """The max pods that memory is reserved for."""
    capacity_mib: int
    """Memory the node reports, or is expected to."""
    overhead_percent: float | None
    """The guess behind `capacity_mib`; None when the capacity was given."""
    disk_gib: float
    """File system of the node."""
    daemonset_cpu_millicores: int
    """Requests of all DaemonSet pods."""
    daemonset_memory_mib: int
    """Requests of all DaemonSet pods."""
    left: Allocatable
    """What the node offers."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> NodeBudget:
        """Return the budget for checked inputs of the calculator allocatable.

        Raises:
            InputError: the capacity is larger than the memory of the type.
        """
        instance = instance_types.get(str(inputs["instance"]))
        limit = pod_limit.pod_limit(
            pod_limit.Question(
                instance=instance,
                prefix_delegation=inputs["prefix_delegation"] is True,
                custom_networking=inputs["custom_networking"] is True,
            )
        )
        asked, reported = inputs["max_pods"], inputs["capacity_mib"]
        max_pods = asked if isinstance(asked, int) else limit.max_pods
        reserved_pods = max_pods if inputs["max_pods_from"] == EXPRESSION else limit.nodeadm_pods
        overhead = _number(inputs["memory_overhead_percent"])
        if not isinstance(reported, int):
            capacity_mib = reservations.expected_capacity_mib(instance.memory_mib, overhead)
        elif reported <= instance.memory_mib:
            capacity_mib = reported
        else:
            raise InputError(
                f"capacity_mib: {reported} is more than the {instance.memory_mib} MiB of {instance.name}",
                hint="Give what the node reports as capacity, in MiB, or leave it empty.",
            )
        return cls(
            instance=instance,
            max_pods=max_pods,
            nodeadm_pods=limit.nodeadm_pods,
            address_pods=limit.formula_pods or 0,
            cap=eni.pod_cap(instance.vcpus),
            reserved_pods=reserved_pods,
            capacity_mib=capacity_mib,
            overhead_percent=None if isinstance(reported, int) else overhead,
            disk_gib=_number(inputs["disk_gib"]),
            daemonset_cpu_millicores=int(_number(inputs["daemonset_cpu_millicores"])),
            daemonset_memory_mib=int(_number(inputs["daemonset_memory_mib"])),
            left=reservations.allocatable(instance.vcpus, capacity_mib, reserved_pods),
        )

    @property
    def pods_memory_mib(self) -> int:
        """Memory that DaemonSets leave to other pods."""
        return max(0, self.left.memory_mib - self.daemonset_memory_mib)

    @property
    def pods_cpu_millicores(self) -> int:
        """CPU that DaemonSets leave to other pods."""
        return max(0, self.left.cpu_millicores - self.daemonset_cpu_millicores)

    @property
    def workload_pods(self) -> int:
        """Pods beside aws-node and kube-proxy."""
        return max(0, self.max_pods - eni.HOST_NETWORK_PODS)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
