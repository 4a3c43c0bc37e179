"""Accelerators: what a type with GPUs or Neuron devices offers to pods, and how its nodes are labelled."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from eks_lab.catalog.instance_types import InstanceType
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "accelerators.json"
GPU = "nvidia.com/gpu"


@dataclass(frozen=True, slots=True)
class Accelerators:
    """Accelerators by instance type."""

    source: Source
    """Where they were read."""
    resources_by_type: dict[str, dict[str, int]]
    """Type -> resource name -> devices."""
    labels_by_type: dict[str, dict[str, str]]
    """Type -> `gpu-name` and so on -> value."""
    amd_families: frozenset[str]
    """Accelerated families with an AMD CPU, which their name does not say."""

    def resources(self, instance: InstanceType) -> dict[str, int]:
        """Return what device plugins offer on a node: resource name -> devices.

        A type without an entry offers its GPUs, as `nvidia.com/gpu`, when EC2 lists any.
        """
        known = self.resources_by_type.get(instance.name)
        if known is not None:
            return dict(known)
        return {GPU: instance.gpus} if instance.gpus else {}

    def labels(self, instance: InstanceType) -> dict[str, str]:
        """Return labels without the prefix `instance-`; empty without accelerators on record."""
        return dict(self.labels_by_type.get(instance.name, {}))

    def cpu_manufacturer(self, instance: InstanceType) -> str:
        """Return `aws`, `amd` or `intel`, as Karpenter labels a node."""
        if instance.architectures[:1] == ("arm64",):
            return "aws"
        letters = instance.family.lstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0123456789")
        is_amd = letters.startswith("a") or instance.family in self.amd_families
        return "amd" if is_amd else "intel"


def read_accelerators(path: Path) -> Accelerators:
    """Read a data file of accelerators.

    Raises:
        DataError: it cannot be read.
    """
    source, document = read_data_file(path)
    try:
        types = document["types"]
        return Accelerators(
            source=source,
            resources_by_type={name: entry["resources"] for name, entry in types.items()},
            labels_by_type={name: entry["labels"] for name, entry in types.items()},
            amd_families=frozenset(document["amd_families"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: {error} is missing or misshapen") from error


@functools.cache
def accelerators() -> Accelerators:
    """Return the accelerators that ship with the program, read once."""
    return read_accelerators(packaged_file(DATA_FILE))
