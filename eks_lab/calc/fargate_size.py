"""The Fargate size of a pod: what EKS makes of its requests. Shared by two calculators.

Source: `eks_lab.catalog.fargate`. Memory is counted in MiB here, CPU in thousandths of a vCPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog.fargate import FargateSize, fargate_terms
from eks_lab.errors import InputError

PRICE_KEYS = ("fargate_vcpu_hour", "fargate_gb_hour")
EPHEMERAL_KEY = "fargate_ephemeral_gb_hour"


@dataclass(frozen=True, slots=True)
class PodRequest:
    """What a pod asks for."""

    millicpu: int
    """Sum over its containers and native sidecars, in thousandths of a vCPU."""
    memory_mib: int
    """Sum over its containers and native sidecars."""
    init_millicpu: int = 0
    """Largest request of an init container."""
    init_memory_mib: int = 0
    """Largest request of an init container."""

    @classmethod
    def of(
        cls, vcpu: float, memory_gib: float, init_vcpu: float = 0.0, init_memory_gib: float = 0.0
    ) -> PodRequest:
        """Return the request from vCPUs and GiB, rounded up to whole units."""
        return cls(
            millicpu=_ceil(vcpu * 1000),
            memory_mib=_ceil(memory_gib * 1024),
            init_millicpu=_ceil(init_vcpu * 1000),
            init_memory_mib=_ceil(init_memory_gib * 1024),
        )

    @property
    def effective_millicpu(self) -> int:
        """Return the CPU that counts: init containers run before the others, not beside them."""
        return max(self.init_millicpu, self.millicpu)

    @property
    def effective_memory_mib(self) -> int:
        """Return the memory that counts."""
        return max(self.init_memory_mib, self.memory_mib)


def _ceil(amount: float) -> int:
    # 0.1 × 3 × 1000 is 300.00000000000006: binary noise is no request.
    return math.ceil(round(amount, 6))


def provisioned_mib(request: PodRequest) -> int:
    """Return the memory Fargate looks for: the request and 256 MiB for kubelet and its like."""
    return request.effective_memory_mib + fargate_terms().overhead_mib


def fargate_size(request: PodRequest) -> FargateSize:
    """Return the size Fargate provisions: the fewest vCPUs, and of those the least memory, that hold it.

    Args:
        request: what the pod asks for.

    Returns:
        1 vCPU and 8 GiB give 2 vCPU and 9 GB; no request gives 0.25 vCPU and 0.5 GB.

    Raises:
        InputError: no size is large enough; the message names the resource.
    """
    sizes = fargate_terms().sizes
    millicpu, memory_mib = request.effective_millicpu, provisioned_mib(request)
    for size in sizes:
        if round(size.vcpu * 1000) >= millicpu and size.memory_mib >= memory_mib:
            return size
    largest = sizes[-1]
    if millicpu > round(largest.vcpu * 1000):
        raise InputError(
            f"cpu: {millicpu / 1000:g} vCPU is more than the largest Fargate pod has ({largest.vcpu:g})",
            hint="Split the pod, or run it on EC2.",
        )
    most_gib = largest.memory_gb - fargate_terms().overhead_mib / 1024
    raise InputError(
        f"memory: {request.effective_memory_mib / 1024:g} GiB is more than the largest Fargate pod can give"
        f" ({most_gib:g} GiB beside its own {fargate_terms().overhead_mib} MiB)",
        hint="Split the pod, or run it on EC2.",
    )


def usd_per_hour(size: FargateSize, book: PriceBook) -> float:
    """Return the price of a pod of this size in USD an hour, without extra ephemeral storage.

    Args:
        size: as provisioned.
        book: the prices.

    Returns:
        0.25 vCPU and 0.5 GB cost 0.0123425.
    """
    vcpu_key, gb_key = PRICE_KEYS
    return size.vcpu * book.value(vcpu_key) + size.memory_gb * book.value(gb_key)


def ephemeral_usd_per_hour(requested_gib: float, book: PriceBook) -> float:
    """Return the price of the ephemeral storage beyond the 20 GiB that are free, in USD an hour."""
    return max(0.0, requested_gib - fargate_terms().ephemeral_included_gib) * book.value(EPHEMERAL_KEY)
