"""Fargate's fixed pod sizes, and what EKS adds to a request before it picks one."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "fargate.json"


@dataclass(frozen=True, slots=True)
class FargateSize:
    """A combination that Fargate provisions."""

    vcpu: float
    """vCPUs."""
    memory_gb: float
    """Memory in GB, as AWS counts them: 1,024 MiB each."""

    @property
    def memory_mib(self) -> int:
        """Return the memory in MiB."""
        return round(self.memory_gb * 1024)


@dataclass(frozen=True, slots=True)
class FargateTerms:
    """The sizes and the rules around them."""

    source: Source
    """Where they were read."""
    sizes: tuple[FargateSize, ...]
    """By vCPU, then by memory."""
    overhead_mib: int
    """Added to the memory request for kubelet, kube-proxy and containerd."""
    ephemeral_included_gib: int
    """Ephemeral storage that every pod has and nobody pays for."""
    ephemeral_max_gib: int
    """Ephemeral storage at most."""


def _memory_gb(entry: dict[str, Any]) -> list[float]:
    if "memory_gb" in entry:
        return [float(memory) for memory in entry["memory_gb"]]
    return [float(memory) for memory in range(entry["from_gb"], entry["to_gb"] + 1, entry["step_gb"])]


def read_fargate_terms(path: Path) -> FargateTerms:
    """Read a data file of Fargate sizes.

    Raises:
        DataError: it cannot be read, or holds no size.
    """
    source, document = read_data_file(path)
    try:
        sizes = [
            FargateSize(vcpu=float(entry["vcpu"]), memory_gb=memory)
            for entry in document["sizes"]
            for memory in _memory_gb(entry)
        ]
        terms = FargateTerms(
            source=source,
            sizes=tuple(sorted(sizes, key=lambda size: (size.vcpu, size.memory_gb))),
            overhead_mib=document["overhead_mib"],
            ephemeral_included_gib=document["ephemeral_included_gib"],
            ephemeral_max_gib=document["ephemeral_max_gib"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path.name}: the Fargate sizes cannot be read: {error}") from error
    if not terms.sizes:
        raise DataError(f"{path.name}: holds no Fargate size")
    return terms


@functools.cache
def fargate_terms() -> FargateTerms:
    """Return the terms that ship with the program, read once."""
    return read_fargate_terms(packaged_file(DATA_FILE))
